"""Plans: what the fake is asked to do wrong, as values and as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.unable import UnableError

_LARGEST = 1024 * 1024
"""Bytes of a plan file; one of two hundred deviations has fifty thousand."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing the fake does wrong. ``nth`` counts from 1; None is every time."""

    on: str
    do: str
    nth: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def data(self) -> dict[str, Any]:
        """As the fake takes it; the parameters by name, so that equal ones are written alike."""
        nth = {} if self.nth is None else {"nth": self.nth}
        return {"on": self.on, **nth, "do": self.do, **dict(sorted(self.parameters.items()))}

    def __str__(self) -> str:
        return json.dumps(self.data)


@dataclass(frozen=True, slots=True)
class Plan:
    """Deviations that are played together. The empty plan is the healthy fake."""

    deviations: tuple[Deviation, ...] = ()

    @property
    def data(self) -> list[dict[str, Any]]:
        """As the fake takes it."""
        return [one.data for one in self.deviations]

    @property
    def text(self) -> str:
        """A plan file: JSON with one deviation in a line, the same for equal plans."""
        # ASCII, because a parameter may hold what no encoding can: half of a surrogate pair.
        rows = (json.dumps(one.data) for one in self.deviations)
        return "[" + ",".join(f"\n  {row}" for row in rows) + ("\n]\n" if self else "]\n")

    def __iter__(self) -> Iterator[Deviation]:
        return iter(self.deviations)

    def __len__(self) -> int:
        return len(self.deviations)

    def __str__(self) -> str:
        return json.dumps(self.data)

    def without(self, places: Iterable[int]) -> Plan:
        """The plan without the deviations of these places, counted from 0."""
        gone = set(places)
        return Plan(tuple(one for at, one in enumerate(self.deviations) if at not in gone))

    def replaced(self, place: int, by: Deviation) -> Plan:
        """The plan with another deviation in that place."""
        return Plan((*self.deviations[:place], by, *self.deviations[place + 1 :]))


HEALTHY = Plan()


def plan_of(data: object, *, source: str = "the plan") -> Plan:
    """The plan in a value as json.loads gives it.

    Raises UnableError that names the source and the place. Whether there is such a deviation is
    for the fake to say.
    """
    if not isinstance(data, list):
        raise UnableError(
            f'{source}: a plan is a JSON list like [{{"on": "sendTask", "do": …}}], '
            f"not {_kind(data)}"
        )
    return Plan(tuple(_deviation(one, f"{source}: [{at}]") for at, one in enumerate(data)))


def parse_plan(text: str | bytes, *, source: str = "the plan") -> Plan:
    """The plan in a text. Raises UnableError that names the source and the place."""
    try:
        data = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise UnableError(f"{source} is nested too deeply for a plan") from None
    except ValueError as problem:  # also of text that is not UTF-8
        raise UnableError(f"{source} is no JSON: {problem}") from None
    return plan_of(data, source=source)


def read_plan(file: Path) -> Plan:
    """The plan in a file. Raises UnableError that names the file and the place."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError as problem:
        raise UnableError(f"--plan {file}: {problem.strerror}") from None
    if len(text) > _LARGEST:
        raise UnableError(f"--plan {file} has more than {_LARGEST} bytes: it is no plan")
    return parse_plan(text, source=f"--plan {file}")


def _deviation(data: object, place: str) -> Deviation:
    if not isinstance(data, dict):
        raise UnableError(f"{place} is {_kind(data)}, not an object with on and do")
    for name in ("on", "do"):
        if not isinstance(data.get(name), str):
            problem = f"is {_kind(data[name])}" if name in data else "is missing"
            raise UnableError(f"{place}.{name} {problem}; give a string")
    nth = data.get("nth", 1)
    if isinstance(nth, bool) or not isinstance(nth, int) or nth < 1:
        raise UnableError(
            f"{place}.nth is {json.dumps(nth)[:80]}; give a whole number from 1 on, or leave it "
            "out for every time"
        )
    more = {name: value for name, value in data.items() if name not in ("on", "do", "nth")}
    return Deviation(data["on"], data["do"], data.get("nth"), more)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no value of JSON")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")
