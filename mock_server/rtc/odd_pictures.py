"""Pictures that are not the avatar's, or that miss what they build on."""

from __future__ import annotations

from mock_server.core.faults.misplay import Acting, Misplay, acting
from mock_server.core.faults.plan import Deviation
from mock_server.rtc.props import Props
from mock_server.rtc.streamer import KeyPictures, Pictures

_SCENES = ("black", "size-change")
_STAP_A = 24  # RFC 6184 section 5.7.1; here it holds the parameter sets


class OddPictures:
    """Implements ``streamer.Pictures`` around the right ones. ``acting`` is set for each frame."""

    def __init__(self, usual: Pictures, misplay: Misplay, props: Props) -> None:
        self.acting: Acting = ()
        self._usual = usual
        self._used = misplay.used
        self._props = props
        self._codec = "H264" if isinstance(usual, KeyPictures) else "VP8"
        self._shown: Pictures | None = None
        self._key_was_due = False
        props.prepare(self._codec, scenes(misplay))

    @property
    def key(self) -> tuple[bytes, ...]:
        return () if self._shown is None or self._key_is_held_back() else self._shown.key

    def frame(self, state: int) -> tuple[bytes, ...]:
        held_back, pictures = self._key_is_held_back(), self._wanted()
        if pictures is None:
            self._key_was_due = True  # the streamer asks for the first one once
            return ()
        if pictures is not self._shown:
            needs_key = self._shown is not None or self._key_was_due
            self._shown = pictures
            if needs_key and pictures.key and not held_back:
                return pictures.key  # the states that follow build on it
        frame = pictures.frame(state)
        if held_back and len(frame) > 1 and frame[0][0] & 0x1F == _STAP_A and not pictures.key:
            return frame[1:]
        return frame

    def _wanted(self) -> Pictures | None:
        """What is to be seen; what was seen before until it is there, None before the first."""
        one = acting(self.acting, *_SCENES)
        if one is None or _scene(one) == self._props.usual:
            return self._usual
        pictures = self._props.pictures(self._codec, _scene(one))
        if pictures is None:
            return self._shown
        self._used(one)
        return pictures

    def _key_is_held_back(self) -> bool:
        return acting(self.acting, "no-key-frame") is not None


def scenes(misplay: Misplay) -> tuple[str, ...]:
    """What is to be seen at some time, by the names of ``Props``."""
    wanted = (_scene(one) for one in misplay.deviations if one.do in _SCENES)
    return tuple(dict.fromkeys(wanted))


def _scene(deviation: Deviation) -> str:
    return "black" if deviation.do == "black" else str(deviation.get("quality", "another size"))
