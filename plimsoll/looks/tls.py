"""How it comes about what the ports that may speak TLS negotiate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import EDGE, Scene, roles_of
from plimsoll.observations import Observation, TlsSurveys
from plimsoll.probes.tls import survey as tls
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import Credentials, Endpoint


def _tls(scene: Scene) -> TlsSurveys:
    promises = [p for p in scene.deployment.promises if TlsSurveys in RULES[p.rule].reads]
    roles = {role for promise in promises for role in roles_of(promise)} or {EDGE}
    places = [
        (endpoint, host)
        for endpoint in scene.stack.endpoints
        if endpoint.role in roles
        for host in _hosts(scene, endpoint)
    ]
    user = {user for endpoint, _ in places for user in _users(scene, endpoint)}
    return tls.surveys(
        places, deadline=scene.deadline, source=scene.visitors.source(), user=next(iter(user), "postgres")
    )


def _hosts(scene: Scene, endpoint: Endpoint) -> tuple[str, ...]:
    """The names that clients ask this port for."""
    return (scene.deployment.hosts if endpoint.role == EDGE else ()) or (endpoint.host,)


def _users(scene: Scene, endpoint: Endpoint) -> Iterator[str]:
    """Who a client of a database says that it is."""
    if endpoint.scheme == "postgresql" and isinstance(scene.stack, Credentials):
        try:
            yield scene.stack.credentials(endpoint.role)[0]
        except OutOfReach:
            return


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {TlsSurveys: _tls}
ALONE = ()
DEEP = ()
