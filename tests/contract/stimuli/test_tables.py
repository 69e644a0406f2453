from __future__ import annotations

from collections import Counter

import pytest

from contract.sdp import SdpError, read_sdp
from contract.spec import Operation, load_spec
from contract.stimuli import descriptions
from contract.stimuli.actions import Edit, put
from contract.stimuli.bodies import FORMS, edited
from contract.stimuli.credentials import BAD, GOOD, headers, known, token_number
from contract.stimuli.descriptions import VARIANTS
from contract.stimuli.schema_rows import bad_edits, fields_of, good_edits
from contract.stimuli.tables import plain, rows
from contract.viewers.paper import write_answer, write_offer

SPEC = load_spec()
WITH_BODY = [o for o in SPEC.operations.values() if o.has_body]


def _name(operation: Operation) -> str:
    return operation.id


@pytest.mark.parametrize("operation", WITH_BODY, ids=_name)
def test_every_bad_edit_breaks_the_schema(operation: Operation) -> None:
    assert operation.request is not None
    for edit in bad_edits(SPEC, operation):
        row = plain(operation)
        assert operation.request.defects(edited(operation.id, [*row.action.edits, edit])), edit


@pytest.mark.parametrize("operation", WITH_BODY, ids=_name)
def test_every_good_edit_keeps_the_schema(operation: Operation) -> None:
    assert operation.request is not None
    for edit in good_edits(SPEC, operation):
        assert operation.request.defects(edited(operation.id, [edit])) == [], edit


def test_every_constraint_of_a_request_schema_is_broken_by_a_row() -> None:
    for operation in WITH_BODY:
        edits = set(bad_edits(SPEC, operation))
        for field in fields_of(SPEC, operation):
            places = [edit for edit in edits if edit.place == field.place]
            assert (Edit(field.place) in places) == field.required
            if "enum" in field.schema:
                assert put(field.place, "no such value") in places
            if "minimum" in field.schema:
                assert put(field.place, -1_000_000_000) in places
            if "maximum" in field.schema:
                assert put(field.place, 1_000_000_000_000) in places
            if field.schema.get("minLength"):
                assert put(field.place, "") in places
            assert len(places) >= 4


def test_the_tables_name_only_what_there_is() -> None:
    for row in rows(SPEC, other=True):
        action = row.action
        assert action.do == "request" or action.do in SPEC.operations
        assert action.form in FORMS
        assert known(action.credentials, tokens=0, other=True)


def test_every_operation_is_called_with_every_kind_of_bad_credentials() -> None:
    asked = Counter(
        row.action.do
        for row in rows(SPEC, other=False)
        if row.action.credentials in BAD and not row.action.edits
    )
    for operation in SPEC.operations.values():
        if operation.id != "startSession":
            assert asked[operation.id] >= len(BAD), operation.id


def test_credentials_are_written_as_headers() -> None:
    def said(name: str) -> dict[str, str]:
        return dict(headers(name, key="k1", other_key="k2", tokens=["t0", "t1"]))

    assert said("key") == {"x-api-key": "k1"}
    assert said("other key") == {"x-api-key": "k2"}
    assert said("token 1") == {"authorization": "Bearer t1"}
    assert said("other key and token 0") == {"authorization": "Bearer t0", "x-api-key": "k2"}
    assert said("none") == {}
    assert all(said(name) for name in GOOD)


def test_credentials_that_cannot_be_made_are_known_not_to_be() -> None:
    assert known("token 0", tokens=1, other=False)
    assert not known("token 1", tokens=1, other=True)
    assert not known("other key and token 0", tokens=1, other=False)
    assert not known("nonsense", tokens=1, other=True)
    assert token_number("key and token 12") == 12
    assert token_number("key") is None


def test_the_spoilt_descriptions_differ_from_what_they_were_made_of() -> None:
    answer = write_answer("s", write_offer("s").replace("recvonly", "sendonly"))
    texts = {name: spoil(answer) for name, spoil in VARIANTS.items()}
    assert answer not in texts.values()
    assert len(set(texts.values())) == len(texts)
    for name in descriptions.GOOD:
        assert [s.kind for s in read_sdp(texts[name]).sections] == [
            "video",
            "audio",
            "application",
        ]
    with pytest.raises(SdpError):
        read_sdp(texts["nonsense"])
