"""Whether what goes to production was deployed to staging before, and passed its tests there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Job, Pipeline, Pipelines, Step
from plimsoll.rules.rollout.conditions import holds, started
from plimsoll.rules.rollout.jobs import (
    DEPLOYS,
    SWALLOWED,
    deploys,
    pipelines_of,
    silent,
    to_production,
    without_results,
)

__all__ = ["staging_tested_first"]

ASKS = re.compile(r"\bgh\s+(run\s+list|api)\b(?=.*(--commit\b|sha=))(?=.*\bsuccess\b)")
"""A question about the runs, or the deployments, of one commit that ended well (gh run list --help)."""

HEEDS = re.compile(r"\[\s|\btest\s|\bgrep\s|\bjq\s[^|]*(-e|--exit-status)\b")
"""What fails when the answer is that there are none: the question itself ends well then."""

QUESTION = '[ "$(gh run list --commit "$GITHUB_SHA" --status success --json databaseId --jq length)" -gt 0 ]'


def staging_tested_first(
    promise: Promise, pipelines: Pipelines, *, staging: str, production: str, tests: str, files: str = ""
) -> Finding:
    """Production is deployed to only with what was deployed to staging before, and passed its tests there.

    `staging` and `production` are the refs whose pushes deploy there, `tests` is a pattern of what tests staging. Where
    each has a push of its own, the job for production asks whether the run of the same commit for staging went well.
    """
    holes, looked = list[Hole](), list[str]()
    for pipeline in pipelines_of(pipelines, files=files):
        looked.append(f"{pipeline.source.spot(1)}: {pipeline.name}")
        trials = [(job, step) for job, step in pipeline.steps if re.search(tests, step.text)]
        holes += _untested(pipeline, trials, staging=staging, tests=tests)
        for job in pipeline.jobs:
            if to_production(job) and started(pipeline, job, production) is not False:
                looked.append(f"{job.spot}: {job.id}")
                if not any(_waits(pipeline, job, trial, production) for trial, _ in trials):
                    holes += _unasked(pipeline, job, production)
    return promise.judged(
        holes,
        looked=looked,
        expected=f"{tests!r} in staging, then production",
        nothing="no such workflow is there",
    )


def _runs(pipeline: Pipeline, job: Job, step: Step, ref: str) -> bool:
    """Whether a push of that ref may come to that step."""
    return started(pipeline, job, ref) is not False and holds(step.node["if"].text, ref) is not False


def _untested(pipeline: Pipeline, trials: list[tuple[Job, Step]], *, staging: str, tests: str) -> Iterator[Hole]:
    """What is wrong with how staging is tested."""
    if not trials:
        what = f"nobody tests what was deployed to staging: no step is {tests!r}"
        yield Hole(spot=pipeline.root["jobs"].spot, what=what, fix=f"{tests} after the deployment to staging")
        return
    job, step = next(((j, s) for j, s in trials if _runs(pipeline, j, s, staging)), trials[0])
    earlier = [each for each in pipeline.ahead_of(job) if deploys(each)]
    here = any(DEPLOYS.search(each.run) for each in job.steps[: job.steps.index(step)])
    if not _runs(pipeline, job, step, staging):
        yield Hole(spot=step.spot, what=f"a push of {staging} does not come to {tests!r}", fix="another condition")
    elif not here and not any(started(pipeline, each, staging) is not False for each in earlier):
        what = f"{tests!r} does not wait until staging is deployed to: it tests the release before"
        yield Hole(spot=step.spot, what=what, fix="after the deployment, or `needs:` its job")
    elif how := silent(step):
        yield Hole(spot=step.spot, what=f"{tests!r} may fail and nobody stops: {how}", fix="without it")


def _waits(pipeline: Pipeline, job: Job, trial: Job, ref: str) -> bool:
    """Whether the job begins only when staging was tested in the same run."""
    ahead = trial in pipeline.ahead_of(job) and not without_results(job)
    return ahead and started(pipeline, trial, ref) is not False


def _unasked(pipeline: Pipeline, job: Job, ref: str) -> Iterator[Hole]:
    """What is wrong with how a job for production asks whether staging was tested."""
    first = next((n for n, step in enumerate(job.steps) if DEPLOYS.search(step.run)), len(job.steps))
    before = [(job, step) for step in job.steps[:first]]
    before += [(each, step) for each in pipeline.ahead_of(job) for step in each.steps]
    asked = [(each, step, run) for each, step in before if ASKS.search(run := step.run.replace("\\\n", " "))]
    if not asked:
        what = f"{job.id} deploys to production what nobody knows to have passed its tests in staging"
        yield Hole(spot=job.spot, what=what, fix=QUESTION)
        return
    for other, step, run in asked[:1]:
        if not _runs(pipeline, other, step, ref):
            what = f"a push of {ref} does not come to the question whether staging was tested"
            yield Hole(spot=step.spot, what=what, fix="another condition")
        elif not HEEDS.search(run) or SWALLOWED.search(run) or step.node["continue-on-error"].value is True:
            what = f"{job.id} goes on whatever the answer is to whether staging was tested"
            yield Hole(spot=step.spot, what=what, fix=QUESTION)
        elif other is not job and without_results(job):
            what = f"{job.id} deploys although {other.id} may have failed: its condition is {job.condition!r}"
            fix = f"&& needs.{other.id}.result == 'success'"
            yield Hole(spot=job.node["if"].spot, what=what, fix=fix, beside=(step.spot,))
