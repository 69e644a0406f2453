"""A schema of the contract, made self-contained, compiled when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.spec.problem import describe

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_ONE = frozenset(
    {"items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties"}
)
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SILENT = frozenset({"description", "title", "default", "example", "examples", "deprecated"})


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What a local reference ("#/components/...") names. Raises KeyError when it names nothing."""
    node: Any = document
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def self_contained(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` without references and annotations; what it accepts stays the same.

    Raises KeyError for a reference that names nothing, RecursionError for one that meets itself.
    """
    own: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SILENT or key == "$ref" or key.startswith("x-"):
            continue
        if key in _ONE and isinstance(value, dict):
            own[key] = self_contained(document, value)
        elif key in _NAMED:
            own[key] = {name: self_contained(document, part) for name, part in value.items()}
        elif key in _MANY:
            own[key] = [self_contained(document, part) for part in value]
        else:
            own[key] = value
    if "$ref" not in schema:
        return own
    target = self_contained(document, resolve(document, schema["$ref"]))
    if own.keys().isdisjoint(target):
        return target | own
    return {"allOf": [target, own]}


class Check:
    """Says whether a value fits a schema, and if not, in words, why."""

    __slots__ = ("_schema", "_validator")

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._validator: Draft202012Validator | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """The schema, without references."""
        return self._schema

    def compile(self) -> Draft202012Validator:
        """The validator, made at the first call. Raises ValueError for a broken schema."""
        if self._validator is None:
            # Importing it takes 45 ms, which no start should wait for.
            from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

            self._validator = Draft202012Validator(self._schema, validate_formats=True)
        return self._validator

    def problem(self, value: object) -> str | None:
        """None if ``value``, as json.loads gives it, fits; else a short sentence."""
        validator = self._validator or self.compile()
        try:
            if validator.is_valid(value):
                return None
            return describe(next(validator.iter_errors(value)), value)
        except UnicodeError:
            # Half a surrogate pair, in a field's name or where words are compared, has no UTF-8.
            return "the body: holds text that is not valid Unicode"
        except ValueError:
            # jsonschema-rs 0.60 goes 255 levels deep where whole values are compared.
            return "the body: is nested too deeply"
