"""What is known of a run while it goes on, so that Ctrl-C loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contract.findings import Findings, Violation
from contract.lane import Began, Ended, Failed, Found, Message, Moved
from contract.report.summary import Timing


class Screen(Protocol):
    """Where a run is shown while it goes on."""

    def began(self, stimulus: str) -> None:
        """The stimulus has begun."""

    def moved(self, stimulus: str, done: int, total: int | None, note: str) -> None:
        """So much of the stimulus is done."""

    def found(self, stimulus: str, violation: Violation) -> None:
        """A rule was broken, or a guess."""

    def ended(self, timing: Timing) -> None:
        """The stimulus has ended."""

    def note(self, text: str) -> None:
        """Something that is good to know."""


@dataclass(slots=True)
class Course:
    """One stimulus; ``ended`` is None while it runs, and for one that was killed."""

    name: str
    violations: list[Violation] = field(default_factory=list)
    ended: Ended | None = None

    @property
    def timing(self) -> Timing:
        number = sum(violation.verdict == "violation" for violation in self.violations)
        ended = self.ended
        if ended is None:
            return Timing(self.name, 0.0, 0, number, complete=False)
        return Timing(self.name, ended.seconds, ended.requests, number, ended.complete)


@dataclass(slots=True)
class Run:
    """``problems`` are why it could not be done; ``missing`` is a module of an extra.

    ``unreachable`` says of rules why such a run does not come to them, beyond what the table knows.
    """

    screen: Screen
    courses: dict[str, Course] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: str | None = None
    interrupted: bool = False
    keys: list[str] = field(default_factory=list)
    unreachable: Mapping[str, str] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Notes what a lane says, and shows it."""
        name = message.stimulus
        if isinstance(message, Failed):
            self._failed(message)
            return
        course = self.courses.setdefault(name, Course(name))
        match message:
            case Began():
                self.screen.began(name)
            case Moved(done=done, total=total, note=note):
                self.screen.moved(name, done, total, note)
            case Found(violation=violation):
                course.violations.append(violation)
                self.screen.found(name, violation)
            case Ended():
                course.ended = message
                self.keys += [key for key in message.keys if key not in self.keys]
                self.screen.ended(course.timing)

    def note(self, text: str) -> None:
        """Keeps what is good to know, and shows it."""
        self.notes.append(text)
        self.screen.note(text)

    def notes_of(self, texts: Iterable[str]) -> None:
        """Keeps and shows each."""
        for text in texts:
            self.note(text)

    def add(self, name: str, findings: Findings) -> None:
        """Takes in what was found before any stimulus."""
        checked = findings.checked
        course = self.courses[name] = Course(name)
        for violation in findings.violations:
            course.violations.append(violation)
            self.screen.found(name, violation)
        course.ended = Ended(
            stimulus=name,
            complete=True,
            seconds=0.0,
            requests=checked.total(),
            checked=checked,
            unjudged=findings.unjudged,
            calls=Counter(),
            moves=[],
            keys=(),
        )

    def _failed(self, failed: Failed) -> None:
        if failed.kind == "missing":
            self.missing = failed.text
        elif failed.kind == "gone":
            self.problems.append(f"{failed.stimulus}: the target is gone: {failed.text}")
        elif failed.kind == "crashed":
            self.problems.append(f"{failed.stimulus}: a mistake of the judge: {failed.text}")
        else:
            self.problems.append(f"{failed.stimulus}: {failed.text}")

    @property
    def ended(self) -> list[Ended]:
        """What the stimuli said at their ends."""
        return [course.ended for course in self.courses.values() if course.ended is not None]

    @property
    def violations(self) -> list[tuple[str, Violation]]:
        """All, with the stimulus that found each."""
        return [(c.name, violation) for c in self.courses.values() for violation in c.violations]

    @property
    def checked(self) -> Counter[str]:
        """Rule id -> how often an answer could have broken it."""
        return sum((ended.checked for ended in self.ended), Counter[str]())

    @property
    def calls(self) -> Counter[str]:
        """Operation id -> requests."""
        return sum((ended.calls for ended in self.ended), Counter[str]())

    @property
    def unjudged(self) -> dict[str, str]:
        """Rule id -> why it could not be judged."""
        return {rule: why for ended in self.ended for rule, why in ended.unjudged.items()}
