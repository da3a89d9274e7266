"""One promise judged over every port and virtual host that was surveyed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from plimsoll.model import Finding, Promise
from plimsoll.observations import Chain, TlsSurvey, TlsSurveys

NAMED = 3
"""Faults that a message names; the evidence has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one survey says of a promise: broken if something is `wrong`, undecided if `unsure`, else kept."""

    actual: str = ""
    wrong: str = ""
    unsure: str = ""
    evidence: tuple[str, ...] = ()


def silent(survey: TlsSurvey) -> Said:
    """What is said of a port that accepted no version of TLS."""
    if survey.plaintext and survey.scheme == "http":
        return Said(unsure=f"the {survey.role} speaks http, not TLS")
    if survey.plaintext:
        return Said(wrong=f"{survey.where} speaks no TLS and serves without encryption")
    return Said(unsure=survey.trouble or f"{survey.where} accepted no version of TLS, so a refusal proves nothing")


def over(
    promise: Promise,
    surveys: Iterable[TlsSurvey],
    judge: Callable[[TlsSurvey], Said],
    *,
    expected: str,
    hint: str,
    without: Callable[[TlsSurvey], Said] = silent,
) -> Finding:
    """The promise is broken by one survey that breaks it, and kept if all keep it; `without` judges a bare port."""
    seen = list(surveys)
    said = [judge(survey) if survey.amount else without(survey) for survey in seen]
    evidence = [line for each in said for line in each.evidence]
    actual = _listed(each.actual for each in said)
    if wrong := [each for each in said if each.wrong]:
        return promise.broken(
            expected=expected,
            actual=_listed(each.actual or each.wrong for each in wrong),
            message=_listed(each.wrong for each in wrong),
            hint=hint,
            evidence=evidence,
        )
    if unsure := [each.unsure for each in said if each.unsure]:
        out_of_reach = all(survey.scheme == "http" and survey.plaintext and not survey.amount for survey in seen)
        return promise.unknown(
            _listed(unsure), expected=expected, actual=actual, evidence=evidence, out_of_reach=out_of_reach
        )
    if not seen:
        return promise.unknown("no port was looked at", expected=expected)
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def each_chain(judge: Callable[[TlsSurvey, Chain], Said]) -> Callable[[TlsSurvey], Said]:
    """Judges every chain of a survey: a server may have a certificate for each kind of key."""

    def judged(survey: TlsSurvey) -> Said:
        if not survey.chains:
            return Said(unsure=f"{survey.where} showed no certificate that could be read")
        said = [judge(survey, chain) for chain in survey.chains]
        return Said(
            actual=_listed(each.actual for each in said),
            wrong=_listed(each.wrong for each in said),
            unsure=_listed(each.unsure for each in said),
            evidence=tuple(line for each in said for line in each.evidence),
        )

    return judged


def chosen(surveys: TlsSurveys, role: str, hosts: Sequence[str] = ()) -> tuple[TlsSurvey, ...]:
    """The surveys of a role, of these virtual hosts where some are named."""
    return tuple(survey for survey in surveys.of(role) if not hosts or survey.host in hosts)


def shortened(names: Sequence[str], most: int = 4) -> str:
    """The first few names."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _listed(texts: Iterable[str]) -> str:
    """The different texts, the first few of them."""
    different = [text for text in dict.fromkeys(texts) if text]
    more = f"; and {len(different) - NAMED} more" if len(different) > NAMED else ""
    return "; ".join(different[:NAMED]) + more
