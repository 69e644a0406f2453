"""Directed scenarios: rules that no single call can show, each as a short list of actions.

The judge is the Monitor; a scenario only leads to where a broken rule would show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract.model.speech import MAX_WAITING
from contract.stimuli.actions import (
    ADVANCE,
    CONNECTED,
    ENTER,
    JOIN,
    LEAVE,
    REQUEST,
    Action,
    Edit,
    put,
)

SHORT = "Good morning to all of you."
LONG = (
    "Good morning to all of you, and welcome to this meeting; we have a lot to talk about today, "
    "so let us begin with the first point, and then go on from there without a break."
)
LIST = Action("listSessions")
NEW = Action("newSession")
CONNECT = Action(CONNECTED)
TOKEN = Action("createToken")
STOP = Action("stopSession", 0)
START = Action("startSession", 0)
PAPER_START = Action("startSession", 0, (put("sdp.sdp", "$paper"),))
BARE_START = Action("startSession", 0, (Edit("sdp"),))
"""Without an SDP, and with nobody who would come for it."""
INTERRUPT = Action("interruptTask", 0)
KEEP_ALIVE = Action("keepAlive", 0)
ROOM = Action("newSession", edits=(put("version", "v2"),))
CONNECT_ROOM = replace(ROOM, do=CONNECTED)
COME = Action(ENTER, 0)
GO = Action(LEAVE, 0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """``needs_connection`` is set where nothing can be seen without a connected session."""

    name: str
    actions: tuple[Action, ...]
    needs_connection: bool = False

    @property
    def needs_advance(self) -> bool:
        return any(action.do == ADVANCE for action in self.actions)


def scenarios() -> Iterator[Scenario]:
    """All of them, the shortest first."""
    yield from _tokens()
    yield from _sessions()
    yield from _rooms()
    yield from _speech()
    yield from _time()


def advance(seconds: float) -> Action:
    return Action(ADVANCE, seconds=seconds)


def say(text: str = SHORT, *edits: Edit, session: int = 0, later: bool = False) -> Action:
    """A task that does not wait, unless the edits say otherwise."""
    mode = put("task_mode", "async")
    return Action("sendTask", session, (put("text", text), mode, *edits), later=later)


def by(credentials: str, action: Action) -> Action:
    return replace(action, credentials=credentials)


def _new(**fields: object) -> Action:
    return Action("newSession", edits=tuple(put(n, value) for n, value in fields.items()))


def _tokens() -> Iterator[Scenario]:
    bad = _new(quality="no such value")
    yield Scenario(
        "a refused newSession does not use up its token",
        (TOKEN, by("token 0", bad), by("token 0", _new(version="no such value")),
         by("token 0", replace(NEW, form="not JSON")), by("token 0", NEW), STOP),
    )  # fmt: skip
    yield Scenario(
        "a newSession beyond the limit does not use up its token",
        (NEW, NEW, NEW, TOKEN, by("token 0", NEW), STOP, by("token 0", ROOM), LIST),
    )
    yield Scenario(
        "a token opens one session, even after that has ended",
        (TOKEN, by("token 0", NEW), by("token 0", NEW), by("token 0", bad), STOP,
         by("token 0", NEW), by("token 0", LIST)),
    )  # fmt: skip
    yield Scenario(
        "a token reaches and lists only its own session",
        (TOKEN, TOKEN, by("token 0", NEW), by("token 1", NEW), by("token 0", LIST),
         by("token 1", LIST), LIST,
         *(by("token 1", a) for a in (KEEP_ALIVE, INTERRUPT, PAPER_START, STOP, say())),
         *(by("token 0", a) for a in (KEEP_ALIVE, PAPER_START, STOP)),
         by("token 1", replace(STOP, session=1))),
    )  # fmt: skip
    yield Scenario(
        "a fresh token lists nothing and reaches nothing",
        (TOKEN, NEW, by("token 0", LIST), by("token 0", STOP), by("key and token 0", LIST),
         by("key and token 0", STOP), LIST, by("token 0", TOKEN), by("key and token 0", TOKEN),
         by("token 0", NEW), by("token 0", LIST)),
    )  # fmt: skip
    yield Scenario(
        "a token and a key must be of one account",
        (TOKEN, by("wrong key and token 0", NEW), by("other key and token 0", NEW),
         by("other key and token 0", LIST), by("key and token 0", NEW),
         by("other key and token 0", STOP), by("key and token 0", STOP)),
    )  # fmt: skip
    yield Scenario(
        "another account's session is unknown",
        (NEW, by("other key", NEW), LIST, by("other key", LIST),
         *(by("other key", a) for a in (KEEP_ALIVE, INTERRUPT, PAPER_START, STOP)),
         replace(STOP, session=1), LIST, by("other key", replace(STOP, session=1)),
         by("other key", LIST)),
    )  # fmt: skip
    yield Scenario(
        "another account's token opens a session of that account",
        (by("other key", TOKEN), by("token 0", NEW), LIST, STOP, by("other key", LIST),
         by("other key", STOP)),
    )  # fmt: skip


def _sessions() -> Iterator[Scenario]:
    realtime = [
        Action(operation, session, edits, path=f"/v1/realtime.{name}")
        for operation, name, session, edits in (
            ("newSession", "new", None, ()),
            ("submitIce", "ice", 0, ()),
            ("startSession", "start", 0, ()),
            ("sendTask", "task", 0, (put("task_mode", "async"),)),
            ("stopSession", "stop", 0, ()),
        )
    ]
    yield Scenario(
        "a session's life under the newer paths, and another under the older",
        (NEW, Action("submitIce", 0), START, say(), INTERRUPT, STOP, realtime[0], LIST,
         *(replace(call, session=1) for call in realtime[1:4]), LIST, Action("interruptTask", 1),
         say(session=1), replace(realtime[4], session=1), LIST, Action("stopSession", 1)),
    )  # fmt: skip
    yield Scenario(
        "a session's life under the newer paths, ended under the older",
        (NEW, realtime[1], START, realtime[3], INTERRUPT, realtime[4], STOP, LIST),
    )
    older = {action.do: action for action in realtime}
    yield Scenario(
        "the older paths refuse what the newer refuse",
        (NEW, say(), older["sendTask"], START, START, older["startSession"], STOP, STOP,
         *(step for call in (Action("submitIce", 0), say(), START, STOP)
           for step in (call, older[call.do])), LIST),
    )  # fmt: skip
    yield Scenario(
        "a candidate is taken before and after start, and so is their end",
        (NEW, *_candidates(), START, *_candidates(), STOP, *_candidates()),
    )
    yield Scenario(
        "a session whose start was refused can be started at once",
        (NEW, replace(START, edits=(put("sdp.sdp", "nonsense"),)), START, LIST, STOP),
    )
    yield Scenario(
        "a session whose start was refused can be started",
        (NEW, replace(START, edits=(put("sdp.sdp", "nonsense"),)), LIST,
         replace(START, edits=(put("sdp.sdp", "$paper/a section less"),)),
         replace(START, edits=(Edit("sdp"),)), LIST, START, LIST, START, STOP, START),
    )  # fmt: skip
    offered = replace(START, edits=(put("sdp.type", "offer"), put("sdp.sdp", "$offer")))
    yield Scenario(
        "a client's own offer is answered",
        (NEW, offered, LIST, say(), INTERRUPT, offered, STOP),
    )
    for quality, encoding in (("high", "H264"), ("medium", "VP8"), ("low", None)):
        yield Scenario(
            f"a {quality} session in {encoding or 'the usual encoding'}",
            (_new(quality=quality, video_encoding=encoding), START, LIST, say(), STOP, LIST),
        )
    yield Scenario(
        "listing changes nothing",
        (NEW, LIST, LIST, Action("newSession"), LIST, LIST, START, LIST, LIST, STOP, LIST,
         replace(STOP, session=1), LIST, LIST),
    )  # fmt: skip
    yield Scenario(
        "an ended session takes no call, and is not listed",
        (CONNECT, say(), STOP, *_every_call(), LIST),
    )
    yield Scenario(
        "each session is its own",
        (CONNECT, CONNECT, say(), say(session=1), INTERRUPT, STOP, LIST,
         say(session=1), Action("keepAlive", 1), replace(STOP, session=1), LIST),
    )  # fmt: skip
    yield Scenario(
        "a refused stop stops nothing",
        (NEW, by("wrong key", STOP), replace(STOP, form="not JSON"), LIST,
         replace(STOP, form="text/plain"), Action(REQUEST, method="GET", path="/v1/streaming.stop"),
         KEEP_ALIVE, STOP),
    )  # fmt: skip
    yield Scenario(
        "a session with nobody behind its answer is connecting",
        (NEW, PAPER_START, LIST, say(), PAPER_START, INTERRUPT, KEEP_ALIVE, LIST, STOP, STOP),
    )
    yield Scenario(
        "a stop after the viewer left succeeds, once",
        (CONNECT, say(), Action(LEAVE, 0), STOP, STOP, LIST),
        needs_connection=True,
    )


def _candidates() -> tuple[Action, ...]:
    ice = Action("submitIce", 0)
    end = {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": None}
    return (ice, replace(ice, edits=(put("candidate", end),)),
            replace(ice, edits=(put("candidate", None),)))  # fmt: skip


def _every_call() -> tuple[Action, ...]:
    return (
        Action("submitIce", 0), PAPER_START, replace(START, edits=(Edit("sdp"),)), say(), INTERRUPT,
        KEEP_ALIVE, Action("startListening", 0), Action("stopListening", 0), STOP,
    )  # fmt: skip


def _rooms() -> Iterator[Scenario]:
    ice, task = Action("submitIce", 0), say()
    calls = (INTERRUPT, KEEP_ALIVE, Action("startListening", 0), Action("stopListening", 0))
    yield Scenario(
        "a session in a room, to which the viewer comes late",
        (ROOM, LIST, task, ice, *calls[1:], BARE_START, LIST, task, ice, BARE_START, *calls, LIST,
         COME, LIST, task, ice, BARE_START, *calls, GO, LIST, task, COME, LIST, task, STOP,
         *_every_call(), LIST),
    )  # fmt: skip
    yield Scenario(
        "a session in a room, in which the viewer waits for the avatar",
        (ROOM, COME, LIST, task, ice, BARE_START, LIST, task, INTERRUPT, STOP, STOP, LIST),
    )
    yield Scenario(
        "the SDP of a session in a room is not looked at",
        (ROOM, PAPER_START, LIST, STOP, ROOM, Action("startSession", 1, (put("sdp", None),)), LIST,
         Action("stopSession", 1), ROOM,
         Action("startSession", 2, (put("sdp.sdp", "nonsense"),)), LIST),
    )  # fmt: skip
    yield Scenario(
        "a token opens a session in a room, and no other",
        (TOKEN, *(by("token 0", a) for a in (ROOM, START, task, LIST, STOP, ROOM)), LIST),
    )
    yield Scenario(
        "sessions of both versions are each their own, and share the limit",
        (CONNECT_ROOM, CONNECT, task, say(session=1), ROOM, NEW, ROOM, INTERRUPT, LIST, STOP, LIST,
         say(session=1), NEW, LIST),
    )  # fmt: skip
    yield Scenario(
        "a session in a room under the older paths",
        (replace(ROOM, path="/v1/realtime.new"), replace(task, path="/v1/realtime.task"),
         replace(START, path="/v1/realtime.start"), replace(task, path="/v1/realtime.task"),
         replace(ice, path="/v1/realtime.ice"), replace(STOP, path="/v1/realtime.stop"), STOP),
    )  # fmt: skip


def _speech() -> Iterator[Scenario]:
    yield Scenario(
        "a longer text takes longer, a higher rate is faster",
        (CONNECT, say(SHORT), say(LONG), say(SHORT), INTERRUPT,
         _connected(voice={"rate": 1.5}), say(LONG, session=1), say(SHORT, session=1), STOP,
         replace(STOP, session=1), _connected(voice={"rate": 0.5}), say(LONG, session=2)),
        needs_connection=True,
    )  # fmt: skip
    yield Scenario(
        "the kinds of task differ",
        (_connected(knowledge_base="You are a guide in a museum of old clocks."), say(LONG),
         *(say(LONG, put("task_type", kind)) for kind in ("repeat", "chat", "talk", None)),
         INTERRUPT),
        needs_connection=True,
    )  # fmt: skip
    yield Scenario(
        "unknown fields and nulls change nothing in a task",
        (CONNECT, say(LONG), say(LONG, put("no_such_field", 1)), say(LONG, put("task_type", None)),
         INTERRUPT, Action("sendTask", 0, (put("text", LONG), put("task_mode", None))), INTERRUPT),
        needs_connection=True,
    )  # fmt: skip
    yield Scenario(
        "an interrupt without speech does nothing",
        (CONNECT, INTERRUPT, INTERRUPT, say(), INTERRUPT, INTERRUPT, say(), LIST),
        needs_connection=True,
    )
    sync = put("task_mode", "sync")
    yield Scenario(
        "an interrupt answers the waiting tasks that it drops",
        (CONNECT, say(LONG), say(SHORT, sync, later=True), say(LONG, sync, later=True), INTERRUPT,
         Action(JOIN), say(), INTERRUPT),
        needs_connection=True,
    )  # fmt: skip
    yield Scenario(
        "a stop answers the waiting tasks that it drops",
        (CONNECT, say(LONG), say(SHORT, sync, later=True), STOP, Action(JOIN), LIST),
        needs_connection=True,
    )
    yield Scenario(
        "a waiting task is answered when the one before has been spoken",
        (CONNECT, say(LONG), say(SHORT, sync, later=True), advance(30), Action(JOIN), LIST),
        needs_connection=True,
    )
    yield Scenario(
        "only so many tasks wait",
        (CONNECT, *(say(LONG) for _ in range(MAX_WAITING + 1)), say(SHORT), say(SHORT), INTERRUPT,
         say(SHORT), INTERRUPT, LIST),
        needs_connection=True,
    )  # fmt: skip


def _connected(**fields: object) -> Action:
    return replace(_new(**fields), do=CONNECTED)


def _time() -> Iterator[Scenario]:
    """Each side of each limit: 3 seconds before, where nothing may have ended, and 3 after."""
    idle = _new(activity_idle_timeout=30)
    endless = _new(disable_idle_timeout=True)
    yield Scenario("an idle session ends", (NEW, advance(117), LIST, advance(6), LIST, STOP))
    yield Scenario("an idle session ends when it asked to", (
        idle, advance(27), LIST, advance(6), LIST, KEEP_ALIVE, STOP,
    ))  # fmt: skip
    yield Scenario("listing is no activity", (
        idle, advance(15), LIST, advance(12), LIST, advance(6), LIST, KEEP_ALIVE,
    ))  # fmt: skip
    yield Scenario("keepAlive starts the countdown anew", (
        idle, advance(20), KEEP_ALIVE, advance(20), LIST, KEEP_ALIVE, advance(27), LIST,
        advance(6), LIST, KEEP_ALIVE,
    ))  # fmt: skip
    yield Scenario("the usual countdown is restarted as well", (
        NEW, advance(100), KEEP_ALIVE, advance(100), LIST, KEEP_ALIVE, advance(126), LIST,
    ))  # fmt: skip
    yield Scenario("a session that is never idle", (
        endless, advance(130), LIST, advance(465), LIST, KEEP_ALIVE, advance(10), LIST, KEEP_ALIVE,
        STOP,
    ))  # fmt: skip
    yield Scenario("a session ends at its limit, kept alive or not", (
        _new(activity_idle_timeout=3600), advance(300), KEEP_ALIVE, advance(297), LIST, advance(6),
        LIST, STOP,
    ))  # fmt: skip
    yield Scenario("null means the usual countdown", (
        _new(activity_idle_timeout=None, disable_idle_timeout=None), advance(117), LIST,
        advance(6), LIST,
    ))  # fmt: skip
    spoken = _connected(activity_idle_timeout=30)
    yield Scenario(
        "a task is activity, and the countdown begins when the speech has ended",
        (spoken, advance(20), say(" ".join(5 * (LONG,))), advance(20), LIST, advance(15), LIST,
         advance(120), LIST, KEEP_ALIVE, STOP),
        needs_connection=True,
    )  # fmt: skip
    yield Scenario("a session with nobody behind its answer ends", (
        NEW, PAPER_START, LIST, advance(26), LIST, say(), advance(8), LIST, KEEP_ALIVE, STOP, STOP,
    ))  # fmt: skip
    yield Scenario(
        "a session whose viewer is gone ends",
        (CONNECT, say(), Action(LEAVE, 0), advance(38), LIST, KEEP_ALIVE, STOP, STOP, LIST),
        needs_connection=True,
    )
    yield Scenario(
        "an interrupt of a silent avatar is no activity",
        (spoken, advance(20), INTERRUPT, advance(13), LIST, KEEP_ALIVE),
        needs_connection=True,
    )
    yield Scenario(
        "a speech that is over is silent",
        (CONNECT, say(SHORT), advance(30), INTERRUPT, say(SHORT), LIST, advance(30), INTERRUPT),
        needs_connection=True,
    )
    yield Scenario("a token is valid for an hour", (
        TOKEN, TOKEN, advance(3595), by("token 0", LIST), by("token 0", NEW), advance(10),
        by("token 1", NEW), by("token 1", LIST), by("token 0", KEEP_ALIVE), by("token 0", LIST),
        LIST, KEEP_ALIVE,
    ))  # fmt: skip
    yield Scenario("an ended session's slot is free", (
        idle, idle, idle, advance(40), NEW, LIST, NEW, NEW, LIST,
    ))  # fmt: skip
    never_idle = _new(version="v2", disable_idle_timeout=True)
    yield Scenario("a room waits five minutes for a viewer", (
        never_idle, BARE_START, advance(36), LIST, say(), advance(255), LIST, KEEP_ALIVE,
        advance(20), LIST,
    ))  # fmt: skip
    yield Scenario("a room that its viewers have left keeps its session", (
        replace(never_idle, do=CONNECTED), say(), GO, advance(60), LIST, say(), advance(400), COME,
        say(), LIST, STOP, LIST,
    ))  # fmt: skip
    yield Scenario("an idle session in a room ends", (
        _connected(version="v2", activity_idle_timeout=30), advance(27), LIST, advance(6), LIST,
        say(), STOP,
    ))  # fmt: skip
