"""Credentials that are known by how they begin: of models, and of the places where code lives."""

from __future__ import annotations

import re

from relay.screen.credible import is_random, is_scattered
from relay.screen.rule import Rule
from relay.screen.token_rule import ALNUM, WORD, token

MODELS = (
    token(
        "a model provider key",
        "sk-",
        rf"sk-{WORD}{{16,}}",
        "sk-proj-‹b40›",
        "sk-your-key-here-and-nothing-else",
    ),
    token("a Groq key", "gsk_", rf"gsk_{ALNUM}{{20,}}", "gsk_‹b52›"),
    token("an xAI key", "xai-", rf"xai-{ALNUM}{{20,}}", "xai-‹b80›"),
    token("a Perplexity key", "pplx-", rf"pplx-{ALNUM}{{20,}}", "pplx-‹b48›"),
    token("a Replicate token", "r8_", rf"r8_{ALNUM}{{20,}}", "r8_‹b37›"),
    token(
        "a Hugging Face token",
        "hf_ api_org_",
        rf"(?:hf|api_org)_{ALNUM}{{20,}}",
        "hf_‹b34›",
        "hf_hub_download_of_a_model",
    ),
    token("a Fireworks key", "fw_", rf"fw_{ALNUM}{{20,}}", "fw_‹b24›"),
    token("a Together key", "tgp_v1_", rf"tgp_v1_{WORD}{{20,}}", "tgp_v1_‹b43›"),
    token("a Cerebras key", "csk-", rf"csk-{ALNUM}{{20,}}", "csk-‹l48›"),
    token("an NVIDIA key", "nvapi-", rf"nvapi-{WORD}{{20,}}", "nvapi-‹b64›"),
    token(
        "a LangSmith key",
        "lsv2_",
        rf"lsv2_(?:pt|sk)_{ALNUM}{{16,}}(?:_{ALNUM}{{6,}})?",
        "lsv2_pt_‹h32›_‹h10›",
    ),
    token("a Langfuse key", "pk-lf-", rf"pk-lf-{WORD}{{20,}}", "pk-lf-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"),
    token("a Pinecone key", "pcsk_", rf"pcsk_{ALNUM}{{4,}}_{ALNUM}{{20,}}", "pcsk_‹b6›_‹b62›"),
    token("a Voyage key", "pa-", rf"pa-{WORD}{{40,}}", "pa-‹b43›"),
    token("a Jina key", "jina_", rf"jina_{WORD}{{30,}}", "jina_‹b60›"),
    token("a Tavily key", "tvly-", rf"tvly-{WORD}{{20,}}", "tvly-dev-‹b32›"),
    token("an ElevenLabs key", "sk_", r"sk_[0-9a-f]{40,}", "sk_‹h48›"),
    token("an E2B key", "e2b_", rf"e2b_{ALNUM}{{20,}}", "e2b_‹h40›"),
    token("a Weights and Biases key", "wandb_v1_", rf"wandb_v1_{WORD}{{30,}}", "wandb_v1_‹b70›"),
    token(
        "a Cursor key", "key_", r"key_(?<!_key_)[0-9a-f]{40,}", "key_‹h64›", "key_of_the_primary_table_0123"
    ),
    token("a Firecrawl key", "fc-", r"fc-[0-9a-f]{32}", "fc-‹h32›"),
    token("a Bedrock key", "absk", r"ABSK[A-Za-z0-9+/]{60,}={0,2}", "ABSK‹b110›"),
    token("an Apify token", "apify_api_", rf"apify_api_{ALNUM}{{20,}}", "apify_api_‹b36›"),
    token("a Browserbase key", "bb_live_", rf"bb_live_{WORD}{{20,}}", "bb_live_‹b27›"),
)

FORGES = (
    token(
        "a GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_",
        rf"gh[opusr]_{ALNUM}{{20,}}",
        "ghp_‹b36›",
        "ghp_your_token_here",
    ),
    token(
        "a GitHub fine-grained token",
        "github_pat_",
        r"github_pat_[A-Za-z0-9_]{20,}",
        "github_pat_11‹b20›_‹b59›",
    ),
    token(
        "a GitLab token",
        "glpat- gldt- glrt- glptt- glcbt- glft- glsoat- glimt- glagent- gloas- glffct-",
        r"gl(?:pat|dt|rt|ptt|cbt|ft|soat|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{16,}",
        "glpat-‹b20›",
    ),
    token("a GitLab runner registration token", "gr1348941", rf"GR1348941{WORD}{{16,}}", "GR1348941‹b20›"),
    token(
        "a Bitbucket token",
        "atbb atctt3",
        r"(?:ATBB|ATCTT3)[A-Za-z0-9_=-]{20,}",
        "ATBB‹b32›",
        "ATBB is its prefix",
    ),
    token("an Atlassian token", "atatt3", r"ATATT3[A-Za-z0-9_=-]{40,}", "ATATT3xFfGF0‹b170›=‹u8›"),
    token("a Clojars token", "clojars_", r"CLOJARS_[0-9a-z]{60}", "CLOJARS_‹h60›"),
    token("an npm token", "npm_", rf"npm_{ALNUM}{{30,}}", "npm_‹b36›", "npm_config_registry_is_set"),
    token(
        "a PyPI token",
        "pypi-",
        rf"pypi-{WORD}{{24,}}",
        "pypi-AgEIcHlwaS5vcmc‹b120›",
        "pypi-attestations-0-0-26-wheel",
    ),
    token("a RubyGems key", "rubygems_", r"rubygems_[0-9a-f]{40,}", "rubygems_‹h48›"),
    token("a crates.io token", "cio", rf"cio{ALNUM}{{32}}(?!{ALNUM})", "cio‹b32›", "cio is short for it"),
    token("a NuGet key", "oy2", r"oy2[a-z0-9]{43}(?![a-z0-9])", "oy2‹l43›"),
    token("a Docker token", "dckr_pat_ dckr_oat_", rf"dckr_[po]at_{WORD}{{20,}}", "dckr_pat_‹b27›"),
    token("a CircleCI token", "ccipat_", rf"CCIPAT_{WORD}{{20,}}", "CCIPAT_‹b22›_‹h40›"),
    token("a Buildkite token", "bkua_", r"bkua_[a-z0-9]{40}", "bkua_‹h40›"),
    token("a Sonar token", "sqp_ squ_ sqa_", r"sq[pua]_[0-9a-f]{40}", "sqp_‹h40›"),
    token("a Sourcegraph token", "sgp_", r"sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}", "sgp_‹h40›"),
    token(
        "an Artifactory key",
        "akcp cmvmdgtu",
        rf"(?:AKCp{ALNUM}{{50,}}"
        rf"|cmVmdGtu{ALNUM}{{40,}})",
        "AKCp‹b69›",
    ),
    token("a Figma token", "figd_ figu_ figo_", rf"fig[duo]_{WORD}{{20,}}", "figd_‹b40›"),
    token("a Linear key", "lin_api_ lin_oauth_", rf"lin_(?:api|oauth)_{ALNUM}{{20,}}", "lin_api_‹b40›"),
    token(
        "a Notion token",
        "secret_ ntn_",
        rf"(?:secret_{ALNUM}{{43}}"
        rf"|ntn_{ALNUM}{{40,}})(?!{WORD})",
        "ntn_‹b46›",
    ),
    token("a Postman key", "pmak-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", "PMAK-‹h24›-‹h34›"),
    token("a Snyk token", "snyk_", rf"snyk_[a-z]{{3}}_{WORD}{{20,}}", "snyk_uat_‹b40›"),
    token("an Airtable token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}", "pat‹b14›.‹h64›"),
    token("a ClickUp token", "pk_", r"pk_[0-9]{6,10}_[A-Z0-9]{30,}", "pk_‹n8›_‹u32›"),
    token(
        "a HubSpot token",
        "pat-na pat-eu",
        r"pat-(?:na|eu)[0-9]-[0-9a-f-]{36}",
        "pat-na1-‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
    ),
    token("a Contentful token", "cfpat-", rf"CFPAT-{WORD}{{30,}}", "CFPAT-‹b43›"),
    token("a Typeform token", "tfp_", r"tfp_[A-Za-z0-9_.=-]{40,}", "tfp_‹b44›_‹b14›"),
    token("a Wakatime key", "waka_", r"waka_[0-9a-f-]{36}", "waka_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"),
    token("an n8n key", "n8n_api_", rf"n8n_api_{WORD}{{20,}}", "n8n_api_‹h80›"),
    token("a ClickHouse Cloud key", "4b1d", rf"4b1d{ALNUM}{{38}}(?!{ALNUM})", "4b1d‹b38›"),
    token("an Octopus Deploy key", "api-", r"API-[A-Z0-9]{25,26}(?![A-Za-z0-9])", "API-‹u26›"),
    token("a CockroachDB key", "ccdb1_", rf"CCDB1_{ALNUM}{{22}}_{ALNUM}{{40}}", "CCDB1_‹b22›_‹b40›"),
    token("a RunPod key", "rpa_", r"rpa_[A-Z0-9]{30,}", "rpa_‹u40›"),
    token("a Zuplo key", "zpka_", r"zpka_[0-9a-z]{32}(?:_[0-9a-z]{8})?", "zpka_‹h32›_‹h8›"),
    token("a Rootly key", "rootly_", r"rootly_[0-9a-f]{64}", "rootly_‹h64›"),
    token("a Val Town token", "vtwn_", rf"vtwn_{ALNUM}{{20,}}", "vtwn_‹b30›"),
    token("a Lichess token", "lip_", rf"lip_{ALNUM}{{20}}", "lip_‹b20›"),
    token("a Cfx.re key", "cfxk_", rf"cfxk_{ALNUM}{{20}}_{ALNUM}{{5}}", "cfxk_‹b20›_‹b5›"),
    token("a dbt token", "dbtc_ dbtu_", rf"dbt[cu]_{WORD}{{30,}}", "dbtc_‹b40›"),
    token("a Retool token", "retool_", r"retool_[0-9a-z]{24,}", "retool_‹l26›"),
    token(
        "a Paddle key", "pdl_", rf"pdl_(?:live|sdbx)_apikey_{WORD}{{40,}}", "pdl_live_apikey_‹l26›_‹b22›_‹b3›"
    ),
    token(
        "a Persona key",
        "persona_",
        r"persona_[a-z]{4,12}_[0-9a-f-]{36}",
        "persona_production_‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
    ),
    token("a Portainer or Metabase key", "ptr_ mb_", r"(?:ptr|mb)_[A-Za-z0-9+/]{43}=", "ptr_‹b43›="),
    token("a Phabricator token", "cli- api-", r"(?:cli|api)-[a-z0-9]{28}(?![a-z0-9])", "cli-‹l28›"),
    token("a Headscale key", "hskey-", rf"hskey-[a-z]+-{WORD}{{30,}}", "hskey-auth-‹b20›-‹b40›"),
    token("a Boundary token", "at_", rf"at_{ALNUM}{{10}}_s1{ALNUM}{{40,}}", "at_‹b10›_s1‹b60›"),
    token(
        "a ConfigCat key",
        "configcat-sdk-",
        rf"configcat-sdk-1/{WORD}{{22}}/{WORD}{{22}}",
        "configcat-sdk-1/‹b22›/‹b22›",
    ),
    token("a Flagsmith key", "ser.", rf"ser\.{ALNUM}{{22}}(?!{ALNUM})", "ser.‹b22›"),
    token("a ReadMe key", "rdme_", rf"rdme_{ALNUM}{{30,}}", "rdme_‹l70›"),
)

_PREFIX = re.compile(r"(?<![A-Za-z0-9_/=.-])[A-Za-z][A-Za-z0-9]{1,11}(?:_[A-Za-z0-9]{2,10}){0,2}\Z")
_IS_PUBLIC = re.compile(r"(?:\bpk|publi[a-z]{1,8})_(?:live|test|prod)_\Z")


def _says_what_it_is(match: re.Match[str]) -> bool:
    """Accept a random body after a word that names a kind of credential, unless that one is public."""
    body = match[1]
    named_after_hash = "key_" in match[0] and re.fullmatch(r"[0-9a-f]+", body)
    return (
        is_scattered(body)
        and is_random(body, least=20)
        and not named_after_hash
        and not _IS_PUBLIC.search(match.string, max(0, match.start() - 12), match.start(1))
    )


def _has_prefix(match: re.Match[str]) -> bool:
    """Accept letters of both cases and digits after one short prefix, as no hash or identifier has them."""
    body = match[1]
    return (
        is_scattered(body)
        and body.lower() != body != body.upper()
        and is_random(body, least=30)
        and _PREFIX.search(match.string, max(0, match.start() - 36), match.start()) is not None
    )


_KINDS = (
    *("live", "test", "prod", "sandbox", "sk", "pat", "api", "apikey", "key", "token", "secret", "rw", "at"),
    *("admin", "server", "service"),
)

ANYBODYS = (
    Rule(
        "self-named-token",
        "a token that names its kind: a prefix, a word like live, key, pat or secret, and a random body",
        tuple(f"_{kind}_" for kind in _KINDS),
        re.compile(rf"_(?i:{'|'.join(_KINDS)})_([A-Za-z0-9]{{20,}}|[A-Za-z0-9]{{12,40}}_[A-Za-z0-9]{{16,}})"),
        "acme_live_‹b40›",
        "the cache_key_da39a3ee5e6b4b0d3255bfef95601890afd80709 and pk_live_0a1B2c3D4e5F6g7H8i9J0k1L",
        accepts=_says_what_it_is,
        begins=True,
    ),
    Rule(
        "prefixed-token",
        "a token of a provider that no other row names: a prefix, `_`, and 32 or more letters and digits",
        ("_",),
        re.compile(r"_([A-Za-z0-9]{32,})(?![A-Za-z0-9])"),
        "acme_‹b40›",
        "chunk_da39a3ee5e6b4b0d3255bfef95601890afd80709 and test_thatEveryUserSeesWhatHeWasPromised",
        accepts=_has_prefix,
        begins=True,
    ),
)
"""The last ones: what they find is known by its form alone, so only the body goes."""

RULES: tuple[Rule, ...] = (*MODELS, *FORGES, *ANYBODYS)
