"""The commands beside the suites: what this machine can run, what killed runs left, rules, baselines, mutants."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plimsoll.errors import PlimsollError

COULD_NOT_TELL = 2
MOST_PERCENT = 1000
"""Of a margin: ten times as long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command: 0 done, 1 something is broken, 2 could not tell or bad input."""
    parser = argparse.ArgumentParser(prog="python -m plimsoll", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("doctor", help="say what this machine can and cannot run, and why")
    sweeping = commands.add_parser("sweep", help="remove what killed runs left: only our own")
    sweeping.add_argument("--kept", action="store_true", help="also what was left up with --keep")
    listing = commands.add_parser("rules", help="list the rules with their parameters")
    listing.add_argument("--write", type=Path, metavar="FOLDER", help="write their pages instead: docs/rules")
    knowing = commands.add_parser("baseline", help="write down what is wrong in a run, so that only new holes count")
    knowing.add_argument("report", type=Path, metavar="REPORT", help="the folder of a run: reports/latest")
    knowing.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write it")
    scanning = commands.add_parser("scanners", help="install the scanners of files, and say which there are")
    scanning.add_argument("--quiet", action="store_true", help="say only what is missing")
    comparing = commands.add_parser("compare", help="say whether the second of two runs of load is worse")
    comparing.add_argument("first", type=Path, metavar="A", help="a load.json, or the folder of a report")
    comparing.add_argument("second", type=Path, metavar="B", help="likewise")
    comparing.add_argument(
        "--margin", type=_share, metavar="PERCENT", help="how much longer times may be before that is worse (5)"
    )
    commands.add_parser("mutants", help="show that every promise can turn red", add_help=False)
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "mutants":
        parser.error(f"unknown argument {rest[0]}")
    runs: Mapping[str, Callable[[], int]] = {
        "doctor": _doctor,
        "sweep": lambda: _sweep(kept=chosen.kept),
        "rules": lambda: _write_rules(chosen.write) if chosen.write else _rules(),
        "baseline": lambda: _baseline(chosen.report, chosen.output),
        "scanners": lambda: _scanners(quiet=chosen.quiet),
        "compare": lambda: _compare(chosen.first, chosen.second, margin=chosen.margin),
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
    from plimsoll.runs import HELD, leftovers, stuck, sweep  # noqa: PLC0415 - likewise

    removed = sweep(kept=kept)
    for run in removed:
        print(f"removed {run}")
    held = stuck()
    for run in held:
        print(f"not removed {run}: {HELD}")
    left = [folder for folder in leftovers() if folder.name not in held]
    print(f"{len(removed)} removed" + (f", {len(left)} kept on purpose (--kept removes them too)" if left else ""))
    return COULD_NOT_TELL if held else 0


def _rules() -> int:
    from plimsoll.rules import RULES  # noqa: PLC0415 - likewise
    from plimsoll.shape import describe  # noqa: PLC0415 - likewise

    for name, rule in sorted(RULES.items()):
        print(f"{name} ({rule.area})\n    {rule.says}")
        for parameter, shape in rule.parameters.items():
            print(f"    {parameter}: {describe(shape)}{'' if parameter in rule.required else ', optional'}")
    return 0


def _write_rules(folder: Path) -> int:
    from plimsoll.rulebook import write_pages  # noqa: PLC0415 - likewise

    print(f"{write_pages(folder)} pages in {folder}")
    return 0


def _baseline(run: Path, file: Path) -> int:
    from plimsoll.redact import Redactor  # noqa: PLC0415 - likewise
    from plimsoll.report import put, read, written  # noqa: PLC0415 - likewise

    text = written(read(run / "verdict.json" if run.is_dir() else run))
    put(file.parent, {file.name: text}, redact=Redactor())
    holes = text.count('"fingerprint"')
    print(f"{holes} {'hole' if holes == 1 else 'holes'} in {file}: --baseline {file}")
    return 0


def _share(text: str) -> float:
    """A share given in percent. Raises ValueError, which argparse tells as it should."""
    percent = float(text.removesuffix("%"))
    if not 0 <= percent <= MOST_PERCENT:
        raise ValueError(text)
    return percent / 100


def _compare(first: Path, second: Path, *, margin: float | None) -> int:
    from plimsoll.compare import compare  # noqa: PLC0415 - likewise

    code, lines = compare(first, second) if margin is None else compare(first, second, margin=margin)
    print("\n".join(lines))
    return code


def _scanners(*, quiet: bool) -> int:
    from plimsoll.probes.scanners import environments  # noqa: PLC0415 - likewise
    from plimsoll.probes.scanners.known import SCANNERS  # noqa: PLC0415 - likewise
    from plimsoll.probes.scanners.survey import version_of  # noqa: PLC0415 - likewise

    for home in environments.names():
        if not environments.is_ready(home) and not os.environ.get(environments.OFFLINE):
            print(f"installing the environment {home}, once: {', '.join(environments.wanted(home))}", file=sys.stderr)
    missing = 0
    for scanner in SCANNERS:
        try:
            found = version_of(scanner, environments.program(scanner))
            if not quiet:
                print(f"yes {scanner.name:20} {found}")
        except PlimsollError as error:
            missing += 1
            print(f"no  {scanner.name:20} {error.fact}\n    {'':20} hint: {error.hint}")
    return COULD_NOT_TELL if missing else 0


def _mutants(arguments: Sequence[str]) -> int:
    from plimsoll.mutants import main as run_mutants  # noqa: PLC0415 - likewise

    return run_mutants(arguments)


if __name__ == "__main__":
    sys.exit(main())
