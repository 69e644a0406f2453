"""Makes viewers' peers."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.media.script import picture
from mock_server.rtc.options import RtcOptions
from mock_server.rtc.peer import RtcPeer
from mock_server.rtc.stage import Codecs, Library, Picture, Stage, both_codecs
from mock_server.runtime import PeerNews, PeerSpec


class RtcPeerFactory:
    """Makes :class:`RtcPeer`; implements ``runtime.PeerFactory``. Make it on the event loop.

    ``clock`` maps the loop's time to the fake's. ``codecs`` and ``picture`` choose what is
    offered and shown. ``direct`` False sends by aiortc's public interface alone, without the
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
        direct: bool = True,
    ) -> None:
        self._stage = Stage(
            library,
            clock=clock,
            options=options or RtcOptions(),
            codecs=codecs,
            picture=picture,
            direct=direct,
        )

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> RtcPeer:
        return RtcPeer(spec, notify, stage=self._stage)

    async def close(self) -> None:
        """Stops what all peers share, after the last of them is closed."""
        await self._stage.close()
