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
