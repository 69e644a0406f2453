"""Calls of every operation that succeed on a healthy fake, for plans to spoil."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.web.site import KEY, OFFER, Answer, NoAnswerError, Site
from tests.web.wires import Tape

MORE: Mapping[str, Mapping[str, Any]] = {
    "startSession": {"sdp": {"type": "offer", "sdp": OFFER}},
    "submitIce": {"candidate": {"candidate": ""}},
    "sendTask": {"text": "Hello!"},
}


def play(site: Site, *plan: Mapping[str, Any]) -> None:
    answer = site.control("PUT", "faults/plan", list(plan))
    assert answer.status == 200, answer.json


def report(site: Site) -> Any:
    return site.control("GET", "faults/report").json


def consumed(site: Site) -> list[int]:
    return [one["consumed"] for one in report(site)["deviations"]]


def requests(site: Site) -> list[Any]:
    found: list[Any] = site.control("GET", "requests").json
    return found


def last(site: Site) -> dict[str, Any]:
    """What the journal says of the last request, but for what is said of every one."""
    every = ("n", "t", "ms", "operation", "method", "path", "credential")
    return {name: value for name, value in requests(site)[-1].items() if name not in every}


def session_for(site: Site, operation_id: str) -> str:
    """The session that the operation is to be called for, made before any plan."""
    operation = site.services.contract.operation(operation_id)
    if operation_id == "newSession" or not operation.has_body:
        return ""
    return site.connect() if operation_id == "sendTask" else site.new()


def ask(
    site: Site,
    operation_id: str,
    session_id: str = "",
    *,
    leaves: float | None = None,
    wire: Tape | None = None,
    path: str = "",
) -> Answer | None:
    """Calls an operation as a client would; None when the client left without an answer."""
    operation = site.services.contract.operation(operation_id)
    body: dict[str, Any] = dict(MORE.get(operation_id, {}))
    if session_id:
        body["session_id"] = session_id
    try:
        answer = site.run(
            site.request(
                operation.method,
                path or operation.path,
                headers=(*KEY, ("content-type", "application/json")),
                body=json.dumps(body).encode() if operation.has_body else b"",
                leaves=leaves,
                wire=wire,
            )
        )
    except NoAnswerError:
        return None
    assert isinstance(answer, Answer)
    return answer
