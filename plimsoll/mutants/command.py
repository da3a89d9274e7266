"""`python -m plimsoll mutants`: tries every mutant of a deployment and says whether each was seen."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from plimsoll import report
from plimsoll.deployment import HOME
from plimsoll.errors import PlimsollError
from plimsoll.mutants.laboratory import Laboratory
from plimsoll.mutants.mutant import Mutant, read_mutants
from plimsoll.mutants.table import document, table
from plimsoll.mutants.trial import Score, Trial
from plimsoll.redact import Redactor
from plimsoll.runs import Run, sweep
from plimsoll.session import DEFAULT_DEPLOYMENT, REPORTS, Session, open_session
from plimsoll.stacks import make
from plimsoll.wait import SYSTEM_CLOCK

MUTANTS = HOME / "fixtures" / "mutants"
KINDS = ("auto", "containers", "processes")
COULD_NOT_TELL = 2
FILE = "mutants.json"


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when every mutant was seen without collateral, 1 when not, 2 when nobody could tell."""
    options = _parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        session = open_session(deployment=options.deployment, stack=options.stack)
        folder = options.mutants or MUTANTS / session.deployment.name
        mutants = read_mutants(folder, session.deployment, matching=options.only)
        return _try_all(session, mutants, options.reports / session.id, thorough=options.thorough)
    except PlimsollError as error:
        _say(str(error))
    except KeyboardInterrupt:
        _say("interrupted: nothing can be said of the mutants")
    finally:
        signal.signal(signal.SIGTERM, before)
    return COULD_NOT_TELL


def _try_all(session: Session, mutants: Sequence[Mutant], folder: Path, *, thorough: bool) -> int:
    sweep()
    deployment, started = session.deployment, SYSTEM_CLOCK.monotonic()
    with ExitStack() as closing:
        run = closing.enter_context(Run(session.id))
        stack = closing.enter_context(make(session.kind, deployment, run))
        redact = Redactor(stack.secrets)
        _say(f"{deployment.name} on {stack.kind}: ready in {SYSTEM_CLOCK.monotonic() - started:.1f} s")
        laboratory = Laboratory(deployment, stack, run.folder / "mutant", mutants, thorough=thorough)
        if red := laboratory.red:
            names = "\n".join(redact(f"  {f.promise.id} {f.outcome}: {f.message}") for f in red)
            raise PlimsollError(
                f"without any mutant, {len(red)} promises do not hold already:\n{names}",
                hint="a mutant is seen by what it breaks, so nothing may be broken before",
            )
        _say(f"without a mutant every promise holds; trying {len(mutants)}")
        trials = []
        for number, mutant in enumerate(mutants, start=1):
            trials.append(laboratory.trial(mutant))
            _say(f"{number:3}/{len(mutants)} {_line(trials[-1])}")
        score = Score(tuple(trials))
        report.put(folder, {FILE: document(score, session.identity(stack), redact)}, redact=redact)
    report.point_latest(folder)
    sys.stdout.write(f"{redact(table(score))}\nreport: {folder / FILE}\n")
    return score.exit_code


def _line(trial: Trial) -> str:
    return f"{trial.verdict:10} {trial.mutant.name} ({trial.seconds:.1f} s)"


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
    parser.add_argument("--reports", type=Path, default=REPORTS, help="where to write reports")
    return parser


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt("SIGTERM")
