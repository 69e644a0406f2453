"""Rooms of version v2 that are otherwise than they should be."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from livekit.protocol import models, rtc

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.access_token import Grant, TokenError, read_token, signed
from mock_server.core.catalogue import Encoding, Version
from mock_server.core.effects import SendEvent
from mock_server.core.errors import ApiError
from mock_server.core.transitions import ROOM_TRANSITIONS, State
from mock_server.livekit.messages import AVATAR
from mock_server.seams import Seams, encode_event
from mock_server.web.answers import STATUS_SUCCESS, Answer, enveloped
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.mutant import Body, Mutant, answers, configured, handles, sends

Claims = dict[str, Any]


def _data(change: Callable[[dict[str, Any]], object]) -> Seams:
    """The data of newSession's answers of version v2, changed."""

    def edit(body: Body) -> None:
        if body["data"].get("url"):
            change(body["data"])

    return answers("newSession", edit)


def _claims(change: Callable[[Claims], Claims]) -> Seams:
    return Seams(access_token=change)


def _leads(state: State, event: type[ev.Event], target: State | None) -> Seams:
    """The table of rooms with one entry changed, or taken out."""
    row = {known: to for known, to in ROOM_TRANSITIONS[state].items() if known is not event}
    row |= {} if target is None else {event: target}
    return Seams(room_transitions={**ROOM_TRANSITIONS, state: row})


def _says(kind: str, change: Callable[[rtc.SignalResponse], object]) -> Seams:
    """One kind of message, changed in place; left out where the change gives False."""

    def edit(said: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        if said != kind:
            return message
        message = rtc.SignalResponse.FromString(message.SerializeToString())
        return None if change(message) is False else message

    return Seams(signal=edit)


def _of_avatar(change: Callable[[models.ParticipantInfo], object]) -> Seams:
    """What is told of the avatar, changed."""

    def edit(kind: str, message: rtc.SignalResponse) -> rtc.SignalResponse:
        message = rtc.SignalResponse.FromString(message.SerializeToString())
        for told in (message.join.other_participants, message.update.participants):
            for each in told:
                if each.identity == AVATAR:
                    change(each)
        return message

    return Seams(signal=edit)


class _FirstOnly:
    """Offers nothing to who finds another viewer in the room."""

    def __init__(self) -> None:
        self._drops = False

    def __call__(self, kind: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        if kind == "join":
            self._drops = any(o.identity != AVATAR for o in message.join.other_participants)
        return None if kind == "offer" and self._drops else message


async def _needs_sdp(right: Handler, services: Services, call: Call) -> Answer:
    if call.body.get("sdp") is None:
        raise ApiError(errors.INVALID_PARAMS)
    return await right(services, call)


async def _reads_sdp(right: Handler, services: Services, call: Call) -> Answer:
    sdp = call.body.get("sdp")
    if sdp is not None and not str(sdp.get("sdp")).startswith("v=0"):
        session = services.session(call.caller, call.body, call.operation_id)
        if session.config.version is Version.V2:
            raise ApiError(errors.INVALID_PARAMS)
    return await right(services, call)


async def _takes_candidates(right: Handler, services: Services, call: Call) -> Answer:
    try:
        return await right(services, call)
    except ApiError as error:
        if error.row is errors.SESSION_STATE:
            return enveloped(None, STATUS_SUCCESS)
        raise


def _in_words_of_v1(operation: str, row: errors.ErrorRow) -> Seams:
    async def wrong(right: Handler, services: Services, call: Call) -> Answer:
        try:
            return await right(services, call)
        except ApiError as error:
            raise (ApiError(row) if error.row is errors.SESSION_STATE else error) from None

    return handles(operation, wrong)


async def _ends_when_left(right: Handler, services: Services, call: Call) -> Answer:
    session = services.session(call.caller, call.body, call.operation_id)
    timeline = services.journal.timeline(session.config.session_id)
    if any(entry["event"] == "viewer_left" for entry in timeline):
        await services.runtime.call(session, ev.Stop)
    return await right(services, call)


async def _keeps_token(right: Handler, services: Services, call: Call) -> Answer:
    answer = await right(services, call)
    if call.caller.token is not None and str(call.body.get("version")).lower() == Version.V2:
        call.caller.token.session_id = None
    return answer


def _unverified(text: str, *, key: str, secret: str, now: float) -> Grant:
    """Takes a token of any signature."""
    try:
        return read_token(text, key=key, secret=secret, now=now)
    except TokenError:
        try:
            content = _content(text)
        except (ValueError, TypeError):
            raise TokenError("invalid token") from None
        return read_token(signed(content, secret=secret), key=key, secret=secret, now=now)


def _content(text: str) -> Mapping[str, Any]:
    _, content, _ = text.split(".")
    found = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    return dict(found)


def _told(kind: str, change: Callable[[SendEvent], bytes | str | None]) -> Seams:
    """One type of event, encoded otherwise."""
    return Seams(event=lambda event: change(event) if event.type == kind else encode_event(event))


def _rename(message: models.ParticipantInfo) -> None:
    message.identity = "avatar"


def _short(offer: rtc.SignalResponse) -> None:
    offer.offer.sdp = offer.offer.sdp.replace("|", "-")


def _unnamed_tracks(offer: rtc.SignalResponse) -> None:
    offer.offer.sdp = offer.offer.sdp.replace(" TR_", " ")


def _deleted(message: rtc.SignalResponse) -> None:
    if message.leave.reason == models.DUPLICATE_IDENTITY:
        message.leave.reason = models.ROOM_DELETED


def _shut_down(message: rtc.SignalResponse) -> None:
    if message.leave.reason == models.ROOM_DELETED:
        message.leave.reason = models.SERVER_SHUTDOWN


def _inviting(message: rtc.SignalResponse) -> None:
    if message.leave.reason == models.ROOM_DELETED:
        message.leave.action = rtc.LeaveRequest.RECONNECT


def _unversioned(message: rtc.SignalResponse) -> None:
    message.join.server_version = message.join.server_info.version = ""


def _publisher_first(message: rtc.SignalResponse) -> None:
    message.join.subscriber_primary = False


def _timeless(message: rtc.SignalResponse) -> None:
    message.pong_resp.last_ping_timestamp = 0


def _nameless(message: rtc.SignalResponse) -> None:
    message.track_published.cid = ""


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "room-with-sdp", "room-new", "newSession", "data.sdp",
        "gives a session in a room an SDP offer as well",
        _data(lambda data: data.update(sdp={"type": "offer", "sdp": "v=0\r\n"})),
    ),
    Mutant(
        "room-token-elsewhere", "room-token", "newSession", "data.access_token: video.room",
        "gives a token for another room",
        _claims(lambda claims: {**claims, "video": {**claims["video"], "room": "lobby"}}),
    ),
    Mutant(
        "room-token-of-nobody", "room-token", "newSession", "data.access_token: sub",
        "gives each token the identity heygen",
        _claims(lambda claims: {**claims, "sub": AVATAR}),
    ),
    Mutant(
        "room-token-mute", "room-token", "newSession", "data.access_token: video.canPublishData",
        "gives tokens that do not allow to publish data",
        _claims(lambda claims: {**claims, "video": {**claims["video"], "canPublishData": False}}),
    ),
    Mutant(
        "room-realtime-nameless", "room-realtime", "newSession", "data.realtime_endpoint",
        "leaves the session's id out of the realtime endpoint",
        _data(lambda data: data.update(realtime_endpoint=data["url"] + "/session/")),
    ),
    Mutant(
        "room-needs-sdp", "room-start", "startSession", "sdp",
        "does not start a session in a room without an SDP",
        handles("startSession", _needs_sdp),
        layer="scenarios",
    ),
    Mutant(
        "room-reads-sdp", "room-start", "startSession", "sdp.sdp",
        "does not start a session in a room with an SDP that cannot be read",
        handles("startSession", _reads_sdp),
        layer="scenarios",
    ),
    Mutant(
        "room-start-again", "room-start-twice", "startSession", "",
        "starts a session in a room that is connected again",
        _leads(State.CONNECTED, ev.Start, State.CONNECTED),
        layer="scenarios",
    ),
    Mutant(
        "room-start-says-connecting", "room-start-twice", "startSession", "code",
        "calls a session in a room connecting when it is started again",
        _in_words_of_v1("startSession", errors.SESSION_CONNECTING),
        layer="scenarios",
    ),
    Mutant(
        "room-takes-ice", "room-without-ice", "submitIce", "",
        "takes candidates for a session in a room",
        handles("submitIce", _takes_candidates),
        layer="scenarios",
    ),
    Mutant(
        "room-task-unseen", "room-task-early", "sendTask", "",
        "takes tasks in a room that nobody is in",
        _leads(State.CONNECTING, ev.Speak, State.CONNECTING),
        layer="scenarios",
    ),
    Mutant(
        "room-task-says-new", "room-task-early", "sendTask", "code",
        "calls a session in a room new when it gets a task too early",
        _in_words_of_v1("sendTask", errors.SESSION_NEW),
        layer="scenarios",
    ),
    Mutant(
        "room-never-connects", "room-connects", "sendTask", "",
        "lets a session in a room be connecting whoever watches",
        _leads(State.CONNECTING, ev.Connected, State.CONNECTING),
        layer="scenarios",
    ),
    Mutant(
        "room-ends-when-left", "room-stays", "sendTask", "",
        "ends a session whose viewer has left the room",
        handles("sendTask", _ends_when_left),
        layer="scenarios",
    ),
    Mutant(
        "room-token-kept", "token-one-session", "newSession", "version",
        "lets a token that opened a session in a room open another",
        handles("newSession", _keeps_token),
        layer="scenarios",
    ),
    Mutant(
        "room-unversioned", "room-join", None, "join.server_version",
        "does not say its version to who joins a room",
        _says("join", _unversioned),
        layer="rooms",
    ),
    Mutant(
        "room-publisher-first", "room-join", None, "join.subscriber_primary",
        "leaves the first offer in a room to the viewer",
        _says("join", _publisher_first),
        layer="rooms",
    ),
    Mutant(
        "room-without-join", "room-join", None, "join",
        "says nothing of a room before it offers",
        _says("join", lambda message: False),
        layer="rooms",
    ),
    Mutant(
        "room-avatar-renamed", "room-avatar", None, "participants[].identity",
        "calls the avatar's participant avatar",
        _of_avatar(_rename),
        layer="rooms",
    ),
    Mutant(
        "room-avatar-silent", "room-avatar", None, "participants[].tracks",
        "tells of the avatar's pictures and not of its sound",
        _of_avatar(lambda each: each.tracks.pop(0)),
        layer="rooms",
    ),
    Mutant(
        "room-unannounced", "room-late-start", "startSession", "update",
        "does not tell who waits in the room that the avatar has come",
        _says("update", lambda message: False),
        layer="rooms",
    ),
    Mutant(
        "room-msid-without-bar", "room-offer", None, "offer: a=msid",
        "names the avatar's stream in a way that the Rust SDK does not understand",
        _says("offer", _short),
        layer="rooms",
    ),
    Mutant(
        "room-tracks-unnamed", "room-offer", None, "offer: a=msid track",
        "offers tracks under other names than it tells",
        _says("offer", _unnamed_tracks),
        layer="rooms",
    ),
    Mutant(
        "room-for-one", "room-several", None, "offer",
        "offers the avatar to the first viewer in a room alone",
        Seams(signal=_FirstOnly()),
        layer="rooms",
    ),
    Mutant(
        "room-without-pong", "room-ping", None, "pong",
        "answers no ping",
        _says("pong", lambda message: False),
        layer="rooms",
    ),
    Mutant(
        "room-pong-timeless", "room-ping", None, "pong_resp.last_ping_timestamp",
        "does not say in a pong which ping it answers",
        _says("pong_resp", _timeless),
        layer="rooms",
    ),
    Mutant(
        "room-track-nameless", "room-publish", None, "track_published.cid",
        "does not say which track of a viewer may be published",
        _says("track_published", _nameless),
        layer="rooms",
    ),
    Mutant(
        "room-twin-misled", "room-identity", None, "leave.reason",
        "tells who is replaced in a room that the room is deleted",
        _says("leave", _deleted),
        layer="rooms",
    ),
    Mutant(
        "room-resume-unheard", "room-resume", None, "reconnect",
        "says nothing to who comes back to a room",
        _says("reconnect", lambda message: False),
        layer="rooms",
    ),
    Mutant(
        "room-any-signature", "room-token-checked", "newSession", "access_token",
        "lets in with a token of any signature",
        Seams(check_token=_unverified),
        layer="rooms",
    ),
    Mutant(
        "room-path-v1", "room-path", None, "/rtc/v1/validate",
        "answers at /rtc/v1/validate as if it were there",
        sends("/rtc/v1/validate", lambda answer: answer._replace(status=200)),
        layer="rooms",
    ),
    Mutant(
        "room-unended", "room-leave", "stopSession", "leave",
        "says no farewell when a session in a room is stopped",
        _says("leave", lambda message: message.leave.reason != models.ROOM_DELETED),
        layer="rooms",
    ),
    Mutant(
        "room-shut-down", "room-leave", "stopSession", "leave.reason",
        "calls a stopped session's end that of the server",
        _says("leave", _shut_down),
        layer="rooms",
    ),
    Mutant(
        "room-ends-by-reconnect", "room-leave", "stopSession", "leave.action",
        "has the viewers of a stopped session join again",
        _says("leave", _inviting),
        layer="rooms",
    ),
    Mutant(
        "room-h264", "room-encoding", "newSession", "video_encoding",
        "sends H264 in a room",
        configured(lambda config: replace(
            config, encoding=Encoding.H264 if config.version is Version.V2 else config.encoding
        )),
        layer="media",
    ),
    Mutant(
        "room-events-as-text", "room-packets", None, "data packet",
        "sends the events of a room without a packet around them",
        Seams(event=lambda event: (encode_event(event) or b"").decode()),  # type: ignore[union-attr]
        layer="media",
    ),
    Mutant(
        "room-events-no-json", "room-packets", None, "payload",
        "ends the JSON of the events in a room too early",
        Seams(event=lambda event: (encode_event(event) or b"")[:-1]),
        layer="media",
    ),
    Mutant(
        "room-message-untold", "room-events", "sendTask", "avatar_talking_message",
        "does not tell what is spoken in a room",
        _told("avatar_talking_message", lambda event: None),
        layer="media",
    ),
    Mutant(
        "room-end-untold", "room-events", "sendTask", "avatar_end_message",
        "does not say when all of a text was told in a room",
        _told("avatar_end_message", lambda event: None),
        layer="media",
    ),
    Mutant(
        "room-message-short", "room-messages", "sendTask", "message",
        "tells the first half of a text alone",
        _told(
            "avatar_talking_message",
            lambda event: encode_event(
                replace(event, message=(event.message or "")[: len(event.message or "") // 2])
            ),
        ),
        layer="media",
    ),
)  # fmt: skip
