"""report.json: a summary for programs.

The fields below are stable within a ``version``: fields may be added, none changes its meaning.

- ``version``: 1. ``tool``, ``contract``: the versions of the program and of openapi.yaml.
- ``target``, ``seed``, ``profile``, ``answers``, ``command``: what was run; ``began`` in Unix
  seconds, ``seconds`` in wall-clock time.
- ``status``: the exit status; ``verdict``: the same as a sentence; ``interrupted``.
- ``problems``, ``notes``: lists of sentences.
- ``counts``: verdict -> number of rules.
- ``rules``: ``id``, ``sentence``, ``evidence`` {``grade``, ``source``}, ``verdict``, ``checked``
  (how many answers could have broken it), ``stimuli``, ``reason``.
- ``findings``: ``rule``, ``verdict`` (violated, guess, known deviation), ``operation``, ``field``,
  ``expected``, ``actual``, ``grade``, ``count``, ``stimuli``, ``deviation`` (id or null), ``curl``
  (a bash script) and ``history``: ``method``, ``path``, ``request_headers``, ``request_body``,
  ``status``, ``headers``, ``body``; bodies are text, or base64 where ``*_encoding`` says so.
- ``timings``: ``stimulus``, ``seconds``, ``requests``, ``violations``, ``complete``.
- ``stale``, ``expired``: ids of known deviations.

Keys and tokens are masked.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from contract.exchange import Exchange, Headers
from contract.report.masking import Masking
from contract.report.summary import VERDICTS, Finding, Summary

VERSION = 1


def write_json(summary: Summary) -> str:
    """The text of report.json."""
    return json.dumps(as_data(summary), indent=1, ensure_ascii=False) + "\n"


def as_data(summary: Summary) -> dict[str, Any]:
    """The value of report.json."""
    mask = Masking(summary.secrets)
    return {
        "version": VERSION,
        "tool": summary.tool_version,
        "contract": summary.spec_version,
        "target": summary.target,
        "seed": summary.seed,
        "profile": summary.profile,
        "answers": summary.answers,
        "command": mask(summary.command),
        "began": summary.began,
        "seconds": round(summary.seconds, 3),
        "status": summary.status,
        "verdict": summary.verdict,
        "interrupted": summary.interrupted,
        "problems": [mask(text) for text in summary.problems],
        "notes": [mask(text) for text in summary.notes],
        "counts": {verdict: summary.count(verdict) for verdict in VERDICTS},
        "rules": [
            {
                "id": line.rule.id,
                "sentence": line.rule.sentence,
                "evidence": {
                    "grade": line.rule.evidence.grade,
                    "source": line.rule.evidence.source,
                },
                "verdict": line.verdict,
                "checked": line.checked,
                "stimuli": list(line.stimuli),
                "reason": line.reason,
            }
            for line in summary.rules
        ],
        "findings": [_finding(finding, mask) for finding in summary.findings],
        "timings": [
            {
                "stimulus": timing.stimulus,
                "seconds": round(timing.seconds, 3),
                "requests": timing.requests,
                "violations": timing.violations,
                "complete": timing.complete,
            }
            for timing in summary.timings
        ],
        "stale": [row.id for row in summary.stale],
        "expired": [row.id for row in summary.expired],
    }


def _finding(finding: Finding, mask: Masking) -> dict[str, Any]:
    violation = finding.violation
    return {
        "rule": violation.rule.id,
        "verdict": finding.verdict,
        "operation": violation.operation,
        "field": violation.field,
        "expected": mask(violation.expected),
        "actual": mask(violation.actual),
        "grade": violation.grade,
        "count": finding.count,
        "stimuli": list(finding.stimuli),
        "deviation": None if finding.deviation is None else finding.deviation.id,
        "curl": finding.curl,
        "history": [_exchange(exchange, mask) for exchange in violation.history],
    }


def _exchange(exchange: Exchange, mask: Masking) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "method": request.method,
        "path": mask(request.path),
        "request_headers": _headers(request.headers, mask),
        **_body("request_body", request.body, mask),
        "status": response.status,
        "headers": _headers(response.headers, mask),
        **_body("body", response.body, mask),
    }


def _headers(headers: Headers, mask: Masking) -> list[list[str]]:
    return [[name, mask(value)] for name, value in headers]


def _body(name: str, body: bytes, mask: Masking) -> dict[str, str]:
    try:
        return {name: mask(body.decode())}
    except UnicodeDecodeError:
        hidden = mask(body.decode("latin-1")).encode("latin-1")
        return {name: base64.b64encode(hidden).decode(), f"{name}_encoding": "base64"}
