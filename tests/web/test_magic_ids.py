"""Avatar ids that ask for errors, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.core import errors
from tests.web.conftest import MakeSite
from tests.web.site import OFFER, Answer, Site

MORE: dict[str, dict[str, Any]] = {
    "startSession": {"sdp": {"type": "offer", "sdp": OFFER}},
    "submitIce": {"candidate": {"candidate": ""}},
    "sendTask": {"text": "Hello!"},
}
PER_SESSION = (
    "submitIce", "keepAlive", "startListening", "stopListening", "interruptTask", "stopSession",
)  # fmt: skip


def ask(site: Site, operation_id: str, session_id: str) -> Answer:
    operation = site.services.contract.operation(operation_id)
    body = {"session_id": session_id, **MORE.get(operation_id, {})} if operation.has_body else {}
    return site.call(operation_id, **body)


@pytest.mark.parametrize("row", errors.ROWS, ids=lambda row: row.name)
def test_a_magic_id_reaches_every_row_at_its_natural_operation(
    site: Site, row: errors.ErrorRow
) -> None:
    natural = site.services.natural_operations[row.name]
    avatar_id = f"mock:{row.name}"
    if natural == "newSession":
        answer = site.call("newSession", avatar_id=avatar_id)
        message = row.message
        assert site.call("listSessions").json["sessions"] == []
    else:
        session_id = site.new(avatar_id=avatar_id)
        if natural == "sendTask":
            site.start(session_id)
        answer = ask(site, natural, session_id)
        message = row.message.replace("{session_id}", session_id)
    assert answer.error == (row.status, row.code, message)


@pytest.mark.parametrize("operation_id", [*PER_SESSION, "sendTask", "startSession"])
def test_an_error_is_answered_once_at_the_operation_asked_for(
    site: Site, operation_id: str
) -> None:
    session_id = site.new(avatar_id=f"mock:rate-limit@{operation_id}")
    if operation_id == "sendTask":
        site.start(session_id)
    assert ask(site, operation_id, session_id).error == (429, 400123, "Exceed rate limit")
    assert ask(site, operation_id, session_id).status == 200


@pytest.mark.parametrize(
    "operation_id", ["listSessions", "createToken", "listAvatars", "listVoices"]
)
def test_calls_that_name_no_session_are_reached_too(site: Site, operation_id: str) -> None:
    session_id = site.new(avatar_id=f"mock:rate-limit@{operation_id}")
    other = (("x-api-key", "another"),)
    assert site.call(operation_id, other).status == 200
    assert ask(site, operation_id, session_id).error == (429, 400123, "Exceed rate limit")
    assert ask(site, operation_id, session_id).status == 200


def test_an_error_changes_nothing_in_the_session(site: Site) -> None:
    session_id = site.new(avatar_id="mock:internal-error@startSession")
    assert site.start(session_id).status == 500
    assert site.status(session_id) == "new"
    assert site.start(session_id).status == 200


def test_a_mistaken_id_is_refused(site: Site) -> None:
    refused = site.call("newSession", avatar_id="mock:nonsense")
    assert refused.error[:2] == (400, 400175)
    assert "no error is named 'nonsense'" in refused.error[2]


def test_avatar_name_is_magic_too(site: Site) -> None:
    refused = site.call("newSession", avatar_name="mock:quota-not-enough")
    assert refused.error == (400, 10008, "quota not enough")


def test_without_magic_the_ids_are_ordinary(make_site: MakeSite) -> None:
    assert make_site(magic=False).call("newSession", avatar_id="mock:rate-limit").status == 200
    strict = make_site(magic=False, strict_avatars=True)
    refused = strict.call("newSession", avatar_id="mock:rate-limit")
    assert refused.error == (400, 10013, "avatar not found")


def test_magic_ids_work_where_unknown_avatars_are_refused(make_site: MakeSite) -> None:
    site = make_site(strict_avatars=True)
    refused = site.call("newSession", avatar_id="nobody")
    assert refused.error == (400, 10013, "avatar not found")
    refused = site.call("newSession", avatar_id="mock:quota-not-enough")
    assert refused.error == (400, 10008, "quota not enough")
    session_id = site.new(avatar_id="mock:rate-limit@stopSession")
    refused = site.call("stopSession", session_id=session_id)
    assert refused.error == (429, 400123, "Exceed rate limit")
    assert site.call("stopSession", session_id=session_id).status == 200


def test_errors_that_nobody_meets_are_forgotten_in_the_end(make_site: MakeSite) -> None:
    site = make_site(max_sessions=0)
    first = site.new(avatar_id="mock:rate-limit@stopSession")
    for number in range(1000):
        site.services.remember_magic(f"session-{number}", site.services.magic[first])
        if first not in site.services.magic:
            break
    assert len(site.services.magic) == 1000
    assert site.call("stopSession", session_id=first).status == 200
