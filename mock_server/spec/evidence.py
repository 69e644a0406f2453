"""The page docs/evidence.md: how sure each statement of the contract is, and by what.

``python -m mock_server.spec.evidence > docs/evidence.md`` writes it anew.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mock_server.spec.schema import resolve
from mock_server.spec.source import find_contract, read_document

GRADES = {
    "documented": "the API's own document says so",
    "official": "an official SDK package or page says so",
    "recorded": "seen verbatim in answers of the service",
    "observed": "a public client relies on it",
    "inferred": "our guess",
}

_OPENING = """\
# How sure the contract is

Generated from `openapi.yaml` by `python -m mock_server.spec.evidence > docs/evidence.md`; a test
compares the two. A grade says where a statement comes from:
"""


def statements(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every statement that carries evidence: (section, what, evidence), in the file's order."""
    for name, scheme in document["components"]["securitySchemes"].items():
        yield "Credentials", f"`{name}`", scheme["x-evidence"]
    for route, item in document["paths"].items():
        for method, operation in item.items():
            name = operation.get("operationId") or f"{operation['x-alias-of']}, older path"
            yield "Operations", f"{name}: `{method.upper()} {route}`", operation["x-evidence"]
    for name, response in document["components"]["responses"].items():
        for header, node in response.get("headers", {}).items():
            yield f"Response {name}", f"header `{header}`", node["x-evidence"]
    for name, schema in document["components"]["schemas"].items():
        section = f"Schema {name}"
        if "x-evidence" in schema:
            yield section, "the value", schema["x-evidence"]
        for place, field in fields(document, schema):
            yield section, f"`{place}`", field.get("x-evidence", {})
    for row in document["x-errors"]:
        yield "Errors", f"`{row['name']}`: {row['status']}, {row['code']}", row["evidence"]
    for row in document["x-rules"]:
        yield "Rules", f"`{row['id']}`: {row['sentence']}", row["evidence"]


def fields(
    document: dict[str, Any], schema: dict[str, Any], place: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields that a schema itself describes: (place, node).

    A field that only refers to a schema is given with that schema's node; what lies inside the
    schema that it refers to is left to that schema.
    """
    for name, node in schema.get("properties", {}).items():
        inner = f"{place}.{name}" if place else name
        target = resolve(document, node["$ref"]) if "$ref" in node else {}
        yield inner, {**target, **node}
        yield from fields(document, node, inner)
    if "items" in schema:
        yield from fields(document, schema["items"], f"{place}[]")


def page(document: dict[str, Any]) -> str:
    """The whole page, as Markdown."""
    rows = list(statements(document))
    counts = Counter(evidence["grade"] for _, _, evidence in rows)
    lines = [_OPENING, "| grade | means | statements |", "|---|---|---|"]
    lines += [f"| {grade} | {words} | {counts[grade]} |" for grade, words in GRADES.items()]
    section = ""
    for heading, what, evidence in rows:
        if heading != section:
            section = heading
            lines += ["", f"## {heading}", "", "| what | grade | source |", "|---|---|---|"]
        lines.append(f"| {_cell(what)} | {evidence['grade']} | {_cell(evidence['source'])} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page(read_document(find_contract())))
