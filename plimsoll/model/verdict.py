"""Everything one run found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from plimsoll.model.advice import Advice
from plimsoll.model.baseline import KnownHole
from plimsoll.model.outcome import Outcome, merge
from plimsoll.model.promise import Finding, Hole, Promise, Spot

if TYPE_CHECKING:
    from plimsoll.observations.drills import DrillRecord, History
    from plimsoll.observations.load import CapacityRecord, LoadRecord

EXPIRED = "waiver-in-force"
"""Whose judgement it is that a waiver has expired; no rule of ours has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Which run this was: of what, on what, when, with which programs.

    `root` is where the files stand that it looked at, from the top of their checkout: "fixtures/deployments/nestmap".
    """

    id: str
    started: datetime
    finished: datetime
    deployment: str
    stack: str
    images: Mapping[str, str] = field(default_factory=dict)
    tool_versions: Mapping[str, str] = field(default_factory=dict)
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """One file that a run looked at: what it is, and what in it was not understood ("" when everything was).

    `spot` is where a person looks it up: its beginning, or where the trouble is.
    """

    name: str
    kind: str
    spot: Spot
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything one run found. `strict` lets promises out of reach count as UNKNOWN.

    `advice` decides nothing. `baseline` is the file of known holes ("" without one), `gone` those that are no longer.
    `journals` are the drills that were done, `history` earlier ones of this deployment and these, oldest first; `loads`
    are the runs of load, `capacities` searches for the largest rate.
    """

    run: RunIdentity
    findings: tuple[Finding, ...]
    strict: bool = False
    advice: tuple[Advice, ...] = ()
    files: tuple[FileSeen, ...] = ()
    baseline: str = ""
    gone: tuple[KnownHole, ...] = ()
    journals: tuple[DrillRecord, ...] = ()
    history: History | None = None
    loads: tuple[LoadRecord, ...] = ()
    capacities: tuple[CapacityRecord, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The merged outcome. Excused findings (waived, known, out of reach) do not count; nothing left is UNKNOWN."""
        today = self.run.finished.date()
        counted = [f.outcome for f in self.findings if not self.excuses(f, today)]
        judged = any(f.outcome in (Outcome.PASS, Outcome.FAIL) for f in self.findings)
        return merge(counted) if judged else Outcome.UNKNOWN

    def excuses(self, finding: Finding, today: date) -> bool:
        """Whether the finding is shown but does not decide the run."""
        return finding.known or finding.is_waived(today) or (finding.out_of_reach and not self.strict)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many findings there are of each outcome."""
        seen = Counter(f.outcome for f in self.findings)
        return {outcome: seen[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """0 when every judged promise is kept, 1 when one is broken, 2 when nobody could tell."""
        return {Outcome.PASS: 0, Outcome.FAIL: 1}.get(self.outcome, 2)


def expired(findings: Iterable[Finding], today: date) -> Iterator[Finding]:
    """A broken promise for every waiver whose day is over, whether what it covered is kept by now or not.

    Whoever waives something promises to look at it again by then.
    """
    for finding in findings:
        waiver = finding.promise.waiver
        if waiver is None or today <= waiver.expires:
            continue
        promise = Promise(
            id=f"WAIVER-{finding.promise.id}",
            rule=EXPIRED,
            area=finding.promise.area,
            title=f"The waiver of {finding.promise.id} is in force",
            source=str(waiver.spot or "the waiver itself"),
        )
        kept = finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
        now = "the promise is kept now" if kept else f"the promise: {finding.outcome.replace('_', ' ')}"
        what = f"the waiver of {finding.promise.id} expired on {waiver.expires}; {now}"
        fix = "delete the waiver" if kept else f"keep the promise, or ask {waiver.owner} for a new day and a new reason"
        expected = f"a day from {today} on"
        hole = Hole(spot=waiver.spot or Spot(""), what=what, fix=fix)
        if waiver.spot:
            yield promise.judged((hole,), looked=(finding,), expected=expected)
        else:
            yield promise.broken(expected=expected, actual=str(waiver.expires), message=what, hint=fix)
