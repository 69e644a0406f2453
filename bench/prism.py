"""Prism, another mock of OpenAPI files: installed on demand, at one version, out of the way."""

from __future__ import annotations

import shutil
import socket
import subprocess

from bench.child import ROOT, SERVING, Child
from bench.row import Say, UnavailableError

VERSION = "5.14.2"
_HOME = ROOT / ".bench" / f"prism-{VERSION}"
_PROGRAM = _HOME / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


def install(say: Say) -> None:
    """Installs it where npm is there. Raises UnavailableError saying why it cannot be used."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise UnavailableError("Prism needs node and npm, which are not here")
    if _PROGRAM.is_file():
        return
    say(f"installing Prism {VERSION} (once)")
    _HOME.mkdir(parents=True, exist_ok=True)
    package = f"@stoplight/prism-cli@{VERSION}"
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]
    done = subprocess.run(
        [*command, str(_HOME), package], capture_output=True, text=True, check=False
    )
    if done.returncode or not _PROGRAM.is_file():
        words = done.stderr.strip().splitlines()
        raise UnavailableError(f"npm could not install Prism: {words[-1] if words else 'no words'}")


def start(port: int) -> Child:
    """Mocks openapi.yaml on that port of this machine, as users start it; its log is dropped."""
    return Child(
        [
            "node", str(_PROGRAM), "mock", "--host=127.0.0.1", f"--port={port}",
            str(ROOT / "openapi.yaml"),
        ],
        place=SERVING,
        chatty=True,
    )  # fmt: skip


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
