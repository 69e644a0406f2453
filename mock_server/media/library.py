"""The shipped pictures and sounds, read when first asked for."""

from __future__ import annotations

import threading
from importlib.resources import files
from itertools import accumulate, pairwise
from pathlib import Path

from mock_server.core.catalogue import Avatar, Emotion, Quality, Voice
from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.media.container import Container
from mock_server.media.voice import VoiceBank, recordings

PREVIEW_TYPE = "image/jpeg"
PREVIEW_SIZE = 256
VOICES_FILE = "voices.media"


class Library:
    """Everything an avatar can show and say. Safe to share between threads.

    ``directory`` holds the files of the builder; by default the ones in the package. What is
    missing or broken there raises OSError, ValueError or KeyError.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or files("mock_server.media").joinpath("assets")
        self._lock = threading.Lock()
        self._containers: dict[str, Container] = {}
        self._vp8: dict[tuple[str, Emotion, Quality], Atlas] = {}
        self._h264: dict[tuple[str, Emotion, Quality], H264Atlas] = {}
        self._converting: dict[tuple[str, Emotion, Quality], threading.Lock] = {}
        self._voices: dict[str, VoiceBank] = {}

    def vp8(self, avatar: Avatar, emotion: Emotion, quality: Quality) -> Atlas:
        """The pictures in VP8: about a millisecond the first time, then from memory."""
        key = avatar.name, emotion, quality
        with self._lock:
            if key not in self._vp8:
                parts = self._container(avatar_file(avatar)).read(atlas_name(emotion, quality))
                self._vp8[key] = Atlas.of(parts[0], parts[1:])
            return self._vp8[key]

    def h264(self, avatar: Avatar, emotion: Emotion, quality: Quality) -> H264Atlas:
        """The pictures in H264, made from :meth:`vp8` the first time.

        That blocks for up to a second or two (the encoder releases the interpreter lock): call
        it in a thread. Two threads that ask for the same pictures share one conversion.
        """
        key = avatar.name, emotion, quality
        with self._lock:
            converting = self._converting.setdefault(key, threading.Lock())
        with converting:
            if key not in self._h264:
                # Importing av costs 75 ms, which viewers of VP8 need not wait for.
                from mock_server.media.h264 import convert  # noqa: PLC0415

                self._h264[key] = convert(self.vp8(avatar, emotion, quality))
            return self._h264[key]

    def voice(self, voice: Voice) -> VoiceBank:
        """The recordings of a voice."""
        with self._lock:
            if voice.name not in self._voices:
                self._voices[voice.name] = _bank(self._container(VOICES_FILE), voice)
            return self._voices[voice.name]

    def preview(self, avatar: Avatar) -> bytes:
        """A still picture of the avatar, 256 pixels square, of the type PREVIEW_TYPE."""
        return self._directory.joinpath(preview_file(avatar)).read_bytes()

    def _container(self, name: str) -> Container:
        if name not in self._containers:
            self._containers[name] = Container(self._directory.joinpath(name))
        return self._containers[name]


def avatar_file(avatar: Avatar) -> str:
    """The file of an avatar's pictures."""
    return f"{avatar.name.casefold()}.media"


def preview_file(avatar: Avatar) -> str:
    """The file of an avatar's still picture."""
    return f"{avatar.name.casefold()}.jpg"


def atlas_name(emotion: Emotion, quality: Quality) -> str:
    """The name of one atlas in the file of its avatar."""
    return f"{emotion}/{quality}"


def _bank(container: Container, voice: Voice) -> VoiceBank:
    silence, *packets = container.read(voice.name.casefold())
    names = recordings()
    bounds = pairwise(accumulate((slots for *_, slots in names), initial=0))
    sounds = {
        name: tuple(packets[begin:end]) for name, (begin, end) in zip(names, bounds, strict=True)
    }
    return VoiceBank(silence, sounds)
