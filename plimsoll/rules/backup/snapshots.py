"""Snapshots of a managed database: before each release, and each week in another region."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Job, Pipeline, Pipelines, Schedules, Step
from plimsoll.observations.drills import Deed, SnapshotRecovery
from plimsoll.rules.recovery.gaps import duration, worst_gap_of
from plimsoll.rules.recovery.stand_in import Flaw, failed, told, untold
from plimsoll.rules.rollout.jobs import DEPLOYS, SWALLOWED

__all__ = ["snapshot_before_release", "snapshot_copied"]

TAKE, COPY = "snapshot", "copy-snapshot"
RELEASE = "1-2-3"
"""How the drill's release, v1.2.3, is written in names that take no dots."""

SECONDS_PER_DAY = 86_400


def snapshot_before_release(
    promise: Promise, seen: SnapshotRecovery, pipelines: Pipelines | None, *, script: str
) -> Finding:
    """Before a release changes anything a snapshot of the database is taken, under the release's name.

    `script` is what workflows run for that.
    """
    expected = "a snapshot by the release's name, before anything is deployed"
    deed = seen.deed(TAKE)
    if deed is None:
        return untold(promise, seen, TAKE, expected=expected)
    flaws = [*_taken(seen, deed), *(_stages(pipelines, script) if pipelines else ())]
    names = [each.name for each in seen.taken if RELEASE in each.name]
    return told(promise, seen, flaws, expected=expected, actual=", ".join(names), deeds=(TAKE,))


def _taken(seen: SnapshotRecovery, deed: Deed) -> Iterator[Flaw]:
    if deed.code:
        yield failed(deed)
        return
    asked = deed.last("CreateDBSnapshot")
    name = asked.parameters.get("DBSnapshotIdentifier", "") if asked else ""
    found = next((each for each in seen.taken if each.name == name), None)
    if found is None:
        yield Flaw(f"`{deed.command}` ended well, and there is no snapshot of it", "aws rds create-db-snapshot")
        return
    if found.instance != seen.instance:
        yield Flaw(f"{name} is a snapshot of {found.instance}, not of {seen.instance}", seen.instance)
    if RELEASE not in name:
        yield Flaw(f"nobody can tell from {name} which release it was taken for", "the version, its dots as dashes")


def _stages(pipelines: Pipelines, script: str) -> Iterator[Flaw]:
    """Where workflows deploy without a snapshot, too late, or whether or not it was taken."""
    for pipeline in pipelines.pipelines:
        for job in pipeline.jobs:
            first = next((step for step in job.steps if DEPLOYS.search(step.run)), None)
            if first is not None:
                yield from _before(pipeline, job, first, script)


def _before(pipeline: Pipeline, job: Job, first: Step, script: str) -> Iterator[Flaw]:
    ahead = [step for other in pipeline.ahead_of(job) for step in other.steps]
    earlier = [*ahead, *job.steps[: job.steps.index(first)]]
    takes = next((step for step in earlier if script in step.run), None)
    if takes is None:
        late = next((step.spot for step in job.steps if script in step.run), None)
        how = f"only after that, at {late}, a snapshot is taken" if late else "no snapshot is taken before"
        yield Flaw(f"{job.id} deploys, and {how}", f"a step with {script} ahead of it", first.spot)
    elif how := _goes_on(takes, script):
        yield Flaw(f"when no snapshot could be taken the release goes on: {how}", "without it", takes.spot)


def _goes_on(step: Step, script: str) -> str:
    """How a step goes on when no snapshot could be taken; "" if it does not."""
    if step.node["continue-on-error"].value is True:
        return "continue-on-error"
    lines = (SWALLOWED.search(line) for line in step.run.splitlines() if script in line)
    return next((found[0] for found in lines if found), "")


def snapshot_copied(
    promise: Promise, seen: SnapshotRecovery, schedules: Schedules, *, region: str, days: int, script: str
) -> Finding:
    """Every so many days a snapshot of the database is copied into another region, and encrypted by a key of that.

    `script` is what the schedule runs.
    """
    expected = f"a snapshot in {region}, no more than {days} days old"
    deed = seen.deed(COPY)
    if deed is None:
        return untold(promise, seen, COPY, expected=expected)
    flaws = list(_copied(seen, deed, region))
    gap = worst_gap_of(schedules, script)
    if gap.trouble:
        flaws.append(Flaw(gap.trouble, "a timer, or a line in the crontab"))
    elif gap.seconds > days * SECONDS_PER_DAY:
        what = f"up to {duration(gap.seconds)} pass between two copies, and {days} days are promised"
        flaws.append(Flaw(what, "a schedule in UTC with no longer gap", gap.lines[0].spot))
    there = [each.name for each in seen.taken if each.region == region]
    return told(promise, seen, flaws, expected=expected, actual=f"{', '.join(there)} in {region}", deeds=(COPY,))


def _copied(seen: SnapshotRecovery, deed: Deed, region: str) -> Iterator[Flaw]:
    if deed.code:
        yield failed(deed)
        return
    asked = deed.last("CopyDBSnapshot")
    if asked is None:
        yield Flaw(f"`{deed.command}` ended well, and copied nothing", "aws rds copy-db-snapshot")
        return
    name = asked.parameters.get("TargetDBSnapshotIdentifier", "")
    if asked.region != region:
        yield Flaw(f"{name} is copied within {asked.region}, and {region} is where it has to be", f"--region {region}")
        return
    found = next((each for each in seen.taken if each.name == name and each.region == region), None)
    if found is None:
        yield Flaw(f"{name} is not in {region} afterwards", "wait until it is, and keep it")
    elif found.instance != seen.instance:
        yield Flaw(f"{name} is a snapshot of {found.instance}, not of {seen.instance}", seen.instance)
    elif not found.key or f":{region}:" not in found.key:
        key = found.key or "nothing"
        yield Flaw(f"{name} is encrypted by {key}: without a key of {region} nobody reads it there", "--kms-key-id")
