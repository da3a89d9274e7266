"""The drill of interruptions: every service restarted, killed and made anew while clients write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from plimsoll.drills.clients.visitor import writer_of
from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import HostedStack, Theatre
from plimsoll.drills.recorder import Recorder
from plimsoll.drills.stage.seed import seed
from plimsoll.errors import PlimsollError
from plimsoll.model import Deployment
from plimsoll.observations.drills.interruptions import (
    APPLICATION,
    CACHE,
    DATABASE,
    KILL,
    REMAKE,
    RESTART,
    Interruption,
    Persistence,
)
from plimsoll.probes.census import files_of, keys_of, witnessed
from plimsoll.probes.redis import redis_of
from plimsoll.stacks.materials import main_database

SAYS = "every service is restarted, killed and made anew while clients write, and has to know what it knew"
ROWS, RATE = 20, 100.0
"""Rows confirmed before each interruption and after it, and rows a second: a fifth of a second of writing."""

OURS = "seed:"
"""How the keys begin that drills put into Redis; the application's own come and go."""

BACK_SECONDS = 15.0
"""Until nobody waits any more for rows to be confirmed again; it takes about a second."""


def persistence(theatre: Theatre) -> Persistence:
    """Steady writes; one service after the other goes and comes back; after each, all that was known is counted."""
    recorder = theatre.recorder("persistence", SAYS)
    done: list[Interruption] = []
    trouble = ""
    with ExitStack() as closing:
        stack = closing.enter_context(theatre.stack())
        recorder.medium = stack.medium
        seed(stack, theatre.deployment)
        witness = closing.enter_context(Witness(stack, theatre.deployment, recorder, rate=RATE))
        drill = _Drill(theatre.deployment, stack, witness, recorder)
        for part, role in _parts(theatre.deployment):
            for how in (RESTART, KILL, REMAKE):
                done.append(drill.interrupt(part, role, how))
                if done[-1].trouble:
                    trouble = f"after the {how} of {role}: {done[-1].trouble}"
                    break
            if trouble:
                break
    return Persistence(
        journal=recorder.journal(trouble=trouble),
        seen_at=datetime.now(UTC),
        trouble=trouble,
        interruptions=tuple(done),
        testimony=witness.testimony,
    )


class _Drill:
    """Who takes part."""

    def __init__(self, deployment: Deployment, stack: HostedStack, witness: Witness, recorder: Recorder) -> None:
        self._deployment = deployment
        self._stack = stack
        self._witness = witness
        self._recorder = recorder
        self._cache = next(_roles(deployment, "redis"), "")
        self._gone: set[int] = set()

    def interrupt(self, part: str, role: str, how: str) -> Interruption:
        """That service goes and comes back while rows are written: what it took, and what is missing then."""
        self._witness.go_on()
        self._witness.rows(ROWS)
        self._mark(f"{how} of {part}")
        known = self._known()
        began = self._recorder.now
        seen = Interruption(part=part, role=role, how=how, began=began, keys=len(known))
        try:
            with self._recorder.phase(f"{how} {role}"):
                self._act(role, how)
            seen = replace(seen, back=self._recorder.now)
            self._witness.rows(ROWS, seconds=BACK_SECONDS)
            self._witness.settle()
            seen = self._counted(seen, known)
        except PlimsollError as error:
            self._recorder.note(f"after the {how} of {role}: {error.fact}")
            return replace(self._counted_at_last(seen, known), trouble=error.fact)
        self._recorder.mark(f"{how} of {role}: {len(seen.missing)} rows and {len(seen.lost)} keys or files are missing")
        return seen

    def _act(self, role: str, how: str) -> None:
        """The service goes in that way, and is back."""
        self._recorder.act(f"{how} of {role}", destructive=True)
        if how == REMAKE:
            self._stack.remake(role)
            return
        (self._stack.halt if how == RESTART else self._stack.kill)(role)
        self._stack.resume(role)

    def _counted(self, seen: Interruption, known: Mapping[str, str]) -> Interruption:
        """What is missing of the rows that were confirmed, and of what was `known` beside them."""
        confirmed = [each for each in self._witness.testimony.acknowledged if each.number not in self._gone]
        there, now = witnessed(self._stack, self._deployment), self._known()
        moments = sorted(write.acked for write in confirmed if write.acked is not None)
        silent = [later - max(earlier, seen.began) for earlier, later in pairwise(moments) if later > seen.began]
        missing = tuple(write.number for write in confirmed if write.number not in there)
        self._gone.update(missing)
        return replace(
            seen,
            silence=max(silent, default=0.0),
            rows=len(confirmed),
            missing=missing,
            lost=tuple(name for name, said in known.items() if now.get(name) != said),
        )

    def _counted_at_last(self, seen: Interruption, known: Mapping[str, str]) -> Interruption:
        """As far as there is anybody to ask."""
        try:
            return self._counted(seen, known)
        except PlimsollError as error:
            self._recorder.note(error.fact)
            return seen

    def _mark(self, what: str) -> None:
        """Redis is told something just before, which no snapshot of earlier times holds."""
        if self._cache:
            with redis_of(self._stack, self._cache) as redis:
                redis.ask("SET", f"{OURS}{what}", what)

    def _known(self) -> dict[str, str]:
        """Every key that was put into Redis before, and every upload, with what is said of it."""
        keys = keys_of(self._stack, self._cache) if self._cache else {}
        found = {f"key {name}": said for name, said in keys.items() if name.startswith(OURS)}
        return found | {f"upload {name}": said for name, said in files_of(self._stack.uploads).items()}


def _parts(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """What is interrupted, and what it is called."""
    yield APPLICATION, writer_of(deployment).role
    yield from ((CACHE, role) for role in _roles(deployment, "redis"))
    if database := main_database(deployment):
        yield DATABASE, database.role  # last, as nobody serves any more when it comes back with nothing


def _roles(deployment: Deployment, recipe: str) -> Iterator[str]:
    """The services of a recipe whose data is their own: what follows another has that one's."""
    services = (service for service in deployment.services.values() if service.recipe == recipe)
    return (service.role for service in services if not service.settings.get("follows"))
