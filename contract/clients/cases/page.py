"""docs/cases.md, from the cases."""

from __future__ import annotations

from collections.abc import Iterator

from contract.clients.cases import CASES, GROUPS
from contract.clients.cases.case import MEANS, Case, Version

_HEAD = f"""\
# Cases

`heygen-contract grade` plays each of these {len(CASES)} cases to a client and grades what it does.
An id is for ever. What is asked of a client:

"""
_GENERATED = """
<!-- Made by `python -m contract.clients.cases > docs/cases.md`. -->
"""
_EVIDENCE = """
The evidence says how it is known that servers do so: *documented* by the API's own document,
*official* in an SDK or on an official page, *recorded* verbatim, *observed* in public clients that
rely on it, or *inferred*, which is our guess.
"""
_VERSIONS: dict[Version | None, str] = {
    "v1": "- Of sessions of v1, to whose offer the client answers\n",
    "v2": "- Of sessions of v2, which have a room\n",
}


def write_page() -> str:
    """The page's text."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    for demand, meaning in MEANS.items():
        yield f"- **{demand}**: {meaning}\n"
    yield _EVIDENCE
    yield _GENERATED
    for group, name in GROUPS.items():
        yield f"\n## {group}: {name}\n"
        for case in CASES:
            if case.group == group:
                yield _case(case)


def _case(case: Case) -> str:
    return (
        f"\n### {case.id}\n\n"
        f"{case.title}: {case.server}\n\n"
        f"- A good client: {case.good}\n"
        f"- Asked: {case.demand}\n"
        f"{_VERSIONS.get(case.version, '')}"
        f"- Evidence: {case.evidence.grade}, {case.evidence.source}\n\n"
        f"```json\n{case.plan.text}```\n"
    )
