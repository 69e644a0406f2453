"""Where the server listens, and what is wrong with an address."""

from __future__ import annotations

import errno
import os
import socket
import sys

from mock_server.settings import Settings


class ListenError(Exception):
    """The address cannot be listened on. The text names it and the remedy."""


def listen(settings: Settings) -> socket.socket:
    """A listening socket for the settings' host and port.

    Raises ListenError, also when media cannot be bound where the settings want it.
    """
    if settings.media == "real":
        _check_media(settings.media_addresses()[0])
    return bound(settings.host, settings.port, flag="--port")


def bound(host: str, port: int, *, flag: str, otherwise: str = "") -> socket.socket:
    """A socket that listens there.

    Raises ListenError, whose text names the flag that sets the port and ends with ``otherwise``
    where the port is the trouble.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        problem = getattr(error, "strerror", None) or error
        raise ListenError(f"--host {host}: {problem}; give an address of this machine") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            text = f"port {port} is taken; choose another with {flag}, or {flag} 0 for a free one"
            text += otherwise
        elif error.errno == errno.EACCES:
            text = f"port {port} is not permitted to this user; {_permission(port)}, or choose "
            text += f"another with {flag}{otherwise}"
        else:
            text = f"cannot listen on {host} port {port}: {error.strerror}"
        raise ListenError(text) from None
    return listener


def _permission(port: int) -> str:
    """How a user other than root comes to a low port."""
    if sys.platform != "linux":
        return "start as root"
    python = os.path.realpath(sys.executable)
    return (
        f"permit it until the next boot: sudo sysctl net.ipv4.ip_unprivileged_port_start={port}, "
        f"or permit every low port to this Python: sudo setcap cap_net_bind_service=+ep {python}"
    )


def _check_media(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            raise ListenError(
                f"media cannot be bound to {address}: {error.strerror}; give an address of this "
                "machine with --media-ip, or --media none"
            ) from None


def url_of(listener: socket.socket, *, scheme: str = "http") -> str:
    """The server's address as a URL, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
