"""The drill of faults: one after the other befalls a stack that clients use, and each time all has to be well again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from plimsoll.drills.clients.pulse import Pulse
from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.resilience.beginnings import stopped
from plimsoll.drills.resilience.outages import everything_killed, frozen, killed
from plimsoll.drills.resilience.shortages import full_cache, pool_exhausted, undone, with_jobs
from plimsoll.drills.resilience.ward import Ward, services_of
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.observations.drills import faults
from plimsoll.observations.drills.faults import DETAILED, READY, Fault, FaultTrials, Start
from plimsoll.probes.census import doubled, witnessed
from plimsoll.wait import NotReady, pause, wait_until

SAYS = "one fault after the other befalls a stack while clients write and read through its edge"
EDGE = "nginx"
RATE = 30.0
"""Rows a second through the edge; reads come on top. Two cores serve, encrypt and ask."""

LEAST_SECONDS = 1.0
"""How long a fault is there at the least: some eighty requests are made meanwhile."""

MOST_SECONDS = 6.0
"""How long a fault is there until health endpoints have noticed: each waits some seconds for who does not answer."""

HEAL_SECONDS = 45.0
"""Until nobody waits any more for all to be well: an edge forgets a dead peer for half a minute at the most."""

HANGING = (faults.REPLICA_FROZEN, faults.APPLICATION_FROZEN)
"""Faults that a client notices only when it has waited long enough."""

QUIET = (*HANGING, faults.REPLICA_KILLED, faults.CACHE_FULL)
"""Faults of which the application says nothing: it lives and can serve, or nobody is there to say anything."""

BEYOND: Mapping[str, str] = {
    "network-slow": "it takes netem, which not every kernel has, or a relay between the application and its database",
    "database-parted": "it takes a network that can be cut; a database that stands still comes nearest",
    "disk-full": "it takes a disk of its own for uploads, which only root can mount",
    "certificate-expired": "the edge's certificate is judged as it is served, and not exchanged under traffic",
}
"""Faults that no stack of ours shows honestly, and why."""

Strike = Callable[[], AbstractContextManager[str]]


def fault_trials(theatre: Theatre) -> FaultTrials:
    """Steady requests; a fault that is known to be there; its end; and the moment since which all is well again."""
    recorder = theatre.recorder("faults", SAYS)
    deployment = theatre.deployment
    edge = next((role for role, service in deployment.services.items() if service.recipe == EDGE), "")
    with ExitStack() as closing:
        stack = closing.enter_context(theatre.unmetered())
        recorder.medium = stack.medium
        witness = closing.enter_context(Witness(stack, deployment, recorder, rate=RATE, through=edge))
        pulse = closing.enter_context(Pulse(stack, deployment, recorder))
        services = services_of(deployment, stack.artefacts)
        drill = _Drill(
            Ward(deployment=deployment, stack=stack, recorder=recorder, witness=witness, pulse=pulse, services=services)
        )
        trouble = ""
        try:
            drill.all()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return drill.told(trouble)


@dataclass(slots=True)
class _Drill:
    """What befell the ward so far."""

    ward: Ward
    faults: list[Fault] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    queued: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=lambda: dict(BEYOND))

    def all(self) -> None:
        """Every fault that this deployment can have, one after the other. Raises CouldNotLook when one stays."""
        for name, (what, roles, strike) in self.known().items():
            self.tries(name, what, tuple(role for role in roles if role), strike)

    def known(self) -> Mapping[str, tuple[str, tuple[str, ...], Strike]]:
        """By name: what it is, whom it befalls, and how."""
        ward = self.ward
        application, database, cache, last = ward.application, ward.database, ward.cache, ward.replicas
        found: dict[str, tuple[str, tuple[str, ...], Strike]] = {}
        if last > 1:
            found[faults.REPLICA_FROZEN] = (
                f"one of {last} replicas stands still, and its port accepts connections",
                (application,),
                partial(frozen, ward, application, replica=last),
            )
            found[faults.REPLICA_KILLED] = (
                f"one of {last} replicas is killed",
                (application,),
                partial(killed, ward, application, replica=last),
            )
        else:
            self.skipped |= dict.fromkeys(
                (faults.REPLICA_KILLED, faults.REPLICA_FROZEN), f"there is one {application} only"
            )
        if database:
            found[faults.DATABASE_KILLED] = ("the database is killed", (database,), partial(killed, ward, database))
            found[faults.DATABASE_FROZEN] = ("the database stands still", (database,), partial(frozen, ward, database))
            found[faults.POOL_EXHAUSTED] = (
                "every connection to the database waits for a lock",
                (database,),
                partial(pool_exhausted, ward),
            )
        if cache:
            found[faults.CACHE_KILLED] = ("Redis is killed", (cache,), partial(killed, ward, cache))
            found[faults.CACHE_FULL] = ("Redis has no memory left", (cache,), self.crowded)
        found[faults.APPLICATION_FROZEN] = (
            "the application stands still",
            (application,),
            partial(frozen, ward, application),
        )
        data = [role for role in (database, cache) if role]
        found[faults.EVERYTHING_KILLED] = (
            "the application is killed with all that it needs, and is back first",
            (application, *data),
            partial(everything_killed, ward, *data),
        )
        found[faults.COLD_START] = (
            "everything is stopped, and started in the order of the compose file",
            tuple(role for role in (ward.edge, application, *data) if role),
            partial(stopped, ward, self.starts),
        )
        return found

    @contextmanager
    def crowded(self) -> Iterator[str]:
        """Redis has no memory left while jobs wait in its queue; afterwards workers take them."""
        with with_jobs(self.ward) as jobs, full_cache(self.ward) as landed:
            self.queued = jobs
            yield landed
        if self.queued:
            self.vanished = undone(self.ward, self.queued)

    def tries(self, name: str, what: str, roles: tuple[str, ...], strike: Strike) -> None:
        """One fault, from steady requests to steady requests. Raises CouldNotLook when there are none any more."""
        ward, recorder = self.ward, self.ward.recorder
        self.steady(recorder.now)
        policies = {role: ward.policy(role) for role in roles}
        fault = Fault(name=name, what=what, roles=roles, began=recorder.now, policies=policies)
        with recorder.phase(name):
            try:
                with strike() as landed:
                    fault = replace(fault, landed=landed, struck=recorder.now)
                    recorder.mark(f"it is there: {landed}")
                    self.watch(fault)
                    fault = replace(fault, ended=recorder.now)
            except (NotLanded, CouldNotLook) as error:
                recorder.note(f"{name}: {error.fact}")
                fault = replace(fault, trouble=error.fact, ended=fault.ended or recorder.now)
            fault = replace(fault, ended=recorder.now if not fault.ended else fault.ended)
            healed = self.heals(fault.ended)
        self.faults.append(replace(fault, healed=healed))
        if not healed:
            self.helps(roles)

    def watch(self, fault: Fault) -> None:
        """The fault is there for a moment, and as long as it takes health endpoints to notice it."""
        pause(2 * LEAST_SECONDS if fault.name in HANGING else LEAST_SECONDS)
        if fault.name in QUIET:
            return  # they have nothing to say of it, or nobody to say it

        def noticed() -> bool:
            signs = [self.ward.pulse.of(question, since=fault.began) for question in (READY, DETAILED)]
            return all(any(not sign.well for sign in told) for told in signs)

        try:
            wait_until(noticed, timeout=MOST_SECONDS - LEAST_SECONDS, what="a health endpoint that notices")
        except NotReady as error:
            self.ward.recorder.note(str(error.args[0]))

    def steady(self, since: float) -> None:
        """Clients are served well. Raises CouldNotLook."""
        try:
            wait_until(lambda: self.ward.well_since(since), timeout=HEAL_SECONDS, what="a steady state")
        except NotReady as error:
            raise CouldNotLook(str(error.args[0])) from error

    def heals(self, since: float) -> float:
        """The moment since which all is well again; 0 where it does not come to that, as when somebody stays dead."""
        if self.ward.left_dead:
            return 0.0
        try:
            return wait_until(lambda: self.ward.well_since(since), timeout=HEAL_SECONDS, what="the end of a fault")
        except NotReady as error:
            self.ward.recorder.note(str(error.args[0]))
            return 0.0

    def helps(self, roles: tuple[str, ...]) -> None:
        """An operator does what nobody else did."""
        for role in reversed(roles):
            self.ward.recorder.act(f"an operator starts {role}")
            self.ward.stack.resume(role)
        self.ward.left_dead.clear()

    def told(self, trouble: str) -> FaultTrials:
        """All that was seen."""
        ward = self.ward
        ward.witness.settle()
        testimony = ward.witness.testimony
        return FaultTrials(
            journal=ward.recorder.journal(trouble=trouble),
            seen_at=datetime.now(UTC),
            trouble=trouble,
            application=ward.application,
            replicas=ward.replicas,
            faults=tuple(self.faults),
            signs=ward.pulse.signs,
            testimony=testimony,
            loss=testimony.loss(witnessed(ward.stack, ward.deployment), disaster=ward.recorder.now),
            doubled=doubled(ward.stack, ward.deployment),
            queued=self.queued,
            vanished=self.vanished,
            starts=tuple(self.starts),
            skipped=self.skipped,
        )
