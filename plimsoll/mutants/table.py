"""The trials as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence

from plimsoll.model import RunIdentity
from plimsoll.mutants.trial import Score, Trial

SCHEMA = 1
DEFECT_WIDTH = 56
"""Characters of a defect's sentence: with the other columns a line fits a wide terminal, and most sentences do too."""

HEAD = ("mutant", "defect", "expected", "seen", "seconds", "verdict")


def table(score: Score) -> str:
    """One line per mutant, then why each was not killed, then the score; without a final newline."""
    rows = [HEAD, *(_row(trial) for trial in score.trials)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_troubles(score), str(score)])


def document(score: Score, identity: RunIdentity, redact: Callable[[str], str]) -> str:
    """mutants.json."""
    content = {
        "schema": SCHEMA,
        "deployment": identity.deployment,
        "stack": identity.stack,
        "started": identity.started.isoformat(timespec="seconds"),
        "finished": identity.finished.isoformat(timespec="seconds"),
        "score": {"seen": score.seen, "of": len(score.mutants)},
        "variants": {"kept": len(list(score.of("kept"))), "of": len(score.variants)},
        "collateral": score.collateral,
        "mutants": [
            {
                "mutant": trial.mutant.name,
                "defect": redact(trial.mutant.defect),
                "expected": trial.mutant.breaks,
                "seen": trial.seen,
                "collateral": trial.collateral,
                "verdict": trial.verdict,
                "message": redact(trial.message),
                "seconds": round(trial.seconds, 3),
            }
            for trial in score.trials
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _row(trial: Trial) -> tuple[str, ...]:
    defect = textwrap.shorten(trial.mutant.defect, DEFECT_WIDTH, placeholder=" …")
    expected, seen = _names(trial.mutant.breaks), _names(trial.seen)
    return trial.mutant.name, defect, expected, seen, f"{trial.seconds:7.2f}", trial.verdict


def _names(promises: Sequence[str]) -> str:
    """The promises in one word or two."""
    more = f" +{len(promises) - 1}" if len(promises) > 1 else ""
    return f"{promises[0]}{more}" if promises else "none"


def _troubles(score: Score) -> Iterator[str]:
    """A paragraph on every mutant that was not killed."""
    for trial in score.of("refused", "survived", "collateral", "alarm"):
        yield f"{trial.mutant.name} ({trial.verdict}): {trial.message}"
        yield ""
