"""Makes viewers' peers."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.media.script import picture, sound
from mock_server.peers import Hearing, PeerNews, PeerSpec
from mock_server.rtc.options import RtcOptions
from mock_server.rtc.peer import RtcPeer
from mock_server.rtc.publisher import RtcPublisher, Watch
from mock_server.rtc.stage import Codecs, Library, Picture, Sound, Stage, both_codecs
from mock_server.rtc.streamer import Streamer


class RtcPeerFactory:
    """Makes :class:`RtcPeer`; implements ``peers.PeerFactory``. Make it on the event loop.

    ``clock`` maps the loop's time to the fake's. ``codecs``, ``picture`` and ``sound`` choose
    what is offered, shown and heard; ``streamer`` gives the one that plays a viewer's media,
    made from the real one. ``direct`` False sends by aiortc's public interface alone, without the
    options' addresses and ports, as does a version of aiortc that the adapter does not know.
    """

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[float], float],
        options: RtcOptions | None = None,
        codecs: Codecs = both_codecs,
        picture: Picture = picture,
        sound: Sound = sound,
        streamer: Callable[[Streamer], Streamer] = lambda real: real,
        direct: bool = True,
    ) -> None:
        self._stage = Stage(
            library,
            clock=clock,
            options=options or RtcOptions(),
            codecs=codecs,
            picture=picture,
            sound=sound,
            streamer=streamer,
            direct=direct,
        )

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> RtcPeer:
        return RtcPeer(spec, notify, stage=self._stage)

    def publisher(self, hearing: Hearing, *, watch: Watch | None = None) -> RtcPublisher:
        """What takes the media and data of a participant of a room; pictures for ``watch`` only."""
        return RtcPublisher(hearing, stage=self._stage, watch=watch)

    async def close(self) -> None:
        """Stops what all peers share, after the last of them is closed."""
        await self._stage.close()
