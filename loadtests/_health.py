"""How the generator's own process is doing, second by second: one that is busy or late says nothing of the service."""

from __future__ import annotations

import gc
import resource
from time import monotonic_ns, process_time_ns

from gevent.hub import get_hub

from loadtests._client import Client
from loadtests._journeys import Walker

SAMPLE_SECONDS = 0.02
SECOND = 1_000_000_000
YOUNG = 50_000
"""Objects made until the youngest are looked through for rings: answers make none, so seldom is often enough."""

Beat = tuple[int, float, int, int, int, int]
"""Number of the second, share of one core, sockets, journeys, requests, nanoseconds of garbage collection."""


class Health:
    """Watches this process from the start moment on; `beat` says how the time since the last one was."""

    def __init__(self, client: Client, walker: Walker) -> None:
        self._client, self._walker = client, walker
        self._samples = self._requests = self._journeys = self._sockets = 0
        self._collecting = self._began = 0
        self._cpu, self._at = process_time_ns(), monotonic_ns()
        self._thresholds = gc.get_threshold()
        self._sampler = get_hub().loop.timer(SAMPLE_SECONDS, SAMPLE_SECONDS)

    def start(self) -> None:
        """What there is by now stays: the collector does not look at it again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, *self._thresholds[1:])
        gc.callbacks.append(self._collects)
        self._cpu, self._at = process_time_ns(), monotonic_ns()
        self._sampler.start(self._sample)

    def stop(self) -> None:
        """The collector works as before."""
        self._sampler.stop()
        if self._collects in gc.callbacks:
            gc.callbacks.remove(self._collects)
            gc.set_threshold(*self._thresholds)
            gc.unfreeze()

    def beat(self, number: int) -> Beat:
        """The time since the last beat, as that second's."""
        cpu, at = process_time_ns(), monotonic_ns()
        share = (cpu - self._cpu) / max(at - self._at, 1)
        samples = max(self._samples, 1)
        sockets, journeys = round(self._sockets / samples), round(self._journeys / samples)
        found = (number, round(share, 4), sockets, journeys, round(self._requests / samples), self._collecting)
        self._cpu, self._at = cpu, at
        self._samples = self._requests = self._journeys = self._sockets = self._collecting = 0
        return found

    def _sample(self) -> None:
        self._samples += 1
        self._requests += self._client.under_way
        self._journeys += self._walker.under_way
        self._sockets += self._client.lobby.open

    def _collects(self, phase: str, _: object) -> None:
        if phase == "start":
            self._began = monotonic_ns()
        elif self._began:
            self._collecting += monotonic_ns() - self._began


def raise_limits() -> int:
    """As many open files as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
