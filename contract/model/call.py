"""A request as the contract sees it: which operation it calls, and what its body says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.exchange import Exchange
from contract.model.json_text import (
    FlawedJsonError,
    NotJsonError,
    RepeatedNameError,
    read_json,
)
from contract.spec import Defect, Operation, Spec, Version

SURELY_SMALL = 100_000
"""Bytes of a body that no server may call too large."""
_NULL_IS_ABSENT = frozenset({"newSession", "sendTask", "startSession"})
"""The operations of that rule; a candidate of null is the end of candidates."""


@dataclass(frozen=True, slots=True)
class Call:
    """``body`` is the object that was sent, empty for none; ``defects`` are those of its schema.

    ``odd_type``, ``not_json`` and ``large`` say what is wrong before any schema is asked.
    ``readable`` is False where a recording left the body out. ``nearest`` is an operation of the
    path where the method calls none.
    """

    exchange: Exchange
    operation: Operation | None
    path_known: bool
    alias: bool
    body: Mapping[str, Any]
    defects: tuple[Defect, ...] = ()
    odd_type: bool = False
    not_json: bool = False
    large: bool = False
    readable: bool = True
    nearest: str | None = None

    @property
    def id(self) -> str | None:
        """The operation's id; None where none is called."""
        return None if self.operation is None else self.operation.id

    @property
    def named(self) -> str | None:
        """The operation to name where the call is judged."""
        return self.id or self.nearest

    @property
    def session_id(self) -> str | None:
        """The session that the body names."""
        value = self.body.get("session_id")
        return value if isinstance(value, str) and value else None

    @property
    def version(self) -> Version:
        """What kind of session a newSession asks for; of other calls v1."""
        return "v2" if self.id == "newSession" and _is_v2(self.body) else "v1"

    @property
    def unknown_fields(self) -> bool:
        """Whether the body has a field that the contract does not know."""
        return not self.body.keys() <= self._properties.keys()

    @property
    def null_fields(self) -> bool:
        """Whether an optional field is null, where that means the same as its absence."""
        if self.id not in _NULL_IS_ABSENT:
            return False
        return any(self.body[name] is None for name in self.body.keys() & self._properties.keys())

    @property
    def _properties(self) -> Mapping[str, Any]:
        if self.operation is None or self.operation.request is None:
            return {}
        found: Mapping[str, Any] = self.operation.request.target.get("properties", {})
        return found


def _is_v2(body: Mapping[str, Any]) -> bool:
    return str(body.get("version")).lower() == "v2"


def read_call(spec: Spec, exchange: Exchange) -> Call:
    """What the exchange's request asks for. Any bytes are safe."""
    request = exchange.request
    path = request.path.partition("?")[0]
    operation = spec.at(request.method, path)
    known = path in spec.paths
    if operation is None:
        others = spec.paths.get(path, {}).values()
        nearest = next((other.id for other in others), None)
        return Call(exchange, None, known, alias=False, body={}, nearest=nearest)
    alias = path != operation.path
    large = len(request.body) > SURELY_SMALL
    if "request body" in exchange.unknown:
        return Call(exchange, operation, known, alias, {}, readable=False)
    if not operation.has_body or not (request.body or operation.body_required):
        return Call(exchange, operation, known, alias, {}, large=large)
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json"):
        return Call(exchange, operation, known, alias, {}, odd_type=True, large=large)
    try:
        value = read_json(request.body)
    except RepeatedNameError as problem:
        value = problem.value
    except (NotJsonError, FlawedJsonError):
        return Call(exchange, operation, known, alias, {}, not_json=True, large=large)
    assert operation.request is not None
    defects = tuple(operation.request.defects(value))
    body = value if isinstance(value, dict) else {}
    return Call(exchange, operation, known, alias, body, defects, large=large)
