"""Whose code CI workflows run, and with which rights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Pipeline, Pipelines

__all__ = ["actions_pinned", "token_limited"]

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
VERSION = re.compile(r"v?\d[\w.-]*")


def actions_pinned(
    promise: Promise, pipelines: Pipelines, *, tags_tolerated: tuple[str, ...] = ("actions", "github")
) -> Finding:
    """Actions of others are named by commit: a tag or a branch can be moved to other code (CVE-2025-30066).

    Those of owners in `tags_tolerated` may be named by a version tag: who mistrusts GitHub cannot run there.
    """
    used = [
        (step, step.uses)
        for p in pipelines.pipelines
        for _, step in p.steps
        if step.uses and not step.uses.startswith((".", "docker:"))
    ]
    holes = []
    for step, name in used:
        action, _, ref = name.partition("@")
        if COMMIT.fullmatch(ref) or (action.partition("/")[0] in tags_tolerated and VERSION.fullmatch(ref)):
            continue
        how = "at no version" if not ref else f"by the {'tag' if VERSION.fullmatch(ref) else 'branch'} {ref}"
        what = f"{action} is named {how}: whoever owns it decides what runs here, with what this job may do"
        holes.append(
            Hole(spot=step.node["uses"].spot, what=what, fix=f"{action}@<the commit's 40 digits> # {ref or 'v1'}")
        )
    return promise.judged(
        holes,
        looked=[f"{step.node['uses'].spot}: {name}" for step, name in used],
        expected="actions named by commit",
        nothing="no workflow uses an action",
    )


def token_limited(promise: Promise, pipelines: Pipelines) -> Finding:
    """Every job's token may do what is stated and no more."""
    whole = [pipeline for pipeline in pipelines.pipelines if pipeline.whole]
    return promise.judged(
        [hole for pipeline in whole for hole in _unlimited(pipeline)],
        looked=[f"{pipeline.source.spot(1)}: {pipeline.name}" for pipeline in whole],
        expected="permissions stated, none of them write-all",
        nothing="no whole workflow is there",
    )


def _unlimited(pipeline: Pipeline) -> Iterator[Hole]:
    top = pipeline.root["permissions"]
    for said in (top, *(job.node["permissions"] for job in pipeline.jobs)):
        if said.text == "write-all":
            what = "the token may write everything: one step that is taken over owns the repository"
            yield Hole(spot=said.spot, what=what, fix="permissions: { contents: read }")
    without = [job for job in pipeline.jobs if not job.node["permissions"]]
    if not top and without:
        names = ", ".join(job.id for job in without)
        what = f"nothing says what the token of {names} may do: it gets the repository's default, which may be to write"
        yield Hole(spot=without[0].spot, what=what, fix="permissions: { contents: read } at the top")
