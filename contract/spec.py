"""openapi.yaml as the judge reads it: operations, validators, errors and rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from jsonschema_rs import Draft202012Validator

Shape = Literal["union", "documented", "recorded"]
SHAPES: tuple[Shape, ...] = ("union", "documented", "recorded")

Answers = Shape | Literal["auto"]
"""The shape that answers are held to; ``auto``: that which they turn out to have."""

Version = Literal["v1", "v2"]
"""What kind of session a newSession opens: raw WebRTC, or a LiveKit room."""

Grade = Literal["documented", "official", "recorded", "observed", "inferred"]
STRONG: frozenset[Grade] = frozenset({"documented", "official", "recorded"})
"""The grades whose expectations fail a real service; others are guesses it may differ from."""

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


class SpecError(Exception):
    """The contract file is missing or broken. The message names the file and the problem."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure a statement is, and by what source."""

    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ``x-rules``."""

    id: str
    sentence: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A row of ``x-errors``; ``operations`` are those that can answer it."""

    name: str
    code: int
    status: int
    message: str
    evidence: Evidence
    operations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Defect:
    """Where a value breaks its schema: the path of the place, the keyword, and words."""

    path: tuple[str | int, ...]
    keyword: str
    message: str

    @property
    def place(self) -> str:
        """The path as people write it, for instance ``data.sessions[0].status``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text.lstrip(".") or "the body"


class Schema:
    """A schema of the file with all that it refers to; compiled at the first use.

    ``source`` is the schema as it stands, ``target`` what its reference names.
    """

    def __init__(self, schema: Mapping[str, Any], components: Mapping[str, Any]) -> None:
        self.source = schema
        self.target = _followed(schema, components)
        self._components = components
        self._validator: Draft202012Validator | None = None

    def defects(self, value: object) -> list[Defect]:
        """Every place where ``value``, as json.loads gives it, does not fit. Empty when it does."""
        if self._validator is None:
            whole = {**self.source, "components": self._components}
            self._validator = Draft202012Validator(whole, validate_formats=True)
        try:
            if self._validator.is_valid(value):
                return []
            return [
                Defect(tuple(error.instance_path), str(error.schema_path[-1]), error.message)
                for error in self._validator.iter_errors(value)
            ]
        except ValueError as problem:  # half a surrogate pair, or 255 levels of nesting
            return [Defect((), "unicode", str(problem))]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation under its own path. ``aliases`` are older paths of the same."""

    id: str
    method: str
    path: str
    aliases: tuple[str, ...]
    evidence: Evidence
    takes_token: bool
    has_body: bool
    body_required: bool
    request: Schema | None = field(repr=False, compare=False)
    answers: Mapping[int, Mapping[Shape, Schema]] = field(repr=False, compare=False)
    versions: Mapping[str, Mapping[Shape, Schema]] = field(repr=False, compare=False)

    def success(self, version: Version = "v1") -> Mapping[Shape, Schema]:
        """The shapes of the answer with status 200 to a request of that version."""
        return self.versions.get(version, self.answers[200])


@dataclass(frozen=True, slots=True)
class Spec:
    """All that openapi.yaml says. Made by :func:`load_spec`."""

    path: Path
    version: str
    document: Mapping[str, Any] = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)
    errors: Mapping[str, ErrorRow] = field(repr=False)
    rules: Mapping[str, Rule] = field(repr=False)
    paths: Mapping[str, Mapping[str, Operation]] = field(repr=False)
    """path -> method -> operation, older paths among them."""

    def at(self, method: str, path: str) -> Operation | None:
        """The operation called so; ``path`` may carry a query. None when there is none."""
        return self.paths.get(path.partition("?")[0], {}).get(method)

    def meanings(self, operation_id: str, status: int, code: int, message: str) -> list[ErrorRow]:
        """The rows that an error answer of the operation can be."""
        return [
            row
            for row in self.errors.values()
            if operation_id in row.operations
            and (row.status, row.code) == (status, code)
            and message.startswith(row.message.partition("{")[0])
        ]


def find_spec() -> Path:
    """A checkout's own file, else the copy in the installed package. Raises SpecError."""
    package = Path(__file__).parent
    for folder in (package.parent, package):
        file = folder / "openapi.yaml"
        if file.is_file() and (folder is package or (folder / "pyproject.toml").is_file()):
            return file
    raise SpecError(f"{package / 'openapi.yaml'} is missing; install the package again")


def load_spec(path: Path | None = None) -> Spec:
    """Reads the contract file, by default the project's own. Raises SpecError."""
    file = path or find_spec()
    try:
        document = yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except OSError as problem:
        raise SpecError(f"{file} cannot be read: {problem.strerror}") from problem
    except yaml.YAMLError as problem:
        raise SpecError(f"{file} is not YAML: {problem}") from problem
    try:
        return _read(document, file)
    except (KeyError, TypeError, AttributeError, ValueError, StopIteration) as problem:
        raise SpecError(f"{file} is not the contract: {problem!r}") from problem


def _read(document: dict[str, Any], file: Path) -> Spec:
    operations: dict[str, Operation] = {}
    paths: dict[str, dict[str, Operation]] = {}
    nodes = list(_calls(document))
    for method, route, node in nodes:
        if "operationId" in node:
            aliases = tuple(
                older for _, older, other in nodes if other.get("x-alias-of") == node["operationId"]
            )
            operation = _operation(document, method, route, node, aliases)
            operations[operation.id] = operation
            for each in (route, *aliases):
                paths.setdefault(each, {})[method] = operation
    return Spec(
        path=file,
        version=str(document["info"]["version"]),
        document=document,
        operations=operations,
        errors={row["name"]: _error(row) for row in document["x-errors"]},
        rules={
            row["id"]: Rule(row["id"], " ".join(row["sentence"].split()), _evidence(row))
            for row in document["x-rules"]
        },
        paths=paths,
    )


def _calls(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for route, item in document["paths"].items():
        for method, node in item.items():
            if method in _METHODS:
                yield method.upper(), route, node


def _operation(
    document: dict[str, Any],
    method: str,
    route: str,
    node: dict[str, Any],
    aliases: tuple[str, ...],
) -> Operation:
    components = document["components"]
    body = _target(document, node["requestBody"]) if "requestBody" in node else {}
    security = [name for one in node.get("security", document["security"]) for name in one]
    return Operation(
        id=node["operationId"],
        method=method,
        path=route,
        aliases=aliases,
        evidence=_evidence(node),
        takes_token="sessionToken" in security,
        has_body=bool(body),
        body_required=bool(body.get("required", False)),
        request=Schema(_json_schema(body), components) if body else None,
        answers={
            int(status): _shapes(_target(document, answer), components)
            for status, answer in node["responses"].items()
        },
        versions={
            version: _both(shapes, components)
            for version, shapes in _target(document, node["responses"]["200"])
            .get("x-versions", {})
            .items()
        },
    )


def _shapes(answer: dict[str, Any], components: dict[str, Any]) -> dict[Shape, Schema]:
    union = Schema(_json_schema(answer), components)
    named = answer.get("x-shapes", {})
    return {s: Schema(named[s], components) if s in named else union for s in SHAPES}


def _both(named: dict[str, Any], components: dict[str, Any]) -> dict[Shape, Schema]:
    """The shapes of a version, whose union is that both hold."""
    parts = {"documented": named["documented"], "recorded": named["recorded"]}
    union = Schema({"allOf": list(parts.values())}, components)
    return {s: Schema(parts[s], components) if s in parts else union for s in SHAPES}


def _target(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def _followed(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return components["schemas"][name] if name else schema


def _json_schema(node: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = node["content"]["application/json"]["schema"]
    return schema


def _evidence(node: dict[str, Any]) -> Evidence:
    evidence = node.get("x-evidence") or node["evidence"]
    return Evidence(evidence["grade"], evidence["source"])


def _error(row: dict[str, Any]) -> ErrorRow:
    return ErrorRow(
        row["name"], row["code"], row["status"], row["message"], _evidence(row),
        frozenset(row["operations"]),
    )  # fmt: skip
