"""What a host can set, with the spec's names.

Spec: Privacy Controls for Room Hosts (`SpectatorPrivacySettings`). A patch is checked whole and applied
whole or not at all; changing one key of a preset makes the room `custom` and keeps the rest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from relay.protocol.countries import country_code
from relay.protocol.events import CATEGORY_OF, Category
from relay.screen.own_words import MAX_WORDS, problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Preset(StrEnum):
    """Named sets of settings."""

    OPEN = "open"
    LIMITED = "limited"
    MINIMAL = "minimal"
    CUSTOM = "custom"


class Visibility(StrEnum):
    """Whether a room can be found and watched at all."""

    PUBLIC = "public"
    PRIVATE = "private"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VisibleEvents(_Settings):
    """Which categories of room activity spectators see. Spec: Visibility Controls."""

    publicChat: StrictBool = True
    taskActivity: StrictBool = True
    gitOperations: StrictBool = True
    agentStatus: StrictBool = True
    memberActivity: StrictBool = True


class Integration(StrEnum):
    """What participants get of the spectator chat. Spec: Chat Integration Options."""

    ISOLATED = "isolated"
    VISIBLE = "visible"
    INTERACTIVE = "interactive"


def _listed(value: Any) -> Any:
    """Take `DE,AT` for a list: what a shell can say without quotes."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _hidden_word(word: str) -> str:
    wrong = problem(word)
    if wrong:
        raise PydanticCustomError("word", "{why}", {"why": wrong})
    return word


def _keyword(word: str) -> str:
    if not any(map(str.isalnum, word)):
        raise PydanticCustomError("word", "The word needs a letter or a digit.")
    return _hidden_word(word)


HiddenWords = Annotated[
    tuple[Annotated[StrictStr, AfterValidator(_hidden_word)], ...],
    BeforeValidator(_listed),
    Field(max_length=MAX_WORDS),
]

Keywords = Annotated[
    tuple[Annotated[StrictStr, AfterValidator(_keyword)], ...],
    BeforeValidator(_listed),
    AfterValidator(lambda words: tuple(dict.fromkeys(words))),
    Field(max_length=MAX_WORDS),
]


class ChatModeration(_Settings):
    """Who may write in the spectator chat, how much at once, and who looks at it first.

    Attributes:
        autoFilter: Repeats, floods of links or mentions and shouting are refused or held.
        requireApproval: Every viewer's message is held until a moderator approves it.
        keywords: Words that viewers may not say, in any disguise; written like `hiddenWords`.
        slowSeconds: Seconds between two messages of one viewer; 0, as many as the rate allows.
        locked: Nobody who watches may write for now.
        watchSeconds: Seconds after a viewer first came to the room before it may write there.
        reportsToHide: Viewers who have to report a message before it is hidden until a moderator has looked;
            0, it never is.
    """

    autoFilter: StrictBool = True
    requireApproval: StrictBool = False
    allowAnonymous: StrictBool = True
    maxMessageLength: Annotated[StrictInt, Field(ge=1, le=4000)] = 500
    keywords: Keywords = ()
    slowSeconds: Annotated[StrictInt, Field(ge=0, le=3600)] = 0
    locked: StrictBool = False
    watchSeconds: Annotated[StrictInt, Field(ge=0, le=86_400)] = 0
    reportsToHide: Annotated[StrictInt, Field(ge=0, le=100)] = 3


class ChatRateLimit(_Settings):
    """How fast a registered viewer may write; anonymous ones get half, verified ones twice."""

    messagesPerMinute: Annotated[StrictInt, Field(ge=1, le=600)] = 20
    burstLimit: Annotated[StrictInt, Field(ge=1, le=100)] = 5


class SpectatorChatSettings(_Settings):
    """The spectator chat. Spec: Chat Integration Options."""

    enabled: StrictBool = True
    integration: Integration = Integration.INTERACTIVE
    moderation: ChatModeration = ChatModeration()
    rateLimit: ChatRateLimit = ChatRateLimit()


_SHAPES = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": 'must be a list, as in ["one", "two"]',
    "model_type": "is a group: name the setting in it",
}
"""What pydantic would say in Python's words, in a host's."""


def _country(text: str) -> str:
    code = country_code(text)
    if not code:
        raise PydanticCustomError("country", "is not a country (two letters of ISO 3166-1, such as DE)")
    return code


Countries = Annotated[
    tuple[Annotated[StrictStr, AfterValidator(_country)], ...],
    BeforeValidator(_listed),
    AfterValidator(lambda codes: tuple(dict.fromkeys(codes))),
]


class RoomSettings(_Settings):
    """Everything a host can set about spectators.

    Attributes:
        anonymizeParticipants: Every participant goes by a pseudonym, in names and inside texts.
        hideProjectDetails: Titles, commit messages, branches and file names become kinds and counts.
        hiddenWords: Words of the host's own that no text may show; `*` stands for any run of signs.
        restrictGeographic: Countries from which alone the room may be watched, as ISO 3166-1 alpha-2 codes;
            empty, from everywhere.
        logInteractions: Keep the text of spectator chat on disk; off, it lives in memory only.
    """

    preset: Preset = Preset.OPEN
    enabled: StrictBool = True
    requireRegistration: StrictBool = False
    maxSpectators: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 1000
    visibleEvents: VisibleEvents = VisibleEvents()
    spectatorChat: SpectatorChatSettings = SpectatorChatSettings()
    anonymizeParticipants: StrictBool = False
    hideProjectDetails: StrictBool = False
    hiddenWords: HiddenWords = ()
    restrictGeographic: Countries = ()
    logInteractions: StrictBool = False

    def visible_types(self) -> frozenset[str]:
        """Return the event types that spectators of this room see."""
        shown = self.visibleEvents
        switch = {
            Category.CHAT: shown.publicChat,
            Category.TASK: shown.taskActivity,
            Category.GIT: shown.gitOperations,
            Category.AGENT: shown.agentStatus,
            Category.MEMBER: shown.memberActivity,
        }
        return frozenset(name for name, category in CATEGORY_OF.items() if switch[category])


PRESETS: dict[Preset, RoomSettings] = {
    Preset.OPEN: RoomSettings(),
    # Basic activity and a restricted chat (checklist PRESET-2).
    Preset.LIMITED: RoomSettings(
        preset=Preset.LIMITED,
        visibleEvents=VisibleEvents(publicChat=False, gitOperations=False),
        spectatorChat=SpectatorChatSettings(
            integration=Integration.ISOLATED, moderation=ChatModeration(allowAnonymous=False)
        ),
    ),
    # High-level progress: tasks and milestones, of nobody in particular, and no chat (checklist PRESET-3).
    Preset.MINIMAL: RoomSettings(
        preset=Preset.MINIMAL,
        visibleEvents=VisibleEvents(
            publicChat=False, gitOperations=False, agentStatus=False, memberActivity=False
        ),
        spectatorChat=SpectatorChatSettings(enabled=False),
        anonymizeParticipants=True,
        hideProjectDetails=True,
    ),
}


class BadSettings(ValueError):
    """A patch that cannot be applied; the text names each field and the reason."""


def preset_settings(name: str) -> RoomSettings:
    """Return a preset's settings.

    Raises:
        BadSettings: If there is no such preset.
    """
    try:
        return PRESETS[Preset(name)]
    except (KeyError, ValueError):
        known = ", ".join(PRESETS)
        raise BadSettings(f"preset: there is none of that name. Choose from: {known}") from None


def stored_settings(document: Mapping[str, Any]) -> RoomSettings:
    """Read settings that an earlier version may have stored.

    A field that is newer than the room gets its preset's value, so that the name still says what holds.
    """
    base = PRESETS.get(document.get("preset", Preset.OPEN), PRESETS[Preset.OPEN])
    return RoomSettings.model_validate(_merge(base.model_dump(mode="json"), document))


def patch_settings(settings: RoomSettings, patch: Mapping[str, Any]) -> RoomSettings:
    """Merge a patch into settings, nested objects too.

    A `preset` in the patch comes first, further keys on top of it.

    Raises:
        BadSettings: If any key or value is wrong; nothing is applied then.
    """
    rest = dict(patch)
    name = rest.pop("preset", None)
    if name is not None and not isinstance(name, str):
        raise BadSettings("preset: must be text")
    if name == Preset.CUSTOM:
        settings = settings.model_copy(update={"preset": Preset.CUSTOM})
    elif name is not None:
        settings = preset_settings(name)
    if not rest:
        return settings
    try:
        changed = RoomSettings.model_validate(_merge(settings.model_dump(mode="json"), rest))
    except ValidationError as error:
        raise BadSettings("; ".join(_problem(item) for item in error.errors())) from None
    return settings if changed == settings else changed.model_copy(update={"preset": Preset.CUSTOM})


def _merge(base: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in patch.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _problem(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"{where[:80]}: is not a setting"
    if item["type"] in _SHAPES:
        return f"{where}: {_SHAPES[item['type']]}"
    return f"{where}: {item['msg'][0].lower()}{item['msg'][1:].rstrip('.')}"
