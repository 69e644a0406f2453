"""When somebody talks into a microphone: from blocks of sound to begins and ends.

What counts is energy alone. A talk begins after a moment of loudness and ends after a longer one of
quiet, and it ends at another level than it begins, so that neither a click nor a breath between
words makes two of one. The numbers are this fake's own: what the service did was a speech-to-text
provider's business (``stt_settings``) and is not documented.
"""

from __future__ import annotations

from enum import Enum

LOUD, QUIET = -40.0, -46.0
"""dBFS from which a talk begins, and below which it may end. Speech into a microphone is at about
-30 to -15, a quiet room below -50."""

ATTACK = 0.1
"""Seconds of loudness after which a talk has begun."""
HANGOVER = 0.7
"""Seconds of quiet after which it has ended."""
LONGEST = 30.0
"""Seconds after which a talk is over though it goes on, so that a noisy room is answered too."""


PUSH_TO_TALK = {"push_to_talk:start": True, "push_to_talk:stop": False}
"""The texts by which a client says that its key was pressed or let go, whichever way it talks
(npm @heygen/streaming-avatar 2.1.0)."""


class Change(Enum):
    BEGAN = "began"
    ENDED = "ended"


class Ear:
    """Listens to one microphone. Whoever wants to talk must press a key if ``push_to_talk``."""

    __slots__ = ("_listens", "_loud", "_pressed", "_push_to_talk", "_quiet", "_talked", "talking")

    def __init__(self, *, push_to_talk: bool = False) -> None:
        self.talking = False
        self._push_to_talk = push_to_talk
        self._pressed = False
        self._listens = True
        self._loud = self._quiet = self._talked = 0.0

    def sound(self, level: float, seconds: float) -> Change | None:
        """A block of sound of ``level`` dBFS: what it changes."""
        if not self._listens or (self._push_to_talk and not self._pressed):
            return None
        if not self.talking:
            if level < QUIET:
                self._loud = 0.0
            elif level >= LOUD:
                self._loud += seconds
            return self._begin() if self._loud >= ATTACK else None
        self._talked += seconds
        self._quiet = self._quiet + seconds if level < QUIET else 0.0
        # As long as the key is held, its user thinks.
        silent = not self._push_to_talk and self._quiet >= HANGOVER
        return self.end() if silent or self._talked >= LONGEST else None

    def press(self, *, on: bool) -> Change | None:
        """The key to talk was pressed or let go; from now on it is needed."""
        if self._push_to_talk and self._pressed == on:
            return None
        self._push_to_talk, self._pressed = True, on
        # What is said before the key is pressed is not meant for anybody.
        return self.end()

    def need_press(self) -> Change | None:
        """From now on a key must be pressed to be heard."""
        if self._push_to_talk:
            return None
        self._push_to_talk, self._pressed = True, False
        return self.end()

    def listen(self, *, on: bool) -> Change | None:
        """Whether anything is heard at all."""
        if on == self._listens:
            return None
        self._listens = on
        return self.end()

    def end(self) -> Change | None:
        """Nothing more comes of this talk."""
        ended, self.talking = self.talking, False
        self._loud = 0.0
        return Change.ENDED if ended else None

    def _begin(self) -> Change:
        self.talking = True
        self._quiet = self._talked = 0.0
        return Change.BEGAN
