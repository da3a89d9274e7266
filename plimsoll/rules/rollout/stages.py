"""What comes before a deployment, as CI workflows state it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Job, Pipeline, Pipelines, Step
from plimsoll.rules.rollout.conditions import events, started
from plimsoll.rules.rollout.jobs import deploys, pipelines_of, silent, tests, to_production, without_results

__all__ = ["deploys_gated", "deploys_tested", "deploys_triggered", "stages_in_order"]

ELSEWHERE = frozenset({"workflow_run", "workflow_call", "repository_dispatch"})
"""What starts a workflow when another has ended: what was tested there cannot be seen here."""

BY_HAND = frozenset({"workflow_dispatch", "release", "deployment", "schedule"})
"""What nobody but a maintainer starts (GitHub: events that trigger workflows)."""


def stages_in_order(
    promise: Promise, pipelines: Pipelines, *, stages: tuple[str, ...], refs: tuple[str, ...] = (), files: str = ""
) -> Finding:
    """The steps of a workflow come in the promised order, and none is reached when one before it has failed.

    `stages` are patterns of what steps are called or run; `refs` are pushes that start the last of them.
    """
    holes, looked = list[Hole](), list[str]()
    for pipeline in pipelines_of(pipelines, files=files):
        looked.append(f"{pipeline.source.spot(1)}: {pipeline.name}")
        holes += _out_of_order(pipeline, stages)
        last = [job for job, step in pipeline.steps if re.search(stages[-1], step.text, re.IGNORECASE)]
        for ref in refs:
            if last and not any(started(pipeline, job, ref) is not False for job in last):
                what = f"{ref} does not start {last[-1].id}"
                holes.append(Hole(spot=pipeline.triggers.spot, what=what, fix=f"`on: push` with {ref}"))
    return promise.judged(
        holes, looked=looked, expected=f"in this order: {', '.join(stages)}", nothing="no such workflow is there"
    )


def _out_of_order(pipeline: Pipeline, stages: tuple[str, ...]) -> Iterator[Hole]:
    before: tuple[Job, Step, str] | None = None
    for stage in stages:
        found = [(job, step) for job, step in pipeline.steps if re.search(stage, step.text, re.IGNORECASE)]
        if not found:
            yield Hole(spot=pipeline.root["jobs"].spot, what=f"no step is {stage!r}", fix=f"a step that does {stage!r}")
            continue
        if before is not None:
            following = [(job, step) for job, step in found if _follows(pipeline, job, step, before[0], before[1])]
            if not following:
                job, step = found[0]
                yield Hole(
                    spot=step.spot,
                    what=f"{stage!r} in the job {job.id} does not wait for {before[2]!r} in the job {before[0].id}",
                    fix=f"`needs: {before[0].id}`" if job.id != before[0].id else "the other order",
                    beside=(before[1].spot,),
                )
                following = found[:1]
            found = following
        job, step = found[0]
        if how := silent(step):
            yield Hole(spot=step.spot, what=f"{stage!r} may fail and nobody stops: {how}", fix="without it")
        before = (job, step, stage)


def _follows(pipeline: Pipeline, job: Job, step: Step, first: Job, earlier: Step) -> bool:
    if job.id == first.id:
        return job.steps.index(step) >= job.steps.index(earlier)
    return first in pipeline.ahead_of(job) and not without_results(job)


def deploys_triggered(
    promise: Promise, pipelines: Pipelines, *, environments: Mapping[str, str], files: str = ""
) -> Finding:
    """Each environment is deployed to by the pushes promised, and by those of no other environment."""
    holes, looked = list[Hole](), list[str]()
    expected = ", ".join(f"{ref} to {environment}" for environment, ref in environments.items())
    for pipeline in pipelines_of(pipelines, files=files):
        for environment, ref in environments.items():
            jobs = [job for job in pipeline.jobs if job.environment == environment]
            looked += [f"{job.spot}: {job.id} to {environment}" for job in jobs]
            if not jobs:
                what = f"no job deploys to {environment}"
                holes.append(Hole(spot=pipeline.root["jobs"].spot, what=what, fix=f"`environment: {environment}`"))
            for job in jobs:
                pushed = {
                    other: started(pipeline, job, sample.replace("*", "1")) for other, sample in environments.items()
                }
                if None in pushed.values():
                    return promise.unknown(
                        f"{job.spot}: nobody can tell when {job.condition!r} holds", expected=expected
                    )
                if not pushed[environment]:
                    what = f"a push of {ref} does not deploy to {environment}"
                    holes.append(Hole(spot=job.node["if"].spot, what=what, fix=f"a condition that {ref} fulfils"))
                for other in (o for o, starts in pushed.items() if starts and o != environment):
                    what = f"a push of {environments[other]} deploys to {environment}, too"
                    holes.append(Hole(spot=job.node["if"].spot, what=what, fix=f"a condition that only {ref} fulfils"))
    return promise.judged(holes, looked=looked, expected=expected, nothing="no such workflow is there")


def deploys_tested(promise: Promise, pipelines: Pipelines) -> Finding:
    """Nothing is deployed that was not tested first, in the same workflow."""
    holes, looked = list[Hole](), list[str]()
    for pipeline, job in _deployments(pipelines):
        if ELSEWHERE & {*events(pipeline)} or {*events(pipeline)} <= BY_HAND:
            continue
        looked.append(f"{job.spot}: {job.id}")
        ahead = pipeline.ahead_of(job)
        tested = [each for each in (*ahead, job) if each.node["uses"] or any(tests(step) for step in each.steps)]
        if not tested:
            what = f"{job.id} deploys what no job tested: it needs {', '.join(j.id for j in ahead) or 'nothing'}"
            holes.append(Hole(spot=job.spot, what=what, fix="`needs:` the job that runs the tests"))
        elif job not in tested and without_results(job):
            what = f"{job.id} deploys although {tested[0].id} may have failed: its condition is {job.condition!r}"
            fix = f"&& needs.{tested[0].id}.result == 'success'"
            holes.append(Hole(spot=job.node["if"].spot, what=what, fix=fix, beside=(tested[0].spot,)))
    return promise.judged(holes, looked=looked, expected="tests before each deployment", nothing="no workflow deploys")


def deploys_gated(promise: Promise, pipelines: Pipelines) -> Finding:
    """Production is not deployed to by any push of anybody: a branch, a tag, or an environment's reviewers decide."""
    holes, looked = list[Hole](), list[str]()
    for pipeline, job in _deployments(pipelines):
        if not to_production(job):
            continue
        looked.append(f"{job.spot}: {job.id}")
        push = pipeline.triggers["push"]
        limited = push["branches"] or push["tags"] or not pipeline.started_by("push")
        asked = any(event in events(pipeline) for event in ("pull_request", "pull_request_target"))
        if job.environment or re.search(r"github\.(ref|event)|inputs\.", job.condition) or (limited and not asked):
            continue
        whose = "any pull request" if asked else "a push to any branch"
        what = f"{whose} deploys to production: {job.id} names neither an environment nor a branch"
        holes.append(
            Hole(spot=job.spot, what=what, fix="`environment: production`, and `if: github.ref == 'refs/heads/main'`")
        )
    return promise.judged(
        holes, looked=looked, expected="a gate before production", nothing="no workflow deploys to production"
    )


def _deployments(pipelines: Pipelines) -> Iterator[tuple[Pipeline, Job]]:
    return ((p, job) for p in pipelines_of(pipelines) if p.whole for job in p.jobs if deploys(job))
