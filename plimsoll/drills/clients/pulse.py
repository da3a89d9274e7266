"""What the application says of its own health while a drill goes on: asked again and again, at its own port."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Self

from plimsoll.drills.clients.visitor import Caller, Visitor
from plimsoll.drills.recorder import Recorder
from plimsoll.model import Deployment
from plimsoll.observations.drills.faults import DETAILED, LIVE, READY, Sign
from plimsoll.stacks.environment import read_environment
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import pause

EVERY = 0.25
"""Seconds between two askings: how finely the truth of an answer is measured. Whoever answers asks others."""

PATIENCE = 5.0
"""Seconds until nobody waits for an answer any more: an endpoint asks others itself, and waits for those."""

PATHS: Mapping[str, tuple[str, str]] = {
    LIVE: ("PATH_LIVE", "/health"),
    READY: ("PATH_READY", "/ready"),
    DETAILED: ("PATH_DETAILED", "/health/detailed"),
}
"""By question, the variable with its path, and the path where none is stated (fixtures/app/README.md)."""


class Pulse:
    """Asks each health endpoint from when it is entered until it is left; its times are of the recorder's clock.

    `paths` are those endpoints, by what is asked there.
    """

    def __init__(self, stack: Stack, deployment: Deployment, recorder: Recorder) -> None:
        self._caller = Caller(stack, deployment)
        self._recorder = recorder
        service = self._caller.service
        said = read_environment(stack.artefacts / service.environment) if service.environment else {}
        self.paths = {question: said.get(name, default) for question, (name, default) in PATHS.items()}
        self._signs: list[Sign] = []
        self._lock = threading.Lock()
        self._over = False
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._keep_asking, args=(each,), daemon=True) for each in self.paths]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        for thread in self._threads:
            thread.join(PATIENCE)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """All that was answered until now."""
        with self._lock:
            return tuple(self._signs)

    def of(self, question: str, *, since: float) -> tuple[Sign, ...]:
        """What was answered to that question when it was asked after a moment."""
        return tuple(sign for sign in self.signs if sign.question == question and sign.at >= since)

    def _keep_asking(self, question: str) -> None:
        visitor = Visitor(self._caller)
        while not self._over:
            at = self._recorder.now
            told = visitor.once("GET", self.paths[question], (), b"", seconds=PATIENCE)
            sign = Sign(
                at=at,
                question=question,
                status=told.status,
                seconds=self._recorder.now - at,
                said=told.body.decode(errors="replace") if question == DETAILED else "",
                trouble=told.trouble,
            )
            with self._lock:
                self._signs.append(sign)
            pause(at + EVERY - self._recorder.now)
        visitor.close()
