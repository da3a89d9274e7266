"""The rows of the page: one promise each, real HTML, in the order in which people need them."""

from __future__ import annotations

import html
import re
from collections import Counter
from urllib.parse import quote

from plimsoll.model import Finding, Outcome
from plimsoll.report.clean import Clean
from plimsoll.report.spots import places
from plimsoll.report.words import KNOWN, OUT_OF_REACH, OUTCOME_WORDS, deciding, duration, escaped, visible, waiver_words

NOTES = {
    Outcome.FAIL: "Each of these was seen not to hold; what is waived or known comes last.",
    Outcome.UNKNOWN: "Nobody could see whether these hold. What is out of reach of this run comes last.",
    Outcome.PASS: "Each of these was seen to hold; open one for the evidence.",
    Outcome.NOT_APPLICABLE: "These do not concern this deployment.",
}


WORTH_TELLING = 0.001
"""Seconds; what a rule takes that only reads is no news."""


def shape(outcome: Outcome) -> str:
    """The outcome as a shape, for those who see no colours; the word always stands beside it."""
    return f'<svg class="shape" aria-hidden="true"><use href="#shape-{outcome}"/></svg>'


def group(verdict: Clean, outcome: Outcome, names: Counter[str]) -> str:
    """All findings of one outcome under one heading. `names` counts the anchors given so far on this page."""
    decisive = set(map(id, deciding(verdict, outcome)))
    ordered = sorted(
        (f for f in verdict.findings if f.outcome is outcome), key=lambda f: (f.out_of_reach, id(f) not in decisive)
    )
    heading = f'<h2 id="group-{outcome}">{OUTCOME_WORDS[outcome].capitalize()} <span>{len(ordered)}</span></h2>'
    rows = "\n".join(_row(verdict, finding, _anchor(finding, names)) for finding in ordered)
    note = f'<p class="note">{NOTES[outcome]}</p>'
    return f'<section class="group" aria-labelledby="group-{outcome}">\n{heading}\n{note}\n{rows}\n</section>'


def _anchor(finding: Finding, names: Counter[str]) -> str:
    """The promise's id as an address on the page: no white space, each only once."""
    name = re.sub(r"[\s\x00-\x20]+", "-", visible(finding.promise.id)) or "promise"
    names[name] += 1
    return name if names[name] == 1 else f"{name}~{names[name]}"


def _row(verdict: Clean, finding: Finding, anchor: str) -> str:
    promise, outcome = finding.promise, finding.outcome
    told = " told" if finding.holes else ""  # an open row's places say it all
    message = f'<span class="message{told}">{escaped(finding.message)}</span>' if outcome is not Outcome.PASS else ""
    waiver = waiver_words(verdict, finding)
    asides = (waiver, finding.out_of_reach and OUT_OF_REACH, finding.known and KNOWN)
    badges = "".join(f'<span class="badge">{escaped(aside)}</span>' for aside in asides if aside)
    return (
        f'<article class="row {outcome}" id="{html.escape(anchor)}" data-area="{escaped(promise.area)}"'
        f' data-outcome="{outcome}"><details{" open" if outcome is Outcome.FAIL else ""}>'
        f'<summary>{shape(outcome)}<span class="word">{OUTCOME_WORDS[outcome]}</span>'
        f'<h3><span class="id">{escaped(promise.id)}</span> {escaped(promise.title)}</h3>'
        f'<span class="area">{escaped(promise.area)}</span>{message}{badges}</summary>'
        f'<div class="body">{_hint(finding)}{places(finding)}<dl>{_facts(finding)}</dl>{_evidence(finding)}'
        f'<p><a href="#{html.escape(quote(anchor))}">Link to this promise</a></p></div></details></article>'
    )


def _hint(finding: Finding) -> str:
    said = any(finding.hint == hole.fix for hole in finding.holes)
    return f'<p class="hint"><b>Hint</b> {escaped(finding.hint)}</p>' if finding.hint and not said else ""


def _facts(finding: Finding) -> str:
    promise = finding.promise
    facts = (
        ("Expected", "value", finding.expected),
        ("Actual", "value", finding.actual),
        ("Guide", "", promise.source),
        ("Rule", "", promise.rule),
        ("Took", "", duration(finding.seconds) if finding.seconds >= WORTH_TELLING else ""),
    )
    return "".join(f'<dt>{term}</dt><dd class="{kind}">{escaped(fact)}</dd>' for term, kind, fact in facts if fact)


def _evidence(finding: Finding) -> str:
    if finding.holes and finding.evidence == tuple(map(str, finding.holes)):
        return ""  # the places say it all
    if not finding.evidence:
        return '<p class="none">No evidence was recorded.</p>' if finding.outcome is Outcome.PASS else ""
    count = len(finding.evidence)
    lines = "".join(f"<li><code>{escaped(line)}</code></li>" for line in finding.evidence)
    words = f"Evidence, {count} {'line' if count == 1 else 'lines'}"
    return f'<details class="evidence"><summary>{words}</summary><ol>{lines}</ol></details>'
