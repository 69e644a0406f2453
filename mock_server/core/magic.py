"""Magic avatar ids: errors on demand for clients that cannot call the control API.

``mock:concurrent-limit`` makes the fake answer with that row of the error vocabulary at the row's
natural operation; ``mock:concurrent-limit@stopSession`` at another one. An error of any operation
but ``newSession`` is answered once, on the first such call of the session opened with the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.core import errors
from mock_server.core.errors import ApiError, ErrorRow

PREFIX = "mock:"


@dataclass(frozen=True, slots=True)
class Magic:
    row: ErrorRow
    operation_id: str


def parse_magic(
    avatar_id: str, *, natural: Mapping[str, str], operations: frozenset[str]
) -> Magic | None:
    """The error that a magic avatar id asks for; None for an ordinary id.

    ``natural`` maps a row's name to the operation that answers with it by default. Raises
    ApiError(INVALID_PARAMETER) for a magic id that names no row or no operation.
    """
    if not avatar_id.startswith(PREFIX):
        return None
    name, at, operation = avatar_id.removeprefix(PREFIX).partition("@")
    row = next((row for row in errors.ROWS if row.name == name), None)
    if row is None:
        detail = f"avatar_id: no error is named {name[:80]!r}; `heygen-mock errors` lists them"
        raise ApiError(errors.INVALID_PARAMETER, detail)
    if at and operation not in operations:
        known = ", ".join(sorted(operations))
        detail = f"avatar_id: {operation[:80]!r} is no operation; they are {known}"
        raise ApiError(errors.INVALID_PARAMETER, detail)
    return Magic(row, operation if at else natural.get(name, "newSession"))
