"""Where drills take place: a kind of stack that puts up stacks anew, as many as drills harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Self, cast

from plimsoll.drills.clients.visitor import quota_settings, writer_of
from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.drills.host.releases import telling
from plimsoll.drills.host.slots import with_slots, without_limits
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import Recorder
from plimsoll.drills.stage.turns import Turns
from plimsoll.errors import OutOfReach, Refused
from plimsoll.model import Deployment
from plimsoll.mounts import small_disk
from plimsoll.redact import Redactor
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks import make
from plimsoll.stacks.clocks import CLOCK, own_clock
from plimsoll.stacks.protocol import EVERY_METHOD, Endpoint

OURS = ("containers", "processes")
"""The kinds of stack that a run starts and may harm."""

UPLOADS, SMALL = "uploads", 32 * 1024 * 1024
"""The folder of a run that uploads lie in, and the bytes of a disk that is soon full."""

PLACES, A_THIRD, A_HALF = 6, 2, 3
"""How the machine is shared: three drills at once, as most of a drill is waiting, or two of those that measure how long
something takes. With more data than usual, one that measures has it to itself."""


def refuse_strangers(kind: str, deployment: Deployment, *, consent: str) -> None:
    """Raises Refused for a target that drills must not touch; `consent` is the name that was repeated for one."""
    if kind in OURS:
        return
    if not deployment.disposable:
        raise Refused(
            f"{deployment.name} runs {kind} and is not disposable: drills destroy what they work on",
            hint="--stack processes or --stack containers starts one of its own; disposable = true allows more",
        )
    if consent != deployment.name:
        raise Refused(
            f"{deployment.name} runs {kind}: drills would destroy its data",
            hint=f"say so: --destroy {deployment.name}; or --stack processes",
        )
    raise OutOfReach(
        f"drills act as the operator of a host that they started; a {kind} host is none",
        hint="--stack processes, or --stack containers",
    )


class Stages:
    """Puts up stacks for drills. Itself it is a stack that shows no endpoint.

    `workplace` is a folder of the run, `journals` is where journals are kept, `say` tells whoever waits what is going
    on, `scale` multiplies the data.
    """

    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True
    endpoints: tuple[Endpoint, ...] = ()

    def __init__(
        self,
        kind: str,
        deployment: Deployment,
        *,
        workplace: Path,
        journals: Path,
        scale: float = 1.0,
        consent: str = "",
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        refuse_strangers(kind, deployment, consent=consent)
        self.kind = kind
        self.artefacts = deployment.root
        self.images: Mapping[str, str] = {}
        self.secrets: tuple[str, ...] = ()
        self.scale = scale
        self.say = say
        self._workplace = workplace
        self._journals = journals
        self._inside = ExitStack()
        self._numbers = count()
        self._idle: list[ObjectStore] = []
        self._lock = Lock()
        self._turns = Turns(PLACES)
        self._settings: Mapping[str, str] = {}
        self._redactor = Redactor(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._inside.close()

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """Stacks that are put up from now on run with the artefacts in that folder."""
        self.artefacts = artefacts
        self._settings = settings

    def close(self) -> None:
        """No drill begins any more, also none that waits for its turn; those under way come to their end."""
        self._turns.close()

    @contextmanager
    def of(self, deployment: Deployment, *, measuring: bool = False) -> Iterator[Play]:
        """The theatre for one drill of that deployment, which may not be the original: a mutant says otherwise."""
        share = A_THIRD if not measuring else A_HALF if self.scale <= 1 else PLACES
        with self._turns.taken(share), ExitStack() as closing:
            yield Play(stages=self, deployment=deployment, store=closing.enter_context(self._stored(deployment)))

    @contextmanager
    def put_up(
        self, deployment: Deployment, *, unmetered: bool = False, cramped: bool = False
    ) -> Iterator[HostedStack]:
        """A stack of the deployment with the artefacts as they are; an `unmetered` one's edge counts no requests.

        A `cramped` one keeps uploads on a small disk of their own, if this machine lets us mount one, and its
        application's first replica has a clock of its own, where there is libfaketime.
        """
        here = replace(deployment, root=self.artefacts)
        settings = {**self._settings, **quota_settings(deployment)}
        with ExitStack() as closing:
            run = closing.enter_context(Run(new_run_id(), disk=True))
            if cramped:
                with suppress(OutOfReach):
                    small_disk(run.folder / UPLOADS, size=SMALL)
                settings |= own_clock(writer_of(deployment).role, run.folder / CLOCK)
            if unmetered:
                if rollout := deployment.rollout:
                    said = telling(here, rollout.version)
                    whose = [
                        rollout.role,
                        *(f"{rollout.role}/{number}" for number in range(1, len(rollout.servers) + 1)),
                    ]
                    settings |= {f"{role}.{name}": value for role in whose for name, value in said.items()}
                here = replace(here, root=without_limits(here, run.folder / "unmetered"))
            stack = closing.enter_context(make(self.kind, here, run, durable=True, settings=settings))
            with self._lock:
                self.images = {**self.images, **stack.images}
                self.secrets = (*self.secrets, *stack.secrets)
            yield cast(HostedStack, stack)

    @contextmanager
    def _stored(self, deployment: Deployment) -> Iterator[ObjectStore]:
        """An object store that nobody else uses meanwhile, with nothing in it; the deployment's own if it names one."""
        endpoint = deployment.recovery.endpoint if deployment.recovery else ""
        with self._lock:
            store = self._idle.pop() if self._idle else None
        if store is None:
            folder = self._workplace / f"store-{next(self._numbers)}"
            store = self._inside.enter_context(ObjectStore(folder, endpoint=endpoint))
        try:
            yield store
        finally:
            store.forget()
            self._idle.append(store)

    def recorder(self, drill: str, says: str) -> Recorder:
        """The journal of a drill, redacted line by line."""
        self.say(f"drill {drill}: {says}")
        file = self._journals / f"{re.sub(r'[^a-z0-9]+', '-', drill.lower())}.jsonl"
        return Recorder(drill, says, file=file, redact=self.redact)

    def redact(self, text: str) -> str:
        """The text without the secrets of any stack there was."""
        if self._redactor.secrets != frozenset(self.secrets):
            self._redactor = Redactor(self.secrets)
        return self._redactor(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The stages as one drill knows them: a `Theatre`."""

    stages: Stages
    deployment: Deployment
    store: ObjectStore

    @property
    def scale(self) -> float:
        """How many times as much data as usual is put into a stack."""
        return self.stages.scale

    def stack(self) -> AbstractContextManager[HostedStack]:
        """A stack of the deployment, whose writes wait for the disk; gone when left."""
        return self.stages.put_up(self.deployment)

    def slotted(self) -> AbstractContextManager[HostedStack]:
        """A stack with every slot that a release may run in, whose edge answers a client as often as it asks."""
        return self.stages.put_up(with_slots(self.deployment), unmetered=True)

    def unmetered(self) -> AbstractContextManager[HostedStack]:
        """A stack of the deployment whose edge answers a client as often as it asks."""
        return self.stages.put_up(self.deployment, unmetered=True)

    def cramped(self) -> AbstractContextManager[HostedStack]:
        """An unmetered stack whose uploads have a small disk, and one replica a clock of its own, where that can be."""
        return self.stages.put_up(self.deployment, unmetered=True, cramped=True)

    def recorder(self, drill: str, says: str) -> Recorder:
        """The journal of a drill."""
        return self.stages.recorder(drill, says)
