"""A verdict as SARIF 2.1.0, ready for code scanning: a result for every hole of every broken promise, and for advice.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html: the sections named here are its sections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from plimsoll.model import Advice, Finding, Hole, Outcome, holes_of
from plimsoll.report.clean import Clean
from plimsoll.report.sarif_parts import BASE, FINGERPRINT, SCHEMA, Json, Places, RuleText, Tools, level_of
from plimsoll.report.words import OUT_OF_REACH, explanation, headline, visible, waiver_words


def render(verdict: Clean, rules: Mapping[str, RuleText]) -> str:
    """The verdict as a SARIF log of one run; `rules` are what is known of each rule by its name."""
    tools, places = Tools(rules), Places(verdict.run.root)
    results = [*_results(verdict, tools, places), *(_advised(advice, tools, places) for advice in verdict.advice)]
    notifications = [*_untold(verdict, tools), *_troubles(verdict, places), *_nowhere(verdict, tools)]
    run = verdict.run
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": tools.shown(run.tool_versions.get("plimsoll", "")),
                "automationDetails": {"id": f"plimsoll/{run.deployment}/{run.id}"},
                "invocations": [
                    {
                        "executionSuccessful": verdict.outcome is not Outcome.UNKNOWN,
                        "exitCode": verdict.exit_code,
                        "exitCodeDescription": f"{headline(verdict)}. {explanation(verdict)}",
                        "startTimeUtc": _moment(run.started),
                        "endTimeUtc": _moment(run.finished),
                        "toolExecutionNotifications": notifications,
                    }
                ],
                "originalUriBaseIds": {
                    BASE: {"description": {"text": "The top of the checkout that holds the files."}}
                },
                "artifacts": _artifacts(verdict, places),
                "results": results,
                "columnKind": "unicodeCodePoints",
                "properties": {
                    "deployment": run.deployment,
                    "stack": run.stack,
                    "outcome": verdict.outcome.value,
                    "counts": {outcome.value: count for outcome, count in verdict.counts.items()},
                },
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _results(verdict: Clean, tools: Tools, places: Places) -> Iterator[Json]:
    for finding in verdict.findings:
        if finding.outcome is Outcome.FAIL:
            for hole, known in zip(finding.holes, holes_of((finding,)), strict=False):
                yield _result(verdict, finding, hole, known.fingerprint, tools, places)


def _result(verdict: Clean, finding: Finding, hole: Hole, mark: str, tools: Tools, places: Places) -> Json:
    promise = finding.promise
    fix = hole.fix or ("" if any(each.fix for each in finding.holes) else finding.hint)  # never another hole's
    suppressions = []
    if finding.is_waived(verdict.run.finished.date()):
        suppressions.append(waiver_words(verdict, finding))
    if hole.known:
        suppressions.append(f"known since the baseline was written: {verdict.baseline}")
    text = f"{hole.what}\nInstead: {fix}" if fix else hole.what
    result: Json = {
        **tools.rule(promise.rule, finding),
        "kind": "fail",
        "level": level_of(finding.outcome),
        "message": {"text": visible(text) or promise.title or promise.id},
        "locations": [{"physicalLocation": places.at(hole.spot)}],
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {
            "promise": promise.id,
            "title": promise.title,
            "area": promise.area,
            "source": promise.source,
            "expected": finding.expected,
            "fix": fix,
        },
    }
    if hole.beside:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": places.at(spot),
                "message": {"text": f"Has a part in it: {visible(str(spot))}"},
            }
            for number, spot in enumerate(hole.beside, start=1)
        ]
    if verdict.baseline:
        result["baselineState"] = "unchanged" if hole.known else "new"
    if suppressions:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": why} for why in suppressions
        ]
    return result


def _advised(advice: Advice, tools: Tools, places: Places) -> Json:
    return {
        **tools.advice(advice),
        "kind": "fail",
        "level": level_of(advice.severity),
        "message": {"text": visible(advice.message) or advice.rule},
        "locations": [{"physicalLocation": places.at(advice.spot)}],
        "properties": {"scanner": advice.scanner, "severity": advice.severity.value, "advice": True},
    }


def _untold(verdict: Clean, tools: Tools) -> Iterator[Json]:
    """What nobody could tell is no result: it says something of the run (3.20.21)."""
    for finding in verdict.findings:
        if finding.outcome is Outcome.UNKNOWN:
            far = f" ({OUT_OF_REACH})" if finding.out_of_reach else ""
            yield _notification(
                "could-not-tell", level_of(finding.outcome), f"{_named(finding)}: {finding.message}{far}"
            ) | {"associatedRule": tools.reference(finding.promise.rule, finding)}


def _nowhere(verdict: Clean, tools: Tools) -> Iterator[Json]:
    """What is broken at no place of a file; code scanning takes no result without a place."""
    for finding in verdict.findings:
        if finding.outcome is Outcome.FAIL and not finding.holes:
            yield _notification("broken-elsewhere", "warning", f"{_named(finding)}: {finding.message}") | {
                "associatedRule": tools.reference(finding.promise.rule, finding)
            }


def _troubles(verdict: Clean, places: Places) -> Iterator[Json]:
    """What was not understood was not judged."""
    for file in verdict.files:
        if file.trouble:
            yield _notification("not-understood", "warning", f"{file.name}: {file.trouble}") | {
                "locations": [{"physicalLocation": places.at(file.spot)}]
            }


def _named(finding: Finding) -> str:
    return f"{finding.promise.id} {finding.promise.title}"


def _notification(kind: str, level: str, text: str) -> Json:
    return {"descriptor": {"id": kind}, "level": level, "message": {"text": visible(text)}}


def _artifacts(verdict: Clean, places: Places) -> list[Json]:
    """The files that were looked at, those of a guide once."""
    files = {file.spot.file: file for file in reversed(verdict.files)}
    return [
        {
            "location": places.file(name),
            "roles": ["analysisTarget"],
            "properties": {"kind": file.kind} if file.name == name else {},
        }
        for name, file in reversed(files.items())
    ]
