"""The fixture heygen_play: a project's client, fuzzed in the project's own tests."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

pytestmark = pytest.mark.process

ONLY = ("-p", "no:cacheprovider", "-p", "contract.pytest_plugin", "--heygen-no-media")

CLIENT = """
import json
import urllib.error
import urllib.request


def call(fake, operation, body=None):
    request = urllib.request.Request(
        f"{fake.url}/v1/streaming.{operation}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=1) as answer:
        return json.load(answer)


def client(fake, careful):
    session = call(fake, "new", {})["data"]["session_id"]
    try:
        call(fake, "list")
    except OSError:
        if not careful:
            return
    try:
        call(fake, "stop", {"session_id": session})
    except OSError:
        pass

REFUSED = [{"on": "listSessions", "nth": 1, "do": "status", "row": "rate-limit"}]
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester


def outcome(run: pytest.Pytester, tests: str) -> pytest.RunResult:
    run.makepyfile(CLIENT + tests)
    return run.runpytest_subprocess(*ONLY)


def test_a_plan_is_played_and_the_fake_looked_into(run: pytest.Pytester) -> None:
    done = outcome(run, """
def test_healthy(heygen_play):
    with heygen_play([]) as fake:
        client(fake, careful=True)
        assert [one["operation"] for one in fake.requests()] == [
            "newSession", "listSessions", "stopSession"
        ]
        assert [one["closed_because"] for one in fake.sessions()] == ["stopped"]

def test_refused(heygen_play):
    with heygen_play(REFUSED) as fake:
        client(fake, careful=True)
        assert fake.report()["unused"] == []
        assert fake.requests()[1]["status"] == 429
""")  # fmt: skip
    done.assert_outcomes(passed=2)


def test_a_session_that_is_left_fails_the_test_with_the_plan(run: pytest.Pytester) -> None:
    done = outcome(run, """
def test_leak(heygen_play):
    with heygen_play(REFUSED) as fake:
        client(fake, careful=False)
""")  # fmt: skip
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([
        "the client left the session that it knew without a stop; *about 0.4 credits*",
        'The fake played *"on": "listSessions"*heygen-mock serve --plan FILE*',
    ])  # fmt: skip


def test_a_failure_within_is_told_as_it_is(run: pytest.Pytester) -> None:
    done = outcome(run, """
def test_wrong(heygen_play):
    with heygen_play(REFUSED) as fake:
        call(fake, "new", {})
        raise KeyError("mine")
""")  # fmt: skip
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*KeyError: 'mine'"])
    done.stdout.no_fnmatch_line("*credits*")


def test_what_is_no_plan_is_refused_with_the_place(run: pytest.Pytester) -> None:
    done = outcome(run, """
from pathlib import Path
import pytest

def test_wrong(heygen_play):
    with pytest.raises(Exception, match=r"the plan: \\[0\\].do is missing"):
        with heygen_play([{"on": "sendTask"}]):
            pass
    with pytest.raises(Exception, match=r"refuses the plan: \\[0\\]"):
        with heygen_play([{"on": "sendTask", "do": "stauts"}]):
            pass
    for wrong in ("file.json", Path("file.json")):
        with pytest.raises(Exception, match="a plan is wanted, which is a list; of a file give"):
            with heygen_play(wrong):
                pass
    with pytest.raises(Exception, match="the plan: a plan is a JSON list .*, not an object"):
        with heygen_play(REFUSED[0]):
            pass
""")  # fmt: skip
    done.assert_outcomes(passed=1)


def test_hypothesis_draws_plans_and_shrinks_what_fails(run: pytest.Pytester) -> None:
    done = outcome(run, """
from hypothesis import given, settings
import contract

@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(contract.plans(only=["extra-fields", "reordered", "escapes"], max_size=2))
def test_careful(heygen_play, plan):
    with heygen_play(plan) as fake:
        client(fake, careful=True)

@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(contract.plans(only=["listSessions"], max_size=2))
def test_careless(heygen_play, plan):
    with heygen_play(plan) as fake:
        try:
            client(fake, careful=False)
        except Exception:
            pass
""")  # fmt: skip
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(['The fake played *"on": "listSessions"*'])
