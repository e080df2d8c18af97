"""Credentials that are known by how they begin: of clouds, services and monitoring."""

from __future__ import annotations

import re

from relay.screen.credible import is_scattered
from relay.screen.rule import Rule
from relay.screen.token_rule import ALNUM, WORD, is_prefixed, token

CLOUDS = (
    token(
        "an AWS key id",
        "akia asia abia acca",
        r"A(?:KI|SI|BI|CC)A[A-Z0-9]{16}(?![A-Za-z0-9])",
        "AKIA‹u16›",
        exact=True,
    ),
    token("a Google API key", "aiza", rf"AIza{WORD}{{30,}}", "AIza‹b35›", exact=True),
    token("a Google OAuth token", "ya29.", r"ya29\.[A-Za-z0-9_.-]{20,}", "ya29.a0‹b60›"),
    token("a Google OAuth client secret", "gocspx-", rf"GOCSPX-{WORD}{{20,}}", "GOCSPX-‹b28›"),
    token("a Google refresh token", "1//0", rf"1//0{WORD}{{30,}}", "1//0g‹b60›"),
    token(
        "an Azure client secret",
        "8q~ 7q~",
        r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{30,36}",
        "‹b3›8Q~‹b34›",
        begins=False,
    ),
    token(
        "an Azure DevOps token",
        "azdo",
        rf"{ALNUM}{{76}}AZDO{ALNUM}{{4}}(?!{ALNUM})",
        "‹b76›AZDO‹b4›",
        begins=False,
    ),
    token(
        "an AWS session token",
        "iqojb3jpz2lu fwogzxivyxdz aoaaaaaa",
        r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|aoaAAAAA)[A-Za-z0-9+/=:_-]{60,}",
        "IQoJb3JpZ2luX2VjE‹b180›",
    ),
    token(
        "an Amazon marketplace token",
        "amzn.mws. amzn1.oa2-cs.",
        r"amzn(?:\.mws\.[0-9a-f-]{36}|1\.oa2-cs\.v1\.[0-9a-f]{64})",
        "amzn.mws.‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
    ),
    token("an Alibaba key id", "ltai", rf"LTAI{ALNUM}{{16,20}}(?!{ALNUM})", "LTAI‹b20›"),
    token("a Tencent key id", "akid", rf"AKID{ALNUM}{{32}}(?!{ALNUM})", "AKID‹b32›"),
    token("a Yandex key", "aqvn", rf"AQVN{WORD}{{35,38}}", "AQVN‹b36›"),
    token(
        "a Yandex session token",
        "t1.9",
        r"t1\.9[A-Za-z0-9_=-]{40,}(?:\.[A-Za-z0-9_=-]{40,100})?",
        "t1.9eu‹b80›.‹b86›",
    ),
    token("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"do[por]_v1_[0-9a-f]{40,}", "dop_v1_‹h64›"),
    token(
        "a Cloudflare origin key",
        "v1.0-",
        r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
        "v1.0-‹h24›-‹h146›",
        "v1.0-rc1",
    ),
    token("a Cloudflare token", "cfut_ cfat_ cfk_", rf"cf(?:ut|at|k)_{WORD}{{30,}}", "cfut_‹b40›"),
    token(
        "a Fly token",
        "fo1_ fm1_ fm2_ fm1r_ fm1a_ fm2r_ fm2a_",
        r"(?:fo1_|fm[12][ar]?_)[A-Za-z0-9_+/=-]{30,}",
        "fo1_‹b43›",
    ),
    token("a Render key", "rnd_", rf"rnd_{ALNUM}{{20,}}", "rnd_‹b32›"),
    token("a Vercel token", "vcp_ vci_ vca_ vcr_ vck_", rf"vc[piark]_{WORD}{{20,}}", "vcp_‹b56›"),
    token("a Netlify token", "nfp_ nfc_ nfo_ nfu_", rf"nf[pcou]_{WORD}{{20,}}", "nfp_‹b36›"),
    token("a Heroku key", "hrku-", rf"HRKU-{WORD}{{30,}}", "HRKU-AA‹b58›"),
    token("a Supabase key", "sbp_ sb_secret_", rf"sb(?:p|_secret)_{WORD}{{20,}}", "sbp_‹h40›"),
    token(
        "a PlanetScale token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,}", "pscale_tkn_‹b43›"
    ),
    token("a Neon key", "napi_", r"napi_[a-z0-9]{40,}", "napi_‹l64›"),
    token("a Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-[0-9])?(?![0-9a-f])", "dapi‹h32›"),
    token("a Vault token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{20,}", "hvs.‹b90›"),
    token(
        "an old Vault token",
        "s.",
        rf"s\.{ALNUM}{{24}}(?![A-Za-z0-9_.(-])",
        "s.‹b24›",
        "s.replace and s.startswith",
    ),
    token(
        "a Terraform Cloud token",
        ".atlasv1.",
        rf"{ALNUM}{{14}}\.atlasv1\.[A-Za-z0-9_=-]{{40,}}",
        "‹b14›.atlasv1.‹b67›",
        begins=False,
    ),
    token("a Pulumi token", "pul-", r"pul-[0-9a-f]{40}", "pul-‹h40›"),
    token(
        "a Doppler token",
        "dp.",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
        "dp.pt.‹b43›",
    ),
    token(
        "an Infisical token", "st.", r"st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}", "st.‹h24›.‹h32›.‹h32›"
    ),
    token("a 1Password token", "ops_ey", rf"ops_ey{WORD}{{60,}}={{0,2}}", "ops_eyJ‹b120›"),
    token("an OpenShift token", "sha256~", rf"sha256~{WORD}{{43}}", "sha256~‹b43›"),
    token("a Tailscale key", "tskey-", rf"tskey-[a-z]+-{WORD}{{16,}}", "tskey-auth-‹b12›CNTRL-‹b32›"),
    token(
        "an age key", "age-secret-key-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}", "AGE-SECRET-KEY-1‹u58›", exact=True
    ),
    token("a Scalingo token", "tk-us-", rf"tk-us-{WORD}{{40,}}", "tk-us-‹b48›"),
    token("a Deno Deploy token", "ddp_ ddo_", rf"dd[po]_{ALNUM}{{30,}}", "ddp_‹b36›"),
    token("a MongoDB Atlas secret", "mdb_sa_sk_", rf"mdb_sa_sk_{WORD}{{30,}}", "mdb_sa_sk_‹b40›"),
    token("a Prefect key", "pnu_ pnb_", rf"pn[ub]_{ALNUM}{{30,}}", "pnu_‹b36›"),
    token(
        "a Harness token",
        "pat. sat.",
        rf"[ps]at\.{WORD}{{22}}\.[0-9a-f]{{24}}\.{ALNUM}{{20}}",
        "pat.‹b22›.‹h24›.‹b20›",
    ),
)

SERVICES = (
    token(
        "a Slack token",
        "xox xapp-",
        rf"(?:xoxd-[A-Za-z0-9_/+=-]{{20,}}|(?:xox[abceoprs](?:\.xox[bp])?|xapp)-{WORD}{{10,}})",
        "xoxb-‹n12›-‹n12›-‹b24›",
    ),
    token(
        "a Stripe key",
        "k_live_ k_test_",
        rf"[rs]k_(?:live|test)_{ALNUM}{{16,}}",
        "sk_live_‹b24›",
        "pk_live_ is the public one",
        begins=False,
    ),
    token(
        "a Firebase messaging key",
        ":apa91b",
        rf"AAAA{WORD}{{7}}:APA91b{WORD}{{60,180}}",
        "AAAA‹b7›:APA91b‹b134›",
        begins=False,
    ),
    token(
        "an extended private key of a wallet",
        "prv",
        r"[xyztuvYZUV]prv[0-9A-Za-z]{70,120}",
        "xprv9s21ZrQH143K‹b96›",
        exact=True,
        begins=False,
    ),
    token("a webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/]{24,}={0,2}", "whsec_‹b32›"),
    token("a Twilio key", "sk", r"SK[0-9a-f]{32}(?![0-9a-f])", "SK‹h32›", "SK begins it"),
    token("a SendGrid key", "sg.", rf"SG\.{WORD}{{16,}}\.{WORD}{{16,}}", "SG.‹b22›.‹b43›"),
    token("a Mailgun key", "key-", r"key-[0-9a-f]{32}(?![0-9a-f])", "key-‹h32›"),
    Rule(
        "mailgun-signing-key",
        "a Mailgun key of the newer form, which only its name tells from an id",
        ("mailgun",),
        re.compile(
            r"(?i:mailgun)[^\n]{0,60}?(?<![0-9a-f])([0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})(?![0-9a-f-])"
        ),
        "mailgun private ‹h32›-‹h8›-‹h8›",
        "mailgun answers with 3f2504e0-4f89-11d3",
        begins=True,
    ),
    token(
        "a Mailchimp key",
        "-us",
        r"[0-9a-f]{32}-us[0-9]{1,2}(?![0-9])",
        "‹h32›-us12",
        "the en-us locale",
        begins=False,
    ),
    token(
        "a Resend key",
        "re_",
        rf"re_{ALNUM}{{6,}}_{ALNUM}{{16,}}",
        "re_‹b8›_‹b24›",
        "re_compile_the_pattern_again",
    ),
    token(
        "a Brevo key",
        "xkeysib- xsmtpsib-",
        r"x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
        "xkeysib-‹h64›-‹b16›",
    ),
    token("a MailerSend key", "mlsn.", r"mlsn\.[0-9a-f]{40,}", "mlsn.‹h64›"),
    token(
        "a Shopify token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shpat_‹h32›"
    ),
    token(
        "a Square token",
        "sq0atp- sq0csp- eaaa",
        rf"(?:sq0(?:atp|csp)-{WORD}{{20,}}|EAAA{WORD}{{60}})",
        "sq0atp-‹b22›",
    ),
    token("a Meta token", "eaa", rf"EAA{ALNUM}{{80,}}", "EAA‹b160›"),
    token(
        "a PayPal token",
        "access_token$",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}",
        "access_token$production$‹l16›$‹h32›",
    ),
    token(
        "a Plaid token",
        "access-",
        r"access-(?:sandbox|development|production)-[0-9a-f-]{36}",
        "access-production-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
    ),
    token("a Razorpay key", "rzp_", rf"rzp_(?:live|test)_{ALNUM}{{14,}}", "rzp_live_‹b14›"),
    token("a Flutterwave key", "flwseck", r"FLWSECK(?:_TEST)?-[0-9a-fA-F]{12,}(?:-X)?", "FLWSECK-‹h32›-X"),
    token("an EasyPost key", "ezak ezt", rf"EZ[AT]K{ALNUM}{{54}}", "EZAK‹b54›"),
    token("a Shippo token", "shippo_", r"shippo_(?:live|test)_[0-9a-f]{40}", "shippo_live_‹h40›"),
    token(
        "a Telegram bot token",
        ":aa",
        rf"(?:bot)?[0-9]{{8,10}}:AA{WORD}{{32,34}}(?!{ALNUM})",
        "‹n10›:AA‹b33›",
        begins=False,
    ),
    Rule(
        "discord-bot-token",
        "a Discord bot token",
        (".",),
        re.compile(
            rf"[MNO](?<![A-Za-z0-9_.-][MNO])[A-Za-z0-9_-]{{22,27}}\.{WORD}{{6}}\.{WORD}{{27,40}}(?![A-Za-z0-9_-])"
        ),
        "MT‹b22›.G‹b5›.‹b38›",
        "NotImplementedErrorWhenCalled.method.another_rather_long_method_name",
        accepts=is_prefixed,
        may_wrap=True,
    ),
    token(
        "an X bearer token",
        "aaaaaaaaaaaaaaa",
        r"A{15,24}[A-Za-z0-9%/+]{40,}",
        "AAAAAAAAAAAAAAAAAAAAA‹b80›",
        "AAAAAAAAAAAAAAAAAAAA",
        exact=True,
        begins=False,
    ),
    token("a Twitch token", "oauth:", r"oauth:[a-z0-9]{30}(?![a-z0-9])", "oauth:‹l30›"),
    token("a Dropbox token", "sl.", rf"sl\.(?:u\.)?{WORD}{{100,}}", "sl.u.‹b130›"),
    token("a Mapbox secret token", "sk.eyj", rf"sk\.eyJ{WORD}{{20,}}\.{WORD}{{16,}}", "sk.eyJ‹b60›.‹b22›"),
    token("a PostHog key", "phx_", rf"phx_{WORD}{{30,}}", "phx_‹b43›"),
    Rule(
        "payment-key",
        "a payment key of Lob, Mollie, GoCardless and others",
        ("live_", "test_"),
        re.compile(rf"(?i:live|test)_(?<![A-Za-z0-9_]...._)(?:{ALNUM}{{25,35}}|{WORD}{{40}})(?![A-Za-z0-9])"),
        "live_‹h35›",
        "test_results20240611summaryfinal",
        accepts=lambda match: is_prefixed(match) and is_scattered(match[0]),
        begins=True,
        may_wrap=True,
    ),
    token(
        "an Adyen key",
        "aqe",
        r"AQE[A-Za-z0-9]{5,8}[A-Za-z0-9+/]{20,200}={0,2}-[A-Za-z0-9+/]{20,100}={0,2}-[^\s\"']{8,24}",
        "AQE‹b5›hm‹b60›-‹b43›=-‹b16›",
    ),
    token(
        "an eBay certificate id",
        "prd- sbx-",
        r"(?:PRD|SBX)-[0-9a-f]{12}(?:-[0-9a-f]{4}){4}",
        "PRD-‹h12›-‹h4›-‹h4›-‹h4›-‹h4›",
    ),
    token(
        "a shop's API secret", "ck_ cs_ prtapi_", r"(?:c[ks]_[0-9a-f]{40}|prtapi_[0-9a-f]{32})", "cs_‹h40›"
    ),
    token("a Klaviyo key", "pk_", r"pk_[0-9a-f]{34}(?![0-9a-f])", "pk_‹h34›"),
    token("a OneSignal key", "os_v2_", r"os_v2_(?:app|org)_[a-z0-9]{80,}", "os_v2_app_‹l103›"),
    token("a PubNub secret", "sec-c-", r"sec-c-[A-Za-z0-9+/=]{40,}", "sec-c-‹b48›"),
    token("a Telnyx key", "key0", rf"KEY0[A-F0-9]{{31}}_{ALNUM}{{20,}}", "KEY0‹n31›_‹b22›"),
    token("a Volcengine key id", "aklt", rf"AKLT{ALNUM}{{40,}}", "AKLT‹b44›"),
    token("a Workato token", "wrk", r"wrk[a-z]{2,3}-[A-Za-z0-9+/=_-]{60,}", "wrkaus-‹b120›"),
    token(
        "a Stytch or Statsig secret",
        "secret-",
        rf"secret-(?:live-|test-)?{WORD}{{35,50}}=?",
        "secret-live-‹b35›=",
    ),
    token("a Midtrans key", "mid-server-", rf"Mid-server-{WORD}{{20,}}", "Mid-server-‹b24›"),
    token("an Ubidots key", "bbff-", rf"BBFF-{ALNUM}{{30,}}", "BBFF-‹b30›"),
    token("a Salesforce session", "00d", r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,120}", "00D‹b12›!AQ‹b94›"),
    token("a Voiceflow key", "vf.", r"VF\.[A-Z]{2}\.[0-9a-f]{24}\.[A-Za-z0-9]{16}", "VF.DM.‹h24›.‹b16›"),
    token("a Salad Cloud key", "salad_cloud_", rf"salad_cloud_{WORD}{{30,}}", "salad_cloud_‹b30›_‹b20›"),
    token(
        "an Authress key",
        ".acc-",
        r"(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}"
        r"\.[A-Za-z0-9+/_=-]{30,120}",
        "sc_‹l24›.‹l4›.acc-‹l20›.‹b60›=",
        begins=False,
    ),
    token("an Intra 42 secret", "s-s4t2", r"s-s4t2(?:ud|af)-[0-9a-f]{64}", "s-s4t2ud-‹h64›"),
    token(
        "a MaxMind license key", "_mmk", rf"{ALNUM}{{6}}_{ALNUM}{{29}}_mmk", "‹b6›_‹b29›_mmk", begins=False
    ),
    token("a SettleMint token", "sm_", rf"sm_(?:aat|pat|sat)_{ALNUM}{{16}}", "sm_pat_‹b16›"),
    token("a Canva secret", "cnvca", rf"cnvca{WORD}{{30,}}", "cnvca‹b50›"),
    token(
        "a DevCycle key", "dvc_", rf"dvc_(?:server|mobile|client)_{WORD}{{30,}}", "dvc_server_‹l8›_‹l4›_‹l40›"
    ),
    token(
        "an Onfido token",
        "api_live api_sandbox",
        rf"api_(?:live|sandbox)(?:_[a-z]{{2}})?\.{WORD}{{11}}\.{WORD}{{32}}",
        "api_live.‹b11›.‹b32›",
    ),
    token("a Meta Quest token", "oc|", r"OC\|[0-9]{14,18}\|[0-9a-f]{32}", "OC|‹n16›|‹h32›"),
    token(
        "a Facebook application token",
        "|",
        rf"[0-9]{{14,17}}\|{WORD}{{27}}(?!{WORD})",
        "‹n15›|‹b27›",
        begins=False,
    ),
    Rule(
        "ably-key",
        "an Ably key, which only its name tells from an address",
        ("ably",),
        re.compile(rf"(?i:ably)[^\n]{{0,40}}?(?<![\w-])({WORD}{{6}}\.{WORD}{{6}}:{WORD}{{40,46}})(?!{WORD})"),
        "ably key ‹b6›.‹b6›:‹b43›",
        "probably key.value:pairs",
        begins=True,
    ),
    token(
        "a Webex token",
        "_p0a1_",
        rf"{WORD}{{40,100}}_P0A1_[0-9a-f-]{{36}}",
        "‹b64›_P0A1_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        begins=False,
    ),
    token("a Canvas token", "~", rf"[0-9]{{1,5}}~{ALNUM}{{64}}(?!{ALNUM})", "4401~‹b64›", begins=False),
    token("a Pushbullet token", "o.", rf"o\.{ALNUM}{{32}}(?![A-Za-z0-9_.(-])", "o.‹b32›"),
    token(
        "an Evernote token",
        "s=s",
        r"S=s[0-9]{1,4}:U=[0-9a-f]{1,9}:E=[0-9a-f]{8,12}:[^\s]{20,160}",
        "S=s1:U=‹h5›:E=‹h11›:C=‹h11›:P=1cd:A=en-devtoken:V=2:H=‹h32›",
    ),
    token("a Nostr private key", "nsec1", r"nsec1[a-z0-9]{58}", "nsec1‹l58›", exact=True),
    token("an Endor Labs key", "endr+", rf"endr\+{WORD}{{16}}", "endr+‹b16›"),
    token(
        "a Convex deploy key",
        "prod: dev: preview:",
        r"(?:prod|dev|preview):[a-z0-9-]{4,60}\|[0-9a-zA-Z+/=]{40,}",
        "prod:fast-fox-123|‹h100›",
    ),
    token(
        "a Knock, Liveblocks or Checkout.com key",
        "sk_",
        rf"sk_(?:[a-z]{{3,5}}_)?{WORD}{{26,}}",
        "sk_prod_‹b64›",
        "sk_learn_is_a_library_of_machine_learning",
    ),
    token("a Frame.io token", "fio-u-", rf"fio-u-{WORD}{{64}}", "fio-u-‹b64›"),
    token("an Adobe secret", "p8e-", rf"p8e-{ALNUM}{{32}}(?!{ALNUM})", "p8e-‹b32›"),
    token("an Intercom token", "dg9ro", r"dG9rO[A-Za-z0-9+/]{40,}={0,2}", "dG9rO‹b55›="),
    token("a Sanity token", "sk", rf"sk{ALNUM}{{100,}}", "sk‹b178›", "sketches"),
    token(
        "an Asana token",
        "0/ 1/ 2/",
        r"[0-2]/[0-9]{13,16}(?:/[0-9]{13,16})?:[0-9a-f]{32}(?![0-9a-f])",
        "1/‹n16›:‹h32›",
        "page 1/2 of 1/1200",
    ),
    token("a Cal.com key", "cal_live_", rf"cal_live_{WORD}{{20,}}", "cal_live_‹h32›"),
    token("a Polar token", "polar_", rf"polar_[a-z]{{2,4}}_{WORD}{{20,}}", "polar_oat_‹b43›"),
    token("an Inngest key", "signkey-", r"signkey-(?:[a-z]+-)?[0-9a-f]{32,}", "signkey-prod-‹h64›"),
    token("a Trigger.dev key", "tr_", rf"tr_(?:dev|prod|stg|pat|preview)_{ALNUM}{{20,}}", "tr_prod_‹b24›"),
)

MONITORING = (
    token("a Grafana token", "glc_ glsa_", r"gl(?:c|sa)_[A-Za-z0-9_+/=]{30,}", "glsa_‹b32›_‹h8›"),
    token(
        "a New Relic key",
        "nrak- nrjs- nrii- nral",
        r"(?:NR(?:AK|JS|II)-[A-Za-z0-9_-]{19,}|[0-9a-f]{36}NRAL)",
        "NRAK-‹u27›",
        begins=False,
    ),
    token("a Sentry token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9_+/=-]{40,}", "sntryu_‹h64›"),
    token("a Dynatrace token", "dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}", "dt0c01.‹u24›.‹u64›"),
    token("a Datadog application key", "ddapp_ ddpat_", rf"dd(?:app|pat)_{ALNUM}{{30,}}", "ddapp_‹b34›"),
    token("a Honeycomb key", "hcaik_ hcamk_ hcxik_", r"hc(?:aik|amk|xik)_[a-z0-9]{50,}", "hcaik_01‹l56›"),
    token("an Axiom token", "xaat- xapt-", r"xa[ap]t-[0-9a-f-]{36}", "xaat-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"),
    token(
        "a LaunchDarkly key",
        "sdk- api- mob-",
        r"(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f-]{27}",
        "sdk-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
    ),
    token("an Okta token", "ssws 00", r"SSWS 00[A-Za-z0-9_-]{40}", "SSWS 00‹b40›", "SSWS 00 and so on"),
)

RULES: tuple[Rule, ...] = (*CLOUDS, *SERVICES, *MONITORING)
