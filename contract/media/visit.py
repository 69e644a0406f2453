"""One session and its viewer, as a scenario drives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from contract.exchange import Exchange
from contract.media.attendance import Attendance
from contract.media.crew import Crew, UnfitError, text_at, value_at
from contract.media.ears import Ears
from contract.media.loop import worst
from contract.media.peer import Peer
from contract.media.pictures import frames
from contract.media.receiver import Receiver
from contract.media.verdict import Broken, Held, Unable, Verdict, unless_busy
from contract.media.watched import STOP, Watched, watch
from contract.wire import RefusedError

_JOIN = 3.0
"""Seconds for a room to say who is there."""
_LONGEST = 10.0
"""Seconds after which a speech is no longer waited for, whatever duration it claims."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that was taken; ``sent_at`` is the moment before its request."""

    task_id: str
    duration_ms: float
    sent_at: float


class Visit:
    """Opens one session. Its calls raise UnfitError when an answer makes the rest impossible."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._receiver = Receiver(crew.loop)
        self._peer = Peer(crew.loop, self._receiver)
        self._session_id = ""
        self._offer = ""
        self._room: tuple[str | None, str | None] = (None, None)
        self._attendance: Attendance | None = None
        self._exchanges: list[Exchange] = []

    def open(self, **body: object) -> None:
        """Calls newSession."""
        exchange = self._call("newSession", body)
        session_id = text_at(exchange, "data.session_id")
        if session_id is None:
            raise UnfitError("newSession gave no session_id")
        self._session_id = session_id
        self._offer = text_at(exchange, "data.sdp.sdp") or ""
        self._room = text_at(exchange, "data.url"), text_at(exchange, "data.access_token")

    def open_beside(self, other: Visit) -> None:
        """Another viewer in the room of a session that was opened already."""
        self._session_id = other._session_id
        self._exchanges = other._exchanges
        token = text_at(self._exchanges[0], "data.livekit_agent_token")
        self._room = text_at(self._exchanges[0], "data.url"), token

    def enter(self) -> None:
        """Joins the session's room."""
        rooms, (url, token) = self._crew.client.subject.rooms, self._room
        if rooms is None or url is None or token is None:
            raise UnfitError("no room can be entered")
        self._peer.close()
        ears = Ears(self._receiver)
        self._peer = Peer(self._crew.loop, ears)
        try:
            self._attendance = Attendance(rooms.dial, url, token, peer=self._peer, ears=ears)
        except RefusedError as problem:
            raise UnfitError(f"the room refuses a viewer: {problem}") from None
        self._crew.wait(lambda: self._attendance and self._attendance.joined, _JOIN)

    def start_in_room(self) -> None:
        """Starts a session without an SDP, whoever is in its room."""
        self._call("startSession", self._id)

    def be_shown(self) -> None:
        """Waits for the avatar in the room, and judges room-connects."""
        attendance = self._attendance
        seconds = self._crew.patience.connection
        if attendance is None or not self._crew.wait(lambda: attendance.shown, seconds):
            self._fail("room-connects", "an offer of the avatar's tracks", "none that fits")
        self._connect("room-connects")

    @property
    def ears(self) -> Ears:
        """What a room's packets were like."""
        assert self._attendance is not None
        return self._attendance.ears

    def start_by_answer(self) -> None:
        """Answers the server's offer, and judges start-answer."""
        try:
            answer = self._peer.answer(self._offer)
        except ValueError as problem:
            self._fail("start-answer", "an offer that can be answered", str(problem))
        self._start("start-answer", "answer", answer)
        self._connect("start-answer")

    def start_by_offer(self) -> None:
        """Offers by itself, and judges start-offer; where no answer can come back, it answers."""
        if self._crew.client.monitor.shape == "documented":
            self.judge("start-offer", Unable("the documented answer of startSession has no data"))
            self.start_by_answer()
            return
        answer = text_at(self._start("start-offer", "offer", self._peer.offer()), "data.sdp.sdp")
        try:
            self._peer.take(answer or "")
        except ValueError as problem:
            self._fail("start-offer", "an answer in data.sdp that fits", str(problem))
        self._connect("start-offer")

    def wait_media(self, pictures: int = 1) -> None:
        """Until so many pictures came, and a sound; not for ever."""
        self._crew.wait(lambda: self._has_media(pictures), self._crew.patience.picture)

    def pause(self, seconds: float) -> None:
        """Lets media flow."""
        self._crew.pause(seconds)

    def task(self, text: str, **fields: object) -> Task:
        """Has a text spoken."""
        sent_at = self._crew.loop.now()
        exchange = self._call("sendTask", {"text": text, **fields, **self._id})
        task_id = text_at(exchange, "data.task_id", "task_id")
        duration = value_at(exchange, "data.duration_ms", "duration_ms")
        if task_id is None or isinstance(duration, bool) or not isinstance(duration, int | float):
            raise UnfitError("sendTask gave no task_id and duration_ms")
        return Task(task_id, float(duration), sent_at)

    def wait_spoken(self, *tasks: Task) -> None:
        """Until the last of them has ended, by its event or else by its time."""
        last = tasks[-1]
        seconds = min(sum(task.duration_ms for task in tasks) / 1000, _LONGEST)
        self._crew.wait(lambda: self._told(STOP, last.task_id), seconds + self._crew.patience.event)

    def interrupt(self) -> float:
        """Interrupts; gives the moment of the answer."""
        self._call("interruptTask", self._id)
        return self._crew.loop.now()

    def ask_for_key_frame(self) -> float:
        """Asks, waits for a key frame, and gives the moment of asking."""
        asked_at = self._crew.loop.now()
        video = self._receiver.recording().video
        if video is not None and self._peer.ask_for_key_frame(video.packets[0].packet.ssrc):
            self._crew.wait(lambda: self._has_key_since(asked_at), 1.2)
        return asked_at

    def stop(self) -> tuple[float, float]:
        """Stops, and waits for the peer's end: the moments of the answer and of the wait's end."""
        self._call("stopSession", self._id)
        answered_at = self._crew.loop.now()
        self._crew.wait(lambda: self._receiver.closed_at, self._crew.patience.end)
        return answered_at, self._crew.loop.now()

    def look_in_list(self) -> None:
        """Lists the sessions, this one among them, for the Monitor to judge."""
        self._call("listSessions", None)

    def leave(self) -> None:
        """Closes the viewer's side."""
        self._peer.close()
        self._crew.tell_monitor(self._crew.client.monitor.left, self._session_id)

    def wait_unlisted(self) -> bool:
        """Whether the session leaves the list in time."""
        return self._crew.wait(self._is_unlisted, self._crew.patience.viewer_lost)

    def status_of_stop(self) -> int:
        """Stops a session that may have ended: the status of the answer."""
        exchange = self._crew.call("stopSession", self._id)
        self._exchanges.append(exchange)
        return exchange.response.status

    def watched(self) -> Watched:
        """All that came so far, decoded."""
        return watch(self._receiver.recording())

    def judge(self, rule_id: str, verdict: Verdict) -> None:
        """Writes a verdict down, with the calls of this session."""
        self._crew.judge(rule_id, verdict, tuple(self._exchanges))

    def close(self) -> None:
        """Closes the viewer's side, and stops a session that nobody stopped."""
        if self._attendance is not None:
            self._attendance.close()
        self._peer.close()
        self._crew.release(self._session_id)

    @property
    def _id(self) -> dict[str, object]:
        return {"session_id": self._session_id}

    def _call(self, operation_id: str, body: object) -> Exchange:
        exchange = self._crew.call(operation_id, body)
        self._exchanges.append(exchange)
        if exchange.response.status != 200:
            answered = f"{exchange.response.status} {exchange.response.body[:100]!r}"
            raise UnfitError(f"{operation_id} was answered with {answered}")
        return exchange

    def _start(self, rule_id: str, kind: str, sdp: str) -> Exchange:
        try:
            return self._call("startSession", {"sdp": {"type": kind, "sdp": sdp}, **self._id})
        except UnfitError as problem:
            self._fail(rule_id, f"an {kind} that fits accepted", str(problem))

    def _connect(self, rule_id: str) -> None:
        monitor = self._crew.client.monitor
        seconds, began = self._crew.patience.connection, self._crew.loop.now()
        if not self._peer.wait_connected(seconds):
            self._crew.tell_monitor(monitor.not_connected, self._session_id)
            state = f"ICE {self._peer.ice_state}, connection {self._peer.state}"
            broken = Broken(f"ICE and DTLS connected within {seconds:g} s", state)
            lag = worst(self._crew.loop.late(began), began, self._crew.loop.now())
            self.judge(rule_id, unless_busy(broken, lag))
            raise UnfitError(f"the session did not connect ({rule_id})")
        self._peer.wait_heard()
        self._crew.tell_monitor(monitor.connected, self._session_id)
        self.judge(rule_id, Held())

    def _fail(self, rule_id: str, expected: str, actual: str) -> NoReturn:
        self.judge(rule_id, Broken(expected, actual))
        raise UnfitError(f"{rule_id} is broken, so that there was nothing to see")

    def _has_media(self, pictures: int) -> bool:
        packets = self._receiver.packets
        shown = {p.timestamp for p in packets if self._receiver.kind(p) == "video"}
        return len(shown) >= pictures and any(self._receiver.kind(p) == "audio" for p in packets)

    def _has_key_since(self, moment: float) -> bool:
        video = self._receiver.recording().video
        return video is not None and any(f.key and f.arrived > moment for f in frames(video))

    def _told(self, kind: str, task_id: str) -> bool:
        for message in self._receiver.messages:
            text = message.data if isinstance(message.data, str) else message.data.decode("latin-1")
            if kind in text and task_id in text:
                return True
        return False

    def _is_unlisted(self) -> bool:
        exchange = self._call("listSessions", None)
        return self._session_id not in exchange.response.body.decode("utf-8", "replace")
