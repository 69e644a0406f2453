"""Routes and the contract are one; what goes wrong in the fake itself is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mock_server.core.effects import SendEvent
from mock_server.core.registry import Caller, Credentials, Registry
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.spec import Operation
from mock_server.web.handlers import HANDLERS
from mock_server.web.stack import MismatchError, operation_endpoints
from tests.web.site import Site


@contextmanager
def site_with(**seams: Any) -> Iterator[Site]:
    site = Site(Settings(media="none"), Seams(**seams))
    try:
        yield site
    finally:
        site.close()


def test_an_operation_without_a_handler_is_named(site: Site) -> None:
    handlers = {name: handler for name, handler in HANDLERS.items() if name != "keepAlive"}
    with pytest.raises(MismatchError, match=r"without a handler: \['keepAlive'\]"):
        operation_endpoints(site.services.contract, site.services, handlers)


def test_a_handler_without_an_operation_is_named(site: Site) -> None:
    handlers = {**HANDLERS, "sing": HANDLERS["keepAlive"]}
    with pytest.raises(MismatchError, match=r"without an operation .*: \['sing'\]"):
        operation_endpoints(site.services.contract, site.services, handlers)


def test_every_operation_has_a_route(site: Site) -> None:
    for operation in site.services.contract.operations:
        answer = site.send(operation.method, operation.path, ())
        assert answer.status == 401
        assert answer.headers["x-mock-evidence"] == "recorded"  # the refusal's, not the call's


def test_an_answer_shows_the_grade_of_its_operation(site: Site) -> None:
    grades = {
        operation_id: site.run(site.ask(operation_id)).headers["x-mock-evidence"]
        for operation_id in ("newSession", "listSessions", "createToken", "listAvatars")
    }
    assert grades == {
        "newSession": "documented",
        "listSessions": "documented",
        "createToken": "documented",
        "listAvatars": "official",
    }


def test_a_fault_of_a_handler_is_a_500_in_the_apis_form(caplog: pytest.LogCaptureFixture) -> None:
    def broken(text: str, rate: float) -> Any:
        raise KeyError(text)

    with site_with(utter=broken) as site:
        session_id = site.connect()
        answer = site.task(session_id)
        assert answer.error == (500, 500, "Internal Server Error")
        assert site.status(session_id) == "connected"
        assert site.control("GET", "requests").json[2]["status"] == 500
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [
        "sendTask failed"
    ]


def test_a_fault_in_an_event_ends_that_session_and_answers_its_callers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(event: SendEvent) -> Any:
        if event.task_id in bad:
            raise KeyError(event.task_id)
        return b""

    bad: set[str] = set()
    with site_with(event=broken) as site:
        good, ill = site.connect(), site.connect()
        bad.add(site.task(ill, "One.").json["task_id"])
        site.advance(10)
        assert site.status(good) == "connected"
        assert site.status(ill) == "closed"
        reason = site.control("GET", f"sessions/{ill}").json["closed_because"]
        assert reason.startswith("crashed: KeyError")
        assert site.task(good).status == 200
    assert "its peer failed" in caplog.text


def test_a_wrong_answer_of_the_fake_is_seen_by_these_tests() -> None:
    def without_data(operation_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "data"}

    with site_with(answer=without_data) as site, pytest.raises(AssertionError, match="data"):
        site.call("newSession")


def test_a_planted_way_in_is_a_seam_of_its_own() -> None:
    def anybody(
        operation: Operation,
        registry: Registry,
        sent: Credentials,
        settings: Settings,
        now: float,
    ) -> Caller:
        return Caller("anybody")

    with site_with(authenticate=anybody) as site:
        assert site.call("listSessions", ()).status == 200
