"""A baseline as a file: the holes of one run, a line for each, kept beside the code that they are in."""

from __future__ import annotations

import json
from pathlib import Path

from plimsoll.document import opened
from plimsoll.errors import BadInput
from plimsoll.model import EXPIRED, Baseline, Outcome, Verdict, holes_of
from plimsoll.report.json import known
from plimsoll.report.stored import read_known

SCHEMA = 1

HINT = "python -m plimsoll baseline reports/latest -o FILE writes one"


def written(verdict: Verdict) -> str:
    """The baseline of a run, as its file says it. Raises BadInput for a run that judged nothing.

    What is waived has its waiver, and nobody gets a new day by writing down that the old one is over.
    """
    if not any(finding.outcome in (Outcome.PASS, Outcome.FAIL) for finding in verdict.findings):
        raise BadInput("that run judged nothing", hint="there is nothing to know of a run that saw nothing")
    findings = (f for f in verdict.findings if f.promise.waiver is None and f.promise.rule != EXPIRED)
    holes = sorted(holes_of(findings), key=lambda hole: (hole.spot, hole.promise, hole.fingerprint))
    lines = ",\n".join(f"  {json.dumps(known(hole), ensure_ascii=False)}" for hole in holes)
    head = {"schema": SCHEMA, "deployment": verdict.run.deployment, "run": verdict.run.id}
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "known": [\n{lines}\n]}}\n'


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises BadInput with the place of whatever is not as expected."""
    top = opened(path, hint=HINT)
    schema = top.item("schema")
    if schema.value != SCHEMA:
        raise schema.wrong(f"schema {SCHEMA}")
    return Baseline(file=str(path), known=tuple(read_known(place) for place in top.item("known").items()))
