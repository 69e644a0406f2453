"""Who may use the control API and the page: names of this machine, and no foreign origin.

Without this any web site that a developer visits could drive the fake, by its address or by a
host name that is rebound to it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Guard:
    """``hosts`` are further host names that are allowed, without a port, and ``origins`` the
    names behind which pages of another origin are.
    """

    hosts: frozenset[str]
    origins: frozenset[str]

    def problem(self, host: str, origin: str | None) -> str | None:
        """Why a request with these headers is refused; None when it is allowed."""
        if not self._is_allowed(_hostname(host)):
            return f"host {host[:80]!r} is not allowed; start with --allow-host to allow it"
        if origin is None:
            return None
        name = origin.partition("://")[2].lower()
        if name and (name == host.lower() or _hostname(name) in self.origins):
            return None
        return f"origin {origin[:80]!r} is not allowed; start with --allow-host to allow it"

    def _is_allowed(self, name: str) -> bool:
        if name in _LOOPBACK or name in self.hosts or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _hostname(host: str) -> str:
    """The name in a Host header or behind an origin's scheme; empty when there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
