"""What the body of streaming.task means: the text, who words it, and when it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.core import errors


@dataclass(frozen=True, slots=True)
class Task:
    """A text for the avatar: to answer to if ``chat``, else to say as it stands.

    Tasks queue. A ``sync`` one is answered when its turn comes, another at once.
    """

    text: str
    chat: bool
    sync: bool


def read_task(body: Mapping[str, Any], *, max_text: int) -> Task:
    """The task of a body that fits the schema; ``max_text`` in characters.

    Raises ApiError(INVALID_PARAMETER) for a text that is blank or longer.
    """
    text: str = body["text"]
    if not text.strip():
        raise errors.invalid("text", "there is nothing to say")
    if len(text) > max_text:
        raise errors.invalid("text", f"{len(text)} characters are more than {max_text}")
    return Task(
        text,
        chat=(body.get("task_type") or "repeat") != "repeat",
        sync=(body.get("task_mode") or "sync") == "sync",
    )
