"""The page at ``/`` and the files it is made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_server.core import errors
from mock_server.core.catalogue import AVATARS
from mock_server.core.errors import ApiError
from mock_server.web.answers import error_body, to_json

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-cache"}
_FOLDER = Path(__file__).parent / "page"

Preview = Callable[[str], tuple[bytes, str]]
"""Avatar id -> picture and its media type."""


def _policy(rooms: str) -> str:
    """Nothing of the page may come from elsewhere; streams and previews are made in the browser.

    Only rooms may be elsewhere: their WebSocket, and what tells why that was refused.
    """
    elsewhere = f" {rooms} http{rooms.removeprefix('ws')}" if rooms else ""
    return (
        f"default-src 'self'; connect-src 'self'{elsewhere}; img-src 'self' data: blob:; media-src "
        "'self' blob: mediastream:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def page_routes(preview: Preview, *, rooms: str = "") -> list[Route]:
    """``/``, ``/__mock__/page/NAME``, and a preview of each avatar beside them.

    ``rooms`` is the ``ws`` URL of a LiveKit deployment that serves the rooms.
    """
    page_headers = {**_HEADERS, "content-security-policy": _policy(rooms.rstrip("/"))}
    files = {path.name: path for path in _FOLDER.iterdir() if path.suffix in _TYPES}
    previews = {f"{avatar.avatar_id}.jpg": avatar.avatar_id for avatar in AVATARS}

    def read(name: str) -> Response:
        path = files[name]
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=page_headers)

    async def index(request: Request) -> Response:
        return read("index.html")

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name in files:
            return read(name)
        if name in previews:
            picture, media_type = preview(previews[name])
            return Response(picture, media_type=media_type, headers=page_headers)
        error = ApiError(errors.NOT_FOUND, "the page has no such file")
        return Response(to_json(error_body(error)), 404, media_type="application/json")

    return [Route("/", index, methods=["GET"]), Route("/__mock__/page/{name}", file)]
