"""How it comes about what runs in containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation, RunningContainers
from plimsoll.probes.containers import running
from plimsoll.stacks.protocol import Contained


def _running(scene: Scene) -> RunningContainers:
    if not isinstance(scene.stack, Contained):
        raise OutOfReach(f"a {scene.stack.kind} stack runs nothing in containers", hint="--stack containers")
    return running.survey(scene.deployment, scene.stack.containers(), deadline=scene.deadline)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {RunningContainers: _running}
ALONE = ()
DEEP = (RunningContainers,)
