"""What befell a deployment that clients were using, what they noticed of it, and what its health endpoints said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.observations.drills.recovered import Drilled
from plimsoll.observations.drills.witness import Loss, Read, Testimony, Write

REPLICA_KILLED, REPLICA_FROZEN = "replica-killed", "replica-frozen"
APPLICATION_FROZEN = "application-frozen"
DATABASE_KILLED, DATABASE_FROZEN, DATABASE_PARTED = "database-killed", "database-frozen", "database-parted"
POOL_EXHAUSTED = "pool-exhausted"
CACHE_KILLED, CACHE_FROZEN, CACHE_FULL = "cache-killed", "cache-frozen", "cache-full"
EVERYTHING_KILLED, COLD_START = "everything-killed", "cold-start"
REPLICA_LOOPS, OUT_OF_MEMORY = "restart-loop", "out-of-memory"
CACHE_PARTED, NETWORK_SLOW, NAMES_GONE = "cache-parted", "network-slow", "names-gone"
UPLOADS_FULL, DATABASE_FULL = "uploads-full", "database-disk-full"
CERTIFICATE_EXPIRED, CLOCK_SKEWED = "certificate-expired", "clock-skewed"
"""What faults are called."""

BEFORE, MEANWHILE, AFTER = "before", "meanwhile", "after"
"""When a file was sent, as the disk for it goes."""

LIVE, READY, DETAILED = "live", "ready", "detailed"
"""What the application is asked for its health: does it run, can it serve, what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One answer of a health endpoint at the application's own port. `status` is None where none came in time."""

    at: float
    question: str
    status: int | None
    seconds: float = 0.0
    said: str = ""
    trouble: str = ""

    @property
    def well(self) -> bool:
        """Whether it says that all is well."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A service that was started, and whether each that it depends on was well at that moment."""

    role: str
    at: float
    needed: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file that a client sent, the status it was answered, and whether it is there afterwards byte for byte.

    `stage` tells whether that was before the disk was full, meanwhile, or after there was room again. `kept` is None of
    one that was not confirmed: nobody looks for it.
    """

    at: float
    stage: str
    status: int | None
    kept: bool | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """The token of a client who signed in at one replica, shown to another (both from 1), and the status of the answer.

    None where there was no token, or no answer.
    """

    at: float
    issuer: int
    taker: int
    status: int | None
    trouble: str = ""

    @property
    def taken(self) -> bool:
        """Whether the client was let in."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `roles` are whom it befell; `landed` says by what it is known that it was there, "" if it was not.

    It began, was known to be there since `struck`, and ended at these moments of the drill's clock. `healed` is the
    moment since which clients were all served well again, 0 where it did not come to that without an operator's help.
    `policies` says what the engine was told to do with each service that died.
    """

    name: str
    what: str
    roles: tuple[str, ...]
    landed: str = ""
    trouble: str = ""
    began: float
    struck: float = 0.0
    ended: float = 0.0
    healed: float = 0.0
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def over(self) -> float:
        """The moment at which all was well again, or nobody waited for it any more."""
        return max(self.healed, self.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTrials(Drilled):
    """Faults that befell one stack, one after the other, while clients wrote and read through its edge.

    `application` is the role that clients are served by, with so many `replicas`. `queued` are jobs that waited while
    the cache was full, `vanished` those of them that nobody will ever do. `uploads` are files that a client sent before
    the disk for them was full, meanwhile, and once it had room again. `starts` are those of all services in the
    order in which the compose file has them. `passes` are tokens that replicas gave and were shown while the clock of
    the first was off, and `signs_ahead` what that one said of its health then. `skipped` says of faults why they were
    not tried here.
    """

    application: str = ""
    replicas: int = 1
    faults: tuple[Fault, ...] = ()
    signs: tuple[Sign, ...] = ()
    testimony: Testimony = field(default_factory=Testimony)
    loss: Loss | None = None
    doubled: tuple[int, ...] = ()
    queued: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    starts: tuple[Start, ...] = ()
    passes: tuple[Pass, ...] = ()
    signs_ahead: tuple[Sign, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Fault | None:
        """The fault of that name, if it landed."""
        return next((fault for fault in self.faults if fault.name == name and fault.landed), None)

    def failed(self, fault: Fault) -> tuple[Read | Write, ...]:
        """The requests that failed from the beginning of a fault until everything was well again."""
        return self.testimony.failed(fault.began, fault.over)

    def asked(self, fault: Fault) -> int:
        """The requests from the beginning of a fault until everything was well again."""
        return self.testimony.asked(fault.began, fault.over)

    def silence(self, fault: Fault) -> float:
        """The longest time without a good answer, in seconds, from a fault's beginning until all was well."""
        return self.testimony.silence(fault.began, fault.over)

    def meanwhile(self, fault: Fault, question: str) -> tuple[Sign, ...]:
        """What was answered to that question while the fault was there, and what was asked then and answered later."""
        of_it = (sign for sign in self.signs if sign.question == question and fault.began <= sign.at <= fault.ended)
        return tuple(sign for sign in of_it if sign.at + sign.seconds >= fault.struck)
