"""The only clock and the only waiting loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

Seen = TypeVar("Seen")

FIRST_INTERVAL = 0.005
"""Seconds between the first two looks: a local service is ready within a few of them (measured, 5-20 ms polls)."""

LONGEST_INTERVAL = 0.1
"""Seconds between looks once the back-off has run its course."""

BACK_OFF = 1.5


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment, never going back."""

    def sleep(self, seconds: float, /) -> None:
        """The clock moved on by that many seconds."""


SYSTEM_CLOCK: Clock = time


class NotReady(TimeoutError):
    """What was awaited did not come about. `last` is what the final look returned."""

    def __init__(self, fact: str, *, last: object) -> None:
        super().__init__(fact)
        self.last = last


def wait_until(
    observe: Callable[[], Seen],
    ready: Callable[[Seen], bool] = bool,
    *,
    timeout: float,
    error: Callable[[Seen], bool] | None = None,
    successes: int = 1,
    what: str = "the condition",
    clock: Clock = SYSTEM_CLOCK,
) -> Seen:
    """What `observe` returned once it was `ready` so many times in a row.

    Raises NotReady after `timeout` seconds, or at once when `error` says that it never will be.
    """
    deadline = Deadline.after(timeout, clock=clock)
    interval, in_a_row = FIRST_INTERVAL, 0
    while True:
        seen = observe()
        if error is not None and error(seen):
            raise NotReady(f"{what} failed; last seen: {seen!r}", last=seen)
        in_a_row = in_a_row + 1 if ready(seen) else 0
        if in_a_row >= successes:
            return seen
        if deadline.passed:
            raise NotReady(f"{what} was not there after {timeout:g} s; last seen: {seen!r}", last=seen)
        clock.sleep(min(interval, max(deadline.left, 0.0)))
        interval = min(interval * BACK_OFF, LONGEST_INTERVAL)


def pause(seconds: float, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """That many seconds went by: for probes whose subject is time itself (a rate, an idle limit)."""
    if seconds > 0:
        clock.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the clock by which something must be over."""

    at: float
    clock: Clock = SYSTEM_CLOCK

    @classmethod
    def after(cls, seconds: float, *, clock: Clock = SYSTEM_CLOCK) -> Deadline:
        """The moment that many seconds from now."""
        return cls(clock.monotonic() + seconds, clock)

    @property
    def left(self) -> float:
        """Seconds left; negative once it passed."""
        return self.at - self.clock.monotonic()

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self.left <= 0
