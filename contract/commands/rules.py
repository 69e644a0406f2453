"""``heygen-contract rules``: what is checked, and how sure that is."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import textwrap

from contract.reach import REACH, WHY
from contract.spec import Rule, load_spec
from contract.unable import UnableError

_ABOUT = """\
Lists the rules of the contract: the sentence, the evidence behind it, and which stimuli judge it.

  heygen-contract rules                 all
  heygen-contract rules stop-twice      one, with all that is known of it
  heygen-contract rules --json | jq .

The grades of evidence, from the strongest: documented (the API's own document), official (an SDK
package or a page of HeyGen's), recorded (seen verbatim), observed (a public client relies on it),
inferred (our guess).
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the program."""
    parser = commands.add_parser(
        "rules",
        help="the rules, their evidence, and what judges them",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="one rule only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints them. Raises UnableError for an id that no rule has."""
    rules = load_spec().rules
    if args.id is not None and args.id not in rules:
        near = difflib.get_close_matches(args.id, rules, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else "; heygen-contract rules lists them"
        raise UnableError(f"no rule is called {args.id!r}{hint}")
    chosen = list(rules.values()) if args.id is None else [rules[args.id]]
    if args.json:
        rows = [_row(rule) for rule in chosen]
        text = json.dumps(rows if args.id is None else rows[0], indent=2, ensure_ascii=False)
    else:
        text = _table(chosen) if args.id is None else _whole(chosen[0])
    sys.stdout.write(f"{text}\n")
    return 0


def _row(rule: Rule) -> dict[str, object]:
    reach = REACH[rule.id]
    return {
        "id": rule.id,
        "sentence": rule.sentence,
        "evidence": {"grade": rule.evidence.grade, "source": rule.evidence.source},
        "judged_by": sorted(reach.judged_by),
        "needs": sorted(reach.needs),
    }


def _whole(rule: Rule) -> str:
    reach = REACH[rule.id]
    lines = [rule.id, textwrap.fill(rule.sentence, 92, initial_indent="  ", subsequent_indent="  ")]
    lines.append(f"  evidence   {rule.evidence.grade}: {rule.evidence.source}")
    lines.append(f"  judged by  {', '.join(sorted(reach.judged_by))}")
    lines += [f"  not where  {WHY[need]}" for need in sorted(reach.needs)]
    return "\n".join(lines)


def _table(rules: list[Rule]) -> str:
    width = max(len(rule.id) for rule in rules)
    lines = []
    for rule in rules:
        judges = ",".join(sorted(REACH[rule.id].judged_by))
        lines.append(f"{rule.id:<{width}}  {rule.evidence.grade:<10}  {judges}")
        lines.append(textwrap.fill(rule.sentence, 96, initial_indent="    ",
                                   subsequent_indent="    "))  # fmt: skip
    lines.append(f"\n{len(rules)} rules. `heygen-contract rules ID` tells the source of one.")
    return "\n".join(lines)
