"""What strangers and careless lines can make of a CI workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Pipeline, Pipelines
from plimsoll.rules.rollout.conditions import events
from plimsoll.rules.rollout.jobs import texts_in

__all__ = ["commands_not_injectable", "forks_without_secrets", "secrets_kept"]

STRANGERS = re.compile(
    r"\$\{\{[^}]*(github\.event\.(issue|pull_request|comment|review|review_comment|discussion|head_commit|workflow_run)"
    r"[\w.\[\]*]*\.(title|body|message|name|email|label|ref|head_branch|display_title|login)|github\.event\.commits"
    r"|github\.head_ref)[^}]*\}\}"
)
"""What anybody can write: titles, bodies, names of branches (GitHub: Security hardening, script injections)."""

SHOWN = re.compile(r"^\s*(echo|printf)\b[^|>\n]*\$\{\{\s*secrets\.[\w-]+\s*\}\}[^|>\n]*$", re.MULTILINE)
ARGUMENT = re.compile(r"\s(--password|-p|--token|-u\s+\S+:)[= ]*['\"]?\$\{\{\s*secrets\.[\w-]+")
SECRET = re.compile(r"\bsecrets\.[\w-]+")
OF_A_FORK = re.compile(
    r"github\.event\.pull_request\.(head|number)|github\.head_ref|github\.event\.workflow_run\.head|refs/pull/"
)


def commands_not_injectable(promise: Promise, pipelines: Pipelines) -> Finding:
    """No command is made of what a stranger wrote."""
    commands = [
        (node, step)
        for pipeline in pipelines.pipelines
        for _, step in pipeline.steps
        for node in (step.node["run"], step.node.at("with.script"))
        if node.text
    ]
    return promise.judged(
        [
            Hole(
                spot=node.spot,
                what=f"{found[0]} becomes part of the command itself: a title such as $(curl ...) is run",
                fix='env: { TITLE: ${{ ... }} }, and in the command "$TITLE"',
            )
            for node, _ in commands
            for found in STRANGERS.finditer(node.text)
        ],
        looked=[f"{node.spot}: a command" for node, _ in commands],
        expected="commands in which strangers have no word",
        nothing="no workflow runs a command",
    )


def secrets_kept(promise: Promise, pipelines: Pipelines) -> Finding:
    """A secret is given to the steps that need it, by environment, and shown to nobody."""
    holes = [hole for pipeline in pipelines.pipelines for hole in _spread(pipeline)]
    return promise.judged(
        holes,
        looked=[f"{pipeline.source.spot(1)}: {pipeline.name}" for pipeline in pipelines.pipelines],
        expected="secrets in the env of single steps",
        nothing="there is no workflow",
    )


def _spread(pipeline: Pipeline) -> Iterator[Hole]:
    for name in pipeline.root["env"].keys:
        said = pipeline.root["env"][name]
        if SECRET.search(said.text):
            what = f"{name} is in the environment of every step of every job, the actions of others included"
            yield Hole(spot=said.spot, what=what, fix="env: of the step that needs it")
    for _, step in pipeline.steps:
        for found in SHOWN.finditer(step.node["run"].text):
            what = (
                f"{SECRET.findall(found[0])[0]} is written to the log: the mask fails as soon as it is encoded or cut"
            )
            yield Hole(spot=step.node["run"].spot, what=what, fix="no output of secrets")
        for found in ARGUMENT.finditer(step.node["run"].text):
            what = f"{SECRET.findall(found[0])[0]} is an argument: every process on the runner can read it"
            yield Hole(spot=step.node["run"].spot, what=what, fix="env: and standard input, such as --password-stdin")


def forks_without_secrets(promise: Promise, pipelines: Pipelines) -> Finding:
    """The code of a stranger's pull request does not run with the secrets of this repository."""
    trusted = [
        pipeline
        for pipeline in pipelines.pipelines
        if {"pull_request_target", "workflow_run", "issue_comment"} & {*events(pipeline)}
    ]
    holes = []
    for pipeline in trusted:
        for _, step in pipeline.steps:
            taken = "checkout" in step.uses or re.search(r"gh\s+pr\s+checkout|git\s+(fetch|checkout|switch)", step.run)
            fork = next((text for text in texts_in(step.node) if OF_A_FORK.search(text.text)), None)
            if taken and (fork or "gh pr checkout" in step.run):
                what = f"{' and '.join(events(pipeline))} run with secrets, and this takes a stranger's code there"
                spot = fork.spot if fork else step.spot
                holes.append(Hole(spot=spot, what=what, fix="on: pull_request, which has no secrets for forks"))
    return promise.judged(
        holes,
        looked=[f"{pipeline.source.spot(1)}: {', '.join(events(pipeline))}" for pipeline in pipelines.pipelines],
        expected="on: pull_request for the code of others",
        nothing="there is no workflow",
    )
