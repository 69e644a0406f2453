"""What became of sessions that cost money, in lines for people."""

from __future__ import annotations

import time

from contract.guard.wire import GuardReport, Reaped


def on_earlier(reaped: Reaped) -> list[str]:
    """What was done about the sessions that earlier runs left open."""
    lines = [
        f"stopped {session_id}, which an earlier run left open" for session_id in reaped.stopped
    ]
    lines += [f"{session_id} of an earlier run had ended by itself" for session_id in reaped.ended]
    for at in reaped.unanswered:
        when = time.strftime("%H:%M:%S", time.localtime(at))
        lines.append(
            f"a session asked for at {when} may be open; its id was never seen, and the service "
            "ends it when nobody uses it"
        )
    if reaped.candidates:
        names = ", ".join(reaped.candidates)
        lines.append(f"it may be one of these, or they are somebody else's: {names}")
    if reaped.other_keys:
        what = "1 session belongs" if reaped.other_keys == 1 else f"{reaped.other_keys} belong"
        lines.append(f"{what} to runs with another key; heygen-contract reap stops it with that")
    return lines


def left_by_earlier(reaped: Reaped) -> list[str]:
    """What could not be stopped of it, and why."""
    if not reaped.left:
        return []
    left = ", ".join(reaped.left)
    return [f"an earlier run left this open, and it may still be: {left}; {reaped.problem}"]


def on_run(report: GuardReport | None) -> list[str]:
    """What a run took."""
    if report is None:
        return []
    sessions = "1 session was" if report.opened == 1 else f"{report.opened} sessions were"
    lines = [f"{sessions} opened, {report.minutes:g} minutes as billed"]
    if report.refused:
        calls = "1 call" if report.refused == 1 else f"{report.refused} calls"
        lines.append(f"{calls} of newSession beyond the budget went no further than the guard")
    if report.stopped:
        lines.append(f"the guard itself stopped {', '.join(report.stopped)}")
    return lines


def left_by_run(report: GuardReport | None) -> list[str]:
    """What may still cost money, and what else went wrong in the guard."""
    reap = "heygen-contract reap"
    if report is None:
        return [f"the guard was killed; {reap} stops what it left open"]
    lines = []
    if report.left_open:
        left = ", ".join(report.left_open)
        lines.append(f"could not be stopped, and may still be open: {left}; {reap} tries again")
    if report.unanswered:
        calls = "1 call" if report.unanswered == 1 else f"{report.unanswered} calls"
        lines.append(
            f"{calls} of newSession had no answer with an id: a session may be open until the "
            "service ends it, half a minute to some minutes later"
        )
    if report.problem is not None:
        lines.append(report.problem)
    return lines
