"""A viewer's media as a plan has them go wrong."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.core.faults.misplay import Acting, Misplay, acting
from mock_server.rtc.odd_path import CuttablePath, OddPath
from mock_server.rtc.odd_performance import OddPerformance
from mock_server.rtc.odd_pictures import OddPictures
from mock_server.rtc.props import Props
from mock_server.rtc.rtp import StreamFormat
from mock_server.rtc.streamer import Performance, Pictures, Streamer

_STREAMS = ("audio", "video")


class OddStreamer:
    """Plays two right streamers, one of sound and one of pictures, over odd things.

    Its time begins with the first tick, which is when the viewer is connected.
    """

    def __init__(self, performance: Performance, misplay: Misplay, props: Props) -> None:
        self._misplay = misplay
        self._props = props
        self._played = OddPerformance(performance, misplay, props)
        self._players = {stream: Streamer(self._played) for stream in _STREAMS}
        self._paths = {stream: OddPath(stream, misplay) for stream in _STREAMS}
        self._formats: dict[str, StreamFormat] = {}
        self._pictures: OddPictures | None = None
        self._began: float | None = None
        self._acting: Acting = ()
        self._ended: set[str] = set()
        self._key_was_held_back = False
        self._frame: int | None = None

    @property
    def performance(self) -> Performance:
        """What is played, before it goes wrong."""
        return self._played.right

    @performance.setter
    def performance(self, performance: Performance) -> None:
        self._played.right = performance

    @property
    def pictures(self) -> Pictures | None:
        """The avatar's pictures, before they go wrong."""
        return self._pictures

    @pictures.setter
    def pictures(self, pictures: Pictures) -> None:
        self._pictures = OddPictures(pictures, self._misplay, self._props)
        self._players["video"].pictures = self._pictures

    def open(self, path: CuttablePath) -> None:
        """From now on packets go along ``path``."""
        for stream in _STREAMS:
            if stream not in self._ended:
                self._paths[stream].open(path)
                self._players[stream].open(self._paths[stream])

    def start_video(self, negotiated: StreamFormat) -> None:
        self._formats["video"] = negotiated

    def start_audio(self, negotiated: StreamFormat) -> None:
        self._formats["audio"] = negotiated

    def stop(self) -> None:
        """Says goodbye and sends nothing more."""
        for stream in _STREAMS:
            self._end(stream)
            self._paths[stream].close()

    def want_key(self) -> None:
        if acting(self._acting, "no-key-frame") is None:
            self._players["video"].want_key()

    def repeat(self, sequences: Iterable[int]) -> None:
        self._players["video"].repeat(sequences)

    def play(self, tick: int, now: float, wall: float) -> None:
        """As of the right one."""
        self._look(now)
        if self._may("audio"):
            self._players["audio"].play(tick, now, wall)
        if self._may("video") and self._is_time(now):
            self._players["video"].play(tick, now, wall)

    def show_picture(self, tick: int, now: float, wall: float) -> None:
        """As of the right one."""
        self._look(now)
        if self._may("video") and self._is_time(now):
            self._players["video"].show_picture(tick, now, wall)

    def _look(self, now: float) -> None:
        """What acts now; and what of it is done at once."""
        if self._began is None:
            self._began = now
        self._acting = self._misplay.at(now - self._began)
        for odd in (self._played, *self._paths.values(), self._pictures):
            if odd is not None:
                odd.acting = self._acting
        if self._does("ice-disconnect"):
            self._ended.update(_STREAMS)
            self._paths["video"].cut()  # which is the way of both
            self._paths["audio"].close()
        held_back = self._does("no-key-frame")
        if self._key_was_held_back and not held_back:
            self._players["video"].want_key()
        self._key_was_held_back = held_back

    def _may(self, stream: str) -> bool:
        """Whether the stream is sent now; starts it, or ends it, when it is time."""
        if stream in self._ended:
            return False
        if self._does(f"{stream}-ends"):
            self._end(stream)
            return False
        if self._does(f"no-{stream}", f"late-{stream}"):
            return False
        negotiated = self._formats.pop(stream, None)
        if negotiated is not None:
            player = self._players[stream]
            (player.start_video if stream == "video" else player.start_audio)(negotiated)
        return True

    def _is_time(self, now: float) -> bool:
        """Whether a picture is due: at a lower rate fewer are, and of a frozen one none."""
        if self._does("frozen"):
            return False
        slow = acting(self._acting, "low-rate")
        if slow is None:
            self._frame = None
            return True
        self._misplay.used(slow)
        before, self._frame = self._frame, int(now * slow.get("fps", 2))
        return self._frame != before

    def _end(self, stream: str) -> None:
        if stream not in self._ended:
            self._ended.add(stream)
            self._players[stream].stop()

    def _does(self, *names: str) -> bool:
        """Whether one of these acts, of which the last takes effect."""
        one = acting(self._acting, *names)
        if one is not None:
            self._misplay.used(one)
        return one is not None
