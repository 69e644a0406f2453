"""A validation error as one short sentence that names the place and the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LONGEST = 60
_NOUNS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


def describe(error: ValidationError, body: object) -> str:
    """What is wrong with ``body``, for instance "quality: 'ultra' is not one of high, low"."""
    path = list(error.instance_path)
    kind, details = error.kind.name, error.kind.as_dict()
    if kind == "required":
        path.append(details["property"])
        return f"{_place(path)} is missing"
    said = _said(kind, details, _show(_at(body, path)))
    return f"{_place(path)}: {said}"


def _said(kind: str, details: dict[str, Any], value: str) -> str:
    limit = details.get("limit")
    match kind:
        case "type":
            # The validator names types in the order of the alphabet; "or null" reads best last.
            types = sorted(details["types"], key="null".__eq__)
            return f"{value} is not {' or '.join(_NOUNS[name] for name in types)}"
        case "enum":
            options = [str(option) for option in details["options"] if option is not None]
            return f"{value} is not one of {', '.join(options)}"
        case "const" | "constant":
            return f"{value} is not {_show(details.get('expected_value'))}"
        case "minLength" if limit == 1:
            return "must not be empty"
        case "minimum":
            return f"{value} is less than {limit}"
        case "maximum":
            return f"{value} is greater than {limit}"
        case "pattern":
            return f"{value} does not match {details['pattern']}"
        case "format":
            return f"{value} is not of the format {details['format']}"
        case _:
            bound = "" if limit is None else f" ({limit})"
            return f"{value} breaks {kind}{bound}"


def _place(path: list[str | int]) -> str:
    if not path:
        return "the body"
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".").encode("utf-8", "backslashreplace").decode()


def _at(body: Any, path: list[str | int]) -> object:
    for step in path:
        body = body[step]
    return body


def _show(value: object) -> str:
    """The value in at most 60 characters, all of them printable."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) >= 10**20:
            return "a number beyond all bounds"
        case int() | float():
            return repr(value)
        case str():
            text = repr(value[:_LONGEST])
            short = text if len(text) <= _LONGEST else text[: _LONGEST - 4] + "..." + text[-1]
            return short if len(value) <= _LONGEST else short[:-1].removesuffix("...") + "...'"
        case dict():
            return "an object"
        case _:
            return "an array"
