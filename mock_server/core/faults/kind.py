"""One way to misbehave, as the catalogue tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Family = Literal["answers", "wire", "signalling", "media", "events", "rooms"]
Json = Mapping[str, Any]

OPERATIONS = (
    "newSession",
    "startSession",
    "submitIce",
    "sendTask",
    "listSessions",
    "stopSession",
    "interruptTask",
    "createToken",
    "keepAlive",
    "startListening",
    "stopListening",
    "listAvatars",
    "listVoices",
)
"""The operations of openapi.yaml, in the order in which a session meets them; a test compares."""

TARGETS = (*OPERATIONS, "peer", "media", "event", "session", "room", "chat")
"""What a deviation can be on: a call, the description a peer is given, what is seen and heard,
a message on the data channel, the life of a session, a viewer's visit to a room, a chat socket."""

_NOTHING: Json = MappingProxyType({})


def _nothing() -> Json:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of deviation from the healthy fake.

    ``weight`` is how much a client is hurt: 1 a good one does not notice, 3 one call or one sense
    fails, 5 nothing works. ``parameters`` maps a name to its JSON Schema, without which nothing is
    said of it; ``required`` names those that must be given. ``waits`` names the parameters that
    make an honest client wait, with the seconds in one unit. ``trials`` are parameters worth
    trying alone, the mildest first; each is tried on every target, or on those that its ``on``
    names, and at the first occurrence, or with ``every`` at each.
    """

    do: str
    family: Family
    on: tuple[str, ...]
    sentence: str
    weight: int
    parameters: Json = field(default_factory=_nothing)
    required: tuple[str, ...] = ()
    waits: Mapping[str, float] = field(default_factory=_nothing)
    trials: tuple[Json, ...] = (_NOTHING,)
    every: bool = False
    """Whether the trials are also made at every occurrence, not at the first alone."""

    def sweep(self) -> list[dict[str, Any]]:
        """The deviations worth trying alone, the mildest first."""
        found: list[dict[str, Any]] = []
        for trial in self.trials:
            given = dict(trial)
            targets, always = given.pop("on", self.on), given.pop("every", False)
            for on in (targets,) if isinstance(targets, str) else targets:
                if not always:
                    found.append({"on": on, "nth": 1, "do": self.do, **given})
                if always or self.every:
                    found.append({"on": on, "do": self.do, **given})
        return found

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of one deviation of this kind."""
        return {
            "type": "object",
            "description": self.sentence,
            "properties": {
                "on": {"enum": list(self.on)},
                "do": {"const": self.do},
                "nth": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
                **{name: dict(schema) for name, schema in self.parameters.items()},
            },
            "required": ["on", "do", *self.required],
            "additionalProperties": False,
        }

    def as_json(self) -> dict[str, Any]:
        """The row of the catalogue."""
        return {
            "do": self.do,
            "family": self.family,
            "on": list(self.on),
            "sentence": self.sentence,
            "weight": self.weight,
            "parameters": {name: dict(schema) for name, schema in self.parameters.items()},
            "required": list(self.required),
            "waits": dict(self.waits),
            "sweep": self.sweep(),
        }


def whole(description: str, *, low: int, high: int) -> Json:
    """The schema of a whole number."""
    return {"type": "integer", "minimum": low, "maximum": high, "description": description}


def choice(description: str, values: tuple[str, ...]) -> Json:
    """The schema of one of some texts."""
    return {"type": "string", "enum": list(values), "description": description}


def flag(description: str) -> Json:
    """The schema of yes or no."""
    return {"type": "boolean", "description": description}


AT_MS = whole("milliseconds since the session connected", low=0, high=86_400_000)
FOR_MS = whole("how long it lasts, in milliseconds; absent: to the end", low=1, high=86_400_000)
SEED = whole("chooses what is drawn, so that a plan replays exactly", low=0, high=2**32 - 1)
