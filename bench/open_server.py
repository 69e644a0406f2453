"""The fake in a process that also tells what it holds: ``python -m bench.open_server``.

Tasks cannot be counted from outside, and a route that tells them would have no other use.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
from pathlib import Path

from mock_server.server import listen, make_server, url_of
from mock_server.settings import Settings


def held() -> dict[str, int]:
    """Open files, tasks, threads, and bytes of memory after a collection."""
    gc.collect()
    return {
        "files": _open_files(),
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "memory": _memory(),
    }


def _open_files() -> int:
    folder = Path("/proc/self/fd") if sys.platform == "linux" else Path("/dev/fd")
    return len(list(folder.iterdir()))


def _memory() -> int:
    """Resident bytes; 0 where the system does not tell them in a file."""
    if sys.platform != "linux":
        return 0
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def serve() -> None:
    settings = Settings(port=0, max_sessions=0, log_level="error")
    listener = listen(settings)
    server = make_server(
        settings, started=lambda: print(f"Listening on {url_of(listener)}", flush=True)
    )

    def asked() -> None:
        for _ in os.read(0, 4096).splitlines():
            print(json.dumps(held()), flush=True)

    asyncio.get_running_loop().add_reader(0, asked)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(serve())
