from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.core.replies import reply

KNOWLEDGE = "Our shop sells bread. It opens at eight on weekdays! Parking is free.\nDogs may enter."


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("When does it open? At eight?", "It opens at eight on weekdays!"),
        ("Is PARKING expensive?", "Parking is free."),
        ("May my dogs come along", "Dogs may enter."),
        ("Tell me of bread", "Our shop sells bread."),
    ],
)
def test_the_sentence_that_shares_most_words_is_the_answer(asked: str, answered: str) -> None:
    assert reply(asked, knowledge_base=KNOWLEDGE) == answered


@pytest.mark.parametrize("knowledge", ["", KNOWLEDGE])
def test_without_a_match_the_reply_says_what_was_heard(knowledge: str) -> None:
    said = reply("The moon  is\nround", knowledge_base=knowledge)
    assert said == "You said: The moon is round. Tell me more."
    asked = reply("Where is the moon?", knowledge_base=knowledge)
    assert asked == "You asked: Where is the moon? I do not know that yet."


def test_common_words_do_not_count() -> None:
    assert reply("is it on at", knowledge_base=KNOWLEDGE).startswith("You said")


def test_without_words_at_all_something_is_said() -> None:
    assert reply("…", knowledge_base="") == "You said: …. Tell me more."


@given(st.text(min_size=1), st.text())
@example("a" * 100_000, "b. " * 100_000)
@example("word", "word" + "." * 10)
def test_the_same_question_has_the_same_short_answer(text: str, knowledge: str) -> None:
    said = reply(text, knowledge_base=knowledge)
    assert said == reply(text, knowledge_base=knowledge)
    assert 0 < len(said) <= 500
