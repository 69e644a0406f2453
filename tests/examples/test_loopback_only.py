"""On a machine that has no network but loopback, media arrives at clients that can use it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.peers, pytest.mark.process]


@cache
def namespace() -> tuple[str, ...] | None:
    """The command before another that gives it a network of its own; None where none does."""
    if shutil.which("unshare") is None:
        return None
    for command in (("unshare", "--map-root-user", "--net"), ("unshare", "--net")):
        if subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0:
            return command
    return None


def test_media_arrives_and_the_log_says_what_cannot_work() -> None:
    alone = namespace()
    if alone is None:
        pytest.skip("no network namespace can be made here: unshare is missing or not permitted")
    done = subprocess.run(
        [*alone, sys.executable, "-m", "tests.examples.loopback_only"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (done.returncode, done.stderr) == (0, "")
    sees, plain, code, log = json.loads(done.stdout)
    assert (sees[0], sees[2]) == (0, "")
    assert re.search(r"^picture +854x480", sees[1], re.MULTILINE)
    assert re.search(r"^event +type avatar_stop_talking", sees[1], re.MULTILINE)
    received = re.search(r"^received +(\d+) pictures, (\d+\.\d) s of sound", sees[1], re.MULTILINE)
    assert received is not None
    assert int(received[1]) >= 5
    assert float(received[2]) > 0

    # aiortc as it is finds no address there, which is what the server has said at its start.
    assert plain[0] == 1
    assert plain[2].startswith("speak: no WebRTC connection after 0.5 s")
    assert code == 0
    assert log == (
        "WARNING this machine has no network but loopback: only viewers that use the loopback "
        "interface can connect; Chromium does with --allow-loopback-in-peer-connection "
        "--disable-features=WebRtcHideLocalIpsWithMdns, aiortc does not by itself\n"
    )
