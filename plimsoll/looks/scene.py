"""What a look has to go by: the deployment, the stack it runs on, and how long it may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Promise
from plimsoll.observations import Observation
from plimsoll.observations.artefacts import SourceFile
from plimsoll.probes.files import folder
from plimsoll.probes.web import http
from plimsoll.probes.web.hosts import endpoint_at
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import Endpoint, Stack

DEADLINE = 10.0
"""Seconds one probe may take with one target."""

PATIENCE = 3.0
"""Seconds a run may wait for a promised time-out unless it is told otherwise: the smoke suite answers in seconds."""

NOWHERE = Path("/nonexistent")
"""Where nothing is known of earlier runs (hier(7): no program makes this folder)."""

EDGE = "edge"
"""Whom a promise speaks of unless it names another role."""


def roles_of(promise: Promise) -> tuple[str, ...]:
    """The roles whose endpoints a promise speaks of."""
    people = RULES[promise.rule].area == "auth"  # whose roles are users', and no services'
    several = cast(tuple[str, ...], () if people else promise.parameters.get("roles", ()))
    return several or (str(promise.parameters.get("role", EDGE)),)


class Shelf:
    """What several looks of one inspection share: the deployment's files, read once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sources: tuple[SourceFile, ...] | None = None

    def sources(self, read: Callable[[], tuple[SourceFile, ...]]) -> tuple[SourceFile, ...]:
        """The files, read by whoever asks first."""
        with self._lock:
            if self._sources is None:
                self._sources = read()
            return self._sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a look has to go by: the deployment, the stack it runs on, and how long to wait for what takes time.

    `deep` is false for a run that answers in seconds: it goes without the deep looks. `refused` is true where the edge
    would not take its file: nothing makes it forget then that what is behind it was away. `reports` is the folder with
    the reports of earlier runs, `taken` gives what was seen by now.
    """

    deployment: Deployment
    stack: Stack
    visitors: http.Visitors
    deadline: float = DEADLINE
    patience: float = PATIENCE
    deep: bool = True
    refused: bool = False
    shelf: Shelf = field(default_factory=Shelf)
    reports: Path = NOWHERE
    taken: Callable[[], tuple[Observation, ...]] = tuple

    @classmethod
    def of(
        cls,
        deployment: Deployment,
        stack: Stack,
        *,
        patience: float = PATIENCE,
        deadline: float = DEADLINE,
        deep: bool = True,
        reports: Path = NOWHERE,
    ) -> Scene:
        """The scene of that deployment on that stack."""
        visitors = http.Visitors(stack, deployment, deadline=deadline)
        return cls(
            deployment=deployment,
            stack=stack,
            visitors=visitors,
            deadline=deadline,
            patience=patience,
            deep=deep,
            reports=reports,
        )

    def afresh(self) -> Scene:
        """The same scene, nothing of which has been read yet."""
        return replace(self, shelf=Shelf())

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """Every file among the stack's artefacts, with what it is."""
        return self.shelf.sources(lambda: folder.sources(self.stack.artefacts, folder.declared(self.deployment)))

    def path(self, kind: str) -> str:
        """The deployment's example of a path class, without its host. Raises OutOfReach when it names none."""
        if kind not in self.deployment.paths:
            raise OutOfReach(f"this deployment names no {kind} path", hint=f'[paths] {kind} = "/…"')
        return self.deployment.place(kind)[1]

    def edge_at(self, kind: str) -> tuple[Endpoint, str]:
        """The edge under the host that has the example of a path class, and its path; the root where none is named."""
        host, path = self.deployment.place(kind) if kind in self.deployment.paths else ("", "/")
        return endpoint_at(self.stack, self.deployment, EDGE, host), path

    def asked(self, kind: type, parameter: str, default: object) -> tuple[object, ...]:
        """What each promise that is judged by such an observation says for a parameter, each value once."""
        said = (
            promise.parameters.get(parameter, default)
            for promise in self.deployment.promises
            if kind in RULES[promise.rule].reads
        )
        return tuple(dict.fromkeys(said)) or (default,)

    def may_intrude(self, what: str) -> None:
        """Raises OutOfReach unless the stack may be asked more than a polite client asks; `what` names the asking."""
        if not self.stack.intrusive:
            raise OutOfReach(
                f"{what} is intrusive, and this {self.stack.kind} target does not allow it",
                hint='[live] allow = ["intrusive"]',
            )
