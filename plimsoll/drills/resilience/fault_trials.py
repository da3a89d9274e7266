"""The drill of faults: one after the other befalls a stack that clients use, and each time all has to be well again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from plimsoll.drills.clients.pulse import Pulse
from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.resilience.known import Faults, Known
from plimsoll.drills.resilience.roads import Ways
from plimsoll.drills.resilience.ward import Ward, services_of
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.observations.drills.faults import DETAILED, READY, Fault, FaultTrials
from plimsoll.probes.census import doubled, witnessed
from plimsoll.wait import NotReady, pause, wait_until

SAYS = "one fault after the other befalls a stack while clients write and read through its edge"
EDGE = "nginx"
RATE = 20.0
"""Rows a second through the edge; reads come on top. Two cores serve, encrypt and ask."""

MOST_SECONDS = 6.0
"""How long a fault is there until health endpoints have noticed: each waits some seconds for who does not answer."""

HEAL_SECONDS = 45.0
"""Until nobody waits any more for all to be well: an edge forgets a dead peer for half a minute at the most."""


def fault_trials(theatre: Theatre) -> FaultTrials:
    """Steady requests; a fault that is known to be there; its end; and the moment since which all is well again."""
    recorder = theatre.recorder("faults", SAYS)
    deployment = theatre.deployment
    edge = next((role for role, service in deployment.services.items() if service.recipe == EDGE), "")
    with ExitStack() as closing:
        stack = closing.enter_context(theatre.cramped())
        recorder.medium = stack.medium
        witness = closing.enter_context(Witness(stack, deployment, recorder, rate=RATE, through=edge))
        pulse = closing.enter_context(Pulse(stack, deployment, recorder))
        services = services_of(deployment, stack.artefacts)
        ward = Ward(
            deployment=deployment, stack=stack, recorder=recorder, witness=witness, pulse=pulse, services=services
        )
        ways = closing.enter_context(Ways(ward))
        drill = _Drill(ward, Faults(ward, ways))
        trouble = ""
        try:
            drill.befalls()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return drill.told(trouble)


@dataclass(slots=True)
class _Drill:
    """What befell the ward so far."""

    ward: Ward
    all: Faults
    befell: list[Fault] = field(default_factory=list)

    def befalls(self) -> None:
        """Every fault that this deployment can have, one after the other. Raises CouldNotLook when one stays."""
        for known in self.all.known():
            self.tries(known)

    def tries(self, known: Known) -> None:
        """One fault, from steady requests to steady requests. Raises CouldNotLook when there are none any more."""
        ward, recorder = self.ward, self.ward.recorder
        self.steady(recorder.now)
        policies = {role: ward.policy(role) for role in known.roles}
        fault = Fault(name=known.name, what=known.what, roles=known.roles, began=recorder.now, policies=policies)
        with recorder.phase(known.name):
            try:
                with known.strike() as landed:
                    fault = replace(fault, landed=landed, struck=recorder.now)
                    recorder.mark(f"it is there: {landed}")
                    self.watch(fault, known)
                    fault = replace(fault, ended=recorder.now)
            except (NotLanded, CouldNotLook) as error:
                recorder.note(f"{known.name}: {error.fact}")
                fault = replace(fault, trouble=error.fact, ended=fault.ended or recorder.now)
            fault = replace(fault, ended=recorder.now if not fault.ended else fault.ended)
            healed = self.heals(fault.ended)
        self.befell.append(replace(fault, healed=healed))
        if not healed:
            self.helps(known.roles)
        if ward.application in known.roles:
            self.forgets()

    def watch(self, fault: Fault, known: Known) -> None:
        """The fault is there for a moment, and as long as it takes health endpoints to notice it."""
        pause(known.seconds)
        if not known.told:
            return  # they have nothing to say of it, or nobody to say it

        def noticed() -> bool:
            # A report that was asked for before may have looked at what failed while that was still well.
            since = {READY: fault.began, DETAILED: fault.struck}
            signs = [self.ward.pulse.of(question, since=moment) for question, moment in since.items()]
            return all(any(not sign.well for sign in told) for told in signs)

        try:
            wait_until(noticed, timeout=MOST_SECONDS - known.seconds, what="a health endpoint that notices")
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

    def forgets(self) -> None:
        """The edge does not rest anybody any more: else what befell before is seen in what befalls next."""
        ward = self.ward
        if ward.edge:
            ward.recorder.act(f"{ward.edge} rereads its files, and has forgotten who failed")
            ward.stack.resume(ward.application)

    def told(self, trouble: str) -> FaultTrials:
        """All that was seen."""
        ward = self.ward
        ward.witness.settle()
        known = self.all
        testimony = ward.witness.testimony
        return FaultTrials(
            journal=ward.recorder.journal(trouble=trouble),
            seen_at=datetime.now(UTC),
            trouble=trouble,
            application=ward.application,
            replicas=ward.replicas,
            faults=tuple(self.befell),
            signs=ward.pulse.signs,
            testimony=testimony,
            loss=testimony.loss(witnessed(ward.stack, ward.deployment), disaster=ward.recorder.now),
            doubled=doubled(ward.stack, ward.deployment),
            queued=known.queued,
            vanished=known.vanished,
            uploads=known.client.told() if known.client else (),
            starts=tuple(known.starts),
            passes=tuple(known.clocks.passes),
            signs_ahead=tuple(known.clocks.signs),
            skipped=known.skipped,
        )
