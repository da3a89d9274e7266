"""A verdict in a screenful: the outcome, drills and objectives in a line each, the worst findings, where to read on."""

from __future__ import annotations

import textwrap
from itertools import chain
from pathlib import Path

from plimsoll.model import Finding, Outcome, Verdict
from plimsoll.redact import Redactor
from plimsoll.report.clean import clean
from plimsoll.report.drill_words import line
from plimsoll.report.load.words import lines as of_load
from plimsoll.report.words import OUTCOME_WORDS, deciding, duration, headline, notes, tally, visible

WORST = 3
"""How many findings are named, one less beside notes: with a blank line, a title and DETAIL lines each the summary
fits twenty lines."""

DETAIL = 3
"""How many lines message and hint of one finding share."""

INDENT = "    "

_COLOURS = {Outcome.FAIL: "31", Outcome.UNKNOWN: "33", Outcome.PASS: "32"}  # ECMA-48 SGR


def summary(verdict: Verdict, *, report: Path, redact: Redactor, width: int = 100, colour: bool = False) -> str:
    """At most twenty lines, and one for each drill and each objective of a load, without a final newline.

    None has more than `width` characters, but for the report's path, which is never cut.
    """
    fit = clean(verdict, redact=redact)
    run = fit.run
    took = duration((run.finished - run.started).total_seconds())
    said = [_line(note, width) for note in notes(fit)]
    lines = [
        _paint(_line(f"{headline(fit)}: {run.deployment} on {run.stack}, {took}", width), fit.outcome, colour=colour),
        *_wrapped(tally(fit), width, most=2),
        *said,
        *(_line(line(drill), width) for drill in fit.journals),
        *(each for found in fit.capacities for each in _wrapped(found.answer, width, most=3)),
        *(_line(said, width) for load in fit.loads for said in of_load(load)),
    ]
    worst = tuple(chain(deciding(fit, Outcome.FAIL), sorted(deciding(fit, Outcome.UNKNOWN), key=_is_far)))
    named = WORST - bool(said)
    for finding in worst[:named]:
        lines += ["", *_finding(finding, width, colour=colour)]
    more = f"{len(worst) - named} more in the " if len(worst) > named else ""
    return "\n".join([*lines, "", f"{more}report: {visible(redact(str(report)))}"])


def _is_far(finding: Finding) -> bool:
    return finding.out_of_reach


def _finding(finding: Finding, width: int, *, colour: bool) -> list[str]:
    promise = finding.promise
    title = _line(f"{OUTCOME_WORDS[finding.outcome]}: {promise.id} {promise.title}", width)
    message = _wrapped(finding.message, width, most=DETAIL - 1, indent=INDENT)
    hint = _wrapped(f"hint: {finding.hint}", width, most=DETAIL - len(message), indent=INDENT) if finding.hint else []
    return [_paint(title, finding.outcome, colour=colour), *message, *hint]


def _line(text: str, width: int) -> str:
    return "".join(_wrapped(text, width, most=1))


def _wrapped(text: str, width: int, *, most: int, indent: str = "") -> list[str]:
    """The text in at most so many lines; what was cut shows as dots."""
    return textwrap.wrap(
        visible(" ".join(text.split())),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=most,
        placeholder=" ...",
    )


def _paint(line: str, outcome: Outcome, *, colour: bool) -> str:
    return f"\x1b[1;{_COLOURS[outcome]}m{line}\x1b[0m" if colour else line
