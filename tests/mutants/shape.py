"""Answers of the wrong form."""

from __future__ import annotations

import json
import uuid
from typing import Any

from mock_server.core import errors
from mock_server.core.errors import ApiError, ErrorRow
from mock_server.ids import Ids, IdSource
from mock_server.seams import Seams
from mock_server.settings import Settings
from tests.mutants.mutant import Body, Mutant, answers, refuses, sends, with_json


def _set(body: Body, *path: str | int, to: object) -> None:
    target: Any = body
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = to


class _RandomIds(IdSource):
    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


class _RandomTasks(IdSource):
    def task_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _random_ids(settings: Settings) -> Ids:
    return _RandomIds(settings.seed)


def _random_tasks(settings: Settings) -> Ids:
    return _RandomTasks(settings.seed)


def _reworded(error: ApiError) -> ApiError:
    row = error.row
    return ApiError(ErrorRow(row.name, row.code, row.status, f"Error: {row.message}"))


def _renumbered(error: ApiError) -> ApiError:
    row = error.row
    return ApiError(ErrorRow(row.name, row.code + 1, row.status, error.message))


def _each_session(body: Body, name: str, value: object) -> None:
    for listed in (body["sessions"], body["data"]["sessions"]):
        for session in listed:
            session[name] = value


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "new-is-paid-is-text", "answer-schema", "newSession", "data.is_paid",
        "says whether the account pays as a string",
        answers("newSession", lambda body: _set(body, "data", "is_paid", to="true")),
    ),
    Mutant(
        "new-sdp-type-answer", "answer-schema", "newSession", "data.sdp.type",
        "calls its offer an answer",
        answers("newSession", lambda body: _set(body, "data", "sdp", "type", to="answer")),
    ),
    Mutant(
        "new-without-ice-servers2", "answer-schema", "newSession", "data.ice_servers2",
        "leaves out ice_servers2, without which the SDK 1.0.16 fails",
        answers("newSession", lambda body: body["data"].pop("ice_servers2")),
    ),
    Mutant(
        "start-without-status", "answer-schema", "startSession", "status",
        "leaves out the document's status of a start",
        answers("startSession", lambda body: body.pop("status")),
    ),
    Mutant(
        "ice-status-ok", "answer-schema", "submitIce", "status",
        "says ok where it should say success",
        answers("submitIce", lambda body: _set(body, "status", to="ok")),
    ),
    Mutant(
        "task-duration-text", "answer-schema", "sendTask", "data.duration_ms",
        "gives the duration as a string",
        answers("sendTask", lambda body: _set(body, "data", "duration_ms", to="2480.0")),
    ),
    Mutant(
        "list-status-active", "answer-schema", "listSessions", "data.sessions[].status",
        "lists a status that does not exist",
        answers("listSessions", lambda body: _each_session(body, "status", "active")),
    ),
    Mutant(
        "list-without-key-type", "answer-schema", "listSessions", "data.sessions[].api_key_type",
        "leaves out api_key_type of listed sessions",
        answers("listSessions", lambda body: [s.pop("api_key_type")
                                              for s in body["data"]["sessions"]]),
    ),
    Mutant(
        "stop-code-zero", "answer-schema", "stopSession", "code",
        "answers a stop with code 0 instead of 100",
        answers("stopSession", lambda body: _set(body, "code", to=0)),
    ),
    Mutant(
        "interrupt-data-empty-object", "answer-schema", "interruptTask", "data",
        "answers an interrupt with an empty object as data, not null",
        answers("interruptTask", lambda body: _set(body, "data", to={})),
    ),
    Mutant(
        "keep-alive-without-message", "answer-schema", "keepAlive", "message",
        "leaves out the message of a keep-alive",
        answers("keepAlive", lambda body: body.pop("message")),
    ),
    Mutant(
        "token-not-base64", "answer-schema", "createToken", "data.token",
        "makes tokens of 32 digits without their wrapping",
        answers("createToken", lambda body: _set(body, "data", "token", to="0" * 32)),
    ),
    Mutant(
        "avatars-created-at-text", "answer-schema", "listAvatars", "data[].created_at",
        "lists the time at which an avatar was made as text",
        answers("listAvatars",
                lambda body: _set(body, "data", 0, "created_at", to="2024-05-01T00:00:00Z")),
    ),
    Mutant(
        "voices-support-pause-null", "answer-schema", "listVoices", "data.voices[].support_pause",
        "lists null for whether a voice can pause",
        answers("listVoices", lambda body: _set(body, "data", "voices", 0, "support_pause",
                                                to=None)),
    ),
    Mutant(
        "listening-answers-text", "answer-schema", "startListening", "",
        "answers startListening with a body that is no JSON",
        sends("/v1/streaming.start_listening",
              lambda answer: answer._replace(content=b"success") if answer.status == 200
              else answer),
    ),
    Mutant(
        "stop-listening-answers-list", "answer-schema", "stopListening", "",
        "wraps the answer of stopListening in a list",
        sends("/v1/streaming.stop_listening",
              lambda answer: with_json(answer, [json.loads(answer.content)])
              if answer.status == 200 else answer),
    ),
    Mutant(
        "task-flat-id-differs", "shapes-agree", "sendTask", "task_id",
        "gives another task_id beside data than under it",
        answers("sendTask", lambda body: _set(body, "task_id", to=body["task_id"].upper())),
    ),
    Mutant(
        "list-flat-empty", "shapes-agree", "listSessions", "sessions",
        "lists no sessions beside data",
        answers("listSessions", lambda body: _set(body, "sessions", to=[])),
    ),
    Mutant(
        "session-id-v4", "session-id-v1", "newSession", "data.session_id",
        "makes session ids of version 4",
        Seams(ids=_random_ids),
    ),
    Mutant(
        "task-id-v4", "session-id-v1", "sendTask", "data.task_id",
        "makes task ids of version 4",
        Seams(ids=_random_tasks),
    ),
    Mutant(
        "error-without-message", "error-form", "sendTask", "message",
        "refuses tasks without a message",
        sends("/v1/streaming.task",
              lambda answer: with_json(answer, {"code": json.loads(answer.content)["code"]})
              if answer.status >= 400 else answer),
    ),
    Mutant(
        "error-code-text", "error-form", "startSession", "code",
        "gives the error code of a start as a string",
        sends("/v1/streaming.start",
              lambda answer: with_json(answer, {"code": "400", "message": "no"})
              if answer.status >= 400 else answer),
    ),
    Mutant(
        "error-nested", "error-form", "listAvatars", "error",
        "puts the error of listAvatars under a key of its own",
        sends("/v1/streaming/avatar.list",
              lambda answer: with_json(answer, {"error": json.loads(answer.content)})
              if answer.status >= 400 else answer),
    ),
    Mutant(
        "error-number-unlisted", "error-known", "stopSession", "code",
        "refuses a stop with a number that is no error",
        refuses("stopSession", _renumbered),
    ),
    Mutant(
        "error-reworded", "error-known", "interruptTask", "message",
        "puts a word before each message of interrupt's errors",
        refuses("interruptTask", _reworded),
    ),
    Mutant(
        "error-of-another-operation", "error-known", "createToken", "code",
        "refuses a token's body with an error of streaming.task",
        refuses("createToken", lambda error: ApiError(errors.SESSION_STATE)
                if error.row.status == 400 else error),
    ),
)  # fmt: skip
