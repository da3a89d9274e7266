"""How the machines that a deployment runs on come to say what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from plimsoll.looks.scene import Scene
from plimsoll.observations import Machines, Observation
from plimsoll.probes import machines


def _machines(scene: Scene) -> Machines:
    names = map(str, scene.asked(Machines, "machine", ""))
    promised = [cast(Mapping[str, str], said) for said in _programs(scene)]
    return machines.survey(scene.deployment, names, tuple(dict.fromkeys(name for said in promised for name in said)))


def _programs(scene: Scene) -> tuple[object, ...]:
    """What each promise of a machine says of programs."""
    said = (promise.parameters.get("programs") for promise in scene.deployment.promises)
    return tuple(each for each in said if isinstance(each, Mapping))


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {Machines: _machines}
ALONE = ()
DEEP = (Machines,)
