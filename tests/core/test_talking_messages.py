from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.talking_messages import MAX_MESSAGES, talking_messages


def test_a_text_is_told_whole() -> None:
    assert talking_messages("Sorry! I am here.", chunks=False) == ("Sorry! I am here.",)


def test_a_text_is_told_in_pieces_like_tokens() -> None:
    assert talking_messages("Sorry! I am here.", chunks=True) == (
        "Sorry", "!", " I", " am", " here", ".",
    )  # fmt: skip


def test_nothing_is_told_by_no_message() -> None:
    assert talking_messages("", chunks=False) == talking_messages("", chunks=True) == ()


@given(st.text() | st.from_regex(r"[\s\w.]{0,60}"), st.booleans())
def test_the_messages_put_together_are_the_text_and_none_is_empty(text: str, chunks: bool) -> None:
    messages = talking_messages(text, chunks=chunks)
    assert "".join(messages) == text
    assert all(messages)


def test_a_long_text_is_told_in_a_bounded_number_of_messages() -> None:
    text = "a!" * 50_000
    messages = talking_messages(text, chunks=True)
    assert len(messages) <= MAX_MESSAGES
    assert "".join(messages) == text
