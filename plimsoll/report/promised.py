"""What was promised beside what a drill or a run of load has seen: a table that leads to each promise."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from urllib.parse import quote

from plimsoll.model import Finding, Outcome
from plimsoll.report.clean import Clean
from plimsoll.report.rows import shape
from plimsoll.report.words import OUTCOME_WORDS, escaped, visible

HEADS = ("Promise", "Promised", "Seen", "Outcome")


def findings_of(verdict: Clean, promises: Collection[str]) -> tuple[Finding, ...]:
    """The findings on these promises, broken ones first."""
    ours = (finding for finding in verdict.findings if finding.promise.id in promises)
    return tuple(sorted(ours, key=lambda finding: list(OUTCOME_WORDS).index(finding.outcome)))


def promised(findings: Sequence[Finding]) -> str:
    """The table; a sentence where there is none to show."""
    if not findings:
        return '<p class="none">No promise of this run is judged by it.</p>'
    heads = "".join(f'<th scope="col">{words}</th>' for words in HEADS)
    rows = "".join(map(_figure, findings))
    return f'<table class="figures"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def link(promise: str) -> str:
    """The id of a promise, which leads to its row."""
    anchor = quote(re.sub(r"[\s\x00-\x20]+", "-", visible(promise)) or "promise")
    return f'<a href="#{escaped(anchor)}"><span class="id">{escaped(promise)}</span></a>'


def _figure(finding: Finding) -> str:
    promise, outcome = finding.promise, finding.outcome
    seen = finding.message if outcome is not Outcome.PASS else finding.actual
    return (
        f'<tr class="{outcome}"><th scope="row">{link(promise.id)} {escaped(promise.title)}</th>'
        f'<td data-head="Promised">{escaped(finding.expected)}</td><td data-head="Seen">{escaped(seen)}</td>'
        f'<td class="said">{shape(outcome)} <span class="word">{OUTCOME_WORDS[outcome]}</span></td></tr>'
    )
