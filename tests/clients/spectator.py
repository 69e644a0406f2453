"""A correct client of v2: in the room it sees the avatar, and hears it say a sentence to the end.

Ends as tests/clients/correct.py does, in time whatever the server does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from google.protobuf.message import DecodeError
from livekit.protocol import models

from tests.clients.api import Api, ClientError, Json, from_environment, text_of, with_care
from tests.clients.correct import (
    CALL_SECONDS,
    RETRY_AFTER_SECONDS,
    STOP_SECONDS,
    WORK_SECONDS,
    Speak,
    say,
)
from tests.clients.program import run
from tests.clients.signalling import AVATAR, Signalling
from tests.clients.viewer import Viewer

WISHES: Json = {"quality": "low", "version": "v2"}


def unpack(message: str | bytes) -> bytes | None:
    """What the avatar says in a data packet; None for all other packets."""
    if isinstance(message, str):
        return None
    try:
        packet = models.DataPacket.FromString(message)
    except DecodeError:
        return None
    return packet.user.payload if packet.participant_identity == AVATAR else None


async def converse(api: Api, speak: Speak, *, seconds: float | None) -> None:
    """One session, joined, listened to and stopped. Raises ClientError."""
    try:
        async with asyncio.timeout(seconds):
            opened = await api.post("new", WISHES)
            await view(api, opened, speak)
    except TimeoutError:
        raise ClientError(f"not done in {seconds} s") from None


async def view(api: Api, opened: Json, speak: Speak) -> None:
    session_id = text_of(opened, "session_id")
    viewer = Viewer([], unpack=unpack)
    room: Signalling | None = None
    try:
        room = Signalling(
            text_of(opened, "url"),
            text_of(opened, "access_token"),
            answer=lambda offer: _answer(viewer, offer),
            seconds=1,
        )
        await api.post("start", {"session_id": session_id})
        await room.join()
        await room.until(lambda: room.avatar, 1, otherwise="the avatar did not come")
        await viewer.connected(2)
        await viewer.watching(2)
        await _while_in(room, speak(api, viewer, session_id))
    finally:
        await _end(api, viewer, room, session_id)


async def _answer(viewer: Viewer, offer: str) -> str:
    return text_of(await viewer.answer(offer), "sdp")


async def _while_in(room: Signalling, work: Awaitable[None]) -> None:
    """The work, which ends with the visit. Raises ClientError."""
    working = asyncio.ensure_future(work)
    visiting = asyncio.ensure_future(room.until(lambda: False, None, otherwise="the visit is over"))
    try:
        await asyncio.wait((working, visiting), return_when=asyncio.FIRST_COMPLETED)
        (working if working.done() else visiting).result()
    finally:
        for task in (working, visiting):
            task.cancel()
        await asyncio.wait((working, visiting))


async def _end(api: Api, viewer: Viewer, room: Signalling | None, session_id: str) -> None:
    """First the session, which costs; a viewer that only leaves does not end it."""
    try:
        await api.stop(session_id, within=STOP_SECONDS)
    finally:
        if room is not None:
            await room.close()
        await viewer.close()


if __name__ == "__main__":

    async def client() -> None:
        api = from_environment(seconds=CALL_SECONDS, again=with_care(RETRY_AFTER_SECONDS))
        await converse(api, say, seconds=WORK_SECONDS)

    run("spectator", client)
