"""What is full first: the part of a deployment that keeps it from carrying more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.observations.load import DROPPED, Capacity, Level

FULL = 0.85
"""Share of its processors, memory or connections from which on a role counts as full: at 85 % a queue in front of one
server is near six long on average (M/M/1)."""

CPU, MEMORY, CONNECTIONS = "cpu", "memory", "connections"
FLAT = 1.05
"""How much more connections than on the level before still count as the same: a pool that is full opens no more."""

SHOWN = 3
"""Routes that are named."""

WAITING = 2.0
"""How many times as many requests are under way as connections are open, where they wait for one."""

GATEWAY = {"status 502": "the edge has no application to hand over to", "status 504": "the edge waits in vain"}
LIMITED = ("status 429", "status 503")
"""What a limiter of requests or of connections answers (RFC 6585, 4; nginx, limit_req_status)."""


@dataclass(frozen=True, slots=True)
class Full:
    """One part that is full, by the evidence for it."""

    part: str
    why: str

    def __str__(self) -> str:
        return f"{self.part}: {self.why}"


def first_full(seen: Capacity) -> tuple[Full, ...]:
    """The parts that are full at the lowest level that did not keep the promises, the fullest first.

    Nothing without such a level, and where nothing that was read explains it.
    """
    level = seen.beyond
    if level is None:
        return ()
    if level.unsound:
        return (Full("the generator", level.unsound), *_by_use(level, seen))
    found = [*_by_use(level, seen), *_pool(level, seen), *_by_answers(level)]
    return tuple(found)


def first_routes(seen: Capacity) -> tuple[str, ...]:
    """The routes with the largest share of bad requests at that level, the worst first."""
    level = seen.beyond
    if level is None or level.unsound:
        return ()
    bad = sorted(((share, route) for route, share in level.routes.items() if share), reverse=True)
    return tuple(f"{route}: {100 * share:.3g} % bad" for share, route in bad[:SHOWN])


def _by_use(level: Level, seen: Capacity) -> Iterator[Full]:
    full = sorted((used for used in level.used if used.share >= FULL), key=lambda used: -used.share)
    words = {CPU: "processors", MEMORY: "memory", CONNECTIONS: "connections"}
    for used in full:
        yield Full(used.role, f"{used.share:.0%} of its {words.get(used.what, used.what)}")
    total = sum(used.value for used in level.of(CPU).values()) + level.generator
    if seen.cores and total >= FULL * seen.cores:
        yield Full("this machine", f"{total:.2g} of {seen.cores} processors are used, the generator's among them")


def _pool(level: Level, seen: Capacity) -> Iterator[Full]:
    """A pool is full where its connections grow no more, and requests that want one do."""
    if level.of(CPU) and any(used.share >= FULL for used in level.of(CPU).values()):
        return  # what waits, waits for the processor
    below = _next_below(level, seen.levels)
    for role, used in level.of(CONNECTIONS).items():
        before = below.of(CONNECTIONS).get(role) if below else None
        flat = before is not None and 0 < used.value <= FLAT * before.value
        if flat and level.flying > WAITING * used.value:
            yield Full(
                "the pool of connections",
                f"{used.value:.0f} to {role} as on the level below, for {level.flying:.0f} requests under way",
            )


def _by_answers(level: Level) -> Iterator[Full]:
    for kind, count in sorted(level.classes.items(), key=lambda each: -each[1]):
        if kind in GATEWAY:
            yield Full("the application", f"{count:,} {kind}: {GATEWAY[kind]}")
        elif kind in LIMITED:
            yield Full("the edge", f"{count:,} {kind}: what a limiter answers")
        elif kind == DROPPED:
            yield Full("whoever serves", f"{count:,} requests never left: as many were under way as may be")


def _next_below(level: Level, levels: Sequence[Level]) -> Level | None:
    return max((each for each in levels if each.rate < level.rate), key=lambda each: each.rate, default=None)
