"""Locks: a report counts once for each voice, enough voices hide, and who cries wolf is heard no more."""

from typing import Any

from relay.chat.reports import GROUNDLESS, MAX_REASONS, MAX_REPORTS, Report, Reporter, Reports


def message(number: int = 1) -> dict[str, Any]:
    return {
        "message_id": f"abcdefgh-{number}",
        "spectator_id": "anon_author",
        "display_name": "Loud",
        "message": "buy now",
        "timestamp": "2026-02-17T12:00:00.000Z",
    }


def add(reports: Reports, who: str, number: int = 1, reason: str = "", voice: str = "") -> Report | None:
    return reports.add(message(number), Reporter(who, voice or who), reason, now_ms=number)


def test_reports_of_one_message_are_one_group_that_names_nobody():
    reports = Reports()
    add(reports, "ann", reason="spam")
    add(reports, "bob", reason="rude")
    report = add(reports, "cat", reason="spam")
    assert report is not None
    public = report.public()
    assert (public["count"], public["reasons"], public["hidden"]) == (3, ["spam", "rude"], False)
    assert not {"ann", "bob", "cat"} & set(str(public).replace("'", " ").split())
    assert [open_.message_id for open_ in reports] == ["abcdefgh-1"]


def test_a_second_report_of_one_viewer_is_none():
    reports = Reports()
    assert add(reports, "ann") is not None
    assert add(reports, "ann", reason="again") is None
    (report,) = reports
    assert report.public()["count"] == 1


def test_enough_voices_hide_and_windows_of_one_voice_do_not():
    reports = Reports()
    for window in range(5):
        report = add(reports, f"ann{window}", voice="one address")
        assert report is not None
        assert not reports.is_to_be_hidden(report, 3)
    add(reports, "bob")
    report = add(reports, "cat")
    assert report is not None
    assert reports.is_to_be_hidden(report, 3)
    assert not reports.is_to_be_hidden(report, 0)
    report.hidden = True
    assert not reports.is_to_be_hidden(report, 3)


def test_what_a_moderator_let_stand_is_not_hidden_again():
    reports = Reports()
    for who in ("ann", "bob"):
        add(reports, who)
    settled = reports.settle("abcdefgh-1", kept=True)
    assert settled is not None
    assert list(settled) == ["ann", "bob"]
    report = None
    for who in ("cat", "dan", "eve"):
        report = add(reports, who)
    assert report is not None
    assert not reports.is_to_be_hidden(report, 1)


def test_who_reports_without_ground_helps_no_longer_until_right_once():
    reports = Reports()
    for number in range(GROUNDLESS):
        add(reports, "wolf", number)
        reports.settle(f"abcdefgh-{number}", kept=True)
    report = add(reports, "wolf", 50)
    assert report is not None
    assert not reports.is_to_be_hidden(report, 1)
    reports.settle("abcdefgh-50", kept=False)
    report = add(reports, "wolf", 51)
    assert report is not None
    assert reports.is_to_be_hidden(report, 1)


def test_settling_what_nobody_reported_is_nothing():
    assert Reports().settle("abcdefgh-1", kept=False) is None


def test_reports_and_reasons_are_bounded():
    reports = Reports()
    for number in range(MAX_REPORTS + 5):
        add(reports, "ann", number)
    assert [len(list(reports)), next(iter(reports)).message_id] == [MAX_REPORTS, "abcdefgh-5"]
    for number in range(MAX_REASONS + 5):
        add(reports, f"viewer{number}", 100, reason=f"reason {number}")
    report = reports.get("abcdefgh-100")
    assert report is not None
    assert len(report.public()["reasons"]) == MAX_REASONS
