"""How it comes about what health endpoints say of the sick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation, Sickness
from plimsoll.probes.sickness import sickness
from plimsoll.rules import RULES


def _sickness(scene: Scene) -> Sickness:
    scene.may_intrude("taking a service down")
    down: dict[str, dict[tuple[str, str], None]] = {}
    for promise in scene.deployment.promises:
        if Sickness in RULES[promise.rule].reads:
            asked = str(promise.parameters.get("path")), str(promise.parameters.get("role", "app"))
            for role in cast(Mapping[str, str], promise.parameters["down"]).values():
                down.setdefault(role, {})[asked] = None
            scene.path(asked[0])
    return sickness(scene.stack, scene.deployment, scene.visitors, down=down)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {Sickness: _sickness}
ALONE = (Sickness,)
DEEP = (Sickness,)
