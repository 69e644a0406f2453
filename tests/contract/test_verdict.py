"""What a run comes to: the verdict on each rule, the findings to show, the exit status."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from contract.deviations import Deviation
from contract.findings import Findings, Violation
from contract.lane import STIMULI as PLACES
from contract.lane import Ended, Failed, Found
from contract.reach import REACH, STIMULI, WHY
from contract.report.summary import Summary
from contract.run import Run
from contract.settings import Settings
from contract.target import parse_target
from contract.verdict import summarize
from tests.contract.fakes import SPEC, answered
from tests.contract.report.summaries import KNOWN
from tests.contract.test_check import Quiet

ALL = Counter(dict.fromkeys(SPEC.rules, 1))
BEGAN = dt.datetime(2026, 11, 22, tzinfo=dt.UTC).timestamp()


def violation(rule: str = "stop-twice", *, requests: int = 1, **changes: Any) -> Violation:
    profile = changes.pop("profile", "strict")
    found = Findings(SPEC, profile).broken(
        rule,
        expected="an error",
        actual="status 200",
        operation="stopSession",
        history=(answered(),) * requests,
    )
    return replace(found, **changes)


def outcome(
    *found: Violation,
    target: str = "fake",
    checked: Counter[str] = ALL,
    failed: Failed | None = None,
    connections: int | None = None,
    unjudged: dict[str, str] | None = None,
    interrupted: bool = False,
    **more: Any,
) -> Summary:
    run = Run(Quiet(), interrupted=interrupted)
    for each in found:
        run.take(Found("tour", each))
    calls = Counter({"stopSession": 1})
    run.take(Ended("tour", True, 1.0, 9, checked, unjudged or {}, calls, [], ("k",), connections))
    if failed is not None:
        run.take(failed)
    settings = Settings(parse_target(target), 1, keys=("k",), **more)
    return summarize(settings, SPEC, run, began=BEGAN, seconds=2.0)


def verdict_of(rule: str, summary: Summary) -> tuple[str, str]:
    (line,) = [line for line in summary.rules if line.rule.id == rule]
    return line.verdict, line.reason


def without(*rules: str) -> Counter[str]:
    return Counter({rule: count for rule, count in ALL.items() if rule not in rules})


def test_the_table_has_every_rule_and_no_other() -> None:
    assert set(REACH) == set(SPEC.rules)


def test_the_table_names_stimuli_and_needs_that_exist() -> None:
    for reach in REACH.values():
        assert reach.judged_by <= set(PLACES)
        assert reach.needs <= set(WHY)
        assert reach.sure
    assert {"sample", *STIMULI} == set(PLACES)


def test_all_rules_held_is_0() -> None:
    summary = outcome()
    assert (summary.status, summary.verdict) == (0, "The contract holds")
    assert summary.count("held") == len(SPEC.rules)


def test_a_violation_is_1() -> None:
    summary = outcome(violation())
    assert summary.status == 1
    assert verdict_of("stop-twice", summary) == ("violated", "")


def test_violations_of_one_key_are_one_finding_with_the_shortest_history() -> None:
    summary = outcome(violation(requests=3), violation(requests=2), violation(requests=5))
    (finding,) = summary.findings
    assert finding.count == 3
    assert len(finding.violation.history) == 2
    assert finding.curl.count("curl -sS") == 2


def test_a_guess_is_noted_and_no_failure() -> None:
    summary = outcome(violation(profile="real"), profile="real")
    assert summary.status == 0
    assert verdict_of("stop-twice", summary)[0] == "guess"


def known(**changes: Any) -> Deviation:
    return replace(KNOWN, **changes)


def test_a_known_deviation_is_shown_and_no_failure() -> None:
    summary = outcome(violation(), deviations=(known(),))
    assert summary.status == 0
    assert verdict_of("stop-twice", summary)[0] == "known deviation"


def test_a_stale_deviation_is_1() -> None:
    summary = outcome(deviations=(known(),))
    assert summary.status == 1
    assert [row.id for row in summary.stale] == ["stop-says-gone"]


def test_an_expired_deviation_excuses_nothing() -> None:
    summary = outcome(violation(), deviations=(known(expires=dt.date(2026, 11, 22)),))
    assert summary.status == 1
    assert [row.id for row in summary.expired] == ["stop-says-gone"]
    assert outcome(deviations=summary.expired).status == 0


def test_a_rule_that_was_never_reached_is_2() -> None:
    summary = outcome(checked=without("check-order"))
    assert summary.status == 2
    assert verdict_of("check-order", summary)[0] == "never reached"


def test_findings_weigh_more_than_rules_never_reached() -> None:
    assert outcome(violation(), checked=without("check-order")).status == 1


def test_a_rule_that_is_allowed_to_be_unreached_is_0() -> None:
    allowed = frozenset({"check-order"})
    summary = outcome(checked=without("check-order"), allow_unreached=allowed)
    assert summary.status == 0
    assert verdict_of("check-order", summary)[0] == "allowed unreached"


def test_a_rule_that_could_not_be_judged_is_0_and_says_why() -> None:
    summary = outcome(checked=without("media-rate"), unjudged={"media-rate": "machine busy"})
    assert summary.status == 0
    assert verdict_of("media-rate", summary) == ("not judged", "machine busy")


URL = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("rule", "more", "reason"),
    [
        ("idle-timeout", {"target": URL}, "the clock of this server cannot be moved on"),
        ("account-own", {"target": URL}, "there is one account only (give a second --api-key)"),
        ("task-queue-limit", {"target": URL, "media": False},
         "no session is connected (--no-media)"),
        ("media-rate", {"media": False},
         "no real viewer watches (--no-media, or media was not chosen)"),
        ("task-connecting", {"media": False}, "a server without media connects at once"),
        ("viewer-lost", {"stimuli": ("tour",)},
         "no real viewer watches (--no-media, or media was not chosen)"),
    ],
)  # fmt: skip
def test_a_rule_whose_needs_the_target_lacks_is_not_reachable(
    rule: str, more: dict[str, Any], reason: str
) -> None:
    summary = outcome(checked=without(rule), **more)
    assert verdict_of(rule, summary) == ("not reachable", reason)
    assert summary.status == 0


@pytest.mark.parametrize(
    ("rule", "stimuli", "reason"),
    [
        ("check-order", ("machine",), "judged by tour"),
        ("token-one-session", ("machine",), "machine comes to it by chance only"),
    ],
)
def test_a_rule_that_no_chosen_stimulus_is_sure_to_reach_is_not_chosen(
    rule: str, stimuli: tuple[str, ...], reason: str
) -> None:
    summary = outcome(checked=without(rule), stimuli=stimuli)
    assert verdict_of(rule, summary) == ("not chosen", reason)


def test_what_could_not_run_weighs_most() -> None:
    gone = Failed("tour", "gone", "127.0.0.1:1 cannot be reached")
    assert outcome(violation(), failed=gone).status == 2
    (problem,) = outcome(failed=gone).problems
    assert problem == "tour: the target is gone: 127.0.0.1:1 cannot be reached"


def test_nothing_connected_is_2() -> None:
    (problem,) = outcome(connections=0).problems
    assert "not one session could be connected" in problem
    assert outcome(connections=0).status == 2
    assert outcome(connections=1).status == 0


def test_ctrl_c_is_130_whatever_was_found() -> None:
    summary = outcome(violation(), checked=without("check-order"), interrupted=True)
    assert summary.status == 130
    assert len(summary.findings) == 1


def test_connections_that_were_spent_are_named_as_the_reason() -> None:
    summary = outcome(checked=without("viewer-lost"), connections=5, max_connects=5)
    assert verdict_of("viewer-lost", summary) == (
        "never reached",
        "all 5 connections of --max-connects were spent",
    )
