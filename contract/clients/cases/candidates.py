"""ICE: where the server is said to be, and what becomes of the connection."""

from __future__ import annotations

from contract.clients.cases.case import Case, Evidence, play

CASES: tuple[Case, ...] = (
    Case(
        "ICE-MORE-CANDIDATES",
        "Candidates that lead nowhere",
        server="Candidates of TCP, IPv6 and another host come before the right one.",
        good="Tries them all.",
        demand="succeed",
        plan=play({"on": "peer", "nth": 1, "do": "more-candidates"}),
        evidence=Evidence(
            "recorded",
            "public clients, 2024 and 2025: host, srflx and relay candidates",
        ),
    ),
    Case(
        "ICE-NO-CANDIDATES",
        "No candidates",
        server="The offer has no candidates; the server's own checks still come.",
        good="Waits for them for a while, connects, or says that there is no connection.",
        demand="either",
        plan=play({"on": "peer", "nth": 1, "do": "no-candidates"}),
        evidence=Evidence("inferred", "RFC 8838: the first offer of trickle ICE may have none"),
    ),
    Case(
        "ICE-MDNS",
        "Candidates with mDNS names",
        server="All candidates of the server are names that do not resolve.",
        good="Leaves them out, waits for checks, connects, or says that there is no connection.",
        demand="either",
        plan=play({"on": "peer", "nth": 1, "do": "mdns-candidates"}),
        evidence=Evidence("inferred", "draft-ietf-mmusic-mdns-ice-candidates, as browsers do it"),
    ),
    Case(
        "ICE-IPV6-ONLY",
        "Only IPv6",
        server="All candidates of the server are IPv6 addresses out of reach.",
        good="Waits for checks, connects, or says that there is no connection.",
        demand="either",
        plan=play({"on": "peer", "nth": 1, "do": "ipv6-candidates"}),
        evidence=Evidence("inferred", "RFC 8421: hosts of both families, or of one"),
    ),
    Case(
        "ICE-LITE",
        "An ICE-lite server",
        server="The offer says ice-lite.",
        good="Takes the controlling role, and connects.",
        demand="succeed",
        plan=play({"on": "peer", "nth": 1, "do": "ice-lite"}),
        evidence=Evidence("inferred", "RFC 8445, section 2.5: servers with public addresses"),
    ),
    Case(
        "ICE-DISCONNECT",
        "The connection falls silent",
        server="300 ms after connecting the server sends nothing more and says no goodbye.",
        good="Notices in time: says so, or asks the API; stops the session.",
        demand="either",
        plan=play({"on": "peer", "nth": 1, "do": "ice-disconnect", "at_ms": 300}),
        evidence=Evidence("inferred", "RFC 7675, section 5.1: consent is lost where a path breaks"),
    ),
    Case(
        "ICE-CANDIDATE-REFUSED",
        "A candidate is refused",
        server="streaming.ice is answered with an error.",
        good="Goes on: other candidates may do.",
        demand="succeed",
        plan=play({"on": "submitIce", "nth": 1, "do": "status", "row": "invalid-parameter"}),
        evidence=Evidence("official", "docs.heygen.com/reference/errors, 2025"),
    ),
    Case(
        "ICE-CANDIDATE-LOST",
        "A candidate without an answer",
        server="The connection of streaming.ice is closed without an answer.",
        good="Goes on: other candidates may do.",
        demand="succeed",
        plan=play({"on": "submitIce", "nth": 1, "do": "closed"}),
        evidence=Evidence("inferred", "RFC 9112, section 9.6: connections close at any time"),
    ),
)
