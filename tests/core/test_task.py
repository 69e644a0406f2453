"""What the body of streaming.task asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.errors import ApiError
from mock_server.core.task import Task, read_task


def read(text: str = "Hello!", **more: Any) -> Task:
    return read_task({"session_id": "session-1", "text": text, **more}, max_text=1000)


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        read(text)
    return caught.value.row.code, caught.value.message


@pytest.mark.parametrize("more", [{}, {"task_type": None, "task_mode": None}, {"unknown": 1}])
def test_a_task_that_says_no_more_repeats_its_text_and_waits(more: dict[str, Any]) -> None:
    assert read(**more) == Task("Hello!", chat=False, sync=True)


@pytest.mark.parametrize(("task_type", "chat"), [("repeat", False), ("chat", True), ("talk", True)])
def test_chat_and_talk_are_answered_to(task_type: str, chat: bool) -> None:
    assert read(task_type=task_type).chat is chat


@pytest.mark.parametrize(("task_mode", "sync"), [("sync", True), ("async", False)])
def test_the_mode_says_whether_the_answer_waits(task_mode: str, sync: bool) -> None:
    assert read(task_mode=task_mode).sync is sync


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_a_blank_text_is_refused(text: str) -> None:
    assert refusal(text) == (400175, "Invalid parameter: text: there is nothing to say")


def test_a_text_may_have_a_thousand_characters() -> None:
    assert read("\U0001f642" * 1000).text == "\U0001f642" * 1000
    assert refusal("a" * 1001) == (
        400175,
        "Invalid parameter: text: 1001 characters are more than 1000",
    )


@given(st.text(max_size=20))
def test_any_text_is_taken_as_it_stands_or_refused(text: str) -> None:
    try:
        taken = read_task({"text": text}, max_text=10).text
    except ApiError as error:
        taken = error.row.name
    fits = text.strip() != "" and len(text) <= 10
    assert taken == (text if fits else "invalid-parameter")
