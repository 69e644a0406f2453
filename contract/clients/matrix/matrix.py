"""Cases by clients, with the grade of each, as a value for reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.clients.baseline import Change
from contract.clients.cases.case import Case
from contract.clients.grade import GRADES, Graded, Result


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cases`` are those that were chosen. ``changes`` are None where there was no baseline to
    compare with. ``began`` is in Unix seconds.
    """

    cases: tuple[Case, ...]
    clients: tuple[Graded, ...]
    began: float
    seconds: float
    changes: tuple[Change, ...] | None = None
    tool_version: str = ""

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it early."""
        return any(client.interrupted for client in self.clients)

    @property
    def status(self) -> int:
        """The exit status: with a baseline only what differs from it is a finding."""
        if self.interrupted:
            return 130
        if any(client.problem for client in self.clients):
            return 2
        found = self.failed if self.changes is None else len(self.changes)
        return 1 if found else 0

    @property
    def failed(self) -> int:
        """How many failures there are, of all clients."""
        return sum(client.count("failed") for client in self.clients)

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        clients = "1 client" if len(self.clients) == 1 else f"{len(self.clients)} clients"
        cases = "1 case" if len(self.cases) == 1 else f"{len(self.cases)} cases"
        begin = f"{clients} in {cases}: "
        if self.interrupted:
            begin += "interrupted, "
        if problems := sum(bool(client.problem) for client in self.clients):
            begin += f"{problems} could not be graded, "
        if self.changes is None:
            return f"{begin}{self.failed or 'none'} failed"
        worse = sum(change.of == "worse" for change in self.changes)
        stale = len(self.changes) - worse
        entries = "1 entry is" if stale == 1 else f"{stale or 'no'} entries are"
        return f"{begin}{worse or 'nothing'} got worse, {entries} out of date"

    def result(self, client: Graded, case: Case) -> Result | None:
        """None where it was not graded."""
        return next((one for one in client.results if one.case.id == case.id), None)

    def groups(self) -> Iterator[tuple[str, list[Case]]]:
        """The cases by what their ids begin with."""
        for name in dict.fromkeys(case.group for case in self.cases):
            yield name, [case for case in self.cases if case.group == name]


def counts(client: Graded) -> str:
    """Its grades in lines, without those that no case has."""
    return "\n".join(f"{client.count(one)} {one}" for one in GRADES if client.count(one))
