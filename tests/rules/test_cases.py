"""Every rule says of every case what the case says it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.artefacts.observe import KINDS
from plimsoll.model import Outcome
from plimsoll.observations import HttpExchange, HttpSurvey, TlsSurvey
from plimsoll.rules import RULES
from tests.rules.cases import CASES, Case, CaseError, build, case_files, judge, outcome_of, read_case

FILES = list(case_files())
OPTIONAL = [(name, kind) for name, rule in RULES.items() for kind, needed in rule.reads.items() if not needed]


def label(path: Path) -> str:
    """A case as its test is called."""
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=label)
def test_case(path: Path) -> None:
    """A rule says what the case says: the outcome, and words that name the cause."""
    case = read_case(path)

    finding = judge(path.parent.name, case)

    assert (finding.outcome, finding.message) == (outcome_of(case), finding.message)
    if case.sources and finding.outcome is Outcome.FAIL:
        assert finding.holes
        assert all(hole.spot.line for hole in finding.holes), "a finding on a file names the line"
    assert case.says in finding.message
    assert finding.expected


@pytest.mark.parametrize("path", [path for path in FILES if path.stem.startswith("bad")], ids=label)
def test_a_failure_helps_whoever_reads_it(path: Path) -> None:
    """A broken promise says what was seen and what to do."""
    finding = judge(path.parent.name, read_case(path))

    assert finding.outcome is not Outcome.PASS
    if finding.outcome is Outcome.FAIL:
        assert finding.actual
        assert finding.hint


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_cases(rule: str) -> None:
    """A rule that never judged a good and a bad case is a claim without proof."""
    outcomes = {path.stem.partition("-")[0]: set[str]() for path in (CASES / rule).iterdir()}
    for path in (CASES / rule).iterdir():
        outcomes[path.stem.partition("-")[0]].add(read_case(path).outcome)

    assert outcomes.keys() == {"good", "bad"}, f"cases belong into {CASES / rule}/good* and bad*"
    assert outcomes["good"] == {"pass"}
    assert "fail" in outcomes["bad"]
    assert outcomes["bad"] <= {"fail", "unknown"}


def test_every_case_folder_names_a_rule() -> None:
    """A folder whose rule was renamed would be judged by nobody."""
    assert {path.name for path in CASES.iterdir()} == set(RULES)
    assert {path.suffix for path in CASES.glob("*/*")} == {".json", ".md"}


@pytest.mark.parametrize(("rule", "kind"), OPTIONAL, ids=lambda value: getattr(value, "__name__", value))
def test_optional_observations_may_be_none(rule: str, kind: type) -> None:
    """What a rule can do without may be missing from any of its cases: it still judges."""
    judged = 0
    for path in (CASES / rule).iterdir():
        case = read_case(path)
        fewer = {name: seen for name, seen in case.observations.items() if name != kind.__name__}
        dropped = KINDS.get(kind, ())
        files = tuple(source for source in case.sources if source.kind not in dropped)

        finding = judge(rule, replace(case, observations=fewer, sources=files))

        judged += finding.outcome in (Outcome.PASS, Outcome.FAIL)
        if case.outcome == "pass":
            assert finding.outcome is Outcome.PASS, "an observation that excuses something is not optional"
    assert judged


def test_a_case_says_only_what_there_is() -> None:
    """A misspelt key would make a case say less than it seems to."""
    with pytest.raises(CaseError, match="HttpExchange has no header"):
        build({"header": []}, HttpExchange)
    with pytest.raises(CaseError, match="Case has no wy"):
        build({"wy": "a slip"}, Case)
    with pytest.raises(CaseError, match=r"Handshake\.version is missing"):
        build({"versions": [{}]}, TlsSurvey)
    with pytest.raises(CaseError, match="expected int, got '200'"):
        build({"exchanges": [{"status": "200"}]}, HttpSurvey)
    with pytest.raises(CaseError, match="expected int, got True"):
        build({"status": True}, HttpExchange)


def test_a_case_shows_a_rule_what_the_rule_reads() -> None:
    """Observations and parameters that a rule does not know are slips, and so are those it lacks."""
    empty = Case(why="", outcome="fail", says="", observations={"TlsSurveys": {}})
    with pytest.raises(CaseError, match="http2-offered reads no Outage"):
        judge("http2-offered", replace(empty, observations={"TlsSurveys": {}, "Outage": {}}))
    with pytest.raises(CaseError, match="http2-offered needs a TlsSurveys"):
        judge("http2-offered", replace(empty, observations={}))
    with pytest.raises(CaseError, match="unknown or missing parameters: days_left"):
        judge("certificate-valid", empty)


def test_ordinary_values_are_what_a_case_need_not_say() -> None:
    """An exchange of no particular kind is the page, served."""
    exchange = build({}, HttpExchange)

    assert (exchange.kind, exchange.role, exchange.where) == ("page", "edge", "GET https://site.example/ -> 200")
