"""What a participant says by its own connection: data packets, and sound of its microphone."""

from __future__ import annotations

import json

from google.protobuf.message import DecodeError
from livekit.protocol import models

from mock_server.core.listening import PUSH_TO_TALK
from mock_server.peers import Listener


class Publication:
    """Implements ``peers.Hearing`` for one participant: passes on what the avatar can use."""

    def __init__(
        self, listener: Listener, *, with_data: bool = True, with_sound: bool = True
    ) -> None:
        self._listener = listener
        self._with_data = with_data
        self._with_sound = with_sound
        self._microphones: dict[str, bool] = {}

    def mute(self, sid: str, *, muted: bool) -> None:
        """Of a microphone. While all are muted, what is still sent is not listened to."""
        self._microphones[sid] = muted

    def forget(self, sid: str) -> None:
        """It is not sent any more, or is none: another may be heard in its place."""
        self._microphones.pop(sid, None)

    def data(self, message: bytes) -> None:
        """A message of a data channel."""
        if not self._with_data:
            return
        try:
            packet = models.DataPacket.FromString(message)
        except DecodeError:
            self._listener.ignore("message", "it is no DataPacket")
            return
        if packet.WhichOneof("value") == "user":  # SDKs send others of their own accord
            self.payload(packet.user.payload)

    def payload(self, content: bytes) -> None:
        """What a data packet carries: a text for the avatar as a JSON string, or a button."""
        try:
            said = json.loads(content)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, str):
            self._listener.ignore("data packet", 'it holds no JSON string, such as "Hello!"')
        elif said in PUSH_TO_TALK:
            self._listener.push_to_talk(on=PUSH_TO_TALK[said])
        else:
            self._listener.text(said)

    def sound(self, level: float, seconds: float) -> None:
        """A block of sound, its RMS in dBFS."""
        muted = self._microphones and all(self._microphones.values())
        if self._with_sound and not muted:
            self._listener.audio(level, seconds)
