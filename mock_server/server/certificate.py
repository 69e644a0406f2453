"""A certificate for this machine: what is in it, and whether one that was found still serves.

It is one leaf that signs itself, and no authority: who trusts it trusts this server for these
names, and nothing else. The development certificates of .NET are made so too. Seen to be taken
once trusted: by Chromium 150, Node.js 20 and OpenSSL 3.0, also in the strict mode that is Python's
default since 3.13.

No name in it has a wildcard: Chromium 150 and OpenSSL 3.0 refuse ``*.localhost``, as they refuse
every wildcard right below a top-level name.

``cryptography`` is imported by the first call: no start without TLS should wait for it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import ipaddress
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(days=800)
"""Less than the 825 days from which on Apple's systems refuse what their users trust
(https://support.apple.com/103769)."""

RENEWED = timedelta(days=14)
"""Before its end, so that none ends while a server runs."""

_CLOCKS_DIFFER = timedelta(days=1)
_LETTERS = frozenset(f"{string.ascii_lowercase}{string.digits}-_.")


class NameRefusedError(ValueError):
    """A name that no certificate can hold."""


class UnusableError(Exception):
    """What was found serves no longer. The text says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both as PEM.

    ``names`` are the host names and addresses it is for. ``pin`` is the SHA-256 of its public key
    (SPKI) in base64, as Chromium's flag takes it.
    """

    certificate: bytes
    key: bytes
    names: frozenset[str]
    begins: datetime
    ends: datetime
    pin: str

    def check(self, names: Iterable[str], *, now: datetime) -> None:
        """Raises UnusableError when it does not serve these names now."""
        if not self.begins <= now:
            raise UnusableError(f"it is for times from {self.begins:%Y-%m-%d} on")
        if self.ends <= now:
            raise UnusableError(f"it expired on {self.ends:%Y-%m-%d}")
        if self.ends <= now + RENEWED:
            raise UnusableError(f"it expires on {self.ends:%Y-%m-%d}")
        missing = sorted(set(names) - self.names)
        if missing:
            raise UnusableError(f"it was not for {', '.join(missing)}")


def certified_name(text: str) -> str:
    """A host name or address as certificates hold it. Raises NameRefusedError."""
    name = text.strip("[]").partition("%")[0]  # the zone of an address is each machine's own
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        name = name.lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    if not name or not _LETTERS.issuperset(name):
        raise NameRefusedError(f"{text[:80]!r} is no host name that a certificate can hold")
    return name


def read_pair(certificate: bytes, key: bytes) -> Pair:
    """The pair that two files hold. Raises UnusableError."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization as wire  # noqa: PLC0415

    unreadable = (
        ValueError,  # also of what is no PEM
        TypeError,  # a key with a passphrase
        UnsupportedAlgorithm,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.InvalidVersion,
    )
    try:
        found = x509.load_pem_x509_certificate(certificate)
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = {
            *held.get_values_for_type(x509.DNSName),
            *map(str, held.get_values_for_type(x509.IPAddress)),
        }
        public = found.public_key().public_bytes(
            wire.Encoding.DER, wire.PublicFormat.SubjectPublicKeyInfo
        )
        begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    except unreadable:
        raise UnusableError("its file is damaged") from None
    try:
        private = wire.load_pem_private_key(key, password=None)
        own = private.public_key().public_bytes(
            wire.Encoding.DER, wire.PublicFormat.SubjectPublicKeyInfo
        )
    except unreadable:
        raise UnusableError("its key's file is damaged") from None
    if own != public:
        raise UnusableError("its key is another one's")
    return Pair(
        certificate=certificate,
        key=key,
        names=frozenset(names),
        begins=begins,
        ends=ends,
        pin=base64.b64encode(hashlib.sha256(public).digest()).decode(),
    )


def make_pair(names: Iterable[str], *, now: datetime, key: bytes = b"") -> Pair:
    """A certificate for these names, on ``key`` if that is a key like its own, else on a new one.

    Who keeps the key keeps the pin that browsers were given.
    """
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization as wire  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

    def general(name: str) -> x509.GeneralName:
        try:
            return x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            return x509.DNSName(name)

    private: object = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        private = wire.load_pem_private_key(key, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "heygen-mock")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now - _CLOCKS_DIFFER + LIFE)
        .add_extension(
            x509.SubjectAlternativeName([general(name) for name in sorted(names)]), critical=False
        )
        # Firefox takes no authority's certificate as a server's: it must say that it is none.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(private, hashes.SHA256())
    )
    return read_pair(
        certificate.public_bytes(wire.Encoding.PEM),
        private.private_bytes(wire.Encoding.PEM, wire.PrivateFormat.PKCS8, wire.NoEncryption()),
    )
