"""What the pages say is so: links lead somewhere, examples are read, and every name is one that there is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plimsoll.deployment import DEPLOYMENTS, FILE, read_deployment
from plimsoll.model import ACTS
from plimsoll.mutants.mutant import read_mutant
from plimsoll.promises import policies
from plimsoll.rules import RULES
from tests.imports import HOME

CASES = HOME / "fixtures" / "cases"
WRITTEN = HOME / "docs" / "rules"
"""Pages made of rules and cases: what stands in them as TOML are cases."""

PAGES = sorted(
    page
    for page in (*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md"), *(HOME / "fixtures").rglob("*.md"))
    if not page.is_relative_to(CASES)  # what a rule is shown, often wrong on purpose
    and not page.is_relative_to(DEPLOYMENTS)  # a deployment's own documents, which speak of its own files
)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LONE = re.compile(r"^`[^`\n]+`$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
DASHED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
GAP = re.compile(r"<[^>]+>|NAME")

BENCHMARKS = "drill-overhead drill-processes drill-containers"
OTHERS = frozenset(f"change-me db-custom-4-15360 frame-ancestors long-header long-uri real-ip {BENCHMARKS}".split())
"""Dashed words in code that name nothing else: directives, requests, values of settings, benchmarks."""

ELSEWHERE = ("/", "~", "reports/")
"""How paths begin that are a machine's, a server's, or written by runs."""

MUTANTS_OF = "nestmap"
"""The deployment that the examples of mutants are about."""

EXAMPLES = [
    pytest.param(text, id=f"{page.relative_to(HOME)}:{number}")
    for page in PAGES
    if not page.is_relative_to(WRITTEN)
    for number, (language, text) in enumerate(FENCE.findall(page.read_text(encoding="utf-8")), start=1)
    if language == "toml"
]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every link that stays in the project leads to a file that is there."""
    local = [link for link in LINK.findall(prose(page)) if "://" not in link]

    assert [link for link in local if not (page.parent / link.partition("#")[0]).exists()] == []


@every_page
def test_paths_are_there(page: Path) -> None:
    """Every path named in code is there, from the project's folder or the library's; `<rule>` stands for anything."""
    homes = (HOME, HOME / "plimsoll")
    named = {word for word in words(page) if "/" in word and not {*word} & {*" {"} and not word.startswith(ELSEWHERE)}
    ours = {word for word in named if any((home / word.partition("/")[0]).is_dir() for home in homes)}

    assert [word for word in ours if not any(found(home, word) for home in homes)] == []


@every_page
def test_rules_and_policies_exist(page: Path) -> None:
    """Every dashed name in code is a rule, a policy, a deployment, an act of a runbook, or one of the few OTHERS."""
    deployments = {path.parent.name for path in DEPLOYMENTS.glob(f"*/{FILE}")}
    stated = {word for text in toml(page) for word in tomllib.loads(text).get("paths", {})}
    known = {*RULES, *policies(), *deployments, *ACTS, *OTHERS, *stated}

    assert {word for word in words(page) if DASHED.fullmatch(word)} <= known


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_are_read(text: str, tmp_path: Path) -> None:
    """Every example in TOML is read as a deployment's file or a mutant's, its rules and parameters included."""
    document = tomllib.loads(text)
    if document.keys() & {"defect", "variant"}:
        path = tmp_path / "example.toml"
        path.write_text(text, encoding="utf-8")
        assert read_mutant(path, read_deployment(DEPLOYMENTS / MUTANTS_OF / FILE)).name == "example"
    else:
        for name in files(document):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        path = tmp_path / FILE
        path.write_text(whole(text, document), encoding="utf-8")
        assert read_deployment(path).promises


def test_every_part_is_on_the_map() -> None:
    """ARCHITECTURE.md names every module and every package of the library."""
    text = (HOME / "ARCHITECTURE.md").read_text(encoding="utf-8")
    parts = {
        path.stem for path in (HOME / "plimsoll").iterdir() if not path.name.startswith(("__init__", "__pycache__"))
    }

    assert {part for part in parts if not re.search(rf"\b{part}\b", text)} == set()


def prose(page: Path) -> str:
    """The page without its examples, and without the names of their files."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return LONE.sub("", text) if page.is_relative_to(WRITTEN) else text


def words(page: Path) -> Iterator[str]:
    """What stands in code in the page's sentences."""
    yield from CODE.findall(prose(page))


def toml(page: Path) -> Iterator[str]:
    """The page's examples in TOML."""
    yield from (text for language, text in FENCE.findall(page.read_text(encoding="utf-8")) if language == "toml")


def found(home: Path, word: str) -> bool:
    """Whether there is such a path; a gap stands for anything."""
    return any(home.glob(GAP.sub("*", word).strip("/")))


def files(document: Mapping[str, object]) -> Iterator[str]:
    """The files that a deployment's example names, as far as they must be there."""
    live, artefacts, services = (table(document, name) for name in ("live", "artefacts", "services"))
    yield from (str(live[key]) for key in ("ca", "ssh_key", "ssh_known_hosts") if key in live)
    yield from map(str, artefacts.values())
    yield from (str(found) for key, found in table(document, "recovery").items() if key == "environment")
    yield from (str(found) for key, found in table(document, "rollout").items() if key == "migrations")
    for name in services:
        service = table(services, name)
        yield from (str(service[key]) for key in ("config", "environment") if key in service)
        yield from table(service, "files")


def table(inside: Mapping[str, object], name: str) -> Mapping[str, object]:
    """One table of another; empty where there is none."""
    found = inside.get(name, {})
    assert isinstance(found, dict)
    return found


def whole(text: str, document: Mapping[str, object]) -> str:
    """The example, with what a deployment needs besides where the page says only a part."""
    before, after = "", ""
    if "name" not in document:
        before = 'name = "shop"\nhosts = ["shop.example", "api.shop.example"]\n'
    if "promise" not in document and "policies" not in document:
        before += 'policies = ["edge-baseline"]\n'
    if "live" not in document and "services" not in document:
        after = '[live]\nurl = "https://shop.example"\n'
    return f"{before}{text}\n{after}"
