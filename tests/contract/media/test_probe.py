"""The probe against the fake, right and wrong. Each planted bug is a few lines over its seams."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from contract.exchange import Request, Response, UnreachableError
from contract.findings import Findings
from contract.media import run_media
from contract.media.crew import Patience
from contract.media.probe import probe_rules
from contract.media.rules import RULES
from contract.media.verdict import BUSY
from contract.reach import REACH
from contract.rooms.sockets import dial
from contract.spec import load_spec
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.rooms import RoomViewers
from mock_server.core import effects
from mock_server.core.effects import SendEvent
from mock_server.core.events import Interrupt
from mock_server.core.session import Session
from mock_server.embedded import MockServer
from mock_server.seams import Seams, encode_event

pytestmark = pytest.mark.peers

SPEC = load_spec()
SOON = Patience(connection=5.0, picture=3.0, event=1.0, end=1.0, viewer_lost=1.0)


def _quiet(done: int, total: int | None = None, note: str = "") -> None:
    """Shows no progress."""


@contextmanager
def _subject(seams: Seams | None = None) -> Iterator[tuple[Subject, MockServer]]:
    with MockServer(seams=seams) as fake:
        send = HttpSend(fake.url)
        yield (
            Subject(
                spec=SPEC,
                url=fake.url,
                send=send,
                key=fake.key,
                max_sessions=3,
                rooms=RoomViewers(dial),
            ),
            fake,
        )
        send.close()


def _findings(names: set[str], seams: Seams | None = None) -> Findings:
    with _subject(seams) as (subject, fake):
        findings = subject.findings()
        probe_rules(subject, findings, only=names, patience=SOON)
        assert {session["status"] for session in fake.sessions()} == {"closed"}
    return findings


def _broken(findings: Findings) -> set[str]:
    return {violation.rule.id for violation in findings.violations}


def test_the_right_fake_breaks_no_rule_and_each_is_judged() -> None:
    with _subject() as (subject, fake):
        findings = subject.findings()
        steps: list[tuple[int, int | None]] = []
        run_media(subject, findings, lambda done, total=None, note="": steps.append((done, total)))
        assert {session["status"] for session in fake.sessions()} == {"closed"}
    assert findings.violations == []
    judged = {rule for rule in RULES if findings.checked[rule]}
    assert {findings.unjudged[rule] for rule in RULES - judged} <= {BUSY}
    sure = {rule for rule, reach in REACH.items() if "media" in reach.sure}
    assert sure - set(findings.checked) <= set(findings.unjudged)
    assert steps[-1] == (9, 9)


class _Deaf(Session):
    """Takes an interrupt, and talks on."""

    def handle(self, event: Any, now: float) -> list[effects.Effect]:
        if isinstance(event, Interrupt):
            return [effects.Reply(event.call, effects.Done())]
        return super().handle(event, now)


def _in_words(event: SendEvent) -> bytes | str | None:
    message = encode_event(event)
    return message.decode() if isinstance(message, bytes) else message


@pytest.mark.parametrize(
    ("seams", "name", "expected"),
    [
        (Seams(picture=lambda *_: 0), "talking", {"media-moves", "media-lips"}),
        (Seams(session=_Deaf), "interrupting", {"interrupt-silences"}),
        (Seams(event=_in_words), "events-binary", {"events-binary"}),
    ],
    ids=["frozen", "deaf", "strings"],
)  # fmt: skip
def test_a_planted_bug_is_found(seams: Seams, name: str, expected: set[str]) -> None:
    broken = _broken(_findings({name}, seams))
    assert expected <= broken <= expected | {"interrupt-in-time"}


def test_a_connection_that_does_not_come_about_is_found() -> None:
    def with_another_password(operation: str, body: dict[str, Any]) -> dict[str, Any]:
        if operation == "newSession":
            body["data"]["sdp"]["sdp"] = body["data"]["sdp"]["sdp"].replace("ice-pwd:", "ice-pwd:x")
        return body

    with _subject(Seams(answer=with_another_password)) as (subject, _):
        findings = subject.findings()
        patience = replace(SOON, connection=0.5)
        probe_rules(subject, findings, only={"high"}, patience=patience)
    assert "start-answer" in _broken(findings)
    assert "new-quality-size" in findings.unjudged


def test_a_subject_that_is_gone_is_said() -> None:
    def nobody(request: Request) -> Response:
        raise UnreachableError("127.0.0.1:9 cannot be reached: refused")

    subject = Subject(spec=SPEC, url="http://127.0.0.1:9", send=nobody, key="k")
    with pytest.raises(UnreachableError, match="cannot be reached"):
        run_media(subject, subject.findings(), _quiet)
    assert not [t for t in threading.enumerate() if t.name.startswith("contract-")]


def test_ctrl_c_stops_what_is_open_and_keeps_what_was_found() -> None:
    with _subject() as (subject, fake):
        findings = subject.findings()

        def interrupt(done: int, total: int | None = None, note: str = "") -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            probe_rules(subject, findings, only={"high", "talking"}, progress=interrupt)
        assert {session["status"] for session in fake.sessions()} == {"closed"}
    assert findings.checked["new-quality-size"] == 1
    assert findings.unjudged["media-lips"] == "stopped before the end"
    assert not [t for t in threading.enumerate() if t.name.startswith("contract-")]
