"""The written pages as data: fenced blocks, shell commands, links, inline code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("docs/cases.md", "docs/errors.md", "docs/evidence.md", "docs/faults.md")
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if path.relative_to(ROOT).as_posix() not in GENERATED
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``info`` is what stands behind the opening fence, split at spaces."""

    page: Path
    line: int
    info: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A line behind ``$``, with its continuation lines, and the output shown below it."""

    text: str
    output: str


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    fence = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    text = page.read_text()
    for match in fence.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, tuple(match[1].split()), match[2])


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def inline_code(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


def links(page: Path) -> list[str]:
    """The targets of links and pictures that are files of this project."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [one for one in targets if not re.match(r"[a-z]+:", one)]


def commands(block: Block) -> list[Command]:
    """The commands of a console block, in order."""
    found: list[Command] = []
    lines = iter(block.text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            text = line[2:]
            while text.endswith("\\"):
                text = f"{text}\n{next(lines)}"
            found.append(Command(text, ""))
        elif found:
            found[-1] = Command(found[-1].text, f"{found[-1].output}{line}\n")
    return found
