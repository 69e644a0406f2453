"""A defective client: its calls have no time limit."""

from __future__ import annotations

from tests.clients.api import Api, from_environment, text_of
from tests.clients.brief import CARE, SMALL, look
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", SMALL)
    session_id = text_of(opened, "session_id")
    try:
        await look(api, session_id, opened)
    finally:
        await api.stop(session_id, within=None)


if __name__ == "__main__":
    run("hanging", lambda: visit(from_environment(seconds=None, again=CARE)))  # the defect
