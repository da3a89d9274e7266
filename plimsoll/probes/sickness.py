"""What health endpoints answer while something they depend on is down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import SickDay, Sickness
from plimsoll.probes.askings import asking_for
from plimsoll.probes.http import Visitors, answers
from plimsoll.stacks.protocol import Interruptible, Stack


def sickness(
    stack: Stack, deployment: Deployment, visitors: Visitors, *, down: Mapping[str, Iterable[tuple[str, str]]]
) -> Sickness:
    """What is answered while each role of `down` is down: the path classes, with the roles to ask, mapped to it.

    Raises OutOfReach where nothing may be taken down.
    """
    if not isinstance(stack, Interruptible):
        raise OutOfReach(f"nothing of a {stack.kind} stack is ours to take down")
    days = []
    for role, questions in down.items():
        with stack.interrupted(role):
            askings = [asking_for(deployment, kind, role=asked) for kind, asked in questions]
            days.append(SickDay(down=role, exchanges=answers(stack, deployment, visitors, askings)))
    return Sickness(days=tuple(days), seen_at=datetime.now(UTC))
