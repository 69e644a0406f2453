"""One session from newSession to its end, in every shape of answers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.web.conftest import MakeSite
from tests.web.site import EPOCH, KEY, OFFER, Site

SHAPES = ("union", "documented", "recorded")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_operation_answers_in_every_shape(site: Site, shape: str) -> None:
    site.control("PATCH", "settings", {"answers": shape})
    session_id = site.new(quality="medium")
    candidate = {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": None}
    answers = [
        site.start(session_id),
        site.call("submitIce", session_id=session_id, candidate=candidate),
        site.task(session_id),
        site.task(session_id, task_mode="async", task_type="chat"),
        site.call("interruptTask", session_id=session_id),
        site.call("keepAlive", session_id=session_id),
        site.call("startListening", session_id=session_id),
        site.call("stopListening", session_id=session_id),
        site.call("listSessions"),
        site.call("createToken"),
        site.call("listAvatars"),
        site.call("listVoices"),
        site.call("stopSession", session_id=session_id),
    ]
    assert [answer.status for answer in answers] == [200] * 13


def test_the_shapes_of_a_task_are_the_documented_the_recorded_and_both(site: Site) -> None:
    session_id = site.connect()
    bodies: dict[str, Any] = {}
    for shape in SHAPES:
        site.control("PATCH", "settings", {"answers": shape})
        bodies[shape] = site.task(session_id, task_mode="async").json
    assert bodies["documented"].keys() == {"task_id", "duration_ms"}
    assert bodies["recorded"].keys() == {"code", "message", "data"}
    assert bodies["union"].keys() == {"code", "message", "data", "task_id", "duration_ms"}
    assert bodies["union"]["data"]["task_id"] == bodies["union"]["task_id"]
    assert bodies["union"]["data"]["duration_ms"] == bodies["union"]["duration_ms"]


def test_new_answers_with_a_version_1_id_and_the_servers_offer(site: Site) -> None:
    answer = site.call("newSession").json
    assert (answer["code"], answer["message"]) == (100, "success")
    data = answer["data"]
    assert uuid.UUID(data["session_id"]).version == 1
    assert data["sdp"]["type"] == "offer"
    assert data["sdp"]["sdp"].startswith("v=0\r\n")
    assert (data["ice_servers"], data["ice_servers2"]) == ([], [])
    assert data["is_paid"] is True
    assert data["session_duration_limit"] == 600
    nulls = ("access_token", "url", "realtime_endpoint", "livekit_agent_token")
    assert {name: data[name] for name in nulls} == dict.fromkeys(nulls)


def test_the_status_goes_from_new_to_connected_to_absent(site: Site) -> None:
    session_id = site.new()
    assert site.status(session_id) == "new"
    site.start(session_id)
    assert site.status(session_id) == "connected"
    site.call("stopSession", session_id=session_id)
    assert site.status(session_id) == "closed"


def test_the_list_tells_when_a_session_was_made(site: Site) -> None:
    site.new()
    sessions = site.call("listSessions").json["sessions"]
    (created_at,) = [one["created_at"] for one in sessions]
    assert EPOCH <= created_at <= site.services.clock.now()
    site.advance(50)
    (again,) = [one["created_at"] for one in site.call("listSessions").json["sessions"]]
    assert again == created_at


def test_an_answer_completes_the_servers_offer(site: Site) -> None:
    answer = site.start(site.new()).json
    assert answer == {"code": 100, "message": "success", "data": None, "status": "success"}


def test_an_offer_is_answered_in_data_sdp(site: Site) -> None:
    session_id = site.new()
    sdp = {"type": "offer", "sdp": OFFER}
    answer = site.call("startSession", session_id=session_id, sdp=sdp).json
    assert answer["data"]["sdp"]["type"] == "answer"
    assert answer["data"]["sdp"]["sdp"].startswith("v=0\r\n")
    assert answer["status"] == "success"
    assert site.status(session_id) == "connected"


def test_an_sdp_without_a_type_is_an_offer(site: Site) -> None:
    session_id = site.new()
    answer = site.call("startSession", session_id=session_id, sdp={"sdp": OFFER})
    assert answer.data["sdp"]["type"] == "answer"


def test_an_offer_that_cannot_receive_is_refused(site: Site) -> None:
    session_id = site.new()
    sdp = {"type": "offer", "sdp": OFFER.replace("recvonly", "sendonly")}
    refused = site.call("startSession", session_id=session_id, sdp=sdp)
    assert refused.error[:2] == (400, 400)
    assert site.status(session_id) == "new"


@pytest.mark.parametrize(
    "sdp",
    [
        {"type": "answer", "sdp": "nonsense"},
        {"type": "offer", "sdp": "nonsense"},
        {"type": "answer", "sdp": OFFER},
        {"type": "answer", "sdp": "v=0\r\n"},
        {"type": "answer", "sdp": "SDP_DATA"},
        {"type": "offer", "sdp": "v=0\r\n\ud800"},
    ],
)
def test_a_session_stays_usable_after_an_unusable_sdp(site: Site, sdp: dict[str, str]) -> None:
    session_id = site.new()
    refused = site.call("startSession", session_id=session_id, sdp=sdp)
    assert refused.error[:2] == (400, 400)
    assert refused.error[2].startswith("peer start failed,please check the answer: ")
    assert site.start(session_id).status == 200
    assert site.status(session_id) == "connected"


def test_a_session_is_not_started_twice(site: Site) -> None:
    assert site.start(site.connect()).error == (400, 10003, "session state wrong: connected")


def test_start_without_sdp_is_answered_with_invalid_params(site: Site) -> None:
    refused = site.call("startSession", session_id=site.new())
    assert refused.error == (400, 400006, "Invalid params")


@pytest.mark.parametrize(
    "candidate",
    [
        {"candidate": "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host", "sdpMid": "0"},
        {"candidate": "candidate:1 1 udp 2130706431 4f7-a.local 9 typ host", "sdpMLineIndex": 0},
        {"candidate": "candidate:1 1 UDP 1 10.0.0.1 9 typ host", "sdpMLineIndex": 1.0},
        {"candidate": ""},
        {"candidate": "end-of-candidates", "sdpMid": None},
        None,
    ],
)
def test_a_candidate_is_taken_before_and_after_start(site: Site, candidate: object) -> None:
    session_id = site.new()
    before = site.call("submitIce", session_id=session_id, candidate=candidate)
    site.start(session_id)
    after = site.call("submitIce", session_id=session_id, candidate=candidate)
    done = {"code": 100, "message": "success", "data": None, "status": "success"}
    assert (before.json, after.json) == (done, done)


def test_a_candidate_that_is_none_is_refused(site: Site) -> None:
    candidate = {"candidate": "CANDIDATE"}
    refused = site.call("submitIce", session_id=site.new(), candidate=candidate)
    assert refused.error[:2] == (400, 400175)
    assert refused.error[2].startswith("Invalid parameter: candidate: ")


def test_a_task_before_start_is_refused(site: Site) -> None:
    assert site.task(site.new()).error == (400, 10001, "session state wrong: new")


PER_SESSION = (
    "startSession", "submitIce", "sendTask", "interruptTask", "keepAlive", "startListening",
    "stopListening", "stopSession",
)  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    "startSession": {"sdp": {"type": "offer", "sdp": OFFER}},
    "submitIce": {"candidate": {"candidate": ""}},
    "sendTask": {"text": "Hello!"},
}


@pytest.mark.parametrize("operation_id", PER_SESSION)
def test_an_unknown_session_is_said_to_not_exist(site: Site, operation_id: str) -> None:
    refused = site.call(operation_id, session_id="nobody", **MORE.get(operation_id, {}))
    assert refused.error == (400, 400004, "Session does not exist. SessionID: nobody")


@pytest.mark.parametrize("operation_id", PER_SESSION)
def test_a_closed_session_says_so(site: Site, operation_id: str) -> None:
    session_id = site.connect()
    assert site.call("stopSession", session_id=session_id).status == 200
    refused = site.call(operation_id, session_id=session_id, **MORE.get(operation_id, {}))
    assert refused.error == (400, 10005, "session state wrong: closed")


@pytest.mark.parametrize("operation_id", PER_SESSION)
def test_the_session_of_another_account_is_unknown(site: Site, operation_id: str) -> None:
    session_id = site.connect()
    other = (("x-api-key", "another"),)
    refused = site.call(operation_id, other, session_id=session_id, **MORE.get(operation_id, {}))
    assert refused.error[:2] == (400, 400004)
    assert site.call("listSessions", other).json["sessions"] == []
    assert site.status(session_id) == "connected"


def test_each_account_has_its_own_limit(site: Site) -> None:
    for _ in range(3):
        site.new()
    refused = site.call("newSession")
    assert refused.error[:2] == (400, 10007)
    assert refused.error[2].startswith("Concurrent limit reached, please make sure")
    site.new((("x-api-key", "another"),))


def test_a_stopped_session_frees_its_slot(site: Site) -> None:
    first, *_ = [site.new() for _ in range(3)]
    site.call("stopSession", session_id=first)
    site.new()


@pytest.mark.parametrize("old", ["new", "start", "ice", "task", "stop"])
def test_the_older_paths_are_the_same_operations(site: Site, old: str) -> None:
    contract = site.services.contract
    now, before = (contract.at("POST", f"/v1/{name}.{old}") for name in ("streaming", "realtime"))
    assert now is not None
    assert before is not None
    assert before.operation_id == now.operation_id
    session_id = site.new()
    body = {"session_id": session_id, **MORE.get(now.operation_id, {})}
    if old == "task":
        site.start(session_id)
    answer = site.run(site.post(f"/v1/realtime.{old}", body))
    assert answer.status == 200


# requests as clients really send them


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quality": "high"},
        {"quality": "low", "avatar_name": "x", "voice": {"voice_id": "y"}},
        {"avatar_id": "Bruno", "voice": {"voice_name": "Emma", "rate": 1.2, "emotion": "Friendly"}},
        {"voice": {"emotion": "excited", "rate": None, "voice_name": None}},
        {"voice": None, "quality": None, "avatar_id": None, "video_encoding": None},
        {"version": "v1"},
        {"version": "V1", "language": "de", "source": "sdk", "unknown": [1, {}]},
        {"knowledge_base": "", "knowledge_base_id": "1", "disable_idle_timeout": None},
    ],
)
def test_what_clients_send_is_accepted(site: Site, body: dict[str, Any]) -> None:
    assert site.call("newSession", **body).status == 200


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"quality": "ultra"}, "quality: 'ultra' is not one of high, medium, low"),
        ({"video_encoding": "AV1"}, "video_encoding: 'AV1' is not one of"),
        ({"voice": {"rate": 3}}, "voice.rate: 3 is greater than 1.5"),
        ({"voice": {"rate": "fast"}}, "voice.rate: 'fast' is not a number or null"),
        ({"voice": {"emotion": "angry"}}, "voice.emotion: 'angry' is not one of"),
        ({"voice": "Emma"}, "voice: 'Emma' is not an object or null"),
        ({"activity_idle_timeout": 29}, "activity_idle_timeout: 29 is less than 30"),
        ({"activity_idle_timeout": 3601}, "activity_idle_timeout: 3601 is greater than 3600"),
        ({"avatar_id": 7}, "avatar_id: 7 is not a string or null"),
        ({"version": "v3"}, "version: 'v3' is not one of"),
    ],
)
def test_what_contradicts_the_contract_is_refused(
    site: Site, body: dict[str, Any], problem: str
) -> None:
    refused = site.call("newSession", **body)
    assert refused.error[:2] == (400, 400175)
    assert refused.error[2].startswith(f"Invalid parameter: {problem}")
    assert site.call("listSessions").json["sessions"] == []


def chosen(site: Site, **body: Any) -> dict[str, Any]:
    session = site.control("GET", f"sessions/{site.new(**body)}").json
    assert isinstance(session, dict)
    return session


def test_the_defaults_are_those_of_the_contract(site: Site) -> None:
    session = chosen(site)
    assert session["avatar_id"] == "default"
    assert session["avatar"] == "Ada_studio_20240501"
    assert (session["voice"], session["emotion"]) == ("Emma", "neutral")
    assert (session["quality"], session["video_encoding"]) == ("low", "VP8")


def test_avatar_voice_emotion_quality_and_encoding_are_chosen(site: Site) -> None:
    session = chosen(
        site,
        avatar_id="bruno",
        avatar_name="Chika",
        voice={"voice_id": "noah", "voice_name": "Emma", "emotion": "Serious"},
        quality="high",
        video_encoding="H264",
    )
    assert (session["avatar_id"], session["avatar"]) == ("bruno", "Bruno_office_20240501")
    assert (session["voice"], session["emotion"]) == ("Noah", "serious")
    assert (session["quality"], session["video_encoding"]) == ("high", "H264")


def test_an_avatar_speaks_with_its_own_voice_unless_asked(site: Site) -> None:
    assert chosen(site, avatar_id="Bruno")["voice"] == "Liam"


def test_the_catalogues_name_what_can_be_asked_for(make_site: MakeSite) -> None:
    site = make_site(strict_avatars=True)
    for avatar in site.call("listAvatars").data:
        session = chosen(site, avatar_id=avatar["avatar_id"])
        site.call("stopSession", session_id=session["session_id"])
        picture = site.send(
            "GET",
            avatar["normal_preview"].removeprefix("http://127.0.0.1:8000"),
            (("host", "localhost"),),
        )
        assert picture.status == 200
    voices = [voice["name"] for voice in site.call("listVoices").data["voices"]]
    assert voices == ["Emma", "Liam", "Sofia", "Noah"]


def test_the_key_may_come_as_a_bearer_value(site: Site) -> None:
    session_id = site.new((("authorization", "Bearer key"),))
    assert site.status(session_id) == "new"
    assert site.call("listSessions", KEY).json["sessions"][0]["session_id"] == session_id
