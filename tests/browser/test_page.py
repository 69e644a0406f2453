"""The page at ``/``: what a person sees and does there."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import Fake

SENTENCE = "Good morning, and welcome to the museum."
LONG = "This is a long story about a lighthouse, its keeper, and the storm of the century. " * 4


@pytest.fixture
def opened(page: Page, fake: Fake) -> Page:
    """The page with its choices loaded."""
    page.goto(fake.url)
    expect(page.get_by_label("Avatar", exact=True).locator("option")).to_have_count(6)
    return page


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#state")).to_have_text("connected")


def events_of_the_wire(page: Page) -> list[str]:
    return page.locator("#events .wire b").all_inner_texts()


def own_session(page: Page, fake: Fake) -> dict[str, object]:
    (session_id,) = fake.open_sessions()
    return fake.session(session_id)


def show(page: Page, name: str) -> None:
    """Keeps a screenshot in the folder that BROWSER_SCREENSHOTS names."""
    folder = os.environ.get("BROWSER_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_started_session_plays_and_shows_what_is_received(opened: Page) -> None:
    start(opened)
    statistics = opened.get_by_label("Live statistics")
    expect(statistics).to_contain_text("1280\u00d7720")
    expect(statistics).to_contain_text("VP8")
    expect(statistics).to_contain_text(re.compile(r"2\d fps"))
    assert opened.evaluate("!document.querySelector('#video').paused && !video.muted")


def test_enter_without_a_session_opens_one_and_says_the_text(opened: Page, fake: Fake) -> None:
    opened.get_by_label("Text for the avatar").fill(SENTENCE)
    opened.get_by_label("Text for the avatar").press("Enter")
    expect(opened.locator("#state")).to_have_text("talking")
    expect(opened.locator("#caption-text")).to_have_text(SENTENCE)
    assert len(fake.open_sessions()) == 1


def test_enter_speaks_and_the_events_of_the_data_channel_appear(opened: Page) -> None:
    start(opened)
    opened.get_by_label("Text for the avatar").fill(SENTENCE)
    opened.keyboard.press("Enter")
    expect(opened.locator("#state")).to_have_text("talking")
    expect(opened.locator("#caption")).to_have_text(SENTENCE)
    show(opened, "talking")
    expect(opened.locator("#state")).to_have_text("connected")
    assert events_of_the_wire(opened) == ["avatar_start_talking", "avatar_stop_talking"]
    expect(opened.locator("#requests tr").first).to_contain_text("sendTask")
    expect(opened.locator("#requests tr").first).to_contain_text("200")


def test_escape_interrupts(opened: Page) -> None:
    start(opened)
    opened.get_by_label("Text for the avatar").fill(LONG)
    opened.get_by_role("button", name="Speak").click()
    expect(opened.locator("#state")).to_have_text("talking")
    opened.keyboard.press("Escape")
    expect(opened.locator("#state")).to_have_text("connected")
    expect(opened.locator("#requests tr").first).to_contain_text("interruptTask")


def test_chat_shows_what_the_avatar_answers(opened: Page) -> None:
    start(opened)
    opened.get_by_text("Chat", exact=True).click()
    opened.get_by_label("Text for the avatar").fill("When do you open?")
    opened.keyboard.press("Enter")
    expect(opened.locator("#state")).to_have_text("talking")
    expect(opened.locator("#caption")).to_have_text(re.compile(r"\w{2}"))


def test_choices_take_effect_with_the_next_session(opened: Page, fake: Fake) -> None:
    start(opened)
    opened.get_by_label("Avatar", exact=True).select_option(label="Bruno at the office")
    opened.get_by_label("Voice", exact=True).select_option(index=3)
    opened.get_by_label("Voice rate").fill("1.3")
    for choice in ("Serious", "480p", "H264"):
        opened.get_by_text(choice, exact=True).click()
    opened.get_by_role("button", name="Restart with them").click()
    expect(opened.get_by_label("Live statistics")).to_contain_text("854\u00d7480")
    expect(opened.get_by_label("Live statistics")).to_contain_text("H264")
    session = own_session(opened, fake)
    assert session["avatar_id"] == "Bruno_office_20240501"
    assert session["voice"] == "Sofia"
    assert session["emotion"] == "serious"
    assert session["quality"] == "low"


def test_a_refusal_is_shown_with_its_code_and_message(opened: Page) -> None:
    opened.get_by_label("Avatar", exact=True).select_option("other")
    opened.get_by_label("Avatar id").fill("mock:concurrent-limit")
    opened.get_by_role("button", name="Start").click()
    alert = opened.get_by_role("alert")
    expect(alert).to_contain_text("code 10007")
    expect(alert).to_contain_text("Concurrent limit reached")
    show(opened, "refused")


def test_an_end_by_the_server_is_noticed_and_a_new_session_can_be_started(
    opened: Page, fake: Fake
) -> None:
    start(opened)
    fake.call("POST", "/__mock__/clock", {"advance": 121})
    expect(opened.locator("#state")).to_contain_text("session ended")
    start(opened)


def test_an_end_is_noticed_though_no_channel_was_there_yet(opened: Page, fake: Fake) -> None:
    at_once = {"on": "session", "do": "session-closed", "at_ms": 0}
    fake.call("PUT", "/__mock__/faults/plan", [at_once])
    opened.get_by_role("button", name="Start").click()
    expect(opened.locator("#state")).to_contain_text("session ended")


def test_leaving_the_page_stops_the_session(opened: Page, fake: Fake) -> None:
    start(opened)
    onlooker = opened.context.new_page()
    onlooker.goto(fake.url)
    onlooker.get_by_role("tab", name="Sessions").click()
    expect(onlooker.locator("#sessions tr")).to_contain_text("connected")
    opened.goto("about:blank")
    expect(onlooker.locator("#sessions tr")).to_contain_text("closed")


def test_another_session_is_listed_and_can_be_stopped(opened: Page, fake: Fake) -> None:
    created = fake.call("POST", "/v1/streaming.new", {"quality": "low"})["data"]
    opened.get_by_role("tab", name="Sessions").click()
    opened.get_by_role("button", name=f"Stop session {created['session_id']}").click()
    expect(opened.locator("#sessions tr.gone")).to_have_count(1)
    assert fake.session(created["session_id"])["status"] == "closed"


def test_a_call_is_copied_as_a_shell_command_that_repeats_it(opened: Page, fake: Fake) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start(opened)
    opened.get_by_label("Text for the avatar").fill("It's me.")
    opened.keyboard.press("Enter")
    opened.get_by_role("tab", name="curl").click()
    opened.get_by_role("button", name="Copy streaming.task as curl").click()
    expect(opened.locator("#toast")).to_have_text("Copied")
    command = shlex.split(opened.evaluate("navigator.clipboard.readText()").replace("\\\n", ""))
    assert command[:5] == ["curl", "--request", "POST", "--url", f"{fake.url}/v1/streaming.task"]
    assert "x-api-key: test-key" in command
    assert json.loads(command[-1])["text"] == "It's me."


def test_every_control_has_a_name_and_nothing_overflows_a_phone(page: Page, fake: Fake) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(fake.url)
    controls = page.locator("button, input, select, textarea").filter(visible=True)
    for control in controls.all():
        expect(control).to_have_accessible_name(re.compile(r"\w"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
