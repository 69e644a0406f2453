"""Whether a task's answer is plausible: its id, and the duration for its text and rate."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from contract.exchange import Exchange
from contract.model.call import Call

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ,;:.!?'-]{19,}")
_CHARS_PER_SECOND = 14.0
"""English read aloud, at rate 1."""
_SPREAD = 4.0
"""How much faster or slower than that a voice may be."""
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Spoken:
    """A speech: the text that was sent, the voice rate, seconds, and the kind of task.

    ``odd`` is the rule that says that something in the task changes nothing, where there is such.
    ``history`` are the exchanges without which it would not have been spoken, and its own.
    """

    text: str
    rate: float
    seconds: float
    kind: str
    odd: str | None = None
    history: tuple[Exchange, ...] = field(default=(), repr=False, compare=False)

    @property
    def plain(self) -> bool:
        """Whether the text is such that its length says how long it takes."""
        return _PLAIN.fullmatch(self.text) is not None

    @property
    def chat(self) -> bool:
        return self.kind in ("chat", "talk")


def spoken_of(call: Call, rate: float, duration_ms: float, history: tuple[Exchange, ...]) -> Spoken:
    """The speech of a sendTask with a text."""
    kind = call.body.get("task_type") or "absent"
    odd = "null-is-absent" if call.null_fields else None
    odd = "unknown-fields" if call.unknown_fields else odd
    return Spoken(call.body["text"], rate, duration_ms / 1000, kind, odd, history)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a speech says of a rule; ``wrong`` is None where it holds.

    ``history`` are the exchanges that show it: its own, and those of the one it is compared with.
    """

    rule: str
    wrong: str | None
    history: tuple[Exchange, ...] = ()


@dataclass(slots=True)
class Durations:
    """What was spoken so far, to compare with."""

    spoken: list[Spoken] = field(default_factory=list)

    def judge(self, new: Spoken) -> list[Compared]:
        """The verdict on each rule that the speech was held against."""
        found = [Compared("task-duration", self._implausible(new), new.history)]
        broken: set[str] = set()
        for old in self.spoken:
            for rule, wrong in self._compared(old, new):
                if rule not in broken:
                    found.append(Compared(rule, wrong, _joined(old, new)))
                if wrong is not None:
                    broken.add(rule)
        self.spoken.append(new)
        del self.spoken[:-_KEPT]
        return found

    @staticmethod
    def _implausible(new: Spoken) -> str | None:
        said = f"{new.seconds * 1000:g} ms for {len(new.text)} characters at rate {new.rate:g}"
        if new.seconds <= 0:
            return said
        if new.chat or not new.plain:
            return None if new.seconds < 60 + 3 * len(new.text) else said
        expected = len(new.text) / _CHARS_PER_SECOND / new.rate
        return None if expected / _SPREAD < new.seconds < expected * _SPREAD + 2 else said

    @staticmethod
    def _compared(old: Spoken, new: Spoken) -> list[tuple[str, str | None]]:
        same_text = old.text == new.text
        if same_text and old.rate == new.rate and new.plain:
            said = f"{new.seconds:g} s, and {old.seconds:g} s for the task of type {old.kind}"
            odd = new.odd or old.odd
            if not old.chat and not new.chat and (odd or old.kind != new.kind):
                far = abs(old.seconds - new.seconds) > 0.25 * max(old.seconds, new.seconds)
                return [(odd or "task-default-repeats", said if far else None)]
            if old.chat != new.chat and odd is None:
                return [("task-chat-responds", said if old.seconds == new.seconds else None)]
            return []
        if old.chat or new.chat or not (old.plain and new.plain):
            return []
        if same_text:
            slow, fast = sorted((old, new), key=lambda one: one.rate)
            if slow.rate * 1.2 > fast.rate:
                return []
            said = f"{slow.seconds:g} s at rate {slow.rate:g}, {fast.seconds:g} s at {fast.rate:g}"
            return [("task-duration", said if slow.seconds <= fast.seconds else None)]
        short, long = sorted((old, new), key=lambda one: len(one.text))
        if short.rate != long.rate or len(short.text) * 2 > len(long.text):
            return []
        said = f"{short.seconds:g} s for the shorter text, {long.seconds:g} s for the longer"
        return [("task-duration", said if short.seconds >= long.seconds else None)]


def _joined(old: Spoken, new: Spoken) -> tuple[Exchange, ...]:
    both = {exchange.number: exchange for exchange in (*old.history, *new.history)}
    return tuple(both[number] for number in sorted(both))
