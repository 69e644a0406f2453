"""TLS beside plain HTTP: the same server, with a certificate that clients verify."""

from __future__ import annotations

import errno
import http.client
import json
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mock_server import MockServer
from mock_server.server import ListenError, listen, listen_securely, make_server, url_of
from mock_server.server.secure import certified_names
from mock_server.settings import Settings
from tests.core.faults.kinds import family
from tests.program import Program, read_all, run, serve

GET = b"GET /v2/voices HTTP/1.1\r\nHost: x\r\nX-Api-Key: key\r\n\r\n"


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The certificate is not the user's own."""
    directory = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(directory))
        patch.setenv("HOME", str(directory))  # for macOS
        yield directory


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    with MockServer(media="none", tls_port=0, max_sessions=0) as fake:
        yield fake


@pytest.fixture
def fake(running: MockServer) -> MockServer:
    running.reset()
    return running


def trusting(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def client(fake: MockServer, host: str = "127.0.0.1") -> closing[http.client.HTTPSConnection]:
    """Verifies the certificate against its file, and against this name."""
    return closing(
        http.client.HTTPSConnection(
            host, urlsplit(fake.tls_url).port, timeout=10, context=trusting(fake.certificate)
        )
    )


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> Any:
    connection.request(
        method,
        path,
        body=None if body is None else json.dumps(body),
        headers={"X-Api-Key": "key", "Content-Type": "application/json"},
    )
    return json.load(connection.getresponse())


class Tunnel:
    """A client whose TLS and TCP can be told apart.

    Up to Python 3.12.2 its ssl module takes a reset for a mere end (gh-115627).
    """

    def __init__(self, fake: MockServer, *, patience: float = 5) -> None:
        parts = urlsplit(fake.tls_url)
        self.tcp = socket.create_connection((parts.hostname, parts.port), timeout=patience)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusting(fake.certificate).wrap_bio(
            self._in, self._out, server_hostname="localhost"
        )

    def __enter__(self) -> Self:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.tcp.sendall(self._out.read())
                self._in.write(self.tcp.recv(65536))
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self.tcp.close()

    def ask(self, request: bytes) -> tuple[bytes, str]:
        """What comes back until the end, and what the end is."""
        self._tls.write(request)
        self.tcp.sendall(self._out.read())
        received = b""
        while True:
            try:
                chunk = self._tls.read(65536)
                if not chunk:
                    return received, "closed"
                received += chunk
            except ssl.SSLWantReadError:
                try:
                    records = self.tcp.recv(65536)
                except TimeoutError:
                    return received, "silent"
                except ConnectionResetError:
                    return received, "reset"
                if not records:
                    return received, "cut"
                self._in.write(records)


# the same server


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_file_is_answered(fake: MockServer, host: str) -> None:
    with client(fake, host) as connection:
        assert ask(connection, "GET", "/__mock__/health")["status"] == "ok"


def test_a_client_that_does_not_is_not(fake: MockServer) -> None:
    port = urlsplit(fake.tls_url).port
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10)
    with closing(connection), pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        connection.request("GET", "/")
    with client(fake) as trusting_one:
        assert ask(trusting_one, "GET", "/__mock__/health")["status"] == "ok"


def test_sessions_are_of_both_ports(fake: MockServer) -> None:
    parts = urlsplit(fake.url)
    plain = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    with client(fake) as secure, closing(plain):
        session_id = ask(secure, "POST", "/v1/streaming.new", {})["data"]["session_id"]
        listed = ask(plain, "GET", "/v1/streaming.list")["data"]["sessions"]
    assert [one["session_id"] for one in listed] == [session_id]


def test_the_addresses_differ_in_port_and_scheme(fake: MockServer, data: Path) -> None:
    plain, secure = urlsplit(fake.url), urlsplit(fake.tls_url)
    assert (plain.scheme, secure.scheme) == ("http", "https")
    assert plain.hostname == secure.hostname == "127.0.0.1"
    assert plain.port != secure.port
    assert data in Path(fake.certificate).parents


def test_without_the_setting_there_is_no_second_address() -> None:
    with MockServer(media="none") as fake:
        assert (fake.tls_url, fake.certificate) == ("", "")


def test_the_page_at_the_secure_address_may_use_the_control_api(fake: MockServer) -> None:
    with client(fake, "localhost") as connection:
        origin = f"https://localhost:{connection.port}"
        connection.request("GET", "/__mock__/settings", headers={"Origin": origin})
        assert json.load(connection.getresponse())["tls_port"] == 0


def test_plain_http_on_the_port_of_tls_is_not_answered(fake: MockServer) -> None:
    parts = urlsplit(fake.tls_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(GET)
        assert not read_all(connection).startswith(b"HTTP")
    with client(fake) as working:
        assert ask(working, "GET", "/__mock__/health")["status"] == "ok"


def test_browsers_are_told_to_speak_http_1_1(fake: MockServer) -> None:
    parts, context = urlsplit(fake.tls_url), trusting(fake.certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection((parts.hostname, parts.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == "http/1.1"
        assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_a_websocket_that_is_not_served_is_refused(fake: MockServer) -> None:
    address = fake.tls_url.replace("https://", "wss://")
    with (
        pytest.raises(InvalidStatus, match="404"),
        connect(f"{address}/v1/ws/nothing", ssl=trusting(fake.certificate)),
    ):
        pass


async def tells_scheme(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the scheme, on a WebSocket too, which then echoes."""
    while True:
        message = await receive()
        match message["type"]:
            case "lifespan.startup" | "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            case "http.request":
                await send({"type": "http.response.start", "status": 200, "headers": []})
                body = json.dumps(scope["scheme"]).encode()
                await send({"type": "http.response.body", "body": body})
                return
            case "websocket.connect":
                await send({"type": "websocket.accept"})
                await send({"type": "websocket.send", "text": scope["scheme"]})
            case "websocket.receive":
                await send({"type": "websocket.send", "bytes": message["bytes"]})
            case _:
                return


def test_applications_see_by_which_scheme_they_are_asked() -> None:
    settings, ready = Settings(port=0, tls_port=0, media="none"), threading.Event()
    secure = listen_securely(settings)
    assert secure is not None
    server = make_server(settings, secure=secure, started=ready.set)
    tells_scheme.state = server.config.app.state  # type: ignore[attr-defined,union-attr]
    server.config.app = tells_scheme
    listener = listen(settings)
    plain = url_of(listener)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(20)
        context = trusting(str(secure.kept.certificate))
        parts = urlsplit(secure.url)
        with closing(
            http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context)
        ) as connection:
            assert ask(connection, "GET", "/") == "https"
        with connect(secure.url.replace("https", "wss"), ssl=context) as socket_:
            assert socket_.recv(10) == "wss"
            for size in (1, 1000, 500_000):
                socket_.send(b"x" * size)
                assert socket_.recv(10) == b"x" * size
        with connect(plain.replace("http", "ws")) as socket_:
            assert socket_.recv(10) == "ws"
    finally:
        server.should_exit = True
        thread.join()


def test_rooms_and_sockets_of_v2_are_at_secure_addresses(fake: MockServer) -> None:
    with client(fake, "localhost") as connection:
        room = ask(connection, "POST", "/v1/streaming.new", {"version": "v2"})["data"]
        host = f"wss://localhost:{connection.port}"
    assert room["url"] == host
    assert room["realtime_endpoint"].startswith(f"{host}/")
    context, key = trusting(fake.certificate), {"X-Api-Key": "key"}
    with connect(f"{host}/rtc?access_token={room['access_token']}", ssl=context) as signalling:
        assert isinstance(signalling.recv(10), bytes)
    chat = f"{host}/v1/ws/streaming.chat?session_id={room['session_id']}"
    with connect(chat, ssl=context, additional_headers=key):
        pass
    with connect(room["realtime_endpoint"], ssl=context, additional_headers=key) as realtime:
        assert json.loads(realtime.recv(10))["type"] == "session.state_updated"


# broken answers


@pytest.mark.parametrize(
    ("deviation", "begins", "ends"),
    [
        ({"do": "closed"}, b"", "closed"),
        ({"do": "truncated"}, b"HTTP/1.1 200", "closed"),
        ({"do": "reset", "where": "head"}, b"", "reset"),
        ({"do": "reset", "where": "body"}, b"HTTP/1.1 200", "reset"),
        ({"do": "stalled", "where": "head"}, b"", "silent"),
        ({"do": "stalled", "where": "body"}, b"HTTP/1.1 200", "silent"),
        ({"do": "broken-chunk"}, b"HTTP/1.1 200", "closed"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_broken_answers_break_as_without_tls(
    fake: MockServer, deviation: dict[str, Any], begins: bytes, ends: str
) -> None:
    fake.play([{"on": "listVoices", **deviation}])
    with Tunnel(fake, patience=0.5) as tunnel:
        received, ended = tunnel.ask(GET)
    assert ended == ends
    assert received.startswith(begins)
    assert bool(received) == bool(begins)
    assert fake.requests()[-1]["delivered"] is False


def test_every_deviation_of_the_wire_can_be_played(fake: MockServer) -> None:
    for kind in family("wire"):
        one = {**kind.sweep()[0], "on": "listVoices", "nth": 1}
        if kind.do in ("pieces", "dribble"):
            one["ms"] = 1
        fake.play([one])
        with Tunnel(fake, patience=0.3) as tunnel:
            tunnel.ask(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert fake.report()["deviations"][0]["consumed"] == 1, one


def test_what_is_no_http_is_refused_in_the_apis_form(fake: MockServer) -> None:
    with Tunnel(fake) as tunnel:
        received, ended = tunnel.ask(b"GET\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert {"code", "message"} <= json.loads(received.partition(b"\r\n\r\n")[2]).keys()
    assert ended == "closed"


# begin and end


def secure_address(program: Program) -> tuple[str, str]:
    """Its second line's URL, and its certificate's file."""
    until = time.monotonic() + 20
    while not any(line.startswith("  Ctrl-C") for line in program.lines):
        assert time.monotonic() < until
    after = next(n for n, line in enumerate(program.lines) if line.startswith("  TLS"))
    return program.lines[0].removeprefix("Listening on ").strip(), program.lines[after + 1].strip()


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_ports_end_at_once_whatever_clients_keep_open(number: signal.Signals) -> None:
    # uvicorn waits up to two seconds for a connection that stays; a machine may stall once
    assert any(_end_with_clients(number) < 1.5 for _ in range(3))


def _end_with_clients(number: signal.Signals) -> float:
    """The seconds it takes to end a server that has clients of both ports."""
    with serve("--tls-port", "0") as program:
        url, certificate = secure_address(program)
        parts, context = urlsplit(url), trusting(certificate)
        plain = http.client.HTTPConnection("127.0.0.1", urlsplit(program.url).port, timeout=10)
        kept = http.client.HTTPSConnection("localhost", parts.port, timeout=10, context=context)
        events = http.client.HTTPSConnection("localhost", parts.port, timeout=10, context=context)
        with closing(plain), closing(kept), closing(events):
            assert ask(plain, "GET", "/__mock__/health")["status"] == "ok"
            assert ask(kept, "GET", "/__mock__/health")["status"] == "ok"
            events.request("GET", "/__mock__/events")
            stream = events.getresponse()
            assert stream.readline().startswith(b": ")
            code, log, took = program.end(number)
            stream.read()
    assert (code, log) == (0, "")
    return took


@pytest.mark.process
def test_the_program_says_where_and_how_to_trust_it() -> None:
    with serve("--tls-port", "0") as program:
        url, certificate = secure_address(program)
        code, log, _ = program.end()
    assert (code, log) == (0, "")
    assert program.first_line.startswith("Listening on http://127.0.0.1:")
    assert url.startswith("https://127.0.0.1:")
    said = "".join(program.lines)
    for text in (
        f"https://localhost:{urlsplit(url).port} and wss",
        f"SSL_CERT_FILE='{certificate}'",
        f"NODE_EXTRA_CA_CERTS='{certificate}'",
        "--ignore-certificate-errors-spki-list=",
    ):
        assert text in said


@pytest.mark.process
def test_a_certificate_that_is_made_anew_is_told(tmp_path: Path) -> None:
    directory = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    warning = (
        "WARNING the TLS certificate was made anew, and wants to be trusted again: it was not for "
        "box.example\n"
    )
    for arguments, told in (([], ""), (["--allow-host", "box.example"], warning), ([], "")):
        with serve("--tls-port", "0", *arguments, **directory) as program:
            assert program.end()[:2] == (0, told)


def test_no_thread_and_no_socket_is_left_after_stop() -> None:
    def once() -> None:
        with MockServer(media="none", tls_port=0) as fake, client(fake) as connection:
            assert ask(connection, "GET", "/__mock__/health")["status"] == "ok"

    once()  # imports what stays imported
    threads, files = set(threading.enumerate()), len(list(Path("/dev/fd").iterdir()))
    once()
    assert set(threading.enumerate()) == threads
    assert len(list(Path("/dev/fd").iterdir())) == files


# what is in the way


SDK = (
    ". The official SDK 2.x opens its chat socket on port 443 whatever its basePath says; with "
    "--tls-port 8443, either start Chromium with --host-resolver-rules='MAP localhost:443 "
    "127.0.0.1:8443', or let the page replace that one address in window.WebSocket "
    "(docs/howto/tls.md)"
)


LINUX = (
    "permit it until the next boot: sudo sysctl net.ipv4.ip_unprivileged_port_start=443, or permit "
    "every low port to this Python: sudo setcap cap_net_bind_service=+ep /usr/bin/python3.11"
)


class Refused(socket.socket):
    """A socket of a machine where low ports are not for everybody, or taken."""

    number = errno.EACCES

    def bind(self, address: Any) -> None:
        if address[1] == 443:
            raise OSError(self.number, "no")
        super().bind(address)


def refusal(settings: Settings) -> str:
    with pytest.raises(ListenError) as refused:
        listen_securely(settings)
    return str(refused.value)


@pytest.mark.parametrize(
    ("platform", "remedy"),
    [
        ("linux", LINUX),
        ("darwin", "start as root"),
    ],
)
def test_port_443_that_is_not_permitted_is_told_with_the_remedies(
    platform: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_server.server.listening.socket.socket", Refused)
    monkeypatch.setattr("mock_server.server.listening.sys.platform", platform)
    monkeypatch.setattr("mock_server.server.listening.sys.executable", "/usr/bin/python3.11")
    assert refusal(Settings(tls_port=443)) == (
        f"port 443 is not permitted to this user; {remedy}, or choose another with --tls-port{SDK}"
    )


def test_port_443_that_is_taken_is_told_with_the_other_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mock_server.server.listening.socket.socket", Refused)
    monkeypatch.setattr(Refused, "number", errno.EADDRINUSE)
    assert refusal(Settings(tls_port=443)) == (
        "port 443 is taken; choose another with --tls-port, or --tls-port 0 for a free one" + SDK
    )


def test_both_on_one_port_is_refused() -> None:
    assert refusal(Settings(port=8443, tls_port=8443)) == (
        "--tls-port 8443 is the port of plain HTTP; choose another"
    )


@pytest.mark.process
def test_a_taken_port_is_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", "0", "--media", "none", "--tls-port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"heygen-mock: port {port} is taken; choose another with --tls-port, or --tls-port 0 for "
        "a free one\n"
    )


@pytest.mark.process
def test_a_data_directory_that_cannot_be_used_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    where = {"XDG_DATA_HOME": f"{tmp_path}/file", "HOME": f"{tmp_path}/file"}
    done = run("serve", "--port", "0", "--media", "none", "--tls-port", "0", **where)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"heygen-mock: the TLS certificate cannot be kept in {tmp_path}")
    assert "Not a directory; make that a directory that can be written" in done.stderr


def test_an_embedded_server_that_cannot_have_it_gives_its_port_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        fake = MockServer(media="none", tls_port=port)
        with pytest.raises(ListenError, match=f"port {port} is taken"):
            fake.start()


# the names


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, set()),
        ({"host": "0.0.0.0", "media": "none"}, set()),
        ({"host": "::", "media": "none"}, set()),
        ({"host": "192.168.1.5"}, {"192.168.1.5"}),
        ({"allow_host": ("box.example", "a.localhost")}, {"box.example", "a.localhost"}),
    ],
)
def test_the_certificate_is_for_the_names_that_clients_use(
    settings: dict[str, Any], more: set[str]
) -> None:
    assert certified_names(Settings(**settings)) == {"localhost", "127.0.0.1", "::1"} | more


def test_a_name_that_cannot_be_certified_is_told_with_its_flag() -> None:
    with pytest.raises(ListenError) as refused:
        certified_names(Settings(allow_host=("a b",)))
    assert str(refused.value) == (
        "--allow-host 'a b' is no host name that a certificate can hold, which --tls-port needs"
    )
