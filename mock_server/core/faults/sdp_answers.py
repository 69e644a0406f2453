"""What the answer to an edited offer means."""

from __future__ import annotations

from dataclasses import replace

from mock_server.core.faults.sdp_text import SdpText
from mock_server.core.sdp import SdpError, SessionDescription


def restored(answer: SessionDescription, *, made: str, told: str) -> SessionDescription:
    """The answer to the offer that was ``told``, as one to the offer that was ``made``.

    Sections come back into their order and extra ones are left out. An answer without a section
    for each that it was told raises SdpError.
    """
    heard, offer = SdpText.of(told).sections, SdpText.of(made).sections
    if not heard:  # nobody can say what it answers
        return answer
    if len(answer.media) != len(heard):
        raise SdpError(f"answer has {len(answer.media)} media lines, offer {len(heard)}")
    by_mid = {}
    for asked, given in zip(heard, answer.media, strict=True):
        if given.kind != asked.kind:
            raise SdpError(f"media section {given.index} is not the one that was offered")
        by_mid[asked.mid] = given
    if any(section.mid not in by_mid for section in offer):
        return answer
    media = tuple(
        replace(by_mid[section.mid], index=number) for number, section in enumerate(offer)
    )
    known = {section.mid for section in offer}
    return replace(answer, media=media, bundle=tuple(mid for mid in answer.bundle if mid in known))
