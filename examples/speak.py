"""Lets an avatar say a sentence: a whole client of the HeyGen Streaming API, in plain aiortc.

    python examples/speak.py "Hello, welcome to the meeting!"
    python examples/speak.py "Great news!" --emotion Excited --picture face.png --sound voice.wav

It opens a session, receives picture and sound over WebRTC, sends the sentence, prints the
avatar's events, and stops the session whatever happens. It needs aiortc (and av, which comes
with it) and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import urllib.error
import urllib.request
import wave
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

LATE_SECONDS = 10
"""How much later than announced the end of the speech may be told."""


class ClientError(Exception):
    """What went wrong, in words for the person at the terminal."""


class Api:
    """The HTTP side: one call per endpoint, the ``data`` of its answer back."""

    def __init__(self, url: str, *, key: str) -> None:
        self.url = url.rstrip("/")
        self._key = key

    async def post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(self._post, name, body)

    def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address is the user's own
            f"{self.url}/v1/streaming.{name}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Api-Key": self._key},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                data = json.load(answer).get("data")
        except urllib.error.HTTPError as refusal:
            with refusal:
                text = refusal.read().decode(errors="replace")
            raise ClientError(f"streaming.{name} is refused, {refusal.code}: {text}") from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise ClientError(
                f"nothing answers at {self.url} ({reason}); start `heygen-mock serve`, or give "
                "another address with --url"
            ) from None
        except ValueError as error:
            raise ClientError(f"streaming.{name} answers no JSON: {error}") from None
        return data if isinstance(data, dict) else {}


class Viewer:
    """The WebRTC side: what is seen and heard, and what the avatar tells on the data channel."""

    def __init__(self, servers: list[dict[str, Any]]) -> None:
        ice = [RTCIceServer(**server) for server in servers]
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=ice))
        self.began = monotonic()
        self.pictures = 0
        self.sound = bytearray()
        """Signed 16-bit samples, two channels, 48,000 a second."""
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._news, self._seen = asyncio.Event(), asyncio.Event()
        self._wanted: tuple[float, Path] | None = None
        self._pulls: list[asyncio.Task[None]] = []
        self.peer.on("track", self._add_track)
        self.peer.on("datachannel", self._add_channel)
        self.peer.on("connectionstatechange", self._news.set)

    async def answer(self, offer: dict[str, str]) -> dict[str, str]:
        """Takes the server's offer; the answer holds all candidates of this side."""
        await self.peer.setRemoteDescription(RTCSessionDescription(**offer))
        await self.peer.setLocalDescription(await self.peer.createAnswer())
        return {"type": "answer", "sdp": self.peer.localDescription.sdp}

    async def connected(self, patience: float) -> None:
        """Returns when media flows. Raises ClientError, at last after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                while self.peer.connectionState != "connected":
                    if self.peer.connectionState in ("failed", "closed"):
                        raise ClientError(f"the connection {self.peer.connectionState}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise ClientError(
                f"no WebRTC connection after {patience:g} s: the server must serve media (not "
                "--media none), and UDP from here to its media address must be possible"
            ) from None

    async def watching(self, patience: float) -> None:
        """Returns at the first picture. Raises ClientError, at last after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._seen.wait()
        except TimeoutError:
            raise ClientError(
                f"connected, but no picture after {patience:g} s; the other --encoding may do"
            ) from None

    def save_picture(self, path: Path, *, at: float) -> None:
        """Writes the first picture that is shown at or after a moment of the monotonic clock."""
        self._wanted = (at, path)

    async def close(self) -> None:
        await self.peer.close()
        for pull in self._pulls:  # the track of a connection that never came up never ends
            pull.cancel()
        await asyncio.gather(*self._pulls, return_exceptions=True)

    def _add_track(self, track: MediaStreamTrack) -> None:
        pull = self._watch if track.kind == "video" else self._listen
        self._pulls.append(asyncio.ensure_future(pull(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        while frame := await _next(track):
            self.pictures += 1
            if not self._seen.is_set():
                self._seen.set()
                say("picture", f"{frame.width}x{frame.height}, {monotonic() - self.began:.2f} s")
            if self._wanted is not None and monotonic() >= self._wanted[0]:
                write_png(frame, self._wanted[1])
                self._wanted = None

    async def _listen(self, track: MediaStreamTrack) -> None:
        while frame := await _next(track):
            self.sound += bytes(frame.planes[0])[: frame.samples * 4]

    def _add_channel(self, channel: RTCDataChannel) -> None:
        @channel.on("message")
        def heard(message: str | bytes) -> None:
            event = json.loads(message)
            say("event", "  ".join(f"{name} {value}" for name, value in event.items()))
            self.events.put_nowait(event)


async def _next(track: MediaStreamTrack) -> Any:
    """The next frame; None at the end of the track."""
    try:
        return await track.recv()
    except MediaStreamError:
        return None


def write_png(frame: Any, path: Path) -> None:
    """Encodes one picture with av, so that no other library is needed."""
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "rgb24"
    codec.time_base = Fraction(1, 25)
    packets = [*codec.encode(frame.reformat(format="rgb24")), *codec.encode(None)]
    path.write_bytes(b"".join(bytes(packet) for packet in packets))
    say("picture", f"written to {path}")


def write_wav(samples: bytes, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples)
    say("sound", f"written to {path}")


def say(what: str, text: str) -> None:
    print(f"{what:<10} {text}", flush=True)


async def speak(options: argparse.Namespace) -> None:
    """One session from streaming.new to streaming.stop. Raises ClientError."""
    api = Api(options.url, key=options.key)
    wishes = {"quality": options.quality, "video_encoding": options.encoding}
    if options.avatar:
        wishes["avatar_id"] = options.avatar
    voice = {"rate": options.rate, "emotion": options.emotion, "voice_name": options.voice}
    wishes["voice"] = {name: value for name, value in voice.items() if value is not None}
    session = await api.post("new", wishes)
    session_id = session["session_id"]
    say("session", session_id)
    viewer = Viewer(session.get("ice_servers2") or [])
    stop = {"session_id": session_id}
    try:
        answer = await viewer.answer(session["sdp"])
        await api.post("start", {"session_id": session_id, "sdp": answer})
        await viewer.connected(options.patience)
        say("connected", f"{monotonic() - viewer.began:.2f} s")
        await viewer.watching(options.patience)
        await converse(api, viewer, session_id, options)
        # Before the connection ends, which ends the session too: there would be none to stop.
        await api.post("stop", stop)
    except BaseException:  # Ctrl-C among them: an open session costs
        with contextlib.suppress(ClientError):
            await api.post("stop", stop)
        raise
    finally:
        await viewer.close()
    say("stopped", session_id)
    say("received", f"{viewer.pictures} pictures, {len(viewer.sound) / 4 / 48_000:.1f} s of sound")
    if options.sound:
        write_wav(bytes(viewer.sound), options.sound)


async def converse(api: Api, viewer: Viewer, session_id: str, options: argparse.Namespace) -> None:
    """Sends the text and waits until the avatar tells that it has said it."""
    task = await api.post(
        "task",
        {"session_id": session_id, "text": options.text, "task_type": options.task_type},
    )
    seconds = task["duration_ms"] / 1000
    say("task", f"{task['task_id']}, {seconds:.2f} s")
    if options.picture:
        viewer.save_picture(options.picture, at=monotonic() + seconds / 2)
    try:
        async with asyncio.timeout(seconds + LATE_SECONDS):
            while True:
                event = await viewer.events.get()
                if event["type"] == "avatar_stop_talking" and event["task_id"] == task["task_id"]:
                    return
    except TimeoutError:
        raise ClientError("the avatar did not tell that it has finished") from None


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Lets an avatar say a sentence.")
    parser.add_argument("text", nargs="?", default="Hello, welcome to the meeting!")
    address = os.environ.get("HEYGEN_BASE_URL", "http://127.0.0.1:8000")
    parser.add_argument("--url", default=address, help="default: HEYGEN_BASE_URL, or %(default)s")
    key = os.environ.get("HEYGEN_API_KEY", "test-key")
    parser.add_argument("--key", default=key, help="API key; default: HEYGEN_API_KEY")
    parser.add_argument("--avatar", help="avatar id; `heygen-mock avatars` lists them")
    parser.add_argument("--voice", help="voice name")
    parser.add_argument("--rate", type=float, help="voice rate, 1 is normal")
    parser.add_argument("--emotion", help="Excited, Serious, Friendly, Soothing or Broadcaster")
    parser.add_argument("--quality", default="medium", choices=["high", "medium", "low"])
    parser.add_argument("--encoding", default="VP8", choices=["VP8", "H264"])
    parser.add_argument("--task-type", default="repeat", choices=["repeat", "chat"])
    parser.add_argument("--patience", type=float, default=20, metavar="SECONDS", help="to connect")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="write a picture of it talking")
    parser.add_argument("--sound", type=Path, metavar="WAV", help="write all that was heard")
    return parser


def main() -> int:
    """0 when the sentence was said, 1 with one line that says what went wrong."""
    try:
        asyncio.run(speak(arguments().parse_args()))
    except ClientError as error:
        print(f"speak: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
