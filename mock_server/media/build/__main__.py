"""Builds everything: ``python -m mock_server.media.build [DIRECTORY]``."""

from __future__ import annotations

import argparse
import io
import os
import time
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from mock_server.core.catalogue import AVATARS, VOICES, Avatar, Emotion, Quality
from mock_server.core.speech import Eyes, Mouth
from mock_server.media.build.encode import encode_star
from mock_server.media.build.expression import EXPRESSIONS
from mock_server.media.build.people import PEOPLE
from mock_server.media.build.pictures import planes
from mock_server.media.build.portrait import Portrait
from mock_server.media.build.voices import bank_packets
from mock_server.media.container import write_container
from mock_server.media.library import (
    PREVIEW_SIZE,
    VOICES_FILE,
    atlas_name,
    avatar_file,
    preview_file,
)
from mock_server.media.stamp import Stamp

_LARGEST = 8_000_000
_QUANTIZER = {Quality.LOW: 10, Quality.MEDIUM: 11, Quality.HIGH: 12}

Atlases = dict[str, list[bytes]]


def main() -> None:
    """Draws, sings, encodes and writes all files; prints a line for each step."""
    parser = argparse.ArgumentParser(prog="python -m mock_server.media.build")
    assets = Path(__file__).parent.parent / "assets"
    parser.add_argument("directory", nargs="?", type=Path, default=assets, help=f"default {assets}")
    directory: Path = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    atlases: dict[str, Atlases] = {avatar.name: {} for avatar in AVATARS}
    banks: dict[str, list[bytes]] = {}
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        moods: dict[Future[Atlases], tuple[Avatar, Emotion]] = {
            workers.submit(atlases_of, avatar, emotion): (avatar, emotion)
            for avatar in AVATARS
            for emotion in Emotion
        }
        voices = {workers.submit(bank_packets, voice): voice for voice in VOICES}
        waiting: list[Future[Any]] = [*moods, *voices]
        for done, future in enumerate(as_completed(waiting), 1):
            if voice := voices.get(future):
                banks[voice.name.casefold()] = future.result()
                name = f"voice {voice.name}"
            else:
                avatar, emotion = moods[future]
                atlases[avatar.name] |= future.result()
                name = f"{avatar.name}, {emotion}"
            elapsed = time.monotonic() - begun
            print(f"{done:3d}/{len(waiting)} {elapsed:6.1f} s  {name}", flush=True)
    _write(directory, atlases, banks)


def atlases_of(avatar: Avatar, emotion: Emotion) -> Atlases:
    """The key frame and the 24 states of one avatar in one mood, in each quality."""
    portrait = Portrait(PEOPLE[avatar.name], EXPRESSIONS[emotion])
    pictures = {
        Stamp(avatar.number, emotion, mouth, eyes): portrait.picture(eyes, mouth)
        for eyes in Eyes
        for mouth in Mouth
    }
    return {
        atlas_name(emotion, quality): encode_star(
            [planes(picture, quality.size, stamp) for stamp, picture in pictures.items()],
            quantizer=_QUANTIZER[quality],
        )
        for quality in Quality
    }


def preview(avatar: Avatar) -> bytes:
    """The still picture of an avatar, smiling, as JPEG."""
    portrait = Portrait(PEOPLE[avatar.name], EXPRESSIONS[Emotion.FRIENDLY], master=(1920, 1080))
    picture = portrait.picture(Eyes.OPEN, Mouth.REST)
    square = picture.crop((510, 20, 1410, 920)).resize((PREVIEW_SIZE, PREVIEW_SIZE))
    file = io.BytesIO()
    square.save(file, "JPEG", quality=88, optimize=True)
    return file.getvalue()


def _write(directory: Path, atlases: dict[str, Atlases], banks: dict[str, list[bytes]]) -> None:
    for avatar in AVATARS:
        parts = atlases[avatar.name]
        names = [atlas_name(emotion, quality) for emotion in Emotion for quality in Quality]
        write_container(directory / avatar_file(avatar), {name: parts[name] for name in names})
        (directory / preview_file(avatar)).write_bytes(preview(avatar))
    names = [voice.name.casefold() for voice in VOICES]
    write_container(directory / VOICES_FILE, {name: banks[name] for name in names})
    size = sum(file.stat().st_size for file in directory.iterdir())
    print(f"{size / 1e6:.2f} MB in {directory}")
    if size > _LARGEST:
        raise SystemExit(f"too large: at most {_LARGEST / 1e6:.0f} MB are shipped")


if __name__ == "__main__":
    main()
