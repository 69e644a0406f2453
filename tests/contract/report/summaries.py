"""A summary in which every verdict occurs."""

from __future__ import annotations

import datetime as dt

from contract.deviations import Deviation
from contract.exchange import Exchange, Request, Response
from contract.findings import Findings, Profile, Violation
from contract.report.summary import (
    VERDICTS,
    Finding,
    RuleLine,
    Summary,
    Timing,
    Verdict,
    worst_first,
)
from tests.contract.fakes import SPEC

KEY = "sk-0123456789abcdef"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="
SESSION = "0196a1b2-0000-11f0-8000-0123456789ab"
JSON = (("content-type", "application/json"),)

KNOWN = Deviation(
    id="stop-says-gone",
    target="any",
    rule="stop-twice",
    why="The service says <gone> since its release of 2025-03.",
    evidence="recording of 2025-03-02, entry 14",
    seen=dt.date(2025, 3, 2),
    expires=dt.date(2027, 3, 2),
)

HISTORY = (
    Exchange(
        1,
        Request("POST", "/v1/streaming.create_token", (("x-api-key", KEY),)),
        Response(200, JSON, b'{"code": 100, "data": {"token": "%s"}}' % TOKEN.encode()),
        0.0,
        0.1,
    ),
    Exchange(
        2,
        Request(
            "POST",
            "/v1/streaming.new",
            (("authorization", f"Bearer {TOKEN}"), *JSON),
            b'{"quality": "low"}',
        ),
        Response(200, JSON, b'{"code": 100, "data": {"session_id": "%s"}}' % SESSION.encode()),
        0.2,
        0.3,
    ),
    Exchange(
        3,
        Request(
            "POST",
            "/v1/streaming.stop",
            (("authorization", f"Bearer {TOKEN}"), *JSON),
            b'{"session_id": "%s"}' % SESSION.encode(),
        ),
        Response(500, (("content-type", "text/html"),), b"<b>Internal & \x00 error</b>" * 200),
        0.4,
        0.5,
    ),
)


def violation(rule: str, *, profile: Profile = "strict", history: int = 3) -> Violation:
    return Findings(SPEC, profile).broken(
        rule,
        expected="\"closed\" <b>or</b> the row 'gone'",
        actual=f"status 500 for {KEY} and {TOKEN}",
        operation="stopSession",
        place="data.sessions[0].status",
        history=HISTORY[:history],
    )


def finding(
    rule: str, *, deviation: Deviation | None = None, profile: Profile = "strict"
) -> Finding:
    curl = '#!/usr/bin/env bash\n# <again> & again\ncurl "$BASE_URL/v1/streaming.stop"\n'
    return Finding(violation(rule, profile=profile), 3, ("tour", "machine"), curl, deviation)


FINDINGS = worst_first(
    [
        finding("stop-twice", deviation=KNOWN),
        finding("check-order", profile="real"),
        finding("no-server-error"),
        Finding(violation("media-rate", history=0), 1, ("media",), ""),
    ]
)
OF_FINDINGS: dict[str, Verdict] = {
    "stop-twice": "known deviation",
    "check-order": "guess",
    "no-server-error": "violated",
    "media-rate": "violated",
}
OTHERS: dict[str, tuple[Verdict, str]] = {
    "media-lips": ("not judged", "machine busy"),
    "idle-timeout": ("not reachable", "the clock of this server cannot be moved on"),
    "account-own": ("never reached", ""),
    "task-queue-limit": ("allowed unreached", "--allow-unreached"),
    "media-voice": ("not chosen", "judged by media"),
}


def lines(*, held: bool = False) -> tuple[RuleLine, ...]:
    rows = []
    for rule in SPEC.rules.values():
        verdict: Verdict = OF_FINDINGS.get(rule.id, "held")
        reason = ""
        if rule.id in OTHERS:
            verdict, reason = OTHERS[rule.id]
        if held:
            verdict, reason = "held", ""
        checked = 12345 if verdict == "held" else 3 if rule.id in OF_FINDINGS else 0
        rows.append(RuleLine(rule, verdict, checked, ("tour",), reason))
    return tuple(rows)


def summary(*, fine: bool = False, interrupted: bool = False) -> Summary:
    return Summary(
        target="http://127.0.0.1:8000",
        seed=7,
        profile="strict",
        answers="union",
        spec_version="1.0.0",
        tool_version="0.1.0",
        command="heygen-contract check --target http://127.0.0.1:8000 --seed 7",
        began=1_795_000_000.0,
        seconds=12.34,
        status=0 if fine else 130 if interrupted else 1,
        interrupted=interrupted,
        rules=lines(held=fine),
        findings=() if fine else FINDINGS,
        timings=(
            Timing("schemathesis", 8.25, 1066, 0 if fine else 3, complete=True),
            Timing("tour", 4.0, 6735, 0 if fine else 6, complete=True),
            Timing("media", 2.5, 34, 0 if fine else 1, complete=fine),
        ),
        stale=() if fine else (KNOWN,),
        expired=() if fine else (KNOWN,),
        problems=() if fine else ("tour: the target is gone: 127.0.0.1:8000 <refused>",),
        notes=() if fine else ("2 open sessions were there before",),
        secrets=(KEY, TOKEN),
    )


def verdicts() -> set[str]:
    return {line.verdict for line in lines()}


assert verdicts() == set(VERDICTS)
