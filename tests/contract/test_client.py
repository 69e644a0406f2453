"""What is judged of calls that are made in a hurry, or broken off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.client import Client
from contract.exchange import Request, Response
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import load_spec
from tests.mutants.driver import KEY, Fake

SPEC = load_spec()


@pytest.mark.parametrize("broken_off", ["newSession", "stopSession"])
def test_what_follows_an_exchange_that_was_broken_off_is_not_judged(broken_off: str) -> None:
    fake = Fake()
    subject = fake.subject(SPEC)
    sent: list[str] = []

    def send(request: Request) -> Response:
        response = fake.send(request)
        sent.append(request.path)
        if len(sent) == 2:
            raise KeyboardInterrupt
        return response

    findings = subject.findings()
    monitor = Monitor(SPEC, findings, knowledge=Knowledge(keys=frozenset({KEY})))
    client = Client(replace(subject, send=send), monitor)
    session_id = client.call("newSession", {}).response.json["data"]["session_id"]
    with pytest.raises(KeyboardInterrupt):
        client.call(broken_off, {"session_id": session_id})
    listed = client.call("listSessions")
    client.call("stopSession", {"session_id": session_id})
    fake.close()
    assert session_id.encode() in listed.response.body or broken_off == "stopSession"
    assert len(sent) == 4
    assert findings.violations == []
