from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.exchange import Request, UnreachableError
from contract.transport import MAX_ANSWER, HttpSend
from tests.contract.scripted import scripted

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
LIST = Request("GET", "/v1/streaming.list", (("x-api-key", "k1"),))


def test_a_request_is_sent_as_it_stands() -> None:
    with scripted([OK]) as server:
        send = HttpSend(server.url)
        answer = send(Request("POST", "/v1/a?b=c", (("x-api-key", "k1"),), b"[1]"))
        send.close()
    assert server.received == [
        b"POST /v1/a?b=c HTTP/1.1\r\n"
        b"host: 127.0.0.1:%d\r\n"
        b"x-api-key: k1\r\n"
        b"content-length: 3\r\n\r\n[1]" % server.port
    ]
    assert answer.status == 200
    assert answer.headers == (("content-type", "application/json"), ("content-length", "2"))
    assert answer.json == {}


def test_a_base_url_may_have_a_path() -> None:
    with scripted([OK]) as server:
        send = HttpSend(server.url + "/behind/proxy/")
        send(LIST)
        send.close()
    assert server.received[0].startswith(b"GET /behind/proxy/v1/streaming.list HTTP/1.1\r\n")


def test_a_connection_is_kept_for_the_next_request() -> None:
    with scripted([OK, OK, OK]) as server:
        send = HttpSend(server.url)
        assert [send(LIST).status for _ in range(3)] == [200, 200, 200]
        assert server.accepted == 1
        send.close()


def test_a_request_is_repeated_once_when_the_kept_connection_was_closed() -> None:
    with scripted([OK], [OK]) as server:
        send = HttpSend(server.url)
        assert [send(LIST).status for _ in range(2)] == [200, 200]
        assert server.accepted == 2
        send.close()


def test_a_request_is_not_repeated_a_second_time() -> None:
    with scripted([OK], [b""]) as server:
        send = HttpSend(server.url)
        send(LIST)
        with pytest.raises(UnreachableError) as raised:
            send(LIST)
        assert str(raised.value) == (
            f"127.0.0.1:{server.port} closed the connection without an answer"
        )
        assert len(server.received) == 2


def test_a_request_is_not_repeated_once_an_answer_began() -> None:
    with scripted([OK, b"HTTP/1.1 2"], [OK]) as server:
        send = HttpSend(server.url)
        send(LIST)
        with pytest.raises(UnreachableError, match="closed the connection within a head"):
            send(LIST)
        assert server.accepted == 1


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", 200, b"to the end"),
        (
            (
                b"HTTP/1.1 400\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
            ),
            400,
            b"abc0123456789",
        ),
    ],
)
def test_each_way_of_marking_the_end_is_read(answer: bytes, status: int, body: bytes) -> None:
    with scripted([answer]) as server:
        send = HttpSend(server.url)
        response = send(LIST)
        send.close()
    assert (response.status, response.body) == (status, body)


def test_an_answer_to_head_has_no_body() -> None:
    with scripted([b"HTTP/1.1 405 No\r\ncontent-length: 7\r\n\r\n"]) as server:
        send = HttpSend(server.url)
        assert send(Request("HEAD", "/")).body == b""
        send.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0\r\n\r\n", "does not speak HTTP/1.1: b'SSH-2.0'"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "sent what is no header: b'no header'"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "sent content-length '-1'"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc",
            "closed the connection after 3 of 5 bytes",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 10485761\r\n\r\n",
            "sent an answer of more than 10485760 bytes",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
            "sent transfer-encoding 'gzip', not chunked",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "sent a chunk without a size",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
            "sent a chunk longer than it said",
        ),
        (b"x" * 300_000, "sent a head of more than 262144 bytes"),
    ],
)
def test_what_cannot_be_read_is_named(answer: bytes, reason: str) -> None:
    with scripted([answer]) as server, pytest.raises(UnreachableError) as raised:
        HttpSend(server.url)(LIST)
    assert str(raised.value) == f"127.0.0.1:{server.port} {reason}"


def test_an_endless_answer_is_given_up() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_ANSWER + 100_000)
    reason = "an answer of more than 10485760 bytes"
    with scripted([endless]) as server, pytest.raises(UnreachableError, match=reason):
        HttpSend(server.url)(LIST)


def test_the_deadline_bounds_the_whole_exchange() -> None:
    """Each byte comes well within the time, the answer does not."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not stop.wait(0.02):
                connection.sendall(b"H")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        send = HttpSend(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2)
        with pytest.raises(
            UnreachableError, match=r"did not answer GET /v1/streaming\.list within"
        ):
            send(LIST)
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_nobody_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError) as raised:
        HttpSend(f"http://127.0.0.1:{port}")(LIST)
    assert str(raised.value) == f"127.0.0.1:{port} cannot be reached: Connection refused"


class _Echo(BaseHTTPRequestHandler):
    """Answers with the path that was asked for, once two requests are there at one time."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    together = threading.Barrier(2)

    def do_GET(self) -> None:
        self.together.wait()
        body = self.path.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


def test_threads_do_not_disturb_each_other() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        send = HttpSend(f"http://127.0.0.1:{server.server_port}")
        wrong: list[bytes] = []

        def work(name: str) -> None:
            for number in range(50):
                body = send(Request("GET", f"/{name}/{number}")).body
                if body != f"/{name}/{number}".encode():
                    wrong.append(body)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        send.close()
        server.shutdown()
        serving.join()
    assert wrong == []


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "no-slash"),
        Request("GET", "/a b"),
        Request("GET", "/é"),
        Request("GET", "/a\r\nx: y"),
        Request("GE T", "/"),
        Request("GET", "/", (("a b", "c"),)),
        Request("GET", "/", (("a", "c\r\nd: e"),)),
        Request("GET", "/", (("a", "\u20ac"),)),
    ],
)
def test_what_cannot_be_sent_is_the_callers_error(request_: Request) -> None:
    with pytest.raises(ValueError, match=r"is no|cannot be sent"):
        HttpSend("http://127.0.0.1:9")(request_)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://a?b",
        "http://a:b@c",
        "http://a/ b",
        "http://a:99999",
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        HttpSend(url)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", OK[:40]]))
def test_any_answer_is_a_response_or_the_one_error(tail: bytes, head: bytes) -> None:
    with scripted([head + tail]) as server:
        send = HttpSend(server.url)
        try:
            assert 200 <= send(LIST).status <= 599
        except UnreachableError as problem:
            text = str(problem)
            assert text.startswith(f"127.0.0.1:{server.port} ")
        finally:
            send.close()


def test_https_is_spoken_and_the_certificate_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted([OK], tls=context) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send = HttpSend(f"https://127.0.0.1:{server.port}")
        assert send(LIST).status == 200
        send.close()
    with scripted([OK], tls=context) as server:
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            HttpSend(f"https://127.0.0.1:{server.port}")(LIST)


def _certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
