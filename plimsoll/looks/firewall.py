"""How it comes about who reaches which ports, and what becomes of intruders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import Bans, Listening, Observation, Published, PublishedPorts, Reachability
from plimsoll.probes.files import compose
from plimsoll.probes.firewall import bans, knocks, listening, ports
from plimsoll.rules import RULES
from plimsoll.stacks.ground.ground import Ground
from plimsoll.stacks.protocol import Grounded


def _published_ports(scene: Scene) -> PublishedPorts:
    return compose.survey(scene.deployment, scene.stack.artefacts)


def _reachability(scene: Scene) -> Reachability:
    if scene.stack.kind == "live" and scene.deployment.live:
        return knocks.survey(scene.deployment, scene.deployment.live, _published(scene))
    ground = _ground(scene)
    with ground.alone:
        return ports.survey(ground, scene.deployment, scene.stack.artefacts, _published(scene))


def _bans(scene: Scene) -> Bans:
    jails = [
        (str(promise.parameters["jail"]), str(promise.parameters["service"]))
        for promise in scene.deployment.promises
        if Bans in RULES[promise.rule].reads and promise.parameters["service"] in bans.USUAL
    ]
    if scene.stack.kind == "live":
        return knocks.bans(scene.deployment, tuple(dict.fromkeys(jails)))
    ground, published = _ground(scene), _published(scene)
    with ground.alone:
        return bans.survey(ground, scene.deployment, scene.stack.artefacts, tuple(dict.fromkeys(jails)), published)


def _listening(scene: Scene) -> Listening:
    if scene.stack.kind == "live" and scene.deployment.live and scene.deployment.live.ssh:
        return knocks.listening(scene.deployment)
    return listening.survey(scene.deployment, scene.stack.artefacts)


def _ground(scene: Scene) -> Ground:
    if not isinstance(scene.stack, Grounded):
        raise OutOfReach(f"a {scene.stack.kind} stack has no host of its own")
    return scene.stack.ground()


def _published(scene: Scene) -> tuple[Published, ...]:
    """What the compose file publishes; nothing where there is none."""
    try:
        return _published_ports(scene).ports
    except OutOfReach:
        return ()


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    PublishedPorts: _published_ports,
    Reachability: _reachability,
    Bans: _bans,
    Listening: _listening,
}
ALONE = ()
DEEP = (PublishedPorts, Reachability, Bans, Listening)
