"""``heygen-contract reap``: stops what an earlier run against the real API left open."""

from __future__ import annotations

import argparse
import os
import sys

from contract.guard.wire import Reaped
from contract.keys import KEY_VARIABLE
from contract.unable import UnableError

_ABOUT = """\
Stops the sessions that an earlier run against the real API left open because it was killed.

Only sessions in the journals of this user's own runs are stopped, never others of the account,
and runs that are still going are left alone. A run that was killed while it waited for the answer
to newSession knows no id: such calls are told, the service ends their sessions by its own idle
time-out. The key is taken from HEYGEN_API_KEY.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    reap = commands.add_parser(
        "reap",
        help="stop what an earlier run against the real API left open",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reap.add_argument(
        "--real-url", metavar="URL", help="where the runs went (default: the real API)"
    )
    reap.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when nothing is left, 2 when something could not be stopped. Raises UnableError."""
    import asyncio  # noqa: PLC0415 - --help must not wait for what follows

    from contract.guard.config import REAL_URL, GuardConfig  # noqa: PLC0415
    from contract.guard.process import take_key  # noqa: PLC0415
    from contract.guard.reaper import reap  # noqa: PLC0415
    from contract.guard.service import Service  # noqa: PLC0415
    from contract.guard.words import left_by_earlier, on_earlier  # noqa: PLC0415
    from contract.spec import load_spec  # noqa: PLC0415
    from contract.target import parse_url  # noqa: PLC0415

    key = take_key(os.environ)
    if key is None:
        raise UnableError(f"reap needs the key that the sessions belong to: set {KEY_VARIABLE}")
    target = parse_url(args.real_url or REAL_URL, real=True)

    async def work() -> Reaped:
        async with Service(target, timeout=10) as service:
            journals = GuardConfig(target=target).journals
            return await reap(journals, spec=load_spec(), service=service, key=key)

    reaped = asyncio.run(work())
    left = left_by_earlier(reaped)
    done = on_earlier(reaped) or ([] if left else ["nothing was left open"])
    sys.stdout.write("".join(f"{line}\n" for line in done))
    if left:
        raise UnableError(left[0])
    return 0
