"""Whatever stands in manifests, tasks and Terraform, rules judge it: nothing in a file makes one raise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts.observe import observe
from plimsoll.deployment import read_deployment
from plimsoll.model import Outcome, Promise
from plimsoll.observations.artefacts import Artefacts, Kind, SourceFile
from plimsoll.probes.files.folder import declared, sources
from plimsoll.rules import RULES

DEPLOYMENTS = Path(__file__).parents[2] / "fixtures" / "deployments"
OURS = (
    "plimsoll.rules.kubernetes",
    "plimsoll.rules.cloud",
    *(f"plimsoll.rules.agreement.{module}" for module in ("cluster", "commands", "platforms", "references", "scaling")),
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ODD: tuple[object, ...] = (
    None,
    0,
    -1,
    10**40,
    1.5,
    True,
    "",
    "x",
    "9" * 30,
    "²",
    "<none>",
    [],
    {},
    [None],
    [[]],
    {"name": []},
    {"": {"a": 1}},
)
"""What nobody expects where something else belongs."""

odd = st.sampled_from(ODD)
spots = st.lists(st.tuples(st.integers(0, 400), odd), min_size=1, max_size=4)


@cache
def shown(name: str) -> tuple[tuple[SourceFile, ...], tuple[Promise, ...]]:
    """A deployment's files, and its promises about clusters and clouds."""
    deployment = read_deployment(DEPLOYMENTS / name / "deployment.toml")
    files = sources(DEPLOYMENTS / name, declared(deployment))
    return files, tuple(p for p in deployment.promises if RULES[p.rule].judge.__module__.startswith(OURS))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any YAML
    """The way to every value in a document."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple[Any, ...], odd: object) -> Any:  # noqa: ANN401 - likewise
    """The document with another value at that place."""
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], odd)
    return copy


def spoilt(source: SourceFile, spots: list[tuple[int, object]]) -> SourceFile:
    """A file with odd values at some places."""
    documents = list(yaml.safe_load_all(source.text))
    for number, value in spots:
        index = number % len(documents)
        ways = list(places(documents[index]))
        documents[index] = changed(documents[index], ways[number % len(ways)], value)
    if source.kind in (Kind.ECS, Kind.VERCEL, Kind.RAILWAY):
        return replace(source, text=json.dumps(documents[0]))
    return replace(source, text=yaml.safe_dump_all(documents))


def judge_all(files: tuple[SourceFile, ...], promises: tuple[Promise, ...]) -> None:
    """Every promise is judged; UNKNOWN and FAIL are answers as good as any."""
    seen: dict[type, Artefacts] = {}
    for promise in promises:
        rule = RULES[promise.rule]
        for kind in rule.reads:
            if kind not in seen:
                seen[kind] = observe(kind, files, NOW)
        if all(seen[kind].sources for kind, needed in rule.reads.items() if needed):
            looks = [seen[kind] if seen[kind].sources else None for kind in rule.reads]
            finding = rule.judge(promise, *looks, **promise.parameters)
            assert finding.outcome in Outcome
            assert all(str(hole) for hole in finding.holes)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(("nestmap", "mustache", "fixrx")), which=st.integers(0, 99), spots=spots)
def test_odd_values_are_judged(name: str, which: int, spots: list[tuple[int, object]]) -> None:
    """A list where a table was expected, a number where a text was: no rule raises."""
    files, promises = shown(name)
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES, Kind.ECS, Kind.VERCEL, Kind.RAILWAY)
    mine = [file for file in files if file.kind in kinds]
    target = mine[which % len(mine)]

    judge_all(tuple(spoilt(f, spots) if f is target else f for f in files), promises)


@settings(max_examples=40, deadline=None)
@given(
    which=st.integers(0, 99),
    cut=st.integers(0, 400),
    put=st.sampled_from(("", "{", "}", '"', "${", "[]", "= 5", "null")),
)
def test_odd_terraform_is_judged(which: int, cut: int, put: str) -> None:
    """A line cut short, a brace too many, a word where a text was: trouble at most, never an exception."""
    files, promises = shown("nimbus")
    mine = [file for file in files if file.kind is Kind.TERRAFORM]
    target = mine[which % len(mine)]
    lines = target.text.splitlines()
    line = lines[cut % len(lines)]
    lines[cut % len(lines)] = line[: cut % (len(line) + 1)] + put

    judge_all(tuple(replace(f, text="\n".join(lines)) if f is target else f for f in files), promises)


def test_every_rule_of_ours_is_tried() -> None:
    """A rule that no deployment promises would be tried by none of the tests above."""
    tried = {promise.rule for name in ("nestmap", "mustache", "fixrx", "nimbus") for promise in shown(name)[1]}

    assert {name for name, rule in RULES.items() if rule.judge.__module__.startswith(OURS)} <= tried
