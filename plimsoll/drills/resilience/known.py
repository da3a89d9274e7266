"""The faults that a deployment can have on the stack that it runs on, in the order in which they befall it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial

from plimsoll.drills.resilience.beginnings import stopped
from plimsoll.drills.resilience.clocks import AHEAD, Clocks
from plimsoll.drills.resilience.disks import Uploading, database_full, moved_to_small_disk, uploads_full
from plimsoll.drills.resilience.edges import certificate_expired
from plimsoll.drills.resilience.loops import out_of_memory, restart_loop
from plimsoll.drills.resilience.outages import everything_killed, frozen, killed
from plimsoll.drills.resilience.roads import Ways
from plimsoll.drills.resilience.shortages import full_cache, pool_exhausted, undone, with_jobs
from plimsoll.drills.resilience.ward import Ward
from plimsoll.errors import OutOfReach
from plimsoll.observations.drills import faults
from plimsoll.observations.drills.faults import Start
from plimsoll.stacks.protocol import Contained, Roads

NO_CLOCK = "a clock of its own takes libfaketime where the application runs: apt-get install libfaketime"
NO_NAMES = "services that are processes of one machine are reached by numbers, and resolve no names"
NO_LIMIT = "nothing limits the memory of services that are processes of one machine"
NO_SIZE = "a volume of the engine's has no size of its own; on processes the database gets a disk of its own"
NO_DISK = "uploads have no disk of their own: only root may mount one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One fault: what it is, whom it befalls, and how.

    It is there for so many `seconds` at the least, and where it is `told` until the health endpoints have noticed.
    """

    name: str
    what: str
    roles: tuple[str, ...]
    strike: Callable[[], AbstractContextManager[str]]
    seconds: float = 1.0
    told: bool = False


HANGING_SECONDS = 2.0
"""How long a fault is there that a client notices only when it has waited long enough."""


@dataclass(slots=True)
class Faults:
    """What can befall a ward, what came of it beside what clients were told, and why some were `skipped`."""

    ward: Ward
    ways: Ways
    starts: list[Start] = field(default_factory=list)
    queued: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    client: Uploading | None = None
    clocks: Clocks = field(init=False)
    skipped: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clocks = Clocks(self.ward)

    def known(self) -> Iterator[Known]:
        """Each fault that this deployment can have here, looked for when its turn comes."""
        yield from self._of_time()
        yield from self._of_replicas()
        yield from self._of_data()
        yield from self._of_everybody()
        yield from self._of_roads()
        yield from self._of_shortage()

    def _of_time(self) -> Iterator[Known]:
        if not self.clocks.can_be_set():
            self.skipped[faults.CLOCK_SKEWED] = NO_CLOCK
            return
        whose = f"one of {self.ward.replicas} replicas" if self.ward.replicas > 1 else "the application"
        yield Known(
            name=faults.CLOCK_SKEWED,
            what=f"the clock of {whose} is {AHEAD} s ahead",
            roles=(self.ward.application,),
            strike=self.clocks.ahead,
            seconds=HANGING_SECONDS,
        )

    def _of_replicas(self) -> Iterator[Known]:
        ward, role, last = self.ward, self.ward.application, self.ward.replicas
        one = f"one of {last} replicas"
        if last == 1:
            names = (faults.REPLICA_FROZEN, faults.REPLICA_KILLED, faults.REPLICA_LOOPS)
            self.skipped |= dict.fromkeys(names, f"there is one {role} only")
            return
        yield Known(
            name=faults.REPLICA_FROZEN,
            what=f"{one} stands still, and its port accepts connections",
            roles=(role,),
            strike=partial(frozen, ward, role, replica=last),
            seconds=HANGING_SECONDS,
        )
        yield Known(
            name=faults.REPLICA_KILLED,
            what=f"{one} is killed",
            roles=(role,),
            strike=partial(killed, ward, role, replica=last),
        )
        yield Known(
            name=faults.REPLICA_LOOPS,
            what=f"{one} dies whenever it is started",
            roles=(role,),
            strike=partial(restart_loop, ward, role, replica=last),
        )

    def _of_data(self) -> Iterator[Known]:
        ward, database, cache = self.ward, self.ward.database, self.ward.cache
        if database:
            told: dict[str, tuple[str, Callable[[], AbstractContextManager[str]]]] = {
                faults.DATABASE_KILLED: ("the database is killed", partial(killed, ward, database)),
                faults.DATABASE_FROZEN: ("the database stands still", partial(frozen, ward, database)),
                faults.POOL_EXHAUSTED: (
                    "every connection to the database waits for a lock",
                    partial(pool_exhausted, ward),
                ),
            }
            for name, (what, strike) in told.items():
                yield Known(name=name, what=what, roles=(database,), strike=strike, told=True)
        if cache:
            strike = partial(killed, ward, cache)
            yield Known(name=faults.CACHE_KILLED, what="Redis is killed", roles=(cache,), strike=strike, told=True)
            yield Known(name=faults.CACHE_FULL, what="Redis has no memory left", roles=(cache,), strike=self._crowded)

    def _of_everybody(self) -> Iterator[Known]:
        ward, application = self.ward, self.ward.application
        data = [role for role in (ward.database, ward.cache) if role]
        yield Known(
            name=faults.APPLICATION_FROZEN,
            what="the application stands still",
            roles=(application,),
            strike=partial(frozen, ward, application),
            seconds=HANGING_SECONDS,
        )
        yield Known(
            name=faults.EVERYTHING_KILLED,
            what="the application is killed with all that it needs, and is back first",
            roles=(application, *data),
            strike=partial(everything_killed, ward, *data),
            told=True,
        )
        if ward.edge and ward.deployment.services[ward.edge].certificate:
            yield Known(
                name=faults.CERTIFICATE_EXPIRED,
                what="the edge's certificate has expired",
                roles=(ward.edge,),
                strike=partial(certificate_expired, ward),
            )
        else:
            self.skipped[faults.CERTIFICATE_EXPIRED] = "no edge has a certificate of ours"
        yield Known(
            name=faults.COLD_START,
            what="everything is stopped, and started in the order of the compose file",
            roles=tuple(role for role in (ward.edge, application, *data) if role),
            strike=self._begun_anew,
            told=True,
        )

    def _of_roads(self) -> Iterator[Known]:
        ward, ways = self.ward, self.ways
        for name, role, what in (
            (faults.DATABASE_PARTED, ward.database, "the application is cut off from its database"),
            (faults.CACHE_PARTED, ward.cache, "the application is cut off from Redis"),
        ):
            if role:
                yield Known(name=name, what=what, roles=(role,), strike=partial(ways.parted, role), told=True)
        if not ward.database:
            return
        yield Known(
            name=faults.NETWORK_SLOW,
            what="the network between the application and its database is slow",
            roles=(ward.database,),
            strike=partial(ways.slowed, ward.database),
            seconds=HANGING_SECONDS,
        )
        if isinstance(ward.stack, Roads):
            yield Known(
                name=faults.NAMES_GONE,
                what="the database's name does not resolve",
                roles=(ward.database,),
                strike=partial(ways.nameless, ward.database),
                told=True,
            )
        else:
            self.skipped[faults.NAMES_GONE] = NO_NAMES

    def _of_shortage(self) -> Iterator[Known]:
        ward = self.ward
        if ward.stack.uploads.is_mount():
            self.client = client = Uploading(ward)
            yield Known(
                name=faults.UPLOADS_FULL,
                what="the disk of uploads is full",
                roles=(ward.application,),
                strike=partial(uploads_full, ward, client),
            )
        else:
            self.skipped[faults.UPLOADS_FULL] = NO_DISK
        if ward.database and faults.DATABASE_FULL not in self.skipped:
            yield Known(
                name=faults.DATABASE_FULL,
                what="the disk of the database is full",
                roles=(ward.database,),
                strike=partial(database_full, ward),
                told=True,
            )
        if isinstance(ward.stack, Contained):
            yield Known(
                name=faults.OUT_OF_MEMORY,
                what="the kernel kills one that has no memory left",
                roles=(ward.application,),
                strike=partial(out_of_memory, ward, ward.application, replica=ward.replicas),
            )
        else:
            self.skipped[faults.OUT_OF_MEMORY] = NO_LIMIT

    @contextmanager
    def _crowded(self) -> Iterator[str]:
        """Redis has no memory left while jobs wait in its queue; afterwards workers take them."""
        with with_jobs(self.ward) as jobs, full_cache(self.ward) as landed:
            self.queued = jobs
            yield landed
        if self.queued:
            self.vanished = undone(self.ward, self.queued)

    @contextmanager
    def _begun_anew(self) -> Iterator[str]:
        """All is stopped, and begins with what later faults need: ways that can be cut, a disk that can be full."""
        ward = self.ward
        with stopped(ward, self.starts) as landed:
            ward.detour.update(self.ways.detour)
            if isinstance(ward.stack, Contained):
                self.skipped[faults.DATABASE_FULL] = NO_SIZE
            elif ward.database:
                try:
                    moved_to_small_disk(ward)
                except OutOfReach as error:
                    self.skipped[faults.DATABASE_FULL] = f"the database has no disk of its own: {error.fact}"
            yield landed
