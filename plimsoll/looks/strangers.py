"""How it comes about what strangers get: other sites' scripts, the curious, those who write markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import CrossOrigin, EchoedMarkup, Observation, Uninvited
from plimsoll.probes.web import markup, origins, uninvited
from plimsoll.rules import RULES
from plimsoll.rules.headers.cors import READABLE
from plimsoll.rules.headers.markup import SHOWN_ON


def _cross_origin(scene: Scene) -> CrossOrigin:
    """The path classes and origins are those that promises name."""
    said = _parameters(scene, CrossOrigin)
    kinds = dict.fromkeys(kind for each in said for kind in cast(tuple[str, ...], each.get("on", READABLE)))
    promised = dict.fromkeys(origin for each in said for origin in cast(tuple[str, ...], each.get("origins", ())))
    known = [kind for kind in kinds if kind in scene.deployment.paths]
    if not known:
        raise OutOfReach(f"this deployment names no path of {', '.join(kinds)}", hint='[paths] public = "/…"')
    return origins.survey(scene.stack, scene.deployment, scene.visitors, kinds=known, origins=tuple(promised))


def _markup(scene: Scene) -> EchoedMarkup:
    said = _parameters(scene, EchoedMarkup)
    shown_on = next((str(each["shown_on"]) for each in said if "shown_on" in each), SHOWN_ON)
    return markup.survey(scene.stack, scene.deployment, scene.visitors, shown_on=shown_on)


def _parameters(scene: Scene, kind: type[Observation]) -> list[Mapping[str, object]]:
    """What the promises say whose rules read that kind of observation."""
    return [p.parameters for p in scene.deployment.promises if kind in RULES[p.rule].reads]


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    CrossOrigin: _cross_origin,
    Uninvited: lambda scene: uninvited.survey(scene.stack, scene.deployment, scene.visitors),
    EchoedMarkup: _markup,
}
ALONE = ()
DEEP = (CrossOrigin, Uninvited, EchoedMarkup)
