"""report.json: graded clients for programs.

The fields below are stable within a ``version``: fields may be added, none changes its meaning.

- ``version``: 1. ``kind``: "grade". ``tool``: the version of the program. ``began`` in Unix
  seconds, ``seconds``; ``status``: the exit status; ``sentence``: the same in words.
- ``cases``: ``id``, ``title``, ``server``, ``good``, ``demand``, ``plan``, ``evidence`` (``grade``,
  ``source``).
- ``clients``: ``name``, ``client`` (its words), ``problem``, ``interrupted``, ``healthy``
  (``seconds``, ``limit``, ``operations``), ``counts`` (by grade), ``results``: ``id``, ``grade``,
  ``said``, ``verdicts``, ``seconds``, ``exit``, ``output`` (its end), ``requests``.
- ``changes`` from the baseline, null without one: ``of`` ("worse", "stale"), ``client``,
  ``case``, ``said``.
"""

from __future__ import annotations

import json
from typing import Any

from contract.clients.cases.case import Case
from contract.clients.grade import GRADES, Graded, Result
from contract.clients.matrix.matrix import Matrix
from contract.clients.outcome import Outcome

VERSION = 1
OUTPUT = 2000
"""Characters of a client's output that are kept, its last."""
CALLS = 60
"""Requests of a run that are kept, its first."""


def write_json(matrix: Matrix) -> str:
    """The text of report.json."""
    return json.dumps(as_data(matrix), indent=1) + "\n"


def as_data(matrix: Matrix) -> dict[str, Any]:
    """The value of report.json."""
    changes = matrix.changes
    return {
        "version": VERSION,
        "kind": "grade",
        "tool": matrix.tool_version,
        "began": matrix.began,
        "seconds": round(matrix.seconds, 3),
        "status": matrix.status,
        "sentence": matrix.sentence,
        "cases": [_case(case) for case in matrix.cases],
        "clients": [_client(client) for client in matrix.clients],
        "changes": None
        if changes is None
        else [
            {"of": one.of, "client": one.client, "case": one.case_id, "said": one.said}
            for one in changes
        ],
    }


def output_of(outcome: Outcome) -> str:
    """The end of what it printed."""
    return outcome.ended.output[-OUTPUT:]


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "title": case.title,
        "server": case.server,
        "good": case.good,
        "demand": case.demand,
        "plan": case.plan.data,
        "evidence": {"grade": case.evidence.grade, "source": case.evidence.source},
    }


def _client(client: Graded) -> dict[str, Any]:
    healthy = client.healthy
    return {
        "name": client.name,
        "client": list(client.client),
        "problem": client.problem,
        "interrupted": client.interrupted,
        "healthy": None
        if healthy is None
        else {
            "seconds": round(healthy.seconds, 3),
            "limit": round(client.limit, 3),
            "operations": dict(healthy.calls),
        },
        "counts": {grade: client.count(grade) for grade in GRADES},
        "results": [_result(result) for result in client.results],
    }


def _result(result: Result) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "id": result.case.id,
        "grade": result.grade,
        "said": result.said,
        "verdicts": list(result.verdicts),
        "seconds": round(outcome.ended.seconds, 3),
        "exit": outcome.ended.how,
        "output": output_of(outcome),
        "requests": [call.data for call in outcome.after.calls[:CALLS]],
    }
