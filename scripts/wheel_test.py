"""Builds the wheel, installs it into an environment outside the checkout, serves and judges there.

Plain `pip install` of the wheel must be enough to serve, and for the judge's own viewer: no extra,
no file of the checkout.
Exit 0 when it is, 1 with one line that says what was not.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
START_SECONDS = 60.0
STOP_SECONDS = 20.0


class WheelError(Exception):
    """What the installed wheel does not do."""


def build(place: Path) -> Path:
    """The wheel, made in `place` by the build backend that the lock pins."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", place],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    expect(done.returncode == 0, f"it does not build:\n{done.stderr}")
    (wheel,) = place.glob("*.whl")
    return wheel


def install(wheel: Path, *, place: Path) -> Path:
    """The programs' folder of a new environment that holds the wheel and what it asks for."""
    venv.create(place, with_pip=True)
    programs = place / "bin"
    subprocess.run(
        [programs / "python", "-m", "pip", "install", "--quiet", "--constraint", LOCK, wheel],
        cwd=place,
        check=True,
    )
    return programs


def call(url: str, *, body: dict[str, object] | None = None) -> Any:
    """The JSON answer to a GET, or to a POST of `body`."""
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Api-Key": "wheel-test", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=STOP_SECONDS) as answer:
        return json.load(answer)


def expect(condition: object, failure: str) -> None:
    """Raises WheelError(failure) unless the condition holds."""
    if not condition:
        raise WheelError(failure)


def serve(programs: Path, *, cwd: Path, media: str) -> None:
    """Starts the installed program, opens a session, stops the program as Ctrl-C does."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HEYGEN_", "PYTHON"))}
    process = subprocess.Popen(
        [programs / "heygen-mock", "serve", "--port", "0", "--media", media],
        cwd=cwd,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = threading.Timer(START_SECONDS, process.kill)
    deadline.start()
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+)\n", first)
        if found is None:
            raise WheelError(f"the first line of serve is {first!r}")
        url = found[1]
        health = call(f"{url}/__mock__/health")
        expect(health["status"] == "ok", f"health answers {health}")
        created = call(f"{url}/v1/streaming.new", body={"quality": "low"})
        expect("m=video" in created["data"]["sdp"]["sdp"], f"streaming.new answers {created}")
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        expect(process.wait(STOP_SECONDS) == 0, f"Ctrl-C ends serve with {process.returncode}")
    finally:
        deadline.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def judge(programs: Path, *, cwd: Path) -> None:
    """Lets the installed judge watch the installed fake, which it starts itself."""
    done = subprocess.run(
        [programs / "heygen-contract", "check", "--stimuli", "media"],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith(("HEYGEN_", "PYTHON"))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    expect(
        done.returncode == 0, f"its judge ends with {done.returncode}:\n{done.stdout}{done.stderr}"
    )


def main() -> int:
    """Builds, installs, serves, judges; the exit code."""
    with tempfile.TemporaryDirectory(prefix="heygen-mock-wheel-") as folder:
        place = Path(folder)
        try:
            wheel = build(place)
            programs = install(wheel, place=place / "env")
            for media in ("none", "real"):
                serve(programs, cwd=place, media=media)
            judge(programs, cwd=place)
        except (WheelError, OSError, subprocess.SubprocessError) as failure:
            print(f"wheel: {failure}", file=sys.stderr)
            return 1
        size = wheel.stat().st_size / 1e6
        print(f"wheel: {wheel.name}, {size:.1f} MB, serves and judges on its own")
    return 0


if __name__ == "__main__":
    sys.exit(main())
