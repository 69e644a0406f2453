"""Makes peers that misbehave when the plan says so, and right ones else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mock_server.core.faults.misplay import Misplay
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.journal import Journal
from mock_server.peers import Hearing, Peer, PeerFactory, PeerNews, PeerSpec, Publisher


class OddPeers:
    """Implements ``peers.PeerFactory`` around another one.

    What a plan asks of media is told to the inner peer, which may be unable to do it. Each
    deviation is reported, and noted in the session's timeline, once per session: when it first
    takes effect.
    """

    def __init__(self, real: PeerFactory, *, faults: FaultPlan, journal: Journal) -> None:
        self._real = real
        self._faults = faults
        self._journal = journal

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer:
        signalling, media = self._faults.meet("peer"), self._faults.meet("media")
        if not signalling and not media:
            return self._real(spec, notify)
        return self._odd(spec, notify, signalling, media)

    def _odd(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        signalling: tuple[Deviation, ...],
        media: tuple[Deviation, ...],
    ) -> Peer:
        # Importing what edits descriptions takes some milliseconds that a healthy start need
        # not wait for.
        from mock_server.core.faults.signalling import ICE_DISCONNECT, NO_BUNDLE  # noqa: PLC0415
        from mock_server.odd_peers.edited import EditedPeer  # noqa: PLC0415
        from mock_server.odd_peers.unbundled import UnbundledPeer  # noqa: PLC0415

        used = self._reporter(spec.session_id)
        silences = tuple(one for one in signalling if one.do == ICE_DISCONNECT.do)
        if media or silences:
            spec = replace(spec, misplay=Misplay((*silences, *media), used))
        edits = tuple(one for one in signalling if one not in silences)
        apart = next((one for one in edits if one.do == NO_BUNDLE.do), None)
        if apart is not None:
            peer: Peer = UnbundledPeer(
                lambda heard: self._real(spec, heard), notify, used=lambda: used(apart)
            )
        else:
            peer = self._real(spec, notify)
        return EditedPeer(peer, edits, used) if edits else peer

    def _reporter(self, session_id: str) -> Callable[[Deviation], None]:
        known: set[int] = set()

        def used(deviation: Deviation) -> None:
            if deviation.at not in known:
                known.add(deviation.at)
                self._faults.use(deviation)
                self._journal.fault(session_id, deviation)

        return used

    def publisher(self, hearing: Hearing) -> Publisher:
        """Always a right one."""
        return self._real.publisher(hearing)

    async def close(self) -> None:
        """Stops what all peers share."""
        await self._real.close()
