"""Serves the pages of the official SDKs, to be fuzzed: ``python -m tests.browser.fuzzed``."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.browser.served import serve_files

PAGE = Path(__file__).parent
FILES = {
    "/": PAGE / "index.html",
    "/app.js": PAGE / "app.js",
    "/sdk.js": PAGE.parent / "bundle" / "sdk.js",
    "/room": PAGE / "room.html",
    "/room.js": PAGE / "room.js",
    "/sdk-2.1.0.js": PAGE.parent / "bundle" / "sdk-2.1.0.js",
}

if __name__ == "__main__":
    with serve_files(FILES) as url:
        for page in ("?care=all", "room?care=some"):
            print(
                f"heygen-contract fuzz --page '{url}{page}' --ready app.done "
                "--failed app.failed --end 'app.stop()'",
                flush=True,
            )
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
