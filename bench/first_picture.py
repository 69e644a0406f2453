"""From streaming.new to the first decoded frame, against a plain aiortc server."""

from __future__ import annotations

from bench.child import SERVING, WATCHING, Child, fake
from bench.figures import median, percentile, ratio, shown, span
from bench.outcome import Outcome
from bench.row import Row, Say


def measure(quick: bool, say: Say) -> Outcome:
    rounds = 3 if quick else 25
    ours: list[float] = []
    theirs: list[float] = []
    with fake() as mock, Child.module("bench.live_server", place=SERVING) as live:
        urls = mock.url(), live.url()
        with (
            Child.module("bench.decoder", urls[0], place=WATCHING) as first,
            Child.module("bench.decoder", urls[1], place=WATCHING) as second,
        ):
            for viewer in (first, second):  # the first of each imports and warms up
                viewer.ask("open")
                viewer.ask("close")
            for number in range(rounds):
                if number % 5 == 0:
                    say(f"viewer {number + 1} of {rounds}")
                for viewer, times in ((first, ours), (second, theirs)):
                    times.append(viewer.ask("open")["ms"])
                    viewer.ask("close")
    faster = ratio(median(theirs), median(ours))
    note = (
        f"{rounds} viewers each, one after the other, alternating, ms: {span(ours)} against "
        f"{span(theirs)}; nine in ten within {shown(percentile(ours, 0.9))} and "
        f"{shown(percentile(theirs, 0.9))}"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{shown(median(ours))} ms",
        theirs=f"{shown(median(theirs))} ms",
        reached=f"{shown(1 / faster)} of the time",
        demanded=ROW.demanded,
        met=None if quick else faster >= 1,
        notes=(note,),
        figures={"ours_ms": ours, "theirs_ms": theirs, "ratio": faster},
    )


ROW = Row(
    "first-picture",
    "streaming.new to the first decoded frame, median",
    "no slower than plain aiortc (aim: half)",
    measure,
)
