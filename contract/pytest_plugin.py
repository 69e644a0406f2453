"""The pytest plugin: a server judged by the contract, as tests of a project; and a fake that
misbehaves as a plan says, for a project that fuzzes its client in its own tests.

Every test run of the environment loads this file, so it imports nothing but pytest; what it
needs of the judge is imported by the first test that asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contract.clients.outcome import Aftermath
    from contract.clients.plan import Plan
    from contract.clients.stage import Stage
    from contract.findings import Violation
    from contract.report.summary import Finding, Timing
    from contract.settings import Settings
    from contract.target import Target

OPERATION, RULE = "heygen_contract", "heygen_contract_rule"
"""The fixtures."""

SERVER = "server"
"""In place of an operation: what no single operation is to blame for, for instance an unknown path
that is answered."""

DEFAULT_STIMULI = "tour"
NEEDS = {"schemathesis": "schemathesis", "machine": "hypothesis"}
"""Stimulus -> what only the extra `contract` installs."""

_MISSING = 'it needs {}: pip install "heygen-mock[contract]"'


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("heygen-contract", "the contract of the HeyGen Streaming API")
    for name, metavar, text in (
        ("target", "fake|URL", "the server that heygen_contract judges (default: fake)"),
        (
            "stimuli",
            "LIST",
            f"of schemathesis, tour, machine, media, with commas (default: {DEFAULT_STIMULI})",
        ),
        ("seed", "N", "the random choices of the stimuli (default: 1)"),
    ):
        group.addoption(f"--heygen-{name}", dest=f"heygen_{name}", metavar=metavar, help=text)
        parser.addini(f"heygen_{name}", text, "string", None)
    group.addoption(
        "--heygen-api-key",
        action="append",
        default=[],
        dest="heygen_api_key",
        metavar="KEY",
        help="the key of a URL; a second one is another account "
        "(default: HEYGEN_API_KEY, else test-key)",
    )
    group.addoption(
        "--heygen-accepts-any-key",
        action="store_true",
        dest="heygen_accepts_any_key",
        help="the server is meant to take any key",
    )
    group.addoption(
        "--heygen-no-media",
        action="store_true",
        dest="heygen_no_media",
        help="connect nothing by WebRTC; also sessions of heygen_play connect without it",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per operation, or one per rule that the chosen stimuli can reach."""
    if OPERATION in metafunc.fixturenames:
        from contract.spec import load_spec

        names = [*load_spec().operations, SERVER]
        metafunc.parametrize(OPERATION, names, indirect=True, scope="session")
    if RULE in metafunc.fixturenames:
        metafunc.parametrize(RULE, _rules(metafunc.config), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A mistake in the options ends the run before a test begins."""
    if any({OPERATION, RULE} & set(getattr(item, "fixturenames", ())) for item in items):
        _settings(config)


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding: whose it is, and its text."""

    operation: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge said, as plain values. ``problem`` is why it could say nothing.

    ``rules``: id -> verdict of the report and the reason for it.
    """

    problem: str = ""
    broken: tuple[Broken, ...] = ()
    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeygenContract:
    """One operation of the server, after the server was judged."""

    operation: str
    """Its operation id, or ``server`` for what no single operation is to blame for."""
    _verdict: Verdict

    def check(self) -> None:
        """Fails where answers of the operation broke the contract, and shows how."""
        _fail([one.text for one in self._verdict.broken if one.operation == self.operation])


@dataclass(frozen=True, slots=True)
class HeygenContractRule:
    """One rule of the contract, after the server was judged."""

    id: str
    _verdict: Verdict

    def check(self) -> None:
        """Fails where the rule was broken, and shows how; skips where it could not be judged."""
        _fail([one.text for one in self._verdict.broken if one.rule == self.id])
        verdict, reason = self._verdict.rules[self.id]
        if verdict == "never reached":
            pytest.fail(f"{self.id} was never reached: no answer could have broken it", False)  # noqa: FBT003
        if verdict in {"not judged", "not reachable", "not chosen"}:
            pytest.skip(f"{self.id} is {verdict}: {reason}")


@pytest.fixture(scope="session")
def heygen_contract(request: pytest.FixtureRequest, _heygen_verdict: Verdict) -> HeygenContract:
    """An operation of the HeyGen Streaming API; .check() fails where the server breaks it.

    A test that takes it runs once per operation. The server is --heygen-target: the fake, started
    for the run, or a URL. It is judged once per run.
    """
    return HeygenContract(request.param, _heygen_verdict)


@pytest.fixture(scope="session")
def heygen_contract_rule(
    request: pytest.FixtureRequest, _heygen_verdict: Verdict
) -> HeygenContractRule:
    """A rule of the HeyGen Streaming API; .check() fails where the server breaks it.

    A test that takes it runs once per rule that the stimuli of this run can reach.
    """
    return HeygenContractRule(request.param, _heygen_verdict)


@pytest.fixture(scope="session")
def _heygen_verdict(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Verdict:
    """What the judge says; the same for all workers of pytest-xdist, of which one asks."""
    settings = _settings(pytestconfig)
    if hasattr(pytestconfig, "workerinput"):
        # The folder above a worker's own is that of the run.
        verdict = _shared(tmp_path_factory.getbasetemp().parent / "heygen_contract.json", settings)
    else:
        verdict = _judge(settings)
    if verdict.problem:
        pytest.fail(f"{OPERATION}: {verdict.problem}", pytrace=False)
    return verdict


def _shared(file: Path, settings: Settings) -> Verdict:
    """The verdict in the file; who comes first writes it, and the others wait."""
    import fcntl
    import json
    from dataclasses import asdict

    with file.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        text = stream.read()
        if not text:
            verdict = _judge(settings)
            json.dump(asdict(verdict), stream)
            return verdict
    value = json.loads(text)
    return Verdict(
        value["problem"],
        tuple(Broken(**row) for row in value["broken"]),
        {rule: (verdict, reason) for rule, (verdict, reason) in value["rules"].items()},
    )


def _judge(settings: Settings) -> Verdict:
    from importlib.util import find_spec

    from contract.check import check
    from contract.exchange import UnreachableError
    from contract.spec import load_spec
    from contract.unable import UnableError

    try:
        for stimulus, module in NEEDS.items():
            if stimulus in settings.chosen and find_spec(module) is None:
                return Verdict(_MISSING.format(module))
        summary = check(settings, load_spec(), _NoScreen())
    except (UnableError, UnreachableError) as problem:
        return Verdict(str(problem))
    except ModuleNotFoundError as problem:
        return Verdict(_MISSING.format(problem.name))
    if summary.interrupted:
        raise KeyboardInterrupt
    if summary.problems:
        return Verdict("; ".join(summary.problems))
    return Verdict(
        broken=tuple(
            Broken(one.violation.operation or SERVER, one.violation.rule.id, _text(one))
            for one in summary.findings
            if one.verdict == "violated"
        ),
        rules={line.rule.id: (line.verdict, line.reason) for line in summary.rules},
    )


@dataclass(frozen=True, slots=True)
class Playing:
    """The fake while it plays a plan. ``key`` is an API key that it accepts."""

    url: str
    key: str
    _stage: Stage

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the plan was set, oldest first."""
        rows: list[dict[str, Any]] = self._stage.view("requests")
        return rows

    def sessions(self) -> list[dict[str, Any]]:
        """Every session since the plan was set, open and closed, with its timeline."""
        rows: list[dict[str, Any]] = self._stage.view("sessions")
        return rows

    def report(self) -> dict[str, Any]:
        """How often each deviation of the plan was applied, and which never were."""
        report: dict[str, Any] = self._stage.view("faults/report")
        return report


@dataclass(frozen=True, slots=True)
class HeygenPlay:
    """Plays one plan after the other, on one fake."""

    _stage: Stage

    @contextmanager
    def __call__(self, plan: Sequence[Mapping[str, Any]]) -> Iterator[Playing]:
        """The fake, as new, with this plan; [] is healthy.

        The test fails at the end of the block when a client learned of a session and did not stop
        it. Raises UnableError for what is no plan, naming the place.
        """
        from contract.clients.plan import plan_of
        from contract.unable import UnableError

        if isinstance(plan, (str, bytes, os.PathLike)):
            raise UnableError(
                f"heygen_play({plan!r}): a plan is wanted, which is a list; of a file give "
                "json.loads(Path(file).read_text())"
            )
        played = plan_of(plan if isinstance(plan, Mapping) else list(plan))
        self._stage.play(played)
        address = self._stage.address
        yield Playing(address.url, address.key, self._stage)
        leak = _leak(played, self._stage.aftermath())
        if leak:
            pytest.fail(leak, pytrace=False)


@pytest.fixture(scope="session")
def heygen_play(pytestconfig: pytest.Config) -> Iterator[HeygenPlay]:
    """The HeyGen Streaming API, misbehaving as a plan says; the fixture is called with the plan.

    `with heygen_play(plan) as fake:` gives fake.url, fake.key, fake.requests(), fake.sessions()
    and fake.report(). Plans come from files, or from the strategy contract.plans(); one fake
    serves the whole run.
    """
    from contract.clients.stage import Stage
    from contract.unable import UnableError

    try:
        stage = Stage(media="none" if pytestconfig.getoption("heygen_no_media") else "real")
        with stage:
            yield HeygenPlay(stage)
    except UnableError as problem:
        pytest.fail(f"heygen_play: {problem}", pytrace=False)


def _leak(plan: Plan, after: Aftermath) -> str:
    from contract.clients.outcome import left_open
    from contract.clients.verdicts import leak_cost, leak_said

    left = left_open(after)
    if not left:
        return ""
    ids = ", ".join(life.session_id for life in left)
    return (
        f"the client {leak_said(len(left))}; {leak_cost(len(left))}: {ids}.\n"
        f"The fake played {plan}; in a file, `heygen-mock serve --plan FILE` plays it for a "
        "debugger."
    )


class _NoScreen:
    """Shows nothing: pytest does."""

    def began(self, stimulus: str) -> None: ...

    def moved(self, stimulus: str, done: int, total: int | None, note: str) -> None: ...

    def found(self, stimulus: str, violation: Violation) -> None: ...

    def ended(self, timing: Timing) -> None: ...

    def note(self, text: str) -> None: ...


def _fail(texts: Sequence[str]) -> None:
    if texts:
        pytest.fail("\n\n".join(texts), pytrace=False)


def _text(finding: Finding) -> str:
    violation = finding.violation
    rule = violation.rule
    place = "" if violation.field is None else f", at {violation.field}"
    lines = [
        f"{rule.id} is broken{place}",
        f"  rule:     {rule.sentence}",
        f"  evidence: {violation.grade} ({rule.evidence.source})",
        f"  expected: {violation.expected}",
        f"  actual:   {violation.actual}",
    ]
    if finding.count > 1:
        lines.append(f"  seen:     {finding.count} times; this is the shortest way to it")
    if finding.curl:
        lines += ["", *(f"  {line}".rstrip() for line in finding.curl.splitlines())]
    return "\n".join(lines)


def _rules(config: pytest.Config) -> list[str]:
    from contract.reach import REACH

    settings = _settings(config)
    return [
        rule
        for rule, reach in REACH.items()
        if reach.judged_by & set(settings.chosen) and reach.needs <= settings.has
    ]


def _settings(config: pytest.Config) -> Settings:
    """The check that is asked for. Raises UsageError, naming the option."""
    from importlib.metadata import version

    from contract.deviations import PACKAGED, load_deviations
    from contract.reach import STIMULI
    from contract.settings import Settings
    from contract.spec import load_spec
    from contract.target import parse_target
    from contract.unable import UnableError

    text, place = _option(config, "target", "fake")
    try:
        target = parse_target(text)
    except UnableError as problem:
        raise pytest.UsageError(f"{place}: {problem}") from None
    if target.kind == "real":
        raise pytest.UsageError(
            f"{place}: the real API costs credits, and pytest keeps no budget; use "
            "`heygen-contract check --target real`"
        )
    text, place = _option(config, "stimuli", DEFAULT_STIMULI)
    stimuli = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not stimuli or set(stimuli) - set(STIMULI):
        raise pytest.UsageError(f"{place}: {text!r}: choose of {', '.join(STIMULI)}")
    text, place = _option(config, "seed", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise pytest.UsageError(f"{place}: {text!r} is no whole number from 0 on")
    keys, source = _keys(config, target)
    settings = Settings(
        target=target,
        seed=int(text),
        stimuli=stimuli,
        keys=keys,
        key_source=source,
        accepts_any_key=config.getoption("heygen_accepts_any_key"),
        media=not config.getoption("heygen_no_media"),
        deviations=load_deviations(PACKAGED, load_spec()),
        tool_version=version("heygen-mock"),
    )
    if not settings.chosen:
        raise pytest.UsageError("--heygen-stimuli media with --heygen-no-media leaves nothing")
    return settings


def _option(config: pytest.Config, name: str, default: str) -> tuple[str, str]:
    """The command line's value, else that of the configuration, and what set it."""
    given = config.getoption(f"heygen_{name}")
    if given is not None:
        return str(given), f"--heygen-{name}"
    configured = config.getini(f"heygen_{name}")
    return (str(configured) if configured else default), f"ini option heygen_{name}"


def _keys(config: pytest.Config, target: Target) -> tuple[tuple[str, ...], str]:
    from contract.keys import keys_of_url
    from contract.unable import UnableError

    given: list[str] = config.getoption("heygen_api_key")
    if len(given) > 2:
        raise pytest.UsageError("--heygen-api-key: two accounts are enough")
    if target.kind == "fake" and not given:
        return (), ""
    try:
        return keys_of_url(given, os.environ, flag="--heygen-api-key")
    except UnableError as problem:
        raise pytest.UsageError(str(problem)) from None
