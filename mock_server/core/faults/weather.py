"""What becomes of the packets of one stream on their way: lost, late, overtaken, twice."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mock_server.core.faults.misplay import Acting
from mock_server.core.faults.plan import Deviation

_OVERTAKEN = 0.25
_HELD = 0.05, 0.12  # seconds: by the packets of one to three frames


@dataclass(frozen=True, slots=True)
class Fate:
    """``copies`` of a packet leave ``delay`` seconds late; ``waits`` keeps it behind earlier ones.

    ``due_to`` are the deviations that changed something.
    """

    copies: int = 1
    delay: float = 0.0
    waits: bool = False
    due_to: Acting = ()


@dataclass(slots=True)
class _Burst:
    """One deviation's bursts: how many packets until the next begins, and how many it loses yet."""

    until: int | None = 0
    left: int = 0


class Weather:
    """Chooses the fate of each packet of one stream, in the order in which they are sent.

    All that is drawn is drawn from the deviations' own seeds.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._draws: dict[int, random.Random] = {}
        self._bursts: dict[int, _Burst] = {}

    def fate(self, acting: Acting) -> Fate:
        """What becomes of the next packet."""
        copies, delay, waits = 1, 0.0, False
        due_to: list[Deviation] = []
        for one in acting:
            if one.get("stream", self._stream) != self._stream:
                continue
            changed = True
            match one.do:
                case "burst-loss":
                    changed = self._is_lost(one)
                    copies = 0 if changed else copies
                case "duplicate-packets":
                    copies *= 2 if copies < 8 else 1  # plans may ask for it many times over
                case "jitter":
                    delay += self._draw(one).uniform(0, one.get("ms", 100) / 1000)
                    waits = True
                case "reordering":
                    draw = self._draw(one)
                    held = draw.uniform(*_HELD) if draw.random() < _OVERTAKEN else 0.0
                    delay += held
                    changed = held > 0
                case _:
                    continue
            if changed:
                due_to.append(one)
        return Fate(copies, delay, waits, tuple(due_to))

    def _draw(self, deviation: Deviation) -> random.Random:
        if deviation.at not in self._draws:
            seed = f"{deviation.get('seed', 0)} {self._stream}"
            self._draws[deviation.at] = random.Random(seed)  # noqa: S311 - must repeat itself
        return self._draws[deviation.at]

    def _is_lost(self, deviation: Deviation) -> bool:
        burst = self._bursts.setdefault(deviation.at, _Burst())
        if burst.left == 0 and burst.until == 0:
            burst.left = deviation.get("packets", 10)
            every = deviation.get("every")
            burst.until = None if every is None else self._draw(deviation).randint(1, 2 * every - 1)
        elif burst.left == 0 and burst.until is not None:
            burst.until -= 1
        if burst.left == 0:
            return False
        burst.left -= 1
        return True
