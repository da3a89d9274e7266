"""How it comes about what health endpoints answer when something is missing, and what is logged of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.model import Promise
from plimsoll.observations import AccessLog, HealthTrials, Observation, Siblings
from plimsoll.probes.web import health
from plimsoll.probes.web.askings import Asking, asking_for
from plimsoll.probes.web.health import Watch
from plimsoll.rules import RULES
from plimsoll.rules.endpoints.health import DEPENDENCIES


def _trials(scene: Scene) -> HealthTrials:
    """Every dependency that a promise names is taken away once, whoever names it."""
    turning: dict[str, dict[Asking, None]] = {}
    steady: dict[str, dict[Asking, None]] = {}
    for promise in _promises(scene, HealthTrials):
        for down in cast(tuple[str, ...], promise.parameters.get("when", DEPENDENCIES)):
            turning.setdefault(down, {}).update(dict.fromkeys(_askings(scene, promise, "path")))
            steady.setdefault(down, {}).update(dict.fromkeys(_askings(scene, promise, "live")))
    missing = sorted(turning.keys() - scene.deployment.services.keys())
    if missing or not any(turning.values()):
        what = f"no service {missing[0]}" if missing else "no path to ask for health"
        raise OutOfReach(f"this deployment names {what}", hint='when = ["…"], path = "…" and [paths] say what to ask')
    plan = {
        down: Watch(turning=tuple(asked), steady=tuple(each for each in steady[down] if each not in asked))
        for down, asked in turning.items()
    }
    return health.trials(scene.stack, scene.deployment, scene.visitors, plan)


def _siblings(scene: Scene) -> Siblings:
    askings = {each: None for p in _promises(scene, Siblings) for each in _askings(scene, p, "path")}
    if not askings:
        raise OutOfReach("this deployment names no path to ask for health", hint='[paths] health = "/…"')
    return health.siblings(scene.stack, scene.deployment, scene.visitors, askings)


def _access_log(scene: Scene) -> AccessLog:
    paths = {each: None for p in _promises(scene, AccessLog) for each in _askings(scene, p, "path")}
    page = asking_for(scene.deployment, "page")
    return health.logged(scene.stack, scene.deployment, scene.visitors, (*paths, page))


def _promises(scene: Scene, kind: type[Observation]) -> Iterator[Promise]:
    """The promises that are judged by that kind of observation."""
    return (p for p in scene.deployment.promises if kind in RULES[p.rule].reads)


def _askings(scene: Scene, promise: Promise, parameter: str) -> Iterator[Asking]:
    """The request for the path class that a promise's parameter names, where the deployment has an example."""
    kind = str(promise.parameters.get(parameter, ""))
    if kind in scene.deployment.paths:
        yield asking_for(scene.deployment, kind, role=str(promise.parameters.get("role", "edge")))


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    Siblings: _siblings,
    AccessLog: _access_log,
    HealthTrials: _trials,
}
ALONE = (HealthTrials,)
DEEP = (HealthTrials,)
