"""Pictures, sounds and events that are wrong, missing, or come at the wrong time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Quality
from mock_server.core.effects import SendEvent
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.session import Session
from mock_server.core.speech import Speech, speak
from mock_server.media.library import Library
from mock_server.media.script import picture, sound
from mock_server.rtc.rtp import StreamFormat
from mock_server.rtc.streamer import Streamer
from mock_server.runtime import Peer, PeerFactory, PeerNews, PeerSpec
from mock_server.seams import Seams, encode_event
from mock_server.web.answers import Answer
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Body, Mutant, answers, configured, handles, without


class _Peers:
    """Peers that are each wrapped in another."""

    def __init__(self, real: PeerFactory, wrap: Callable[[Peer], Peer]) -> None:
        self._real = real
        self._wrap = wrap

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer:
        return self._wrap(self._real(spec, notify))

    async def close(self) -> None:
        await self._real.close()


class _Outer:
    """A peer that does what the inner one does."""

    def __init__(self, inner: Peer) -> None:
        self._inner = inner

    async def offer(self) -> str:
        return await self._inner.offer()

    async def accept(self, answer: SessionDescription) -> None:
        await self._inner.accept(answer)

    async def answer(self, offer: SessionDescription) -> str:
        return await self._inner.answer(offer)

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        await self._inner.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        self._inner.show(speech)

    def send(self, message: bytes | str) -> None:
        self._inner.send(message)

    async def close(self) -> None:
        await self._inner.close()


class _LateEvents(_Outer):
    def send(self, message: bytes | str) -> None:
        asyncio.get_running_loop().call_later(1.2, super().send, message)


class _SwappedEvents(_Outer):
    def __init__(self, inner: Peer) -> None:
        super().__init__(inner)
        self._held: bytes | str | None = None

    def send(self, message: bytes | str) -> None:
        held, self._held = self._held, None if self._held is not None else message
        if held is not None:
            super().send(message)
            super().send(held)


class _LateSilence(_Outer):
    def show(self, speech: Speech | None) -> None:
        delay = 0.8 if speech is None else 0.0
        asyncio.get_running_loop().call_later(delay, super().show, speech)


class _LateEnd(_Outer):
    async def close(self) -> None:
        await asyncio.sleep(2.5)
        await super().close()


def _wrapped(outer: type[_Outer]) -> Seams:
    return Seams(peers=lambda real: _Peers(real, outer))


class _NoKeys(Streamer):
    """The first frame is a key frame, and no other."""

    def want_key(self) -> None:
        """Nobody is heard."""


class _HalfRate(Streamer):
    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        return () if tick // 8 % 2 else super()._picture(tick, now)


class _Ahead(Streamer):
    """The time of the pictures jumps by half a second every second."""

    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        if self._video is not None and tick % 200 < 8:
            self._video.origin += 45_000
        return super()._picture(tick, now)


class _SoundBack(Streamer):
    """The time of the sound falls back by half a second every second."""

    def _sound(self, tick: int, now: float) -> Sequence[bytes]:
        if self._audio is not None and tick % 200 < 4:
            self._audio.origin -= 24_000
        return super()._sound(tick, now)


class _NoFirstKey(Streamer):
    """The viewer has to ask for its first key frame."""

    def start_video(self, negotiated: StreamFormat) -> None:
        super().start_video(negotiated)
        self._key_wanted = False


class _Torn(Streamer):
    """Of each packet of a picture only the beginning is sent."""

    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        return [packet[:30] for packet in super()._picture(tick, now)]


class _NoSound(Streamer):
    def start_audio(self, negotiated: StreamFormat) -> None:
        """None is sent."""


class _NoPictures(Streamer):
    def start_video(self, negotiated: StreamFormat) -> None:
        """None is sent."""


def _played(kind: type[Streamer]) -> Seams:
    return Seams(streamer=lambda real: kind(real.performance))


class _Noise:
    """A voice in the place of silence."""

    def __init__(self) -> None:
        self._packets: tuple[bytes, ...] = ()

    def __call__(
        self, speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes
    ) -> bytes:
        if not self._packets:
            self._packets = Library().voice(VOICES[1]).packets(speak("Yada yada", rate=1.0))
        due = sound(speech, packets, t, silence)
        return self._packets[int(t * 50) % len(self._packets)] if due is silence else due


def _mumbled(speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes) -> bytes:
    return silence


def _cut_short(
    speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes
) -> bytes:
    half = speech is not None and t > (speech.started_at + speech.ends_at) / 2
    return silence if half else sound(speech, packets, t, silence)


class _Echo:
    """What was cut off is heard for another second."""

    def __init__(self) -> None:
        self._last: tuple[Speech, tuple[bytes, ...], float] | None = None

    def __call__(
        self, speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes
    ) -> bytes:
        if speech is not None:
            self._last = (speech, packets, t)
        elif self._last is not None and t < self._last[2] + 1.0:
            return sound(self._last[0], self._last[1], t, silence)
        return sound(speech, packets, t, silence)


def _later_mouth(speech: Speech | None, t: float, seed: int) -> int:
    return picture(speech, t - 0.4, seed)


class _PreviousTask:
    """Events name the task before their own."""

    def __init__(self) -> None:
        self._before = self._now = ""

    def __call__(self, event: SendEvent) -> bytes | str | None:
        if event.task_id != self._now:
            self._before, self._now = self._now or event.task_id, event.task_id
        return encode_event(replace(event, task_id=self._before))


def _no_stop(event: SendEvent) -> bytes | str | None:
    return None if event.type == "avatar_stop_talking" else encode_event(event)


def _no_start(event: SendEvent) -> bytes | str | None:
    return None if event.type == "avatar_start_talking" else encode_event(event)


def _stop_without_duration(event: SendEvent) -> bytes | str | None:
    return encode_event(replace(event, duration_ms=None))


def _twice_as_long(event: SendEvent) -> bytes | str | None:
    longer = None if event.duration_ms is None else event.duration_ms * 2
    return encode_event(replace(event, duration_ms=longer))


def _as_text(event: SendEvent) -> bytes | str | None:
    message = encode_event(event)
    return message.decode() if isinstance(message, bytes) else message


def _longer_than_heard(body: Body) -> None:
    for part in (body, body["data"]):
        part["duration_ms"] *= 1.6


async def _another_avatar(right: Handler, services: Services, call: Call) -> Answer:
    body = {"avatar_id": AVATARS[1].avatar_id, **call.body}
    return await right(services, call._replace(body=body))


class _LastFirst(Session):
    """Of the tasks that wait, the latest is spoken first."""

    def _begin_next(self, now: float) -> None:
        self._waiting = deque(reversed(self._waiting))
        super()._begin_next(now)
        self._waiting = deque(reversed(self._waiting))


class _KeptQueue(Session):
    """An interrupt ends the speech, and the next one begins."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        kept = list(self._waiting) if isinstance(event, ev.Interrupt) else []
        self._waiting = deque() if kept else self._waiting
        effects = super().handle(event, now)
        if kept:
            self._waiting.extend(kept)
            self._begin_next(now)
        return effects


class _FullDuration(Session):
    """An interrupted speech is told as if it had been spoken to its end."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        speech = self._speech if isinstance(event, ev.Interrupt) else None
        effects = super().handle(event, now)
        if speech is None:
            return effects
        whole = speech.utterance.duration_ms
        return [replace(e, duration_ms=whole) if isinstance(e, SendEvent) else e for e in effects]


class _TellsOfSilence(Session):
    """An interrupt is always followed by a stop event."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        silent = isinstance(event, ev.Interrupt) and self._speech is None
        told = SendEvent("avatar_stop_talking", "1f86a0a2-bd4e-11ef-8f3a-0242ac110002", 0.0)
        return [*([told] if silent else []), *super().handle(event, now)]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "codec-always-vp8", "new-encoding", "newSession", "RTP payload type",
        "sends VP8 though H264 was asked for",
        Seams(codecs=lambda encoding: ("VP8", "H264")), layer="media",
    ),
    Mutant(
        "picture-high-is-medium", "new-quality-size", "newSession", "quality",
        "sends 1280x720 for the high quality",
        configured(lambda config: replace(
            config,
            quality=Quality.MEDIUM if config.quality is Quality.HIGH else config.quality)),
        layer="media",
    ),
    Mutant(
        "picture-frozen", "media-moves", None, "picture",
        "shows one picture for ever",
        Seams(picture=lambda speech, t, seed: 0), layer="media",
    ),
    Mutant(
        "picture-half-rate", "media-rate", None, "RTP timestamp",
        "sends every second picture only",
        _played(_HalfRate), layer="media",
    ),
    Mutant(
        "picture-time-ahead", "media-continuity", None, "RTP timestamp of video",
        "lets the RTP time of the pictures jump forward",
        _played(_Ahead), layer="media",
    ),
    Mutant(
        "sound-time-back", "media-continuity", None, "RTP timestamp of audio",
        "lets the RTP time of the sound fall back",
        _played(_SoundBack), layer="media",
    ),
    Mutant(
        "picture-first-no-key", "media-decodes", None, "key frame",
        "begins with a picture that is no key frame",
        _played(_NoFirstKey), layer="media",
    ),
    Mutant(
        "picture-torn", "media-decodes", None, "RTP payload",
        "sends pictures that no decoder can read",
        _played(_Torn), layer="media",
    ),
    Mutant(
        "no-pictures", "media-rate", None, "",
        "sends no pictures",
        _played(_NoPictures), layer="media",
    ),
    Mutant(
        "no-key-frame-on-pli", "media-key-frame", None, "RTCP PLI",
        "sends no key frame when a viewer asks for one",
        _played(_NoKeys), layer="media",
    ),
    Mutant(
        "no-sound", "media-voice", "sendTask", "",
        "sends no sound",
        _played(_NoSound), layer="media",
    ),
    Mutant(
        "voice-mute", "media-voice", "sendTask", "Opus packet",
        "sends silence while the avatar speaks",
        Seams(sound=_mumbled), layer="media",
    ),
    Mutant(
        "voice-cut-short", "task-duration", "sendTask", "Opus packet",
        "falls silent in the middle of each speech",
        Seams(sound=_cut_short), layer="media",
    ),
    Mutant(
        "voice-in-silence", "media-silence", None, "Opus packet",
        "is heard while it has nothing to say",
        Seams(sound=_Noise()), layer="media",
    ),
    Mutant(
        "lips-late", "media-lips", None, "picture",
        "moves the lips 0.4 seconds after the sound",
        Seams(picture=_later_mouth), layer="media",
    ),
    Mutant(
        "duration-longer-than-heard", "task-duration", "sendTask", "data.duration_ms",
        "says that a speech lasts longer than it is heard",
        answers("sendTask", _longer_than_heard), layer="media",
    ),
    Mutant(
        "event-text", "events-binary", "sendTask", "",
        "sends events as strings",
        Seams(event=_as_text), layer="media",
    ),
    Mutant(
        "event-late", "events-on-time", "sendTask", "",
        "sends events more than a second late",
        _wrapped(_LateEvents), layer="media",
    ),
    Mutant(
        "event-stop-missing", "task-events", "sendTask", "avatar_stop_talking",
        "does not say when the avatar stops talking",
        Seams(event=_no_stop), layer="media",
    ),
    Mutant(
        "event-start-missing", "task-events", "sendTask", "avatar_start_talking",
        "does not say when the avatar begins to talk",
        Seams(event=_no_start), layer="media",
    ),
    Mutant(
        "event-previous-task", "task-events", "sendTask", "task_id",
        "names the task before in its events",
        Seams(event=_PreviousTask()), layer="media",
    ),
    Mutant(
        "events-swapped", "task-events", "sendTask", "",
        "says that a task has ended, and then that it begins",
        _wrapped(_SwappedEvents), layer="media",
    ),
    Mutant(
        "event-without-duration", "task-events", "sendTask", "duration_ms",
        "does not say in the stop event how long it talked",
        Seams(event=_stop_without_duration), layer="media",
    ),
    Mutant(
        "event-wrong-duration", "events-duration", "sendTask", "duration_ms",
        "says twice the duration in the stop event",
        Seams(event=_twice_as_long), layer="media",
    ),
    Mutant(
        "tasks-last-first", "task-queue", "sendTask", "task_id",
        "speaks the latest of the waiting tasks first",
        Seams(session=_LastFirst), layer="media",
    ),
    Mutant(
        "interrupt-lets-talk", "interrupt-silences", "interruptTask", "Opus packet",
        "goes on talking after an interrupt",
        without(ef.Show, on=ev.Interrupt), layer="media",
    ),
    Mutant(
        "interrupt-leaves-queue", "interrupt-silences", "interruptTask", "",
        "begins the next task when it is interrupted",
        Seams(session=_KeptQueue), layer="media",
    ),
    Mutant(
        "interrupt-full-duration", "interrupt-silences", "interruptTask", "duration_ms",
        "says in the stop event how long an interrupted speech would have been",
        Seams(session=_FullDuration), layer="media",
    ),
    Mutant(
        "interrupt-of-silence-tells", "interrupt-silent", "interruptTask", "avatar_stop_talking",
        "sends a stop event when a silent avatar is interrupted",
        Seams(session=_TellsOfSilence), layer="media",
    ),
    Mutant(
        "interrupt-echoes", "interrupt-in-time", "interruptTask", "Opus packet",
        "is heard for a second after an interrupt",
        Seams(sound=_Echo()), layer="media",
    ),
    Mutant(
        "interrupt-late", "interrupt-in-time", "interruptTask", "",
        "talks for 0.8 seconds more after an interrupt",
        _wrapped(_LateSilence), layer="media",
    ),
    Mutant(
        "media-after-stop", "media-ends", "stopSession", "",
        "sends media for some seconds after a stop",
        _wrapped(_LateEnd), layer="media",
    ),
    Mutant(
        "avatar-not-default", "new-default-avatar", "newSession", "avatar_id",
        "shows another avatar than the default one where none is asked for",
        handles("newSession", _another_avatar), layer="media",
    ),
    Mutant(
        "avatar-always-ada", "new-avatar-shown", "newSession", "avatar_id",
        "shows one avatar whatever was asked for",
        configured(lambda config: replace(config, avatar=AVATARS[0])), layer="media",
    ),
    Mutant(
        "emotion-never-shown", "new-emotion-shown", "newSession", "voice.emotion",
        "shows no emotion whatever was asked for",
        configured(lambda config: replace(config, emotion=Emotion.NEUTRAL)), layer="media",
    ),
)  # fmt: skip
