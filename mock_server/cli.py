"""The program ``heygen-mock``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mock_server import __version__
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Quality
from mock_server.core.faults.kind import OPERATIONS
from mock_server.settings import LOG_LEVELS, SettingError, Settings, from_environment, variable

if TYPE_CHECKING:
    from mock_server.server import Secure

_SERVE = """\
Serves the HeyGen Streaming API on this machine. Point a client at it by its base URL:

  heygen-mock serve
  HEYGEN_BASE_URL=http://127.0.0.1:8000 HEYGEN_API_KEY=test-key my-client

and open http://127.0.0.1:8000/ in a browser to see and hear the avatar.
Every flag --x-y is also the environment variable HEYGEN_MOCK_X_Y; the flag wins.
"""


_LEVELS = ", ".join(LOG_LEVELS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program: 0 fine, 2 could not run, 130 after Ctrl-C of anything but `serve`."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.log_level not in LOG_LEVELS:  # argparse does not look at what the environment says
        parser.error(f"{variable('log_level')}: {options.log_level!r} is none of {_LEVELS}")
    logging.basicConfig(
        level=options.log_level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr
    )
    if options.log_level != "debug":
        for library in ("uvicorn.error", "aioice", "aiortc", "asyncio"):
            logging.getLogger(library).setLevel(logging.WARNING)
    try:
        return _COMMANDS[options.command](options)
    except (SettingError, _UnableError) as error:
        print(f"heygen-mock: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the server has taken the signal over
        return 0 if options.command == "serve" else 130
    except BrokenPipeError:  # `heygen-mock errors | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class _UnableError(Exception):
    """The program cannot do its work. The text says what to do about it."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="heygen-mock", description="A local stand-in for the HeyGen Streaming API."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    log_level: dict[str, Any] = {"choices": LOG_LEVELS, "help": "how much to log (default: info)"}
    parser.add_argument(
        "--log-level", default=os.environ.get(variable("log_level"), "info"), **log_level
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve the API on this machine",
        description=_SERVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for item in dataclasses.fields(Settings):
        if item.name != "log_level":
            _add_flag(serve, item)
    for name, text in (
        ("avatars", "list the avatars, voices, emotions and qualities one can ask for"),
        ("errors", "list the errors, and the avatar ids that ask for them"),
        ("faults", "list the kinds of misbehaviour that a plan can ask for"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.add_argument("--json", action="store_true", help="print JSON")
    for command in commands.choices.values():
        # After the command too; only there absent means what stands before it.
        command.add_argument("--log-level", default=argparse.SUPPRESS, **log_level)
        command.add_argument("--version", action="version", version=f"heygen-mock {__version__}")
    return parser


def _add_flag(parser: argparse.ArgumentParser, item: dataclasses.Field[Any]) -> None:
    meta = item.metadata
    flag = "--" + item.name.replace("_", "-")
    more: dict[str, Any] = {"default": None, "dest": item.name, "help": meta["help"]}
    if item.type == "bool":
        if "negative" in meta:  # on by default: the flag turns it off
            parser.add_argument(
                f"--no-{flag[2:]}", action="store_false", **more | {"help": meta["negative"]}
            )
            return
        more["action"] = "store_true"
    elif str(item.type).startswith("tuple"):
        more |= {"action": "append", "metavar": meta["metavar"]}
    elif str(item.type).startswith("int"):
        more |= {"type": int, "metavar": "N"}
    elif "choices" in meta:
        more["choices"] = meta["choices"]
    else:
        more["metavar"] = meta["metavar"]
    if item.default not in (None, (), "", False):
        more["help"] += f" (default: {item.default})"
    more["help"] = more["help"].replace("%", "%%")
    parser.add_argument(flag, **more)


def _settings(options: argparse.Namespace) -> Settings:
    """Flags over environment over defaults. Raises SettingError."""
    values = from_environment(os.environ)
    for item in dataclasses.fields(Settings):
        value = getattr(options, item.name, None)
        if value is not None:
            values[item.name] = tuple(value) if isinstance(value, list) else value
    return Settings(**values)  # type: ignore[arg-type]


def _serve(options: argparse.Namespace) -> int:
    settings = _settings(options)
    from mock_server.server import ListenError, listen, listen_securely, serve, url_of
    from mock_server.spec import SpecError
    from mock_server.web.stack import MismatchError

    with contextlib.ExitStack() as sockets:
        try:
            listener = sockets.enter_context(listen(settings))
            secure = listen_securely(settings)
        except ListenError as error:
            raise _UnableError(str(error)) from None
        if secure is not None:
            sockets.enter_context(secure.listener)
        url = url_of(listener)

        def started() -> None:
            addresses = f"Listening on {url}\n"
            addresses += f"Listening on {secure.url}\n" if secure is not None else ""
            print(f"{addresses}{_welcome(settings, url, secure)}", flush=True)

        try:
            serve(settings, listener=listener, secure=secure, started=started)
        except (MismatchError, SpecError) as error:
            raise _UnableError(str(error)) from None
    return 0


def _welcome(settings: Settings, url: str, secure: Secure | None) -> str:
    key = settings.api_key[0] if settings.api_key else "test-key"
    accepted = "one of the keys given" if settings.api_key else "any key is accepted"
    if settings.media == "none":
        media = "none: sessions connect without sockets (--media real for WebRTC)"
    else:
        bind, advertised = settings.media_addresses()
        ports = settings.media_ports or "any free port"
        media = f"WebRTC over UDP on {bind}, {ports}"
        media += "" if advertised == bind else f", told to clients as {advertised}"
    rooms = f"  rooms    of v2 at {settings.livekit_url}\n" if settings.livekit_url else ""
    plan = f"  plan     {settings.plan}: it misbehaves as that says\n" if settings.plan else ""
    return (
        f"  page     {url}/\n"
        f"  clients  HEYGEN_BASE_URL={url} HEYGEN_API_KEY={key}  ({accepted})\n"
        f"           that is: replace https://api.heygen.com by {url}\n"
        f"{_trust(secure) if secure is not None else _SDK}"
        f"  media    {media}\n"
        f"{rooms}"
        f"{plan}"
        "  Ctrl-C ends all sessions and the server."
    )


_SDK = (
    "  SDK 2.x  also wants wss on port 443: --tls-port 443, or another way of docs/howto/tls.md\n"
)


def _trust(secure: Secure) -> str:
    """How clients come to trust the certificate, in short; docs/howto/tls.md has more."""
    port, file = secure.listener.getsockname()[1], secure.kept.certificate
    return (
        f"  TLS      https://localhost:{port} and wss, for clients that trust the certificate:\n"
        f"           {file}\n"
        f"           Python    SSL_CERT_FILE='{file}', or requests' verify=\n"
        f"           Node.js   NODE_EXTRA_CA_CERTS='{file}'\n"
        "           Chromium  --user-data-dir=DIR "
        f"--ignore-certificate-errors-spki-list={secure.kept.pair.pin}\n"
        f"           {_system_trust(str(file))}\n"
    )


def _system_trust(file: str) -> str:
    if sys.platform == "darwin":
        return (
            "macOS     security add-trusted-cert -r trustRoot -p ssl "
            f"-k ~/Library/Keychains/login.keychain-db '{file}'"
        )
    return (
        f"Debian    sudo cp '{file}' /usr/local/share/ca-certificates/heygen-mock.crt && "
        "sudo update-ca-certificates"
    )


def _avatars(options: argparse.Namespace) -> int:
    if options.json:
        print(
            json.dumps(
                {
                    "avatars": [dataclasses.asdict(avatar) for avatar in AVATARS],
                    "voices": [dataclasses.asdict(voice) for voice in VOICES],
                    "emotions": [str(emotion) for emotion in Emotion],
                    "qualities": {str(quality): quality.size for quality in Quality},
                },
                indent=2,
            )
        )
        return 0
    print("avatar_id                 name")
    for avatar in AVATARS:
        print(f"{avatar.avatar_id:<25} {avatar.pose_name}")
    print("\nvoice_id                           name    language")
    for voice in VOICES:
        print(f"{voice.voice_id:<34} {voice.name:<7} {voice.language}, {voice.gender}")
    print(f"\nemotions   {', '.join(emotion.title() for emotion in Emotion)}")
    sizes = ", ".join(f"{quality} {quality.size[0]}x{quality.size[1]}" for quality in Quality)
    print(f"qualities  {sizes}")
    print("\nOther avatar ids show one of these avatars, unless --strict-avatars is set.")
    return 0


def _errors(options: argparse.Namespace) -> int:
    from mock_server.spec import load_contract

    cases = load_contract().errors
    if options.json:
        print(
            json.dumps(
                [
                    {
                        **dataclasses.asdict(case.row),
                        "operations": case.operations,
                        "evidence": dataclasses.asdict(case.evidence),
                        "magic_avatar_id": f"mock:{case.row.name}",
                    }
                    for case in cases
                ],
                indent=2,
            )
        )
        return 0
    print("status  code    avatar_id that asks for it      answered by       message")
    for case in cases:
        row, magic = case.row, f"mock:{case.row.name}"
        print(f"{row.status:<7} {row.code:<7} {magic:<31} {case.operations[0]:<17} {row.message}")
    print("\nAppend @OPERATION to an avatar id for another operation: mock:rate-limit@sendTask")
    return 0


def _faults(options: argparse.Namespace) -> int:
    from mock_server.core.faults.catalogue import make_catalogue
    from mock_server.spec import load_contract

    catalogue = make_catalogue(load_contract().answer_fields())
    if options.json:
        print(json.dumps(catalogue.as_json(), indent=2))
        return 0
    for family in dict.fromkeys(kind.family for kind in catalogue):
        print(f"{family}")
        for kind in catalogue:
            if kind.family == family:
                print(f"  {kind.do:<24} {kind.sentence}")
                given = [f"{n}{'' if n in kind.required else '?'}" for n in kind.parameters]
                everywhere = set(kind.on) >= set(OPERATIONS)
                on = "any operation" if everywhere else ", ".join(kind.on)
                print(f"  {'':<24} on {on}" + (f"; {', '.join(given)}" if given else ""))
        print()
    print(
        'A plan is a JSON list: [{"on": "sendTask", "nth": 1, "do": "status", "row": "forbidden"}]'
    )
    print("Play it with `heygen-mock serve --plan FILE`, or PUT it to /__mock__/faults/plan.")
    print("What can be given is told in full by `heygen-mock faults --json`.")
    return 0


_COMMANDS = {"serve": _serve, "avatars": _avatars, "errors": _errors, "faults": _faults}
