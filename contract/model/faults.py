"""What is wrong with a request itself, in the order in which a server must find it."""

from __future__ import annotations

from contract.model.accounts import Identity
from contract.model.call import Call
from contract.model.expectation import Expectation, refused

MAX_TEXT = 1000
"""Characters; rule task-length-limit."""


def faults_of(call: Call, identity: Identity) -> list[Expectation]:
    """A refusal per fault, in the order of rule check-order."""
    if call.operation is None:
        if call.path_known:
            return [refused("method-refused", "method-not-allowed")]
        return [refused("path-unknown", "not-found")]
    found = []
    if call.large:
        found.append(refused("check-order", "payload-too-large", sure=False))
    found += _credentials(call, identity)
    if call.odd_type:
        found.append(refused("media-type-refused", "unsupported-media-type"))
    elif call.not_json:
        found.append(refused("json-refused", "invalid-json"))
    elif call.defects:
        found.append(refused("schema-refused", "invalid-parameter"))
    elif call.id == "sendTask":
        found += _text(call.body.get("text"))
    return found


def _credentials(call: Call, identity: Identity) -> list[Expectation]:
    assert call.operation is not None
    if identity.valid is False:
        return [refused(identity.rule, "unauthorized")]
    found = []
    if identity.valid is None:
        found.append(refused(identity.rule, "unauthorized", sure=False))
    sure = identity.valid is True
    if identity.token is not None and not call.operation.takes_token:
        found.append(refused("token-makes-no-token", "unauthorized", sure=sure))
    elif identity.token is not None and call.id == "newSession" and identity.token.session_id:
        found.append(refused("token-one-session", "unauthorized", sure=sure))
    return found


def _text(text: object) -> list[Expectation]:
    if not isinstance(text, str):
        return []
    if not text.strip():
        return [refused("task-blank", "invalid-parameter")]
    if len(text) > MAX_TEXT:
        return [refused("task-length-limit", "invalid-parameter")]
    return []
