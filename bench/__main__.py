"""``python -m bench``: measures every row and prints the table."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import (
    capacity,
    churn,
    first_picture,
    frame_cost,
    request_cost,
    room_cost,
    room_first_picture,
    start_up,
)
from bench.child import ChildError
from bench.machine import facts
from bench.outcome import Outcome, failed
from bench.row import Row
from bench.table import markdown

ROWS: tuple[Row, ...] = (
    frame_cost.ROW,
    room_cost.ROW,
    capacity.ROW,
    first_picture.ROW,
    room_first_picture.ROW,
    room_first_picture.SDK_ROW,
    start_up.ROW,
    request_cost.ROW,
    churn.ROW,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every demand was met, 1 when one was not, 2 for bad flags, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    rows = [row for row in ROWS if not options.only or row.name in options.only]
    signal.signal(signal.SIGTERM, _interrupt)
    described = list(facts())
    outcomes: list[Outcome] = []
    try:
        for row in rows:
            outcome = _measured(row, quick=options.quick)
            outcomes.append(outcome)
    except KeyboardInterrupt:
        _say("stopped; what was measured until then:")
        print(markdown(outcomes, described))
        return 130
    print(markdown(outcomes, described))
    if options.json is not None:
        content = {
            "facts": dict(described),
            "rows": [
                {"name": o.name, "met": o.met, "reached": o.reached, **o.figures} for o in outcomes
            ],
        }
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return int(any(outcome.met is False for outcome in outcomes))


def _measured(row: Row, *, quick: bool) -> Outcome:
    began = time.monotonic()
    _say(f"{row.name}: {row.what}")
    try:
        outcome = row.measure(quick, lambda text: _say(f"  {text}"))
    except (ChildError, OSError, ValueError) as error:
        outcome = failed(row.name, row.what, row.demanded, str(error))
    _say(f"  {outcome.reached} ({time.monotonic() - began:.0f} s)")
    return outcome


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measures the fake against what one would use instead."
    )
    parser.add_argument(
        "--only", action="append", choices=names, metavar="ROW", help=f"one of {', '.join(names)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small numbers: shows that it works, judges nothing"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
