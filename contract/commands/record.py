"""``heygen-contract record``: keeps what a client and a server say to each other."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from contract.keys import DEFAULT_KEY, usable_key
from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.exchange import Exchange
    from contract.guard.config import GuardConfig
    from contract.spec import Spec

_ABOUT = """\
Stands between any client and a server, and writes what they say to a file (HAR) that
`heygen-contract replay` and browsers' developer tools read.

Point the client at the address and the key that are printed, let it run, and end with Ctrl-C.
Keys, tokens, cookies, addresses and TURN credentials are replaced by stand-ins of the same form;
what the avatar is told to say and know is kept unless --scrub-text is given. The real API's key
comes from HEYGEN_API_KEY and never leaves this program. Sessions that the client leaves open are
stopped at the end.

Exit status: 0 when something was recorded, 2 when nothing was or it could not run.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    record = commands.add_parser(
        "record",
        help="keep what a client and a server say, in a file",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    record.add_argument(
        "--target", default="fake", metavar="fake|real|URL", help="the server (default: fake)"
    )
    record.add_argument(
        "--port", type=int, default=0, metavar="P", help="where clients are to go (default: any)"
    )
    record.add_argument(
        "-o", "--output", type=Path, default=Path("recording.har"), metavar="FILE",
        help="the file to write (default: recording.har)",
    )  # fmt: skip
    record.add_argument(
        "--api-key", metavar="KEY",
        help="the key of a server at a URL; without it clients bring their own",
    )  # fmt: skip
    record.add_argument(
        "--scrub-text", action="store_true", help="replace what the avatar says and knows, too"
    )
    record.add_argument(
        "--budget", type=int, metavar="N", help="real: how many sessions may be opened"
    )
    record.add_argument(
        "--minutes", type=float, metavar="M", help="real: how many minutes of sessions may be used"
    )
    record.add_argument("--real-url", metavar="URL", help="real: another address for the real API")
    record.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when something was recorded. Raises UnableError."""
    from contract.guard.process import GuardProcess, take_key  # noqa: PLC0415
    from contract.spec import load_spec  # noqa: PLC0415

    if args.minutes is not None and not 0 < args.minutes < 10_000:
        raise UnableError(f"--minutes {args.minutes:g}: give a number above zero")
    if args.api_key is not None:
        usable_key(args.api_key, source="--api-key")
    if not 0 <= args.port <= 65535:
        raise UnableError(f"--port {args.port} is no port; give one from 0 (any) to 65535")
    _check_output(args.output)
    spec = load_spec()
    kept = _Kept(sys.stdout)
    with ExitStack() as stack:
        config, key = _server(args, take_key(os.environ), stack)
        if config is None:
            return 0
        guard = stack.enter_context(GuardProcess(config, spec=spec, key=key, on_exchange=kept.add))
        try:
            _invite(config.target, guard.url, guard.sentinel if key is not None else "(your own)")
            _wait_for_the_end()
        except KeyboardInterrupt:
            pass  # this is how it is meant to end
        finally:
            try:
                # The guard stops what is open; those exchanges belong to the recording too.
                _tell(guard.stop().left_open)
            finally:
                kept.end()
                _write(kept.exchanges, args, config.target, spec)
    if not kept.exchanges:
        raise UnableError(
            f"nothing was recorded, {args.output} is not written: no client called {guard.url}"
        )
    return 0


def _server(
    args: argparse.Namespace, key: str | None, stack: ExitStack
) -> tuple[GuardConfig | None, str | None]:
    """What to stand in front of and its key; None where only a plan was asked for."""
    from contract.guard.config import REAL_URL, GuardConfig  # noqa: PLC0415
    from contract.target import FakeProcess, parse_target, parse_url  # noqa: PLC0415

    target = parse_target(args.target)
    if target.kind == "real":
        url = parse_url(args.real_url or REAL_URL, real=True)
        if args.budget is None:
            most = GuardConfig().max_age or 0.0
            _say(f"Would record {url}, where sessions cost credits; nothing was sent.")
            _say(f"Give --budget N: N sessions, each stopped after {most:g} s.")
            return None, None
        if args.budget < 1:
            raise UnableError(f"--budget {args.budget} leaves nothing to record; give 1 or more")
        if key is None:
            raise UnableError("--target real needs the API key: set HEYGEN_API_KEY")
        real = GuardConfig(
            target=url, sessions=args.budget, minutes=args.minutes, concurrent=True, port=args.port
        )
        return real, key
    if args.budget is not None or args.minutes is not None or args.real_url is not None:
        raise UnableError("--budget, --minutes and --real-url are for --target real")
    if target.url is not None:
        url, own = target.url, args.api_key
    else:
        fake = stack.enter_context(FakeProcess(media="real", keys=[DEFAULT_KEY]))
        url, own = fake.url, fake.keys[0]
    journals = stack.enter_context(tempfile.TemporaryDirectory())
    config = GuardConfig(
        target=url, concurrent=True, max_open=None, max_age=None, rate=None, timeout=300.0,
        port=args.port, state=Path(journals), reap=False,
    )  # fmt: skip
    return config, own


@dataclass(slots=True)
class _Kept:
    """The exchanges so far, and a line that counts them; filled by the guard's thread."""

    out: TextIO
    exchanges: list[Exchange] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self.out.isatty():
            self.out.write(f"\r  {len(self.exchanges)} exchanges ")
            self.out.flush()

    def end(self) -> None:
        if self.out.isatty():
            self.out.write("\r\x1b[K")


def _invite(target: str, url: str, key: str) -> None:
    _say(f"Recording {target}, until Ctrl-C")
    _say(f"  HEYGEN_BASE_URL={url}")
    _say(f"  HEYGEN_API_KEY={key}")


def _wait_for_the_end() -> None:
    over = threading.Event()
    while not over.wait(3600):
        pass


def _check_output(path: Path) -> None:
    """Better now than after an hour."""
    if path.is_dir() or not path.parent.is_dir():
        raise UnableError(f"-o {path} cannot be written; name a file in a directory that exists")
    if not os.access(path.parent, os.W_OK):
        raise UnableError(f"-o {path} cannot be written: {path.parent} is read-only")


def _write(exchanges: list[Exchange], args: argparse.Namespace, url: str, spec: Spec) -> None:
    from contract.recording.scrub import scrub  # noqa: PLC0415
    from contract.recording.writer import write_har  # noqa: PLC0415

    if not exchanges:
        return
    write_har(
        scrub(exchanges, user_text=args.scrub_text),
        args.output,
        base_url=url,
        spec_version=spec.version,
        tool_version=importlib.metadata.version("heygen-mock"),
        date=time.time(),
        comment="Keys, tokens and addresses are stand-ins",
    )
    count = len(exchanges)
    _say(f"{args.output}: {count} exchange{'' if count == 1 else 's'}")
    _say(f"Judge it with: heygen-contract replay {args.output}")


def _tell(left_open: tuple[str, ...]) -> None:
    if left_open:
        _say(f"could not be stopped, and may cost: {', '.join(left_open)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
