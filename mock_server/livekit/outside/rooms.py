"""Makes the rooms of v2 sessions in a LiveKit deployment."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.livekit.outside.deployment import Deployment
from mock_server.livekit.outside.room import OutsideRoom
from mock_server.livekit.outside.samples import SampleBanks
from mock_server.media.library import Library
from mock_server.peers import Listener, PeerNews, PeerSpec
from mock_server.rtc.pump import Pump


class OutsideRooms:
    """Implements ``peers.RoomFactory``. Make it on the event loop.

    ``clock`` maps the loop's time to the fake's.
    """

    def __init__(
        self, deployment: Deployment, library: Library, *, clock: Callable[[float], float]
    ) -> None:
        self._deployment = deployment
        self._library = library
        self._voices = SampleBanks(library)
        self._pump = Pump(clock)

    def __call__(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        *,
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
    ) -> OutsideRoom:
        return OutsideRoom(
            spec,
            notify,
            note=note,
            listen=listen,
            deployment=self._deployment,
            library=self._library,
            voices=self._voices,
            pump=self._pump,
        )

    async def close(self) -> None:
        """Ends the ticker that all avatars share."""
        await self._pump.close()
