"""Pictures, sounds and events that are wrong, missing, or come at the wrong time."""

from __future__ import annotations

from dataclasses import replace

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.catalogue import AVATARS, Emotion, Quality
from mock_server.core.effects import SendEvent
from mock_server.core.session import Session
from mock_server.core.speech import Speech
from mock_server.media.script import picture, sound
from mock_server.seams import Seams, encode_event
from mock_server.web.answers import Answer
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Body, Mutant, answers, configured, handles, without
from tests.mutants.players import (
    Ahead,
    HalfRate,
    LateEnd,
    LateEvents,
    LateSilence,
    NoFirstKey,
    Noise,
    NoKeys,
    NoPictures,
    NoSound,
    SoundBack,
    SwappedEvents,
    Torn,
    played,
    wrapped,
)


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

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        if isinstance(event, ev.Speak):
            return super().handle(event, now)
        self._talk.waiting.reverse()
        effects = super().handle(event, now)
        self._talk.waiting.reverse()
        return effects


class _KeptQueue(Session):
    """An interrupt ends the speech, and the next one begins."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        waiting = self._talk.waiting
        kept = list(waiting) if isinstance(event, ev.Interrupt) else []
        if kept:
            waiting.clear()
        effects = super().handle(event, now)
        if kept:
            waiting.extend(kept)
            effects += self._talk.begin_next(now)
        return effects


class _FullDuration(Session):
    """An interrupted speech is told as if it had been spoken to its end."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        speech = self.speech if isinstance(event, ev.Interrupt) else None
        effects = super().handle(event, now)
        if speech is None:
            return effects
        whole = speech.utterance.duration_ms
        return [replace(e, duration_ms=whole) if isinstance(e, SendEvent) else e for e in effects]


class _TellsOfSilence(Session):
    """An interrupt is always followed by a stop event."""

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        silent = isinstance(event, ev.Interrupt) and self.speech is None
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
        played(HalfRate), layer="media",
    ),
    Mutant(
        "picture-time-ahead", "media-continuity", None, "RTP timestamp of video",
        "lets the RTP time of the pictures jump forward",
        played(Ahead), layer="media",
    ),
    Mutant(
        "sound-time-back", "media-continuity", None, "RTP timestamp of audio",
        "lets the RTP time of the sound fall back",
        played(SoundBack), layer="media",
    ),
    Mutant(
        "picture-first-no-key", "media-decodes", None, "key frame",
        "begins with a picture that is no key frame",
        played(NoFirstKey), layer="media",
    ),
    Mutant(
        "picture-torn", "media-decodes", None, "RTP payload",
        "sends pictures that no decoder can read",
        played(Torn), layer="media",
    ),
    Mutant(
        "no-pictures", "media-rate", None, "",
        "sends no pictures",
        played(NoPictures), layer="media",
    ),
    Mutant(
        "no-key-frame-on-pli", "media-key-frame", None, "RTCP PLI",
        "sends no key frame when a viewer asks for one",
        played(NoKeys), layer="media",
    ),
    Mutant(
        "no-sound", "media-voice", "sendTask", "",
        "sends no sound",
        played(NoSound), layer="media",
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
        Seams(sound=Noise()), layer="media",
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
        wrapped(LateEvents), layer="media",
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
        wrapped(SwappedEvents), layer="media",
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
        wrapped(LateSilence), layer="media",
    ),
    Mutant(
        "media-after-stop", "media-ends", "stopSession", "",
        "sends media for some seconds after a stop",
        wrapped(LateEnd), layer="media",
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
