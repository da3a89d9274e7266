"""A stack whose releases change under traffic: clients write and read through the edge meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.host.commands import Done
from plimsoll.drills.host.releases import Releases
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.recorder import Recorder
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.model import Rollout
from plimsoll.observations.drills.rollouts import KEPT, KILLED, REFUSED, SHARED, Change, Rolled
from plimsoll.probes.census import doubled
from plimsoll.wait import NotReady, wait_until

EDGE = "nginx"
RATE = 20.0
"""Rows a second through the edge; reads come on top. Two cores serve, encrypt and ask."""

PATIENCE = 4.0
"""Seconds until a request counts as failed: a replica that starts takes both cores for a moment, and how long nobody
was answered is a figure of its own."""

STEADY = 10
"""Good reads in a row after which everything is well: half a second of them."""

SETTLE_SECONDS = 8.0
"""Until nobody waits any more for everything to be well after a change."""

STANDS_SECONDS = 60.0
"""Until nobody waits any more for enough answers to count: a few dozen come in a second."""

KEEPING = ("migrate", "migrate-down")
"""Acts about another release that clients do not get by them."""

CONTROL_SECONDS = 3.0
"""Within which clients must have noticed that the application is dead."""

NOTHING: Mapping[str, str] = MappingProxyType({})

Kind = TypeVar("Kind", bound=Rolled)


@dataclass(slots=True, kw_only=True)
class Rolling:
    """One stack whose releases change, and what clients noticed so far."""

    rehearsal: Rehearsal
    rollout: Rollout
    releases: Releases
    witness: Witness
    recorder: Recorder
    changes: list[Change] = field(default_factory=list)
    control_at: float = 0.0
    control: int = 0

    def does(
        self,
        name: str,
        act: str,
        *,
        wanted: str = "",
        version: str = "",
        more: Mapping[str, str] = NOTHING,
        server: str = "",
        alike: bool = True,
        refused: bool = False,
    ) -> Change:
        """What the runbook's command for that act did to clients; it is waited for until everything is well again.

        That is so when they get nothing but one release, unless they need not be served `alike`. One that has to be
        `refused`, or taken back, is expected to end with an error. `version` is the release that it is about, where
        clients are not `wanted` to get that; `server` is the one that it is about, if any.
        """
        does = partial(self.rehearsal.operator.does, act, more=more, version=version or wanted, server=server)
        meant = KEPT if act in KEEPING else "" if alike else SHARED
        return self._changes(name, does, wanted=wanted, meant=REFUSED if refused else meant)

    def killed(
        self, name: str, act: str, *, at: Sequence[str], wanted: str = "", more: Mapping[str, str] = NOTHING
    ) -> Change:
        """What that command did to clients when it was killed at the first of these things that it asked of compose."""
        operator = self.rehearsal.operator
        return self._changes(
            name,
            partial(operator.interrupted, act, at=at, more=more, version=wanted),
            wanted=wanted,
            meant=KILLED,
        )

    def stands(self, name: str, *, answers: int) -> Change:
        """Nothing is done until clients have had so many answers more. Raises CouldNotLook."""
        before, began = self.version(), self.recorder.now

        def enough() -> bool:
            testimony = self.witness.testimony
            told = sum(1 for read in testimony.reads if read.at >= began)
            return told + sum(1 for write in testimony.writes if write.sent >= began) >= answers

        with self.recorder.phase(name):
            try:
                wait_until(enough, timeout=STANDS_SECONDS, what=f"{answers} answers")
            except NotReady as error:
                raise CouldNotLook(str(error.args[0])) from error
        ended = self.recorder.now
        return self._kept(
            Change(name=name, command="(waited)", code=0, began=began, ended=ended, before=before, meant=SHARED)
        )

    def _changes(self, name: str, typed: Callable[[], Done], *, wanted: str, meant: str) -> Change:
        before = self.version()
        with self.recorder.phase(name):
            began = self.recorder.now
            with self.recorder.trying() if meant in (REFUSED, KILLED) else nullcontext():
                done = typed()
            ended = self.recorder.now
            settled = self.settled(ended, alike=meant != SHARED)
        return self._kept(
            Change(
                name=name,
                command=done.command,
                code=done.code,
                output=done.output,
                began=began,
                ended=ended,
                settled=settled,
                wanted=wanted,
                before=before,
                meant=meant,
            )
        )

    def _kept(self, change: Change) -> Change:
        """The change with what clients have after it, among the others."""
        change = replace(change, after=self.version(), runs=dict(self.releases.running))
        self.changes.append(change)
        return change

    def settled(self, since: float, *, alike: bool = True) -> float:
        """The moment since which all is well; 0 where it does not come to that."""

        def steady() -> float:
            reads = [read for read in self.witness.testimony.reads if read.at >= since][-STEADY:]
            same = not alike or len({read.version for read in reads}) == 1
            return reads[-1].at if len(reads) == STEADY and same and all(read.good for read in reads) else 0.0

        try:
            return wait_until(steady, timeout=SETTLE_SECONDS, what="clients that are all served well by one release")
        except NotReady as error:
            self.recorder.note(str(error.args[0]))
            return 0.0

    def version(self) -> str:
        """The release that clients got last; "" while nobody tells."""
        return next((read.version for read in reversed(self.witness.testimony.reads) if read.good), "")

    def counts(self) -> None:
        """The control: the application is killed, and clients must notice. It is back afterwards.

        What was asked before is answered first: the change before is not to blame for what the control breaks.
        """
        serving = self.releases.serving(self.version())
        self._quiet()
        self.recorder.act(f"{', '.join(serving)} is killed, to see that failures are counted", destructive=True)
        self.control_at = self.recorder.now

        def noticed() -> int:
            reads, writes = self.witness.testimony.reads, self.witness.testimony.writes
            failed = sum(1 for read in reads if not read.good and read.at >= self.control_at)
            return failed + sum(1 for write in writes if write.acked is None and write.sent >= self.control_at)

        for slot in serving:
            self.rehearsal.stack.kill(slot)
        try:
            wait_until(noticed, timeout=CONTROL_SECONDS, what="a request that failed")
        except NotReady as error:
            self.recorder.note(f"{error.args[0]}, though the application was dead")
        for slot in serving:
            self.rehearsal.stack.resume(slot)
        self.control = noticed()

    def _quiet(self) -> None:
        """What was asked until now is answered: what fails from now on is no change's doing."""
        since = self.witness.settle()

        def answered() -> bool:
            return {read.fresh for read in self.witness.testimony.reads if read.at >= since} == {True, False}

        with suppress(NotReady):
            wait_until(answered, timeout=CONTROL_SECONDS, what="a read over each kind of connection")
        self.witness.go_on()

    def told(self, kind: type[Kind], *, trouble: str = "", **more: object) -> Kind:
        """The observation of all that was changed, with `more` that its kind alone has."""
        self.witness.settle()
        rows = self.rehearsal.rows()
        return kind(
            journal=self.recorder.journal(trouble=trouble),
            seen_at=datetime.now(UTC),
            trouble=trouble,
            changes=tuple(self.changes),
            testimony=self.witness.testimony,
            loss=self.witness.testimony.loss(rows, disaster=self.recorder.now),
            doubled=doubled(self.rehearsal.stack, self.rehearsal.deployment),
            control_at=self.control_at,
            control=self.control,
            steps=tuple(self.releases.steps),
            **more,  # fields of that kind alone
        )


@contextmanager
def rolling(theatre: Theatre, recorder: Recorder, *, acts: Sequence[str]) -> Iterator[Rolling]:
    """A stack with every slot, clients who write and read through its edge, and an operator who knows these acts."""
    deployment = theatre.deployment
    if deployment.rollout is None:
        raise NothingOfTheKind("the deployment says nothing of how releases arrive", hint="[rollout] slots = …")
    edge = next((role for role, service in deployment.services.items() if service.recipe == EDGE), "")
    with rehearsed(theatre, recorder, acts=acts, slotted=True) as rehearsal:
        releases = rehearsal.operator.releases
        if releases is None:
            raise CouldNotLook("nobody keeps the releases of this stack")
        tells = deployment.rollout.tells
        with Witness(
            rehearsal.stack, rehearsal.deployment, recorder, rate=RATE, through=edge, tells=tells, deadline=PATIENCE
        ) as witness:
            yield Rolling(
                rehearsal=rehearsal, rollout=deployment.rollout, releases=releases, witness=witness, recorder=recorder
            )
