"""A connection that only writes down what is done to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"
CONTENT = b'{"a":"bc"}'


@dataclass
class Tape:
    """The server's answer is always the same; what an application sends is looked at elsewhere."""

    done: list[bytes | str] = field(default_factory=list)

    def capture(self) -> None:
        self.done.append("capture")

    def release(self) -> tuple[bytes, bytes]:
        self.done.append("release")
        return HEAD, CONTENT

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("close")

    def reset(self) -> None:
        self.done.append("reset")

    async def lost(self) -> None:
        await asyncio.Event().wait()
