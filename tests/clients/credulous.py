"""A defective client: it takes for granted that an answer has the members that it should have."""

from __future__ import annotations

from tests.clients.api import Api, from_environment, text_of
from tests.clients.brief import CALL_SECONDS, CARE, SMALL, STOP_SECONDS
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", SMALL)
    session_id = text_of(opened, "session_id")
    try:
        sdp = opened["sdp"]["sdp"]  # the defect: what the server sends is used unread
        print(len(sdp), "characters of SDP")
    finally:
        await api.stop(session_id, within=STOP_SECONDS)


if __name__ == "__main__":
    run("credulous", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
