"""The unmodified SDK 2.1.0 over TLS: its chat socket wants port 443, which the browser maps."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mock_server import MockServer
from tests.browser.conftest import Launch, empty_tab, room_viewer
from tests.browser.served import Fake

LONG = "This is a long story about a lighthouse, its keeper, and the storm of the century. " * 4


def pin(certificate: Path) -> str:
    """By which Chromium is told to trust a certificate."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def test_nothing_is_changed_but_the_base_path_when_all_goes_over_tls(
    foreign_site: str, launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with MockServer(tls_port=0) as server:
        port = server.tls_url.rpartition(":")[2]
        browser = launch(
            f"--host-resolver-rules=MAP localhost:443 127.0.0.1:{port}",
            f"--ignore-certificate-errors-spki-list={pin(Path(server.certificate))}",
        )
        with empty_tab(browser) as page:
            plain = room_viewer(page, Fake(server.url), foreign_site)
            secure = f"https://localhost:{port}"
            created = page.evaluate(
                "options => viewer.open(options)",
                {**plain.options(), "basePath": secure, "chat": None},
            )
            assert created["url"] == f"wss://localhost:{port}"
            assert page.evaluate("viewer.avatar.webSocket.url").startswith("wss://localhost/v1/ws/")
            task = plain.repeat(LONG)
            plain.hears_voice()
            plain.call("interrupt")
            assert plain.event("avatar_stop_talking")["task_id"] == task["task_id"]
        browser.close()
