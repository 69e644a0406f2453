"""From streaming.new to the first decoded frame of a room, against v1."""

from __future__ import annotations

from collections.abc import Mapping

from bench.child import WATCHING, Child, ChildError, fake
from bench.figures import median, percentile, shown, span
from bench.outcome import Outcome, skipped
from bench.row import Row, Say

VERSIONS = ("v1", "v2")


def alternate(viewer: Child, *, rounds: int, say: Say) -> dict[str, list[float]]:
    """Milliseconds to the first picture, by version, one viewer after the other."""
    times: dict[str, list[float]] = {version: [] for version in VERSIONS}
    for number in range(-1, rounds):  # the first of each imports and warms up
        if number % 5 == 0:
            say(f"viewer {number + 1} of {rounds}")
        for version in VERSIONS:
            ms = viewer.ask("open", version=version)["ms"]
            viewer.ask("close")
            if number >= 0:
                times[version].append(ms)
    return times


def _outcome(row: Row, times: Mapping[str, list[float]], *, detail: str) -> Outcome:
    one, two = (times[version] for version in VERSIONS)
    longer = median(two) / median(one)
    note = (
        f"{detail}, {len(two)} each, alternating, ms: {span(two)} against {span(one)}; nine in ten "
        f"within {shown(percentile(two, 0.9))} and {shown(percentile(one, 0.9))}"
    )
    return Outcome(
        name=row.name,
        what=row.what,
        ours=f"{shown(median(two))} ms",
        theirs=f"{shown(median(one))} ms",
        reached=f"{shown(longer)} times as long",
        demanded=row.demanded,
        met=None,
        notes=(note,),
        figures={"ours_ms": two, "theirs_ms": one, "ratio": longer},
    )


def measure(quick: bool, say: Say) -> Outcome:
    with fake() as mock, Child.module("bench.decoder", mock.url(), place=WATCHING) as viewer:
        times = alternate(viewer, rounds=3 if quick else 25, say=say)
    return _outcome(ROW, times, detail="aiortc viewers")


def measure_sdk(quick: bool, say: Say) -> Outcome:
    with fake() as mock, Child.module("bench.sdk_page", mock.url(), place=WATCHING) as viewer:
        try:
            detail = viewer.line()
        except ChildError as error:
            return skipped(SDK_ROW.name, SDK_ROW.what, SDK_ROW.demanded, str(error))
        times = alternate(viewer, rounds=2 if quick else 15, say=say)
    return _outcome(SDK_ROW, times, detail=detail)


ROW = Row(
    "room-first-picture",
    "streaming.new to the first decoded frame of a v2 room, against v1, median",
    "nothing",
    measure,
)
SDK_ROW = Row(
    "sdk-first-picture",
    "createStartAvatar to the first picture in Chromium, SDK of v2 against that of v1, median",
    "nothing",
    measure_sdk,
)
