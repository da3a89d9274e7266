"""Knocking at the doors of services: nothing, an empty, a wrong and the usual passwords, at last the right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Door, Doors
from plimsoll.probes.auth import postgres_door, redis_door, web_door
from plimsoll.stacks.protocol import Credentials, Endpoint, Stack

KnockAt = Callable[..., Door]
KINDS: Mapping[str, KnockAt] = {
    "postgres": postgres_door.knock,
    "redis": redis_door.knock,
    "grafana": web_door.knock_at_grafana,
    "prometheus": web_door.knock_at_prometheus,
}
"""How to knock, by recipe."""

SCHEMES: Mapping[str, str] = {"postgresql": "postgres", "redis": "redis", "rediss": "redis"}
"""The recipe that a scheme speaks of, where no service names one."""


def survey(stack: Stack, deployment: Deployment, *, deadline: float) -> Doors:
    """What became of every knock at every service there is, side by side. Raises OutOfReach where there is none."""

    def knock(endpoint: Endpoint) -> Door:
        kind = kind_of(endpoint, deployment)
        return KINDS[kind](endpoint, right=_right(stack, endpoint.role), politely=not stack.intrusive, seconds=deadline)

    known = [endpoint for endpoint in stack.endpoints if kind_of(endpoint, deployment) in KINDS]
    if not known:
        raise OutOfReach(f"this {stack.kind} stack shows no service that asks for a password")
    with ThreadPoolExecutor(len(known)) as pool:
        return Doors(doors=tuple(pool.map(knock, known)), seen_at=datetime.now(UTC))


def kind_of(endpoint: Endpoint, deployment: Deployment) -> str:
    """What stands behind an endpoint: its service's recipe, else what its scheme says."""
    service = deployment.services.get(endpoint.role)
    return service.recipe if service else SCHEMES.get(endpoint.scheme, "")


def _right(stack: Stack, role: str) -> tuple[str, str] | None:
    """The user and the password that open the door, where the stack tells."""
    if not isinstance(stack, Credentials):
        return None
    try:
        return stack.credentials(role)
    except OutOfReach:
        return None
