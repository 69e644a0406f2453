"""Time and speech: what lasts too long, too short, or happens in another order."""

from __future__ import annotations

from dataclasses import replace

from mock_server.core import effects as ef
from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.session import Session, SessionConfig
from mock_server.core.speech import Utterance, speak
from mock_server.core.transitions import State
from mock_server.peers import Hearing, Peer, PeerFactory, PeerLost, PeerNews, PeerSpec, Publisher
from mock_server.seams import Seams
from mock_server.web.answers import Answer
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Mutant, configured, edited, handles, tells, turns_away


def _silence(text: str, rate: float) -> Utterance:
    return replace(speak(text, rate=rate), mouths=b"", syllables=(), sounds=())


def _one_length(text: str, rate: float) -> Utterance:
    return speak("All work and no play makes Jack a dull boy.", rate=1.0)


def _one_rate(text: str, rate: float) -> Utterance:
    return speak(text, rate=1.0)


async def _chat_repeats(right: Handler, services: Services, call: Call) -> Answer:
    body = call.body
    if body.get("task_type") in ("chat", "talk"):
        body = {**body, "task_type": "repeat"}
    return await right(services, call._replace(body=body))


async def _absent_chats(right: Handler, services: Services, call: Call) -> Answer:
    return await right(services, call._replace(body={"task_type": "chat", **call.body}))


async def _forgets_settings(right: Handler, services: Services, call: Call) -> Answer:
    body = {n: v for n, v in call.body.items() if n != "disable_idle_timeout"}
    return await right(services, call._replace(body=body))


def _usual_idle(config: SessionConfig) -> SessionConfig:
    return replace(config, idle_timeout=None if config.idle_timeout is None else 120.0)


class _AllWait(Session):
    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        kept = []
        while isinstance(event, ev.Speak) and len(self._talk.waiting) >= 100:
            kept.append(self._talk.waiting.popleft())
        effects = super().handle(event, now)
        self._talk.waiting.extendleft(reversed(kept))
        return effects


class _BusySpeech(Session):
    """Idleness counts from the last call, also while the avatar speaks."""

    @property
    def _idle_deadline(self) -> float | None:
        idle = self.config.idle_timeout
        return None if idle is None else self._active_at + idle


def _never_short(session: Session, event: ev.Event, effects: list[ef.Effect]) -> list[ef.Effect]:
    return [
        replace(effect, outcome=replace(effect.outcome, duration_ms=2000.0))
        if isinstance(effect, ef.Reply)
        and isinstance(effect.outcome, ef.Spoken)
        and not effect.outcome.duration_ms
        else effect
        for effect in effects
    ]


class _ActiveInterrupt(Session):
    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        if isinstance(event, ev.Interrupt) and self.speech is None:
            self._active_at = now
        return super().handle(event, now)


class _Sleepless(Session):
    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        before = self._active_at
        effects = super().handle(event, now)
        if isinstance(event, ev.KeepAlive):
            self._active_at = before
        return effects


def _blind(factory: PeerFactory) -> PeerFactory:
    """Peers that do not say when their viewer has gone."""

    class Blind:
        def __call__(self, spec: PeerSpec, notify: object) -> Peer:
            def tell(news: PeerNews) -> None:
                if not isinstance(news, PeerLost):
                    assert callable(notify)
                    notify(news)

            return factory(spec, tell)

        def publisher(self, hearing: Hearing) -> Publisher:
            return factory.publisher(hearing)

        async def close(self) -> None:
            await factory.close()

    return Blind()


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "task-duration-zero", "task-duration", "sendTask", "",
        "speaks for no time at all",
        Seams(utter=_silence),
    ),
    Mutant(
        "task-duration-constant", "task-duration", "sendTask", "text",
        "speaks equally long whatever the text",
        Seams(utter=_one_length),
    ),
    Mutant(
        "task-ignores-rate", "task-duration", "sendTask", "voice.rate",
        "speaks at one rate whatever was asked for",
        Seams(utter=_one_rate),
        layer="scenarios",
    ),
    Mutant(
        "task-default-chats", "task-default-repeats", "sendTask", "task_type",
        "answers to a text without a task type instead of speaking it",
        handles("sendTask", _absent_chats),
    ),
    Mutant(
        "task-chat-repeats", "task-chat-responds", "sendTask", "task_type",
        "repeats what it should answer to",
        handles("sendTask", _chat_repeats),
    ),
    Mutant(
        "full-queue-is-parameter", "task-queue-limit", "sendTask", "code",
        "calls a task for which there is no room an invalid parameter",
        tells("sendTask", errors.INVALID_PARAMETER, instead_of=errors.TOO_MANY_TASKS),
        layer="scenarios",
    ),
    Mutant(
        "all-tasks-wait", "task-queue-limit", "sendTask", "",
        "lets any number of tasks wait",
        Seams(session=_AllWait),
        layer="scenarios",
    ),
    Mutant(
        "dropped-task-lasts", "task-dropped", "sendTask", "data.duration_ms",
        "says that a task which was dropped was spoken",
        edited(_never_short), layer="scenarios",
    ),
    Mutant(
        "interrupt-of-silence-refused", "interrupt-silent", "interruptTask", "",
        "refuses an interrupt of a session that was not started",
        turns_away("interruptTask", State.NEW),
        layer="states",
    ),
    Mutant(
        "interrupt-of-silence-acts", "interrupt-silent", "listSessions", "",
        "counts an interrupt of a silent avatar as activity",
        Seams(session=_ActiveInterrupt),
        layer="scenarios",
    ),
    Mutant(
        "idle-for-ever", "idle-timeout", "listSessions", "",
        "never ends a session for idleness",
        configured(lambda config: replace(config, idle_timeout=None)),
        layer="scenarios",
    ),
    Mutant(
        "idle-always-usual", "idle-timeout", "keepAlive", "activity_idle_timeout",
        "does not heed activity_idle_timeout",
        configured(_usual_idle),
        layer="scenarios",
    ),
    Mutant(
        "idle-though-disabled", "idle-timeout", "listSessions", "disable_idle_timeout",
        "does not heed disable_idle_timeout",
        handles("newSession", _forgets_settings),
        layer="scenarios",
    ),
    Mutant(
        "idle-while-speaking", "idle-timeout", "listSessions", "data.duration_ms",
        "counts idleness while the avatar speaks",
        Seams(session=_BusySpeech),
        layer="scenarios",
    ),
    Mutant(
        "keep-alive-keeps-nothing", "keep-alive", "listSessions", "",
        "answers keepAlive and does not start the countdown anew",
        Seams(session=_Sleepless),
        layer="scenarios",
    ),
    Mutant(
        "no-duration-limit", "duration-limit", "listSessions", "",
        "never ends a session for its age",
        configured(lambda config: replace(config, duration_limit=1e9)),
        layer="scenarios",
    ),
    Mutant(
        "no-limit-without-idle", "duration-limit", "listSessions", "disable_idle_timeout",
        "never ends a session for its age that asked not to be idle",
        configured(lambda config: config if config.idle_timeout is not None
                   else replace(config, duration_limit=1e9)),
        layer="scenarios",
    ),
    Mutant(
        "duration-limit-early", "duration-limit", "keepAlive", "data.session_duration_limit",
        "ends a session half a minute before the time that it names",
        configured(lambda config: replace(config, duration_limit=config.duration_limit - 30)),
        layer="scenarios",
    ),
    Mutant(
        "viewer-never-lost", "viewer-lost", "listSessions", "",
        "does not notice that a viewer has gone",
        Seams(peers=_blind),
        layer="scenarios",
    ),
)  # fmt: skip
