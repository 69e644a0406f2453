"""What all viewers share: pictures and voices, the pump, the certificate, the sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCSctpTransport
from aiortc.rtcicetransport import parse_stun_turn_uri

from mock_server.core.catalogue import Avatar, Emotion, Encoding, Quality, Voice
from mock_server.core.speech import Speech
from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.media.script import Performance as Script
from mock_server.media.voice import VoiceBank
from mock_server.peers import PeerSpec
from mock_server.rtc import adapter
from mock_server.rtc.addresses import MediaSockets, advertised_addresses
from mock_server.rtc.odd_pictures import scenes
from mock_server.rtc.odd_streamer import OddStreamer
from mock_server.rtc.options import RtcOptions
from mock_server.rtc.props import Paint, Props
from mock_server.rtc.pump import Pump
from mock_server.rtc.senders import MediaSender, PumpSender, TrackSender
from mock_server.rtc.streamer import Performance, Pictures, Streamer, pictures_of

log = logging.getLogger("heygen_mock")


class Library(Protocol):
    """Where pictures and sounds come from; ``mock_server.media.library.Library`` is one."""

    def vp8(self, avatar: Avatar, emotion: Emotion, quality: Quality) -> Atlas: ...

    def h264(self, avatar: Avatar, emotion: Emotion, quality: Quality) -> H264Atlas: ...

    def voice(self, voice: Voice) -> VoiceBank: ...


Codecs = Callable[[Encoding], tuple[str, ...]]
"""The video codecs to offer, best first, for what the session asked for."""

Picture = Callable[[Speech | None, float, int], int]
"""(speech, the fake's time, seed) -> the state of the atlas to show."""


Sound = Callable[[Speech | None, tuple[bytes, ...], float, bytes], bytes]
"""(speech, its packets, the fake's time, silence) -> the Opus packet to send."""


def both_codecs(encoding: Encoding) -> tuple[str, ...]:
    """The one asked for first, the other for browsers that lack it."""
    return ("VP8", "H264") if encoding is Encoding.VP8 else ("H264", "VP8")


def _is_stun(url: str) -> bool:
    """Whether the server can be asked for an address: TURN would need credentials."""
    try:
        return str(parse_stun_turn_uri(url)["scheme"]) == "stun"
    except ValueError as error:
        log.warning("%s is no URL of an ICE server: %s", url, error)
        return False


def _quality(scene: str, usual: Quality) -> Quality:
    """Whose size a scene of ``Props`` has."""
    if scene == "black":
        return usual
    if scene == "another size":
        return Quality.MEDIUM if usual is Quality.LOW else Quality.LOW
    return Quality(scene)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A script whose pictures and sounds other functions choose."""

    script: Script
    picture: Picture
    sound: Sound

    def state(self, t: float, /) -> int:
        return self.picture(self.script.speech, t, self.script.seed)

    def packet(self, t: float, /) -> bytes:
        script = self.script
        return self.sound(script.speech, script.packets, t, script.silence)


class Stage:
    """Owned by the factory; see there for the arguments."""

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[float], float],
        options: RtcOptions,
        codecs: Codecs,
        picture: Picture,
        sound: Sound,
        streamer: Callable[[Streamer], Streamer],
        direct: bool,
    ) -> None:
        self._library = library
        self._clock = clock
        self._codecs = codecs
        self._picture = picture
        self._sound = sound
        self._streamer = streamer
        self.options = options
        unknown = adapter.changed_attributes() if direct else ()
        if unknown:
            log.warning(
                "aiortc or aioice is of a version not known here: %s; viewers are served by its "
                "public interface, on every address but loopback, and cost twice as much",
                ", ".join(unknown),
            )
        self.direct = direct and not unknown
        self._sockets = MediaSockets(self.options)
        self._addresses = advertised_addresses(self.options)
        self._stun = tuple(filter(_is_stun, self.options.ice_servers))
        self._certificate = adapter.SharedCertificate.generateCertificate() if self.direct else None
        self._pump = Pump(clock)
        self._black: dict[tuple[str, Quality], Atlas | H264Atlas] = {}
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="h264")
        self._painters = ThreadPoolExecutor(max_workers=1, thread_name_prefix="odd pictures")

    def video_codecs(self, spec: PeerSpec) -> tuple[str, ...]:
        """What is offered for this session, best first."""
        return self._codecs(spec.encoding)

    def performance(self, spec: PeerSpec, speech: Speech | None) -> Performance:
        """What the session's viewer sees and hears of a speech."""
        script = Script.of(speech, bank=self._library.voice(spec.voice), seed=spec.seed)
        return _Scene(script, self._picture, self._sound)

    def sender(self, spec: PeerSpec, performance: Performance) -> MediaSender:
        """The media of one connection. By the public interface alone nothing can go wrong."""
        if not self.direct:
            return TrackSender(performance, self._clock)
        if spec.misplay is not None:
            voice, usual = self._library.voice(spec.voice), str(spec.quality)
            props = Props(voice, self._painter(spec), self._painters, usual=usual)
            # What a plan asks for at some moment should be there then: made in the codec that is
            # likely to be agreed on.
            props.prepare(self.video_codecs(spec)[0], scenes(spec.misplay))
            return PumpSender(self._pump, OddStreamer(performance, spec.misplay, props))
        return PumpSender(self._pump, self._streamer(Streamer(performance)))

    def _painter(self, spec: PeerSpec) -> Paint:
        def paint(codec: str, scene: str) -> Pictures:
            quality = _quality(scene, spec.quality)
            wanted = spec.avatar, spec.emotion, quality
            if scene != "black":
                make = self._library.h264 if codec == "H264" else self._library.vp8
                return pictures_of(make(*wanted))
            # Importing av costs 75 ms, which nobody else need wait for.
            from mock_server.media.black import black_pictures  # noqa: PLC0415

            size = codec, quality
            if size not in self._black:
                self._black[size] = black_pictures(codec, like=self._library.vp8(*wanted))
            return pictures_of(self._black[size])

        return paint

    def connection(self) -> RTCPeerConnection:
        """A connection that asks the STUN servers of the options, and no other."""
        return adapter.new_connection(self._certificate, self._stun)

    def adopt(self, transport: RTCDtlsTransport, *, expired: Callable[[], None]) -> None:
        """Gives the connection's transport a socket and addresses of the options.

        ``expired`` is called when the viewer has answered no check for too long.
        """
        if self.direct:
            adapter.adopt_ice(
                transport.transport,
                bind=self._sockets.bind,
                addresses=self._addresses,
                consent=self.options.consent,
                expired=expired,
            )
            adapter.adopt_dtls(transport)

    def adopt_channels(self, transport: RTCSctpTransport) -> None:
        """Makes the data channels' transport stand whatever a viewer sends."""
        if self.direct:
            adapter.adopt_sctp(transport)

    def vp8(self, spec: PeerSpec) -> Atlas:
        """The session's pictures in VP8."""
        return self._library.vp8(spec.avatar, spec.emotion, spec.quality)

    async def h264(self, spec: PeerSpec) -> H264Atlas:
        """The session's pictures in H264, made in a thread when they are new."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._library.h264, spec.avatar, spec.emotion, spec.quality
        )

    async def close(self) -> None:
        """Ends the pump and waits for a conversion that is still running."""
        await self._pump.close()
        for threads in (self._threads, self._painters):
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)
