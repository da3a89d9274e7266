"""Whatever workflows, process files and monitoring files say, rules judge it: nothing in a file makes one raise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts import javascript
from plimsoll.artefacts.observe import KINDS, observe
from plimsoll.model import Outcome
from plimsoll.observations.artefacts import Kind, Node, SourceFile
from plimsoll.rules import RULES
from plimsoll.rules.promql import divided_by_themselves, parsed, seconds
from plimsoll.rules.rollout.conditions import holds
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "dashboard-shows": {"panels_of": ("rate",)},
    "dependencies-watched": {"ecosystems": ("npm",)},
    "deploys-triggered": {"environments": {"production": "refs/tags/v*"}},
    "documents-exist": {"titles": {"API": "docs/openapi.yaml", "Runbook": "docs/runbook.md"}},
    "errors-reported": {"sample_rate": 0.1},
    "images-for-platforms": {"platforms": ("linux/amd64",)},
    "major-releases-reviewed": {"environment": "review"},
    "pm2-restarts-on-memory": {"app": "api", "restart": "1G", "heap_at_most": 1024},
    "pm2-uses-all-cores": {"app": "api"},
    "rollback-planned": {"document": "*.md", "heading": "Back", "commands": ("back.sh",)},
    "rollouts-awaited": {"workloads": ("web",)},
    "scraped-every": {"job": "api", "interval": 5},
    "stages-in-order": {"stages": ("test", "deploy"), "refs": ("refs/heads/main",)},
    "staging-tested-first": {"staging": "refs/heads/main", "production": "refs/tags/v1", "tests": "test"},
    "work-scheduled": {"every_days": 7, "does": "audit"},
}
OURS = ("rollout", "supply_chain", "observability", "agreement")
MODULES = ("agreement.metrics", "agreement.monitoring", "agreement.processes", "agreement.releases")
TRIED = sorted(
    name
    for name, rule in RULES.items()
    if all(kind in KINDS for kind in rule.reads)
    and (rule.judge.__module__.endswith(MODULES) or rule.area in ("rollout", "supply-chain", "observability"))
)

WORDS = st.sampled_from(
    [
        *("", "1G", "max", "api", "production", "npm test", "${{ secrets.A }}", "on", "5m", "0 0 30 2 *", "a/b@c"),
        *("sum(rate(a[5m])) / a", "histogram_quantile(", "app:5000", "[::1]:9", "((", "v*", "true", "-1", "\u00b2"),
        "9" * 400,
    ]
)
NAMES = """
    on push branches schedule cron jobs test needs if steps run uses with env environment permissions strategy matrix
    apps name instances exec_mode node_args deploy groups rules alert expr for labels annotations route receiver
    receivers routes global scrape_configs static_configs targets panels dashboard datasource services image openapi
    info paths /a/{b} get responses scripts updates $ref matchers rule_files
"""
KEYS = st.sampled_from(re.findall(r"\S+", NAMES))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
KINDS_TRIED = (
    {
        Kind.WORKFLOW: "ci.yml",
        Kind.PROMETHEUS: "prometheus.yml",
        Kind.ALERTS: "alerts.yml",
        Kind.DASHBOARD: "board.json",
    }
    | {Kind.ALERTMANAGER: "alertmanager.yml", Kind.COMPOSE: "compose.yml", Kind.PACKAGE: "package.json"}
    | {Kind.DATASOURCES: "sources.yml", Kind.DEPENDENCIES: "dependabot.yml", Kind.OPENAPI: "docs/openapi.yaml"}
)
TEXTS = {
    Kind.SCRIPT: "a.sh",
    Kind.DOCUMENT: "docs/runbook.md",
    Kind.EXPOSITION: "a.prom",
    Kind.LOGROTATE: "a.logrotate",
} | {Kind.JAVASCRIPT: "a.js", Kind.NGINX: "nginx.conf"}


def files(value: object, text: str) -> list[SourceFile]:
    """One file of each kind, all of which say the same."""
    said = json.dumps(value)
    trees = [SourceFile(name=name, kind=kind, text=said) for kind, name in KINDS_TRIED.items()]
    exported = SourceFile(name="ecosystem.config.js", kind=Kind.PM2, text=f"module.exports = {said};")
    return [*trees, exported, *(SourceFile(name=name, kind=kind, text=text) for kind, name in TEXTS.items())]


@pytest.mark.parametrize("name", TRIED)
@given(value=st.dictionaries(KEYS, VALUES, max_size=6), text=st.text(max_size=60))
@settings(max_examples=15, deadline=None)
def test_rules_judge_anything(name: str, value: object, text: str) -> None:
    """Any tree in any file gives a finding with words in it."""
    rule = RULES[name]
    seen = [observe(kind, files(value, text), NOW) for kind in rule.reads]

    finding = rule.judge(a_promise(name), *seen, **PARAMETERS.get(name, {}))

    assert finding.message
    assert finding.outcome is not Outcome.FAIL or all(hole.spot.line for hole in finding.holes)


def test_every_rule_of_ours_is_tried() -> None:
    """Rules that need parameters have them here."""
    needy = {name for name in TRIED if RULES[name].required}

    assert len(TRIED) > len(OURS)
    assert needy <= PARAMETERS.keys()


@given(text=st.text(max_size=80) | st.lists(WORDS, max_size=6).map(" ".join))
def test_queries_are_read_whatever_they_say(text: str) -> None:
    """Any text is a query, if only one with trouble."""
    query = parsed(text)

    assert all(selector.ends > selector.at or query.trouble for selector in query.selectors)
    assert isinstance(list(divided_by_themselves(query)), list)
    assert (seconds(text) or 0.0) >= 0.0
    assert holds(text, "refs/heads/main") in (True, False, None)


@given(value=st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), VALUES, max_size=6))
def test_object_literals_mean_what_json_means(value: Mapping[str, object]) -> None:
    """What JSON can say, an object literal says as well: tables, lists, texts and whole numbers are read back."""
    source = SourceFile(name="a.js", kind=Kind.PM2, text=f"module.exports = {json.dumps(value)};")

    reading = javascript.settings(source)

    assert reading.troubles == []
    assert meaning(reading.documents[0].root).keys() == value.keys()  # type: ignore[attr-defined] # a table is a dict


def meaning(node: Node) -> object:
    """What a node means, as JSON would have it."""
    if node.is_table:
        return {key: meaning(node[key]) for key in node.keys}
    return [meaning(item) for item in node.items] if node.is_list else node.value


@given(text=st.text(alphabet="{}[]()'\"`,:;/*.\\ \nabnew$0", max_size=60))
def test_programs_are_read_whatever_they_say(text: str) -> None:
    """Any text is a program, if only one that says nothing."""
    source = SourceFile(name="a.js", kind=Kind.JAVASCRIPT, text=f"new A({{{text}")

    assert isinstance(list(javascript.calls(source)), list)
    assert javascript.settings(SourceFile(name="a.js", kind=Kind.PM2, text=f"module.exports = {{{text}"))
