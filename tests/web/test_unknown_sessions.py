"""What a call is told that names no session of its account."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from tests.web.test_magic_ids import MORE, PER_SESSION

START = "Session does not exist. SessionID: "


@pytest.mark.parametrize("operation_id", [*PER_SESSION, "sendTask", "startSession"])
@pytest.mark.parametrize(
    ("session_id", "shown"),
    [
        ("SESSION_ID", "SESSION_ID"),
        ("x" * 200, "x" * 200),
        ("x" * 199 + "yz", "x" * 199 + "y"),
        ("é" * 100_000, "é" * 200),
    ],
    ids=["short", "200", "201", "100000"],
)
def test_the_message_holds_at_most_200_characters_of_the_id(
    site: Site, operation_id: str, session_id: str, shown: str
) -> None:
    body = {"session_id": session_id, **MORE.get(operation_id, {})}
    assert site.call(operation_id, **body).error == (400, 400004, START + shown)
