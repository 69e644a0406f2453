"""How a reference client ends: 0, or 1 and one line that says what went wrong."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn

from tests.clients.api import ClientError


def run(name: str, client: Callable[[], Awaitable[None]]) -> NoReturn:
    """Ends the program. SIGTERM and Ctrl-C let the client clean up."""

    async def main() -> None:
        this = asyncio.current_task()
        assert this is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
        await client()

    try:
        asyncio.run(main())
    except ClientError as error:
        sys.exit(f"{name}: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(f"{name}: interrupted")
    sys.exit(0)
