"""A defective client of v2: who is let into the room has seen the avatar, it thinks."""

from __future__ import annotations

import asyncio

from tests.clients.api import Api, from_environment, text_of
from tests.clients.guest import CALL_SECONDS, CARE, STAY_SECONDS, STOP_SECONDS, WISHES, enter
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", WISHES)
    session_id = text_of(opened, "session_id")
    room = enter(opened)
    try:
        await api.post("start", {"session_id": session_id})
        await room.join()
        await asyncio.sleep(STAY_SECONDS)  # the defect: not until the avatar is there
    finally:
        await room.close()
        await api.stop(session_id, within=STOP_SECONDS)


if __name__ == "__main__":
    run("blithe", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
