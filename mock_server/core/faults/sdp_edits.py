"""What a description is made to say: pure edits of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mock_server.core.faults import signalling as kinds
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.sdp_text import SdpText, Section

Edit = Callable[[SdpText, Deviation], SdpText]

_CANDIDATE = re.compile(r"(a=candidate:\S+ \S+ \S+ \S+) \S+ (\S+ typ .*)")
_MSID = re.compile(r"^a=msid:\S+")
_NO_ADDRESS = "c=IN IP4 0.0.0.0"
_SHARED = "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:", "a=extmap:"
_OWN = "a=msid", "a=ssrc", "a=candidate:", "a=end-of-candidates"
_COMPLEMENT = str.maketrans("0123456789ABCDEF", "FEDCBA9876543210")


def edited(
    text: str, deviations: Iterable[Deviation], *, type_: str
) -> tuple[str, tuple[Deviation, ...]]:
    """The description as the deviations have it, and those of them that changed it.

    What moves lines comes before what spoils the text, else each in its turn. Those that only an
    offer can do leave an answer alone.
    """
    given = tuple(deviations)
    used: set[int] = set()
    parts = SdpText.of(text)
    for one in given:
        edit = _IN_BOTH.get(one.do) or (_IN_OFFERS.get(one.do) if type_ == "offer" else None)
        if edit is not None and (changed := edit(parts, one)) != parts:
            parts = changed
            used.add(one.at)
    told = str(parts) if used else text
    for one in given:
        spoil = _OF_TEXT.get(one.do)
        if spoil is not None and (spoiled := spoil(told, one)) != told:
            told = spoiled
            used.add(one.at)
    return told, tuple(one for one in given if one.at in used)


def _unknown_attributes(text: SdpText, _: Deviation) -> SdpText:
    told = replace(text, session=(*text.session, "a=x-origin:studio-7", "a=x-experimental"))
    return told.each(
        lambda section: section.plus(("a=x-quality:best;fps=25", "a=x-note:\u00e9t\u00e9 * {}"))
    )


def _unknown_lines(text: SdpText, _: Deviation) -> SdpText:
    """In the order of RFC 8866 section 5, which strict parsers insist on."""
    told = text.saying(
        "i=An avatar",
        "u=https://example.com/about",
        "e=studio@example.com (Studio)",
        "p=+44 1632 960000",
        "b=AS:5000",
        after="vos",
    ).saying("r=7d 1h 0 25h", "z=2882844526 -1h 2898848070 0", after="t")

    def with_lines(section: Section) -> Section:
        head, *rest = section.lines
        connection = tuple(line for line in rest if line.startswith("c="))
        others = tuple(line for line in rest if not line.startswith("c="))
        return Section((head, "i=A stream", *connection, "b=TIAS:4000000", "b=X-YZ:128", *others))

    return told.each(with_lines)


def _unknown_codecs(text: SdpText, _: Deviation) -> SdpText:
    free = iter(text.free_numbers())
    names = {"video": ("AV1/90000", "X-FUTURE/90000"), "audio": ("X-LYRA/32000",)}

    def with_codecs(section: Section) -> Section:
        more = [
            (str(number), name)
            for name, number in zip(names.get(section.kind, ()), free, strict=False)
        ]
        numbers = tuple(number for number, _ in more)
        return section.with_media(formats=(*numbers, *section.formats)).plus(
            f"a=rtpmap:{number} {name}" for number, name in more
        )

    return text.each(with_codecs)


def _more_candidates(text: SdpText, _: Deviation) -> SdpText:
    lost = (
        "a=candidate:71 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active",
        "a=candidate:72 1 udp 2130706175 2001:db8::71 40071 typ host",
        "a=candidate:73 1 udp 1694498815 192.0.2.73 40073 typ srflx raddr 0.0.0.0 rport 0",
        "a=candidate:74 1 udp 2122260223 192.0.2.74 40074 typ host generation 0 network-cost 999",
    )

    def with_candidates(section: Section) -> Section:
        known = section.having("a=candidate:", "a=end-of-candidates")
        if not known:
            return section
        rest = section.without("a=candidate:", "a=end-of-candidates")
        return rest.plus((*lost, *known[:1], *known))

    return text.each(with_candidates)


def _payload_numbers(text: SdpText, deviation: Deviation) -> SdpText:
    shift = deviation.get("shift", 13)

    def number(old: int) -> int:
        return 96 + (old - 96 + shift) % 32 if 96 <= old <= 127 else old

    return text.each(
        lambda section: section.renumbered(number) if section.kind in _RTP else section
    )


def _dtls_role(text: SdpText, deviation: Deviation) -> SdpText:
    role = f"a=setup:{deviation['role']}"
    return text.each(lambda s: s.changed(lambda line: role if "a=setup:" in line else line))


def _ice_lite(text: SdpText, _: Deviation) -> SdpText:
    return text.saying("a=ice-lite", after="vost")


def _old_data_section(text: SdpText, _: Deviation) -> SdpText:
    def old(section: Section) -> Section:
        ports = section.having("a=sctp-port:")
        if section.kind != "application" or not ports:
            return section
        port = ports[0].partition(":")[2]
        told = section.without("a=sctp-port:", "a=max-message-size:")
        told = told.with_media(protocol="DTLS/SCTP", formats=(port,))
        return told.plus((f"a=sctpmap:{port} webrtc-datachannel 65535",))

    return text.each(old)


def _huge_line(text: SdpText, deviation: Deviation) -> SdpText:
    return text.saying(f"a=x-huge:{'x' * deviation.get('bytes', 40_000)}", after="vosta")


def _audio_first(text: SdpText, _: Deviation) -> SdpText:
    order = sorted(text.sections, key=lambda section: section.kind != "audio")
    mids = tuple(s.mid for s in order if s.mid in text.bundle)
    return replace(text, sections=tuple(order)).bundling(mids).tagged()


def _separate_streams(text: SdpText, _: Deviation) -> SdpText:
    def apart(section: Section) -> Section:
        return section.changed(lambda line: _MSID.sub(rf"\g<0>-{section.mid}", line))

    return text.each(apart)


def _extra_mline(text: SdpText, deviation: Deviation) -> SdpText:
    media = deviation["media"]
    mids = {section.mid for section in text.sections}
    mid = next(name for n in range(len(mids) + 1) if (name := f"extra{n}") not in mids)
    extra = _section_like(text, media, mid)
    if extra is None:
        return text
    told = replace(text, sections=(*text.sections, extra))
    return told.bundling((*text.bundle, mid)) if media not in _UNBUNDLED else told


def _section_like(text: SdpText, media: str, mid: str) -> Section | None:
    """One more section of that kind, which shares the transport of the others."""
    model = next((section for section in text.sections if section.kind == media), None)
    if model is not None:
        told = model.without(*_OWN, "a=mid:").plus((f"a=mid:{mid}",))
        return told if not told.is_rejected else told.with_media(port="9")
    free = text.free_numbers()
    if not text.sections or media not in _RARE or not free:
        return None
    lines = [line.format(free[0]) for line in _RARE[media]]
    shared = text.sections[0].having(*_SHARED)
    return Section((*lines, _NO_ADDRESS, f"a=mid:{mid}", "a=sendonly", *shared))


def _one_codec(text: SdpText, deviation: Deviation) -> SdpText:
    codec = deviation["codec"]

    def alone(section: Section) -> Section:
        kept = section.keeping(lambda name: name == codec)
        return kept if section.kind == "video" and kept.formats else section

    return text.each(alone)


def _rejected_mline(text: SdpText, deviation: Deviation) -> SdpText:
    wanted = [s for s in text.sections if s.kind == deviation["media"] and not s.is_rejected]
    if not wanted:
        return text
    told = text.each(lambda s: s.with_media(port="0") if s is wanted[0] else s)
    told = told.bundling(mid for mid in text.bundle if mid != wanted[0].mid).tagged()
    return told.each(
        lambda s: s.without("a=candidate:", "a=end-of-candidates") if s.is_rejected else s
    )


def _at(address: str) -> Edit:
    """All candidates at one address; that there will be more is left open, as by a trickler."""

    def line(told: str) -> str:
        return _CANDIDATE.sub(rf"\1 {address} \2", _no_address(told))

    return lambda text, _: text.each(lambda s: s.without("a=end-of-candidates").changed(line))


def _no_candidates(text: SdpText, _: Deviation) -> SdpText:
    def bare(section: Section) -> Section:
        told = section.without("a=candidate:", "a=end-of-candidates").changed(_no_address)
        return told if told.is_rejected else told.with_media(port="9")

    return text.each(bare)


def _no_address(line: str) -> str:
    return _NO_ADDRESS if line.startswith("c=") else line


def _wrong_fingerprint(text: SdpText, _: Deviation) -> SdpText:
    def line(told: str) -> str:
        if not told.startswith("a=fingerprint:"):
            return told
        name, _, value = told.partition(" ")
        return f"{name} {value.upper().translate(_COMPLEMENT)}"

    return text.each(lambda section: section.changed(line))


def _lf_only(text: str, _: Deviation) -> str:
    return text.replace("\r\n", "\n")


def _trailing_garbage(text: str, _: Deviation) -> str:
    return f"{text}</sdp>\r\n{{\x07}} \u2620 = a\r\n"


def _truncated(text: str, deviation: Deviation) -> str:
    return text[: deviation["chars"]]


_RTP = ("audio", "video")
_UNBUNDLED = ("image", "message")
_RARE: Mapping[str, tuple[str, ...]] = {
    "text": ("m=text 9 UDP/TLS/RTP/SAVPF {0}", "a=rtpmap:{0} t140/1000", "a=rtcp-mux"),
    "image": ("m=image 9 udptl t38",),
    "message": ("m=message 9 TCP/TLS/MSRP *", "a=accept-types:text/plain"),
}
_IN_OFFERS: Mapping[str, Edit] = {
    kinds.UNKNOWN_CODECS.do: _unknown_codecs,
    kinds.PAYLOAD_NUMBERS.do: _payload_numbers,
    kinds.DTLS_ROLE.do: _dtls_role,
    kinds.OLD_DATA_SECTION.do: _old_data_section,
    kinds.AUDIO_FIRST.do: _audio_first,
    kinds.SEPARATE_STREAMS.do: _separate_streams,
    kinds.EXTRA_MLINE.do: _extra_mline,
    kinds.ONE_CODEC.do: _one_codec,
}
_IN_BOTH: Mapping[str, Edit] = {
    kinds.UNKNOWN_ATTRIBUTES.do: _unknown_attributes,
    kinds.UNKNOWN_LINES.do: _unknown_lines,
    kinds.MORE_CANDIDATES.do: _more_candidates,
    kinds.ICE_LITE.do: _ice_lite,
    kinds.HUGE_LINE.do: _huge_line,
    kinds.REJECTED_MLINE.do: _rejected_mline,
    kinds.MDNS_CANDIDATES.do: _at("6a8f3c1e-9d1b-4f5e-8a57-0c2f6b7d4e11.local"),
    kinds.IPV6_CANDIDATES.do: _at("2001:db8::7"),
    kinds.NO_CANDIDATES.do: _no_candidates,
    kinds.WRONG_FINGERPRINT.do: _wrong_fingerprint,
}
_OF_TEXT: Mapping[str, Callable[[str, Deviation], str]] = {
    kinds.LF_ONLY.do: _lf_only,
    kinds.TRAILING_GARBAGE.do: _trailing_garbage,
    kinds.TRUNCATED_SDP.do: _truncated,
}
