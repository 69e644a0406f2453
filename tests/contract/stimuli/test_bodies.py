from __future__ import annotations

import json

import pytest

from contract.exchange import Exchange, Request, Response
from contract.model.call import read_call
from contract.spec import load_spec
from contract.stimuli.actions import Edit, put
from contract.stimuli.bodies import BAD_JSON, FORMS, GOOD_FORMS, PLAIN, edited, filled

SPEC = load_spec()


def test_every_operation_with_a_body_has_a_plain_one_that_is_valid() -> None:
    assert PLAIN.keys() == {o.id for o in SPEC.operations.values() if o.has_body}
    for name, body in PLAIN.items():
        schema = SPEC.operations[name].request
        assert schema is not None
        assert schema.defects(body) == []


def test_edits_set_replace_and_remove() -> None:
    assert edited("newSession", [put("voice.rate", 1.2), Edit("quality")]) == {
        "voice": {"rate": 1.2}
    }
    assert edited("stopSession", [put("", [])]) == []
    assert edited("stopSession", [put("", "x"), put("session_id", "y")]) == {"session_id": "y"}
    assert PLAIN["newSession"] == {"quality": "low"}


def test_placeholders_are_filled_in_at_any_depth() -> None:
    assert filled({"a": ["$x", {"b": "$y"}], "c": "z"}, lambda name: name.upper()) == {
        "a": ["$X", {"b": "$Y"}],
        "c": "z",
    }


@pytest.mark.parametrize("form", GOOD_FORMS)
def test_a_good_form_says_the_same_value(form: str) -> None:
    value = {"session_id": 'a "quoted" é \n', "sdp": {"sdp": "v=0\r\n", "n": [1.5, None]}}
    assert json.loads(FORMS[form](value)[1]) == value
    assert json.loads(FORMS[form](PLAIN["startSession"])[1]) == PLAIN["startSession"]


@pytest.mark.parametrize("form", BAD_JSON)
def test_a_bad_form_is_no_json(form: str) -> None:
    operation = SPEC.operations["stopSession"]
    headers, content = FORMS[form]({"session_id": "a"})
    request = Request(operation.method, operation.path, headers, content)
    assert read_call(SPEC, Exchange(1, request, Response(200), 0, 0)).not_json
