"""The only place that knows uvicorn: sockets, bytes and signals."""

from mock_server.server.listening import ListenError, listen, url_of
from mock_server.server.running import make_server, serve

__all__ = ["ListenError", "listen", "make_server", "serve", "url_of"]
