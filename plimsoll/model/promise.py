"""Promises, and what one judgement said of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from plimsoll.model.outcome import Outcome


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A line of a file, as a person looks it up. Line 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One place where a promise does not hold: where, what is wrong there, what to write instead, and who has a part.

    `beside` are the other places that it does not agree with. A `known` one was there when the baseline was written.
    """

    spot: Spot
    what: str
    fix: str = ""
    beside: tuple[Spot, ...] = ()
    known: bool = False

    def __str__(self) -> str:
        others = f" (see {', '.join(map(str, self.beside))})" if self.beside else ""
        return f"{self.spot}: {self.what}{others}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A promise somebody agreed to leave broken, until a day. `spot` is where it is written down."""

    reason: str
    owner: str
    expires: date
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One line of a deployment guide made checkable. `parameters` are the rule's keyword arguments.

    A `general` one comes from a policy: where a deployment has nothing that it speaks of, it does not apply.
    """

    id: str
    rule: str
    area: str
    title: str
    source: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    waiver: Waiver | None = None
    general: bool = False

    def judged(
        self, holes: Sequence[Hole], *, looked: Sequence[object], expected: str, hint: str = "", nothing: str = ""
    ) -> Finding:
        """The finding on what was looked at, one by one (`looked`, for evidence), and the holes found there.

        Where there was nothing to look at, `nothing` says of what; a general promise then does not apply.
        """
        if holes:
            more = f", and {len(holes) - 1} more" if len(holes) > 1 else ""
            return Finding(
                promise=self,
                outcome=Outcome.FAIL,
                expected=expected,
                actual=f"{len(holes)} of {max(len(looked), len(holes))} not as expected",
                message=f"{holes[0]}{more}",
                hint=holes[0].fix or hint,
                evidence=tuple(map(str, holes)),
                holes=tuple(holes),
            )
        if looked:
            return self.kept(expected=expected, actual=f"{len(looked)} looked at", evidence=[str(e) for e in looked])
        why = nothing or "there is nothing that this speaks of"
        return self.not_applicable(why) if self.general else self.unknown(why, expected=expected, hint=hint)

    def kept(self, *, expected: str, actual: str, evidence: Sequence[str] = ()) -> Finding:
        """The finding that this promise holds."""
        return Finding(
            promise=self,
            outcome=Outcome.PASS,
            expected=expected,
            actual=actual,
            message="kept",
            evidence=tuple(evidence),
        )

    def broken(
        self,
        *,
        expected: str,
        actual: str,
        message: str,
        hint: str = "",
        evidence: Sequence[str] = (),
        holes: Sequence[Hole] = (),
    ) -> Finding:
        """The finding that this promise is broken: the message names the cause, the hint what to do.

        `holes` are its places in files, where it has any.
        """
        return Finding(
            promise=self,
            outcome=Outcome.FAIL,
            expected=expected,
            actual=actual,
            message=message,
            hint=hint,
            evidence=tuple(evidence),
            holes=tuple(holes),
        )

    def unknown(
        self,
        message: str,
        *,
        expected: str = "",
        actual: str = "",
        hint: str = "",
        evidence: Sequence[str] = (),
        out_of_reach: bool = False,
    ) -> Finding:
        """The finding that nobody could tell; `out_of_reach` when this kind of stack cannot show it at all."""
        return Finding(
            promise=self,
            outcome=Outcome.UNKNOWN,
            expected=expected,
            actual=actual,
            message=message,
            hint=hint,
            evidence=tuple(evidence),
            out_of_reach=out_of_reach,
        )

    def not_applicable(self, why: str) -> Finding:
        """The finding that this promise does not concern this deployment, and why."""
        return Finding(promise=self, outcome=Outcome.NOT_APPLICABLE, expected="", actual="", message=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one judgement said of one promise. A `known` one has no hole that its baseline lacks."""

    promise: Promise
    outcome: Outcome
    expected: str
    actual: str
    message: str
    hint: str = ""
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0
    out_of_reach: bool = False
    holes: tuple[Hole, ...] = ()
    known: bool = False

    def is_waived(self, today: date) -> bool:
        """Whether an unexpired waiver covers this failure."""
        waiver = self.promise.waiver
        return self.outcome is Outcome.FAIL and waiver is not None and today <= waiver.expires

    def needs_no_waiver(self, today: date) -> bool:
        """Whether an unexpired waiver covers nothing: the promise is kept, or does not apply."""
        waiver = self.promise.waiver
        return waiver is not None and today <= waiver.expires and self.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
