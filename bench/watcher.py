"""One light viewer: real ICE and DTLS, then RTP headers counted without decrypting.

An aiortc viewer costs many times what sending costs, and three hundred of them would measure
themselves. RTP headers are in clear (RFC 3711 section 3.1), so counting needs no decryption.
"""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import suppress
from struct import unpack_from

from aioice.stun import Class, Message, Method, parse_message
from aiortc.rtcdtlstransport import SRTP_PROFILES
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from bench.answer import Offer, answer
from bench.identity import Identity

CONSENT_EVERY = 5.0
_BUFFER = 1 << 20


class Watcher:
    """A viewer of one session. Give it what its socket receives, and call :meth:`tick`."""

    def __init__(self, session_id: str, offer_text: str, identity: Identity) -> None:
        offer = Offer.parse(offer_text)
        self.session_id = session_id
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.sock.bind((offer.host, 0))
        self.sock.connect((offer.host, offer.port))
        self._offer = offer
        self._identity = identity
        self._ufrag = secrets.token_hex(4)
        self._password = secrets.token_hex(12)
        self._video = offer.payload_type("video")
        self._audio = offer.payload_type("audio")
        self._checked = False
        self._nominated = False
        self._dtls: SSL.Connection | None = None
        self._srtp: Session | None = None
        self._next_check = 0.0
        self._next_report = 0.0
        self._timestamp = -1
        self._ssrc = 0
        self._sequence = 0
        self.frames = 0
        self.sounds = 0

    @property
    def answer(self) -> str:
        return answer(
            self._offer,
            port=self.sock.getsockname()[1],
            ufrag=self._ufrag,
            password=self._password,
            fingerprint=self._identity.fingerprint,
        )

    @property
    def watching(self) -> bool:
        """ICE and DTLS are done, and a picture has come."""
        return self._srtp is not None and self.frames > 0

    def receive(self, data: memoryview) -> None:
        """Takes one datagram."""
        first = data[0]
        if 127 < first < 192:
            payload_type = data[1] & 0x7F
            if payload_type == self._video:
                sequence, timestamp, ssrc = unpack_from("!HII", data, 2)
                if timestamp != self._timestamp:
                    self._timestamp = timestamp
                    self._ssrc = ssrc
                    self._sequence = sequence
                    self.frames += 1
            elif payload_type == self._audio:
                self.sounds += 1
        elif first < 4:
            self._stun(bytes(data))
        elif first < 64 and self._dtls is not None:
            self._dtls.bio_write(bytes(data))
            self._handshake()

    def tick(self, now: float) -> None:
        """What is due: DTLS retransmission, consent (RFC 7675), a receiver report a second."""
        if self._srtp is None:
            if self._dtls is not None and self._dtls.DTLSv1_handle_timeout():
                self._flush()
            return
        if now >= self._next_check:
            self._next_check = now + CONSENT_EVERY
            self._check()
        if now >= self._next_report and self._ssrc:
            self._next_report = now + 1.0
            info = RtcpReceiverInfo(
                ssrc=self._ssrc, fraction_lost=0, packets_lost=0,
                highest_sequence=self._sequence, jitter=0, lsr=0, dlsr=0,
            )  # fmt: skip
            report = RtcpRrPacket(ssrc=1, reports=[info])
            self._send(self._srtp.protect_rtcp(bytes(report)))

    def close(self) -> None:
        """Says so, as browsers do, and frees the socket."""
        if self._dtls is not None and self._srtp is not None:
            with suppress(SSL.Error):
                self._dtls.shutdown()
                self._flush()
        self.sock.close()

    # ICE (RFC 8445), controlled

    def _stun(self, data: bytes) -> None:
        message = parse_message(data)
        if message.message_class == Class.REQUEST:
            if not message.check_message_integrity(self._password.encode()):
                return
            self._nominated = self._nominated or "USE-CANDIDATE" in message.attributes
            reply = Message(Method.BINDING, Class.RESPONSE, transaction_id=message.transaction_id)
            reply.attributes["XOR-MAPPED-ADDRESS"] = (self._offer.host, self._offer.port)
            self._sign_and_send(reply, self._password)
            if not self._checked:
                self._check()
        elif message.message_class == Class.RESPONSE:
            self._checked = True
        if self._checked and self._nominated and self._dtls is None:
            self._dtls = SSL.Connection(self._identity.context, None)
            self._dtls.set_connect_state()
            self._handshake()

    def _check(self) -> None:
        request = Message(Method.BINDING, Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._offer.ufrag}:{self._ufrag}"
        request.attributes["PRIORITY"] = 1_862_270_975
        request.attributes["ICE-CONTROLLED"] = 1
        self._sign_and_send(request, self._offer.password)

    def _sign_and_send(self, message: Message, password: str) -> None:
        message.add_message_integrity(password.encode())
        message.add_fingerprint()
        self._send(bytes(message))

    # DTLS (RFC 5764)

    def _handshake(self) -> None:
        assert self._dtls is not None
        if self._srtp is not None:
            return
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return
        self._flush()
        certificate = self._dtls.get_peer_certificate(as_cryptography=True)
        assert isinstance(certificate, x509.Certificate)
        shown = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
        if shown != self._offer.fingerprint:
            raise ValueError("the server's certificate is not the one of its offer")
        chosen = self._dtls.get_selected_srtp_profile()
        profile = next(p for p in SRTP_PROFILES if p.openssl_profile == chosen)
        keys = self._dtls.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        self._srtp = Session(
            Policy(
                key=profile.get_key_and_salt(keys, 0),
                ssrc_type=Policy.SSRC_ANY_OUTBOUND,
                srtp_profile=profile.libsrtp_profile,
            )
        )
        self._next_check = time.monotonic() + CONSENT_EVERY

    def _flush(self) -> None:
        assert self._dtls is not None
        while True:
            try:
                data = self._dtls.bio_read(1500)
            except SSL.WantReadError:
                return
            self._send(data)

    def _send(self, data: bytes) -> None:
        with suppress(OSError):  # lost, as on any network; what matters is repeated
            self.sock.send(data)
