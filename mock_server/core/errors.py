"""The API's error vocabulary: one row per error that a client can meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One error of the API, equal to the row of the same name in ``x-errors`` of openapi.yaml.

    ``message`` may hold ``{session_id}``, filled in when the error is raised. A detail, where
    one exists, follows the message after a colon, so that the start of the text stays fixed.
    """

    name: str
    code: int
    status: int
    message: str


class ApiError(Exception):
    """The caller's mistake, or a refusal that the API knows: answered with ``row``.

    ``detail`` is appended to the row's message; ``headers`` go out with the answer.
    """

    def __init__(
        self,
        row: ErrorRow,
        detail: str = "",
        *,
        session_id: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        text = row.message.replace("{session_id}", session_id)
        self.row = row
        self.message = f"{text}: {detail}" if detail else text
        self.headers = headers
        super().__init__(self.message)


UNAUTHORIZED = ErrorRow("unauthorized", 400112, 401, "Unauthorized")
FORBIDDEN = ErrorRow("forbidden", 400562, 403, "forbidden")
NO_API_ACCESS = ErrorRow("no-api-access", 400599, 400, "Your account doesn't have API access")
QUOTA_NOT_ENOUGH = ErrorRow("quota-not-enough", 10008, 400, "quota not enough")
CONCURRENT_LIMIT = ErrorRow(
    "concurrent-limit",
    10007,
    400,
    "Concurrent limit reached, please make sure you have closed other testing sessions "
    "under the same account",
)
TRIAL_LIMIT = ErrorRow("trial-limit", 10015, 400, "Trial API limit reached")
SESSION_FULL = ErrorRow("session-full", 10014, 400, "Session full")
RATE_LIMIT = ErrorRow("rate-limit", 400123, 429, "Exceed rate limit")
AVATAR_NOT_FOUND = ErrorRow("avatar-not-found", 10013, 400, "avatar not found")
AVATAR_NOT_FOUND_LEGACY = ErrorRow("avatar-not-found-legacy", 10012, 400, "Avatar not found")
AVATAR_NOT_ALLOWED = ErrorRow("avatar-not-allowed", 10013, 400, "Avatar not allowed")
AVATAR_DEPRECATED = ErrorRow(
    "avatar-deprecated", 10003, 400, "avatar version is deprecated, please update to v3+"
)
AVATAR_DEPRECATED_MEDIA = ErrorRow(
    "avatar-deprecated-media", 400014, 400, "Avatar version is deprecated, please update to v3+"
)
VOICE_NOT_SUPPORTED = ErrorRow(
    "voice-not-supported", 40002, 400, "streaming avatar not support this voice"
)
SPEECH_PROVIDER_FAILED = ErrorRow(
    "speech-provider-failed", 400009, 400, "Error calling text to speech provider"
)
SESSION_UNKNOWN = ErrorRow(
    "session-unknown", 400004, 400, "Session does not exist. SessionID: {session_id}"
)
SESSION_NOT_FOUND = ErrorRow("session-not-found", 10006, 400, "Session not found")
SESSION_NEW = ErrorRow("session-new", 10001, 400, "session state wrong: new")
SESSION_CONNECTING = ErrorRow("session-connecting", 10002, 400, "session state wrong: connecting")
SESSION_CONNECTED = ErrorRow("session-connected", 10003, 400, "session state wrong: connected")
SESSION_CLOSING = ErrorRow("session-closing", 10004, 400, "session state wrong: closing")
SESSION_CLOSED = ErrorRow("session-closed", 10005, 400, "session state wrong: closed")
SESSION_STATE = ErrorRow("session-state", 400006, 400, "Session is not in correct state")
PEER_START_FAILED = ErrorRow(
    "peer-start-failed", 400, 400, "peer start failed,please check the answer"
)
INVALID_PARAMS = ErrorRow("invalid-params", 400006, 400, "Invalid params")
INVALID_PARAMETER = ErrorRow("invalid-parameter", 400175, 400, "Invalid parameter")
TOO_MANY_TASKS = ErrorRow("too-many-tasks", 400123, 400, "Too many tasks are waiting")
NOT_FOUND = ErrorRow("not-found", 404, 404, "Not Found")
METHOD_NOT_ALLOWED = ErrorRow("method-not-allowed", 405, 405, "Method Not Allowed")
REQUEST_TIMEOUT = ErrorRow("request-timeout", 408, 408, "Request Timeout")
PAYLOAD_TOO_LARGE = ErrorRow("payload-too-large", 413, 413, "Payload Too Large")
UNSUPPORTED_MEDIA_TYPE = ErrorRow("unsupported-media-type", 415, 415, "Unsupported Media Type")
INVALID_JSON = ErrorRow("invalid-json", 400175, 400, "Invalid JSON")
INTERNAL_ERROR = ErrorRow("internal-error", 500, 500, "Internal Server Error")

ROWS: tuple[ErrorRow, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, ErrorRow)
)


def invalid(place: str, problem: str) -> ApiError:
    """A request that the schema allows and the API does not."""
    return ApiError(INVALID_PARAMETER, f"{place}: {problem}")
