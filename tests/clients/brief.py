"""A correct client that watches nothing: it opens a session, looks whether it is listed, stops it.

Most defects need no media to show. The clients that have them are this one but for a few lines,
and a run of it takes an eighth of a second.
"""

from __future__ import annotations

import asyncio

from tests.clients.api import Api, ClientError, Json, from_environment, sdp_of, text_of, with_care
from tests.clients.program import run

SMALL: Json = {"quality": "low"}
CALL_SECONDS = 0.8
WORK_SECONDS = 1.0
STOP_SECONDS = 0.7
CARE = with_care(0.3)


async def visit(api: Api) -> None:
    """One session. Raises ClientError."""
    opened = await api.post("new", SMALL)
    session_id = text_of(opened, "session_id")
    try:
        async with asyncio.timeout(WORK_SECONDS):
            await look(api, session_id, opened)
    except TimeoutError:
        raise ClientError(f"not done in {WORK_SECONDS:g} s") from None
    finally:
        await api.stop(session_id, within=STOP_SECONDS)


async def look(api: Api, session_id: str, opened: Json) -> None:
    """Whether the session offers a picture, and is on the server's list."""
    if "m=video" not in sdp_of(opened):
        raise ClientError("the session offers no picture")
    sessions = (await api.get("list")).get("sessions")
    rows = sessions if isinstance(sessions, list) else []
    if not any(isinstance(row, dict) and row.get("session_id") == session_id for row in rows):
        raise ClientError(f"session {session_id!a} is not listed")


if __name__ == "__main__":
    run("brief", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
