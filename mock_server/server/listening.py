"""Where the server listens, and what is wrong with an address."""

from __future__ import annotations

import errno
import socket

from mock_server.settings import Settings


class ListenError(Exception):
    """The address cannot be listened on. The text names it and the remedy."""


def listen(settings: Settings) -> socket.socket:
    """A listening socket for the settings' host and port.

    Raises ListenError, also when media cannot be bound where the settings want it.
    """
    host, port = settings.host, settings.port
    if settings.media == "real":
        _check_media(settings.media_addresses()[0])
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
            text = f"port {port} is taken; choose another with --port, or --port 0 for a free one"
        else:
            text = f"cannot listen on {host} port {port}: {error.strerror}"
        raise ListenError(text) from None
    return listener


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


def url_of(listener: socket.socket) -> str:
    """The server's address as a URL, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
