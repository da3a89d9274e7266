"""What happens without a push: scheduled workflows, and reviews before a release."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Job, Pipeline, Pipelines, Step, Timetable
from plimsoll.rules.rollout.conditions import holds
from plimsoll.rules.rollout.jobs import silent, to_production, without_results

__all__ = ["major_releases_reviewed", "schedules_run", "work_scheduled"]

NEVER = 366
"""Days between two runs of what runs once a year or less; nobody means that of a workflow."""

OF_ONE = re.compile(r"github\.event\.schedule\s*(?P<sign>==|!=)\s*'(?P<cron>[^']*)'")
MAJOR = "refs/tags/v2.0.0"
"""A release that nobody would call small."""


def schedules_run(promise: Promise, pipelines: Pipelines) -> Finding:
    """Every schedule of a workflow can be read, and comes round."""
    tables = [table for pipeline in pipelines.pipelines for table in pipeline.timetables]
    return promise.judged(
        [
            Hole(
                spot=table.spot,
                what=f"{table.cron!r} never runs: {table.trouble or 'there is no such day within a year'}",
                fix="five fields: minute, hour, day, month, weekday",
            )
            for table in tables
            if table.trouble or table.longest_gap >= NEVER
        ],
        looked=[f"{table.spot}: {table.cron}" for table in tables],
        expected="schedules that come round",
        nothing="no workflow has a schedule",
    )


def work_scheduled(promise: Promise, pipelines: Pipelines, *, every_days: int, does: str) -> Finding:
    """A scheduled workflow does some work as often as promised, and ends red when the work fails.

    `does` is a pattern of what a step is called, runs or uses.
    """
    holes, looked = list[Hole](), list[str]()
    found = _doing(pipelines, does)
    planned = [each for each in found if each[0].timetables]
    for pipeline, job, step in planned or found:
        meant = [table for table in pipeline.timetables if _meant(job, table)]
        tables = [table for table in meant if not table.trouble]
        gap = min((table.longest_gap for table in tables), default=0.0)
        looked.append(f"{step.spot}: {job.id}, at most {gap:g} days apart" if tables else f"{step.spot}: {job.id}")
        if meant and not tables:
            what = f"{job.id} is never due: {meant[0].cron!r} is no schedule"
            holes.append(Hole(spot=meant[0].spot, what=what, fix="minute, hour, day, month, weekday"))
        elif not tables:
            what = f"{job.id} is not on a schedule: it runs when somebody thinks of it"
            holes.append(Hole(spot=pipeline.triggers.spot, what=what, fix="on: schedule: - cron: ..."))
        elif gap > every_days:
            what = f"{job.id} runs up to {gap:g} days apart, not every {every_days}"
            holes.append(Hole(spot=tables[0].spot, what=what, fix="a schedule that comes round more often"))
        elif how := silent(step):
            what = f"{job.id} ends green whatever it finds: {how}"
            holes.append(Hole(spot=step.spot, what=what, fix="a step that fails on findings"))
    kept = len(holes) < len(looked)
    return promise.judged(
        [] if kept else holes,
        looked=looked,
        expected=f"at least every {every_days} days",
        nothing=f"no workflow does {does!r}",
    )


def _doing(pipelines: Pipelines, does: str) -> list[tuple[Pipeline, Job, Step]]:
    return [
        (pipeline, job, step)
        for pipeline in pipelines.pipelines
        for job, step in pipeline.steps
        if re.search(does, step.text, re.IGNORECASE)
    ]


def _meant(job: Job, table: Timetable) -> bool:
    """Whether a schedule starts a job, which may name the one that it is for."""
    said = OF_ONE.search(job.condition)
    return not said or (said["cron"] == table.cron) == (said["sign"] == "==")


def major_releases_reviewed(promise: Promise, pipelines: Pipelines, *, environment: str) -> Finding:
    """A major version is deployed to production only after an environment's reviewers have agreed."""
    holes, looked = list[Hole](), list[str]()
    for pipeline in pipelines.pipelines:
        reviews = [job for job in pipeline.jobs if job.environment == environment]
        deployments = [job for job in pipeline.jobs if to_production(job) and job not in reviews]
        if not pipeline.triggers.at("push")["tags"] or not deployments:
            continue
        looked += [f"{job.spot}: {job.id}" for job in (*reviews, *deployments)]
        if not any(holds(job.condition, MAJOR) for job in reviews):
            spot = reviews[0].node["if"].spot if reviews else pipeline.root["jobs"].spot
            what = f"a major version asks no reviewer of the environment {environment}"
            holes.append(Hole(spot=spot, what=what, fix=f"a job with `environment: {environment}` for v*.0.0"))
            continue
        for job in deployments:
            ahead = [each for each in pipeline.ahead_of(job) if each in reviews]
            heeded = ahead and not (without_results(job) or _deaf(job, ahead[0]))
            if not heeded:
                what = f"{job.id} does not wait for {reviews[0].id}: a refusal stops nothing"
                beside = (reviews[0].spot,)
                holes.append(Hole(spot=job.spot, what=what, fix=f"needs: {reviews[0].id}", beside=beside))
    return promise.judged(
        holes,
        looked=looked,
        expected=f"the environment {environment} before a major version",
        nothing="no workflow deploys version tags to production",
    )


def _deaf(job: Job, review: Job) -> bool:
    """Whether a job starts although its review was refused: it overrules the results and does not ask for this one."""
    overruled = re.search(r"always\s*\(|cancelled\s*\(", job.condition)
    return bool(overruled) and f"needs.{review.id}.result" not in job.condition
