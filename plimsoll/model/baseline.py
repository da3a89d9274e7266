"""What was wrong on the day a baseline was written: those holes are known, new ones count."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from plimsoll.model.outcome import Outcome
from plimsoll.model.promise import Finding, Hole, Spot

LINE = re.compile(r"(\blines?\s+|-L)\d+")
"""How a text names a line: `line 12`, `compose-L12` (a block of a guide); beside its own files, `nginx.conf:12`."""

SHORT = 20
"""Characters of a fingerprint: 80 bits, so that no two holes ever share one by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHole:
    """One hole as a baseline keeps it. `spot` and `what` are for people; `fingerprint` is what is compared."""

    fingerprint: str
    promise: str
    rule: str
    spot: Spot
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The holes known from the day it was written; `file` is where it is kept."""

    file: str
    known: tuple[KnownHole, ...]

    def applied(self, finding: Finding) -> Finding:
        """The finding with what is known marked as known."""
        if finding.outcome is not Outcome.FAIL:
            return finding
        known = {each.fingerprint for each in self.known}
        marks = [hole.fingerprint in known for hole in holes_of((finding,))]
        holes = tuple(replace(hole, known=mark) for hole, mark in zip(finding.holes, marks, strict=False))
        return _led_by_news(replace(finding, holes=holes, known=all(marks)))

    def gone(self, findings: Iterable[Finding]) -> tuple[KnownHole, ...]:
        """The known holes that are there no longer, of promises that this run could judge."""
        findings = tuple(findings)
        judged = {finding.promise.id for finding in findings if finding.outcome is not Outcome.UNKNOWN}
        there = {hole.fingerprint for hole in holes_of(findings)}
        return tuple(each for each in self.known if each.promise in judged and each.fingerprint not in there)


def holes_of(findings: Iterable[Finding]) -> Iterator[KnownHole]:
    """Every hole of every broken promise as a baseline keeps it; a promise broken at no place of a file is one hole."""
    for finding in findings:
        if finding.outcome is not Outcome.FAIL:
            continue
        promise, seen = finding.promise, Counter[str]()
        for hole in finding.holes or (Hole(spot=Spot(""), what=finding.message),):
            mark = _mark(promise.id, hole)
            seen[mark] += 1
            nth = f"-{seen[mark]}" if seen[mark] > 1 else ""
            yield KnownHole(
                fingerprint=f"{mark}{nth}", promise=promise.id, rule=promise.rule, spot=hole.spot, what=hole.what
            )


def _mark(promise: str, hole: Hole) -> str:
    """What stays of a hole when lines come and go around it: promise, files, and what is wrong but for line numbers."""
    files = (hole.spot.file, *(spot.file for spot in hole.beside))
    what = LINE.sub(r"\1", hole.what)
    for file in filter(None, files):
        what = re.sub(rf"{re.escape(file)}:\d+", "", what)
    parts = (promise, *files, what)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:SHORT]


def _led_by_news(finding: Finding) -> Finding:
    """The finding with the first new hole as its message, where its message was about a known one."""
    new = [hole for hole in finding.holes if not hole.known]
    if not new or len(new) == len(finding.holes):
        return finding
    more = f", and {len(new) - 1} more" if len(new) > 1 else ""
    return replace(
        finding,
        message=f"{new[0]}{more}; {len(finding.holes) - len(new)} known",
        hint=new[0].fix or finding.hint,
    )
