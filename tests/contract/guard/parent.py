"""A run that opens a session through a guard and then waits: to be killed by a test."""

from __future__ import annotations

import sys
from pathlib import Path

from contract.exchange import Request
from contract.guard.config import GuardConfig
from contract.guard.process import GuardProcess
from contract.spec import load_spec
from contract.transport import HttpSend


def main(target: str, state: str, key: str) -> None:
    config = GuardConfig(target=target, state=Path(state), sessions=5)
    with GuardProcess(config, spec=load_spec(), key=key) as guard:
        headers = (("x-api-key", guard.sentinel), ("content-type", "application/json"))
        response = HttpSend(guard.url)(Request("POST", "/v1/streaming.new", headers, b"{}"))
        print(guard.pid, response.status, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
