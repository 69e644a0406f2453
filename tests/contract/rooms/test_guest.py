"""A guest in a room: what it says of itself, answers and remembers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import rtc

from contract.rooms.guest import Guest
from tests.contract.rooms.lines import avatar, heard, join, offer
from tests.contract.wires import ScriptedWire


def _answer(offer: str) -> str:
    if "m=video" not in offer:
        raise ValueError("nothing to see")
    return "an answer"


def test_the_token_goes_in_the_query_or_in_the_header() -> None:
    wire = ScriptedWire([])
    Guest(wire.dial, "ws://room/", "a.b.c", answer=_answer)
    assert urlsplit(wire.url).path == "/rtc"
    assert parse_qs(urlsplit(wire.url).query)["access_token"] == ["a.b.c"]
    assert not wire.headers
    Guest(wire.dial, "ws://room", "a.b.c", answer=_answer, in_header=True)
    assert "access_token" not in wire.url
    assert wire.headers == (("authorization", "Bearer a.b.c"),)


def test_who_comes_back_says_who_it_was() -> None:
    wire = ScriptedWire([])
    Guest(wire.dial, "ws://room", "a.b.c", answer=_answer, resuming="PA_1")
    query = parse_qs(urlsplit(wire.url).query)
    assert (query["reconnect"], query["sid"]) == (["1"], ["PA_1"])


def test_an_offer_is_answered_with_its_number() -> None:
    said = offer()
    said.offer.id = 7
    told = [join(others=[avatar()]).SerializeToString(), said.SerializeToString()]
    wire = ScriptedWire(told, ends=False)
    guest = Guest(wire.dial, "ws://room", "t", answer=_answer)
    assert guest.attend(lambda it: it.shown, 1.0)
    (answer,) = wire.sent
    assert isinstance(answer, bytes)
    answered = rtc.SignalRequest.FromString(answer)
    assert (answered.answer.sdp, answered.answer.type, answered.answer.id) == (
        "an answer", "answer", 7,
    )  # fmt: skip


def test_what_is_offered_before_the_avatar_is_there_shows_nothing() -> None:
    guest = heard(join(), offer())
    assert guest.answered
    assert not guest.shown
    update = rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[avatar()]))
    assert heard(join(), offer(), update, offer()).shown


def test_an_offer_that_cannot_be_answered_is_remembered() -> None:
    wire = ScriptedWire([rtc.SignalResponse(offer=rtc.SessionDescription()).SerializeToString()])
    guest = Guest(wire.dial, "ws://room", "t", answer=_answer)
    guest.attend(lambda it: it.unanswerable, 1.0)
    assert guest.unanswerable == "nothing to see"
    assert wire.sent == []


def test_waiting_ends_with_the_room_and_with_the_time() -> None:
    assert heard(join()).ended_at is not None
    quiet = heard(join(), ends=False)
    assert quiet.ended_at is None
    assert not quiet.attend(lambda it: it.shown, 0.02)


@given(st.binary(max_size=60) | st.text(max_size=20))
def test_any_message_is_heard(data: bytes | str) -> None:
    wire = ScriptedWire([data])
    guest = Guest(wire.dial, "ws://room", "t", answer=_answer)
    assert guest.attend(lambda it: it.heard, 1.0)
    assert guest.avatar is None or guest.avatar.identity == "heygen"


@pytest.mark.parametrize("kind", ["join", "update"])
def test_the_avatar_is_found_where_it_is_told_of(kind: str) -> None:
    told = [avatar()]
    update = rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=told))
    guest = heard(join(others=told)) if kind == "join" else heard(join(), update)
    assert guest.avatar is not None
    assert guest.avatar.sid == "PA_avatar"
