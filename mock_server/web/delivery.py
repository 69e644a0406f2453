"""Sends deviant answers: late, in pieces, cut off, or not at all."""

from __future__ import annotations

from starlette.types import Scope, Send

from mock_server.core.faults import wire
from mock_server.core.faults.delivery import End, Pause, Write
from mock_server.web.answers import start_message
from mock_server.web.deviant import Deviant
from mock_server.web.holds import Hold
from mock_server.web.wire import Wire, wire_of


async def deliver(deviant: Deviant, hold: Hold, *, scope: Scope, send: Send) -> bool:
    """Sends it; whether all was handed over. To a client that has left nothing comes any more."""
    if deviant.late:
        await hold.wait(deviant.late)
    start, content = start_message(deviant.answer), deviant.answer.content
    connection = wire_of(scope)
    if hold.gone and connection is None:
        return False
    if hold.gone or not deviant.broken or connection is None:
        # On a connection that is gone too: uvicorn takes a request without an answer for a
        # mistake, and tells only the last request of the connection that it is gone.
        await send(start)
        await send({"type": "http.response.body", "body": content})
        return not hold.gone
    connection.capture()
    await send(start)
    await send({"type": "http.response.body", "body": content, "more_body": True})
    whole = await _play(deviant, hold, connection)
    # The server's own account of this answer ends here; nothing of it is left to be written.
    await send({"type": "http.response.body", "body": b""})
    return whole


async def _play(deviant: Deviant, hold: Hold, connection: Wire) -> bool:
    for step in wire.script(deviant.broken, *connection.release()):
        match step:
            case Write(data):
                connection.write(data)
            case Pause(seconds):
                if not await hold.wait(seconds):
                    connection.reset()
                    return False
            case End(reset):
                if reset:
                    connection.reset()
                else:
                    connection.close()
    return deviant.fate.whole
