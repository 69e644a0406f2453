"""A session of the official SDK in Chromium, recorded on both sides, keeps the contract."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from contract.cli import main
from contract.exchange import Exchange
from contract.guard.config import GuardConfig
from contract.guard.process import GuardProcess
from contract.recording.scrub import scrub
from contract.recording.writer import write_har
from contract.spec import load_spec
from tests.browser.sdk_viewer import SdkViewer
from tests.browser.served import KEY, Fake


def test_a_session_of_the_sdk_is_recorded_and_replayed_without_a_violation(
    browser: Browser,
    fake: Fake,
    foreign_site: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the guard between the two, and by the browser's own export."""
    spec, seen = load_spec(), list[Exchange]()
    config = GuardConfig(
        target=fake.url, concurrent=True, max_open=None, rate=None, state=tmp_path, reap=False
    )
    exported, guarded = tmp_path / "browser.har", tmp_path / "guard.har"
    with GuardProcess(config, spec=spec, key=None, on_exchange=seen.append) as guard:
        context = browser.new_context(record_har_path=exported)
        page = context.new_page()
        page.goto(foreign_site)
        page.click("#wake")
        sdk = SdkViewer(page, Fake(guard.url))
        sdk.open(quality="low", voice={"rate": 1.1, "emotion": "Friendly"})
        sdk.speak("Good morning, and welcome to the museum.")
        sdk.event("avatar_start_talking")
        sdk.interrupt()
        sdk.event("avatar_stop_talking")
        sdk.stop()
        refusal = page.evaluate("viewer.refusal(() => viewer.speak('Still there?'))")
        assert refusal["body"]["code"] == 10005
        context.close()
        report = guard.stop()
    assert report.violations == ()
    # create_token was not asked for by the page: only the guard has seen it.
    called = {exchange.request.path.rpartition(".")[2] for exchange in seen}
    assert called == {"create_token", "new", "start", "ice", "task", "interrupt", "stop"}
    write_har(
        scrub(seen), guarded, base_url=guard.url, spec_version=spec.version, tool_version="0.1.0",
        date=time.time(),
    )  # fmt: skip
    assert KEY not in guarded.read_text()
    for file, count in ((guarded, len(seen)), (exported, len(seen) - 1)):
        status = main(["replay", str(file), "--profile", "strict"])
        out = capsys.readouterr().out
        assert (status, out.count("VIOLATED")) == (0, 0), out
        assert f"{count} exchanges" in out
    # Media are left out of the fake that answers again; its offer differs in nothing that counts.
    assert main(["replay", str(guarded), "--target", "fake"]) == 0, capsys.readouterr().out
