"""Calls that are refused, by the API or by what stands before it, and answers that come late."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.core import errors
from mock_server.core.errors import ApiError, ErrorRow
from mock_server.core.faults.body import HTML, Body
from mock_server.core.faults.kind import OPERATIONS, Kind, choice, flag, whole
from mock_server.core.faults.plan import Deviation

MAIN = ("newSession", "startSession", "sendTask", "stopSession")
"""What every client calls, and is tried hardest."""

_ROWS = {row.name: row for row in errors.ROWS}
_GATEWAYS = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_RETRY_AFTER = whole("seconds in a Retry-After header", low=0, high=86_400)
_PERFORMED = flag("the call is done all the same: its answer is lost")

SLOW = Kind(
    "slow",
    "answers",
    OPERATIONS,
    "the call is done at once, and its answer comes late",
    weight=2,
    parameters={"ms": whole("how late, in milliseconds", low=1, high=600_000)},
    required=("ms",),
    waits={"ms": 0.001},
    trials=({"ms": 1500},),
)

STATUS = Kind(
    "status",
    "answers",
    OPERATIONS,
    "the call is refused with an error of the API's own, and is not done",
    weight=3,
    parameters={
        "row": choice("the error, by its name in x-errors", tuple(_ROWS)),
        "retry_after": _RETRY_AFTER,
        "performed": _PERFORMED,
    },
    required=("row",),
    waits={"retry_after": 1.0},
    trials=(
        {"row": "rate-limit", "retry_after": 1},
        {"row": "session-connecting", "on": "sendTask"},
        {"row": "internal-error", "on": ("newSession", "sendTask")},
        {"row": "internal-error", "performed": True, "on": (*MAIN, "createToken")},
        {"row": "peer-start-failed", "on": "startSession"},
        {"row": "session-closed", "on": ("sendTask", "keepAlive", "interruptTask", "stopSession")},
        {"row": "concurrent-limit", "on": "newSession"},
        {"row": "quota-not-enough", "on": ("newSession", "sendTask"), "every": True},
        {"row": "unauthorized", "on": ("createToken", "newSession"), "every": True},
        {"row": "rate-limit", "on": (*MAIN, "createToken", "listSessions"), "every": True},
        {"row": "internal-error", "every": True},
    ),
)

SERVER_ERROR = Kind(
    "server-error",
    "answers",
    OPERATIONS,
    "a gateway before the API refuses the call: 500, 502, 503 or 504, often without JSON",
    weight=3,
    parameters={
        "status": {
            "type": "integer",
            "enum": list(_GATEWAYS),
            "description": "the status of the answer",
        },
        "body": choice("what the answer holds; html when absent", ("json", "html", "empty")),
        "retry_after": _RETRY_AFTER,
        "performed": _PERFORMED,
    },
    required=("status",),
    waits={"retry_after": 1.0},
    trials=(
        {"status": 503, "body": "json", "retry_after": 1, "on": MAIN},
        {"status": 502, "body": "html", "on": (*MAIN, "createToken", "keepAlive", "submitIce")},
        {"status": 504, "body": "empty", "performed": True, "on": MAIN},
    ),
)

KINDS = (SLOW, STATUS, SERVER_ERROR)


def first_refusal(due: Iterable[Deviation]) -> Deviation | None:
    """The deviation that refuses the call; those after it have nothing left to refuse."""
    return next((one for one in due if one.do in (STATUS.do, SERVER_ERROR.do)), None)


def refusal(deviation: Deviation, *, session_id: str) -> ApiError:
    """The error that the call is answered with."""
    seconds = deviation.get("retry_after")
    headers = () if seconds is None else (("retry-after", str(seconds)),)
    if deviation.do == STATUS.do:
        return ApiError(_ROWS[deviation["row"]], session_id=session_id, headers=headers)
    status = deviation["status"]
    row = ErrorRow(SERVER_ERROR.do, status, status, _GATEWAYS[status])
    return ApiError(row, headers=headers)


def refusal_body(deviation: Deviation) -> Body | None:
    """What a gateway says in place of the API's error form; None where it says that."""
    if deviation.do != SERVER_ERROR.do or deviation.get("body", "html") == "json":
        return None
    if deviation.get("body") == "empty":
        return Body(None, raw=b"", media_type="text/plain")
    title = f"{deviation['status']} {_GATEWAYS[deviation['status']]}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
        "</center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    )
    return Body(None, raw=page.encode(), media_type=HTML)


def delay(due: Iterable[Deviation]) -> float:
    """Seconds by which the answer is late."""
    return sum(int(one["ms"]) for one in due if one.do == SLOW.do) / 1000
