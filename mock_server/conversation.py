"""What clients say otherwise than by HTTP, and what the avatar answers to it.

Text is a chat task. Of a microphone's sound only the energy counts: whoever is loud talks, and what
was said is scripted, as nothing here understands speech.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary, WeakSet

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.catalogue import Version
from mock_server.core.listening import Change, Ear
from mock_server.core.session import Session
from mock_server.core.speech import Utterance
from mock_server.core.talk import MAX_WAITING_TASKS
from mock_server.core.talking_messages import talking_messages
from mock_server.ids import Ids
from mock_server.journal import Journal
from mock_server.runtime import Runtime
from mock_server.settings import Settings

HEARD = "Hello, can you hear me?"
"""What a user has said when nothing else is scripted."""

STALLED = 1.5
"""Seconds without any sound, not even silence, after which a talk is over: the microphone was
muted or its client is gone."""
MAX_AHEAD = 60.0
"""Seconds by which the sound of a microphone may be faster than time. More is not heard."""
MAX_NOTES = 20
"""How often one listener says in the timeline what it ignored."""

NOBODY = 0
"""The number of a call whose answer nobody waits for."""


class Replies:
    """What is scripted: one after the other, and something of its own afterwards."""

    def __init__(self, reply: Callable[[str, str], str]) -> None:
        self.chat: list[str] = []
        self.heard: list[str] = []
        self._reply = reply

    def answer(self, text: str, knowledge_base: str) -> str:
        """What the avatar says to a user's ``text``."""
        return self.chat.pop(0) if self.chat else self._reply(text, knowledge_base)

    def next_heard(self) -> str:
        """What a user has said into the microphone."""
        return self.heard.pop(0) if self.heard else HEARD

    def clear(self) -> None:
        self.chat, self.heard = [], []


class Conversation:
    """All that is said in all sessions. Nothing that a client says ends anything."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        journal: Journal,
        ids: Ids,
        replies: Replies,
        utter: Callable[[str, float], Utterance],
        settings: Callable[[], Settings],
    ) -> None:
        self.replies = replies
        self._runtime = runtime
        self._journal = journal
        self._ids = ids
        self._utter = utter
        self._settings = settings
        self._pressing: WeakKeyDictionary[Session, int] = WeakKeyDictionary()
        self._opened: WeakSet[Session] = WeakSet()

    def join(self, session: Session, way: ef.Way) -> Voice:
        """A listener for one viewer; ``way`` is how that one comes, and where events of it go."""
        return Voice(self, session, way)

    def need_press(self, session: Session) -> Callable[[], None]:
        """Lets nobody be heard in the session without pressing a key; returns what undoes it."""
        self._pressing[session] = self._pressing.get(session, 0) + 1

        def undo() -> None:
            self._pressing[session] -= 1

        return undo

    def needs_press(self, session: Session) -> bool:
        return self._pressing.get(session, 0) > 0

    def say(self, session: Session, text: str, *, chat: bool) -> str | None:
        """Lets the avatar say ``text``, or its answer to that; returns why it does not."""
        settings = self._settings()
        if not text.strip():
            return "there is nothing to say"
        if len(text) > settings.max_text:
            return f"{len(text)} characters are more than {settings.max_text}"
        row = session.refusal(ev.Speak)
        if row is not None:
            return row.message
        if session.waiting >= MAX_WAITING_TASKS:
            return f"{MAX_WAITING_TASKS} tasks wait already"
        said = self.replies.answer(text, session.config.knowledge_base) if chat else text
        utterance = self._utter(said, session.config.rate)
        told = self.told(session, utterance)
        task = ev.Speak(NOBODY, self.task_id(), utterance, sync=False, blocks=False, messages=told)
        self._runtime.submit(session, task)
        return None

    def told(self, session: Session, utterance: Utterance) -> tuple[str, ...]:
        """The messages by which viewers read what is said; none in v1, which has no such."""
        if session.config.version is not Version.V2:
            return ()
        chunks = self._settings().talking_messages == "chunks"
        return talking_messages(utterance.text, chunks=chunks)

    def open_with(self, session: Session, text: str) -> str | None:
        """Lets the avatar say ``text`` as its first words, once; returns why it does not."""
        if session in self._opened:
            return "it has been said"
        problem = self.say(session, text, chat=False)
        if problem is None:
            self._opened.add(session)
        return problem

    def submit(self, session: Session, event: ev.Event) -> None:
        self._runtime.submit(session, event)

    def task_id(self) -> str:
        return self._ids.task_id()

    def note(self, session: Session, event: str, detail: dict[str, str | float]) -> None:
        """Writes an entry of the session's timeline."""
        self._journal.event(session.config.session_id, event, detail)


class Voice:
    """One viewer's texts and microphone: a :class:`mock_server.peers.Listener`."""

    def __init__(self, conversation: Conversation, session: Session, way: ef.Way) -> None:
        self._conversation = conversation
        self._session = session
        self._way = way
        self._ear = Ear()
        self._notes = 0
        self._began: float | None = None
        self._lasted = 0.0
        self._last_at = 0.0
        self._stalled: asyncio.TimerHandle | None = None

    def text(self, text: str) -> None:
        problem = self._conversation.say(self._session, text, chat=True)
        if problem is not None:
            self.ignore("text", problem)

    def audio(self, level: float, seconds: float) -> None:
        session, ear = self._session, self._ear
        if session.refusal(ev.UserStarted) is not None:
            if session.config.version is Version.V1:
                self.ignore("audio", "sessions of v1 have no voice chat")
            return
        if not self._in_time(seconds):
            return
        self._follow(ear.listen(on=session.listening))
        if self._conversation.needs_press(session):
            self._follow(ear.need_press())
        self._follow(ear.sound(level, seconds))

    def push_to_talk(self, *, on: bool) -> None:
        self._follow(self._ear.press(on=on))

    def left(self) -> None:
        self._follow(self._ear.end())

    def ignore(self, what: str, why: str) -> None:
        """Says in the timeline that something is of no use, but not without end."""
        self._notes += 1
        if self._notes > MAX_NOTES:
            return
        last = self._notes == MAX_NOTES
        why = f"{why[:200]}; no more is noted of this client" if last else why[:200]
        self._conversation.note(self._session, "ignored", {"what": what, "why": why})

    def _in_time(self, seconds: float) -> bool:
        now = asyncio.get_running_loop().time()
        if self._began is None or now > self._began + self._lasted:
            self._began, self._lasted = now, 0.0  # it has paused, and may not catch up
        self._last_at = now
        if self._lasted + seconds > now - self._began + MAX_AHEAD:
            self.ignore("audio", "it is too far ahead of time")
            return False
        self._lasted += seconds
        return True

    def _follow(self, change: Change | None) -> None:
        if change is None:
            return
        if change is Change.BEGAN:
            self._conversation.submit(self._session, ev.UserStarted(self._way))
            self._expect_sound(STALLED)
            return
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        if self._session.refusal(ev.UserStopped) is not None:
            return  # over by now
        said = self._conversation.replies.next_heard()
        task_id = self._conversation.task_id()
        self._conversation.submit(self._session, ev.UserStopped(self._way, task_id, said))
        problem = self._conversation.say(self._session, said, chat=True)
        if problem is not None:
            self.ignore("voice", problem)

    def _expect_sound(self, seconds: float) -> None:
        self._stalled = asyncio.get_running_loop().call_later(seconds, self._check)

    def _check(self) -> None:
        self._stalled = None
        left = self._last_at + STALLED - asyncio.get_running_loop().time()
        if left > 0:
            self._expect_sound(left)
        else:
            self._follow(self._ear.end())
