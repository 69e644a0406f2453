"""The LiveKit protocol is imported once, however many sessions want rooms meanwhile."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio
from mock_server.app import LazyRooms
from mock_server.clock import Clock
from mock_server.null_peer import NullPeerFactory
from mock_server.seams import Seams

async def peers():
    return NullPeerFactory()

async def main():
    rooms = LazyRooms(peers, Seams(), Clock())

    async def want(nth):
        await asyncio.sleep(nth / 500)
        return await rooms()

    made = await asyncio.gather(*(want(nth) for nth in range(20)))
    assert all(one is made[0] for one in made)

asyncio.run(main())
"""


def test_who_wants_a_room_during_the_import_waits_for_its_end() -> None:
    """In a process of its own, where nothing is imported yet."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_no_start_waits_for_what_only_rooms_and_tls_need() -> None:
    program = """
import sys
import mock_server.server
from mock_server.app import create_app
from mock_server.settings import Settings
create_app(Settings(media="none"))
late = ("livekit", "google.protobuf", "cryptography", "aiortc")
print([name for name in late if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
