"""What became of one mutant, and of all of them together."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Finding, Outcome
from plimsoll.mutants.mutant import Mutant

Findings = Mapping[str, Finding]
UNTOLD = (Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One mutant tried: the promises seen red of those it breaks, all others that changed, and the first thing to say.

    `tried` is False when the stack could not be brought to run with it at all, `within_reach` when this kind of stack
    shows nothing of what it breaks.
    """

    mutant: Mutant
    seen: tuple[str, ...] = ()
    collateral: tuple[str, ...] = ()
    message: str = ""
    seconds: float = 0.0
    tried: bool = True
    within_reach: bool = True

    @property
    def complete(self) -> bool:
        """Whether every promise that the mutant breaks was seen red."""
        return self.tried and set(self.seen) == set(self.mutant.breaks)

    @property
    def verdict(self) -> str:
        """Out of reach, refused, survived, collateral, or killed; a variant is kept or alarms."""
        if not self.within_reach:
            return "out of reach"
        if not self.tried:
            return "refused"
        if self.mutant.harmless:
            return "alarm" if self.collateral else "kept"
        if not self.complete:
            return "survived"
        return "collateral" if self.collateral else "killed"


def compare(mutant: Mutant, baseline: Findings, findings: Findings, *, seconds: float, refusal: str = "") -> Trial:
    """The trial whose findings differ so from the baseline's; `refusal` is what a service said to the mutant's file."""
    seen = tuple(name for name in mutant.breaks if _is_red(mutant, findings[name]))
    hidden = {name for pattern in mutant.hides for name in fnmatch.filter(findings, pattern)}
    collateral = tuple(
        name
        for name, finding in findings.items()
        if name not in mutant.breaks
        and _disturbed(baseline[name].outcome, finding.outcome)
        and not (name in hidden and finding.outcome in UNTOLD)
    )
    words = [
        *(_missed(mutant, baseline[name], findings[name]) for name in mutant.breaks if name not in seen),
        *(f"{name} became {findings[name].outcome}: {findings[name].message}" for name in collateral),
        *(findings[name].message for name in seen),
    ]
    words = words or ["nothing changed"]
    told = f"{words[0]} ({refusal})" if refusal and len(seen) < len(mutant.breaks) else words[0]
    return Trial(mutant=mutant, seen=seen, collateral=collateral, message=told, seconds=seconds)


def _disturbed(before: Outcome, now: Outcome) -> bool:
    """Whether a promise changed. One that now applies and is kept harms nobody."""
    return now is not before and (before, now) != (Outcome.NOT_APPLICABLE, Outcome.PASS)


def _is_red(mutant: Mutant, finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL and mutant.says[finding.promise.id].lower() in finding.message.lower()


def _missed(mutant: Mutant, before: Finding, now: Finding) -> str:
    """Why a promise that the mutant breaks does not count as seen."""
    name = now.promise.id
    if now.outcome is Outcome.FAIL:
        return f"{name} is red, but does not say {mutant.says[name]!r}: {now.message}"
    if now.outcome is not before.outcome:
        return f"{name} became {now.outcome}: {now.message}"
    if (now.actual, now.evidence) == (before.actual, before.evidence):
        return f"{name} sees nothing of it: {now.actual}"
    return f"{name} sees another thing and still holds: {now.actual}"


@dataclass(frozen=True, slots=True)
class Score:
    """All trials together."""

    trials: tuple[Trial, ...]

    @property
    def seen(self) -> int:
        """How many mutants broke all that they should."""
        return sum(trial.complete for trial in self.mutants)

    @property
    def mutants(self) -> tuple[Trial, ...]:
        """The trials of mutants that this stack can show."""
        return tuple(trial for trial in self.trials if trial.within_reach and not trial.mutant.harmless)

    @property
    def variants(self) -> tuple[Trial, ...]:
        """The trials of variants."""
        return tuple(trial for trial in self.trials if trial.mutant.harmless)

    @property
    def collateral(self) -> int:
        """How many promises changed that no mutant should have touched, over all trials."""
        return sum(len(trial.collateral) for trial in self.trials)

    @property
    def exit_code(self) -> int:
        """0 when every mutant was seen and nothing else changed, 1 when not, 2 when that could not be told."""
        verdicts = {trial.verdict for trial in self.trials if trial.within_reach}
        if verdicts & {"survived", "collateral", "alarm"}:
            return 1
        return 0 if verdicts and verdicts <= {"killed", "kept"} else 2

    def of(self, *verdicts: str) -> Iterator[Trial]:
        """The trials with these verdicts."""
        return (trial for trial in self.trials if trial.verdict in verdicts)

    def __str__(self) -> str:
        changed = f"{self.collateral} other promises changed" if self.collateral else "no collateral"
        beyond = len(list(self.of("out of reach")))
        return f"{self.seen} of {len(self.mutants)} mutants seen, {changed}" + "".join(
            (
                f"; {len(list(self.of('kept')))} of {len(self.variants)} variants kept" if self.variants else "",
                f"; {beyond} out of reach of this stack" if beyond else "",
            )
        )
