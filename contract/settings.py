"""What is to be checked, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contract.deviations import Deviation
from contract.findings import Profile
from contract.reach import STIMULI, Need
from contract.spec import Answers
from contract.target import Target

PROBE = "probe"
"""The one stimulus of the real API: few histories that tell much."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A check. ``keys`` are the API keys of one or two accounts; the fake makes its own.

    ``stimuli`` is a choice of :data:`STIMULI`; ``media`` says whether sessions are really
    connected, at most ``max_connects`` of them at a URL.
    """

    target: Target
    seed: int
    stimuli: tuple[str, ...] = STIMULI
    keys: tuple[str, ...] = ()
    key_source: str = "--api-key"
    profile: Profile = "strict"
    answers: Answers = "union"
    accepts_any_key: bool = False
    media: bool = True
    max_connects: int = 40
    allow_unreached: frozenset[str] = frozenset()
    deviations: tuple[Deviation, ...] = ()
    tool_version: str = ""
    command: str = ""

    @property
    def has(self) -> frozenset[Need]:
        """What the target has of what rules need to be reached."""
        fake = self.target.kind == "fake"
        viewer = self.media and (not fake or "media" in self.stimuli)
        found: dict[Need, bool] = {
            "connection": fake or viewer,
            "viewer": viewer,
            "sockets": not fake or viewer,
            "clock": fake,
            "room": fake or (viewer and self.target.kind != "real"),
            "account": fake or len(self.keys) > 1,
        }
        return frozenset(need for need, there in found.items() if there)

    @property
    def wanted(self) -> frozenset[str]:
        """What was asked for, whether it can run or not."""
        if self.target.kind == "real":
            return frozenset({PROBE})
        if self.target.kind == "fake" and "media" in self.stimuli:
            return frozenset({*self.stimuli, "sample"})
        return frozenset(self.stimuli)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The stimuli that will run, the sample among them, in their order."""
        if self.target.kind == "real":
            return (PROBE,)
        wanted = [name for name in STIMULI if name in self.stimuli]
        if "media" in wanted:
            wanted.remove("media")
            if self.media:
                wanted += ["sample", "media"] if self.target.kind == "fake" else ["media"]
        return tuple(wanted)

    def with_command(self, command: str) -> Settings:
        """The same, with the command line that asks for it."""
        return replace(self, command=command)
