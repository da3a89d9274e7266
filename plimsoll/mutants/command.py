"""`python -m plimsoll mutants`: tries every mutant of a deployment and says whether each was seen."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from plimsoll import report
from plimsoll.errors import PlimsollError
from plimsoll.mutants.bench import Bench
from plimsoll.mutants.laboratory import DRILLS, LOAD
from plimsoll.mutants.mutant import read_mutants
from plimsoll.mutants.table import document, table
from plimsoll.mutants.trial import Score
from plimsoll.promises import HOME
from plimsoll.runs import sweep
from plimsoll.session import DEFAULT_DEPLOYMENT, REPORTS, open_session

MUTANTS = HOME / "fixtures" / "mutants"
KINDS = ("auto", "containers", "processes", "files")
COULD_NOT_TELL = 2
SIDE_BY_SIDE = 2
"""Stacks at once: half of a trial is waiting. More of them crowd each other on two cores, and bursts then come late."""

FILE = "mutants.json"
ON_FILES = "files"
"""The kind of stack, and the folder of the mutants, that reading files is enough for."""


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when every mutant was seen without collateral, 1 when not, 2 when nobody could tell."""
    options = _parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        session = open_session(deployment=options.deployment, stack=options.stack)
        home = MUTANTS / session.deployment.name
        own = ON_FILES if session.kind == ON_FILES else options.staged
        folder = options.mutants or home / own
        mutants = read_mutants(folder, session.deployment, matching=options.only)
        bench = Bench(session, mutants, thorough=options.thorough, staged=options.staged, say=_say)
        alone = options.staged == LOAD  # a generator beside another would be late, and void
        return _try_all(bench, options.reports / session.id, side_by_side=1 if alone else options.stacks)
    except PlimsollError as error:
        _say(str(error))
    except KeyboardInterrupt:
        _say("interrupted: nothing can be said of the mutants")
    finally:
        signal.signal(signal.SIGTERM, before)
    return COULD_NOT_TELL


def _try_all(bench: Bench, folder: Path, *, side_by_side: int) -> int:
    sweep()
    trials = bench.trials(side_by_side)
    score = Score(tuple(sorted(trials, key=lambda trial: trial.mutant.name)))
    report.put(folder, {FILE: document(score, bench.identity, bench.redact)}, redact=bench.redact)
    report.point_latest(folder)
    sys.stdout.write(f"{bench.redact(table(score))}\nreport: {folder / FILE}\n")
    return score.exit_code


def _say(text: str) -> None:
    """One more line for whoever waits; the table alone is the output."""
    sys.stderr.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="plimsoll mutants", description=__doc__, allow_abbrev=False)
    parser.add_argument("--deployment", default=DEFAULT_DEPLOYMENT, help="a name under fixtures/deployments/ or a path")
    parser.add_argument("--mutants", type=Path, help="a folder of mutants (default: fixtures/mutants/<deployment>)")
    parser.add_argument("--stack", choices=KINDS, default="auto", help="where it runs (default: auto)")
    parser.add_argument("-k", dest="only", default="", metavar="SUBSTRING", help="only mutants whose name holds this")
    parser.add_argument("--thorough", action="store_true", help="judge every promise for every mutant, slow ones too")
    staged = parser.add_mutually_exclusive_group()
    words = (("--drills", DRILLS, "a drill"), ("--load", LOAD, "a run of load"))
    for option, suite, what in words:
        told = f"the mutants that it takes {what} to see"
        staged.add_argument(option, dest="staged", action="store_const", const=suite, default="", help=told)
    parser.add_argument("--stacks", type=int, default=SIDE_BY_SIDE, help="how many stacks share the work (default: 2)")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="where to write reports")
    return parser


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt("SIGTERM")
