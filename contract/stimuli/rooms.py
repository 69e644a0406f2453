"""Visits to rooms, and what is said of their signalling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from livekit.protocol import models, rtc

from contract.client import Client
from contract.exchange import Exchange, Headers, Request, Response
from contract.findings import Findings
from contract.rooms import judges
from contract.rooms.guest import Guest
from contract.stimuli.forged import forgeries
from contract.subject import Publisher, RoomViewer, Seat
from contract.voice.line import Line
from contract.wire import EndedError, RefusedError

PATIENCE = 3.0
"""Seconds for what a room has to say."""

OPERATIONS = {
    "room-late-start": "startSession",
    "room-leave": "stopSession",
    "room-token-checked": "newSession",
}
"""Rule -> the operation that it is about; of the others the room alone is to blame."""


class RoomUnfitError(Exception):
    """A visit cannot go on; what is wrong has been said."""


def visit_rooms(client: Client, findings: Findings, rooms: RoomViewer) -> None:
    """Every visit. Raises UnreachableError."""
    make_visits(VISITS, client, findings, rooms)


def make_visits(
    visits: Sequence[Callable[[Room], None]],
    client: Client,
    findings: Findings,
    rooms: RoomViewer,
) -> None:
    """Each to a room of its own. Raises UnreachableError."""
    for visit in visits:
        room = Room(client, findings, rooms)
        try:
            visit(room)
        except RoomUnfitError:
            pass
        finally:
            room.close()


class Room:
    """One session of version v2, its guests, and the verdicts on its room."""

    def __init__(self, client: Client, findings: Findings, rooms: RoomViewer) -> None:
        self._client = client
        self._findings = findings
        self._rooms = rooms
        self._exchanges: list[Exchange] = []
        self._guests: dict[Guest, Seat] = {}
        self._lines: list[Line] = []
        self._publishers: list[Publisher] = []
        self._credentials: Headers | None = None
        self.url = self.token = self.agent_token = self.session_id = ""

    def open(self) -> dict[str, object]:
        """Calls newSession: its data."""
        data = self.call("newSession", {"quality": "low", "version": "v2"}, named=False)
        names = ("session_id", "url", "access_token")
        found = [data.get(name) for name in names]
        if not all(isinstance(value, str) and value for value in found):
            raise RoomUnfitError
        self.session_id, self.url, self.token = map(str, found)
        self.agent_token = str(data.get("livekit_agent_token") or "")
        return data

    def use_token(self) -> str:
        """Makes all calls from now on with a token of its own: that token."""
        token = self.call("createToken", named=False).get("token")
        if not isinstance(token, str) or not token:
            raise RoomUnfitError
        self._credentials = (("authorization", f"Bearer {token}"),)
        return token

    def start(self) -> None:
        """Calls startSession."""
        self.call("startSession")

    def stop(self) -> None:
        """Calls stopSession."""
        self.call("stopSession")

    def call(
        self, operation_id: str, body: dict[str, object] | None = None, *, named: bool = True
    ) -> dict[str, object]:
        """Calls an operation on the session: its data. Raises RoomUnfitError when refused."""
        said = {**(body or {}), **({"session_id": self.session_id} if named else {})}
        exchange = self._client.call(operation_id, said, credentials=self._credentials)
        self._exchanges.append(exchange)
        if exchange.response.status != 200:
            raise RoomUnfitError
        try:
            data = exchange.response.json.get("data")
        except (ValueError, AttributeError):
            data = None
        return data if isinstance(data, dict) else {}

    def guest(
        self, token: str | None = None, *, in_header: bool = False, resuming: str | None = None
    ) -> Guest:
        """Somebody who joins, by default the viewer. Raises RoomUnfitError when refused."""
        seat = self._rooms.seat(self.session_id)
        try:
            guest = Guest(
                self._rooms.dial,
                self.url,
                token or self.token,
                answer=seat.answer,
                in_header=in_header,
                resuming=resuming,
                clock=self._client.subject.clock,
            )
        except RefusedError as problem:
            seat.close()
            self.judge("room-join", "a viewer with its token let in", f"refused: {problem}")
            raise RoomUnfitError from None
        self._guests[guest] = seat
        guest.attend(Guest.kinds, PATIENCE)
        return guest

    def welcome(self, identity: str = "client", token: str | None = None) -> Guest:
        """A guest whose first message is judged."""
        guest = self.guest(token)
        wrong = judges.judge_join(guest, room=self.session_id, identity=identity)
        self.judge("room-join", "join first, with the room and who joins it", wrong)
        if guest.join is None:
            raise RoomUnfitError
        return guest

    def await_avatar(self, guest: Guest) -> bool:
        """Whether the guest is shown the avatar in time, and has said that it receives it."""
        shown = guest.attend(lambda it: it.shown or it.unanswerable, PATIENCE) and guest.shown
        if not shown:
            return False
        self.ping(guest, 1)
        if not self._guests[guest].is_up(PATIENCE):
            return False
        self._client.monitor.connected(self.session_id)
        return True

    def ping(self, guest: Guest, stamp: int) -> None:
        """Pings in both ways, and waits for the pongs."""
        guest.say(rtc.SignalRequest(ping=stamp))
        guest.say(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=stamp)))
        guest.attend(lambda it: not judges.judge_pongs(it, stamp=stamp), PATIENCE)

    def dial(self, path: str) -> int:
        """The status that a handshake at a path of the room's server is answered with."""
        try:
            wire = self._rooms.dial(f"{self.url.rstrip('/')}{path}", ())
        except RefusedError as problem:
            return problem.status
        try:
            wire.receive(0.0)
        except EndedError:
            pass
        finally:
            wire.close()
        return 101

    def publisher(self) -> Publisher | None:
        """What a guest can send data by, closed with the room; None where that cannot be."""
        publisher = self._rooms.publisher()
        if publisher is not None:
            self._publishers.append(publisher)
        return publisher

    def publish(self, guest: Guest, publisher: Publisher) -> None:
        """Agrees with the room on a guest's publisher. Raises RoomUnfitError."""
        offer = rtc.SessionDescription(type="offer", sdp=publisher.offer(), id=1)
        guest.say(rtc.SignalRequest(offer=offer))
        if not guest.attend(lambda it: it.all_of("answer"), PATIENCE):
            raise RoomUnfitError
        try:
            publisher.take(guest.all_of("answer")[0].answer.sdp)
        except ValueError:
            raise RoomUnfitError from None

    def line(self, url: str, *, names: str) -> Line:
        """Another socket than the room's, closed with it. Raises RefusedError."""
        line = Line(self._rooms.dial, url, names=names, clock=self._client.subject.clock)
        self._lines.append(line)
        return line

    @property
    def server(self) -> str:
        """Where the sockets of the API are."""
        return self._client.subject.url.rstrip("/").replace("http", "ws", 1)

    def get(self, path: str) -> Response | None:
        """A plain request to the room's server; None where that is not the target."""
        target = urlsplit(self._client.subject.url)
        if urlsplit(self.url).netloc != target.netloc:
            return None
        origin = ("origin", "http://example.com")
        return self._client.subject.send(Request("GET", path, (origin,)))

    def judge(
        self, rule: str, expected: str, wrong: str | None, *, operation: str | None = None
    ) -> None:
        """Writes a verdict down, with the calls of this session."""
        if wrong is None:
            self._findings.held(rule)
            return
        self._findings.broken(
            rule,
            expected=expected,
            actual=wrong,
            operation=operation or OPERATIONS.get(rule),
            history=tuple(self._exchanges),
        )

    def unable(self, rule: str, why: str) -> None:
        """Says that a rule cannot be judged here."""
        self._findings.unable(rule, why)

    def close(self) -> None:
        """Hangs up for all, and stops the session."""
        for line in self._lines:
            line.close()
        for publisher in self._publishers:
            publisher.close()
        for guest, seat in self._guests.items():
            guest.close()
            seat.close()
        if self.session_id in self._client.monitor.open_sessions:
            self._client.call("stopSession", {"session_id": self.session_id})


def _viewer_first(room: Room) -> None:
    """The viewer waits in the room for the start, watches, pings and is dismissed."""
    room.open()
    guest = room.welcome()
    early = None if guest.avatar is None else "the avatar there already"
    room.start()
    shown = room.await_avatar(guest)
    late = None if shown else "no offer of its tracks"
    told = None if guest.all_of("update") else "no update"
    promise = "the avatar announced and offered when the session starts"
    room.judge("room-late-start", promise, early or told or late)
    room.judge("room-avatar", "heygen with sound and pictures", judges.judge_avatar(guest.avatar))
    room.judge("room-offer", "an offer that says whose tracks it has", judges.judge_offer(guest))
    room.ping(guest, 1234567)
    pongs = judges.judge_pongs(guest, stamp=1234567)
    room.judge("room-ping", "each ping answered", pongs)
    if shown:
        room.call("sendTask", {"text": "Good morning.", "task_mode": "async"})
    room.stop()
    _dismissed(room, guest)


def _started_first(room: Room) -> None:
    """The avatar is there when the viewers come; one leaves, and the other stays."""
    room.open()
    room.start()
    first = room.welcome()
    room.judge("room-avatar", "heygen with sound and pictures", judges.judge_avatar(first.avatar))
    shown = room.await_avatar(first)
    room.judge("room-offer", "an offer that says whose tracks it has", judges.judge_offer(first))
    if not shown:
        raise RoomUnfitError
    first.say(
        rtc.SignalRequest(
            add_track=rtc.AddTrackRequest(
                cid="microphone-1", type=models.AUDIO, source=models.MICROPHONE
            )
        )
    )
    first.attend(lambda it: it.all_of("track_published"), PATIENCE)
    published = judges.judge_published(first, "microphone-1")
    room.judge("room-publish", "track_published with the same cid", published)
    if not room.agent_token:
        room.unable("room-several", "this answer of newSession has one token alone")
        room.stop()
        _dismissed(room, first)
        return
    second = room.welcome("agent", room.agent_token)
    seen = room.await_avatar(second)
    sent_away = None if first.ended_at is None else "the first one sent away"
    nothing = None if seen else "no offer for the second"
    room.judge("room-several", "the avatar offered to each viewer", sent_away or nothing)
    first.close()
    room.call("sendTask", {"text": "Good morning.", "task_mode": "async"})
    room.stop()
    _dismissed(room, second)


def _twice(room: Room) -> None:
    """One identity joins twice; then it comes back as who had lost its connection."""
    room.open()
    room.start()
    first = room.welcome()
    room.await_avatar(first)
    second = room.welcome()
    first.attend(lambda it: it.ended_at is not None, PATIENCE)
    farewell = judges.judge_leave(first, reason=models.DUPLICATE_IDENTITY)
    shown = None if room.await_avatar(second) else "nothing shown to the newer"
    room.judge("room-identity", "the newer in the place of the older", farewell or shown)
    sid = second.join.participant.sid if second.join is not None else ""
    second.close()
    third = room.guest(resuming=sid)
    resumed = judges.judge_resumed(third)
    room.judge("room-resume", "reconnect, or leave with the action RECONNECT", resumed)


def _doors(room: Room) -> None:
    """Who is let in, and at which door nobody answers."""
    room.open()
    path = "/rtc?protocol=15&access_token="
    for what, token in forgeries(room.token):
        status = room.dial(f"{path}{quote(token)}")
        wrong = None if status == 401 else f"status {status}"
        room.judge("room-token-checked", f"status 401 for {what}", wrong)
        answer = room.get(f"/rtc/validate?access_token={quote(token)}")
        if answer is not None:
            wrong = None if answer.status == 401 and answer.body else f"status {answer.status}"
            room.judge("room-token-checked", f"status 401 in words for {what}", wrong)
    answer = room.get(f"/rtc/validate?access_token={quote(room.token)}")
    if answer is not None:
        wrong = None if answer.status == 200 else f"status {answer.status}"
        room.judge("room-token-checked", "status 200 for a good token", wrong)
    guest = room.guest(in_header=True)
    in_header = None if guest.join is not None else "no join"
    room.judge("room-token-checked", "the token taken from Authorization", in_header)
    query = f"?access_token={quote(room.token)}"
    status = room.dial(f"/rtc/v1{query}")
    wrong = None if status == 404 else f"status {status}"
    room.judge("room-path", "status 404 for a WebSocket at /rtc/v1", wrong)
    answer = room.get(f"/rtc/v1/validate{query}")
    if answer is not None:
        readable = answer.header("access-control-allow-origin")
        wrong = None if answer.status == 404 and readable else f"status {answer.status}"
        wrong = "no Access-Control-Allow-Origin" if answer.status == 404 and wrong else wrong
        room.judge("room-path", "status 404 at /rtc/v1/validate, for pages to read", wrong)


def _dismissed(room: Room, guest: Guest) -> None:
    guest.attend(lambda it: it.ended_at is not None, PATIENCE)
    wrong = judges.judge_leave(guest, reason=models.ROOM_DELETED)
    room.judge("room-leave", "leave for good as the room is deleted, and the end", wrong)


VISITS: tuple[Callable[[Room], None], ...] = (_viewer_first, _started_first, _twice, _doors)
