"""Where secrets stand: names of headers and fields, lines of SDP, forms of text."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from contract.recording.pseudonyms import Pseudonyms

_SECRET_HEADER = re.compile(
    r"auth|token|secret|api-?key|passw|credential|csrf|xsrf|signature|session", re.IGNORECASE
)
_PLAIN_HEADER = re.compile(r"access-control-.*|www-authenticate|sec-.*|x-mock-.*|accept.*")
_VERSIONED = frozenset({"user-agent", "server", "via", "date", "x-powered-by"})
"""Headers in which four numbers with dots are a version."""

SECRET_FIELD = re.compile(
    r"(?:.*token|.*secret|.*passw(?:or)?d|.*credential|(?:.*_)?api_?key|(?:.*_)?private_?key"
    r"|(?:.*_)?username|username_?fragment|authorization|cookie|.*signature)",
    re.IGNORECASE,
)
USER_TEXT = frozenset({"text", "knowledge_base"})
_SECRET_PARAMETER = re.compile(
    r"token|secret|passw|credential|sig|key|auth|username", re.IGNORECASE
)

_SCHEME = re.compile(r"(\s*(?:bearer|basic|token|digest|apikey)\s+)(.*)", re.IGNORECASE | re.DOTALL)
_BEARER = re.compile(r"(\bBearer\s+)(?=\S*\d)([A-Za-z0-9._~+/-]{8,}=*)")
_TOKEN = re.compile(r"eyJ0b2tlbi[A-Za-z0-9+/]+={0,2}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+")
_EMAIL = re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b")
_MDNS = re.compile(r"\b([A-Za-z0-9-]+)(\.local)\b")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?!\w|:|\.\d)")
_URL = re.compile(r"((?:wss?|https?|stuns?|turns?):(?://)?)([^\s\"'<>/?#]+)([^\s\"'<>]*)")
_PARAMETER = re.compile(r"([?&])([^=&#]+)=([^&#]*)")
_PUBLIC_HOSTS = frozenset({"api.heygen.com", "localhost", "stun.l.google.com"})

_SDP_LINES = (
    # RFC 8839 sections 5.4 and 5.1 (its ufrag extension: RFC 8838 section 13), RFC 8122 section 5
    re.compile(r"(?m)^(a=ice-ufrag:)([^\r\n]+)"),
    re.compile(r"(?m)^(a=ice-pwd:)([^\r\n]+)"),
    re.compile(r"(?m)^(a=fingerprint:\S+ )([^\r\n]+)"),
    re.compile(r"((?:^|\n)(?:a=)?candidate:[^\r\n]* ufrag )(\S+)"),
    re.compile(r"(?m)^(a=crypto:\S+ \S+ inline:)([^\r\n|]+)"),  # RFC 4568 section 9.1
    re.compile(r"(?m)^(a=identity:)(\S+)"),  # RFC 8827 section 5
    re.compile(r"(?m)^(o=)(?!- )(\S+)(?= )"),
)


def scrub_header(name: str, value: str, pseudonyms: Pseudonyms) -> str:
    """The value of a header without what is secret in it. ``name`` is in lower case."""
    if name == "cookie":
        return "; ".join(_cookie(part, pseudonyms) for part in value.split("; "))
    if name == "set-cookie":
        first, *attributes = value.split("; ")
        return "; ".join([_cookie(first, pseudonyms), *attributes])
    if _SECRET_HEADER.search(name) and not _PLAIN_HEADER.fullmatch(name):
        scheme = _SCHEME.fullmatch(value) if "auth" in name else None
        if scheme:
            return scheme[1] + _bare(scheme[2], pseudonyms)
        return _bare(value, pseudonyms)
    return value if name in _VERSIONED or name.startswith("sec-") else scrub_text(value, pseudonyms)


def scrub_field(name: str, value: str, pseudonyms: Pseudonyms) -> str:
    """The text of a JSON field of that name."""
    if SECRET_FIELD.fullmatch(name):
        return pseudonyms.of(value)
    if name in ("url", "urls", "realtime_endpoint", "ice_servers", "livekit_url", "ws_url"):
        return _URL.sub(lambda found: _url(found, pseudonyms, host=True), value)
    if value.startswith("v=0") or "candidate:" in value[:16] or "\na=" in value:
        for line in _SDP_LINES:
            value = line.sub(lambda found: found[1] + pseudonyms.of(found[2]), value)
    return scrub_text(value, pseudonyms)


def scrub_user_text(value: str, pseudonyms: Pseudonyms) -> str:
    """Only what certainly is no prose, and without a change of length."""
    value = _TOKEN.sub(lambda found: pseudonyms.of(found[0]), value)
    value = _BEARER.sub(lambda found: found[1] + pseudonyms.of(found[2]), value)
    return _EMAIL.sub(lambda found: _email(found[0], pseudonyms), value)


def scrub_text(value: str, pseudonyms: Pseudonyms) -> str:
    """Text of any place, for instance an error's message: what shows itself as secret."""
    value = scrub_user_text(value, pseudonyms)
    value = _URL.sub(lambda found: _url(found, pseudonyms, host=False), value)
    value = _MDNS.sub(lambda found: pseudonyms.of(found[1]) + found[2], value)
    value = _IPV4.sub(lambda found: pseudonyms.address(found[0]), value)
    return _IPV6.sub(lambda found: pseudonyms.address(found[0]), value)


def scrub_query(path: str, pseudonyms: Pseudonyms) -> str:
    """A request's path whose query may carry secrets."""
    where, mark, query = path.partition("?")
    return where + _parameters(mark + query, pseudonyms)


def _bare(value: str, pseudonyms: Pseudonyms) -> str:
    """White space around it is not part of the secret."""
    core = value.strip()
    return value.replace(core, pseudonyms.of(core), 1) if core else value


def _cookie(part: str, pseudonyms: Pseudonyms) -> str:
    name, mark, value = part.partition("=")
    return name + mark + pseudonyms.of(value) if mark else pseudonyms.of(name)


def _email(address: str, pseudonyms: Pseudonyms) -> str:
    """The top-level domain stays, so that it is an address still."""
    bulk, _, top = address.rpartition(".")
    return f"{pseudonyms.of(bulk)}.{top}"


def _url(found: re.Match[str], pseudonyms: Pseudonyms, *, host: bool) -> str:
    place = found[2]
    user, mark, place = place.rpartition("@")
    user = pseudonyms.of(user)
    try:
        name = urlsplit(f"//{place}").hostname or ""
    except ValueError:
        name = ""
    if host and name and name not in _PUBLIC_HOSTS and not _is_address(name):
        bulk, dot, top = name.rpartition(".")
        place = place.lower().replace(name, f"{pseudonyms.of(bulk)}{dot}{top}", 1) if dot else place
    elif _is_address(name):
        place = place.lower().replace(name, pseudonyms.address(name), 1)
    return f"{found[1]}{user}{mark}{place}{_parameters(found[3], pseudonyms)}"


def _parameters(text: str, pseudonyms: Pseudonyms) -> str:
    def one(found: re.Match[str]) -> str:
        secret = _SECRET_PARAMETER.search(found[2])
        return f"{found[1]}{found[2]}={pseudonyms.of(found[3]) if secret else found[3]}"

    return _PARAMETER.sub(one, text)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
