"""Files against the schemas of who reads them: compose, GitHub's workflows, Kubernetes with unknown fields refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plimsoll.artefacts import trees
from plimsoll.model import Severity
from plimsoll.observations.artefacts import Kind, Node, SourceFile
from plimsoll.probes.scanners.desk import Crashed, Desk, Said
from plimsoll.probes.scanners.linters import FOUND, TOOLS, as_workflow, has_jobs
from plimsoll.probes.scanners.results import Result, Unread
from plimsoll.probes.scanners.scanner import Scanner, as_named, kinds

STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<number>\d+)\]|\['(?P<quoted>[^']+)'\]")
LONGEST = 240
"""Characters of a schema's complaint; some repeat the whole value."""

INVALID = re.compile(
    r"^ERROR (?P<path>\S+) did not validate for resource (?P<kind>[\w.-]+)/(?P<name>\S*)"
    r" against version [\w.]+: (?P<at>[^:]*): (?P<what>.*)$",
    re.MULTILINE,
)
BROKEN = re.compile(r"^ERROR (?P<path>\S+?):? (?P<why>(?!did not validate).*)$", re.MULTILINE)
UNKNOWN = re.compile(r"^WARN (?P<path>\S+) (?P<why>Couldn't find schema.*)$", re.MULTILINE)
PRODUCT = re.compile(r"^apiVersion:\s*['\"]?(v1|[\w-]+/v\w+|[\w.-]+\.k8s\.io/v\w+)['\"]?\s*(#.*)?$", re.MULTILINE)
"""Kubernetes' own groups; what others define has no schema here."""


def compose(desk: Desk) -> Iterator[Result | Unread]:
    """What the compose specification's schema says."""
    return _checked(desk, "vendor.compose-spec", "compose-schema", "https://github.com/compose-spec/compose-spec")


def workflow(desk: Desk) -> Iterator[Result | Unread]:
    """What the schema of GitHub's workflows says."""
    link = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax"
    return _checked(desk, "vendor.github-workflows", "workflow-schema", link)


def _checked(desk: Desk, schema: str, rule: str, link: str) -> Iterator[Result | Unread]:
    said = desk.run("--builtin-schema", schema, "--output-format", "json", *desk.files, ok=FOUND).json()
    for row in said.get("parse_errors", ()):
        yield Unread(path=desk.path(row["filename"]), why=row["message"])
    for row in said.get("errors", ()):
        best = row.get("best_deep_match") or row
        path = desk.path(row["filename"])
        where = best["path"].removeprefix("$.")
        yield Result(
            path=path,
            rule=rule,
            message=f"{where}: {_short(best['message'])}",
            severity=Severity.HIGH,
            line=_line(desk.files[path], best["path"].removeprefix("$")),
            link=link,
        )


def has_services(source: SourceFile) -> bool:
    """Whether a compose file is all there: a fragment may be one service."""
    return not source.fragment or bool(re.search(r"^(services|version|networks|volumes):", source.text, re.MULTILINE))


def kubernetes(desk: Desk) -> Iterator[Result | Unread]:
    """What Kubernetes' own schemas say, fields that they do not know refused."""
    said = desk.run("--strict", *desk.files, ok=FOUND)
    found = [_invalid(desk, each) for each in INVALID.finditer(said.err + said.out)]
    broken = [Unread(path=desk.path(each["path"]), why=each["why"]) for each in BROKEN.finditer(said.err + said.out)]
    odd = [Unread(path=desk.path(each["path"]), why=each["why"]) for each in UNKNOWN.finditer(said.err + said.out)]
    _understood(said, found, broken)
    yield from found
    yield from (each for each in (*broken, *odd) if each.path)


def _understood(said: Said, *found: list[Result] | list[Unread]) -> None:
    """Raises Crashed where it ended with 1, and nobody understands why."""
    if said.code and not any(found):
        raise Crashed(f"ended with {said.code}: {said.last}")


def _invalid(desk: Desk, found: re.Match[str]) -> Result:
    path = desk.path(found["path"])
    source = desk.files[path]
    where = found["at"].strip()
    node = _document(source, found["kind"], found["name"])
    return Result(
        path=path,
        rule="kubernetes-schema",
        message=f"{found['kind']}/{found['name']}: {where}: {_short(found['what'])}",
        severity=Severity.HIGH,
        line=_below(node, where).spot.line - source.first + 1 if node else 1,
        link="https://kubernetes.io/docs/reference/kubernetes-api/",
    )


def _document(source: SourceFile, kind: str, name: str) -> Node | None:
    """The document that a complaint is about."""
    for document in trees.read(source).documents:
        root = document.root
        if root["kind"].text.lower() == kind.lower() and root.at("metadata.name").text == name:
            return root
    return None


def is_manifest(source: SourceFile) -> bool:
    """Whether a file holds objects of Kubernetes itself, and is all there."""
    return bool(PRODUCT.search(source.text) and re.search(r"^kind:", source.text, re.MULTILINE))


def as_yaml(source: SourceFile) -> str:
    """Where manifests lie: each under a name of YAML."""
    name = as_named(source)
    return name if name.endswith((".yml", ".yaml", ".json")) else f"{name}.yaml"


def _line(source: SourceFile, path: str) -> int:
    documents = trees.read(source).documents
    return _below(documents[0].root, path).spot.line - source.first + 1 if documents else 1


def _below(node: Node, path: str) -> Node:
    """The value at a path as schemas write it (`jobs.a.steps[2]`, `spec.ports.0.port`), as far as there is one."""
    for step in STEP.finditer(path):
        key: str | int = step["key"] or step["quoted"] or int(step["number"])
        if isinstance(key, str) and key.isdigit() and node.is_list:
            key = int(key)
        below = node[key]
        if below.missing:
            break
        node = below
    return node


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"…{text[-LONGEST:]}"


def schemas() -> Iterable[Scanner]:
    """The scanners of this module."""
    yield Scanner(
        name="compose-schema",
        look=compose,
        knows=kinds(Kind.COMPOSE),
        meant=has_services,
        place=as_yaml,
        program="check-jsonschema",
        home=TOOLS,
        packages=("check-jsonschema",),
    )
    yield Scanner(
        name="workflow-schema",
        look=workflow,
        knows=kinds(Kind.WORKFLOW),
        meant=has_jobs,
        place=as_workflow,
        program="check-jsonschema",
        home=TOOLS,
        packages=("check-jsonschema",),
    )
    yield Scanner(
        name="kubernetes-validate",
        look=kubernetes,
        knows=kinds(Kind.KUBERNETES),
        meant=is_manifest,
        place=as_yaml,
        program="kubernetes-validate",
        home=TOOLS,
    )
