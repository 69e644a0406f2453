"""A defective client: it says two sentences, and takes the end of any task for that of its own."""

from __future__ import annotations

from time import monotonic

from tests.clients.api import Api, from_environment, text_of, with_care
from tests.clients.correct import CALL_SECONDS, RETRY_AFTER_SECONDS, WORK_SECONDS, converse
from tests.clients.program import run
from tests.clients.viewer import Viewer


async def say(api: Api, viewer: Viewer, session_id: str) -> None:
    for nth in (1, 2):
        task = await api.post("task", {"session_id": session_id, "text": "Hi."})
        text_of(task, "task_id")
        await viewer.hears(
            lambda told: told.type == "avatar_stop_talking",  # the defect: told.task_id is unread
            nth=nth,
            by=monotonic() + 1.5,
        )


if __name__ == "__main__":

    async def client() -> None:
        api = from_environment(seconds=CALL_SECONDS, again=with_care(RETRY_AFTER_SECONDS))
        await converse(api, say, seconds=WORK_SECONDS)

    run("gullible", client)
