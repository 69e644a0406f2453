"""A performance that stands still, is silent, or babbles."""

from __future__ import annotations

from mock_server.core.faults.misplay import Acting, Misplay, acting
from mock_server.rtc.props import Props
from mock_server.rtc.streamer import Performance

_PACKETS_PER_SECOND = 50


class OddPerformance:
    """Implements ``streamer.Performance`` around the right one. ``acting`` is set at each tick."""

    def __init__(self, right: Performance, misplay: Misplay, props: Props) -> None:
        self.right = right
        self.acting: Acting = ()
        self._used = misplay.used
        self._props = props
        self._held: int | None = None

    def state(self, t: float, /) -> int:
        one = acting(self.acting, "still")
        if one is None:
            self._held = None
            return self.right.state(t)
        self._used(one)
        if self._held is None:
            self._held = self.right.state(t)
        return self._held

    def packet(self, t: float, /) -> bytes:
        packet, silence = self.right.packet(t), self._props.silence
        talks = packet != silence
        one = acting(self.acting, "silence" if talks else "noise")
        if one is None:
            return packet
        self._used(one)
        noise = self._props.noise
        return silence if talks else noise[int(t * _PACKETS_PER_SECOND) % len(noise)]
