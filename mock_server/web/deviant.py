"""Answers that deviate as a plan asks: changed, and to be late or broken on their way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

from mock_server.core.faults import answers, coding, refusals, wire
from mock_server.core.faults.body import JSON, Body
from mock_server.core.faults.delivery import Fate
from mock_server.core.faults.plan import Deviation
from mock_server.web.answers import HttpAnswer
from mock_server.web.services import Services
from mock_server.web.wire import wire_of


@dataclass(frozen=True, slots=True)
class Deviant:
    """An answer, and how it is to be sent. ``used`` are the deviations that made it so."""

    answer: HttpAnswer
    code: int | None
    used: tuple[Deviation, ...]
    late: float
    broken: tuple[Deviation, ...]
    fate: Fate

    @property
    def retry_after(self) -> int | None:
        """The seconds of its Retry-After header."""
        told = [value for name, value in self.answer.headers if name == b"retry-after"]
        return int(told[0]) if told and told[0].isdigit() else None

    @property
    def held(self) -> bool:
        """Whether sending it takes time, in which the client may go away."""
        return self.late > 0 or any(one.do in _LASTING for one in self.broken)

    def tells(self, session_id: str) -> bool:
        """Whether a client learns the session's id from it, if it waits for all of it."""
        headers = dict(self.answer.headers)
        if (
            not 200 <= self.answer.status < 300
            or not self.fate.whole
            or headers.get(b"content-type") != JSON.encode()
            or b"content-encoding" in headers
        ):
            return False
        try:
            body = json.loads(self.answer.content.decode("utf-8"))
        except ValueError:
            return False
        data = body.get("data") if isinstance(body, dict) else None
        return isinstance(data, dict) and data.get("session_id") == session_id


_UNREADABLE = frozenset((coding.NOT_JSON.do, coding.HTML_PAGE.do))
_LASTING = (wire.PIECES.do, wire.DRIBBLE.do)


def deviate(
    due: Sequence[Deviation],
    *,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: dict[str, Any],
    services: Services,
    scope: Scope,
) -> Deviant:
    """What the deviations make of an answer; ``headers`` has the content type first."""
    used: list[Deviation] = []
    content, refused = Body(body), refusals.first_refusal(due)
    if refused is not None:
        used.append(refused)
        content = refusals.refusal_body(refused) or content
    for one in due:
        new = answers.edited(one, content)
        if new is not None:
            content = new
            used.append(one)
    typed = [(b"content-type", content.media_type.encode()), *headers[1:]]
    answer = HttpAnswer(status, typed, content.encoded())
    answer = services.http(scope["method"], scope["path"], answer)
    for one in due:
        recoded = coding.recoded(one, answer.headers, answer.content)
        if recoded is not None:
            answer = HttpAnswer(answer.status, list(recoded[0]), recoded[1])
            used.append(one)
    connected = wire_of(scope) is not None
    broken = wire.playable(due, length=len(answer.content)) if connected else ()
    fate = wire.fate(broken)
    if not fate.status:  # nobody sees what was made of the answer, but that it was refused
        used = [one for one in used if one is refused]
    late = [one for one in due if one.do == refusals.SLOW.do]
    return Deviant(
        answer=answer,
        code=_code(content) if not _UNREADABLE.intersection(one.do for one in used) else None,
        used=tuple(sorted((*used, *broken, *late), key=lambda one: one.at)),
        late=refusals.delay(late),
        broken=broken,
        fate=fate,
    )


def _code(body: Body) -> int | None:
    code = body.value.get("code") if isinstance(body.value, dict) else None
    return code if body.raw is None and type(code) is int else None
