"""How it comes about what requests and WebSockets get, and what the deployment's files say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import (
    ForwardedRequest,
    HeaderMatrix,
    HttpSurvey,
    NginxConfig,
    Observation,
    Outage,
    WebSocketEcho,
)
from plimsoll.probes.files import nginx
from plimsoll.probes.web import http, websocket


def _websocket(scene: Scene) -> WebSocketEcho:
    scene.path("websocket")  # raises where there is none
    edge, path = scene.edge_at("websocket")
    return websocket.echo(edge, path, deadline=scene.deadline, source=scene.visitors.source())


def _outage(scene: Scene) -> Outage:
    if scene.refused:
        raise OutOfReach("the edge refuses its file, and would remember for long that the application was away")
    return http.outage(scene.stack, scene.deployment, scene.visitors)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    HttpSurvey: lambda scene: http.survey(scene.stack, scene.deployment, scene.visitors),
    HeaderMatrix: lambda scene: http.matrix(scene.stack, scene.deployment, scene.visitors),
    ForwardedRequest: lambda scene: http.forwarded(scene.stack, scene.deployment, scene.visitors),
    WebSocketEcho: _websocket,
    NginxConfig: lambda scene: nginx.survey(scene.stack, scene.deployment, scene.stack.artefacts),
    Outage: _outage,
}
ALONE = (Outage,)
DEEP = (HeaderMatrix,)
