"""Links: the host they lead to can be seen, whatever is written around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.links import Part, linked


def parts(text, kind):
    return [piece for piece, part in linked(text) if part is kind]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("see https://example.org/a?b#c.", "example.org"),
        ("HTTPS://EXAMPLE.ORG", "EXAMPLE.ORG"),
        ("(http://example.org:8080/x)", "example.org"),
        ("ws://[::1]:9/x", "[::1]"),
    ],
)
def test_the_host_of_an_honest_link_stands_out_and_nothing_is_added(text, host):
    assert parts(text, Part.HOST) == [host]
    assert parts(text, Part.REMARK) == []


@pytest.mark.parametrize(
    ("text", "host", "remark"),
    [
        ("https://github.com@evil.example/x", "evil.example", " [leads to evil.example]"),
        ("https://github.com:443@evil.example", "evil.example", " [leads to evil.example]"),
        ("https://a@b@evil.example", "evil.example", " [leads to evil.example]"),
        (r"https://evil.example\@github.com", "evil.example", None),
        ("https://\u0430pple.com/login", "\u0430pple.com", " [xn--pple-43d.com]"),
        (
            "https://github.com\u2024evil.example",
            "github.com\u2024evil.example",
            " [github.com.evil.example]",
        ),
        ("https://xn--pple-43d.com", "xn--pple-43d.com", " [punycode]"),
        ("https://%65vil.example", "%65vil.example", " [evil.example]"),
        ("https://x@\u0430.com", "\u0430.com", " [leads to xn--80a.com]"),
    ],
)
def test_a_link_that_leads_elsewhere_than_it_seems_says_where(text, host, remark):
    assert parts(text, Part.HOST) == [host]
    assert parts(text, Part.REMARK) == ([remark] if remark else [])


@pytest.mark.parametrize(
    "text", ["no link", "javascript:alert(1)", "http:/x", "file:///etc", "xhttp://a.b", ""]
)
def test_what_is_no_link_is_words(text):
    assert [part for _, part in linked(text)] in ([Part.WORDS], [])


def test_what_was_escaped_in_a_host_cannot_act():
    (remark,) = parts("https://a%1b%5d52%00.example", Part.REMARK)

    assert remark.isprintable()


@given(st.text() | st.from_regex(r"https?://[\w@%.:/\\\[\]-]{0,40}"))
def test_nothing_that_was_written_is_lost_or_changed(text):
    assert "".join(piece for piece, part in linked(text) if part is not Part.REMARK) == text
