"""What is in the certificate, who takes it, and whether one that was found still serves."""

from __future__ import annotations

import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from mock_server.server.certificate import (
    LIFE,
    RENEWED,
    NameRefusedError,
    Pair,
    UnusableError,
    certified_name,
    make_pair,
    read_pair,
)

NOW = datetime(2026, 11, 28, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1", "::1", "box.example")
PAIR = make_pair(NAMES, now=NOW)


def handshake(pair: Pair, name: str, directory: Path, *, flags: int = 0) -> None:
    """Verifies as a client does that trusts this certificate alone. Raises SSLError."""
    (directory / "certificate.pem").write_bytes(pair.certificate)
    (directory / "key.pem").write_bytes(pair.key)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    theirs = ssl.create_default_context(cafile=str(directory / "certificate.pem"))
    theirs.verify_flags |= ssl.VerifyFlags(flags)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ours.wrap_bio(up, down, server_side=True)
    client = theirs.wrap_bio(down, up, server_hostname=name)
    sides, done = [client, server], 0
    while done < 2:
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)
            done += 1


# what is in it


def test_it_is_for_servers_of_its_names_and_is_no_authority() -> None:
    certificate = x509.load_pem_x509_certificate(PAIR.certificate)
    extensions = {type(one.value): one for one in certificate.extensions}
    names = extensions[x509.SubjectAlternativeName].value
    assert isinstance(names, x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["box.example", "localhost"]
    assert sorted(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1", "::1"]
    basic = extensions[x509.BasicConstraints]
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=False, path_length=None)
    assert extensions[x509.ExtendedKeyUsage].value == x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.SERVER_AUTH]
    )
    assert certificate.issuer == certificate.subject


def test_it_is_valid_for_no_longer_than_apples_systems_allow() -> None:
    assert PAIR.ends - PAIR.begins == LIFE < timedelta(days=825)
    assert PAIR.begins < NOW  # for clients whose clock is behind


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "box.example"])
@pytest.mark.parametrize("flags", [0, ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN])
def test_who_trusts_the_file_takes_it_for_each_name(name: str, flags: int, tmp_path: Path) -> None:
    pair = make_pair(NAMES, now=datetime.now(UTC))
    handshake(pair, name, tmp_path, flags=flags)


def test_other_names_are_not_taken(tmp_path: Path) -> None:
    pair = make_pair(NAMES, now=datetime.now(UTC))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(pair, "elsewhere.example", tmp_path)


def test_a_wildcard_right_below_a_top_level_name_would_be_of_no_use(tmp_path: Path) -> None:
    pair = make_pair(["*.localhost"], now=datetime.now(UTC))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(pair, "a.localhost", tmp_path)


def test_the_key_is_kept_when_it_is_one_like_its_own() -> None:
    again = make_pair(["other.example"], now=NOW, key=PAIR.key)
    assert (again.key, again.pin) == (PAIR.key, PAIR.pin)
    assert again.certificate != PAIR.certificate


def test_another_kind_of_key_is_replaced() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    assert make_pair(NAMES, now=NOW, key=pem).key not in (pem, PAIR.key)


# names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LOCALHOST", "localhost"),
        ("192.168.1.5", "192.168.1.5"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("my_box", "my_box"),
    ],
)
def test_names_are_those_of_certificates(text: str, name: str) -> None:
    assert certified_name(text) == name


@pytest.mark.parametrize("text", ["", "a b", "box:8000", "*", "a..b", "x" * 300, "a/b", "."])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(NameRefusedError, match="is no host name that a certificate can hold"):
        certified_name(text)


@given(st.text(max_size=80))
def test_any_text_is_a_name_that_can_be_certified_or_refused(text: str) -> None:
    try:
        name = certified_name(text)
    except NameRefusedError:
        return
    assert make_pair([name], now=NOW, key=PAIR.key).names == {name}


# what was found


def test_it_serves_these_names_now() -> None:
    PAIR.check(["localhost"], now=NOW)


@pytest.mark.parametrize(
    ("names", "when", "why"),
    [
        (["localhost", "new.example", "a.example"], NOW, "it was not for a.example, new.example"),
        (["localhost"], NOW + LIFE, "it expired on 2029-02-04"),
        (["localhost"], NOW + LIFE - RENEWED, "it expires on 2029-02-04"),
        (["localhost"], NOW - timedelta(days=2), "it is for times from 2026-11-27 on"),
    ],
)
def test_it_serves_no_longer(names: list[str], when: datetime, why: str) -> None:
    with pytest.raises(UnusableError) as refusal:
        PAIR.check(names, now=when)
    assert str(refusal.value) == why


def test_a_pair_is_read_as_it_was_made() -> None:
    assert read_pair(PAIR.certificate, PAIR.key) == PAIR


@pytest.mark.parametrize(
    ("certificate", "key", "why"),
    [
        (b"", PAIR.key, "its file is damaged"),
        (PAIR.certificate[:300], PAIR.key, "its file is damaged"),
        (PAIR.key, PAIR.key, "its file is damaged"),
        (PAIR.certificate, b"", "its key's file is damaged"),
        (PAIR.certificate, PAIR.key[:100], "its key's file is damaged"),
        (PAIR.certificate, make_pair(NAMES, now=NOW).key, "its key is another one's"),
    ],
    # Keys are random, and every process must find the same tests.
    ids=["nothing", "cut", "a key", "no key", "a cut key", "another key"],
)
def test_what_is_no_pair_is_told(certificate: bytes, key: bytes, why: str) -> None:
    with pytest.raises(UnusableError, match=why):
        read_pair(certificate, key)


@given(
    at=st.integers(0, len(PAIR.certificate) - 1),
    byte=st.integers(0, 255),
    which=st.sampled_from(["certificate", "key"]),
)
def test_any_damage_leaves_a_pair_or_the_one_error(at: int, byte: int, which: str) -> None:
    files = {"certificate": PAIR.certificate, "key": PAIR.key}
    damaged = bytearray(files[which])
    damaged[at % len(damaged)] = byte
    with contextlib.suppress(UnusableError):
        read_pair(**{**files, which: bytes(damaged)})


def test_a_key_with_a_passphrase_is_told() -> None:
    private = serialization.load_pem_private_key(PAIR.key, password=None)
    locked = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    with pytest.raises(UnusableError, match="its key's file is damaged"):
        read_pair(PAIR.certificate, locked)
    assert make_pair(NAMES, now=NOW, key=locked).key != locked
