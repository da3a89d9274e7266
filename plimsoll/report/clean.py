"""A verdict fit to leave this machine: every text redacted, every moment in UTC.

Renderers take nothing but a `Clean` verdict, so that no text can pass the redactor by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import NewType

from plimsoll.model import Finding, Promise, RunIdentity, Verdict, Waiver
from plimsoll.redact import Redactor

Clean = NewType("Clean", Verdict)

Wash = Callable[[str], str]


def clean(verdict: Verdict, *, redact: Redactor) -> Clean:
    """The same verdict without secrets and without what UTF-8 cannot carry. A promise's parameters stay behind."""

    def wash(text: str) -> str:
        return _encodable(redact(text))

    findings = tuple(_finding(finding, wash, redact) for finding in verdict.findings)
    return Clean(replace(verdict, run=_run(verdict.run, wash), findings=findings))


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
    )


def _pairs(pairs: Mapping[str, str], wash: Wash) -> dict[str, str]:
    return {wash(name): wash(value) for name, value in pairs.items()}


def _finding(finding: Finding, wash: Wash, redact: Redactor) -> Finding:
    return replace(
        finding,
        promise=_promise(finding.promise, wash),
        expected=wash(finding.expected),
        actual=wash(finding.actual),
        message=wash(finding.message),
        hint=wash(finding.hint),
        evidence=tuple(map(_encodable, redact.lines(finding.evidence))),
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
