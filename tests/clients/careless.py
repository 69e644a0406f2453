"""A defective client of v2: when its visit to the room fails, it does not stop its session."""

from __future__ import annotations

from tests.clients.api import Api, from_environment, text_of
from tests.clients.guest import CALL_SECONDS, CARE, STOP_SECONDS, WISHES, enter, watch
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", WISHES)
    session_id = text_of(opened, "session_id")
    await watch(api, session_id, enter(opened))
    await api.stop(session_id, within=STOP_SECONDS)  # the defect: in no `finally`


if __name__ == "__main__":
    run("careless", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
