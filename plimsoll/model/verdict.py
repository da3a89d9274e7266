"""Everything one run found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from plimsoll.model.outcome import Outcome, merge
from plimsoll.model.promise import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Which run this was: of what, on what, when, with which programs."""

    id: str
    started: datetime
    finished: datetime
    deployment: str
    stack: str
    images: Mapping[str, str] = field(default_factory=dict)
    tool_versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything one run found. `strict` lets promises out of reach count as UNKNOWN."""

    run: RunIdentity
    findings: tuple[Finding, ...]
    strict: bool = False

    @property
    def outcome(self) -> Outcome:
        """The merged outcome. Excused findings (waived, out of reach) do not count, but nothing judged is UNKNOWN."""
        today = self.run.finished.date()
        counted = [f.outcome for f in self.findings if not self.excuses(f, today)]
        judged = any(f.outcome in (Outcome.PASS, Outcome.FAIL) for f in self.findings)
        return merge(counted) if judged else Outcome.UNKNOWN

    def excuses(self, finding: Finding, today: date) -> bool:
        """Whether the finding is shown but does not decide the run."""
        return finding.is_waived(today) or (finding.out_of_reach and not self.strict)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many findings there are of each outcome."""
        seen = Counter(f.outcome for f in self.findings)
        return {outcome: seen[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """0 when every judged promise is kept, 1 when one is broken, 2 when nobody could tell."""
        return {Outcome.PASS: 0, Outcome.FAIL: 1}.get(self.outcome, 2)
