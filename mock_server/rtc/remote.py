"""The candidates of the other side that its transport is told of."""

from __future__ import annotations

from aiortc import RTCIceCandidate, RTCIceTransport

from mock_server.core.sdp import IceCandidate
from mock_server.rtc.addresses import may_send_to
from mock_server.rtc.options import RtcOptions

MAX_CANDIDATES = 64


class RemoteCandidates:
    """Gives each candidate that may be sent to to the transport, once, and only so many.

    The end of them is never passed on: a browser that hides its address behind an mDNS name names
    none that can be used, and is found by its own checks, which may come later.
    """

    def __init__(self, transport: RTCIceTransport, options: RtcOptions) -> None:
        self._transport = transport
        self._options = options
        self._known: set[tuple[str, int]] = set()

    async def add(self, candidate: IceCandidate) -> None:
        """A candidate, if it may be sent to."""
        place = candidate.address, candidate.port
        if (
            place not in self._known
            and len(self._known) < MAX_CANDIDATES
            and may_send_to(candidate, self._options)
        ):
            self._known.add(place)
            await self._transport.addRemoteCandidate(
                RTCIceCandidate(
                    component=candidate.component,
                    foundation=candidate.foundation,
                    ip=candidate.address,
                    port=candidate.port,
                    priority=candidate.priority,
                    protocol=candidate.protocol,
                    type=candidate.type,
                    sdpMLineIndex=0,
                )
            )
