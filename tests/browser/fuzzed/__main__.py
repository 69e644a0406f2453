"""Serves the page of the official SDK, to be fuzzed: ``python -m tests.browser.fuzzed``."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.browser.served import serve_files

PAGE = Path(__file__).parent
FILES = {
    "/": PAGE / "index.html",
    "/app.js": PAGE / "app.js",
    "/sdk.js": PAGE.parent / "bundle" / "sdk.js",
}

if __name__ == "__main__":
    with serve_files(FILES) as url:
        print(
            f"heygen-contract fuzz --page '{url}?care=all' --ready app.done --failed app.failed "
            "--end 'app.stop()'",
            flush=True,
        )
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
