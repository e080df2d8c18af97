"""Credentials that are known by how they begin: of models, and of the places where code lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.screen.token_rule import ALNUM, WORD, token

if TYPE_CHECKING:
    from relay.screen.rule import Rule

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
    token("a Cursor key", "key_", r"key_[0-9a-f]{40,}", "key_‹h64›", "key_of_the_primary_table_0123"),
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
    token("a ReadMe key", "rdme_", rf"rdme_{ALNUM}{{30,}}", "rdme_‹l70›"),
)

RULES: tuple[Rule, ...] = (*MODELS, *FORGES)
