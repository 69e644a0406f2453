"""The reference clients, fuzzed: each planted defect is found and told by one deviation.

Here by the kinds that matter to a client; HEYGEN_SWEEP=whole (`make fuzz`) plays every single
deviation to each, which takes minutes, and replays each finding twenty times.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from aioice.ice import get_host_addresses

from contract.clients.catalogue import Catalogue, load_catalogue
from contract.clients.course import Settings
from contract.clients.fuzz import fuzz, replay
from contract.clients.plan import Plan
from contract.clients.runner import Hire
from contract.clients.stage import Media
from contract.clients.summary import Summary
from contract.clients.verdicts import Kind
from tests.contract.clients.scripts import runner

CLIENTS = Path(__file__).parents[2] / "clients"
WHOLE = os.environ.get("HEYGEN_SWEEP") == "whole"
REPLAYS = 20 if WHOLE else 1
NO_NETWORK = not get_host_addresses(use_ipv4=True, use_ipv6=True)

pytestmark = [pytest.mark.process, pytest.mark.timeout(3600 if WHOLE else 120)]

RIGHT: list[tuple[str, Media, tuple[str, ...]]] = [
    ("brief", "none", ("status", "extra-mline", "field-null")),
    ("correct", "real", ("event-doubled", "event-not-json")),
    ("guest", "none", ("signal-unknown", "viewer-removed")),
]
if WHOLE:
    RIGHT.append(("spectator", "real", ()))
WRONG: list[tuple[str, Media, tuple[str, ...], Kind]] = [
    ("hanging", "none", ("dribble",), "hang"),
    ("hasty", "none", ("status",), "ignores-retry-after"),
    ("leaky", "none", ("status",), "leaked-session"),
    ("stubborn", "none", ("status",), "retry-storm"),
    ("credulous", "none", ("field-empty",), "unhandled-error"),
    ("narrow", "none", ("extra-mline",), "unhandled-error"),
    ("silent", "none", ("status",), "silent-failure"),
    ("fussy", "none", ("signal-unknown",), "unhandled-error"),
    ("careless", "none", ("socket-closed-early",), "leaked-session"),
    ("blithe", "none", ("avatar-missing",), "silent-failure"),
    ("gullible", "real", ("event-doubled",), "silent-failure"),
    ("trusting", "real", ("session-closed-talking",), "silent-failure"),
]


class Silence:
    def began(self, phase: str, total: int | None, *, of: str = "run") -> None: ...

    def moved(self, done: int, said: str) -> None: ...

    def note(self, text: str) -> None: ...


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return load_catalogue()


def hire(name: str) -> Hire:
    client = runner(sys.executable, str(CLIENTS / f"{name}.py"))
    return lambda: nullcontext(client)


def settings(media: Media, only: tuple[str, ...] = (), *, timeout: float | None = None) -> Settings:
    if media == "real" and NO_NETWORK:
        pytest.skip("aioice leaves out loopback, and there is no other network")
    return Settings(
        client=("--", "client"),
        seed=1,
        jobs=2 if WHOLE else 1,
        media="real" if WHOLE else media,
        only=only if only and not WHOLE else None,
        combine=False,
        timeout=timeout,
    )


def swept(
    name: str,
    media: Media,
    only: tuple[str, ...],
    known: Catalogue,
    *,
    timeout: float | None = None,
) -> Summary:
    summary = fuzz(
        settings(media, only, timeout=timeout), catalogue=known, hire=hire(name), screen=Silence()
    )
    assert summary.problems == ()
    return summary


@pytest.mark.parametrize(("name", "media", "only"), RIGHT, ids=[row[0] for row in RIGHT])
def test_a_right_client_has_no_finding(
    name: str, media: Media, only: tuple[str, ...], known: Catalogue
) -> None:
    summary = swept(name, media, only, known)
    found = [f"{one.verdict.kind}: {one.plan}: {one.verdict.said}" for one in summary.findings]
    assert found == []


@pytest.mark.parametrize(("name", "media", "only", "kind"), WRONG, ids=[row[0] for row in WRONG])
def test_a_planted_defect_is_found_and_told_by_one_deviation(
    name: str, media: Media, only: tuple[str, ...], kind: Kind, known: Catalogue
) -> None:
    # Without it, being sure of a hang takes half a minute.
    timeout = 2.0 if kind == "hang" else None
    summary = swept(name, media, only, known, timeout=timeout)
    found = {one.verdict.kind: one.plan for one in summary.findings}
    assert kind in found
    assert {len(plan) for plan in found.values()} == {1}
    for _ in range(REPLAYS):
        assert kind in verdicts_of(name, media, found[kind], known, timeout=timeout)


def verdicts_of(
    name: str, media: Media, plan: Plan, known: Catalogue, *, timeout: float | None
) -> set[Kind]:
    summary = replay(
        settings(media, timeout=timeout), plan, catalogue=known, hire=hire(name), screen=Silence()
    )
    return {one.verdict.kind for one in summary.findings}
