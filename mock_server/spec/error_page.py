"""The page docs/errors.md: every error, and the avatar id that makes the fake answer it.

``python -m mock_server.spec.error_page > docs/errors.md`` writes it anew.
"""

from __future__ import annotations

import sys

from mock_server.core.magic import PREFIX
from mock_server.spec.contract import Contract, ErrorCase, load_contract

_OPENING = """\
# Errors, and how to get each of them

Generated from `openapi.yaml` by `python -m mock_server.spec.error_page > docs/errors.md`; a test
compares the two. An error is answered with the HTTP status and the body
`{"code": CODE, "message": MESSAGE}`; a detail may follow the message after a colon. One code can
have several meanings, and one meaning several codes: the service had two back ends that number
differently.

To see how a client takes an error, open a session with the avatar id of its row: the fake then
answers so at the operation named beside it. Put `@` and another operation behind the id to get the
error there: `mock:rate-limit@sendTask`. An error of any operation but newSession is answered once,
at the first such call of that session. `--no-magic` turns this off.

| avatar id | answered at | status | code | message | grade |
|---|---|---|---|---|---|
"""

_SECOND = """
## Where each error can come from

| error | operations | source |
|---|---|---|
"""


def page(contract: Contract) -> str:
    """The whole page, as Markdown."""
    everywhere = {operation.operation_id for operation in contract.operations}
    return "".join(
        [
            _OPENING,
            *(_magic_line(case) for case in contract.errors),
            _SECOND,
            *(_origin_line(case, everywhere) for case in contract.errors),
        ]
    )


def _magic_line(case: ErrorCase) -> str:
    row = case.row
    cells = (
        f"`{PREFIX}{row.name}`",
        case.operations[0],
        str(row.status),
        str(row.code),
        row.message,
        case.evidence.grade,
    )
    return f"| {' | '.join(cells)} |\n"


def _origin_line(case: ErrorCase, everywhere: set[str]) -> str:
    names = "all" if set(case.operations) == everywhere else ", ".join(case.operations)
    return f"| {case.row.name} | {names} | {case.evidence.source} |\n"


if __name__ == "__main__":
    sys.stdout.write(page(load_contract()))
