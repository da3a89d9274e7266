"""How runs of load come about: on a stack of their own, or on a live target that allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.model import Deployment
from plimsoll.model.load import Plan, steady
from plimsoll.model.workload import Workload
from plimsoll.observations import Observation
from plimsoll.observations.load import LoadRun, Order
from plimsoll.probes.load import loaded
from plimsoll.rules.slo.objectives import objectives
from plimsoll.stacks.protocol import Accounts, Stack
from plimsoll.stacks.targets import target_of

LOAD = "load"
MOST_SECONDS = 600.0
"""Until a run gives up to decide; it ends as soon as every objective is decided."""

LOOPBACK = "127."


def _gate(scene: Scene) -> LoadRun:
    """The workload that the deployment states, until it is known whether its objectives hold."""
    workload = scene.deployment.workload
    if workload is None:
        raise OutOfReach("this deployment does not say what its clients do", hint="[workload] in its deployment.toml")
    asked = tuple(objectives(scene.deployment.promises, workload))
    plan = Plan(
        phases=steady(workload.rate, MOST_SECONDS if asked else workload.seconds, warm_up=workload.warm_up_seconds),
        limits=tuple(sorted({objective.limit for objective in asked if objective.limit})),
        objectives=asked,
        arrivals=workload.arrivals,
    )
    with ground(scene) as stack:
        return loaded(order(scene.deployment, workload, stack, plan), stack, scene.deployment)


@contextmanager
def ground(scene: Scene) -> Iterator[Stack]:
    """The stack that is asked. Raises OutOfReach for a live one that does not allow load."""
    if isinstance(scene.stack, Stages):
        with scene.stack.of(scene.deployment) as theatre, theatre.unmetered() as stack:
            yield stack
        return
    live = scene.deployment.live
    if live is None or not scene.deployment.disposable or LOAD not in live.allow:
        raise OutOfReach(
            f"this {scene.stack.kind} target does not allow load", hint='disposable = true, [live] allow = ["load"]'
        )
    yield scene.stack


def order(deployment: Deployment, workload: Workload, stack: Stack, plan: Plan) -> Order:
    """All that the generator is told."""
    return Order(
        deployment=deployment.name,
        target=target_of(deployment, stack),
        workload=workload,
        plan=plan,
        account=stack.account if isinstance(stack, Accounts) else (),
        login=deployment.place("login")[1] if "login" in deployment.paths else "",
    )


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {LoadRun: _gate}
ALONE = (LoadRun,)
DEEP = (LoadRun,)
