"""Where drills take place: a kind of stack that puts up stacks anew, as many as drills harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, cast

from plimsoll.drills.recorder import Recorder
from plimsoll.drills.stage import HostedStack
from plimsoll.drills.store import ObjectStore
from plimsoll.drills.visitor import quota_settings
from plimsoll.errors import OutOfReach, Refused
from plimsoll.model import Deployment
from plimsoll.redact import Redactor
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks import make
from plimsoll.stacks.protocol import EVERY_METHOD, Endpoint

OURS = ("containers", "processes")
"""The kinds of stack that a run starts and may harm."""


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
    """Puts up stacks for drills, one after the other. Itself it is a stack that shows no endpoint.

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
        self._homes: dict[int, Path] = {}
        self._store: ObjectStore | None = None
        self._settings: Mapping[str, str] = {}
        self._redactor = Redactor(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._store is not None:
            self._store.__exit__()

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """Stacks that are put up from now on run with the artefacts in that folder."""
        self.artefacts = artefacts
        self._settings = settings

    def of(self, deployment: Deployment) -> Stages.Play:
        """The theatre for that deployment's drills: a mutant may say of itself what the original does not."""
        return Stages.Play(stages=self, deployment=deployment)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Play:
        """The stages for the drills of one deployment, as drills know them."""

        stages: Stages
        deployment: Deployment

        @property
        def scale(self) -> float:
            """How many times as much data as usual is put into a stack."""
            return self.stages.scale

        @property
        def store(self) -> ObjectStore:
            """The object store of these drills."""
            return self.stages.store(self.deployment)

        def home(self, stack: HostedStack) -> Path:
            """A folder in which an operator of that stack's host may work."""
            return self.stages.home(stack)

        @contextmanager
        def stack(self) -> Iterator[HostedStack]:
            """A stack of the deployment, whose writes wait for the disk; gone when left."""
            with self.stages.put_up(self.deployment) as stack:
                yield stack

        def recorder(self, drill: str, says: str) -> Recorder:
            """The journal of a drill."""
            return self.stages.recorder(drill, says)

    @contextmanager
    def put_up(self, deployment: Deployment) -> Iterator[HostedStack]:
        """A stack of the deployment with the artefacts as they are now."""
        here = replace(deployment, root=self.artefacts)
        settings = {**self._settings, **quota_settings(deployment)}
        with Run(new_run_id(), disk=True) as run, make(self.kind, here, run, durable=True, settings=settings) as stack:
            self.images = {**self.images, **stack.images}
            self.secrets = (*self.secrets, *stack.secrets)
            self._homes[id(stack)] = run.folder / "operator"
            yield cast(HostedStack, stack)

    def home(self, stack: HostedStack) -> Path:
        """A folder in which an operator of that stack's host may work, gone with the stack."""
        return self._homes[id(stack)]

    def store(self, deployment: Deployment) -> ObjectStore:
        """The object store, running since somebody asked for it; the deployment's own where it names one."""
        if self._store is None:
            endpoint = deployment.recovery.endpoint if deployment.recovery else ""
            self._store = ObjectStore(self._workplace / "store", endpoint=endpoint).__enter__()
        return self._store

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
