"""How it comes about what requests, WebSockets and handshakes get, and what the deployment's files say."""

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
    Schedules,
    TlsSurvey,
    WebSocketEcho,
)
from plimsoll.probes import http, nginx, schedule, tls, websocket
from plimsoll.stacks.protocol import endpoint_of


def _tls(scene: Scene) -> TlsSurvey:
    edge = endpoint_of(scene.stack, "edge")
    if edge.scheme != "https":
        raise OutOfReach(f"the edge speaks {edge.scheme}, not TLS")
    return tls.survey(
        edge, hosts=scene.deployment.hosts or (edge.host,), deadline=scene.deadline, source=scene.visitors.source()
    )


def _websocket(scene: Scene) -> WebSocketEcho:
    edge, path = endpoint_of(scene.stack, "edge"), scene.path("websocket")
    return websocket.echo(edge, path, deadline=scene.deadline, source=scene.visitors.source())


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    HttpSurvey: lambda scene: http.survey(scene.stack, scene.deployment, scene.visitors),
    HeaderMatrix: lambda scene: http.matrix(scene.stack, scene.deployment, scene.visitors),
    ForwardedRequest: lambda scene: http.forwarded(scene.stack, scene.deployment, scene.visitors),
    TlsSurvey: _tls,
    WebSocketEcho: _websocket,
    NginxConfig: lambda scene: nginx.survey(scene.stack, scene.deployment, scene.stack.artefacts),
    Schedules: lambda scene: schedule.survey(scene.deployment, scene.stack.artefacts),
    Outage: lambda scene: http.outage(scene.stack, scene.deployment, scene.visitors),
}
ALONE = (Outage,)
DEEP = (HeaderMatrix,)
