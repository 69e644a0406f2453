"""Pages against a fake that misbehaves: what a visit makes of them, and what is said of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from contract.clients.chromium import Chromium
from contract.clients.crew import Order, perform
from contract.clients.healthy import Healthy, healthy_of
from contract.clients.outcome import Outcome
from contract.clients.page import PageClient, page_hire
from contract.clients.plan import plan_of
from contract.clients.stage import Stage
from contract.clients.verdicts import judge
from contract.unable import UnableError
from tests.browser.fuzzed.__main__ import FILES
from tests.browser.served import serve_files

LIMIT = 12.0

CALLS = """<!doctype html><meta charset="utf-8"><title>A page</title><script>
const call = async (name, body, init = {}) => {
  const headers = { "X-Api-Key": window.HEYGEN_API_KEY, "Content-Type": "application/json" };
  const url = `${window.HEYGEN_BASE_URL}/v1/streaming.${name}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), ...init });
  if (!answer.ok) throw new TypeError(`${name} is refused`);
  return (await answer.json()).data;
};
let session_id;
"""


@dataclass(frozen=True)
class Judged:
    """What came of one visit."""

    outcome: Outcome
    healthy: Healthy

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        return [one.key for one in judge(self.outcome, self.healthy)]

    @property
    def status(self) -> int | None:
        return self.outcome.ended.status


Visit = Callable[..., Judged]


@pytest.fixture(scope="module")
def one_browser(chromium: str) -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def visit(one_browser: Chromium, stage: Stage) -> Visit:
    """Visits a page with a plan, once it was visited with none."""

    def visit(client: PageClient, *plan: dict[str, Any], limit: float = LIMIT) -> Judged:
        with page_hire(one_browser, client)() as runner:
            order = Order(plan_of([]), limit=LIMIT, storm=1000)
            well = perform(order, stage=stage, runner=runner)
            assert (well.ended.status, well.ended.complaints) == (0, ()), well.ended
            if not plan:
                return Judged(well, healthy_of([well]))
            order = Order(plan_of(list(plan)), limit=limit, storm=1000)
            return Judged(perform(order, stage=stage, runner=runner), healthy_of([well]))

    return visit


@pytest.fixture(scope="module")
def sdk_site() -> Iterator[str]:
    with serve_files(FILES) as url:
        yield url


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Serves a page whose script is given."""
    page = tmp_path / "index.html"
    with serve_files({"/": page}) as url:

        def write(script: str) -> str:
            page.write_text(CALLS + script + "</script>")
            return url

        yield write


def sdk_page(site: str, *, care: str) -> PageClient:
    url = f"{site}?care={care}"
    return PageClient(url, ready="app.done", failed="app.failed", end="app.stop()")


def refusal(operation: str) -> dict[str, Any]:
    return {"on": operation, "nth": 1, "do": "status", "row": "internal-error"}


def test_a_page_that_works_has_no_verdict(visit: Visit, sdk_site: str) -> None:
    judged = visit(sdk_page(sdk_site, care="none"))
    assert judged.verdicts == []
    assert judged.outcome.milestones.spoken == 1
    assert judged.outcome.left_open == ()


@pytest.mark.parametrize("operation", ["newSession", "startSession", "sendTask"])
def test_a_page_that_says_what_failed_and_stops_is_fine(
    operation: str, visit: Visit, sdk_site: str
) -> None:
    judged = visit(sdk_page(sdk_site, care="all"), refusal(operation))
    assert (judged.status, judged.verdicts) == (1, [])


def test_a_page_that_says_what_failed_and_stops_nothing_leaks(visit: Visit, sdk_site: str) -> None:
    judged = visit(sdk_page(sdk_site, care="none"), refusal("sendTask"))
    assert (judged.status, judged.verdicts) == (1, [("leaked-session", "")])


def test_a_page_that_waits_for_ever_hangs(visit: Visit, sdk_site: str) -> None:
    lost = {"on": "event", "do": "event-missing", "type": "avatar_stop_talking"}
    judged = visit(sdk_page(sdk_site, care="some"), lost, limit=3)
    assert judged.verdicts == [("hang", "")]


def test_a_page_whose_stop_is_never_answered_hangs(visit: Visit, sdk_site: str) -> None:
    stalled = {"on": "stopSession", "nth": 1, "do": "stalled", "where": "head"}
    judged = visit(sdk_page(sdk_site, care="none"), stalled, limit=5)
    assert judged.verdicts == [("hang", "")]


def test_a_video_that_has_nothing_to_show_is_found(visit: Visit, sdk_site: str) -> None:
    client = PageClient(f"{sdk_site}?care=none", end="app.stop()")
    judged = visit(client, {"on": "media", "do": "no-video"}, limit=4)
    assert ("no-video", "never") in judged.verdicts
    assert judged.outcome.ended.stopped is None


def test_a_rejection_that_nobody_handles_is_found_at_once(
    visit: Visit, written: Callable[[str], str]
) -> None:
    url = written("""
      async function open() {
        ({ session_id } = await call("new", {}));
        await call("stop", { session_id });
        window.done = true;
      }
      open();
    """)
    judged = visit(PageClient(url, ready="window.done"), refusal("newSession"))
    assert judged.verdicts == [("unhandled-error", "TypeError in the page:call")]
    assert judged.outcome.ended.seconds < 4


def test_an_error_that_is_there_when_all_is_well_does_not_count(
    one_browser: Chromium, stage: Stage, written: Callable[[str], str]
) -> None:
    url = written("""
      const open = async () => {
        ({ session_id } = await call("new", {}));
        await call("stop", { session_id });
        setTimeout(() => { window.done = true; }, 1500);
      };
      open();
      null.member;
    """)
    order = Order(plan_of([]), limit=LIMIT, storm=1000)
    with page_hire(one_browser, PageClient(url, ready="window.done"))() as runner:
        for _ in range(2):  # the second knows it
            ended = perform(order, stage=stage, runner=runner).ended
            assert ended.status == 0
            assert [one.signature for one in ended.complaints] == ["TypeError in the page"]


def test_a_page_that_is_left_may_stop_its_session(
    visit: Visit, written: Callable[[str], str]
) -> None:
    url = written("""
      addEventListener("pagehide", () => {
        call("stop", { session_id }, { keepalive: true }).catch(() => {});
      });
      call("new", {}).then((data) => { ({ session_id } = data); });
    """)
    judged = visit(PageClient(url, ready="session_id"))
    assert judged.outcome.left_open == ()


def test_a_page_that_is_left_without_a_stop_leaks(
    one_browser: Chromium, stage: Stage, written: Callable[[str], str]
) -> None:
    url = written('call("new", {}).then((data) => { ({ session_id } = data); });')
    order = Order(plan_of([]), limit=LIMIT, storm=1000)
    with page_hire(one_browser, PageClient(url, ready="session_id"))() as runner:
        outcome = perform(order, stage=stage, runner=runner)
    assert outcome.ended.status == 0
    assert len(outcome.left_open) == 1


def test_a_page_is_told_the_address_in_its_query_too(
    visit: Visit, written: Callable[[str], str]
) -> None:
    url = written("""
      const given = new URLSearchParams(location.search);
      const open = async () => {
        alert("a question does not stop a visit");
        ({ session_id } = await call("new", {}));
        await call("stop", { session_id });
        window.done = given.get("HEYGEN_BASE_URL") === window.HEYGEN_BASE_URL
          && given.get("HEYGEN_API_KEY") === window.HEYGEN_API_KEY;
      };
      open();
    """)
    assert visit(PageClient(url, ready="window.done")).verdicts == []


def test_an_end_that_fails_is_a_failure_that_was_told(
    visit: Visit, written: Callable[[str], str]
) -> None:
    url = written('call("new", {}).then((data) => { ({ session_id } = data); });')
    client = PageClient(url, ready="session_id", end='call("stop", { session_id })')
    judged = visit(client, refusal("stopSession"))
    assert (judged.status, judged.verdicts) == (1, [])
    assert "--end: Page.evaluate: TypeError: stop is refused" in judged.outcome.ended.output


@pytest.mark.parametrize("name", ["ready", "failed", "end"])
def test_what_is_no_expression_is_refused(
    name: str, one_browser: Chromium, stage: Stage, written: Callable[[str], str]
) -> None:
    client = replace(PageClient(written(""), ready="true" if name == "end" else "false"))
    broken = replace(client, **{name: "1 +"})
    order = Order(plan_of([]), limit=LIMIT, storm=1000)
    with (
        page_hire(one_browser, broken)() as runner,
        pytest.raises(UnableError, match=f"--{name} is no expression of JavaScript: SyntaxError"),
    ):
        perform(order, stage=stage, runner=runner)


def test_a_page_that_is_not_there_is_refused(
    one_browser: Chromium, stage: Stage, sdk_site: str
) -> None:
    order = Order(plan_of([]), limit=LIMIT, storm=1000)
    for url, said in [
        ("http://127.0.0.1:9/", "ERR_"),
        (f"{sdk_site}nothing", "answers 404"),
    ]:
        with (
            page_hire(one_browser, PageClient(url))() as runner,
            pytest.raises(UnableError, match=f"^the page cannot be opened: .*{said}"),
        ):
            perform(order, stage=stage, runner=runner)


def test_a_finding_of_the_command_plays_again(chromium: str, sdk_site: str, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        page = ["--page", f"{sdk_site}?care=some", "--ready", "app.done", "--failed", "app.failed"]
        page += ["--timeout", "8"]  # else it is waited half a minute to be sure of a hang
        return subprocess.run(
            [sys.executable, "-m", "contract", "fuzz", *words, *page, "--end", "app.stop()"],
            env={**os.environ, "CHROMIUM": chromium},
            capture_output=True,
            check=False,
            text=True,
            timeout=100,
        )

    found = run("--sweep-only", "--only", "separate-streams,lf-only", "-o", str(tmp_path))
    assert found.returncode == 1, found.stdout + found.stderr
    assert "1 finding: 2 single deviations" in found.stdout
    plan = tmp_path / "no-video-peer-separate-streams.json"
    again = run("--plan", str(plan))
    assert again.returncode == 1, again.stderr
    assert "NO-VIDEO" in again.stdout


def test_what_sdk_2_leaves_unhandled_in_a_room_is_found(visit: Visit, sdk_site: str) -> None:
    """Its page works when all is well: ``visit`` looks at that first."""
    client = PageClient(f"{sdk_site}room", ready="app.done", failed="app.failed", end="app.stop()")
    garbage = {"on": "room", "nth": 1, "do": "signal-unknown", "form": "garbage"}
    verdicts = visit(client, garbage).verdicts
    assert "unhandled-error" in [verdict for verdict, _ in verdicts]
