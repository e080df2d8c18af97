"""Locks: the one table of errors: every code has its row, and the rows cannot be mistaken for one another."""

import pytest

from relay.protocol.errors import CODE_BY_CLOSE, ERRORS, Code, ErrorRow, Refused

ROWS = pytest.mark.parametrize(("code", "row"), ERRORS.items(), ids=str)


def test_every_code_has_a_row_and_a_close_code_of_its_own():
    assert set(ERRORS) == set(Code)
    assert len(CODE_BY_CLOSE) == len(Code)
    assert all(ERRORS[code].close_code == number for number, code in CODE_BY_CLOSE.items())


@ROWS
def test_a_close_code_is_one_that_applications_may_use(code: Code, row: ErrorRow):
    assert 4400 <= row.close_code <= 4599
    assert 400 <= row.status <= 599


@ROWS
def test_waiting_helps_exactly_where_trying_again_may(code: Code, row: ErrorRow):
    assert row.permanent == (row.retry_after_ms == 0)


@ROWS
def test_a_sentence_says_what_to_do_next_and_nothing_of_the_inside(code: Code, row: ErrorRow):
    assert row.message[0].isupper()
    assert row.message.count(". ") + row.message.count("? ") >= 1, (
        "one sentence for what, one for the next step"
    )
    assert code.value not in row.message
    assert not any(word in row.message for word in ("Error", "Exception", "None", "asyncio", "/"))


def test_a_refusal_is_the_rows_unless_it_knows_better():
    row = ERRORS[Code.RATE_LIMITED]
    assert Refused(Code.RATE_LIMITED).data() == {
        "code": "RATE_LIMITED",
        "message": row.message,
        "retry_after": row.retry_after_ms,
        "permanent": False,
    }
    better = Refused(Code.RATE_LIMITED, "Wait 3 s.", 3000).data()
    assert (better["message"], better["retry_after"]) == ("Wait 3 s.", 3000)
    assert Refused(Code.RATE_LIMITED, retry_after_ms=0).data()["retry_after"] == 0
