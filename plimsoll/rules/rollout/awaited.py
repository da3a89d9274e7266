"""Whether a workflow that deploys to a cluster waits until the rollout is over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Job, Pipelines, Step
from plimsoll.rules.rollout.jobs import DEPLOYS, SWALLOWED, pipelines_of, to_production

__all__ = ["rollouts_awaited"]

CLUSTER = re.compile(r"\b(kubectl|helm)\s")
STATUS = re.compile(r"\bkubectl\b[^\n|&;]*\brollout\s+status\s+(?P<rest>[^\n]*)")
UNWATCHED = re.compile(r"--watch[= ]false\b")
"""With it the command says how far the rollout is, and ends well at once (kubectl rollout status --help)."""


def rollouts_awaited(promise: Promise, pipelines: Pipelines, *, workloads: tuple[str, ...], files: str = "") -> Finding:
    """A job that deploys to production in a cluster asks `kubectl rollout status` of each of the workloads afterwards.

    It waits until the rollout is over, and fails when it is not within its time.
    """
    jobs = [
        (pipeline, job, found)
        for pipeline in pipelines_of(pipelines, files=files)
        for job in dict.fromkeys(job for job, _ in pipeline.steps)
        if to_production(job) and (found := [step for step in job.steps if _changes(step)])
    ]
    return promise.judged(
        [hole for _, job, found in jobs for workload in workloads for hole in _unawaited(job, found[0], workload)],
        looked=[f"{found[0].spot}: {job.id} of {pipeline.name}" for pipeline, job, found in jobs],
        expected=f"kubectl rollout status of {' and '.join(workloads)}",
        nothing="no workflow deploys to production in a cluster",
    )


def _changes(step: Step) -> bool:
    return any(CLUSTER.search(line) and DEPLOYS.search(line) for line in step.run.splitlines())


def _unawaited(job: Job, changes: Step, workload: str) -> Iterator[Hole]:
    """What is wrong with how that workload is waited for."""
    named = re.compile(rf"(?:^|[\s/]){re.escape(workload)}(?=\s|$)")
    after = job.steps[job.steps.index(changes) :]
    lines = [(step, line) for step in after for line in step.run.splitlines()]
    first = next(n for n, (_, line) in enumerate(lines) if CLUSTER.search(line) and DEPLOYS.search(line))
    asked = [
        (step, m["rest"]) for step, line in lines[first:] if (m := STATUS.search(line)) and named.search(m["rest"])
    ]
    if not asked:
        what = f"{job.id} does not wait until the rollout of {workload} is over"
        yield Hole(spot=changes.spot, what=what, fix=f"kubectl rollout status deployment/{workload} after it")
    for step, rest in asked[-1:]:
        if how := SWALLOWED.search(rest):
            what = f"{job.id} goes on when the rollout of {workload} does not come to its end: {how[0]}"
            yield Hole(spot=step.spot, what=what, fix="without it")
        elif step.node["continue-on-error"].value is True:
            what = f"{job.id} goes on when the rollout of {workload} does not come to its end: continue-on-error"
            yield Hole(spot=step.spot, what=what, fix="without it")
        elif UNWATCHED.search(rest):
            what = f"{job.id} looks at the rollout of {workload} once, and waits for nothing: --watch=false"
            yield Hole(spot=step.spot, what=what, fix="without it")
