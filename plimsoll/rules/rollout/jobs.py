"""What the jobs of a workflow are for: which of them test, and which deploy where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.observations.artefacts import Job, Node, Pipeline, Pipelines, Step

TESTS = re.compile(
    r"\b(npm|pnpm|yarn|bun)\s+(run\s+)?(t|test|tests|verify|check)([:\w-]*)\b|\bnpx\s+(vitest|jest|playwright|cypress|mocha)\b"
    r"|\b(vitest|jest|pytest|tox|nox|phpunit|rspec|ctest)\b|\b(go|cargo|dotnet|mvn|mix|swift)\s+([\w-]+\s+)*(test|verify)\b"
    r"|\bgradlew?\s+([\w-]+\s+)*(test|check|build)\b|\bmake\s+([\w-]+\s+)*(test|check)\b|run-tests",
    re.IGNORECASE,
)
CHECKS = re.compile(
    TESTS.pattern
    + r"|\b(npm|pnpm|yarn)\s+(run\s+)?(lint|audit|type-?check)\b|\b(eslint|ruff|mypy|tsc)\b|\btrivy\b|\bgrype\b",
    re.IGNORECASE,
)
"""Commands that say whether something is as it should be."""

DEPLOYS = re.compile(
    r"\bkubectl\s+(apply|set\s+image|rollout\s+restart|replace)\b|\bhelm\s+(upgrade|install)\b"
    r"|\bdocker([ -])compose\b[^\n]*\bup\b|\bdocker\s+stack\s+deploy\b|\bpm2\s+(deploy|reload|start|restart)\b"
    r"|\becs\s+update-service\b|\bterraform\s+apply\b|\bvercel\b[^\n]*--prod\b|\brailway\s+up\b|\bfly(ctl)?\s+deploy\b"
    r"|\bgcloud\s+run\s+deploy\b|\b(serverless|cdk|wrangler|netlify)\s+deploy\b|\baz\s+webapp\s+deploy",
)
"""Commands that change what runs."""

REHEARSES = re.compile(
    r"^(test|check|validate|verify|lint|e2e|smoke|ci)([-_]|$)|[-_](test|tests|check|e2e)$", re.IGNORECASE
)
"""Names of jobs that bring something up only to try it, where they run."""

TARGETS = re.compile(r"prod|live|stag|deploy", re.IGNORECASE)
PRODUCTION = re.compile(r"prod|live\b", re.IGNORECASE)
SWALLOWED = re.compile(r"\|\|\s*(true\b|:(?=\s|$)|echo\b|exit\s+0)")
"""What makes a failed command look like one that went well."""


def pipelines_of(pipelines: Pipelines, *, files: str = "") -> Iterator[Pipeline]:
    """The workflows whose files' names end with a text."""
    return (pipeline for pipeline in pipelines.pipelines if pipeline.source.name.endswith(files))


def tests(step: Step) -> bool:
    """Whether a step runs tests."""
    return bool(TESTS.search(step.run))


def deploys(job: Job) -> bool:
    """Whether a job changes what runs, or is there to do so."""
    if job.environment and "${{" not in job.environment and not TARGETS.search(job.environment):
        return False
    if REHEARSES.search(job.id) and not job.environment:
        return False
    named = re.match(r"deploy|release-to|rollout", job.id, re.IGNORECASE)
    return bool(job.environment or named or any(DEPLOYS.search(step.run) for step in job.steps))


def to_production(job: Job) -> bool:
    """Whether a job deploys to production; one that does not say where does."""
    if not deploys(job):
        return False
    told = f"{job.environment} {job.id}"
    return bool(PRODUCTION.search(told)) or not re.search(r"stag|dev|test|preview|qa", told, re.IGNORECASE)


def silent(step: Step) -> str:
    """How a step that checks something goes on when the check fails; "" if it does not."""
    if step.node["continue-on-error"].value is True:
        return "continue-on-error"
    for line in step.run.splitlines():
        if CHECKS.search(line) and (swallowed := SWALLOWED.search(line)):
            return swallowed[0]
    settings = step.node["with"]
    if "trivy-action" in step.uses and settings["exit-code"].text in ("", "0") and settings["format"].text != "sarif":
        return "an exit-code of 0"
    return ""


def without_results(job: Job) -> bool:
    """Whether a job starts although one that it waits for has failed."""
    runs_on = re.search(r"\balways\s*\(|\bfailure\s*\(|!\s*cancelled\s*\(", job.condition)
    return bool(runs_on) and not re.search(r"\bresult\b|\bsuccess\s*\(", job.condition)


def texts_in(node: Node) -> Iterator[Node]:
    """Every scalar in a node."""
    return (each for each in node.walk() if not each.is_table and not each.is_list)


def filled(text: str, job: Job) -> list[str]:
    """A text for every value of the matrix that it names."""
    named = re.search(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", text)
    if not named:
        return [text]
    values = job.node.at("strategy.matrix")[named[1]].texts
    return [text.replace(named[0], value) for value in values]
