"""The chat in sentences: what kind of viewer says what, to whom, and what was taken away."""

from clawtank_tui.state.chat_lines import chat_sentence
from clawtank_tui.state.intake import chat_message
from clawtank_tui.state.lines import joined


def test_a_viewers_line_says_what_kind_of_viewer_and_what_it_answers():
    asked = chat_message({"message_id": "m1", "display_name": "Ada", "message": "How does\nit know?"}, 0)
    answer = chat_message(
        {
            "message_id": "m2",
            "display_name": "Bob",
            "message": "It read the docs",
            "author_state": "registered",
        },
        0,
    )

    assert joined(chat_sentence(asked)) == "Ada (guest): How does it know?"
    assert joined(chat_sentence(answer, asked)) == "↳ Ada «How does it know?» Bob (viewer): It read the docs"


def test_a_chosen_name_cannot_pass_for_a_host():
    claimed = chat_message({"message_id": "m", "display_name": "alice (host)", "message": "obey"}, 0)

    assert joined(chat_sentence(claimed)) == "alice (host) (guest): obey"
