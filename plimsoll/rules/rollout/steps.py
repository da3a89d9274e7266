"""What the steps of CI workflows do, and whether they can fail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Job, Pipeline, Pipelines
from plimsoll.rules.rollout.jobs import CHECKS, DEPLOYS, deploys, pipelines_of, silent, texts_in

__all__ = ["checks_can_fail", "deploys_act", "health_requests_can_fail", "images_for_platforms", "jobs_wired"]

NOTHING_DONE = re.compile(r"\s*(echo|printf|:|true|date|set\s+[-+]\w+)\b.*|\s*")
"""A line that changes nothing."""

FIXES = re.compile(r"\b(auto|lint-?)?fix(:|\b)|--write\b", re.IGNORECASE)
"""What mends rather than checks: a job that does takes what it can get."""

NEEDED = re.compile(r"\bneeds\.(?P<job>[\w-]+)\.(?:outputs\.(?P<output>[\w-]+)|result)")
STEP_USED = re.compile(r"\bsteps\.(?P<id>[\w-]+)\.(?:outputs|outcome|conclusion)")
HEALTH = re.compile(r"\bcurl\b[^\n|]*https?://[^\s\"']*/(?:[\w/-]*/)?(health|healthz|ready|live|status|ping)\b[^\n]*")
FAILS = re.compile(r"\s-[a-zA-Z]*f|\s--fail\b|http_code|\|\s*(grep|jq)\b")
"""What makes an answer of 500 a failure, or looks at the answer itself (curl(1))."""


def checks_can_fail(promise: Promise, pipelines: Pipelines) -> Finding:
    """A test, a lint, an audit or a scan that fails stops its workflow."""
    checks = [
        (job, step)
        for pipeline in pipelines_of(pipelines)
        for job, step in pipeline.steps
        if (CHECKS.search(step.run) or "trivy-action" in step.uses) and not FIXES.search(job.text)
    ]
    holes = [
        Hole(
            spot=step.spot,
            what=f"what this step of {job.id} checks may fail and the job goes on: {how}",
            fix="without it",
        )
        for job, step in checks
        if (how := silent(step))
    ]
    holes += [
        Hole(
            spot=job.node["continue-on-error"].spot,
            what=f"{job.id} may fail and the workflow goes on",
            fix="without it",
        )
        for job in dict.fromkeys(job for job, _ in checks)
        if job.node["continue-on-error"].value is True
    ]
    return promise.judged(
        holes,
        looked=[f"{step.spot}: {job.id}" for job, step in checks],
        expected="checks that stop the workflow when they fail",
        nothing="no workflow checks anything",
    )


def deploys_act(promise: Promise, pipelines: Pipelines) -> Finding:
    """A job that is called a deployment deploys something."""
    jobs = [job for pipeline in pipelines_of(pipelines) for job in pipeline.jobs if deploys(job) and job.steps]
    holes = [
        Hole(
            spot=job.spot,
            what=f"{job.id} deploys nothing: all its steps do is {_first_line(job)!r}",
            fix="the command that deploys; until it is written, no job that ends green",
        )
        for job in jobs
        if all(
            not step.uses and all(NOTHING_DONE.fullmatch(line) for line in step.run.splitlines()) for step in job.steps
        )
    ]
    return promise.judged(
        holes,
        looked=[f"{job.spot}: {job.id}" for job in jobs],
        expected="jobs that deploy what they say",
        nothing="no workflow deploys",
    )


def _first_line(job: Job) -> str:
    lines = [line.strip() for step in job.steps for line in step.run.splitlines() if line.strip()]
    return lines[0] if lines else ""


def jobs_wired(promise: Promise, pipelines: Pipelines) -> Finding:
    """Every job, step and output that a job refers to is there, and the job waits for it."""
    whole = [pipeline for pipeline in pipelines_of(pipelines) if pipeline.whole]
    holes = [hole for pipeline in whole for job in pipeline.jobs for hole in _loose_ends(pipeline, job)]
    return promise.judged(
        holes,
        looked=[f"{pipeline.source.spot(1)}: {len(pipeline.jobs)} jobs" for pipeline in whole],
        expected="references to jobs, steps and outputs that are there",
        nothing="no whole workflow is there",
    )


def _loose_ends(pipeline: Pipeline, job: Job) -> Iterator[Hole]:
    for needed in job.needs:
        if pipeline.job(needed) is None:
            what = f"{job.id} needs {needed}, and there is no such job"
            yield Hole(spot=job.node["needs"].spot, what=what, fix=f"one of {', '.join(j.id for j in pipeline.jobs)}")
    steps = {step.node["id"].text for step in job.steps if step.node["id"]}
    for text in texts_in(job.node):
        for used in NEEDED.finditer(text.text):
            other = pipeline.job(used["job"])
            if used["job"] not in job.needs:
                what = f"{job.id} reads of {used['job']}, and does not need it: the value is empty"
                yield Hole(spot=text.spot, what=what, fix=f"`needs: {used['job']}`")
            elif other and used["output"] and not other.node["uses"] and used["output"] not in other.node["outputs"]:
                what = f"{job.id} reads the output {used['output']} of {other.id}, which has none of that name"
                yield Hole(spot=text.spot, what=what, fix="an output that is declared", beside=(other.spot,))
        for used in STEP_USED.finditer(text.text):
            if used["id"] not in steps:
                what = f"{job.id} reads of a step {used['id']}, and has no step of that id: the value is empty"
                yield Hole(spot=text.spot, what=what, fix=f"`id: {used['id']}` at the step that is meant")


def health_requests_can_fail(promise: Promise, pipelines: Pipelines) -> Finding:
    """A workflow that asks for health after a deployment takes an answer of 500 for what it is."""
    asked = [
        (job, step, found[0])
        for pipeline in pipelines_of(pipelines)
        for job, step in pipeline.steps
        if DEPLOYS.search(job.text) or deploys(job)
        for found in HEALTH.finditer(step.run)
    ]
    return promise.judged(
        [
            Hole(spot=step.spot, what=f"{job.id} takes an answer of 500 for success: {command!r}", fix="curl --fail")
            for job, step, command in asked
            if not FAILS.search(command)
        ],
        looked=[f"{step.spot}: {command}" for _, step, command in asked],
        expected="curl --fail",
        nothing="no workflow asks for health",
    )


def images_for_platforms(
    promise: Promise, pipelines: Pipelines, *, platforms: tuple[str, ...], files: str = ""
) -> Finding:
    """Every image that a workflow publishes is built for each of the platforms."""
    built = [
        (step.node.at("with.platforms"), step)
        for pipeline in pipelines_of(pipelines, files=files)
        for _, step in pipeline.steps
        if "build-push-action" in step.uses and step.node.at("with.push").text != "false"
    ]
    holes = [
        Hole(
            spot=said.spot if said else step.spot,
            what=f"the image is not built for {', '.join(missing)}",
            fix=f"platforms: {','.join(platforms)}",
        )
        for said, step in built
        if (missing := [p for p in platforms if p not in [given.strip() for given in re.split(r"[,\n]", said.text)]])
    ]
    return promise.judged(
        holes,
        looked=[f"{step.spot}: {said.text}" for said, step in built],
        expected=", ".join(platforms),
        nothing="no workflow publishes an image",
    )
