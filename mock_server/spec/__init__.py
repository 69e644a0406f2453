"""openapi.yaml found, loaded and compiled once: operations, and what may be said to them."""

from mock_server.spec.contract import Contract, ErrorCase, Evidence, Rule, load_contract
from mock_server.spec.operation import Answers, Operation
from mock_server.spec.source import SpecError, find_contract

__all__ = [
    "Answers",
    "Contract",
    "ErrorCase",
    "Evidence",
    "Operation",
    "Rule",
    "SpecError",
    "find_contract",
    "load_contract",
]
