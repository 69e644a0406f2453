"""A LiveKit deployment, as far as it is spoken to over HTTP: is it there, and delete a room."""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mock_server.core.access_token import Grant, claims, signed
from mock_server.livekit.messages import AVATAR

TIMEOUT = 5.0
"""Seconds for one answer."""
_MAX_ANSWER = 2000


class DeploymentError(Exception):
    """The deployment does not do what it is asked for. The text says what it said."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where it is, and the API key whose tokens it takes. Methods block: call them in a thread.

    Its time is the machine's, not the fake's, which can be moved on.
    """

    url: str
    """``ws://HOST[:PORT]`` or ``wss://…``."""
    key: str
    secret: str = field(repr=False)

    def token(self, room: str) -> str:
        """Lets the avatar into the room."""
        grant = Grant(room=room, identity=AVATAR, name=AVATAR)
        return signed(claims(grant, key=self.key, now=time.time()), secret=self.secret)

    def check(self, room: str) -> None:
        """Whether the avatar would be let into the room. Raises DeploymentError.

        Asks what LiveKit's clients ask who cannot join: ``/rtc/validate`` (livekit-server 1.x,
        pkg/service/rtcservice.go).
        """
        status, text = self._ask("GET", "/rtc/validate", self.token(room))
        if status != 200:
            raise DeploymentError(f"it does not let the avatar in: HTTP {status} {text}".strip())

    def delete_room(self, room: str) -> None:
        """Ends the room for all who are in it, as ROOM_DELETED; a room that is not there is fine.

        That is ``RoomService.DeleteRoom`` over Twirp, for which a token needs ``roomCreate``
        (livekit-server 1.x, pkg/service/roomservice.go). Raises DeploymentError.
        """
        content = claims(Grant(room, AVATAR, AVATAR), key=self.key, now=time.time())
        content["video"] = {"room": room, "roomCreate": True, "roomAdmin": True}
        token = signed(content, secret=self.secret)
        path = "/twirp/livekit.RoomService/DeleteRoom"
        status, text = self._ask("POST", path, token, {"room": room})
        if status != 200 and not (status == 404 and _code(text) == "not_found"):
            raise DeploymentError(f"HTTP {status} {text}".strip())

    def _ask(
        self, method: str, path: str, token: str, body: dict[str, Any] | None = None
    ) -> tuple[int, str]:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.netloc, timeout=TIMEOUT)
        if address.scheme == "wss":
            context = ssl.create_default_context()
            connection = HTTPSConnection(address.netloc, timeout=TIMEOUT, context=context)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), headers=headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read(_MAX_ANSWER).decode("utf-8", "replace").strip()
        except (OSError, HTTPException, ValueError) as error:
            raise DeploymentError(
                f"it cannot be reached: {str(error) or type(error).__name__}"
            ) from None
        finally:
            connection.close()


def _code(text: str) -> object:
    """The code of a Twirp error."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value.get("code") if isinstance(value, dict) else None
