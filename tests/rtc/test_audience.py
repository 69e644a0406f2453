"""Many viewers at once, and one that stalls, on a served fake."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mock_server import MockServer
from tests.rtc.audience import Audience
from tests.rtc.viewer import needs_network

SPEAK = Path(__file__).resolve().parents[2] / "examples/speak.py"

pytestmark = pytest.mark.peers


def test_thirty_sessions_at_once_all_get_pictures_and_sound() -> None:
    with MockServer(max_sessions=0) as fake, closing(Audience(fake.url)) as audience:
        seats = [audience.open(quality="low") for _ in range(30)]
        audience.watch(lambda: all(len(s.times) >= 25 and s.watcher.sounds for s in seats))
        assert [s["status"] for s in fake.sessions()] == ["connected"] * 30
        # Twenty-five a second once they are in step; some may be lost where cores are few.
        assert all(20 <= seat.rate(since=5) <= 25 for seat in seats)


@contextmanager
def stopped_viewer(url: str) -> Iterator[str]:
    """A viewer, stopped in the middle of watching: the id of its session."""
    with subprocess.Popen(
        [sys.executable, SPEAK, "A long story. " * 50, "--quality", "high"],
        env={**os.environ, "HEYGEN_BASE_URL": url, "HEYGEN_API_KEY": "bench"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            session_id = process.stdout.readline().split()[1]
            while not process.stdout.readline().startswith("task"):
                pass
            process.send_signal(signal.SIGSTOP)
            yield session_id
        finally:
            process.kill()


@needs_network
@pytest.mark.process
def test_a_viewer_that_stalls_does_not_slow_another() -> None:
    with MockServer() as fake, closing(Audience(fake.url)) as audience:
        seat = audience.open(quality="low")
        audience.watch(lambda: len(seat.times) >= 5)
        with stopped_viewer(fake.url) as stalled:
            audience.catch_up()
            seen = len(seat.times)
            for _ in range(100):  # events that it does not take pile up
                audience.service.interrupt(stalled)
                audience.service.speak(stalled, "Hello!")
            audience.watch(lambda: len(seat.times) >= seen + 50)
            (status,) = {s["status"] for s in fake.sessions()}
            assert status == "connected"  # it has not been given up meanwhile
            assert 20 <= seat.rate(since=seen) <= 25
