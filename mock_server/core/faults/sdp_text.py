"""An SDP text as lines that can be moved, whatever text it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

Lines = tuple[str, ...]

_FORMAT = re.compile(r"a=(rtpmap|fmtp|rtcp-fb):([0-9]+) (.*)")
_APT = re.compile(r"apt=([0-9]+)")
_BUNDLE = "a=group:BUNDLE"


@dataclass(frozen=True, slots=True)
class Section:
    """One m-section: its lines, the m-line first."""

    lines: Lines

    @property
    def kind(self) -> str:
        """The first word of the m-line."""
        return self.lines[0][2:].split(" ")[0]

    @property
    def mid(self) -> str:
        """The value of a=mid, empty without one."""
        return next((line[6:] for line in self.lines if line.startswith("a=mid:")), "")

    @property
    def is_rejected(self) -> bool:
        return self.lines[0].split(" ")[1:2] == ["0"]

    @property
    def formats(self) -> Lines:
        return tuple(self.lines[0].split(" ")[3:])

    def having(self, *beginnings: str) -> Lines:
        """The lines that begin so."""
        return tuple(line for line in self.lines if line.startswith(beginnings))

    def without(self, *beginnings: str) -> Section:
        """The section without the lines that begin so."""
        return Section(tuple(line for line in self.lines if not line.startswith(beginnings)))

    def plus(self, lines: Iterable[str]) -> Section:
        """The section with more lines at its end."""
        return Section((*self.lines, *lines))

    def changed(self, edit: Callable[[str], str]) -> Section:
        """The section with each line edited."""
        return Section(tuple(map(edit, self.lines)))

    def with_media(
        self, *, port: str | None = None, protocol: str | None = None, formats: Lines | None = None
    ) -> Section:
        """The section with another port, protocol or list of formats in its m-line."""
        words = self.lines[0].split(" ")
        kind, old_port, old_protocol = (*words[:3], "", "")[:3]
        told = (kind, port or old_port, protocol or old_protocol)
        line = " ".join((*told, *(self.formats if formats is None else formats)))
        return Section((line, *self.lines[1:]))

    def renumbered(self, number: Callable[[int], int]) -> Section:
        """The section with other payload types."""

        def line(text: str) -> str:
            match = _FORMAT.fullmatch(text)
            if match is None:
                return text
            rest = _APT.sub(lambda apt: f"apt={number(int(apt[1]))}", match[3])
            return f"a={match[1]}:{number(int(match[2]))} {rest}"

        formats = tuple(str(number(int(one))) if one.isdigit() else one for one in self.formats)
        return self.with_media(formats=formats).changed(line)

    def keeping(self, wanted: Callable[[str], bool]) -> Section:
        """The section with those codecs alone whose name is wanted, and RTX for them."""
        told = [match for line in self.lines if (match := _FORMAT.fullmatch(line))]
        names = {m[2]: m[3].split("/")[0] for m in told if m[1] == "rtpmap"}
        repairs = {m[2]: apt[1] for m in told if m[1] == "fmtp" and (apt := _APT.match(m[3]))}
        kept = tuple(one for one in self.formats if wanted(names.get(repairs.get(one, one), "")))
        lines = tuple(
            line
            for line in self.lines
            if (match := _FORMAT.fullmatch(line)) is None or match[2] in kept
        )
        return Section(lines).with_media(formats=kept)


@dataclass(frozen=True, slots=True)
class SdpText:
    """The lines before the first m-line, and the sections. ``str`` gives the text, with CRLF."""

    session: Lines
    sections: tuple[Section, ...]

    @classmethod
    def of(cls, text: str) -> SdpText:
        """Takes any text apart."""
        parts: list[list[str]] = [[]]
        for line in text.removesuffix("\n").split("\n") if text else ():
            if line.startswith("m="):
                parts.append([])
            parts[-1].append(line.removesuffix("\r"))
        return cls(tuple(parts[0]), tuple(Section(tuple(lines)) for lines in parts[1:]))

    def __str__(self) -> str:
        lines = (*self.session, *(line for section in self.sections for line in section.lines))
        return "".join(f"{line}\r\n" for line in lines)

    @property
    def bundle(self) -> Lines:
        """The mids of the BUNDLE group; none without a group."""
        group = next((line for line in self.session if line.startswith(_BUNDLE)), "")
        return tuple(group.split(" ")[1:])

    def bundling(self, mids: Iterable[str]) -> SdpText:
        """The text with another BUNDLE group, if it has one."""
        group = " ".join((_BUNDLE, *mids))
        return replace(
            self,
            session=tuple(group if line.startswith(_BUNDLE) else line for line in self.session),
        )

    def each(self, edit: Callable[[Section], Section]) -> SdpText:
        """The text with each section edited."""
        return replace(self, sections=tuple(map(edit, self.sections)))

    def saying(self, *lines: str, after: str) -> SdpText:
        """The text with more session lines, behind the last that begins with one of ``after``."""
        places = [n for n, line in enumerate(self.session, start=1) if line[:1] in after]
        at = max(places, default=len(self.session))
        return replace(self, session=(*self.session[:at], *lines, *self.session[at:]))

    def tagged(self) -> SdpText:
        """The text with candidates in the first section that is not rejected.

        They belong there, in the section whose transport the others share (RFC 9143 section 7).
        """
        live = [section for section in self.sections if not section.is_rejected]
        wanted = "a=candidate:", "a=end-of-candidates"
        if not live or live[0].having(*wanted):
            return self
        known = next((s.having(*wanted) for s in self.sections if s.having(*wanted)), ())
        return self.each(lambda section: section.plus(known) if section is live[0] else section)

    def free_numbers(self) -> list[int]:
        """Dynamic payload types that no section uses, the highest first."""
        used = {one for section in self.sections for one in section.formats}
        return [number for number in range(127, 95, -1) if str(number) not in used]
