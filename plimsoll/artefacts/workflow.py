"""GitHub's workflows as what they do, from the trees of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from cronsim import CronSim, CronSimError

from plimsoll.observations.artefacts import Document, Job, Node, Pipeline, Step, Timetable

YEAR = timedelta(days=366)
MOST_RUNS = 10_000
"""Runs looked at: hourly for a year; a denser schedule has shown its gaps by then."""

COMMENT = re.compile(r"(?m)^\s*#.*\n?|\s#\s.*$")


def pipeline(document: Document, now: datetime) -> Pipeline | None:
    """The workflow that a document describes; None if it has no jobs."""
    root = document.root
    jobs = root["jobs"]
    if not jobs.is_table:
        return None
    return Pipeline(
        name=root["name"].text or document.source.name,
        source=document.source,
        root=root,
        jobs=tuple(_job(name, jobs[name]) for name in jobs.keys),
        timetables=tuple(_timetables(root["on"]["schedule"], now)),
        whole=not document.source.fragment or bool(root["on"]),
    )


def _job(name: str, node: Node) -> Job:
    environment = node["environment"]
    return Job(
        id=name,
        needs=node["needs"].texts,
        steps=tuple(_step(step) for step in node["steps"].items),
        environment=environment["name"].text if environment.is_table else environment.text,
        condition=node["if"].text,
        node=node,
        spot=node.spot,
    )


def _step(node: Node) -> Step:
    return Step(
        name=node["name"].text,
        uses=node["uses"].text,
        run=COMMENT.sub("", node["run"].text),
        node=node,
        spot=next((node[key].spot for key in ("run", "uses", "name") if node[key]), node.spot),
    )


def _timetables(schedule: Node, now: datetime) -> Iterator[Timetable]:
    for each in schedule.items:
        cron = each["cron"]
        if not cron:
            continue
        gap, trouble = 0.0, ""
        try:
            if len(cron.text.split()) != 5:  # noqa: PLR2004 - fields of POSIX cron, which is what GitHub understands
                trouble = "a schedule has five fields"
            else:
                gap = _longest_gap(cron.text, now)
        except CronSimError as error:
            trouble = str(error) or "no schedule"
        yield Timetable(cron=cron.text, longest_gap=gap, trouble=trouble, spot=cron.spot)


def _longest_gap(cron: str, now: datetime) -> float:
    """The most days between two runs in the year ahead; a year if there are not two."""
    moments = list[datetime]()
    for moment in CronSim(cron, now):
        if moment > now + YEAR or len(moments) > MOST_RUNS:
            break
        moments.append(moment)
    gaps = [(later - earlier) / timedelta(days=1) for earlier, later in pairwise(moments)]
    return max(gaps, default=YEAR.days)
