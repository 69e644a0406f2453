"""A defective client of v2: it takes for granted that it can read what the signalling says."""

from __future__ import annotations

from livekit.protocol import rtc

from tests.clients.api import Json, from_environment
from tests.clients.guest import CALL_SECONDS, CARE, enter, visit
from tests.clients.program import run
from tests.clients.signalling import Signalling


def trust(data: str | bytes) -> rtc.SignalResponse:
    assert isinstance(data, bytes)
    return rtc.SignalResponse.FromString(data)  # the defect: nothing is done about a DecodeError


def enter_fussily(opened: Json) -> Signalling:
    return enter(opened, read=trust)


if __name__ == "__main__":
    api = from_environment(seconds=CALL_SECONDS, again=CARE)
    run("fussy", lambda: visit(api, enter=enter_fussily))
