"""A deployment that begins anew: every service in the order in which its compose file has them, each when it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from plimsoll.drills.knocks import ANSWERS, knock
from plimsoll.drills.ward import Ward, in_order
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills.faults import Start
from plimsoll.probes.database import connected
from plimsoll.probes.redis import redis_of
from plimsoll.stacks.protocol import endpoints_of
from plimsoll.wait import NotReady, wait_until

HEALTHY = "service_healthy"
HEALTHY_SECONDS = 15.0
"""Until compose gives up on what is to be healthy; intervals and retries of a compose file add up to more."""

ASKING_SECONDS = 1.0


@contextmanager
def stopped(ward: Ward, starts: list[Start]) -> Iterator[str]:
    """All that serve clients have ended in good order; afterwards compose starts them, and `starts` tells when."""
    parts = (ward.edge, *ward.programs, ward.cache, ward.database)
    roles = [role for role in parts if role]
    for role in roles:
        ward.recorder.act(f"{role} is stopped")
        ward.stack.halt(role)
    try:
        yield f"{', '.join(roles)} ended in good order"
    finally:
        for role in in_order(ward.services, roles[::-1]):
            starts.append(_started(ward, role, roles))
            ward.stack.revive(role)


def _started(ward: Ward, role: str, roles: list[str]) -> Start:
    """It is started now: whether each that it needs is well, after a wait where the compose file says so."""
    needed = [each for each in ward.services[role].dependencies if each.name in roles] if role in ward.services else []
    for each in needed:
        if each.condition == HEALTHY:
            with suppress(NotReady):
                wait_until(lambda name=each.name: well(ward, name), timeout=HEALTHY_SECONDS, what=each.name)  # type: ignore[misc] # a default binds the loop's value
    found = {each.name: well(ward, each.name) for each in needed}
    ward.recorder.act(f"{role} is started")
    return Start(role=role, at=ward.recorder.now, needed=found)


def well(ward: Ward, role: str) -> bool:
    """Whether that service does now what others need it for."""
    try:
        if role == ward.database:
            with connected(ward.stack, ward.deployment, role=role, seconds=ASKING_SECONDS) as sql:
                return bool(sql.run("SELECT 1"))
        if role == ward.cache:
            with redis_of(ward.stack, role, seconds=ASKING_SECONDS) as redis:
                return redis.ask("PING") == b"PONG"
    except CouldNotLook:
        return False
    return all(knock(place) == ANSWERS for place in endpoints_of(ward.stack, role))
