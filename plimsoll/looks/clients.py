"""How it comes about what slow clients, and many requests at once, get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import cast

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.model import Promise
from plimsoll.observations import ApplicationBurst, EdgeBurst, Observation, SlowClients, UserBurst
from plimsoll.probes.edge import clients, users
from plimsoll.probes.edge.burst import LIES, Visitor, burst, reported
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import FreshClients, endpoint_of
from plimsoll.wait import SYSTEM_CLOCK

MARGIN = 4.0
"""Seconds waited beyond a promised time-out before it counts as missed."""

RECOVERY = 4
"""Requests whose time is waited after a burst, at the stated rate: so many of the next ones pass, and few others."""


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


def _slow_clients(scene: Scene) -> SlowClients:
    kinds = [kind for promise in scene.deployment.promises for kind in _within(promise)]
    limit = max(map(seconds_to_show, scene.deployment.promises), default=0.0)
    if limit > scene.patience:
        raise OutOfReach(
            f"takes {limit:g} s of waiting, this run waits {scene.patience:g} s at most",
            hint=f"--patience {limit:g} waits for it",
        )
    edge, page = scene.edge_at("page")
    download = scene.deployment.place("download") if "download" in scene.deployment.paths else (edge.host, "")
    return clients.slow_clients(
        edge,
        methods=scene.stack.methods,
        kinds=tuple(dict.fromkeys(kinds)),
        limit=limit,
        source=scene.visitors.source(),
        path=page,
        download=download[1] if download[0] in ("", edge.host) else "",
    )


def _edge_burst(scene: Scene) -> EdgeBurst:
    scene.may_intrude("a burst of requests")
    if why := scene.visitors.silences.given_up("edge"):
        raise CouldNotLook(why)
    alone = not isinstance(scene.stack, FreshClients)
    edge, page = scene.edge_at("page")
    seen = burst(
        EdgeBurst,
        edge,
        Visitor(source=scene.visitors.source(fresh=True)),
        count=2 * scene.deployment.limits.burst + 10,
        path=page,
        neighbour=None if alone else Visitor(source=scene.visitors.source()),
        recovery=RECOVERY / scene.deployment.limits.requests_per_second,
        again=3 * RECOVERY,
        lies=LIES,
        deadline=scene.deadline,
    )
    scene.visitors.spent()
    return seen


def _application_burst(scene: Scene) -> ApplicationBurst:
    quota = scene.deployment.limits.quota
    if not quota:
        raise OutOfReach("this deployment states no quota", hint="[limits] quota = …")
    scene.may_intrude("using up a quota")
    one, other = (Visitor(headers=reported(address)) for address in _made_up())
    scene.path("public")
    app = endpoint_of(scene.stack, str(scene.asked(ApplicationBurst, "role", "app")[0]))
    return burst(
        ApplicationBurst,
        app,
        one,
        count=quota + BEYOND,
        path=scene.deployment.place("public")[1],
        neighbour=other,
        deadline=scene.deadline,
    )


def _user_burst(scene: Scene) -> UserBurst:
    scene.may_intrude("using up a user's quota")
    limit = max(cast(int, limit) for limit in scene.asked(UserBurst, "limit", 0))
    role = str(scene.asked(UserBurst, "role", "app")[0])
    one, other = _made_up()
    return users.user_burst(
        endpoint_of(scene.stack, role),
        scene.stack,
        scene.deployment,
        count=limit + BEYOND,
        here=one,
        there=other,
        deadline=scene.deadline,
    )


BEYOND = 5
"""Requests sent beyond a quota."""

_numbers = count(1)


def _made_up() -> tuple[str, str]:
    """Two client addresses nobody has (RFC 2544's range for tests), new every time: quotas outlive a look."""
    seed = int(SYSTEM_CLOCK.monotonic() * 1000)
    first, second = (
        f"198.18.{(seed + number) >> 8 & 255}.{(seed + number) & 255}" for number in (next(_numbers), next(_numbers))
    )
    return first, second


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    SlowClients: _slow_clients,
    ApplicationBurst: _application_burst,
    UserBurst: _user_burst,
    EdgeBurst: _edge_burst,
}
ALONE = (ApplicationBurst, UserBurst, EdgeBurst)  # a limit that a slow Redis cannot count for lets everybody pass
DEEP = ()
