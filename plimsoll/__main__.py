"""The commands beside the suites: what this machine can run, what killed runs left, which rules there are, mutants."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from plimsoll.errors import PlimsollError

COULD_NOT_TELL = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command: 0 done, 1 something is broken, 2 could not tell or bad input."""
    parser = argparse.ArgumentParser(prog="python -m plimsoll", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("doctor", help="say what this machine can and cannot run, and why")
    sweeping = commands.add_parser("sweep", help="remove what killed runs left: only our own")
    sweeping.add_argument("--kept", action="store_true", help="also what was left up with --keep")
    commands.add_parser("rules", help="list the rules with their parameters")
    commands.add_parser("mutants", help="show that every promise can turn red", add_help=False)
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "mutants":
        parser.error(f"unknown argument {rest[0]}")
    runs: Mapping[str, Callable[[], int]] = {
        "doctor": _doctor,
        "sweep": lambda: _sweep(kept=chosen.kept),
        "rules": _rules,
        "mutants": lambda: _mutants(rest),
    }
    try:
        return runs[chosen.command]()
    except PlimsollError as error:
        print(f"plimsoll: {error}", file=sys.stderr)
        return COULD_NOT_TELL
    except KeyboardInterrupt:
        return 128 + 2


def _doctor() -> int:
    from plimsoll.doctor import examine  # noqa: PLC0415 - each command loads only what it needs

    facts = examine()
    width = max(len(fact.what) for fact in facts)
    for fact in facts:
        print(f"{'yes' if fact.able else 'no ':3} {fact.what:{width}}  {fact.why}")
        if fact.hint:
            print(f"    {'':{width}}  hint: {fact.hint}")
    return 0 if any(fact.able and fact.is_stack for fact in facts) else COULD_NOT_TELL


def _sweep(*, kept: bool) -> int:
    from plimsoll.runs import leftovers, sweep  # noqa: PLC0415 - likewise

    removed = sweep(kept=kept)
    for run in removed:
        print(f"removed {run}")
    left = leftovers()
    print(f"{len(removed)} removed" + (f", {len(left)} kept on purpose (--kept removes them too)" if left else ""))
    return 0


def _rules() -> int:
    from plimsoll.rules import RULES  # noqa: PLC0415 - likewise
    from plimsoll.shape import describe  # noqa: PLC0415 - likewise

    for name, rule in sorted(RULES.items()):
        print(f"{name} ({rule.area})\n    {rule.says}")
        for parameter, shape in rule.parameters.items():
            print(f"    {parameter}: {describe(shape)}{'' if parameter in rule.required else ', optional'}")
    return 0


def _mutants(arguments: Sequence[str]) -> int:
    from plimsoll.mutants import main as run_mutants  # noqa: PLC0415 - likewise

    return run_mutants(arguments)


if __name__ == "__main__":
    sys.exit(main())
