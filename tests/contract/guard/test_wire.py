from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Exchange, Request, Response
from contract.findings import Findings
from contract.guard.config import GuardConfig, config_from_json, state_directory
from contract.guard.wire import (
    exchange_from_json,
    exchange_to_json,
    report_from_json,
    violation_to_json,
)
from contract.spec import load_spec

_HEADERS = st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=3).map(tuple)


@given(
    st.builds(
        Exchange,
        number=st.integers(1),
        request=st.builds(Request, st.text(), st.text(), _HEADERS, st.binary()),
        response=st.builds(Response, st.integers(100, 599), _HEADERS, st.binary()),
        began=st.floats(0, 2e9),
        ended=st.floats(0, 2e9),
        unknown=st.just(frozenset()),
    )
)
def test_an_exchange_comes_as_it_went(exchange: Exchange) -> None:
    assert exchange_from_json(json.loads(json.dumps(exchange_to_json(exchange)))) == exchange


def test_a_violation_comes_as_it_went_with_the_exchanges_that_are_known() -> None:
    spec = load_spec()
    findings = Findings(spec, "real")
    exchanges = [Exchange(n, Request("GET", "/"), Response(200), 0, 0) for n in (1, 2)]
    went = findings.broken(
        "answer-status",
        expected="200",
        actual="500",
        operation="listSessions",
        history=tuple(exchanges),
        place="data",
    )
    written = {
        "opened": 2,
        "minutes": 1.0,
        "stopped": ["a"],
        "left_open": ["b"],
        "unanswered": 0,
        "refused": 1,
        "exchanges": 2,
        "violations": [violation_to_json(went)],
        "problem": None,
    }
    report = report_from_json(json.loads(json.dumps(written)), spec, {2: exchanges[1]})
    assert report.violations == (went,)
    assert report.violations[0].history == (exchanges[1],)
    assert (report.stopped, report.left_open, report.refused) == (("a",), ("b",), 1)


def test_a_configuration_comes_as_it_went() -> None:
    config = GuardConfig(target="http://127.0.0.1:1", sessions=3, minutes=1.5, state=Path("/x"))
    assert config_from_json(json.loads(json.dumps(config.to_json()))) == config
    assert config_from_json(GuardConfig().to_json()) == GuardConfig()


def test_journals_are_where_the_users_programs_keep_their_state() -> None:
    home = Path.home()
    usual = home / ".local" / "state" / "heygen-contract"
    assert state_directory({}, "linux") == usual
    for platform in ("linux", "darwin"):
        assert state_directory({"XDG_STATE_HOME": "/s"}, platform) == Path("/s/heygen-contract")
    assert state_directory({"XDG_STATE_HOME": "relative"}, "linux") == usual
    mac = home / "Library" / "Application Support" / "heygen-contract"
    assert state_directory({}, "darwin") == mac
