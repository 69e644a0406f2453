"""Clients that were graded in two small cases, as literal values."""

from __future__ import annotations

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.grade import Grade, Graded, Result
from tests.contract.clients.catalogues import healthy, outcome

EVIDENCE = Evidence("inferred", "our guess: <b>")
CASES = (
    Case(
        "EVT-ONE",
        "An event twice",
        "It comes <twice>.",
        "Does not care.",
        "succeed",
        play({"on": "event", "nth": 1, "do": "event-doubled"}),
        EVIDENCE,
    ),
    Case(
        "ERR-TWO",
        "An error",
        "It fails.",
        "Says so.",
        "report",
        play({"on": "sendTask", "do": "status", "row": "rate-limit"}),
        EVIDENCE,
    ),
)


def client(name: str, *grades: Grade, problem: str = "", interrupted: bool = False) -> Graded:
    """A client with these grades in the cases, in their order."""
    results = tuple(
        Result(case, grade, f"was {grade} & <well>", outcome(output="said {{title}} <i>"))
        for case, grade in zip(CASES, grades, strict=False)
    )
    words = ("python", f"{name}.py")
    return Graded(name, words, results, healthy(), 2.0, problem, interrupted)
