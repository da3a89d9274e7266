"""checkov, without its command: its runners imported once in a process of its own, which has no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.scanners.desk import Crashed, Desk
from plimsoll.probes.scanners.linters import as_workflow
from plimsoll.probes.scanners.results import Result, Unread
from plimsoll.probes.scanners.scanner import POLICIES, Scanner, as_named
from plimsoll.probes.scanners.schemas import as_yaml

DRIVER = POLICIES / "scanners" / "checkov_driver.py"
CHECKS = POLICIES / "checkov"
FRAMEWORKS: Mapping[Kind, str] = {
    Kind.KUBERNETES: "kubernetes",
    Kind.DOCKERFILE: "dockerfile",
    Kind.TERRAFORM: "terraform",
    Kind.WORKFLOW: "github_actions",
}
SECRETS = "secrets"
GROUPS = (
    "https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency"
)
LINKS: Mapping[str, str] = {"CKV_PLIMSOLL_3": GROUPS}
"""Where to read on about checks whose kind has no place for a link."""

MANUAL = "https://www.checkov.io/5.Policy%20Index/all.html"
KINDS = frozenset(Kind) - {Kind.UNREADABLE}
"""Secrets may stand in any text."""


def checkov(desk: Desk) -> Iterator[Result | Unread]:
    """What checkov's runners say, and our own checks among theirs."""
    wanted = sorted({FRAMEWORKS[source.kind] for source in desk.files.values() if source.kind in FRAMEWORKS})
    said = desk.run("-sB", DRIVER, desk.folder, CHECKS, *wanted, SECRETS)
    answer = said.json()
    if set(answer) != {*wanted, SECRETS}:
        raise Crashed(f"only {', '.join(answer) or 'nothing'} answered: {said.last}")
    for framework, found in answer.items():
        rows = [(desk.path(row["file_path"]) or desk.path(row["repo_file_path"]), row) for row in found["failed"]]
        yield from dict.fromkeys(
            _result(desk, path, row) for path, row in rows if path and _is_for(framework, desk.files[path])
        )
        for each in found["unread"]:
            if path := desk.path(each):
                yield Unread(path=path, why=f"checkov's {framework} runner cannot read it")


def _is_for(framework: str, source: SourceFile) -> bool:
    """Whether a file is one of that framework's: a manifest that only looks like one is judged as what it is."""
    return framework == SECRETS or FRAMEWORKS.get(source.kind) == framework


def _result(desk: Desk, path: str, row: Mapping[str, object]) -> Result:
    lines, name, resource = row["file_line_range"], str(row["check_name"]), str(row["resource"])
    hidden = str(row["check_id"]).startswith("CKV_SECRET") or str(desk.folder) in resource  # a hash, a folder of ours
    return Result(
        path=path,
        rule=str(row["check_id"]),
        message=name if hidden else f"{resource}: {name}",
        line=lines[0] if isinstance(lines, list) and lines and isinstance(lines[0], int) else 1,
        link=str(row["guideline"] or LINKS.get(str(row["check_id"]), MANUAL)),
    )


def place(source: SourceFile) -> str:
    """Where checkov's runners look for a file of its kind."""
    if source.kind is Kind.WORKFLOW:
        return as_workflow(source)
    if source.kind is Kind.KUBERNETES:
        return as_yaml(source)
    name = as_named(source)
    if source.kind is Kind.DOCKERFILE and not name.rpartition("/")[2].startswith("Dockerfile"):
        return f"{name}.dockerfile"
    return f"{name}.tf" if source.kind is Kind.TERRAFORM and not name.endswith((".tf", ".tfvars", ".json")) else name


CHECKOV = Scanner(
    name="checkov",
    program="python",
    look=checkov,
    knows=KINDS,
    home="checkov",
    together=True,
    place=place,
    settings=(DRIVER, *sorted(CHECKS.glob("*.py")), *sorted(CHECKS.glob("*.yaml"))),
)
