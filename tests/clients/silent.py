"""A defective client: it keeps every error to itself and ends as if all had gone well."""

from __future__ import annotations

import contextlib

from tests.clients.api import Api, ClientError, from_environment
from tests.clients.brief import CALL_SECONDS, CARE, visit
from tests.clients.program import run


async def attempt(api: Api) -> None:
    with contextlib.suppress(ClientError):  # the defect
        await visit(api)


if __name__ == "__main__":
    run("silent", lambda: attempt(from_environment(seconds=CALL_SECONDS, again=CARE)))
