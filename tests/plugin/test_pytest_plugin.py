"""The fixture heygen_mock, its marker, its options, and its check for sessions left open."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import mock_server.embedded  # noqa: F401 - so that each inner run finds it imported
from mock_server.pytest_plugin import HeygenMock

pytest_plugins = ["pytester"]

CLIENT = """
import json, urllib.request
import pytest

def call(mock, method, name, body=None):
    request = urllib.request.Request(
        f"{mock.url}/v1/streaming.{name}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Api-Key": mock.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)

def new(mock, **body):
    return call(mock, "POST", "new", body)["data"]["session_id"]

def stop(mock, session_id):
    call(mock, "POST", "stop", {"session_id": session_id})
"""

ONLY = ("-p", "no:cacheprovider", "-p", "mock_server.pytest_plugin")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Inner runs with this plugin alone and without media, which start in milliseconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nheygen_mock = media=none\nstrict_markers = true\n")
    return pytester


def outcome(run: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    run.makepyfile(CLIENT + tests)
    return run.runpytest_inprocess(*ONLY, *arguments)


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_loading_the_plugin_imports_nothing_but_pytest() -> None:
    plain = modules_after("import pytest, typing, __future__")
    loaded = modules_after("import pytest, typing, __future__, mock_server.pytest_plugin")
    assert loaded - plain == {"mock_server", "mock_server.pytest_plugin"}


@pytest.mark.process
def test_every_pytest_of_the_environment_has_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(heygen_mock): assert heygen_mock.sessions() == []")
    result = pytester.runpytest_subprocess("-p", "no:schemathesis", "--heygen-mock=media=none")
    result.assert_outcomes(passed=1)


def test_a_test_gets_an_address_and_a_key_that_work(run: pytest.Pytester) -> None:
    tests = """
def test_it(heygen_mock):
    assert heygen_mock.url.startswith("http://127.0.0.1:")
    stop(heygen_mock, new(heygen_mock))
    assert [s["status"] for s in heygen_mock.sessions()] == ["closed"]
    assert [r["operation"] for r in heygen_mock.requests()] == ["newSession", "stopSession"]
"""
    outcome(run, tests).assert_outcomes(passed=1)


def test_one_server_serves_all_tests_and_is_as_new_for_each(run: pytest.Pytester) -> None:
    tests = """
urls = set()

@pytest.mark.parametrize("turn", range(3))
def test_it(heygen_mock, turn):
    urls.add(heygen_mock.url)
    assert len(urls) == 1
    assert heygen_mock.sessions() == heygen_mock.requests() == []
    heygen_mock.change(max_sessions=1)
    heygen_mock.advance(1000)
    stop(heygen_mock, new(heygen_mock))
    for session_id in [new(heygen_mock)]:
        stop(heygen_mock, session_id)

def test_time(heygen_mock):
    import time
    assert abs(heygen_mock.now() - time.time()) < 60
    sessions = [new(heygen_mock), new(heygen_mock)]
    for session_id in sessions:
        stop(heygen_mock, session_id)
"""
    outcome(run, tests).assert_outcomes(passed=4)


def test_the_marker_sets_live_settings_of_the_same_server_for_one_test(
    run: pytest.Pytester,
) -> None:
    tests = """
import urllib.error
urls = set()

@pytest.mark.heygen_mock(max_sessions=1)
def test_marked(heygen_mock):
    urls.add(heygen_mock.url)
    heygen_mock.change(max_sessions=2)
    heygen_mock.reset()
    session_id = new(heygen_mock)
    with pytest.raises(urllib.error.HTTPError):
        new(heygen_mock)
    stop(heygen_mock, session_id)

def test_plain(heygen_mock):
    urls.add(heygen_mock.url)
    assert len(urls) == 1
    for session_id in [new(heygen_mock), new(heygen_mock)]:
        stop(heygen_mock, session_id)
"""
    outcome(run, tests).assert_outcomes(passed=2)


def test_settings_that_only_a_new_server_can_have_get_one_which_is_kept(
    run: pytest.Pytester,
) -> None:
    tests = """
urls, ids = [], []

@pytest.mark.parametrize("turn", range(2))
@pytest.mark.heygen_mock(seed=7, api_key="secret-key", max_sessions=1)
def test_marked(heygen_mock, turn):
    assert heygen_mock.key == "secret-key"
    urls.append(heygen_mock.url)
    ids.append(new(heygen_mock))
    stop(heygen_mock, ids[-1])

def test_plain(heygen_mock):
    assert heygen_mock.key == "test-key"
    assert urls[0] == urls[1] != heygen_mock.url
    assert ids[0] == ids[1]
"""
    outcome(run, tests).assert_outcomes(passed=3)


def test_the_closest_marker_wins(run: pytest.Pytester) -> None:
    tests = """
@pytest.mark.heygen_mock(session_limit=60, leak_check=False)
class TestLimits:
    def limit(self, mock):
        return call(mock, "POST", "new", {})["data"]["session_duration_limit"]

    def test_of_the_class(self, heygen_mock):
        assert self.limit(heygen_mock) == 60

    @pytest.mark.heygen_mock(session_limit=30)
    def test_of_the_test(self, heygen_mock):
        assert self.limit(heygen_mock) == 30
"""
    outcome(run, tests).assert_outcomes(passed=2)


LIMIT = """
def test_it(heygen_mock):
    answer = call(heygen_mock, "POST", "new", {})["data"]
    stop(heygen_mock, answer["session_id"])
    assert answer["session_duration_limit"] == WANTED
"""


@pytest.mark.parametrize(
    ("marked", "arguments", "environment", "ini", "wanted"),
    [
        (None, [], None, None, 600),
        (None, [], None, 60, 60),
        (None, [], 70, 60, 70),
        (None, ["--heygen-mock=session_limit=80"], 70, 60, 80),
        (None, ["--heygen-mock", "session-limit = 81"], 70, 60, 81),
        (90, ["--heygen-mock=session_limit=80"], 70, 60, 90),
    ],
    ids=["default", "ini file", "environment", "command line", "as a flag", "marker"],
)
def test_marker_wins_over_command_line_over_environment_over_ini_file(  # noqa: PLR0917
    run: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    marked: int | None,
    arguments: list[str],
    environment: int | None,
    ini: int | None,
    wanted: int,
) -> None:
    if environment is not None:
        monkeypatch.setenv("HEYGEN_MOCK_SESSION_LIMIT", str(environment))
    lines = "" if ini is None else f"  session_limit={ini}\n"
    run.makeini(f"[pytest]\nheygen_mock =\n  media=none\n{lines}")
    mark = "" if marked is None else f"@pytest.mark.heygen_mock(session_limit={marked})"
    tests = LIMIT.replace("WANTED", str(wanted)).replace("\ndef", f"\n{mark}\ndef")
    outcome(run, tests, *arguments).assert_outcomes(passed=1)


def test_the_control_api_wins_over_the_marker(run: pytest.Pytester) -> None:
    tests = LIMIT.replace("WANTED", "50").replace(
        "(heygen_mock):", "(heygen_mock):\n    heygen_mock.change(session_limit=50)"
    )
    tests = tests.replace("\ndef", "\n@pytest.mark.heygen_mock(session_limit=90)\ndef")
    outcome(run, tests).assert_outcomes(passed=1)


def test_the_ports_of_the_program_are_not_taken(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEN_MOCK_PORT", "1")
    monkeypatch.setenv("HEYGEN_MOCK_TLS_PORT", "443")
    tests = """
def test_it(heygen_mock):
    assert not heygen_mock.url.endswith(":1")
    assert heygen_mock.tls_url == heygen_mock.certificate == ""
"""
    outcome(run, tests).assert_outcomes(passed=1)


def test_a_marker_may_ask_for_tls(run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(run.path))
    monkeypatch.setenv("HOME", str(run.path))
    tests = """
import ssl

@pytest.mark.heygen_mock(tls_port=0)
def test_it(heygen_mock):
    context = ssl.create_default_context(cafile=heygen_mock.certificate)
    address = f"{heygen_mock.tls_url}/__mock__/health"
    with urllib.request.urlopen(address, context=context, timeout=10) as answer:
        assert json.load(answer)["status"] == "ok"
"""
    outcome(run, tests).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("(max_session=1)", "max_session: no such setting; they are host, port, api_key"),
        ("(max_sessions='1')", "max_sessions: '1' is not a whole number from 0 to 1000000"),
        ("('none')", "takes settings by name, for example"),
        ("(leak_check='no')", "leak_check: 'no' is neither True nor False"),
    ],
)
def test_a_marker_that_is_wrong_ends_the_run_before_a_test_begins(
    run: pytest.Pytester, marker: str, message: str
) -> None:
    result = outcome(run, f"\n@pytest.mark.heygen_mock{marker}\ndef test_it(heygen_mock): ...\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [one for one in result.errlines if one.startswith("ERROR")]
    assert "::test_it: @pytest.mark.heygen_mock" in line
    assert message in line


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("media=fake", "--heygen-mock: media: 'fake' is none of real, none"),
        ("medium=none", "--heygen-mock: medium: no such setting"),
        ("media", "--heygen-mock: media: write media=VALUE"),
    ],
)
def test_an_option_that_is_wrong_is_named(
    run: pytest.Pytester, argument: str, message: str
) -> None:
    tests = "\ndef test_it(heygen_mock): ...\n"
    result = outcome(run, tests, f"--heygen-mock={argument}")
    result.assert_outcomes(errors=1)
    assert message in result.stdout.str()


def test_a_session_left_open_fails_its_test_and_says_which_and_what_it_costs(
    run: pytest.Pytester,
) -> None:
    tests = """
def test_leaks(heygen_mock):
    stop(heygen_mock, new(heygen_mock))
    new(heygen_mock, avatar_id="Ada_studio_20240501")
    heygen_mock.advance(90)
    new(heygen_mock)

def test_does_not(heygen_mock):
    stop(heygen_mock, new(heygen_mock))
"""
    result = outcome(run, tests)
    result.assert_outcomes(passed=2, errors=1)
    text = result.stdout.str()
    assert "ERROR at teardown of test_leaks" in text
    assert "the test has left 2 sessions open; POST /v1/streaming.stop ends one:" in text
    one = r"avatar Ada_studio_20240501, new, opened 9[0-2] s ago, by request 3 "
    assert re.search(one + r"\(POST /v1/streaming.new\)", text)
    assert re.search(r"avatar default, new, opened [0-2] s ago, by request 4 ", text)
    assert "they would have cost about 0.4 credits by now" in text  # 90 s and the least, 30 s
    assert "(An estimate: 0.2 credits a minute and 30 s at least" in text
    assert "Traceback" not in text


def test_the_marker_allows_to_leave_sessions_open(run: pytest.Pytester) -> None:
    tests = """
@pytest.mark.heygen_mock(leak_check=False)
def test_it(heygen_mock):
    new(heygen_mock)
"""
    outcome(run, tests).assert_outcomes(passed=1)


def test_a_plan_is_played_for_one_test_alone(run: pytest.Pytester) -> None:
    tests = """
def test_misbehaves(heygen_mock):
    heygen_mock.play([{"on": "listSessions", "do": "list-stale"}])
    assert heygen_mock.report()["unused"] == [0]

def test_is_healthy_again(heygen_mock):
    assert heygen_mock.report()["plan"] == []

def test_names_a_mistake(heygen_mock):
    with pytest.raises(ValueError, match="did you mean list-stale"):
        heygen_mock.play([{"on": "listSessions", "do": "list-stal"}])
"""
    outcome(run, tests).assert_outcomes(passed=3)


def test_a_test_that_fails_shows_what_was_asked_and_not_what_it_left_open(
    run: pytest.Pytester,
) -> None:
    tests = """
def test_fails(heygen_mock):
    new(heygen_mock)
    call(heygen_mock, "POST", "task", {"session_id": "x", "text": "Hello"})

def test_fails_early(heygen_mock):
    assert False
"""
    result = outcome(run, tests)
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert "What heygen_mock was asked" in text
    assert re.search(r"1 +\d\.\d{3} s  POST /v1/streaming.new  +200 code 100  session ", text)
    assert re.search(r"2 +\d\.\d{3} s  POST /v1/streaming.task  +400 code 400004", text)
    assert "Nothing: no request reached http://127.0.0.1:" in text
    assert not re.search("left .* open; ", text)


def test_a_port_that_is_taken_is_told_in_one_line(run: pytest.Pytester) -> None:
    tests = """
import socket

@pytest.fixture(scope="session", autouse=True)
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]

def test_it(request, taken):
    request.node.add_marker(pytest.mark.heygen_mock(port=taken))
    request.getfixturevalue("heygen_mock")
"""
    result = outcome(run, tests)
    result.assert_outcomes(failed=1)
    assert re.search(r"heygen_mock: port \d+ is taken", result.stdout.str())
    assert "Traceback" not in result.stdout.str()


def test_fixture_and_options_are_listed(run: pytest.Pytester) -> None:
    fixtures = run.runpytest_inprocess(*ONLY, "--fixtures").stdout.str()
    assert "The HeyGen Streaming API on this machine" in fixtures
    assert "_heygen_mock_servers" not in fixtures
    assert "--heygen-mock=NAME=VALUE" in run.runpytest_inprocess(*ONLY, "--help").stdout.str()
    assert "@pytest.mark.heygen_mock(" in run.runpytest_inprocess(*ONLY, "--markers").stdout.str()


@pytest.mark.process
def test_each_worker_of_xdist_has_a_server_of_its_own(run: pytest.Pytester) -> None:
    run.makepyfile(
        CLIENT
        + """
@pytest.mark.parametrize("turn", range(4))
def test_it(heygen_mock, turn):
    session_id = new(heygen_mock)
    assert [s["session_id"] for s in heygen_mock.sessions()] == [session_id]
    stop(heygen_mock, session_id)
"""
    )
    result = run.runpytest_subprocess(*ONLY, "-p", "xdist", "-n2")
    result.assert_outcomes(passed=4)


@pytest.mark.heygen_mock(media="none")
def test_the_fixture_works_in_this_run_too(heygen_mock: HeygenMock) -> None:
    heygen_mock.replies(chat=["Yes."])
    assert heygen_mock.sessions() == []
