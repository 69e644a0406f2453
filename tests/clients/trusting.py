"""A defective client: it does not listen for the end, but sleeps as long as was announced."""

from __future__ import annotations

import asyncio

from tests.clients.api import Api, from_environment, text_of, with_care
from tests.clients.correct import CALL_SECONDS, RETRY_AFTER_SECONDS, converse, seconds_of
from tests.clients.program import run
from tests.clients.viewer import Viewer


async def say(api: Api, viewer: Viewer, session_id: str) -> None:
    task = await api.post("task", {"session_id": session_id, "text": "Hi."})
    text_of(task, "task_id")
    await asyncio.sleep((seconds_of(task.get("duration_ms")) or 0) + 0.1)  # the defect


if __name__ == "__main__":

    async def client() -> None:
        api = from_environment(seconds=CALL_SECONDS, again=with_care(RETRY_AFTER_SECONDS))
        await converse(api, say, seconds=None)

    run("trusting", client)
