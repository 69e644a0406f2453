"""What a run of the fuzzer came to, as a value for reports."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from contract.clients.catalogue import Catalogue
from contract.clients.healthy import Healthy
from contract.clients.outcome import Outcome
from contract.clients.plan import Deviation, Plan
from contract.clients.sightings import Finding, Sighting
from contract.clients.sweep import NotApplied
from contract.clients.verdicts import MEANING


@dataclass(frozen=True, slots=True)
class Counts:
    """Runs of the client: of single deviations, of combinations, and to shrink and confirm."""

    sweep: int = 0
    planned: int = 0
    combinations: int = 0
    shrinking: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """``client`` are the words that name it on the command line: ``--`` and the command, or
    ``--page`` and so on; ``options`` are others that a replay needs. ``limit`` is in seconds.
    ``only``, ``combine`` and ``allowed`` (seconds) are what the user chose to try, and how long.
    ``flaky`` was seen once and not again. ``problems`` are mistakes of ours, which make everything
    else doubtful.
    """

    client: tuple[str, ...]
    options: tuple[str, ...]
    seed: int
    jobs: int
    media: str
    began: float
    seconds: float
    catalogue: Catalogue
    healthy: Healthy
    healthy_run: Outcome
    limit: float
    findings: tuple[Finding, ...] = ()
    flaky: tuple[Sighting, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    problems: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    interrupted: bool = False
    replayed: Plan | None = None
    only: tuple[str, ...] | None = None
    combine: bool = True
    allowed: float | None = None
    tool_version: str = ""

    @property
    def name(self) -> str:
        """The client, for people."""
        return shlex.join(self.client[1:] if self.client[:1] == ("--",) else self.client)

    @property
    def status(self) -> int:
        """The exit status."""
        if self.interrupted:
            return 130
        if self.problems:
            return 2
        return 1 if self.findings else 0

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        number = len(self.findings)
        found = f"{number} finding{'s' if number > 1 else ''}" if number else "no finding"
        if self.replayed is not None and not number:
            found = "fine, but not all of the plan was applied" if self.not_applied else "fine"
        if self.interrupted:
            return f"interrupted, with {found}"
        if self.problems:
            return f"could not be judged, with {found} so far"
        return found

    def again(self, file: str) -> str:
        """The command line that replays a plan file."""
        return shlex.join(["heygen-contract", "fuzz", "--plan", file, *self.options, *self.client])

    def server(self, plan: Plan) -> list[str]:
        """What the server did, a sentence for each deviation."""
        return [self.catalogue.sentence(one) for one in plan]


def by_hand(file: str) -> str:
    """The command line of a fake that plays a plan file, for a client that is run by hand."""
    return shlex.join(["heygen-mock", "serve", "--plan", file])


def client_did(finding: Finding | Sighting) -> str:
    """What the client did, as a sentence."""
    cost = f"; {finding.verdict.cost}" if finding.verdict.cost else ""
    return f"the client {finding.verdict.said}{cost}"


def meaning(finding: Finding | Sighting) -> str:
    """What the verdict means."""
    return MEANING[finding.verdict.kind]


def other_ways(also: tuple[Deviation, ...], *, most: int = 3) -> str:
    """Other deviations that lead to the same, some of them by name; empty without."""
    if not also:
        return ""
    names = ", ".join(dict.fromkeys(f"{one.on} {one.do}" for one in also[: 4 * most]))
    number = len(also)
    return f"{number} other single deviation{'s' if number > 1 else ''}: {names}"
