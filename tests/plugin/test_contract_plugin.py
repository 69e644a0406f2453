"""The fixtures heygen_contract and heygen_contract_rule, and their options."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass

import pytest

from contract.reach import REACH
from contract.spec import load_spec
from mock_server import MockServer
from mock_server.core.registry import Caller, Credentials, Registry
from mock_server.seams import Seams, authenticate
from mock_server.settings import Settings
from mock_server.spec import Operation
from mock_server.web.answers import HttpAnswer

pytest_plugins = ["pytester"]

ONLY = ("-p", "no:cacheprovider", "-p", "contract.pytest_plugin")

EACH = """
def test_operation(heygen_contract):
    heygen_contract.check()
"""
RULES = """
def test_rule(heygen_contract_rule):
    heygen_contract_rule.check()
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Inner runs with this plugin alone, which know nothing of the caller's key."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    return pytester


def outcome(run: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    run.makepyfile(tests)
    return run.runpytest_inprocess(*ONLY, *arguments)


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


class Wrong:
    """Two planted bugs: keepAlive answers without its code, unknown paths are found.

    And a note of each time that the judge has a first look, with a key of its own making.
    """

    def __init__(self) -> None:
        self.looks: set[str] = set()

    def http(self, method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
        if path == "/v1/streaming.keep_alive" and answer.status == 200:
            return answer._replace(content=b'{"message": "success", "data": null}')
        if answer.status == 404:
            return answer._replace(status=200, content=b"{}")
        return answer

    def authenticate(
        self,
        operation: Operation,
        registry: Registry,
        sent: Credentials,
        settings: Settings,
        now: float,
    ) -> Caller:
        if re.fullmatch(r"no-key-[0-9a-f]{16}", sent.api_key or ""):
            self.looks.add(str(sent.api_key))
        return authenticate(operation, registry, sent, settings, now)


@dataclass(frozen=True, slots=True)
class Judged:
    text: str
    looks: int


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One run by two workers of pytest-xdist, on a server with planted bugs."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_it.py").write_text(EACH + RULES)
    bugs = Wrong()
    seams = Seams(http=bugs.http, authenticate=bugs.authenticate)
    with MockServer(seams=seams, media="none", api_key="test-key") as server:
        done = subprocess.run(
            [
                sys.executable, "-m", "pytest", *ONLY, "-p", "xdist", "-n2", "-rA",
                f"--basetemp={folder / 'base'}", f"--heygen-target={server.url}",
                "--heygen-api-key=test-key", "--heygen-no-media",
            ],
            check=False,
            cwd=folder,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
        )  # fmt: skip
    assert done.stderr == ""
    return Judged(done.stdout, len(bugs.looks))


def names(text: str, outcome: str, test: str) -> set[str]:
    return set(re.findall(rf"^{outcome} \S+::{test}\[([\w-]+)\]", text, re.MULTILINE))


def test_loading_the_plugin_imports_nothing_but_pytest() -> None:
    plain = modules_after("import pytest, typing, __future__")
    loaded = modules_after("import pytest, typing, __future__, contract.pytest_plugin")
    assert loaded - plain == {"contract", "contract.pytest_plugin"}


def test_a_run_without_the_fixtures_imports_nothing_of_the_judge(run: pytest.Pytester) -> None:
    run.makepyfile("def test_it(): pass")
    done = run.run(
        sys.executable,
        "-c",
        "import sys, pytest\n"
        f"status = pytest.main({[*ONLY, '-q']!r})\n"
        "print([name for name in sys.modules if name.startswith('contract.')], int(status))",
    )
    done.stdout.fnmatch_lines(["['contract.pytest_plugin'] 0"])


@pytest.mark.process
def test_every_pytest_of_the_environment_has_the_fixtures(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--fixtures", "-p", "no:schemathesis").stdout.str()
    assert "An operation of the HeyGen Streaming API" in text
    assert "A rule of the HeyGen Streaming API" in text
    assert "_heygen_verdict" not in text


@pytest.mark.process
def test_there_is_a_test_per_operation_and_that_of_the_broken_one_fails(judged: Judged) -> None:
    failed = names(judged.text, "FAILED", "test_operation")
    passed = names(judged.text, "PASSED", "test_operation")
    assert failed | passed == {*load_spec().operations, "server"}
    assert failed == {"keepAlive", "server"}


@pytest.mark.process
def test_there_is_a_test_per_rule_that_can_be_reached(judged: Judged) -> None:
    failed = names(judged.text, "FAILED", "test_rule")
    assert {"answer-schema", "path-unknown"} <= failed
    assert {"session-id-fresh", "credentials-required"} <= names(judged.text, "PASSED", "test_rule")
    reached = {
        rule
        for rule, reach in REACH.items()
        if "tour" in reach.judged_by and reach.needs <= {"sockets"}
    }
    outcomes = ("FAILED", "PASSED", "SKIPPED")
    assert set().union(*(names(judged.text, one, "test_rule") for one in outcomes)) <= reached


@pytest.mark.process
def test_a_failure_shows_rule_evidence_and_how_to_see_it_again(judged: Judged) -> None:
    block = judged.text[judged.text.index("answer-schema is broken, at code") :]
    block = block[: block.index("answer=${answer")]
    assert "rule:     The body of an answer with status 200 fits the schema" in block
    assert "evidence: documented (API document, the response bodies)" in block
    assert "expected: an answer that fits the union schema" in block
    assert 'actual:   "code" is a required property' in block
    assert "#!/usr/bin/env bash" in block
    assert '"$BASE_URL"/v1/streaming.keep_alive' in block
    assert "test-key" not in judged.text.replace("--heygen-api-key=test-key", "")
    assert "Traceback" not in judged.text


@pytest.mark.process
def test_workers_of_xdist_share_one_judgement(judged: Judged) -> None:
    assert judged.looks == 1


def test_a_target_that_is_not_there_is_one_line_for_each_test(run: pytest.Pytester) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = outcome(run, EACH, f"--heygen-target=http://127.0.0.1:{port}")
    result.assert_outcomes(errors=len(load_spec().operations) + 1)
    text = result.stdout.str()
    assert f"heygen_contract: 127.0.0.1:{port} cannot be reached: Connection refused" in text
    assert "Traceback" not in text


@pytest.mark.process
def test_a_missing_extra_is_told_with_the_line_that_installs_it(run: pytest.Pytester) -> None:
    run.makeconftest("""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "schemathesis":
            raise ModuleNotFoundError("no", name=name)

sys.meta_path.insert(0, Missing())
""")
    run.makepyfile(EACH)
    result = run.runpytest_subprocess(*ONLY, "--heygen-stimuli=schemathesis")
    result.assert_outcomes(errors=len(load_spec().operations) + 1)
    result.stdout.fnmatch_lines(['*needs schemathesis: pip install "heygen-mock?contract?"*'])


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--heygen-target=real", "--heygen-target: the real API costs credits"),
        ("--heygen-target=https://api.heygen.com", "is the real API, where sessions cost"),
        ("--heygen-target=nowhere", "'nowhere' is none of fake, real and a URL"),
        ("--heygen-stimuli=tours", "--heygen-stimuli: 'tours': choose of schemathesis, tour"),
        ("--heygen-seed=one", "--heygen-seed: 'one' is no whole number"),
        ("--heygen-api-key=", "--heygen-api-key: a key is a line of printable ASCII"),
    ],
)
def test_an_option_that_is_wrong_ends_the_run_before_a_test_begins(
    run: pytest.Pytester, argument: str, message: str
) -> None:
    result = outcome(run, EACH, argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_the_configuration_sets_what_the_command_line_does_not(run: pytest.Pytester) -> None:
    run.makeini("[pytest]\nheygen_target = nowhere\nheygen_stimuli = machine\n")
    assert "ini option heygen_target: target 'nowhere'" in outcome(run, EACH).stderr.str()
    refused = outcome(run, EACH, "--heygen-target=fake", "--heygen-seed=x").stderr.str()
    assert "--heygen-seed: 'x' is no whole number" in refused
