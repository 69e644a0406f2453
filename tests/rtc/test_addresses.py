"""Where media is bound, what viewers are told, and where nothing is ever sent."""

from __future__ import annotations

import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.candidates import IceCandidate
from mock_server.core.sdp import parse_candidate, parse_description
from mock_server.peers import PeerUnavailableError
from mock_server.rtc import RtcOptions, media_problem
from mock_server.rtc.addresses import MediaSockets, advertised_addresses, may_send_to
from tests.rtc.viewer import eventually, needs_network, run, showing


def _free_range(count: int) -> tuple[int, int]:
    """A run of ports that are free now."""
    for low in range(42000, 60000, count):
        socks = []
        try:
            for port in range(low, low + count):
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                socks.append(sock)
                sock.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for sock in socks:
                sock.close()
        return low, low + count - 1
    raise AssertionError("no free ports")


def test_ports_come_from_the_range_and_run_out_in_words() -> None:
    low, high = _free_range(2)
    sockets = MediaSockets(RtcOptions(port_range=(low, high)))
    first, second = sockets.bind(), sockets.bind()
    assert [s.getsockname() for s in (first, second)] == [("127.0.0.1", low), ("127.0.0.1", high)]
    with pytest.raises(
        PeerUnavailableError, match=f"all UDP ports from {low} to {high} are in use"
    ):
        sockets.bind()
    second.close()
    with sockets.bind() as again:
        assert again.getsockname() == ("127.0.0.1", high)
    first.close()


def test_an_address_of_another_machine_is_refused_in_words() -> None:
    for options in (
        RtcOptions(media_bind="203.0.113.9"),
        RtcOptions(media_bind="203.0.113.9", port_range=(42000, 42001)),
    ):
        with pytest.raises(PeerUnavailableError, match=r"media cannot be bound to 203\.0\.113\.9"):
            MediaSockets(options).bind()


@pytest.mark.peers
def test_a_viewer_connects_to_the_advertised_address_and_a_port_of_the_range() -> None:
    """As in a container: bound to any address, told another one, one port per session.

    The viewer is on loopback too: from elsewhere it would be answered from an address that it
    did not write to (RFC 8445, 7.2.5.2.1), which a container engine translates.
    """

    async def main() -> None:
        low, high = _free_range(3)
        options = RtcOptions(
            media_bind="0.0.0.0", media_advertised="127.0.0.1", port_range=(low, high)
        )
        async with showing(options) as show:
            ports = set()
            for _ in range(3):
                peer, viewer = show.peer(), show.viewer(local=True)
                offer = await peer.offer()
                found = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", offer)
                assert {address for address, _ in found} == {"127.0.0.1"}
                ports |= {int(port) for _, port in found}
                await peer.accept(parse_description("answer", await viewer.answer(offer)))
                await eventually(lambda viewer=viewer: viewer.pictures)  # type: ignore[misc]
            assert ports == set(range(low, high + 1))
            with pytest.raises(PeerUnavailableError):
                await show.peer().offer()
            await show.peers[0].close()
            await show.peer().offer()

    run(main)


@pytest.mark.peers
def test_a_viewers_offer_is_answered_on_the_last_port_of_the_range() -> None:
    async def main() -> None:
        async with showing(RtcOptions(port_range=_free_range(1))) as show:
            peer, viewer = show.peer(), show.viewer()
            await peer.offer()
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.peer.addTransceiver("audio", direction="recvonly")
            await viewer.take(await peer.answer(parse_description("offer", await viewer.offer())))
            await eventually(lambda: viewer.pictures)

    run(main)


def test_the_any_address_is_never_advertised() -> None:
    told = advertised_addresses(RtcOptions(media_bind="0.0.0.0", media_advertised="0.0.0.0"))
    assert told[-1] == "127.0.0.1"
    assert "0.0.0.0" not in told


def _candidate(address: str, **changes: object) -> IceCandidate:
    line = "candidate:1 {component} {protocol} 1 {address} {port} typ {type}"
    values: dict[str, object] = {"component": 1, "protocol": "udp", "port": 9, "type": "host"}
    candidate = parse_candidate(line.format(address=address, **(values | changes)))
    assert candidate is not None
    return candidate


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "fd00::2", "fe80::1"]
)
def test_loopback_and_private_addresses_are_sent_to(address: str) -> None:
    assert may_send_to(_candidate(address), RtcOptions())


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "172.32.0.1"])
def test_public_addresses_are_sent_to_only_where_allowed(address: str) -> None:
    assert not may_send_to(_candidate(address), RtcOptions())
    assert may_send_to(_candidate(address), RtcOptions(allow_public_candidates=True))


@pytest.mark.parametrize(
    "candidate",
    [
        _candidate("4a7e7e7b-2f7e-4a0e-8e44-aa2e3c9a4d51.local"),
        _candidate("stun.example.org"),
        _candidate("0.0.0.0"),
        _candidate("224.0.0.251"),
        _candidate("255.255.255.255"),
        _candidate("ff02::fb"),
        _candidate("127.0.0.1", protocol="tcp"),
        _candidate("127.0.0.1", component=2),
        _candidate("127.0.0.1", port=0),
        _candidate("127.0.0.1", type="prflx"),
    ],
)
def test_names_groups_and_other_transports_are_never_sent_to(candidate: IceCandidate) -> None:
    assert not may_send_to(candidate, RtcOptions(allow_public_candidates=True))


@given(st.ip_addresses().map(str))
def test_what_is_sent_to_without_leave_is_never_a_public_address(address: str) -> None:
    candidate = _candidate(address)
    if may_send_to(candidate, RtcOptions()):
        assert candidate.ip is not None
        assert not candidate.ip.is_global


def test_a_machine_that_can_send_to_itself_has_no_problem() -> None:
    told = RtcOptions(media_bind="0.0.0.0", media_advertised="192.168.0.9")
    assert media_problem(told) is None


@needs_network
def test_loopback_is_no_problem_beside_another_network() -> None:
    assert media_problem(RtcOptions()) is None


def test_an_address_that_cannot_be_bound_is_a_problem_said_in_words() -> None:
    problem = media_problem(RtcOptions(media_bind="203.0.113.9"))
    assert problem is not None
    assert problem.startswith("media cannot be bound to 203.0.113.9")
    assert "--media-ip" in problem
