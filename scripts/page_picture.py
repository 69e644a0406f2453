"""Takes docs/page.png, the README's picture: the page in Chromium while the avatar speaks.

Run it after the page or the avatars changed: ``.venv/bin/python scripts/page_picture.py``.
It needs what the browser tests need (scripts/browser-kit) and Pillow.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mock_server import decode_stamp  # noqa: E402
from mock_server.core.speech import Eyes, Mouth  # noqa: E402
from tests.browser.served import serve_fake  # noqa: E402

PICTURE = ROOT / "docs" / "page.png"
LIMIT = 250_000
SENTENCE = "Hello! I stand in for your avatar: same API, real WebRTC, no credits, no network."
SIZE = (1440, 900)
STAGE = (20, 62, 972, 598)
"""Where the avatar is in the picture: left, top, right, bottom."""


def speak(page: Page, text: str) -> None:
    page.get_by_label("Text for the avatar").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("talking")


def take(page: Page, url: str) -> bytes:
    """A screenshot with a history of events, the statistics settled and the mouth in motion."""
    page.goto(url)
    page.get_by_text("Friendly", exact=True).click()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#state")).to_have_text("connected")
    speak(page, "Good morning.")
    expect(page.locator("#state")).to_have_text("connected")
    expect(page.get_by_label("Live statistics")).to_contain_text("25 fps")
    speak(page, SENTENCE)
    page.evaluate("getSelection().empty(); document.activeElement.blur()")
    page.wait_for_function(VOICE_IS_LOUD)
    for _ in range(60):
        if speaks_to_us(page):
            return page.screenshot(full_page=True)
        page.evaluate("document.querySelector('#video').play()")
    raise SystemExit("page_picture: the avatar never looked up while it spoke")


VOICE_IS_LOUD = """() => {
  const pen = document.querySelector("#wave").getContext("2d");
  const { data } = pen.getImageData(0, 10, 640, 1);
  return data.filter((value, at) => at % 4 === 3 && value > 0).length > 20;
}"""

HOLD = """async ([width, height, top]) => {
  const video = document.querySelector("#video");
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  video.pause();
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(video, 0, 0, width, height);
  const { data } = pen.getImageData(0, top, width, height - top);
  return Array.from({ length: width * (height - top) }, (_, at) => data[4 * at + 1]);
}"""


def speaks_to_us(page: Page) -> bool:
    """Holds the next picture; whether it has open eyes and an open mouth."""
    width, height, top = 1280, 720, 660
    # The stamp is in a lower corner: the rest of the picture is not fetched.
    luma = bytes(width * top) + bytes(page.evaluate(HOLD, [width, height, top]))
    stamp = decode_stamp(luma, width=width, height=height, stride=width)
    return stamp is not None and stamp.eyes is Eyes.OPEN and stamp.mouth in {Mouth.OPEN, Mouth.HALF}


def small(png: bytes) -> bytes:
    """The same picture with 256 colours: most of them the avatar's, the rest the page's."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    face = picture.crop(STAGE)
    page = picture.copy()
    page.paste((255, 255, 255), STAGE)
    colours = Image.new("P", (1, 1))
    colours.putpalette(_palette(face, 200) + _palette(page, 56))
    made = io.BytesIO()
    picture.quantize(palette=colours).save(made, "PNG", optimize=True)
    return made.getvalue()


def _palette(picture: Image.Image, colours: int) -> list[int]:
    found = picture.quantize(colours, kmeans=3).getpalette()
    assert found is not None
    return found[: 3 * colours]


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("page_picture: no Chromium here; scripts/browser-kit installs it", file=sys.stderr)
        return 2
    with serve_fake() as fake, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        png = small(take(page, fake.url))
        browser.close()
    if len(png) > LIMIT:
        print(f"page_picture: {len(png)} bytes are more than {LIMIT}", file=sys.stderr)
        return 1
    PICTURE.write_bytes(png)
    print(f"{PICTURE.relative_to(ROOT)}: {len(png)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
