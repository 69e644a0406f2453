"""Small stimuli for tests of what runs them. Each is run in a process of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from hypothesis.internal.charmap import charmap

from contract.client import Client
from contract.exchange import Request, UnreachableError
from contract.findings import Findings
from contract.monitor import Monitor
from contract.subject import Progress, Subject

PLACE = "tests.contract.own_stimuli"


def listing(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Lists ten times, and moves the clock once where it can."""
    client = Client(subject, Monitor(subject.spec, findings))
    for done in range(10):
        client.call("listSessions")
        progress(done + 1, 10)
    if subject.advance is not None:
        client.advance(5)


def finding(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Finds the same twice, the second time with a longer history."""
    client = Client(subject, Monitor(subject.spec, findings))
    first = client.call("listSessions")
    second = client.call("listSessions")
    for history in ((first,), (first, second)):
        findings.broken(
            "list-reads",
            expected="nothing",
            actual="something",
            operation="listSessions",
            history=history,
        )
        progress(1)


def finding_a_thousand(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Finds the same a thousand times, and then something else."""
    for rule in ["list-reads"] * 1000 + ["list-active"]:
        findings.broken(rule, expected="nothing", actual="something", operation="listSessions")


def computing(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Has Hypothesis keep what it computes."""
    charmap()


def leaving_open(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Opens two sessions, stops one, and forgets the other."""
    client = Client(subject, Monitor(subject.spec, findings))
    kept = [client.call("newSession", {}).response.json["data"]["session_id"] for _ in range(2)]
    client.call("stopSession", {"session_id": kept[0]})


def waiting(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Finds something, and then goes on for ever."""
    finding(subject, findings, progress)
    while True:
        signal.pause()


def crashing(subject: Subject, findings: Findings, progress: Progress) -> None:
    finding(subject, findings, progress)
    raise RuntimeError("a mistake of its own")


def losing(subject: Subject, findings: Findings, progress: Progress) -> None:
    finding(subject, findings, progress)
    raise UnreachableError("127.0.0.1:1 cannot be reached: Connection refused")


def dying(subject: Subject, findings: Findings, progress: Progress) -> None:
    finding(subject, findings, progress)
    os.kill(os.getpid(), signal.SIGKILL)


def killing_the_fake(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Ends the fake behind the judge's back, then calls it."""
    (number,) = _children()
    os.kill(number, signal.SIGKILL)
    for _ in range(1000):
        subject.send(Request("GET", "/v1/streaming.list"))


def missing(subject: Subject, findings: Findings, progress: Progress) -> None:
    raise ModuleNotFoundError("No module named 'schemathesis'", name="schemathesis.engine")


def _children() -> list[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(number) for number in text.split()]
