"""A defective client: an offer of more, or less, than it knows crashes it."""

from __future__ import annotations

from tests.clients.api import Api, from_environment, sdp_of, text_of
from tests.clients.brief import CALL_SECONDS, CARE, SMALL, STOP_SECONDS
from tests.clients.program import run


async def visit(api: Api) -> None:
    opened = await api.post("new", SMALL)
    session_id = text_of(opened, "session_id")
    try:
        sections = sdp_of(opened).split("\nm=")[1:]
        sound, picture, channel = sections  # the defect: there may be more, or fewer
        print(len(sound), len(picture), len(channel), "characters of SDP")
    finally:
        await api.stop(session_id, within=STOP_SECONDS)


if __name__ == "__main__":
    run("narrow", lambda: visit(from_environment(seconds=CALL_SECONDS, again=CARE)))
