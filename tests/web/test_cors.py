"""What browsers need of an API of another origin."""

from __future__ import annotations

import pytest

from tests.web.site import KEY, Headers, Site

ORIGIN: Headers = (("origin", "https://app.example"),)


def preflight(
    site: Site, path: str, *, method: str, headers: str, private: bool = False
) -> Headers:
    asked = [
        *ORIGIN,
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ]
    if private:
        asked.append(("access-control-request-private-network", "true"))
    answer = site.send("OPTIONS", path, asked)
    assert answer.status == 200
    return list(answer.headers.items())


def test_every_operation_allows_preflights_with_the_headers_of_clients(site: Site) -> None:
    for operation in site.services.contract.operations:
        answered = dict(
            preflight(
                site,
                operation.path,
                method=operation.method,
                headers="authorization,content-type,x-api-key",
            )
        )
        assert answered["access-control-allow-origin"] == "*"
        assert operation.method in answered["access-control-allow-methods"]
        allowed = answered["access-control-allow-headers"].lower()
        assert all(n in allowed for n in ("authorization", "content-type", "x-api-key"))


def test_preflights_for_private_networks_are_allowed(site: Site) -> None:
    answered = dict(
        preflight(site, "/v1/streaming.new", method="POST", headers="x-api-key", private=True)
    )
    assert answered["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/streaming.list", KEY, 200),
        ("GET", "/v1/streaming.list", (), 401),
        ("POST", "/v1/streaming.new", KEY, 400),
        ("GET", "/v1/streaming.new", KEY, 405),
        ("GET", "/v1/nowhere", KEY, 404),
        ("POST", "/v1/streaming.new", (*KEY, ("content-length", "2000000")), 413),
        ("POST", "/v1/streaming.stop", (*KEY, ("content-type", "text/plain")), 415),
    ],
)
def test_answers_may_be_read_by_any_origin_errors_too(
    site: Site, method: str, path: str, headers: Headers, status: int
) -> None:
    answer = site.send(method, path, (*ORIGIN, *headers), b"{" if status in (400, 415) else b"")
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-Mock-Evidence" in answer.headers["access-control-expose-headers"]


def test_the_control_api_allows_no_other_origin(site: Site) -> None:
    asked: Headers = (
        *ORIGIN,
        ("host", "127.0.0.1:8000"),
        ("access-control-request-method", "POST"),
    )
    answer = site.send("OPTIONS", "/__mock__/reset", asked)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
