"""A verdict fit to leave this machine: every text redacted, every moment in UTC.

Renderers take nothing but a `Clean` verdict, so that no text can pass the redactor by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from functools import cache
from typing import NewType

from plimsoll.model import Advice, FileSeen, Finding, Hole, KnownHole, Promise, RunIdentity, Spot, Verdict, Waiver
from plimsoll.packed import washed_record
from plimsoll.redact import Redactor

Clean = NewType("Clean", Verdict)

Wash = Callable[[str], str]


def clean(verdict: Verdict, *, redact: Redactor) -> Clean:
    """The same verdict without secrets and without what UTF-8 cannot carry. A promise's parameters stay behind."""

    @cache
    def wash(text: str) -> str:
        return _encodable(redact(text))

    findings = tuple(_finding(finding, wash, redact) for finding in verdict.findings)
    return Clean(
        Verdict(
            run=_run(verdict.run, wash),
            findings=findings,
            strict=verdict.strict,
            advice=tuple(_advice(advice, wash) for advice in verdict.advice),
            files=tuple(_file(file, wash) for file in verdict.files),
            baseline=wash(verdict.baseline),
            gone=tuple(_known(hole, wash) for hole in verdict.gone),
            journals=tuple(washed_record(journal, wash) for journal in verdict.journals),
            loads=tuple(washed_record(load, wash) for load in verdict.loads),
            capacities=tuple(washed_record(capacity, wash) for capacity in verdict.capacities),
            history=verdict.history and washed_record(verdict.history, wash),
        )
    )


def _encodable(text: str) -> str:
    """The text with lone surrogates (bytes that were no UTF-8) spelt out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _run(run: RunIdentity, wash: Wash) -> RunIdentity:
    return RunIdentity(
        id=wash(run.id),
        started=run.started.astimezone(UTC),
        finished=run.finished.astimezone(UTC),
        deployment=wash(run.deployment),
        stack=wash(run.stack),
        images=_pairs(run.images, wash),
        tool_versions=_pairs(run.tool_versions, wash),
        root=wash(run.root),
    )


def _pairs(pairs: Mapping[str, str], wash: Wash) -> dict[str, str]:
    return {wash(name): wash(value) for name, value in pairs.items()}


def washed(finding: Finding, *, redact: Redactor) -> Finding:
    """The same finding without secrets, as a report will hold it."""
    return _finding(finding, lambda text: _encodable(redact(text)), redact)


def _finding(finding: Finding, wash: Wash, redact: Redactor) -> Finding:
    return replace(
        finding,
        promise=_promise(finding.promise, wash),
        expected=wash(finding.expected),
        actual=wash(finding.actual),
        message=wash(finding.message),
        hint=wash(finding.hint),
        evidence=tuple(map(_encodable, redact.lines(finding.evidence))),
        holes=tuple(_hole(hole, wash) for hole in finding.holes),
    )


def _hole(hole: Hole, wash: Wash) -> Hole:
    return Hole(
        spot=_spot(hole.spot, wash),
        what=wash(hole.what),
        fix=wash(hole.fix),
        beside=tuple(_spot(spot, wash) for spot in hole.beside),
        known=hole.known,
    )


def _spot(spot: Spot, wash: Wash) -> Spot:
    return Spot(wash(spot.file), max(spot.line, 0))


def _advice(advice: Advice, wash: Wash) -> Advice:
    return Advice(
        scanner=wash(advice.scanner),
        rule=wash(advice.rule),
        severity=advice.severity,
        spot=_spot(advice.spot, wash),
        message=wash(advice.message),
        link=wash(advice.link),
    )


def _file(file: FileSeen, wash: Wash) -> FileSeen:
    return FileSeen(name=wash(file.name), kind=wash(file.kind), spot=_spot(file.spot, wash), trouble=wash(file.trouble))


def _known(hole: KnownHole, wash: Wash) -> KnownHole:
    return KnownHole(
        fingerprint=wash(hole.fingerprint),
        promise=wash(hole.promise),
        rule=wash(hole.rule),
        spot=_spot(hole.spot, wash),
        what=wash(hole.what),
    )


def _promise(promise: Promise, wash: Wash) -> Promise:
    waiver = promise.waiver
    return Promise(
        id=wash(promise.id),
        rule=wash(promise.rule),
        area=wash(promise.area),
        title=wash(promise.title),
        source=wash(promise.source),
        waiver=waiver and Waiver(reason=wash(waiver.reason), owner=wash(waiver.owner), expires=waiver.expires),
    )
