"""The contract as frozen values: operations, errors and rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_server.core.errors import ErrorRow
from mock_server.spec.operation import Answers, Operation
from mock_server.spec.schema import Check, resolve, self_contained
from mock_server.spec.source import SpecError, find_contract, read_document

if TYPE_CHECKING:
    from mock_server.core.faults.fields import FieldShape

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SHAPES: tuple[Answers, ...] = ("union", "documented", "recorded")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure a statement is (documented, official, recorded, observed, inferred), and by what."""

    grade: str
    source: str


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """A row of ``x-errors``; ``operations`` are the ids of those that can answer it."""

    row: ErrorRow
    evidence: Evidence
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ``x-rules``: what holds beyond the shape of single messages."""

    id: str
    sentence: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Contract:
    """All that openapi.yaml says. Made by :func:`load_contract`."""

    path: Path
    version: str
    operations: tuple[Operation, ...]
    errors: tuple[ErrorCase, ...]
    rules: tuple[Rule, ...]
    grades: dict[str, Evidence] = field(repr=False)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id at its own path, not at an older one. Raises KeyError."""
        for operation in self.operations:
            if operation.operation_id == operation_id and operation.alias_of is None:
                return operation
        raise KeyError(operation_id)

    def at(self, method: str, path: str) -> Operation | None:
        """The operation that is called so; None when there is none."""
        for operation in self.operations:
            if operation.path == path and operation.method == method:
                return operation
        return None

    def evidence(self, operation_id: str) -> str:
        """The grade of an operation. Raises KeyError."""
        return self.grades[operation_id].grade

    def answer_fields(self) -> Mapping[str, tuple[FieldShape, ...]]:
        """The values in the successful answer of each operation, in the union of its shapes."""
        # Only who plays or lists misbehaviour asks, and no other start should wait for it.
        from mock_server.spec.answer_fields import answer_fields  # noqa: PLC0415

        return {
            operation.operation_id: tuple(answer_fields(operation.responses[200]["union"].schema))
            for operation in self.operations
            if operation.alias_of is None
        }

    def compile(self) -> None:
        """Compiles every request schema now, so that no call waits for it; may run in a thread."""
        for operation in self.operations:
            if operation.request is not None:
                operation.request.compile()


def load_contract(path: Path | None = None) -> Contract:
    """Reads the contract file, by default the project's own.

    Raises SpecError, whose message names the file and the problem.
    """
    file = path or find_contract()
    document = read_document(file)
    checks = _Checks(document)
    place = "info"
    try:
        version = str(document["info"]["version"])
        operations: list[Operation] = []
        grades: dict[str, Evidence] = {}
        place = "paths"
        for method, route, node in _calls(document):
            place = f"{method} {route}"
            operation = _operation(document, method, route, node, checks)
            if operation.alias_of is None:
                if operation.operation_id in grades:
                    raise SpecError(f"{file}: {place}: the id {operation.operation_id} is taken")
                grades[operation.operation_id] = _evidence(node["x-evidence"])
            operations.append(operation)
        for operation in operations:
            place = f"{operation.method} {operation.path}"
            if operation.operation_id not in grades:
                raise SpecError(f"{file}: {place}: there is no operation {operation.operation_id}")
        place = "x-errors"
        errors = tuple(_error_case(row) for row in document[place])
        place = "x-rules"
        rules = tuple(
            Rule(row["id"], row["sentence"], _evidence(row["evidence"])) for row in document[place]
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        words = f"there is no {problem}" if isinstance(problem, KeyError) else str(problem)
        raise SpecError(f"{file}: {place}: {words}") from problem
    return Contract(file, version, tuple(operations), errors, rules, grades)


class _Checks:
    """One Check per schema, however many operations share it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._made: dict[int, tuple[dict[str, Any], Check]] = {}

    def check(self, schema: dict[str, Any]) -> Check:
        target = resolve(self._document, schema["$ref"]) if schema.keys() == {"$ref"} else schema
        if id(target) not in self._made:
            # Kept, so that no other schema comes to have its id.
            self._made[id(target)] = (target, Check(self_contained(self._document, target)))
        return self._made[id(target)][1]


def _calls(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for route, item in document["paths"].items():
        for method, node in item.items():
            if method in _METHODS:
                yield method.upper(), route, node


def _operation(
    document: dict[str, Any], method: str, route: str, node: dict[str, Any], checks: _Checks
) -> Operation:
    alias_of = node.get("x-alias-of")
    body = _followed(document, node["requestBody"]) if "requestBody" in node else None
    return Operation(
        operation_id=alias_of or node["operationId"],
        method=method,
        path=route,
        alias_of=alias_of,
        security=tuple(name for one in node.get("security", document["security"]) for name in one),
        has_body=body is not None,
        body_required=body is not None and body.get("required", False),
        request=None if body is None else checks.check(_schema(body)),
        responses={
            int(status): _shapes(_followed(document, response), checks)
            for status, response in node["responses"].items()
        },
        versions={
            version: _both(shapes, checks)
            for version, shapes in _followed(document, node["responses"]["200"])
            .get("x-versions", {})
            .items()
        },
    )


def _both(named: dict[str, Any], checks: _Checks) -> dict[Answers, Check]:
    """The shapes of a version, whose union is that both hold."""
    parts = {"documented": named["documented"], "recorded": named["recorded"]}
    shapes = {"union": {"allOf": list(parts.values())}} | parts
    return {shape: checks.check(shapes[shape]) for shape in _SHAPES}


def _shapes(response: dict[str, Any], checks: _Checks) -> dict[Answers, Check]:
    shapes = {"union": _schema(response)} | response.get("x-shapes", {})
    return {shape: checks.check(shapes.get(shape, shapes["union"])) for shape in _SHAPES}


def _followed(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    target: dict[str, Any] = resolve(document, node["$ref"]) if "$ref" in node else node
    return target


def _schema(node: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = node["content"]["application/json"]["schema"]
    return schema


def _evidence(node: dict[str, Any]) -> Evidence:
    return Evidence(node["grade"], node["source"])


def _error_case(row: dict[str, Any]) -> ErrorCase:
    return ErrorCase(
        ErrorRow(row["name"], row["code"], row["status"], row["message"]),
        _evidence(row["evidence"]),
        tuple(row["operations"]),
    )
