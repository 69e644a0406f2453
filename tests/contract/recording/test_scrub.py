"""What is secret goes, its form stays, and the contract says the same as before."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.exchange import Exchange, Headers, Request, Response
from contract.model.accounts import looks_like_token
from contract.recording.har import read_har
from contract.recording.judge import judge
from contract.recording.pseudonyms import Pseudonyms
from contract.recording.recording import Recording
from contract.recording.scrub import scrub
from contract.recording.writer import write_har
from contract.sdp import SdpError, read_candidate, read_sdp
from contract.spec import Spec

SALT = b"always the same"
SESSION_ID = "1f86a0a2-bd4e-11ef-8f3a-0242ac110002"
KEY = "ZjA3NGU1OWQ0MjQ2NGFhOTkxZWYtMTcxNDg="
TOKEN_ID = "bf6a9a70d2c14f07b3a64df1c0a2e9b8"
TOKEN = base64.b64encode(
    json.dumps(
        {"token": TOKEN_ID, "token_type": "sa_from_regular", "created_at": 1734651255}
    ).encode()
).decode()


def jwt(claims: dict[str, object]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part(claims)}.sIgNaTuRe-0f_the_RoOm"


ROOM_TOKEN = jwt({"iss": "APIxKq3fVtWnoPz", "sub": "client-of-jane", "exp": 1734737655})
FINGERPRINT = ":".join(f"{n * 7 % 256:02X}" for n in range(32))
MDNS = "b8cd1f64-2f25-46ee-a351-467f21eb8b28"
OFFER = "\r\n".join(
    [
        "v=0", "o=jane.doe 69104493584700744 2 IN IP4 192.168.178.23", "s=-", "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 93.184.216.34", "a=mid:0",
        "a=rtpmap:111 opus/48000/2", "a=ssrc:1 cname:jane@laptop.corp.example.org",
        "a=ice-ufrag:6WBCXOD72VEH5T6N", "a=ice-pwd:VWAERX6IEC3BNHHSA32ODS2OVBMBUZDY",
        f"a=fingerprint:sha-256 {FINGERPRINT}", "a=setup:actpass",
        "a=candidate:1 1 udp 2130706431 192.168.178.23 50000 typ host",
        "a=candidate:2 1 udp 1694498815 93.184.216.34 50001 typ srflx raddr 192.168.178.23 rport 9",
        "a=candidate:3 1 udp 2130706431 2606:2800:220:1:248:1893:25c8:1946 50002 typ host",
        f"a=candidate:4 1 udp 2130706431 {MDNS}.local 50003 typ host",
        "a=candidate:5 1 udp 2130706431 127.0.0.1 50004 typ host",
        "",
    ]
)  # fmt: skip
SECRETS = [
    KEY, TOKEN, TOKEN_ID, ROOM_TOKEN, "APIxKq3fVtWnoPz", "client-of-jane", "sIgNaTuRe-0f_the_RoOm",
    FINGERPRINT, MDNS, "jane.doe", "192.168.178.23", "93.184.216.34",
    "2606:2800:220:1:248:1893:25c8:1946", "jane@laptop", "6WBCXOD72VEH5T6N",
    "VWAERX6IEC3BNHHSA32ODS2OVBMBUZDY", "cookie-4711-value", "4f5c", "turn-user-1734651255",
    "turnCredential/+9", "heygen-feapbkvq", "mallory@example.com", "10.20.30.40", "fd12:3456::9",
    "session-cookie-2",
]  # fmt: skip


def exchange(
    body: object = None,
    answer: object = None,
    *,
    path: str = "/v1/streaming.new",
    headers: Headers = (("x-api-key", KEY),),
    answered: Headers = (),
    number: int = 1,
) -> Exchange:
    def raw(value: object) -> bytes:
        return value if isinstance(value, bytes) else json.dumps(value).encode()

    request = Request("POST", path, headers, raw({} if body is None else body))
    response = Response(200, answered, raw({} if answer is None else answer))
    return Exchange(number, request, response, 1746100800.0, 1746100801.0)


def planted() -> list[Exchange]:
    new = {
        "code": 100,
        "message": "success",
        "data": {
            "session_id": SESSION_ID,
            "sdp": {"type": "offer", "sdp": OFFER},
            "access_token": ROOM_TOKEN,
            "url": "wss://heygen-feapbkvq.livekit.cloud",
            "realtime_endpoint": f"wss://api.heygen.com/v1/ws?session_id={SESSION_ID}&token={TOKEN}",
            "ice_servers2": [
                {
                    "urls": ["turn:10.20.30.40:3478?transport=udp", "stun:stun.l.google.com:19302"],
                    "username": "turn-user-1734651255",
                    "credential": "turnCredential/+9",
                    "credentialType": "password",
                }
            ],
        },
    }
    return [
        exchange(
            None,
            {"error": None, "data": {"token": TOKEN}},
            path="/v1/streaming.create_token",
            headers=(
                ("x-api-key", KEY),
                ("cookie", "sid=cookie-4711-value; theme=4f5c"),
                ("x-forwarded-for", "93.184.216.34, fd12:3456::9"),
            ),
            answered=(("set-cookie", "sid=session-cookie-2; Path=/; HttpOnly"),),
        ),
        exchange(
            {"knowledge_base": "You sell shoes. Ask mallory@example.com."},
            new,
            headers=(("authorization", f"Bearer {TOKEN}"),),
            number=2,
        ),
        exchange(
            {
                "session_id": SESSION_ID,
                "candidate": {
                    "candidate": f"candidate:1 1 udp 1 {MDNS}.local 9 typ host ufrag 4f5cQ",
                    "usernameFragment": "4f5cQ",
                },
            },
            {
                "code": 400,
                "message": f"peer start failed,please check the answer: {KEY} 10.20.30.40",
            },
            path="/v1/streaming.ice",
            number=3,
        ),
    ]


@pytest.fixture(scope="module")
def scrubbed() -> list[Exchange]:
    return scrub(planted(), salt=SALT)


def test_nothing_secret_is_in_the_written_file(
    scrubbed: list[Exchange], tmp_path: Path, spec: Spec
) -> None:
    for name, exchanges in (("before", planted()), ("after", scrubbed)):
        write_har(
            exchanges, tmp_path / f"{name}.har", base_url="https://api.heygen.com",
            spec_version="1", tool_version="1", date=0.0,
        )  # fmt: skip

    def found(name: str) -> list[str]:
        text = (tmp_path / f"{name}.har").read_text()
        # Within base64 too, as tokens are.
        for inner in re.findall(r"eyJ[A-Za-z0-9+/_-]{20,}", text):
            text += base64.urlsafe_b64decode(
                inner.replace("+", "-").replace("/", "_") + "=" * (-len(inner) % 4)
            ).decode("latin-1")
        return [secret for secret in SECRETS if secret in text]

    assert found("before") == SECRETS
    assert found("after") == []
    assert len(read_har(tmp_path / "after.har", paths=spec.paths).exchanges) == 3


def test_the_same_secret_has_the_same_stand_in_everywhere(scrubbed: list[Exchange]) -> None:
    key = scrubbed[0].request.header("x-api-key")
    token = scrubbed[0].response.json["data"]["token"]
    assert scrubbed[1].request.header("authorization") == f"Bearer {token}"
    assert f"&token={token}" in scrubbed[1].response.json["data"]["realtime_endpoint"]
    assert f"answer: {key} " in scrubbed[2].response.json["message"]
    candidate = scrubbed[2].request.json["candidate"]
    assert candidate["candidate"].endswith(f"ufrag {candidate['usernameFragment']}")
    mdns = re.findall(r"[0-9a-f-]{36}(?=\.local)", scrubbed[1].response.json["data"]["sdp"]["sdp"])
    assert f"{mdns[0]}.local" in candidate["candidate"]


def test_a_token_stays_a_token_of_its_time(scrubbed: list[Exchange]) -> None:
    token = scrubbed[0].response.json["data"]["token"]
    assert len(token) == len(TOKEN)
    content = json.loads(base64.b64decode(token))
    assert content.pop("token") != TOKEN_ID
    assert content == {"token_type": "sa_from_regular", "created_at": 1734651255}


def test_what_is_no_secret_stays(scrubbed: list[Exchange]) -> None:
    data = scrubbed[1].response.json["data"]
    assert data["session_id"] == SESSION_ID
    assert data["ice_servers2"][0]["urls"][1] == "stun:stun.l.google.com:19302"
    assert data["ice_servers2"][0]["credentialType"] == "password"
    assert data["url"].endswith(".cloud")
    assert scrubbed[0].request.header("cookie").count("=") == 2  # type: ignore[union-attr]
    assert scrubbed[0].response.header("set-cookie").endswith("; Path=/; HttpOnly")  # type: ignore[union-attr]


def test_addresses_are_documentation_addresses_of_their_family(scrubbed: list[Exchange]) -> None:
    sdp = scrubbed[1].response.json["data"]["sdp"]["sdp"]
    candidates = read_sdp(sdp).candidates
    assert [c.address for c in candidates if not c.address.endswith(".local")] == [
        "192.0.2.1",
        "198.51.100.1",
        "2001:db8:2::1",
        "127.0.0.1",
    ]
    assert "raddr 192.0.2.1 rport 9" in sdp
    assert scrubbed[0].request.header("x-forwarded-for") == "198.51.100.1, 2001:db8:1::1"


def test_a_scrubbed_offer_reads_like_the_offer_it_was(scrubbed: list[Exchange]) -> None:
    before, after = read_sdp(OFFER), read_sdp(scrubbed[1].response.json["data"]["sdp"]["sdp"])
    for old, new in zip(before.sections, after.sections, strict=True):
        assert (old.kind, old.mid, old.codecs, old.setup) == (
            new.kind,
            new.mid,
            new.codecs,
            new.setup,
        )
        assert len(old.ice_pwd or "") == len(new.ice_pwd or "")
        assert [len(value) for _, value in old.fingerprints] == [
            len(v) for _, v in new.fingerprints
        ]
        assert new.fingerprints[0][1].isupper()


def test_user_text_is_kept_unless_its_replacement_is_asked_for() -> None:
    task = exchange({"session_id": SESSION_ID, "text": "Good morning, Jane! It is 12 o'clock."})
    (kept,) = scrub([task], salt=SALT)
    assert kept.request.json["text"] == "Good morning, Jane! It is 12 o'clock."
    (replaced,) = scrub([task], salt=SALT, user_text=True)
    text = replaced.request.json["text"]
    assert "Jane" not in text
    assert re.fullmatch(
        r"[A-Z][a-z]{3} [a-z]{7}, [A-Z][a-z]{3}! [A-Z][a-z] [a-z]{2} \d\d [a-z]'[a-z]{5}\.", text
    )
    assert replaced.request.json["session_id"] == SESSION_ID


def test_only_what_changes_is_written_anew() -> None:
    body = b'{ "session_id" : "\\u0041" ,\n "x":1e3, "username":"bob-4711", "y": [ true]'
    (made,) = scrub([exchange(body)], salt=SALT)
    assert re.fullmatch(
        rb'\{ "session_id" : "\\u0041" ,\n "x":1e3, "username":"[a-z]{3}-\d{4}", "y": \[ true\]',
        made.request.body,
    )
    assert b"4711" not in made.request.body


def test_bodies_that_are_not_json_or_not_text_are_scrubbed_too() -> None:
    bodies = [b"Bearer 0123456789abcdef", b"\xff\xfe from 10.20.30.40", b'{"token": "abcdef-0123']
    for body, secret in zip(
        bodies, (b"0123456789abcdef", b"10.20.30.40", b"abcdef-0123"), strict=True
    ):
        (made,) = scrub([exchange(body)], salt=SALT)
        assert secret not in made.request.body
        assert made.request.body[:2] == body[:2]


def test_a_length_that_was_true_stays_true() -> None:
    headers = (("content-length", "21"),)
    (made,) = scrub([exchange(b'{"from":"10.20.30.40"}'[:21], headers=headers)], salt=SALT)
    assert made.request.header("content-length") == str(len(made.request.body))


def test_without_a_salt_stand_ins_differ_from_run_to_run() -> None:
    keys = {scrub([exchange()])[0].request.header("x-api-key") for _ in range(4)}
    assert len(keys) == 4
    assert KEY not in keys


@pytest.mark.parametrize("profile", ["strict", "real"])
def test_the_judgement_is_the_same_after_scrubbing(
    session: Recording, spec: Spec, profile: Any
) -> None:
    """On the session as it is, and with every answer given to the call before it."""
    good = list(session.exchanges)
    answers = [one.response for one in good]
    wrong = [
        dataclasses.replace(one, response=answer)
        for one, answer in zip(good, answers[1:] + answers[:1], strict=True)
    ]
    refused = [dataclasses.replace(one, response=Response(401)) for one in good]
    for exchanges in (good, wrong, refused, planted()):
        before, _ = judge(exchanges, spec, profile=profile)
        after, _ = judge(scrub(exchanges, salt=SALT), spec, profile=profile)

        def told(findings: Any) -> list[Any]:
            return [(v.rule.id, v.operation, v.field, v.verdict) for v in findings.violations]

        assert told(before) == told(after)
        assert before.checked == after.checked


SECRET = st.text(min_size=1, max_size=40) | st.from_regex(r"[A-Za-z0-9+/=-]{1,30}", fullmatch=True)


@given(secrets=st.lists(SECRET, unique=True, max_size=6))
@settings(max_examples=100)
def test_stand_ins_are_distinct_and_of_the_same_form(secrets: list[str]) -> None:
    pseudonyms = Pseudonyms(SALT)
    made = [pseudonyms.of(secret) for secret in secrets]
    assert len(set(made)) == len(secrets)
    assert made == [pseudonyms.of(secret) for secret in secrets]
    for secret, new in zip(secrets, made, strict=True):
        assert looks_like_token(secret) == looks_like_token(new)
        if len(secret) > 3:
            assert len(secret) == len(new)
            assert [c for c in secret if not c.isalnum()] == [c for c in new if not c.isalnum()]


@given(
    body=st.text(alphabet='{}[]":,\\\n tokenusr0123456789.@abcdefv=\r', max_size=80)
    | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
)
@settings(max_examples=200)
def test_any_body_is_scrubbed_and_json_stays_what_it_was(body: str) -> None:
    raw = body.encode("latin-1")
    (made,) = scrub([exchange(raw)], salt=SALT)

    def is_json(data: bytes) -> bool:
        try:
            json.loads(data)
        except ValueError:
            return False
        return True

    assert is_json(raw) == is_json(made.request.body)


@given(text=st.text(alphabet="candidate: 0123456789abcdef.\r\nv=o", max_size=60))
@settings(max_examples=100)
def test_any_candidate_stays_one_or_none(text: str) -> None:
    for line in (text, f"candidate:1 1 udp 1 {text} 9 typ host"):
        (made,) = scrub([exchange({"candidate": line})], salt=SALT)

        def reads(value: str) -> bool:
            try:
                read_candidate(value)
            except SdpError:
                return False
            return True

        assert reads(line) == reads(made.request.json["candidate"])
