"""What descriptions say instead of the right thing, and how their answers are understood."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.catalogue import Encoding
from mock_server.core.faults import signalling
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.sdp_answers import restored
from mock_server.core.faults.sdp_edits import edited
from mock_server.core.faults.sdp_text import SdpText
from mock_server.core.faults.unbundled import unbundled
from mock_server.core.negotiation import check_answer
from mock_server.core.null_sdp import NullTransport, null_answer, null_offer
from mock_server.core.sdp import SdpError, parse_description
from tests.core.faults.answering import VIEWER, good_answer
from tests.core.faults.drawing import plans, read

TEXTS = Path(__file__).parents[1] / "texts"
REAL = (TEXTS / "aiortc-1.16-offer.sdp").read_bytes().decode()
NULL = null_offer(NullTransport.for_session("one"), encoding=Encoding.VP8)
OFFERS = (REAL, NULL)


def deviation(do: str, at: int = 0, **parameters: Any) -> Deviation:
    return Deviation(at, "peer", do, None, parameters)


def told(do: str, offer: str = REAL, *, type_: str = "offer", **parameters: Any) -> str:
    one = deviation(do, **parameters)
    text, used = edited(offer, [one], type_=type_)
    assert used == ((one,) if text != offer else ())
    return text


def kinds_of(text: str) -> list[tuple[str, int]]:
    return [(m.kind, m.port) for m in parse_description("offer", text).media]


@pytest.mark.parametrize("offer", OFFERS)
def test_any_text_survives_being_taken_apart(offer: str) -> None:
    assert str(SdpText.of(offer)) == offer


def test_lines_can_end_with_lf_alone() -> None:
    text = told("lf-only")
    assert "\r" not in text
    assert text.split("\n") == REAL.split("\r\n")


@pytest.mark.parametrize("do", ["unknown-attributes", "unknown-lines", "huge-line", "ice-lite"])
def test_lines_that_are_added_leave_all_others_in_their_order(do: str) -> None:
    lines = iter(told(do).split("\r\n"))
    assert all(line in lines for line in REAL.split("\r\n"))


def test_session_lines_keep_the_order_of_rfc_8866() -> None:
    letters = "".join(line[0] for line in SdpText.of(told("unknown-lines")).session)
    assert re.fullmatch(r"vosiuepbtrza+", letters)
    for section in SdpText.of(told("unknown-lines")).sections:
        assert re.fullmatch(r"micbba+", "".join(line[0] for line in section.lines))


def test_a_line_can_be_as_long_as_asked() -> None:
    assert max(map(len, told("huge-line", bytes=50_000).split("\r\n"))) == len("a=x-huge:") + 50_000


def test_an_extra_section_is_the_last_and_has_a_mid_of_its_own() -> None:
    for media in ("video", "audio", "text", "image", "message", "application"):
        text = told("extra-mline", media=media)
        assert [kind for kind, _ in kinds_of(text)] == ["video", "audio", "application", media]
        assert parse_description("offer", text).media[3].mid == "extra0"
        assert ("extra0" in SdpText.of(text).bundle) == (media not in ("image", "message"))


def test_audio_can_come_first_with_the_candidates_in_the_section_that_leads_the_bundle() -> None:
    described = parse_description("offer", told("audio-first", NULL))
    assert [m.kind for m in described.media] == ["audio", "video", "application"]
    assert described.bundle == ("1", "0", "2")
    assert [c.port for c in described.media[0].candidates] == [9]


def streams(text: str) -> list[str]:
    return re.findall(r"^a=msid:(\S+)", text, re.MULTILINE)


def test_separate_streams_have_a_name_each() -> None:
    (shared,) = set(streams(REAL))
    assert streams(told("separate-streams")) == [f"{shared}-0", f"{shared}-1"]


def test_an_offer_without_a_bundle_keeps_one_stream() -> None:
    other = REAL.replace("a=msid:", "a=msid:other-")
    (shared,) = set(streams(REAL))
    assert streams(unbundled([REAL, other, other])) == [shared, shared]


def test_a_rejected_section_has_port_0_and_is_not_bundled() -> None:
    text = told("rejected-mline", NULL, media="video")
    described = parse_description("offer", text)
    assert [m.rejected for m in described.media] == [True, False, False]
    assert described.bundle == ("1", "2")
    assert [len(m.candidates) for m in described.media] == [0, 1, 0]


def test_payload_numbers_move_with_all_that_refers_to_them() -> None:
    text = told("payload-numbers", shift=13)
    video = parse_description("offer", text).media[0]
    assert [(c.payload_type, c.name, c.parameter("apt")) for c in video.codecs][:2] == [
        (110, "VP8", None),
        (111, "rtx", "110"),
    ]
    assert video.codecs[0].feedback == ("nack", "nack pli", "goog-remb")
    assert parse_description("offer", text).media[1].codecs[0].payload_type == 109
    assert not re.search(r":(97|98|99) ", text)


def test_numbers_move_around_within_the_dynamic_ones() -> None:
    numbers = [c.payload_type for m in parse_description("offer", told(
        "payload-numbers", shift=31)).media for c in m.codecs]  # fmt: skip
    assert sorted(numbers) == [96, 97, 98, 99, 100, 101, 127]


def test_an_offer_can_have_one_video_codec_alone() -> None:
    for codec, names in (("VP8", ["VP8", "rtx"]), ("H264", ["H264", "rtx", "H264", "rtx"])):
        video, audio, _ = parse_description("offer", told("one-codec", codec=codec)).media
        assert [c.name for c in video.codecs] == names
        assert [c.name for c in audio.codecs] == ["opus"]


def test_unknown_codecs_come_first_under_numbers_of_their_own() -> None:
    video, audio, _ = parse_description("offer", told("unknown-codecs")).media
    assert [(c.payload_type, c.name) for c in video.codecs][:3] == [
        (127, "AV1"),
        (126, "X-FUTURE"),
        (97, "VP8"),
    ]
    assert [(c.payload_type, c.name) for c in audio.codecs] == [(125, "X-LYRA"), (96, "opus")]


def test_no_candidates_are_left_nor_an_address() -> None:
    for offer in OFFERS:
        text = told("no-candidates", offer)
        assert "candidate" not in text
        assert "127.0.0.1" not in text
        assert [port for _, port in kinds_of(text)] == [9, 9, 9]


@pytest.mark.parametrize(
    ("do", "address"),
    [("ipv6-candidates", "2001:db8::7"), ("mdns-candidates", r"[0-9a-f-]{36}\.local")],
)
def test_all_candidates_can_be_of_one_useless_kind(do: str, address: str) -> None:
    for offer in OFFERS:
        described = parse_description("offer", told(do, offer))
        found = [c.address for m in described.media for c in m.candidates]
        assert found
        assert all(re.fullmatch(address, one) for one in found)
        assert not any(m.end_of_candidates for m in described.media)


def test_useless_candidates_come_before_the_right_one() -> None:
    described = parse_description("offer", told("more-candidates", NULL))
    found = [(c.protocol, c.address) for c in described.media[0].candidates]
    right = ("udp", "127.0.0.1")
    assert found[0] == ("tcp", "127.0.0.1")
    assert found[-2:] == [right, right]
    assert described.media[0].end_of_candidates


def test_the_fingerprint_is_another_of_the_same_form() -> None:
    right, wrong = (
        parse_description("offer", text).media[0].fingerprints
        for text in (REAL, told("wrong-fingerprint"))
    )
    assert [f.algorithm for f in wrong] == [f.algorithm for f in right]
    assert not {f.value for f in wrong} & {f.value for f in right}


def test_the_data_channel_can_be_offered_in_the_old_form() -> None:
    for offer in OFFERS:
        text = told("old-data-section", offer)
        assert re.search(r"m=application \d+ DTLS/SCTP 5000\r\n", text)
        assert "a=sctpmap:5000 webrtc-datachannel 65535\r\n" in text
        assert "sctp-port" not in text
        assert parse_description("offer", text).media[2].sctp_port == 5000


def test_the_dtls_role_and_ice_lite_are_told() -> None:
    for role in ("active", "passive"):
        assert {
            m.setup for m in parse_description("offer", told("dtls-role", role=role)).media
        } == {role}
    assert parse_description("offer", told("ice-lite")).ice_lite


def test_text_can_end_early_or_go_on_with_garbage() -> None:
    assert told("truncated-sdp", chars=0) == ""
    assert told("truncated-sdp", chars=50) == REAL[:50]
    assert told("truncated-sdp", chars=99_999) == REAL
    assert told("trailing-garbage").startswith(REAL + "</sdp>")


ONLY_OFFERS = {
    "unknown-codecs",
    "payload-numbers",
    "dtls-role",
    "old-data-section",
    "audio-first",
    "separate-streams",
    "extra-mline",
    "one-codec",
}


@pytest.mark.parametrize("trial", [t for k in signalling.KINDS for t in k.sweep()], ids=str)
def test_every_trial_changes_an_offer_and_an_answer_unless_only_an_offer_can_say_it(
    trial: dict[str, Any],
) -> None:
    given = {name: value for name, value in trial.items() if name not in ("on", "do", "nth")}
    if trial["do"] in ("no-bundle", "ice-disconnect"):  # which are more than text
        assert told(trial["do"], **given) == REAL
        return
    assert told(trial["do"], **given) != REAL
    same = told(trial["do"], type_="answer", **given) == REAL
    assert same == (trial["do"] in ONLY_OFFERS)


def test_what_spoils_the_text_comes_after_what_moves_its_lines() -> None:
    plan = [
        deviation("lf-only"),
        deviation("audio-first", 1),
        deviation("truncated-sdp", 2, chars=99),
    ]
    text, used = edited(REAL, plan, type_="offer")
    assert used == tuple(plan)
    assert len(text) == 99
    assert "\r" not in text


def test_an_answer_comes_back_in_the_order_and_number_that_was_made() -> None:
    plan = [deviation("audio-first"), deviation("extra-mline", 1, media="text")]
    text, _ = edited(REAL, plan, type_="offer")
    answer = restored(parse_description("answer", good_answer(text)), made=REAL, told=text)
    assert [(m.index, m.kind, m.mid) for m in answer.media] == [
        (0, "video", "0"),
        (1, "audio", "1"),
        (2, "application", "2"),
    ]
    assert answer.bundle == ("1", "0", "2")
    check_answer(parse_description("offer", REAL), answer)


def test_an_answer_that_leaves_the_extra_section_out_is_refused() -> None:
    text = told("extra-mline", media="text")
    with pytest.raises(SdpError, match="answer has 3 media lines, offer 4"):
        restored(parse_description("answer", good_answer(REAL)), made=REAL, told=text)


def test_an_answer_in_the_order_of_the_right_offer_is_refused() -> None:
    with pytest.raises(SdpError, match="media section 0 is not the one that was offered"):
        restored(
            parse_description("answer", good_answer(REAL)), made=REAL, told=told("audio-first")
        )


CONNECTING = tuple(
    kind
    for kind in signalling.KINDS
    if kind.do not in ("truncated-sdp", "rejected-mline", "huge-line", "one-codec", "extra-mline")
)


@settings(max_examples=40)
@given(plan=plans(CONNECTING))
def test_a_good_answer_to_any_offer_that_can_be_read_fits(plan: list[dict[str, Any]]) -> None:
    text, _ = edited(REAL, read(plan), type_="offer")
    readable = "\r\n".join(line for line in re.split(r"\r?\n", text) if line[1:2] == "=")
    answer = parse_description("answer", good_answer(readable))
    check_answer(parse_description("offer", REAL), restored(answer, made=REAL, told=text))


@given(
    plan=plans(signalling.KINDS, size=12),
    offer=st.sampled_from(OFFERS)
    | st.text(max_size=300)
    | st.text("vosmac=: \r\n019", max_size=80),
    type_=st.sampled_from(["offer", "answer"]),
)
def test_any_edits_of_any_text_give_text(
    plan: list[dict[str, Any]], offer: str, type_: str
) -> None:
    text, used = edited(offer, read(plan), type_=type_)
    assert isinstance(text, str)
    assert (text != offer) <= bool(used)
    assert edited(offer, read(plan), type_=type_) == (text, used)


@settings(max_examples=40)
@given(plan=plans(signalling.KINDS), other=st.sampled_from(OFFERS))
def test_any_answer_to_any_offer_is_understood_or_refused(
    plan: list[dict[str, Any]], other: str
) -> None:
    text, _ = edited(REAL, read(plan), type_="offer")
    answer = parse_description("answer", null_answer(VIEWER, parse_description("offer", other)))
    with contextlib.suppress(SdpError):
        check_answer(parse_description("offer", REAL), restored(answer, made=REAL, told=text))
