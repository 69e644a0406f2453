"""report.json: a fuzz run for programs.

The fields below are stable within a ``version``: fields may be added, none changes its meaning.

- ``version``: 1. ``kind``: "fuzz". ``tool``: the version of the program.
- ``client``: its words on the command line; ``options``: others that a replay needs.
  ``only``: the names of ``--only``, else null; ``sweep_only``; ``minutes``: of ``--minutes``, else
  null. ``seed``, ``jobs``, ``media``; ``began`` in Unix seconds, ``seconds`` in wall-clock time.
- ``status``: the exit status; ``sentence``: the same in words; ``interrupted``; ``problems``:
  mistakes that were not the client's.
- ``replayed``: the plan of ``--plan``, else null.
- ``healthy``: ``seconds`` (the slower of two), ``limit`` (after which a run is a hang),
  ``requests``, ``operations`` (id -> calls), ``milestones``, ``output`` (its end).
- ``runs``: ``sweep``, ``planned`` (of the sweep), ``combinations``, ``shrinking``.
- ``findings``: ``verdict``, ``signature``, ``meaning``, ``plan``, ``file``, ``server`` (a sentence
  for each deviation), ``client`` (a sentence), ``detail`` (a trace), ``confirmed``, ``again`` (a
  command line), ``also`` (other single deviations that lead to the same), ``seconds``, ``exit``,
  ``output`` (its end), ``requests`` (``t``, ``operation``, ``method``, ``path``, ``status``, and
  the places of the deviations that were applied).
- ``flaky``: ``verdict``, ``signature``, ``plan``, ``client``: seen once, and not again.
- ``not_applied``: ``deviation``, ``reason``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contract.clients.outcome import Outcome
from contract.clients.sightings import Finding
from contract.clients.summary import Summary, client_did, meaning

VERSION = 1
OUTPUT = 4000
"""Characters of a client's output that are kept, its last."""
CALLS = 200
"""Requests of a run that are kept, its first."""


def write_json(summary: Summary, *, directory: Path | None = None) -> str:
    """The text of report.json."""
    return json.dumps(as_data(summary, directory=directory), indent=1) + "\n"


def as_data(summary: Summary, *, directory: Path | None = None) -> dict[str, Any]:
    """The value of report.json; ``directory`` is where the plan files are."""
    healthy, counts = summary.healthy, summary.counts
    names = ("opened", "started", "connected", "accepted", "spoken", "ended")
    return {
        "version": VERSION,
        "kind": "fuzz",
        "tool": summary.tool_version,
        "client": list(summary.client),
        "options": list(summary.options),
        "only": None if summary.only is None else list(summary.only),
        "sweep_only": not summary.combine,
        "minutes": None if summary.allowed is None else round(summary.allowed / 60, 3),
        "seed": summary.seed,
        "jobs": summary.jobs,
        "media": summary.media,
        "began": summary.began,
        "seconds": round(summary.seconds, 3),
        "status": summary.status,
        "sentence": summary.sentence,
        "interrupted": summary.interrupted,
        "problems": list(summary.problems),
        "replayed": None if summary.replayed is None else summary.replayed.data,
        "healthy": {
            "seconds": round(healthy.seconds, 3),
            "limit": round(summary.limit, 3),
            "requests": healthy.requests,
            "operations": dict(healthy.calls),
            "milestones": {name: getattr(healthy.milestones, name) for name in names},
            "output": _output(summary.healthy_run),
        },
        "runs": {
            "sweep": counts.sweep,
            "planned": counts.planned,
            "combinations": counts.combinations,
            "shrinking": counts.shrinking,
        },
        "findings": [_finding(one, summary, directory) for one in summary.findings],
        "flaky": [
            {
                "verdict": one.verdict.kind,
                "signature": one.verdict.signature,
                "plan": one.plan.data,
                "client": client_did(one),
            }
            for one in summary.flaky
        ],
        "not_applied": [
            {"deviation": one.deviation.data, "reason": one.reason} for one in summary.not_applied
        ],
    }


def _finding(one: Finding, summary: Summary, directory: Path | None) -> dict[str, Any]:
    file = str(directory / one.file) if directory is not None and one.file else one.file
    return {
        "verdict": one.verdict.kind,
        "signature": one.verdict.signature,
        "meaning": meaning(one),
        "plan": one.plan.data,
        "file": one.file,
        "server": summary.server(one.plan),
        "client": client_did(one),
        "detail": one.verdict.detail,
        "confirmed": one.confirmed,
        "again": summary.again(file) if file else "",
        "also": [other.data for other in one.also],
        "seconds": round(one.outcome.ended.seconds, 3),
        "exit": one.outcome.ended.how,
        "output": _output(one.outcome),
        "requests": [call.data for call in one.outcome.after.calls[:CALLS]],
    }


def _output(outcome: Outcome) -> str:
    return outcome.ended.output[-OUTPUT:]
