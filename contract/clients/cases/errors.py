"""ERR: refusals, and answers that are broken or do not come."""

from __future__ import annotations

from typing import Any

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.plan import Plan

_GATEWAY = Evidence("inferred", "RFC 9110, section 15.6: any gateway on the way")
_NETWORK = Evidence("inferred", "RFC 9112, section 9.6: connections close at any time")


def _refused(operation: str, row: str, **more: Any) -> Plan:
    """The first call is refused."""
    return play({"on": operation, "nth": 1, "do": "status", "row": row, **more})


def _always(operation: str, row: str, **more: Any) -> Plan:
    """Every call is refused."""
    return play({"on": operation, "do": "status", "row": row, **more})


def _broken(case_id: str, title: str, server: str, *, on: str, do: str, **more: Any) -> Case:
    """The first answer is broken below its JSON."""
    good = "Ends in time with an error, or tries again; stops the session that it knows."
    plan = play({"on": on, "nth": 1, "do": do, **more})
    return Case(case_id, title, server, good, "either", plan, _NETWORK)


def _of_new(case_id: str, title: str, row: str, *, grade: Any, source: str) -> Case:
    return Case(
        case_id,
        title,
        server=f"Every streaming.new is refused: {row}.",
        good="Says so, with the server's words, and does not try for ever.",
        demand="report",
        plan=_always("newSession", row),
        evidence=Evidence(grade, source),
    )


CASES: tuple[Case, ...] = (
    _of_new(
        "ERR-UNAUTHORIZED",
        "A wrong key",
        "unauthorized",
        grade="recorded",
        source="docs.heygen.com/discuss, 2025; a public client, 2025",
    ),
    _of_new(
        "ERR-FORBIDDEN",
        "Forbidden",
        "forbidden",
        grade="recorded",
        source="docs.heygen.com/discuss, 2024-01",
    ),
    _of_new(
        "ERR-QUOTA",
        "No credits",
        "quota-not-enough",
        grade="observed",
        source="a public client, 2025",
    ),
    _of_new(
        "ERR-CONCURRENT-LIMIT",
        "Too many sessions",
        "concurrent-limit",
        grade="official",
        source="README of @heygen/streaming-avatar 2.1.0; message: docs.heygen.com/discuss, 2025",
    ),
    _of_new(
        "ERR-SESSION-FULL",
        "No room",
        "session-full",
        grade="observed",
        source="a public client, 2025",
    ),
    _of_new(
        "ERR-AVATAR-NOT-FOUND",
        "An unknown avatar",
        "avatar-not-found",
        grade="recorded",
        source="docs.heygen.com/discuss, 2025-04",
    ),
    _of_new(
        "ERR-VOICE-NOT-SUPPORTED",
        "A voice that cannot be used",
        "voice-not-supported",
        grade="recorded",
        source="docs.heygen.com/discuss, 2024-12",
    ),
    Case(
        "ERR-429-RETRY-AFTER",
        "Too often, with a time to wait",
        server="The first streaming.new is answered with 429 and Retry-After: 1.",
        good="Calls again after a second, and not sooner.",
        demand="succeed",
        plan=_refused("newSession", "rate-limit", retry_after=1),
        evidence=Evidence(
            "inferred", "429: a public client, 2025; Retry-After: RFC 6585, section 4"
        ),
    ),
    Case(
        "ERR-429",
        "Too often",
        server="The first streaming.new is answered with 429, without Retry-After.",
        good="Calls again a little later.",
        demand="succeed",
        plan=_refused("newSession", "rate-limit"),
        evidence=Evidence("observed", "a public client, 2025"),
    ),
    Case(
        "ERR-429-ALWAYS",
        "Always too often",
        server="Every streaming.new is answered with 429.",
        good="Gives up after a few tries, with growing pauses, and says so.",
        demand="report",
        plan=_always("newSession", "rate-limit"),
        evidence=Evidence("observed", "a public client, 2025"),
    ),
    Case(
        "ERR-429-TASK",
        "Tasks too often",
        server="The first streaming.task is answered with 429 and Retry-After: 1.",
        good="Calls again after a second, and not sooner.",
        demand="succeed",
        plan=_refused("sendTask", "rate-limit", retry_after=1),
        evidence=Evidence(
            "inferred", "429: a public client, 2025; Retry-After: RFC 6585, section 4"
        ),
    ),
    Case(
        "ERR-500-NEW",
        "A mistake of the server, opening",
        server="The first streaming.new is answered with 500.",
        good="Says so, or tries again.",
        demand="either",
        plan=_refused("newSession", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-500-START",
        "A mistake of the server, starting",
        server="The first streaming.start is answered with 500.",
        good="Says so and stops the session, or tries again.",
        demand="either",
        plan=_refused("startSession", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-500-TASK",
        "A mistake of the server, speaking",
        server="The first streaming.task is answered with 500.",
        good="Says so and stops the session, or tries again.",
        demand="either",
        plan=_refused("sendTask", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-500-ALWAYS",
        "A server that is down",
        server="Every streaming.new is answered with 500.",
        good="Gives up after a few tries, with growing pauses, and says so.",
        demand="report",
        plan=_always("newSession", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-502-HTML",
        "A gateway's page",
        server="The first streaming.new is answered with 502 and a page of HTML.",
        good="Says so without reading it as JSON, or tries again.",
        demand="either",
        plan=play({"on": "newSession", "nth": 1, "do": "server-error", "status": 502}),
        evidence=_GATEWAY,
    ),
    Case(
        "ERR-503-RETRY-AFTER",
        "Not now",
        server="The first streaming.start is answered with 503 and Retry-After: 1.",
        good="Calls again after a second and not sooner, or says so and stops the session.",
        demand="either",
        plan=play(
            {
                "on": "startSession",
                "nth": 1,
                "do": "server-error",
                "status": 503,
                "retry_after": 1,
            }
        ),
        evidence=Evidence("inferred", "RFC 9110, section 10.2.3"),
    ),
    Case(
        "ERR-504-DONE",
        "Too late, and done",
        server="streaming.task is answered with 504, and the avatar speaks all the same.",
        good="Does not take it for refused: waits, or says so; stops the session.",
        demand="either",
        plan=play(
            {
                "on": "sendTask",
                "nth": 1,
                "do": "server-error",
                "status": 504,
                "performed": True,
            }
        ),
        evidence=_GATEWAY,
    ),
    Case(
        "ERR-START-REFUSED",
        "The answer is not taken",
        server="Every streaming.start is answered with peer start failed.",
        good="Says so, and stops the session.",
        demand="report",
        plan=_always("startSession", "peer-start-failed"),
        evidence=Evidence("recorded", "docs.heygen.com/discuss, 2024-04"),
    ),
    Case(
        "ERR-SESSION-UNKNOWN",
        "The session is not known",
        server="Every streaming.start says that the session does not exist.",
        good="Says so, and stops the session all the same.",
        demand="report",
        plan=_always("startSession", "session-unknown"),
        evidence=Evidence("recorded", "docs.heygen.com/discuss, 2024-12"),
    ),
    Case(
        "ERR-TASK-REFUSED",
        "Speech fails",
        server="Every streaming.task is answered with Error calling text to speech provider.",
        good="Says so, and stops the session.",
        demand="report",
        plan=_always("sendTask", "speech-provider-failed"),
        evidence=Evidence("recorded", "HeyGen's StreamingAvatarTSDemo, issue 9, 2024-06"),
    ),
    Case(
        "ERR-TOKEN-EXPIRED",
        "Unauthorized in the middle",
        server="Every streaming.task is answered with Unauthorized.",
        good="Says so, and stops the session.",
        demand="report",
        plan=_always("sendTask", "unauthorized"),
        evidence=Evidence(
            "recorded", "docs.heygen.com/discuss, 2025: refusals one hour after the start"
        ),
    ),
    Case(
        "ERR-TOKEN-REFUSED",
        "No token",
        server="Every streaming.create_token is refused: forbidden.",
        good="Says so.",
        demand="report",
        plan=_always("createToken", "forbidden"),
        evidence=Evidence("recorded", "docs.heygen.com/discuss, 2024-01"),
    ),
    Case(
        "ERR-LIST-REFUSED",
        "No list",
        server="The first streaming.list is answered with 500.",
        good="Goes on, or says so and stops the session.",
        demand="either",
        plan=_refused("listSessions", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-VOICES-REFUSED",
        "No voices",
        server="Every list of voices is answered with no API access.",
        good="Goes on with the default voice, or says so.",
        demand="either",
        plan=_always("listVoices", "no-api-access"),
        evidence=Evidence("recorded", "docs.heygen.com/discuss, 2024 (voice lists)"),
    ),
    Case(
        "ERR-AVATARS-REFUSED",
        "No avatars",
        server="The first list of avatars is answered with 500.",
        good="Goes on with the default avatar, or says so.",
        demand="either",
        plan=_refused("listAvatars", "internal-error"),
        evidence=Evidence("inferred", "our guess, by RFC 9110, section 15.6.1"),
    ),
    Case(
        "ERR-LISTENING-REFUSED",
        "No voice chat",
        server="Every start_listening is answered with Session is not in correct state.",
        good="Goes on without, or says so and stops the session.",
        demand="either",
        plan=_always("startListening", "session-state"),
        evidence=Evidence("recorded", "docs.heygen.com/discuss, 2025; a public client, 2025-11"),
    ),
    _broken(
        "ERR-CLOSED-NEW",
        "No answer, opening",
        "The connection of streaming.new is closed without an answer; the session is open.",
        on="newSession",
        do="closed",
    ),
    _broken(
        "ERR-RESET-START",
        "The connection is reset",
        "The connection of streaming.start is reset before the answer.",
        on="startSession",
        do="reset",
        where="head",
    ),
    _broken(
        "ERR-RESET-TASK",
        "The connection is reset in the answer",
        "The connection of streaming.task is reset in the middle of the answer.",
        on="sendTask",
        do="reset",
        where="body",
    ),
    _broken(
        "ERR-STALLED-NEW",
        "An answer that never comes",
        "The answer to streaming.new never comes; the connection stays.",
        on="newSession",
        do="stalled",
        where="head",
    ),
    _broken(
        "ERR-STALLED-TASK",
        "An answer that stops",
        "The answer to streaming.task stops in its middle; the connection stays.",
        on="sendTask",
        do="stalled",
        where="body",
    ),
    _broken(
        "ERR-DRIBBLE",
        "An answer that trickles",
        "The answer to streaming.start comes one byte at a time, each 200 ms after the one before.",
        on="startSession",
        do="dribble",
        ms=200,
    ),
    _broken(
        "ERR-TRUNCATED-NEW",
        "Half an answer",
        "The connection of streaming.new is closed in the middle of the body.",
        on="newSession",
        do="truncated",
    ),
    _broken(
        "ERR-WRONG-LENGTH",
        "A wrong content-length",
        "The answer to streaming.task is ten bytes shorter than content-length says.",
        on="sendTask",
        do="wrong-length",
        by=10,
    ),
    Case(
        "ERR-NOT-JSON",
        "An answer that is no JSON",
        server="The JSON of the answer to streaming.task is cut.",
        good="Says so, and stops the session.",
        demand="either",
        plan=play({"on": "sendTask", "nth": 1, "do": "not-json", "how": "cut"}),
        evidence=_GATEWAY,
    ),
    Case(
        "ERR-HTML-200",
        "A page of HTML with status 200",
        server="streaming.new is answered with a page of HTML and status 200.",
        good="Says that it cannot go on.",
        demand="either",
        plan=play({"on": "newSession", "nth": 1, "do": "html"}),
        evidence=Evidence("inferred", "our guess: a captive portal, or a page of maintenance"),
    ),
    Case(
        "ERR-GZIP-LIE",
        "Compressed, it says",
        server="The answer to streaming.start says gzip, and is not.",
        good="Says so and stops the session, or does not care for the body.",
        demand="either",
        plan=play({"on": "startSession", "nth": 1, "do": "gzip", "how": "plain"}),
        evidence=_GATEWAY,
    ),
    Case(
        "ERR-BAD-HEAD",
        "A status line that is none",
        server="The answer to streaming.task has a status line that is none.",
        good="Says so, and stops the session.",
        demand="either",
        plan=play({"on": "sendTask", "nth": 1, "do": "bad-head", "part": "status-line"}),
        evidence=Evidence("inferred", "RFC 9112, section 4: what is no HTTP is an error"),
    ),
)
