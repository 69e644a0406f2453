"""The only place that knows uvicorn: sockets, bytes, certificates and signals."""

from mock_server.server.listening import ListenError, listen, url_of
from mock_server.server.running import make_server, serve
from mock_server.server.secure import Secure, listen_securely

__all__ = [
    "ListenError",
    "Secure",
    "listen",
    "listen_securely",
    "make_server",
    "serve",
    "url_of",
]
