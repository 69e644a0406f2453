"""What a plan asks for, and when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_DEVIATIONS = 200
"""Of one plan."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One entry of a plan, read and found well. ``at`` is its place, from 0.

    ``nth`` counts from 1 the occurrences that it could apply to; None is every one.
    """

    at: int
    on: str
    do: str
    nth: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """A parameter that the kind requires."""
        return self.parameters[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A parameter, or what stands in its place."""
        return self.parameters.get(name, otherwise)

    def as_json(self) -> dict[str, Any]:
        """As it was written."""
        nth = {} if self.nth is None else {"nth": self.nth}
        return {"on": self.on, **nth, "do": self.do, **self.parameters}


class FaultPlan:
    """The deviations that are played, and how often each has been met and applied.

    One object for the life of a server: :meth:`set` gives it another plan.
    """

    def __init__(self, deviations: Iterable[Deviation] = ()) -> None:
        self.set(deviations)

    def set(self, deviations: Iterable[Deviation]) -> None:
        """From now on these; all counting begins anew."""
        self.deviations = tuple(deviations)
        self._by_target: dict[str, list[Deviation]] = {}
        for one in self.deviations:
            self._by_target.setdefault(one.on, []).append(one)
        self._met = [0] * len(self.deviations)
        self._used = [0] * len(self.deviations)

    def meet(self, on: str, *, event: str | None = None) -> tuple[Deviation, ...]:
        """Counts one more occurrence of the target: the deviations that are due, in their order.

        ``event`` is the type of an event: what asks for another ``type`` does not count it.
        """
        wanted = self._by_target.get(on)
        if wanted is None:  # every call of the healthy fake comes here
            return ()
        due: list[Deviation] = []
        for one in wanted:
            if event is not None and one.get("type", event) != event:
                continue
            self._met[one.at] += 1
            if one.nth is None or one.nth == self._met[one.at]:
                due.append(one)
        return tuple(due)

    def use(self, deviation: Deviation) -> None:
        """The deviation was applied once."""
        # The plan may have been replaced since: another deviation is in its place then.
        if deviation.at < len(self.deviations) and self.deviations[deviation.at] is deviation:
            self._used[deviation.at] += 1

    def as_json(self) -> list[dict[str, Any]]:
        """The plan as it was written."""
        return [one.as_json() for one in self.deviations]

    def report(self) -> dict[str, Any]:
        """The plan, how often each deviation was applied, and the places of those never applied."""
        return {
            "plan": self.as_json(),
            "deviations": [
                {"at": one.at, "on": one.on, "do": one.do, "consumed": used}
                for one, used in zip(self.deviations, self._used, strict=True)
            ],
            "unused": [
                one.at for one, used in zip(self.deviations, self._used, strict=True) if not used
            ],
        }
