"""A stack that a drill may harm, with its operator, its object store, its postbox, and a journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.drills.host.fleet import Fleet
from plimsoll.drills.host.operator import Operator, unknown_act
from plimsoll.drills.host.postbox import Postbox
from plimsoll.drills.host.releases import Releases
from plimsoll.drills.host.slots import with_slots
from plimsoll.drills.protocol import HostedStack, Theatre
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment, Recovery
from plimsoll.observations.drills import Census
from plimsoll.probes.census import census, database_bytes, witnessed
from plimsoll.wait import NotReady, wait_until

DATABASE = "postgres"
BACK_SECONDS = 15.0
"""Until nobody waits any more for an application that was led back; it takes about a second."""

AFTERWARDS = 10
"""Rows that an application takes after a recovery, so that one can say that it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One stack in one drill."""

    deployment: Deployment
    stack: HostedStack
    operator: Operator
    store: ObjectStore
    post: Postbox
    recorder: Recorder

    @property
    def recovery(self) -> Recovery:
        """What the deployment says of how it is led back."""
        assert self.deployment.recovery is not None  # noqa: S101 - else there were no operator
        return self.deployment.recovery

    @property
    def bucket(self) -> str:
        """The bucket that backups go to."""
        return self.operator.settings.get("S3_BUCKET", "")

    def witness(self, *, rate: float = 50.0, uploads: bool = False) -> Witness:
        """Somebody who writes and reads while this goes on."""
        return Witness(self.stack, self.deployment, self.recorder, rate=rate, uploads=uploads)

    def counted(self) -> Census:
        """All that there is now."""
        return census(self.stack, self.deployment)

    def rows(self) -> set[int]:
        """The numbers of the witness's rows that are there."""
        return witnessed(self.stack, self.deployment)

    def lose(self, role: str) -> float:
        """The role and all its data are gone: the moment at which that began."""
        self.recorder.act(f"{role} is lost with all its data", destructive=True)
        moment = self.recorder.now
        self.stack.lose(role)
        return moment


@contextmanager
def rehearsed(
    theatre: Theatre, recorder: Recorder, *, acts: Sequence[str] = (), slotted: bool = False
) -> Iterator[Rehearsal]:
    """A stack of the deployment with everybody in place; what is in the object store stays from one to the next.

    Where the runbook lacks one of the `acts`, none is put up. A `slotted` one has every slot that a release may run in.
    Raises NothingOfTheKind.
    """
    for act in acts:
        if act not in theatre.deployment.runbook:
            raise unknown_act(act)
    deployment = with_slots(theatre.deployment) if slotted else theatre.deployment
    with ExitStack() as closing:
        stack = closing.enter_context(theatre.slotted() if slotted else theatre.stack())
        post = closing.enter_context(Postbox())
        home = stack.artefacts.parent / "operator"  # in the run's folder, which goes with the stack
        operator = closing.enter_context(Operator(deployment, stack, home, recorder, store=theatre.store, post=post))
        if slotted:
            operator.releases = _releases(deployment, stack, operator, recorder)
        found = Rehearsal(
            deployment=deployment,
            stack=stack,
            operator=operator,
            store=theatre.store,
            post=post,
            recorder=recorder,
        )
        recorder.medium = stack.medium
        if found.bucket:
            theatre.store.make(found.bucket)
        yield found


def _releases(deployment: Deployment, stack: HostedStack, operator: Operator, recorder: Recorder) -> Releases:
    """The releases of slots, or those of machines where the deployment names any."""
    if deployment.rollout is None or not deployment.rollout.servers:
        return Releases(deployment, stack, recorder)
    return Fleet(deployment, stack, recorder, bin=operator.bin, root=operator.place("/"), settings=operator.settings)


def serves_again(rehearsal: Rehearsal, witness: Witness) -> bool:
    """Whether a reader sees again what he knew before, soon."""
    try:
        witness.sees_good(after=rehearsal.recorder.now, seconds=BACK_SECONDS)
    except CouldNotLook as error:
        rehearsal.recorder.note(f"the application does not serve what it served before: {error.fact}")
        return False
    return True


def works_again(rehearsal: Rehearsal, witness: Witness) -> bool:
    """Whether the application takes new rows."""
    witness.go_on()
    try:
        witness.rows(AFTERWARDS, seconds=BACK_SECONDS)
    except CouldNotLook as error:
        rehearsal.recorder.note(f"the application takes no new row: {error.fact}")
        return False
    finally:
        witness.settle()
    return True


def until_missed(witness: Witness, *, after: float, seconds: float = BACK_SECONDS) -> float:
    """The moment at which a reader first noticed that something is wrong."""

    def missed() -> float:
        return next((read.at for read in witness.testimony.reads if not read.good and read.at >= after), 0.0)

    try:
        return wait_until(missed, timeout=seconds, what="a failed read")
    except NotReady as error:
        raise CouldNotLook("nobody noticed that the data was gone: reads went on", hint="who answers them?") from error


def size_of(rehearsal: Rehearsal) -> int:
    """The bytes of the application's database."""
    return database_bytes(rehearsal.stack, rehearsal.deployment)
