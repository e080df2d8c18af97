"""Locks: settings have the spec's names, a patch applies whole or not at all, a complaint names its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.events import CATEGORY_OF, EVENT_TYPES, Category
from relay.rooms.settings import (
    PRESETS,
    BadSettings,
    Preset,
    RoomSettings,
    VisibleEvents,
    patch_settings,
    preset_settings,
    stored_settings,
)

OPEN = PRESETS[Preset.OPEN]
SWITCH = {
    "publicChat": Category.CHAT,
    "taskActivity": Category.TASK,
    "gitOperations": Category.GIT,
    "agentStatus": Category.AGENT,
    "memberActivity": Category.MEMBER,
}


def test_the_switches_are_the_specs_and_every_category_has_one():
    assert set(VisibleEvents.model_fields) == set(SWITCH)
    assert set(SWITCH.values()) == set(Category)


@given(st.fixed_dictionaries({name: st.booleans() for name in SWITCH}))
def test_a_type_is_visible_if_its_switch_is_on(switches: dict[str, bool]):
    shown = patch_settings(OPEN, {"visibleEvents": switches}).visible_types()
    on = {SWITCH[name] for name, value in switches.items() if value}
    assert shown == {name for name, category in CATEGORY_OF.items() if category in on}


def test_open_shows_everything_and_limited_shows_less():
    assert OPEN.visible_types() == EVENT_TYPES
    limited = preset_settings("limited")
    assert not any(name.startswith(("git.", "chat.")) for name in limited.visible_types())
    assert limited.spectatorChat.enabled
    assert not limited.spectatorChat.moderation.allowAnonymous


def test_open_chats_with_participants_and_limited_keeps_apart():
    chat = {name: preset_settings(name).spectatorChat for name in ("open", "limited")}
    assert [chat[name].integration for name in chat] == ["interactive", "isolated"]
    assert [chat[name].moderation.autoFilter for name in chat] == [True, True]
    assert [chat[name].moderation.requireApproval for name in chat] == [False, False]


def test_a_room_of_an_earlier_version_gets_what_is_new_from_its_preset():
    for settings in PRESETS.values():
        stored = settings.model_dump(mode="json")
        del stored["spectatorChat"]["integration"]
        del stored["spectatorChat"]["moderation"]["autoFilter"]
        stored["maxSpectators"] = 7
        assert stored_settings(stored) == settings.model_copy(update={"maxSpectators": 7})
    custom = stored_settings({"preset": "custom", "visibleEvents": {"publicChat": False}})
    assert (custom.preset, custom.visibleEvents) == (Preset.CUSTOM, VisibleEvents(publicChat=False))
    assert custom.spectatorChat == OPEN.spectatorChat


def test_what_spectators_say_is_not_kept_unless_the_host_asks():
    assert not any(settings.logInteractions for settings in PRESETS.values())


def test_one_key_changes_and_the_rest_stays():
    limited = preset_settings("limited")
    changed = patch_settings(limited, {"visibleEvents": {"gitOperations": True}})
    assert changed.preset is Preset.CUSTOM
    assert changed.visibleEvents.gitOperations
    assert not changed.visibleEvents.publicChat
    assert (
        changed.model_copy(update={"preset": limited.preset, "visibleEvents": limited.visibleEvents})
        == limited
    )


def test_words_and_countries_can_be_listed_without_quotes():
    changed = patch_settings(OPEN, {"hiddenWords": "acme*, project falcon,", "restrictGeographic": "de,AT"})
    assert changed.hiddenWords == ("acme*", "project falcon")
    assert changed.restrictGeographic == ("DE", "AT")


def test_nested_objects_merge_at_every_depth():
    changed = patch_settings(OPEN, {"spectatorChat": {"moderation": {"maxMessageLength": 100}}})
    assert changed.spectatorChat.moderation.maxMessageLength == 100
    assert changed.spectatorChat.moderation.allowAnonymous
    assert changed.spectatorChat.rateLimit == OPEN.spectatorChat.rateLimit


def test_a_preset_comes_first_and_further_keys_on_top():
    changed = patch_settings(OPEN, {"maxSpectators": 7, "preset": "limited"})
    assert changed.maxSpectators == 7
    assert changed.visible_types() == preset_settings("limited").visible_types()
    assert changed.preset is Preset.CUSTOM
    assert patch_settings(changed, {"preset": "open"}) == OPEN


def test_what_changes_nothing_leaves_the_preset_as_it_is():
    assert patch_settings(OPEN, {}) == OPEN
    assert patch_settings(OPEN, {"maxSpectators": OPEN.maxSpectators}) == OPEN


def test_custom_keeps_everything():
    custom = patch_settings(OPEN, {"preset": "custom"})
    assert custom == OPEN.model_copy(update={"preset": Preset.CUSTOM})


def test_settings_survive_their_document():
    changed = patch_settings(OPEN, {"maxSpectators": 7, "spectatorChat": {"enabled": False}})
    assert RoomSettings.model_validate(changed.model_dump(mode="json")) == changed


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (["DE", "AT"], ("DE", "AT")),
        (["at", "De", "AT"], ("AT", "DE")),
        ("DE,at , us", ("DE", "AT", "US")),
        ("no", ("NO",)),
        ("", ()),
        ([], ()),
    ],
    ids=repr,
)
def test_countries_are_codes_in_any_case_each_once_also_as_a_shell_writes_them(value: Any, codes: Any):
    before = patch_settings(OPEN, {"restrictGeographic": ["FR"]})
    changed = patch_settings(before, {"restrictGeographic": value})
    assert changed.restrictGeographic == codes, "the new list, not both"
    assert changed.model_dump(mode="json")["restrictGeographic"] == list(codes)


def test_no_preset_asks_where_somebody_is():
    assert not any(settings.restrictGeographic for settings in PRESETS.values())


BAD: list[tuple[dict[str, Any], str]] = [
    ({"maxSpectators": "7"}, "maxSpectators: "),
    ({"maxSpectators": True}, "maxSpectators: "),
    ({"maxSpectators": 7.0}, "maxSpectators: "),
    ({"maxSpectators": -1}, "maxSpectators: "),
    ({"maxSpectators": None}, "maxSpectators: "),
    ({"enabled": 1}, "enabled: "),
    ({"enabled": "yes"}, "enabled: "),
    ({"nope": 1}, "nope: is not a setting"),
    ({"visibleEvents": {"nope": True}}, "visibleEvents.nope: is not a setting"),
    ({"visibleEvents": True}, "visibleEvents: "),
    (
        {"spectatorChat": {"moderation": {"maxMessageLength": 0}}},
        "spectatorChat.moderation.maxMessageLength: ",
    ),
    ({"spectatorChat": {"rateLimit": {"burstLimit": 101}}}, "spectatorChat.rateLimit.burstLimit: "),
    ({"spectatorChat": {"integration": "open"}}, "spectatorChat.integration: "),
    ({"spectatorChat": {"moderation": {"autoFilter": "on"}}}, "spectatorChat.moderation.autoFilter: "),
    ({"spectatorChat": {"moderation": {"requireApproval": 1}}}, "spectatorChat.moderation.requireApproval: "),
    ({"restrictGeographic": ["Germany"]}, "restrictGeographic.0: is not a country"),
    ({"restrictGeographic": ["DE", "xx1"]}, "restrictGeographic.1: is not a country"),
    ({"restrictGeographic": "DE,Germany"}, "restrictGeographic.1: is not a country"),
    ({"restrictGeographic": ["UK"]}, "restrictGeographic.0: "),
    ({"restrictGeographic": ["ß"]}, "restrictGeographic.0: "),
    ({"restrictGeographic": ["x" * 1000]}, "restrictGeographic.0: is not a country (two letters"),
    ({"restrictGeographic": [49]}, "restrictGeographic.0: "),
    ({"restrictGeographic": {"DE": True}}, "restrictGeographic: "),
    ({"restrictGeographic": None}, "restrictGeographic: "),
    ({"enabled": "no"}, "enabled: must be true or false"),
    ({"hiddenWords": 7}, 'hiddenWords: must be a list, as in ["one", "two"]'),
    ({"spectatorChat": 1}, "spectatorChat: is a group: name the setting in it"),
    ({"preset": "secret"}, "preset: "),
    ({"preset": 7}, "preset: must be text"),
    ({"preset": None, "nope": 1}, "nope: is not a setting"),
]


@pytest.mark.parametrize(("patch", "complaint"), BAD)
def test_a_bad_patch_is_refused_by_name(patch: dict[str, Any], complaint: str):
    with pytest.raises(BadSettings) as refused:
        patch_settings(OPEN, {**patch, "logInteractions": True})
    assert str(refused.value).startswith(complaint)


def test_every_wrong_field_is_named():
    with pytest.raises(BadSettings) as refused:
        patch_settings(OPEN, {"maxSpectators": -1, "visibleEvents": {"nope": 1}})
    assert "maxSpectators: " in str(refused.value)
    assert "visibleEvents.nope: " in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*RoomSettings.model_fields, *SWITCH, "moderation", "rateLimit", "burstLimit"])


@given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=4))
def test_any_patch_is_applied_or_refused_and_never_half(patch: dict[str, Any]):
    before = OPEN.model_dump()
    try:
        changed = patch_settings(OPEN, patch)
    except BadSettings:
        return  # the refusals have their own tests
    assert RoomSettings.model_validate(changed.model_dump(mode="json")) == changed
    assert OPEN.model_dump() == before
