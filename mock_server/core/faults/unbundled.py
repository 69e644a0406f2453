"""One offer made of several, each of whose sections has a transport of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mock_server.core.faults.sdp_text import SdpText
from mock_server.core.media_section import MediaSection
from mock_server.core.sdp import SdpError, SessionDescription

_MSID = re.compile(r"^a=msid:\S+", re.MULTILINE)


def unbundled(offers: Sequence[str]) -> str:
    """The offer whose n-th section is that of the n-th of ``offers``, without a BUNDLE group.

    Sound and picture stay in one media stream, the first one's.
    """
    texts = [SdpText.of(offer) for offer in offers]
    stream = _MSID.search(offers[0])
    session = tuple(line for line in texts[0].session if not line.startswith("a=group:BUNDLE"))
    sections = tuple(text.sections[number] for number, text in enumerate(texts))
    told = SdpText(session, sections)
    if stream is not None:
        told = told.each(lambda s: s.changed(lambda line: _MSID.sub(stream[0], line)))
    return str(told)


def narrowed(
    answer: SessionDescription, number: int, *, offer: SessionDescription
) -> SessionDescription:
    """What an answer to :func:`unbundled` says to the peer of its n-th section, with its offer.

    The other sections are rejected there; for the data channel's peer the first one is idle
    instead, as no peer does without any media. Raises SdpError.
    """
    if len(answer.media) != len(offer.media):
        raise SdpError(f"answer has {len(answer.media)} media lines, offer {len(offer.media)}")
    own = answer.media[number]
    media = [_rejected(asked) for asked in offer.media]
    media[number] = own
    if not own.is_rtp and number:
        media[0] = replace(
            _rejected(offer.media[0]),
            rejected=False,
            port=9,
            direction="inactive",
            ice_ufrag=own.ice_ufrag,
            ice_pwd=own.ice_pwd,
            setup=own.setup,
            fingerprints=own.fingerprints,
        )
    mids = tuple(section.mid for section in media if not section.rejected and section.mid)
    return replace(answer, media=tuple(media), bundle=mids)


def _rejected(asked: MediaSection) -> MediaSection:
    return replace(asked, port=0, rejected=True, direction="inactive", candidates=())
