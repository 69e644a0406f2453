"""What the avatar of one session says: one speech at a time, and the tasks that wait for it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.errors import ErrorRow
from mock_server.core.speech import Speech, Utterance

MAX_WAITING_TASKS = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """A task that is spoken, or waits for that."""

    task_id: str
    utterance: Utterance
    call: int | None
    """Who still waits for an answer."""
    blocks: bool
    messages: tuple[str, ...]


class Talk:
    """Each method gives what follows, in order; ``now`` in seconds on the fake's clock."""

    def __init__(self) -> None:
        self.waiting: deque[Turn] = deque()
        self.speech: Speech | None = None
        self.began_at: float | None = None
        """When the first speech of all began."""
        self._turn: Turn | None = None

    @property
    def is_full(self) -> bool:
        return len(self.waiting) >= MAX_WAITING_TASKS

    def add(self, event: ev.Speak, now: float) -> list[ef.Effect]:
        """A task that waits for its turn, or is spoken at once."""
        task_id, utterance = event.task_id, event.utterance
        effects: list[ef.Effect] = []
        if not event.sync:
            effects.append(ef.Reply(event.call, ef.Spoken(task_id, utterance.duration_ms)))
        call = event.call if event.sync else None
        self.waiting.append(Turn(task_id, utterance, call, event.blocks, event.messages))
        said = (
            ("task_id", task_id),
            ("text", utterance.text),
            ("duration_ms", utterance.duration_ms),
        )
        effects.append(ef.Note("task", said))
        return effects if self.speech is not None else [*effects, *self.begin_next(now)]

    def extend(self, task_id: str, longer: Utterance) -> list[ef.Effect] | None:
        """More to say for a task, from its beginning; None when that has been said."""
        if self.speech is not None and self._turn is not None and self._turn.task_id == task_id:
            self._turn = replace(self._turn, utterance=longer)
            self.speech = replace(self.speech, utterance=longer)
            return [ef.Show(self.speech)]
        for place, turn in enumerate(self.waiting):
            if turn.task_id == task_id:
                self.waiting[place] = replace(turn, utterance=longer)
                return []
        return None

    def interrupt(self, now: float) -> list[ef.Effect]:
        """Silence; what waits is dropped."""
        dropped = list(self.waiting)
        self.waiting.clear()
        effects = [] if self.speech is None else [*self._end(now), ef.Show(None)]
        return [*effects, *(reply for turn in dropped for reply in _replies(turn, 0.0))]

    def go_on(self, now: float) -> list[ef.Effect]:
        """A speech has come to its end: the next one, or silence."""
        ended = self._end(now)
        return [*ended, *self.begin_next(now)] if self.waiting else [*ended, ef.Show(None)]

    def close(self, now: float, row: ErrorRow) -> list[ef.Effect]:
        """The end of all: who still waits for an answer gets an error."""
        turns = [*([] if self._turn is None else [self._turn]), *self.waiting]
        self.waiting.clear()
        effects: list[ef.Effect] = [
            ef.Refuse(turn.call, row) for turn in turns if turn.call is not None
        ]
        if self._turn is not None:
            self._turn = replace(self._turn, call=None)
            effects += self._end(now)
        return effects

    def begin_next(self, now: float) -> list[ef.Effect]:
        """The task that waits longest is spoken."""
        turn = self.waiting.popleft()
        self.speech = Speech(turn.task_id, turn.utterance, now)
        if self.began_at is None:
            self.began_at = now
        effects: list[ef.Effect] = [
            ef.Show(self.speech),
            ef.SendEvent("avatar_start_talking", turn.task_id),
        ]
        # All at once: a language model is done with its text long before the voice is.
        effects += [
            ef.SendEvent("avatar_talking_message", turn.task_id, message=message)
            for message in turn.messages
        ]
        if turn.messages:
            effects.append(ef.SendEvent("avatar_end_message", turn.task_id))
        if not turn.blocks:
            effects += _replies(turn, turn.utterance.duration_ms)
            turn = replace(turn, call=None)
        self._turn = turn
        return effects

    def _end(self, now: float) -> list[ef.Effect]:
        speech, turn = self.speech, self._turn
        assert speech is not None and turn is not None
        spoken = round(speech.spoken_ms(now), 3)
        self.speech = self._turn = None
        return [
            ef.SendEvent("avatar_stop_talking", turn.task_id, spoken),
            *_replies(turn, spoken),
        ]


def _replies(turn: Turn, duration_ms: float) -> list[ef.Effect]:
    if turn.call is None:
        return []
    return [ef.Reply(turn.call, ef.Spoken(turn.task_id, duration_ms))]
