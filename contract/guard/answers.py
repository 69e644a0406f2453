"""Answers that are the guard's own, and what it adds for clients in a browser."""

from __future__ import annotations

import json

from contract.exchange import Request, Response

MARK = "x-guard"
"""The header of every answer that is not simply the service's. Never sent by the service: it is
taken out of what comes from there."""

_CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "*"),
    ("access-control-allow-headers", "authorization, *"),
    ("access-control-allow-private-network", "true"),
    ("access-control-max-age", "600"),
)


def marked(status: int, mark: str, message: str) -> Response:
    """An answer of the guard itself, in the form of the API's errors."""
    body = b""
    headers: tuple[tuple[str, str], ...] = ((MARK, mark),)
    if status != 204:
        body = json.dumps({"code": status, "message": f"guard: {message}"}).encode()
        headers = (*headers, ("content-type", "application/json"))
    return Response(status, headers, body)


def preflight(request: Request) -> bool:
    """Whether a browser asks what a page may send (Fetch standard, CORS-preflight request)."""
    names = {name for name, _ in request.headers}
    return request.method == "OPTIONS" and {"origin", "access-control-request-method"} <= names


def allows_origin(response: Response) -> Response:
    """With what lets a page of any origin read it, where the service does not say so itself.

    To send the sentinel a page has to know it: there is nothing that an origin is to be kept from.
    """
    if any(name == "access-control-allow-origin" for name, _ in response.headers):
        return response
    return Response(response.status, (*response.headers, *_CORS), response.body)
