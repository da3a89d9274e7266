"""A verdict as JUnit XML: one test case per finding, in the words of the promise."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from plimsoll.model import Finding, Outcome
from plimsoll.report.clean import Clean
from plimsoll.report.words import KNOWN, OUT_OF_REACH, explanation, headline, waiver_words

_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0 in any form (section 2.2)."""


def render(verdict: Clean) -> str:
    """The verdict as one test suite; what does not decide the run (waived, out of reach) is skipped."""
    run = verdict.run
    top = ET.Element("testsuites", name="plimsoll")
    suite = ET.SubElement(top, "testsuite", name=_legal(run.deployment), timestamp=run.started.isoformat())
    properties = ET.SubElement(suite, "properties")
    for name, value in {
        "run": run.id,
        "deployment": run.deployment,
        "stack": run.stack,
        "started": run.started.isoformat(),
        "finished": run.finished.isoformat(),
        "outcome": verdict.outcome.value,
        "verdict": f"{headline(verdict)}. {explanation(verdict)}",
        **{f"image.{role}": image for role, image in run.images.items()},
        **{f"tool.{tool}": version for tool, version in run.tool_versions.items()},
    }.items():
        ET.SubElement(properties, "property", name=_legal(name), value=_legal(value))
    for finding in verdict.findings:
        suite.append(_case(verdict, finding))
    took = f"{sum(f.seconds for f in verdict.findings):.3f}"
    for element in (top, suite):
        element.set("tests", str(len(verdict.findings)))
        element.set("failures", str(len(suite.findall("testcase/failure"))))
        element.set("errors", str(len(suite.findall("testcase/error"))))
        element.set("skipped", str(len(suite.findall("testcase/skipped"))))
        element.set("time", took)
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _case(verdict: Clean, finding: Finding) -> ET.Element:
    promise = finding.promise
    name = _legal(f"{promise.id} {promise.title}")
    case = ET.Element("testcase", classname=_legal(promise.area), name=name, time=f"{finding.seconds:.3f}")
    outcome, excused = finding.outcome, verdict.excuses(finding, verdict.run.finished.date())
    if outcome is Outcome.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=_legal(f"not applicable: {finding.message}"))
    elif excused:
        why = (waiver_words(verdict, finding) or KNOWN) if outcome is Outcome.FAIL else OUT_OF_REACH
        ET.SubElement(case, "skipped", message=_legal(f"{why}; {finding.message}")).text = _story(finding)
    elif outcome is Outcome.FAIL:
        ET.SubElement(case, "failure", message=_legal(finding.message), type="PromiseBroken").text = _story(finding)
    elif outcome is Outcome.UNKNOWN:
        ET.SubElement(case, "error", message=_legal(finding.message), type="CouldNotTell").text = _story(finding)
    return case


def _story(finding: Finding) -> str:
    """Everything the finding says, a line each."""
    return _legal(
        "\n".join(
            (
                f"expected: {finding.expected}",
                f"actual:   {finding.actual}",
                *(f"evidence: {line}" for line in finding.evidence),
                f"hint: {finding.hint}",
                f"source: {finding.promise.source}",
            )
        )
    )


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
