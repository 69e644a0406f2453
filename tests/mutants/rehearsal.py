"""Mutants of media, each before real viewers, several at one time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from contract.media.probe import probe_rules
from contract.media.rules import SHOWN_BEST
from contract.spec import Spec
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.connector import Connector
from mock_server.embedded import MockServer
from tests.mutants.driver import KEY, MAX_SESSIONS, OTHER_KEY
from tests.mutants.layers import Outcome, fired_of
from tests.mutants.mutant import Mutant

AT_ONCE = 6
"""A viewer costs a few hundredths of a core; most of a scenario is waiting for speech to end."""
