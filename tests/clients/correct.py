"""A correct client: it lets the avatar say a sentence, and ends in time whatever the server does.

Its exit is 0 when the avatar has said the sentence to the end, and else 1, with one line that says
what went wrong. A session that it learned of it stops, also after Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from time import monotonic

from tests.clients.api import Api, ClientError, Json, from_environment, sdp_of, text_of, with_care
from tests.clients.program import run
from tests.clients.viewer import Told, Viewer

TEXT = "Hello there!"
CALL_SECONDS = 2.0
WORK_SECONDS = 4.0
STOP_SECONDS = 2.5
"""Short, as for a program that speaks for half a second; one for people waits longer."""

RETRY_AFTER_SECONDS = 2.0
SLACK_SECONDS = 1.0
"""How much later than announced the end of the speech may be told."""


Speak = Callable[[Api, Viewer, str], Awaitable[None]]
"""What is done with a session once it is seen."""


async def converse(api: Api, speak: Speak, *, seconds: float | None) -> None:
    """One session, connected to and stopped. Raises ClientError."""
    try:
        async with asyncio.timeout(seconds):
            opened = await api.post("new", {"quality": "low", "video_encoding": "VP8"})
            await view(api, opened, speak)
    except TimeoutError:
        raise ClientError(f"not done in {seconds} s") from None


async def view(api: Api, opened: Json, speak: Speak) -> None:
    session_id = text_of(opened, "session_id")
    viewer = Viewer(opened.get("ice_servers2"))
    try:
        answer = await viewer.answer(sdp_of(opened))
        await api.post("start", {"session_id": session_id, "sdp": answer})
        await viewer.connected(2)
        await viewer.watching(2)
        await speak(api, viewer, session_id)
    finally:
        await end(api, viewer, session_id)


async def end(api: Api, viewer: Viewer, session_id: str) -> None:
    """First the session, which costs; a viewer that only leaves does not end it at once."""
    try:
        await api.stop(session_id, within=STOP_SECONDS)
    finally:
        await viewer.close()


async def say(api: Api, viewer: Viewer, session_id: str) -> None:
    """Returns when the avatar has said the text to its end."""
    asked = monotonic()
    task = await api.post("task", {"session_id": session_id, "text": TEXT, "task_type": "repeat"})
    task_id = text_of(task, "task_id")
    announced = seconds_of(task.get("duration_ms"))
    patience = min(announced or 0, WORK_SECONDS) + SLACK_SECONDS
    stopped = await viewer.hears(
        lambda told: (told.type, told.task_id) == ("avatar_stop_talking", task_id),
        by=monotonic() + patience,
    )
    spoken = seconds_of(stopped.duration_ms)
    if spoken is None:
        spoken = announced
    if spoken is None:
        raise ClientError("nobody tells how long the sentence was")
    if announced is not None and spoken < announced - 0.1:
        raise ClientError(f"the avatar stopped after {spoken:g} of {announced:g} s")
    # An event may be told too early; what cannot have been said yet is waited for.
    left = began(viewer.told, task_id, asked) + spoken - monotonic()
    if left > SLACK_SECONDS:
        raise ClientError(f"{spoken:g} s are said to be over {left:g} s too early")
    await asyncio.sleep(left)


def began(told: list[Told], task_id: str, asked: float) -> float:
    """When the avatar was heard to begin; when it was asked to, if that was not told."""
    starts = [t.at for t in told if (t.type, t.task_id) == ("avatar_start_talking", task_id)]
    return min(starts, default=asked)


def seconds_of(ms: object) -> float | None:
    """A duration, if it is one."""
    if isinstance(ms, bool) or not isinstance(ms, int | float) or not 0 <= ms < math.inf:
        return None
    return ms / 1000


if __name__ == "__main__":

    async def client() -> None:
        api = from_environment(seconds=CALL_SECONDS, again=with_care(RETRY_AFTER_SECONDS))
        await converse(api, say, seconds=WORK_SECONDS)

    run("correct", client)
