"""results.sarif is SARIF 2.1.0 and says what code scanning needs: rules, places, fixes, suppressions, fingerprints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator, FormatChecker

from plimsoll.model import Baseline, Finding, Severity, Spot, Verdict, holes_of
from plimsoll.redact import Redactor
from plimsoll.report import RuleText, write
from plimsoll.report.clean import clean
from plimsoll.report.sarif import render
from tests.report.test_any_text import hostile_examples, verdicts

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample

RULE = "strict-transport-security"
RULES = {
    RULE: RuleText(
        says="HSTS is sent.", why="Else the first visit is plain.", markdown="# HSTS", page="https://x/#hsts"
    )
}


@cache
def schema() -> Draft4Validator:
    """What holds a document against the schema of the standard."""
    path = Path(__file__).parent / "sarif" / "sarif-2.1.0-rtm.4.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    parts = document["definitions"]  # see README.md beside it for where the standard came to differ
    parts["suppression"]["properties"]["status"] = parts["suppression"]["properties"].pop("state")
    parts["region"]["anyOf"] = [{"required": [start]} for start in ("startLine", "charOffset", "byteOffset")]
    Draft4Validator.check_schema(document)
    return Draft4Validator(document, format_checker=FormatChecker())


def run_of(verdict: Verdict, rules: Mapping[str, RuleText] = RULES) -> Any:  # noqa: ANN401 - a JSON document
    """The one run of the log, once the schema has taken it."""
    log = json.loads(render(clean(verdict, redact=Redactor()), rules))
    assert [f"{error.json_path}: {error.message}" for error in schema().iter_errors(log)] == []
    (run,) = log["runs"]
    return run


@hostile_examples
@given(verdict=verdicts)
@settings(max_examples=40, deadline=None)
def test_whatever_was_found_is_valid(verdict: Verdict) -> None:
    """Any text, any outcome: the log keeps to the schema, and every index leads to what it names."""
    run = run_of(verdict, {})
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        else:
            scanner = run["tool"]["extensions"][result["rule"]["toolComponent"]["index"]]
            assert scanner["rules"][result["rule"]["index"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1


def test_schema_refuses_what_is_wrong(sample: Sample, make_verdict: MakeVerdict) -> None:
    """The control: the validator does see mistakes."""
    log = json.loads(render(clean(make_verdict((sample.holed(),)), redact=Redactor()), {}))
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(schema().iter_errors(log))) == 2


def test_each_hole_is_a_result(sample: Sample, make_verdict: MakeVerdict) -> None:
    """With its line, what is wrong, what to write instead, and the other places that have a part in it."""
    verdict = make_verdict((sample.holed(holes=2), sample.kept()))
    run = run_of(replace(verdict, run=replace(verdict.run, root="deploy")))
    first, second = run["results"]
    assert (first["ruleId"], first["level"], first["kind"]) == (RULE, "error", "fail")
    assert first["message"]["text"] == (
        'port 8000 of service s0 is published to every network\nInstead: - "127.0.0.1:8000:8000"'
    )
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/compose/production.yml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }
    (beside,) = first["relatedLocations"]
    assert beside["physicalLocation"]["artifactLocation"]["uri"] == "deploy/firewall/rules.sh"
    assert "relatedLocations" not in second
    assert first["properties"]["promise"] == "SP-HEA-05"
    assert first["properties"]["fix"] == '- "127.0.0.1:8000:8000"'


def test_rules_say_what_they_are(sample: Sample, make_verdict: MakeVerdict) -> None:
    """In a sentence, at length, in Markdown, and where their page is."""
    run = run_of(make_verdict((sample.holed(),)))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == RULE
    assert rule["shortDescription"]["text"] == "HSTS is sent."
    assert rule["fullDescription"]["text"] == "HSTS is sent. Else the first visit is plain."
    assert rule["help"]["markdown"] == "# HSTS"
    assert rule["helpUri"] == "https://x/#hsts"


def test_files_elsewhere_and_odd_names_are_addresses(sample: Sample, make_verdict: MakeVerdict) -> None:
    """A blank, a colon and a percent sign are encoded; an absolute path starts at no base."""
    finding = sample.holed(holes=2)
    holes = (
        replace(finding.holes[0], spot=Spot("a b/c:d%.yml", 0)),
        replace(finding.holes[1], spot=Spot("/etc/x.conf", 2)),
    )
    results = run_of(make_verdict((replace(finding, holes=holes),)))["results"]
    first, second = (result["locations"][0]["physicalLocation"] for result in results)
    assert first == {"artifactLocation": {"uri": "a%20b/c%3Ad%25.yml", "uriBaseId": "SRCROOT"}}
    assert second["artifactLocation"] == {"uri": "file:///etc/x.conf"}


def test_waived_and_known_are_suppressed(sample: Sample, make_verdict: MakeVerdict) -> None:
    """They stay in the log, with who agreed and why; what is new stands out."""
    finding = sample.holed(7, holes=3)
    baseline = Baseline(file="baseline.json", known=tuple(holes_of((finding,)))[:2])
    waived = sample.holed(8, holes=1, waiver=sample.waiver(expires=date(2026, 9, 1)))
    verdict = replace(make_verdict((baseline.applied(finding), waived)), baseline="baseline.json")
    results = run_of(verdict)["results"]
    assert [result.get("baselineState") for result in results] == ["unchanged", "unchanged", "new", "new"]
    assert [len(result.get("suppressions", ())) for result in results] == [1, 1, 0, 1]
    assert results[0]["suppressions"][0]["justification"] == "known since the baseline was written: baseline.json"
    assert results[3]["suppressions"][0]["justification"].startswith("waived until 2026-09-01 by platform team")


def shifted(finding: Finding, lines: int) -> Finding:
    """The same finding after somebody wrote so many lines above it."""

    def down(spot: Spot) -> Spot:
        return Spot(spot.file, spot.line + lines)

    return replace(
        finding,
        holes=tuple(
            replace(hole, spot=down(hole.spot), beside=tuple(map(down, hole.beside))) for hole in finding.holes
        ),
    )


def test_fingerprints_stay_when_lines_move(sample: Sample, make_verdict: MakeVerdict) -> None:
    """A fingerprint is of what is wrong, not of the line, and no two holes share one."""

    def marks(finding: Finding) -> list[str]:
        return [
            result["partialFingerprints"]["plimsollHole/v1"] for result in run_of(make_verdict((finding,)))["results"]
        ]

    finding = sample.holed(holes=4)
    twice = replace(finding, holes=finding.holes * 2)
    assert marks(finding) == marks(shifted(finding, 40))
    assert len(set(marks(twice))) == 8


@pytest.mark.parametrize(("kind", "code", "successful"), [("holed", 1, True), ("kept", 0, True), ("unknown", 2, False)])
def test_invocation_says_how_it_ended(
    kind: str, code: int, successful: bool, sample: Sample, make_verdict: MakeVerdict
) -> None:
    """The exit code of the run, and whether the run could tell."""
    (invocation,) = run_of(make_verdict((getattr(sample, kind)(),)))["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (code, successful)


def test_what_is_no_result_is_a_notification(sample: Sample, make_verdict: MakeVerdict) -> None:
    """What nobody could tell, what is broken at no place of a file, and what was not understood."""
    verdict = replace(
        make_verdict((sample.unknown(), sample.broken())), files=(sample.file("values.yml", trouble="a template"),)
    )
    run = run_of(verdict)
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [(note["descriptor"]["id"], note["level"]) for note in notes] == [
        ("could-not-tell", "note"),
        ("not-understood", "warning"),
        ("broken-elsewhere", "warning"),
    ]
    assert notes[1]["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}
    assert run["results"] == []
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["values.yml"]


def test_advice_speaks_for_its_scanner(sample: Sample, make_verdict: MakeVerdict) -> None:
    """Under the scanner's own rule and help page, never as an error."""
    advice = (
        sample.advice(1),
        sample.advice(2, severity=Severity.LOW),
        sample.advice(1, scanner="hadolint", severity=Severity.CRITICAL),
        sample.advice(1, severity=Severity.HIGH),
    )
    run = run_of(replace(make_verdict((sample.kept(),)), advice=advice))
    assert [result["level"] for result in run["results"]] == ["warning", "note", "warning", "warning"]
    assert [tool["name"] for tool in run["tool"]["extensions"]] == ["checkov", "hadolint"]
    assert [rule["id"] for rule in run["tool"]["extensions"][0]["rules"]] == ["CKV_1", "CKV_2"]
    assert run["tool"]["extensions"][0]["rules"][0]["helpUri"] == "https://docs.example/rules/1"


def test_log_lies_where_files_were_judged(sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> None:
    """In a run over files always, in any other where a finding has a place."""
    without = make_verdict((sample.broken(),))
    write(without, tmp_path / "smoke", redact=Redactor())
    write(replace(without, run=replace(without.run, stack="files")), tmp_path / "policy", redact=Redactor())
    write(make_verdict((sample.holed(),)), tmp_path / "places", redact=Redactor())
    assert not (tmp_path / "smoke" / "results.sarif").exists()
    assert json.loads((tmp_path / "policy" / "results.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tmp_path / "places" / "results.sarif").read_text())["runs"][0]["results"]
