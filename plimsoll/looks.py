"""How each kind of observation comes about: which probe looks at what of a deployment on its stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Promise
from plimsoll.observations import (
    ApplicationBurst,
    EdgeBurst,
    ForwardedRequest,
    HttpSurvey,
    NginxConfig,
    Observation,
    Outage,
    Schedules,
    SlowClients,
    TlsSurvey,
    WebSocketEcho,
)
from plimsoll.probes import clients, http, nginx, schedule, tls, websocket
from plimsoll.probes.burst import Visitor, burst
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import FreshClients, Stack, endpoint_of
from plimsoll.wait import SYSTEM_CLOCK

DEADLINE = 10.0
"""Seconds one probe may take with one target."""

PATIENCE = 3.0
"""Seconds a run may wait for a promised time-out unless it is told otherwise: the smoke suite answers in seconds."""

MARGIN = 4.0
"""Seconds waited beyond a promised time-out before it counts as missed."""

RECOVERY = 4
"""Requests whose time is waited after a burst, at the stated rate: so many of the next ones pass, and few others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a look has to go by: the deployment, the stack it runs on, and how long to wait for what takes time."""

    deployment: Deployment
    stack: Stack
    visitors: http.Visitors
    deadline: float = DEADLINE
    patience: float = PATIENCE

    @classmethod
    def of(
        cls, deployment: Deployment, stack: Stack, *, patience: float = PATIENCE, deadline: float = DEADLINE
    ) -> Scene:
        """The scene of that deployment on that stack."""
        visitors = http.Visitors(stack, deployment, deadline=deadline)
        return cls(deployment=deployment, stack=stack, visitors=visitors, deadline=deadline, patience=patience)

    def path(self, kind: str) -> str:
        """The deployment's example of a path class. Raises OutOfReach when it names none."""
        if kind not in self.deployment.paths:
            raise OutOfReach(f"this deployment names no {kind} path", hint=f'[paths] {kind} = "/…"')
        return self.deployment.paths[kind]


def seconds_to_show(promise: Promise) -> float:
    """How long a promised time-out must be waited for; 0 for every promise that shows at once."""
    return max(_within(promise).values()) + MARGIN if _within(promise) else 0.0


def _within(promise: Promise) -> Mapping[str, int]:
    """The time-outs that a promise names, in seconds by kind of slow client."""
    return (
        cast(Mapping[str, int], promise.parameters.get("within", {}))
        if SlowClients in RULES[promise.rule].reads
        else {}
    )


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


def _slow_clients(scene: Scene) -> SlowClients:
    kinds = [kind for promise in scene.deployment.promises for kind in _within(promise)]
    limit = max(map(seconds_to_show, scene.deployment.promises), default=0.0)
    if limit > scene.patience:
        raise OutOfReach(
            f"takes {limit:g} s of waiting, this run waits {scene.patience:g} s at most",
            hint=f"--patience {limit:g} waits for it",
        )
    return clients.slow_clients(
        endpoint_of(scene.stack, "edge"),
        methods=scene.stack.methods,
        kinds=tuple(dict.fromkeys(kinds)),
        limit=limit,
        source=scene.visitors.source(),
        path=scene.deployment.paths.get("page", "/"),
        download=scene.deployment.paths.get("download", ""),
    )


def _edge_burst(scene: Scene) -> EdgeBurst:
    if not scene.stack.intrusive:
        raise OutOfReach(f"a burst of requests is intrusive, and a {scene.stack.kind} target is not ours")
    alone = not isinstance(scene.stack, FreshClients)
    seen = burst(
        EdgeBurst,
        endpoint_of(scene.stack, "edge"),
        Visitor(source=scene.visitors.source(fresh=True)),
        count=2 * scene.deployment.limits.burst + 10,
        path=scene.deployment.paths.get("page", "/"),
        neighbour=None if alone else Visitor(source=scene.visitors.source()),
        recovery=RECOVERY / scene.deployment.limits.requests_per_second,
        again=3 * RECOVERY,
        deadline=scene.deadline,
    )
    scene.visitors.spent()
    return seen


def _application_burst(scene: Scene) -> ApplicationBurst:
    quota = scene.deployment.limits.quota
    if not quota:
        raise OutOfReach("this deployment states no quota", hint="[limits] quota = …")
    if not scene.stack.intrusive:
        raise OutOfReach(f"using up a quota is intrusive, and a {scene.stack.kind} target is not ours")
    one, other = (Visitor(headers=(("X-Real-IP", address), ("X-Forwarded-For", address))) for address in _made_up())
    app = endpoint_of(scene.stack, "app")
    return burst(
        ApplicationBurst, app, one, count=quota + 5, path=scene.path("public"), neighbour=other, deadline=scene.deadline
    )


_numbers = count(1)


def _made_up() -> tuple[str, str]:
    """Two client addresses nobody has (RFC 2544's range for tests), new every time: quotas outlive a look."""
    seed = int(SYSTEM_CLOCK.monotonic() * 1000)
    first, second = (
        f"198.18.{(seed + number) >> 8 & 255}.{(seed + number) & 255}" for number in (next(_numbers), next(_numbers))
    )
    return first, second


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    HttpSurvey: lambda scene: http.survey(scene.stack, scene.deployment, scene.visitors),
    ForwardedRequest: lambda scene: http.forwarded(scene.stack, scene.deployment, scene.visitors),
    TlsSurvey: _tls,
    WebSocketEcho: _websocket,
    NginxConfig: lambda scene: nginx.survey(scene.stack, scene.deployment, scene.stack.artefacts),
    Schedules: lambda scene: schedule.survey(scene.deployment, scene.stack.artefacts),
    SlowClients: _slow_clients,
    ApplicationBurst: _application_burst,
    Outage: lambda scene: http.outage(scene.stack, scene.deployment, scene.visitors),
    EdgeBurst: _edge_burst,
}
"""How each kind of observation comes about."""

ALONE = (Outage, EdgeBurst)
"""Looks that disturb the others; they are taken after all of those, one by one, the burst last: it needs quiet."""
