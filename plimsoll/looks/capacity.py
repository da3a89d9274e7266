"""How it comes about what a deployment carries: one steady level after the other, each a run of load."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.looks.load import ground, order
from plimsoll.looks.scene import Scene
from plimsoll.model import Deployment
from plimsoll.model.load import CLOSED, Plan, steady, steps
from plimsoll.model.workload import Workload
from plimsoll.observations import Observation
from plimsoll.observations.load import Capacity, Level, LoadRun
from plimsoll.observations.load.capacity import OUT_OF_TIME
from plimsoll.probes.load import loaded
from plimsoll.rules import RULES
from plimsoll.rules.capacity.answers import line
from plimsoll.rules.capacity.levels import level_of, levels_of_users
from plimsoll.rules.capacity.search import next_rate
from plimsoll.rules.slo.objectives import objectives
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import SYSTEM_CLOCK

LEVEL_SECONDS = 300.0
"""For one level at most, as for the gate: it ends as soon as all is decided, or a promise is surely broken."""

MOST_JOURNEYS = 2
"""How many times as many as are to begin may: they come by chance, and no number may come again on another level."""

APPLICATION = "app"
"""The recipe of services that answer the edge's requests."""

USERS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""At a time: two levels more than the law needs, in steps that reach far in little time."""

USERS_SECONDS, USERS_SETTLE = 8.0, 2.0
"""Of each such level, and before it: the law is fitted to throughput, of which seconds know within some per cent."""

LEAST_SECONDS = 55.0
"""What a level takes at the least, so that one more is begun only where it can come to something: with fewer than 40
judged seconds nobody knows how failures clump, and the generator has to start."""


def _capacity(scene: Scene) -> Capacity:
    """Levels from the stated rate on, until the largest that keeps the promises is known, or the time is over."""
    deployment, workload = scene.deployment, scene.deployment.workload
    if workload is None:
        raise OutOfReach("this deployment does not say what its clients do", hint="[workload] in its deployment.toml")
    if not tuple(objectives(deployment.promises, workload)):
        raise OutOfReach(
            "this deployment promises nothing of its answers: no rate is too much for it",
            hint="a promise by latency-within or error-share-within",
        )
    say = scene.stack.say if isinstance(scene.stack, Stages) else _silent
    levels: list[Level] = []
    end, began, trouble, first = "", SYSTEM_CLOCK.monotonic(), "", 1
    with ground(scene) as stack:
        while not end:
            rate, end = next_rate(levels, workload.rate)
            if end:
                break
            left = workload.search_seconds - (SYSTEM_CLOCK.monotonic() - began)
            if levels and left < LEAST_SECONDS:
                end = OUT_OF_TIME
                break
            seconds = min(LEVEL_SECONDS, max(left, LEAST_SECONDS))
            try:
                level = _level(deployment, replace(workload, rate=rate), stack, seconds=seconds, first=first)
                levels.append(level)
                first += math.ceil(MOST_JOURNEYS * rate * (seconds + workload.warm_up_seconds))
                say(f"capacity: {line(levels[-1])}")
            except CouldNotLook as error:
                if not levels:
                    raise
                end, trouble = OUT_OF_TIME, error.fact
        users = () if trouble else _users(deployment, workload, stack, first=first)
        ours = stack.kind != "live"
        application, replicas = _application(deployment)
        target = order(deployment, workload, stack, Plan(phases=())).target.url
    return Capacity(
        deployment=deployment.name,
        target=target,
        stated=workload.rate,
        requests=workload.requests / workload.rate,
        source=workload.source,
        levels=tuple(levels),
        users=users,
        application=application,
        replicas=replicas,
        cores=(os.cpu_count() or 0) if ours else 0,
        ended=end,
        trouble=trouble,
        seen_at=datetime.now(UTC),
    )


def _users(deployment: Deployment, workload: Workload, stack: Stack, *, first: int) -> tuple[Level, ...]:
    """Levels of so many users at a time, one run for all: none where that run came to nothing."""
    plan = Plan(phases=steps(USERS, USERS_SECONDS, settle=USERS_SETTLE), model=CLOSED)
    try:
        told = replace(order(deployment, workload, stack, plan), first=first)
        return levels_of_users(loaded(told, stack, deployment))
    except CouldNotLook:
        return ()


def _silent(_: str) -> None:
    """Where nobody waits for words."""


def _level(deployment: Deployment, workload: Workload, stack: Stack, *, seconds: float, first: int) -> Level:
    """One level at the workload's rate, judged as the gate is; `first` is the number of its first journey."""
    asked = tuple(objectives(deployment.promises, workload))
    plan = Plan(
        phases=steady(workload.rate, seconds, warm_up=workload.warm_up_seconds),
        limits=tuple(sorted({objective.limit for objective in asked if objective.limit})),
        objectives=asked,
        arrivals=workload.arrivals,
        ends_broken=True,
    )
    run = loaded(replace(order(deployment, workload, stack, plan), first=first), stack, deployment)
    promises = [promise for promise in deployment.promises if LoadRun in RULES[promise.rule].reads]
    findings = [RULES[promise.rule].judge(promise, run, **promise.parameters) for promise in promises]
    return level_of(run, findings, rate=workload.rate)


def _application(deployment: Deployment) -> tuple[str, int]:
    """The role that serves the edge's requests, and how many replicas of it run."""
    found = [service for service in deployment.services.values() if service.recipe == APPLICATION]
    writer = deployment.recovery.writer if deployment.recovery else ""
    found.sort(key=lambda service: service.role != writer)  # it, where several serve
    return (found[0].role, found[0].replicas) if found else ("", 1)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {Capacity: _capacity}
ALONE = (Capacity,)
DEEP = (Capacity,)
