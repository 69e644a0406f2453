"""A defective client: when anything goes wrong it does not stop its session."""

from __future__ import annotations

from tests.clients.api import Api, from_environment, text_of
from tests.clients.brief import CALL_SECONDS, CARE, SMALL, STOP_SECONDS, look
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", SMALL)
    session_id = text_of(opened, "session_id")
    await look(api, session_id, opened)
    await api.stop(session_id, within=STOP_SECONDS)  # the defect: in no `finally`


if __name__ == "__main__":
    run("leaky", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
