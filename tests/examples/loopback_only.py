"""The fake and an example client where loopback is the only network; run in a namespace.

``unshare -rn python -m tests.examples.loopback_only`` prints what came of it as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence

from tests.program import serve

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # netdevice(7)
CLIENT = "examples/speak.py"
WITH_LOOPBACK = f"""
import runpy, sys
import aioice.ice  # 0.13 leaves loopback out, and has no setting for it
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
sys.argv[0] = "speak.py"
runpy.run_path({CLIENT!r}, run_name="__main__")
"""


def bring_loopback_up() -> None:
    """As ``ip link set lo up``, where iproute2 may be missing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sH14x", b"lo", 0)
        answer = fcntl.ioctl(sock, SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("16xH", answer)
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def client(url: str, command: Sequence[str]) -> list[object]:
    """Exit code, standard output and standard error of a client."""
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "HEYGEN_BASE_URL": url, "HEYGEN_API_KEY": "key"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [done.returncode, done.stdout, done.stderr]


def main() -> None:
    bring_loopback_up()
    with serve("--media", "real") as fake:
        sees = client(fake.url, ["-c", WITH_LOOPBACK, "Hello!", "--quality", "low"])
        plain = client(fake.url, [CLIENT, "Hello!", "--patience", "0.5"])
        code, log, _ = fake.end()
    print(json.dumps([sees, plain, code, log]))


if __name__ == "__main__":
    main()
