"""TLS beside plain HTTP: a second port of the same server."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mock_server.server.listening import ListenError, bound, url_of
from mock_server.settings import Settings

if TYPE_CHECKING:
    from mock_server.server.certificate_store import Kept

log = logging.getLogger("heygen_mock")

_ALWAYS = ("localhost", "127.0.0.1", "::1")
_SDK = (
    ". The official SDK 2.x opens its chat socket on port 443 whatever its basePath says; with "
    "--tls-port 8443, either start Chromium with --host-resolver-rules='MAP localhost:443 "
    "127.0.0.1:8443', or let the page replace that one address in window.WebSocket "
    "(docs/howto/tls.md)"
)


@dataclass(frozen=True, slots=True)
class Secure:
    """A port for TLS that listens, and what it shows to clients."""

    listener: socket.socket
    context: ssl.SSLContext
    kept: Kept

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return url_of(self.listener, scheme="https")


def listen_securely(settings: Settings) -> Secure | None:
    """The settings' TLS port; None where they want none.

    The certificate is made on first use and kept in the user's data directory. Raises ListenError,
    also when that directory cannot be used.
    """
    port = settings.tls_port
    if port is None:
        return None
    # Importing it takes 5 ms, which no start without TLS should wait for.
    from mock_server.server.certificate_store import (  # noqa: PLC0415
        StoreError,
        data_directory,
        keep_pair,
    )

    if port and port == settings.port:
        raise ListenError(f"--tls-port {port} is the port of plain HTTP; choose another")
    names = certified_names(settings)
    try:
        kept = keep_pair(
            names, directory=data_directory(os.environ, sys.platform), now=datetime.now(UTC)
        )
    except StoreError as error:
        raise ListenError(str(error)) from None
    context = _context(kept)
    listener = bound(settings.host, port, flag="--tls-port", otherwise=_SDK if port == 443 else "")
    if kept.anew:
        log.warning(
            "the TLS certificate was made anew, and wants to be trusted again: %s", kept.anew
        )
    return Secure(listener, context, kept)


def certified_names(settings: Settings) -> frozenset[str]:
    """The names by which clients reach the server. Raises ListenError."""
    from mock_server.server.certificate import NameRefusedError, certified_name  # noqa: PLC0415

    names = {*_ALWAYS}
    for flag, given in (("--host", (settings.host,)), ("--allow-host", settings.allow_host)):
        for text in given:
            try:
                names.add(certified_name(text))
            except NameRefusedError as error:
                raise ListenError(f"{flag} {error}, which --tls-port needs") from None
    return frozenset(name for name in names if not _is_every_address(name))


def _is_every_address(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return False


def _context(kept: Kept) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])  # browsers would rather have h2
    context.load_cert_chain(kept.certificate, kept.key)
    return context
