"""The pace keeps clients of one address below the rate that a deployment states."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from plimsoll.model import Limits
from plimsoll.probes.wire import Client, Pace
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile


@dataclass(slots=True)
class SteppedClock:
    """A clock that moves only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """The moment set by hand."""
        return self.now

    def sleep(self, seconds: float, /) -> None:
        """Time passes at once."""
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_burst_less_one_goes_at_once_and_the_rest_at_the_rate() -> None:
    """Of a burst of 5 at 10 per second, 4 are free; every further request waits its tenth of a second."""
    clock = SteppedClock()
    pace = Pace(Limits(requests_per_second=10, burst=5), clock=clock)
    for _ in range(7):
        pace.take()
    assert clock.slept == [0.1, 0.1, 0.1]


def test_silence_fills_the_bucket_but_no_further() -> None:
    """After a long silence the burst is free again, and not more than the burst."""
    clock = SteppedClock()
    pace = Pace(Limits(requests_per_second=10, burst=3), clock=clock)
    for _ in range(3):
        pace.take()
    clock.now += 60
    clock.slept.clear()
    for _ in range(3):
        pace.take()
    assert clock.slept == [0.1]


def test_what_was_spent_comes_back_at_the_rate() -> None:
    """After somebody used up the whole allowance, the reserve comes back first, then one request at a time."""
    clock = SteppedClock()
    pace = Pace(Limits(requests_per_second=10, burst=20), reserve=5, clock=clock)
    pace.spend()
    for _ in range(3):
        pace.take()
    assert clock.slept == [0.6, 0.1, 0.1]


def test_a_refill_waits_for_the_reserve_too() -> None:
    """The whole allowance is there only when even those whom nobody paces have had their time."""
    clock = SteppedClock()
    pace = Pace(Limits(requests_per_second=10, burst=20), reserve=5, clock=clock)
    pace.refill()
    pace.take()
    assert clock.slept == [0.5, 0.1]


def test_threads_share_one_pace() -> None:
    """Clients of one address in several threads are held to the rate together."""
    limits = Limits(requests_per_second=50, burst=6)
    with hostile.serving(hostile.redirect_loop) as server:
        pace = Pace(limits)
        endpoint = Endpoint(role="edge", scheme="http", host="a", port=80, address=server.address)
        clients = [Client(endpoint, pace=pace) for _ in range(3)]
        started = pace._clock.monotonic()
        with ThreadPoolExecutor(3) as pool:
            for client in clients * 5:
                pool.submit(client.exchange, "page", "GET", "/")
        seconds = pace._clock.monotonic() - started
    assert len(server.requests) == 15
    assert seconds >= (15 - 5) / 50 - 0.001
