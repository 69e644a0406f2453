"""A visit to a room by a viewer that says something there, by data packets."""

from __future__ import annotations

import json

from livekit.protocol import models

from contract.client import Client
from contract.findings import Findings
from contract.stimuli.rooms import PATIENCE, Room, RoomUnfitError
from contract.subject import RoomViewer
from contract.wire import RefusedError

RULES = ("room-text",)
_STARTED = "agent.speak_started"
_TEXT = "Good morning."


def visit_by_packets(client: Client, findings: Findings, rooms: RoomViewer) -> None:
    """The visit, where viewers can send data. Raises UnreachableError."""
    room = Room(client, findings, rooms)
    try:
        _write(room)
    except RoomUnfitError:
        findings.unable("room-text", "no viewer could send data")
    finally:
        room.close()


def _write(room: Room) -> None:
    """A text, as the SDK sends it with voiceChatTransport livekit."""
    publisher = room.publisher()
    if publisher is None:
        return
    endpoint = str(room.open().get("realtime_endpoint"))
    room.start()
    guest = room.guest()
    if not room.await_avatar(guest):
        raise RoomUnfitError
    try:
        agent = room.line(endpoint, names="type")
    except RefusedError:
        room.unable("room-text", "the realtime endpoint, which would tell of it, is not there")
        return
    # Once it has greeted it tells of all that follows.
    if not agent.attend(lambda it: it.told, PATIENCE):
        raise RoomUnfitError
    room.publish(guest, publisher)
    if not publisher.send(_packet(_TEXT), PATIENCE):
        raise RoomUnfitError
    answered = agent.attend(lambda it: it.all_of(_STARTED), PATIENCE)
    wrong = None if answered else f"no {_STARTED}"
    room.judge("room-text", "the avatar speaking after a viewer's text", wrong)


def _packet(text: str) -> bytes:
    payload = json.dumps(text).encode()
    user = models.UserPacket(payload=payload)
    return models.DataPacket(kind=models.DataPacket.RELIABLE, user=user).SerializeToString()
