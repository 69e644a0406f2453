"""Every setting once: its name, its meaning, its range. Flags, variables and docs follow from it.

A setting ``x_y`` is the flag ``--x-y`` and the environment variable ``HEYGEN_MOCK_X_Y``.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

ANSWERS = ("union", "documented", "recorded")
MEDIA = ("real", "none")
DELAYS = ("none", "real")
TALKING_MESSAGES = ("whole", "chunks")
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingError(ValueError):
    """A value that a setting cannot have. The text names setting, value and remedy."""


def _setting(default: Any, text: str, *, live: bool = False, **more: Any) -> Any:
    metadata = {"help": text, "live": live, **more}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one server. ``live`` ones can be changed while it runs."""

    host: str = _setting("127.0.0.1", "address to listen on", metavar="ADDRESS")
    port: int = _setting(8000, "port to listen on; 0 chooses a free one", low=0, high=65535)
    api_key: tuple[str, ...] = _setting(
        (), "accept only this API key (repeatable); without it any non-empty key", metavar="KEY"
    )
    max_sessions: int = _setting(
        3, "sessions one API key may have open; 0 is unlimited", live=True, low=0, high=1_000_000
    )
    answers: str = _setting(
        "union",
        "shape of answers: the document's, the recorded one, or both",
        live=True,
        choices=ANSWERS,
    )
    media: str = _setting("real", "real WebRTC, or sessions without sockets", choices=MEDIA)
    media_ip: str = _setting(
        "",
        "address for media, and the one told to clients, e.g. 0.0.0.0=192.168.1.5 "
        "(default: the --host address)",
        metavar="BIND[=ADVERTISED]",
    )
    media_ports: str = _setting(
        "",
        "UDP ports for media, one per session, or in v2 per viewer, e.g. 40000-40049 "
        "(default: any free port)",
        metavar="LOW-HIGH",
    )
    allow_host: tuple[str, ...] = _setting(
        (),
        "further host name that may use the control API and the page (repeatable)",
        metavar="HOST",
    )
    ice_server: tuple[str, ...] = _setting(
        (),
        "STUN or TURN URL to use and to tell clients (repeatable); none by default, so that "
        "nothing leaves the machine",
        metavar="URL",
    )
    seed: int | None = _setting(
        None, "make ids, tokens and blinks the same on every run", low=0, high=2**63 - 1
    )
    plan: str = _setting(
        "",
        "misbehave as this file says, a JSON list of deviations; `heygen-mock faults` lists what "
        "can be asked for",
        metavar="FILE",
    )
    delays: str = _setting(
        "none", "answer at once, or about as slowly as the service did", live=True, choices=DELAYS
    )
    sync_blocks: bool = _setting(
        default=False,
        text="answer a sync task when its speech ends instead of when it begins",
        live=True,
    )
    strict_avatars: bool = _setting(
        default=False,
        text="refuse unknown avatar ids instead of showing one of the built-in avatars",
        live=True,
    )
    magic: bool = _setting(
        default=True,
        text="avatar ids like mock:concurrent-limit ask for errors",
        live=True,
        negative="take avatar ids like mock:concurrent-limit for ordinary unknown ids",
    )
    max_text: int = _setting(
        1000, "longest text of one task, in characters", live=True, low=1, high=100_000
    )
    session_limit: int = _setting(
        600,
        "seconds after which a session ends (session_duration_limit)",
        live=True,
        low=1,
        high=86_400,
    )
    idle_timeout: int = _setting(
        120,
        "seconds without activity after which a session ends, unless it asks for another",
        live=True,
        low=1,
        high=86_400,
    )
    token_life: int = _setting(
        3600, "seconds for which a session token is valid", live=True, low=1, high=31_536_000
    )
    allow_public_candidates: bool = _setting(
        default=False,
        text="send media to public addresses too, not only to loopback and private ones",
    )
    tls_port: int | None = _setting(
        None,
        "serve the same over TLS on this port too, with a certificate of its own; 0 chooses a free "
        "port; the official SDK 2.x wants 443",
        low=0,
        high=65535,
    )
    talking_messages: str = _setting(
        "whole",
        "tell v2 viewers what the avatar says in one message, or in chunks as a language model "
        "makes them",
        live=True,
        choices=TALKING_MESSAGES,
    )
    livekit_url: str = _setting(
        "",
        "publish v2 avatars into this LiveKit deployment instead of serving their rooms here, "
        "e.g. wss://livekit.example.com (needs the extra: livekit)",
        metavar="URL",
    )
    livekit_key: str = _setting(
        "devkey", "API key that signs the tokens of v2 rooms", metavar="KEY"
    )
    livekit_secret: str = _setting("secret", "secret that belongs to that key", metavar="SECRET")
    log_level: str = _setting("info", "how much to log", choices=LOG_LEVELS)

    def __post_init__(self) -> None:
        for item in fields(self):
            _check(item, getattr(self, item.name))
        for url in self.ice_server:
            if not re.fullmatch(r"(stun|turn)s?:\S+", url):
                raise SettingError(
                    f"ice_server: {_shown(url)} is no STUN or TURN URL; write for example "
                    "stun:127.0.0.1:3478"
                )
        self._check_livekit()
        self.media_addresses()
        ports = self.media_port_range()
        if ports and (self.max_sessions == 0 or ports[1] - ports[0] + 1 < self.max_sessions):
            have = ports[1] - ports[0] + 1
            wanted = (
                "unlimited sessions"
                if not self.max_sessions
                else (f"{self.max_sessions} sessions per key")
            )
            raise SettingError(
                f"media_ports: {self.media_ports!r} has {have} ports for {wanted}, and each "
                "session needs one; widen the range or lower --max-sessions"
            )

    def _check_livekit(self) -> None:
        if not self.livekit_key or not self.livekit_secret:
            raise SettingError("livekit_key, livekit_secret: neither may be empty")
        if self.livekit_url and not re.fullmatch(r"wss?://[^\s/?#]+/?", self.livekit_url):
            raise SettingError(
                f"livekit_url: {_shown(self.livekit_url)} is no address of a LiveKit deployment; "
                "write for example wss://livekit.example.com"
            )
        if self.livekit_url and self.media == "none":
            raise SettingError(
                "livekit_url: with --media none there is nothing to publish; leave out one of both"
            )

    def media_addresses(self) -> tuple[str, str]:
        """The address media is bound to, and the one that clients are told."""
        if not self.media_ip:
            host = {"localhost": "127.0.0.1", "": "127.0.0.1"}.get(self.host, self.host)
            if self.media == "real" and not _is_address(host):
                raise SettingError(
                    f"host: {_shown(host)} is a name; say with --media-ip which address of this "
                    "machine media uses, for example 192.168.1.5"
                )
            return host, host
        bind, _, advertised = self.media_ip.partition("=")
        for address in (bind, advertised or bind):
            if not _is_address(address):
                raise SettingError(
                    f"media_ip: {address!r} is no IP address; write BIND or BIND=ADVERTISED, "
                    "for example 0.0.0.0=192.168.1.5"
                )
        return bind, advertised or bind

    def media_port_range(self) -> tuple[int, int] | None:
        """First and last UDP port for media; None for any."""
        if not self.media_ports:
            return None
        match = re.fullmatch(r"(\d{1,5})-(\d{1,5})", self.media_ports)
        low, high = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= low <= high <= 65535:
            raise SettingError(
                f"media_ports: {self.media_ports!r} is no range of ports; write LOW-HIGH, "
                "for example 40000-40049"
            )
        return low, high

    def as_json(self) -> dict[str, Any]:
        """All settings with their values; API keys and secrets masked."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["api_key"] = [mask(key) for key in self.api_key]
        values["livekit_secret"] = mask(self.livekit_secret)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}

    def changed(self, changes: Mapping[str, object]) -> Settings:
        """A copy with live settings changed. Raises SettingError, naming the setting."""
        known = {item.name: item for item in fields(self)}
        for name in changes:
            if name not in known:
                raise SettingError(f"{name[:80]}: no such setting; they are {', '.join(known)}")
            if not known[name].metadata["live"]:
                raise SettingError(f"{name}: cannot be changed while the server runs")
        values: dict[str, Any] = dict(changes)
        return dataclasses.replace(self, **values)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


_VARIABLES = "HEYGEN_MOCK_"


def mask(secret: str) -> str:
    """A secret as it may be shown: its first characters, if it is long enough to spare them."""
    return f"{secret[:4]}…" if len(secret) > 8 else "…"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{_VARIABLES}{name.upper()}"


def _check(item: dataclasses.Field[Any], value: object) -> None:
    meta, kind = item.metadata, item.type
    if kind in ("int", "int | None"):
        if value is None and kind == "int | None":
            return
        low, high = meta["low"], meta["high"]
        if type(value) is not int or not low <= value <= high:
            raise SettingError(
                f"{item.name}: {_shown(value)} is not a whole number from {low} to {high}"
            )
    elif kind == "bool":
        if type(value) is not bool:
            raise SettingError(f"{item.name}: {_shown(value)} is neither true nor false")
    elif kind == "str":
        if not isinstance(value, str):
            raise SettingError(f"{item.name}: {_shown(value)} is not a text")
        choices = meta.get("choices")
        if choices and value not in choices:
            raise SettingError(f"{item.name}: {_shown(value)} is none of {', '.join(choices)}")
    elif not isinstance(value, tuple) or not all(isinstance(v, str) and v for v in value):
        raise SettingError(f"{item.name}: {_shown(value)} is not a list of non-empty texts")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def _read_bool(name: str, text: str) -> bool:
    if text.lower() in _TRUE + _FALSE:
        return text.lower() in _TRUE
    raise SettingError(f"{variable(name)}: {text!r} is neither true nor false; write 1 or 0")


def _read_int(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{variable(name)}: {text!r} is not a whole number") from None


def _read_list(name: str, text: str) -> tuple[str, ...]:
    values = tuple(value.strip() for value in text.split(",") if value.strip())
    if text and not values:
        raise SettingError(f"{variable(name)}: {text!r} names nothing; separate values by commas")
    return values


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "int": _read_int,
    "int | None": _read_int,
    "bool": _read_bool,
    "str": lambda name, text: text,
    "tuple[str, ...]": _read_list,
}


def from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    """The settings that the environment gives. Raises SettingError, naming the variable."""
    known = {variable(item.name): item for item in fields(Settings)}
    off = {variable(f"no_{i.name}"): i.name for i in known.values() if "negative" in i.metadata}
    values: dict[str, object] = {}
    for name, text in environ.items():
        if name in known:
            item = known[name]
            values[item.name] = _READERS[str(item.type)](item.name, text)
        elif name in off:
            values[off[name]] = not _read_bool(f"no_{off[name]}", text)
        elif name.startswith(_VARIABLES):
            near = difflib.get_close_matches(name, [*known, *off], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingError(
                f"{name}: no such setting{hint} `heygen-mock serve --help` lists all"
            )
    return values


def from_values(values: Mapping[str, object]) -> Settings:
    """Settings out of keyword arguments; a list, or one text alone, stands for several values.

    Raises SettingError, naming the setting.
    """
    known = {item.name: item for item in fields(Settings)}
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingError(f"{name[:80]}: no such setting; they are {', '.join(known)}")
        read[name] = value
        if str(known[name].type).startswith("tuple"):
            if isinstance(value, str):
                read[name] = (value,)
            elif isinstance(value, list):
                read[name] = tuple(value)
    return Settings(**read)


def from_texts(texts: Iterable[str]) -> dict[str, object]:
    """The settings in ``NAME=VALUE`` texts, each read as from the environment.

    Raises SettingError, naming the setting.
    """
    environ: dict[str, str] = {}
    names = {item.name for item in fields(Settings)}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in names:
            raise SettingError(f"{name[:80]}: no such setting; they are {', '.join(sorted(names))}")
        if not equals:
            raise SettingError(f"{name}: write {name}=VALUE")
        environ[variable(name)] = value.strip()
    return from_environment(environ)


def live_settings() -> Iterable[str]:
    """The names of the settings that can change while the server runs."""
    return (item.name for item in fields(Settings) if item.metadata["live"])
