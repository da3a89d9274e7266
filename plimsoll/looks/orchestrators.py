"""How whoever runs a live deployment comes to say how far a release is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation, Rollouts
from plimsoll.probes import orchestrators
from plimsoll.stacks.live import LiveStack


def _rollouts(scene: Scene) -> Rollouts:
    if scene.stack.kind != LiveStack.kind:
        raise OutOfReach(f"no orchestrator runs a {scene.stack.kind} stack", hint="--stack live")
    promised = cast(Iterable[tuple[str, ...]], scene.asked(Rollouts, "workloads", ()))
    names = tuple(dict.fromkeys(name for names in promised for name in names))
    return orchestrators.survey(scene.deployment, names, deadline=scene.deadline)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {Rollouts: _rollouts}
ALONE = ()
DEEP = ()
