"""The page at ``/`` with v2: what a person sees and does there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.conftest import empty_tab
from tests.browser.served import Fake
from tests.browser.test_page import LONG, SENTENCE, events_of_the_wire, show, start

HUM = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const audio = new AudioContext();
    const sound = new OscillatorNode(audio);
    const destination = audio.createMediaStreamDestination();
    sound.connect(destination);
    sound.start();
    return destination.stream;
  };
}"""
"""A microphone that somebody hums into without end."""


@pytest.fixture
def opened(page: Page, fake: Fake) -> Page:
    page.goto(f"{fake.url}/?version=v2")
    expect(page.get_by_label("Avatar", exact=True).locator("option")).to_have_count(6)
    return page


def watch(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Watch").click()


def invitation(page: Page, fake: Fake) -> str:
    """The address of a page that watches too."""
    link = page.get_by_role("link", name="Second viewer").get_attribute("href")
    assert link is not None
    return fake.url + link


def test_a_session_in_a_room_plays_speaks_and_tells_its_text(opened: Page) -> None:
    start(opened)
    statistics = opened.get_by_label("Live statistics")
    expect(statistics).to_contain_text("1280\u00d7720")
    expect(statistics).to_contain_text("VP8")
    expect(statistics).to_contain_text("1 viewer")
    expect(statistics).to_contain_text(re.compile(r"2\d fps"))
    assert opened.evaluate("!document.querySelector('#video').paused && !video.muted")
    opened.get_by_label("Text for the avatar").fill(SENTENCE)
    opened.keyboard.press("Enter")
    expect(opened.locator("#state")).to_have_text("talking")
    expect(opened.locator("#caption-text")).to_have_text(SENTENCE)
    show(opened, "room-talking")
    expect(opened.locator("#state")).to_have_text("connected")
    assert events_of_the_wire(opened) == [
        "avatar_start_talking",
        "avatar_talking_message",
        "avatar_end_message",
        "avatar_stop_talking",
    ]
    expect(opened.locator("#events .wire").nth(1)).to_contain_text(SENTENCE)
    expect(opened.locator("#calls")).to_contain_text('"version":"v2"')


def test_a_text_told_in_pieces_is_shown_whole_and_escape_interrupts(
    opened: Page, fake: Fake
) -> None:
    with fake.set(talking_messages="chunks"):
        opened.get_by_label("Text for the avatar").fill(LONG)
        opened.keyboard.press("Enter")  # opens a session first
        expect(opened.locator("#state")).to_have_text("talking")
        expect(opened.locator("#caption-text")).to_have_text(LONG.strip())
    opened.keyboard.press("Escape")
    expect(opened.locator("#state")).to_have_text("connected")


def test_the_version_is_chosen_for_the_next_session_and_kept_in_the_address(
    opened: Page, fake: Fake
) -> None:
    start(opened)
    opened.get_by_text("v1 WebRTC").click()
    expect(opened).to_have_url(f"{fake.url}/")
    opened.get_by_role("button", name="Restart with them").click()
    expect(opened.get_by_role("button", name="Microphone")).to_be_hidden()
    expect(opened.locator("#state")).to_have_text("connected")
    (session_id,) = fake.open_sessions()
    assert fake.session(session_id)["version"] == "v1"
    opened.get_by_text("v2 LiveKit").click()
    opened.reload()
    expect(opened).to_have_url(f"{fake.url}/?version=v2")
    expect(opened.get_by_label("v2 LiveKit")).to_be_checked()


def test_a_second_viewer_sees_and_hears_the_same_until_the_first_stops(
    opened: Page, fake: Fake, browser: Browser
) -> None:
    start(opened)
    with empty_tab(browser) as other:
        watch(other, invitation(opened, fake))
        for page in (opened, other):
            expect(page.get_by_label("Live statistics")).to_contain_text("2 viewers")
            expect(page.locator("#state")).to_have_text("connected")
        other.get_by_label("Text for the avatar").fill(LONG)
        other.keyboard.press("Enter")
        for page in (opened, other):
            expect(page.locator("#caption-text")).to_have_text(LONG.strip())
        assert other.evaluate("document.querySelector('#video').videoWidth") == 1280
        opened.get_by_role("button", name="Stop session").click()
        expect(opened.locator("#state")).to_have_text("session ended: stopped")
        expect(other.locator("#state")).to_have_text("session ended: closed by the server")
        expect(other).to_have_url(f"{fake.url}/?version=v2")


def test_a_viewer_that_leaves_ends_nothing(opened: Page, fake: Fake, browser: Browser) -> None:
    start(opened)
    with empty_tab(browser) as other:
        watch(other, invitation(opened, fake))
        expect(opened.get_by_label("Live statistics")).to_contain_text("2 viewers")
        other.get_by_role("button", name="Leave room").click()
        expect(other.locator("#state")).to_have_text("session ended: left")
    expect(opened.get_by_label("Live statistics")).to_contain_text("1 viewer")
    expect(opened.locator("#state")).to_have_text("connected")


def test_what_the_microphone_hears_is_shown_and_answered(opened: Page) -> None:
    opened.evaluate(HUM)
    opened.get_by_label("Microphone is heard as").fill("When do you close?")
    start(opened)
    opened.get_by_role("button", name="Microphone").click()
    expect(opened.locator("#events .wire")).to_contain_text(["user_start"])
    opened.get_by_role("button", name="Microphone off").click()
    expect(opened.locator("#heard-text")).to_have_text("When do you close?")
    expect(opened.locator("#caption-text")).to_contain_text("When do you close?")
    show(opened, "room-heard")


def test_a_viewer_whose_socket_breaks_joins_again(opened: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def join(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    opened.route_web_socket(re.compile("/rtc"), join)
    start(opened)
    sockets[0].close()
    expect(opened.locator("#events")).to_contain_text("joining again")
    expect(opened.locator("#events .server b", has_text="viewer_connected")).to_have_count(2)
    expect(opened.locator("#state")).to_have_text("connected")
    opened.get_by_label("Text for the avatar").fill(SENTENCE)
    opened.keyboard.press("Enter")
    expect(opened.locator("#caption-text")).to_have_text(SENTENCE)


def test_a_room_that_stays_silent_is_given_up_and_its_session_stopped(
    opened: Page, fake: Fake
) -> None:
    opened.route_web_socket(re.compile("/rtc"), lambda socket: None)
    opened.clock.install()
    opened.get_by_role("button", name="Start").click()
    expect(opened.locator("#requests")).to_contain_text("startSession")
    opened.clock.run_for(15_000)
    expect(opened.locator("#state")).to_have_text(
        "session ended: no picture came of the room in 15 s"
    )
    expect(opened.locator("#requests")).to_contain_text("stopSession")


def play(fake: Fake, *plan: dict[str, object]) -> None:
    fake.call("PUT", "/__mock__/faults/plan", plan)


def test_a_viewer_that_is_removed_stops_its_session(opened: Page, fake: Fake) -> None:
    play(fake, {"on": "room", "do": "viewer-removed", "at_ms": 0, "reason": "participant-removed"})
    opened.get_by_role("button", name="Start").click()
    expect(opened.locator("#state")).to_have_text("session ended: removed from the room")
    expect(opened.locator("#requests")).to_contain_text("stopSession")


def test_events_that_are_none_are_listed_and_do_no_harm(opened: Page, fake: Fake) -> None:
    play(
        fake,
        {
            "on": "event",
            "do": "event-odd-message",
            "type": "avatar_talking_message",
            "form": "list",
        },
        {"on": "event", "do": "event-not-an-event", "type": "avatar_end_message", "form": "null"},
        {"on": "event", "do": "event-text", "type": "avatar_stop_talking"},
    )
    start(opened)
    opened.get_by_label("Text for the avatar").fill(SENTENCE)
    opened.keyboard.press("Enter")
    expect(opened.locator("#events .wire", has_text="event null")).to_have_count(1)
    expect(opened.locator("#caption-text")).to_have_text(SENTENCE)
    expect(opened.locator("#events .page", has_text="no data packet")).to_contain_text(
        "avatar_stop_talking"
    )


def test_a_microphone_that_is_not_taken_may_be_tried_again(opened: Page, fake: Fake) -> None:
    opened.evaluate(HUM)
    opened.clock.install()
    play(fake, {"on": "room", "do": "publish-unanswered"})
    start(opened)
    for _ in range(2):
        opened.get_by_role("button", name="Microphone", exact=True).click()
        expect(opened.get_by_role("button", name="Microphone off")).to_be_visible()
        opened.clock.run_for(10_000)
        expect(opened.get_by_role("alert")).to_contain_text("does not take a microphone")
        opened.get_by_role("alert").get_by_role("button").click()


def test_an_end_by_the_server_is_noticed(opened: Page, fake: Fake) -> None:
    start(opened)
    fake.call("POST", "/__mock__/clock", {"advance": 121})
    expect(opened.locator("#state")).to_have_text("session ended: closed by the server")
    expect(opened.get_by_role("button", name="Start a new session")).to_be_enabled()


@pytest.mark.parametrize(
    ("spoilt", "shown"),
    [
        (("token=ey", "token=xy"), "room was refused (HTTP 401): invalid token"),
        (("", ""), "room was refused (HTTP 404): requested room does not exist"),
    ],
    ids=["token refused", "room gone"],
)
def test_a_room_that_lets_nobody_in_says_why(
    page: Page, fake: Fake, spoilt: tuple[str, str], shown: str
) -> None:
    created = fake.call("POST", "/v1/streaming.new", {"version": "v2"})["data"]
    if spoilt == ("", ""):
        fake.call("POST", "/v1/streaming.stop", {"session_id": created["session_id"]})
    session, url, token = (created[k] for k in ("session_id", "url", "livekit_agent_token"))
    address = f"{fake.url}/?version=v2#session={session}&url={url}&token={token}"
    watch(page, address.replace(*spoilt))
    expect(page.get_by_role("alert")).to_contain_text(shown)
    show(page, "room-refused")
