"""A correct client of v2 without media: it joins the room, sees the avatar there, and stops.

Its answers fit, and nobody stands behind them: the fake without media connects all the same. The
defective clients of v2 are this one but for a few lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from contract.viewers.paper import write_answer
from tests.clients.api import Api, ClientError, Json, from_environment, text_of, with_care
from tests.clients.program import run
from tests.clients.signalling import Read, Signalling, read

WISHES: Json = {"quality": "low", "version": "v2"}
CALL_SECONDS = 0.8
ROOM_SECONDS = 0.8
STAY_SECONDS = 0.15
STOP_SECONDS = 0.7
CARE = with_care(0.3)

Enter = Callable[[Json], Signalling]
"""The answer of streaming.new -> a visit to its room."""


def enter(opened: Json, *, read: Read = read) -> Signalling:
    session_id = text_of(opened, "session_id")

    async def answer(offer: str) -> str:
        try:
            return write_answer(session_id, offer)
        except ValueError as error:
            raise ClientError(f"the offer cannot be used ({error!s:.80})") from None

    url, token = text_of(opened, "url"), text_of(opened, "access_token")
    return Signalling(url, token, answer=answer, seconds=ROOM_SECONDS, read=read)


async def visit(api: Api, enter: Enter = enter) -> None:
    """One session. Raises ClientError."""
    opened = await api.post("new", WISHES)
    session_id = text_of(opened, "session_id")
    try:
        await watch(api, session_id, enter(opened))
    finally:
        await api.stop(session_id, within=STOP_SECONDS)


async def watch(api: Api, session_id: str, room: Signalling) -> None:
    """Joins, and sees the avatar for a moment."""
    await api.post("start", {"session_id": session_id})
    try:
        await room.join()
        await room.until(
            lambda: room.avatar is not None and room.answered,
            ROOM_SECONDS,
            otherwise="the avatar did not come",
        )
        await stay(room)
    finally:
        await room.close()


async def stay(room: Signalling) -> None:
    """Is in the room for a while. Raises ClientError when it is over before."""
    await asyncio.sleep(STAY_SECONDS)
    if room.over:
        raise ClientError(f"the visit is over: {room.over}")


if __name__ == "__main__":
    run("guest", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
