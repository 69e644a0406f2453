"""What the fake can be asked to do wrong, as it says itself."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract.clients.plan import Deviation, Plan, plan_of
from contract.target import environment
from contract.unable import UnableError

VERSION = 1
_PATIENCE = 60.0
"""Seconds in which the fake must have told its catalogue."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to misbehave. ``weight`` goes from 1 (hardly noticed) to 5 (nothing works).

    ``parameters`` are JSON Schemas by name; ``waits`` names those that make an honest client wait,
    with the seconds in one unit. ``sweep`` are deviations worth trying alone, the mildest first.
    """

    do: str
    family: str
    on: tuple[str, ...]
    sentence: str
    weight: int
    parameters: Mapping[str, Any]
    required: tuple[str, ...]
    waits: Mapping[str, float]
    sweep: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds, by name, and the JSON Schema of a plan."""

    targets: tuple[str, ...]
    kinds: Mapping[str, Kind]
    schema: Mapping[str, Any]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.kinds.values())

    @property
    def sweep(self) -> tuple[Deviation, ...]:
        """Every deviation worth trying alone, the mildest kinds first."""
        mildest = sorted(self, key=lambda kind: kind.weight)
        return tuple(one for kind in mildest for one in kind.sweep)

    def only(self, names: Iterable[str] | None, *, asked: str = "--only ") -> Catalogue:
        """What of it matches a name: of a kind, of a family, or of a target.

        None is all of it; ``asked`` is how the names were given. Raises UnableError for a name that
        matches nothing.
        """
        if names is None:
            return self
        wanted = frozenset(names)
        families = {kind.family for kind in self}
        known = (*self.targets, *self.kinds, *families)
        for name in sorted(wanted - set(known)):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "see heygen-mock faults"
            raise UnableError(f"{asked}{name!r} is no kind, family or target; {hint}")
        kept = {}
        for kind in self:
            whole = bool({kind.do, kind.family} & wanted)
            on = tuple(target for target in kind.on if whole or target in wanted)
            if on:
                sweep = tuple(one for one in kind.sweep if one.on in on)
                kept[kind.do] = replace(kind, on=on, sweep=sweep)
        return Catalogue(self.targets, kept, self.schema)

    def weight(self, plan: Plan) -> int:
        """How much a plan asks of a client; 5 for a kind that is not known."""
        return sum(self.kinds[one.do].weight if one.do in self.kinds else 5 for one in plan)

    def wait(self, plan: Plan) -> float:
        """The seconds that an honest client waits because of the plan.

        Twice over where a deviation comes every time.
        """
        return sum(
            self._wait(one) * (2 if one.nth is None else 1) for one in plan if one.do in self.kinds
        )

    def starts_at(self, deviation: Deviation) -> float:
        """Seconds since a session connected before which it does nothing."""
        at = deviation.parameters.get("at_ms", 0)
        return at / 1000 if isinstance(at, int | float) else 0.0

    def sentence(self, deviation: Deviation) -> str:
        """What the fake did, for people; with the values of parameters that were left out."""
        kind = self.kinds.get(deviation.do)
        schemas = {} if kind is None else kind.parameters
        left_out = {name: schema["default"] for name, schema in schemas.items()
                    if "default" in schema and name not in deviation.parameters}  # fmt: skip
        often = "every time" if deviation.nth is None else f"time {deviation.nth}"
        more = ", ".join(
            f"{name} {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in {**deviation.parameters, **left_out}.items()
        )
        what = kind.sentence if kind is not None else "what this version does not know"
        return f"{deviation.on}, {often}: {deviation.do}{f' ({more})' if more else ''}: {what}"

    def _wait(self, one: Deviation) -> float:
        kind = self.kinds[one.do]
        total = 0.0
        for name, seconds in kind.waits.items():
            given = one.parameters.get(name, kind.parameters.get(name, {}).get("default", 0))
            total += given * seconds if isinstance(given, int | float) else 0.0
        return total


def read_catalogue(data: Mapping[str, Any]) -> Catalogue:
    """The catalogue in its JSON. Raises UnableError for one of another form."""
    if data.get("version") != VERSION:
        raise UnableError(
            f"the fake's catalogue has version {data.get('version')!r}, and this program reads "
            f"{VERSION}: install both from one version of heygen-mock"
        )
    kinds = {row["do"]: _kind(row) for row in data["kinds"]}
    return Catalogue(tuple(data["targets"]), kinds, data["plan"])


def load_catalogue() -> Catalogue:
    """The catalogue of the fake that is installed beside this program.

    Raises UnableError where it does not tell.
    """
    command = [sys.executable, "-P", "-m", "mock_server", "faults", "--json"]
    try:
        ran = subprocess.run(  # noqa: S603 - our own program
            command,
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnableError(f"the fake did not tell its faults within {_PATIENCE:.0f} s") from None
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise UnableError(f"the fake does not tell its faults: {said or 'it said nothing'}")
    return read_catalogue(json.loads(ran.stdout))


def _kind(row: Mapping[str, Any]) -> Kind:
    return Kind(
        do=row["do"],
        family=row["family"],
        on=tuple(row["on"]),
        sentence=row["sentence"],
        weight=row["weight"],
        parameters=row["parameters"],
        required=tuple(row["required"]),
        waits=row["waits"],
        sweep=plan_of(row["sweep"], source=f"the sweep of {row['do']}").deviations,
    )
