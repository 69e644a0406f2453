"""The two ways of sending one viewer's media, behind one small protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from aiortc import MediaStreamTrack, RTCRtpSender

from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.rtc import adapter
from mock_server.rtc.pump import Pump
from mock_server.rtc.rtp import StreamFormat
from mock_server.rtc.streamer import Performance, Pictures, pictures_of
from mock_server.rtc.tracks import AudioTrack, SilentTrack, VideoTrack


class MediaSender(Protocol):
    """Media of one connection, from its tracks to its end."""

    def track(self, kind: str) -> MediaStreamTrack:
        """The track to add to the connection for "video" or "audio"."""

    def attach(self, sender: RTCRtpSender) -> None:
        """Tells it the sender that the track of that kind was given."""

    def perform(self, performance: Performance) -> None:
        """What is shown and heard from the next frame and packet on."""

    def use(self, atlas: Atlas | H264Atlas) -> None:
        """The pictures, once the codec is known and they are there."""

    def close(self) -> None:
        """Sends nothing more."""


class Player(Protocol):
    """What the pump plays for one viewer: a ``Streamer``, or one that does it wrong."""

    performance: Performance

    @property
    def pictures(self) -> Pictures | None: ...

    @pictures.setter
    def pictures(self, pictures: Pictures) -> None: ...

    def open(self, path: adapter.DirectPath) -> None: ...

    def start_video(self, negotiated: StreamFormat) -> None: ...

    def start_audio(self, negotiated: StreamFormat) -> None: ...

    def want_key(self) -> None: ...

    def repeat(self, sequences: Iterable[int]) -> None: ...

    def play(self, tick: int, now: float, wall: float, /) -> None: ...

    def show_picture(self, tick: int, now: float, wall: float, /) -> None: ...

    def stop(self) -> None: ...


class PumpSender:
    """Media from the global pump, past aiortc's senders."""

    def __init__(self, pump: Pump, streamer: Player) -> None:
        self._pump = pump
        self._streamer = streamer
        self._closed = False

    def track(self, kind: str) -> MediaStreamTrack:
        return SilentTrack(kind)

    def attach(self, sender: RTCRtpSender) -> None:
        def started(negotiated: StreamFormat) -> None:
            if not self._closed:
                self._start(sender, negotiated)

        adapter.take_over(sender, started)

    def _start(self, sender: RTCRtpSender, negotiated: StreamFormat) -> None:
        streamer = self._streamer
        streamer.open(adapter.DirectPath(sender.transport))
        if sender.kind == "video":
            streamer.start_video(negotiated)
            adapter.listen(sender.transport, negotiated.ssrc, streamer.repeat, streamer.want_key)
        else:
            streamer.start_audio(negotiated)
        self._pump.add(streamer)

    def perform(self, performance: Performance) -> None:
        self._streamer.performance = performance

    def use(self, atlas: Atlas | H264Atlas) -> None:
        self._streamer.pictures = pictures_of(atlas)

    def close(self) -> None:
        self._closed = True
        self._pump.remove(self._streamer)


class TrackSender:
    """Media from tracks of packets, on aiortc's public interface alone."""

    def __init__(self, performance: Performance, clock: Callable[[float], float]) -> None:
        self._video = VideoTrack(performance, clock)
        self._audio = AudioTrack(performance, clock)

    def track(self, kind: str) -> MediaStreamTrack:
        return self._video if kind == "video" else self._audio

    def attach(self, sender: RTCRtpSender) -> None:
        """The sender asks the track by itself."""

    def perform(self, performance: Performance) -> None:
        self._video.performance = performance
        self._audio.performance = performance

    def use(self, atlas: Atlas | H264Atlas) -> None:
        self._video.use(atlas)

    def close(self) -> None:
        self._video.stop()
        self._audio.stop()
