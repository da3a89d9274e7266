"""Services that die or stand still: each fault is there while inside, and says by what that is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.drills.resilience.knocks import ANSWERS, REFUSED, SILENT
from plimsoll.drills.resilience.ward import Ward
from plimsoll.drills.stage.attempting import NotLanded


@contextmanager
def killed(ward: Ward, *roles: str, replica: int = 0) -> Iterator[str]:
    """These are dead at once; afterwards the engine does what the compose file tells it for each, in that order."""
    for role in roles:
        ward.recorder.act(f"{role} is killed{f', replica {replica}' if replica else ''}", destructive=True)
        ward.stack.kill(role, replica=replica)
    try:
        yield "; ".join(ward.found(role, REFUSED, replica=replica) for role in roles)
    finally:
        for role in roles:
            ward.restarts(role)


@contextmanager
def frozen(ward: Ward, role: str, *, replica: int = 0) -> Iterator[str]:
    """This one stands still; afterwards it goes on."""
    ward.recorder.act(f"{role} stands still{f', replica {replica}' if replica else ''}")
    ward.stack.freeze(role, replica=replica)
    try:
        yield ward.found(role, SILENT, replica=replica)
    finally:
        ward.stack.thaw(role)


@contextmanager
def everything_killed(ward: Ward, *data: str) -> Iterator[str]:
    """The application dies with all that it needs, and is started again first, as engines heed no order then."""
    roles = (*data, ward.application)
    for role in roles:
        ward.recorder.act(f"{role} is killed", destructive=True)
        ward.stack.kill(role)
    try:
        proof = "; ".join(ward.found(role, REFUSED) for role in roles)
        if ward.restarts(ward.application):
            _answers(ward)
        yield proof
    finally:
        for role in data:
            ward.restarts(role)


def _answers(ward: Ward) -> None:
    """The application listens, or has had its time: what becomes of that is for clients to tell."""
    try:
        ward.found(ward.application, ANSWERS)
    except NotLanded as error:
        ward.recorder.note(f"the application does not run without what it needs: {error.fact}")
