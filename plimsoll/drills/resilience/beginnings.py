"""A deployment that begins anew: every service in the order in which its compose file has them, each when it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.drills.resilience.knocks import ANSWERS, knock
from plimsoll.drills.resilience.ward import Ward, in_order
from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills.faults import Start
from plimsoll.probes.database import connected
from plimsoll.probes.redis import redis_of
from plimsoll.stacks.protocol import endpoints_of
from plimsoll.wait import NotReady, wait_until

HEALTHY = "service_healthy"
HEALTHY_SECONDS = 30.0
"""Until compose gives up on what is to be healthy; intervals and retries of a compose file add up to more."""

ASKING_SECONDS = 2.0
"""How long one who is asked whether he is well may take: a busy machine is no reason to say that he is not."""


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
            ward.begins(role)


def _started(ward: Ward, role: str, roles: list[str]) -> Start:
    """It is started now: whether each that it needs is well, after a wait where the compose file says so."""
    needed = [each for each in ward.services[role].dependencies if each.name in roles] if role in ward.services else []
    found = {each.name: _awaited(ward, each.name, patient=each.condition == HEALTHY) for each in needed}
    ward.recorder.act(f"{role} is started")
    return Start(role=role, at=ward.recorder.now, needed=found)


def _awaited(ward: Ward, role: str, *, patient: bool) -> bool:
    """Whether that service is well: now, or for who is patient once it has had its time."""
    if not patient:
        return well(ward, role)
    try:
        return wait_until(lambda: well(ward, role), timeout=HEALTHY_SECONDS, what=role)
    except NotReady as error:
        ward.recorder.note(str(error.args[0]))
        return False


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
    return all(knock(place, seconds=ASKING_SECONDS) == ANSWERS for place in endpoints_of(ward.stack, role))
