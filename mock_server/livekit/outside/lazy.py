"""Brings LiveKit's SDK in when the first room is wanted, and says at the start if it is missing."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from mock_server.media.library import Library
from mock_server.settings import SettingError, Settings

if TYPE_CHECKING:
    from mock_server.livekit.outside.rooms import OutsideRooms

_MISSING = (
    "livekit_url: publishing into a LiveKit deployment needs the extra `livekit`; type: "
    "pip install 'heygen-mock[livekit]'"
)


class LazyOutside:
    """Implements ``peers.Rooms``; ``clock`` maps the loop's time to the fake's.

    Raises SettingError where the SDK is not installed.
    """

    def __init__(
        self, settings: Settings, library: Library, *, clock: Callable[[float], float]
    ) -> None:
        if importlib.util.find_spec("livekit.rtc") is None:
            raise SettingError(_MISSING)
        self._settings = settings
        self._library = library
        self._clock = clock
        self._made: asyncio.Task[OutsideRooms] | None = None

    async def __call__(self) -> OutsideRooms:
        if self._made is None:
            self._made = asyncio.create_task(self._make(), name="import of LiveKit's SDK")
        return await asyncio.shield(self._made)

    async def _make(self) -> OutsideRooms:
        # The SDK, its 28 MB of native code, and aiortc beside the pump: half a second.
        module = await asyncio.to_thread(
            importlib.import_module, "mock_server.livekit.outside.rooms"
        )
        deployment = await asyncio.to_thread(
            importlib.import_module, "mock_server.livekit.outside.deployment"
        )
        _quiet()
        settings = self._settings
        where = deployment.Deployment(
            settings.livekit_url.rstrip("/"), settings.livekit_key, settings.livekit_secret
        )
        made: OutsideRooms = module.OutsideRooms(where, self._library, clock=self._clock)
        return made

    async def close(self) -> None:
        """Ends what all rooms share, after the last of them is closed."""
        if self._made is not None:
            await asyncio.wait([self._made])
            if self._made.exception() is None:
                await self._made.result().close()


def _quiet() -> None:
    """The SDK's own log is for its makers; what goes wrong is told by the session's end."""
    logger = logging.getLogger("livekit")
    if logger.level == logging.NOTSET and not logging.getLogger("heygen_mock").isEnabledFor(
        logging.DEBUG
    ):
        logger.setLevel(logging.CRITICAL)
