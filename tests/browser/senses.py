"""What a page with viewer/senses.js sees and hears, for the viewers of both versions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from mock_server import decode_stamp
from mock_server.media.stamp import Stamp

SILENT = 0.002
AUDIBLE = 0.02
"""Root mean squares; full scale is 1."""


@dataclass(frozen=True, slots=True)
class Senses:
    """The global `viewer` of a page."""

    page: Page

    def event(self, name: str, nth: int = 1) -> dict[str, Any]:
        """The nth event of that name, awaited."""
        event = self.page.wait_for_function(
            "([name, nth]) => viewer.events.filter(({type}) => type === name)[nth - 1]",
            arg=[name, nth],
        ).json_value()
        assert isinstance(event, dict)
        return event

    def events(self) -> list[dict[str, Any]]:
        """All until now, in order; "at" is the page's time in ms."""
        events = self.page.evaluate("viewer.events")
        assert isinstance(events, list)
        return events

    def hears_silence(self, ms: int = 300) -> None:
        """Waits until that long nothing was heard."""
        self.page.wait_for_function(
            "([ms, limit]) => { const heard = viewer.loudness(ms);"
            " return heard !== null && heard < limit; }",
            arg=[ms, SILENT],
        )

    def hears_voice(self) -> None:
        self.page.wait_for_function("limit => viewer.loudness(60) > limit", arg=AUDIBLE)

    def share_of_sound(self, begin: float, end: float) -> float:
        """How much of the time between two page times (ms) was audible, 0 to 1."""
        share = self.page.evaluate(
            "([begin, end, limit]) => {"
            " const seen = viewer.levels.filter(({at}) => begin <= at && at <= end);"
            " return seen.filter(({level}) => level > limit).length / seen.length; }",
            [begin, end, SILENT],
        )
        assert isinstance(share, int | float)
        return float(share)

    def size(self) -> tuple[int, int]:
        width, height = self.page.evaluate("viewer.size()")
        return width, height

    def video(self) -> dict[str, Any]:
        """The entry "inbound-rtp" of getStats, with the codec's MIME type as "codec"."""
        video = self.page.evaluate("viewer.video()")
        assert isinstance(video, dict)
        return video

    def pictures(self, count: int) -> list[bytes]:
        """The luma of the next pictures at 640x360."""
        return self._luma(count, 640, 360, 0)

    def stamps(self, count: int) -> list[Stamp]:
        """What the next pictures show; each must have a readable stamp."""
        width, height, top = 1280, 720, 660
        above = bytes(width * top)  # the stamp is in a lower corner: the rest can stay away
        stamps = [
            decode_stamp(above + strip, width=width, height=height, stride=width)
            for strip in self._luma(count, width, height, top)
        ]
        found = [stamp for stamp in stamps if stamp is not None]
        assert len(found) == count
        return found

    def _luma(self, count: int, width: int, height: int, top: int) -> list[bytes]:
        taken = self.page.evaluate(
            "([count, width, height, top]) => viewer.pictures(count, width, height, top)",
            [count, width, height, top],
        )
        return [base64.b64decode(picture) for picture in taken]
