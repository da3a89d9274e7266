"""What unusual requests got at the edge, and how it spreads the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.http import HttpExchange, HttpSurvey


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods(HttpSurvey):
    """What each method got on an ordinary page; an exchange's kind is the path class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClaims(HttpSurvey):
    """What requests got that name another host than ours, or name it twice, not at all, or with rubbish behind it.

    Kinds: control, unknown, forwarded, absolute, twice, missing, rubbish. `stranger` is the host they name.
    """

    stranger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lures(HttpSurvey):
    """What requests got that try to be sent to `stranger`, or to add a header of theirs (`planted`) to an answer."""

    stranger: str
    planted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings(HttpSurvey):
    """What other spellings of paths got that are closed at the edge. An exchange's kind is the path class.

    The first of each path class and role is the plain spelling; with the role of an application, it was asked itself.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated(HttpSurvey):
    """What clients got that take an encoding, refuse it, or say nothing: kinds are `<encoding> <path class>`.

    The encodings are gzip, br, zstd, none (no Accept-Encoding at all) and refused (`gzip;q=0`, RFC 9110, 12.5.3).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswers(HttpSurvey):
    """What the same URL got when asked again: kinds are `<first|again|cookie|bearer> <path class>`.

    `user private` is somebody logged in on the private page, `anyone private` nobody in particular right after him.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Families(HttpSurvey):
    """What the same requests got over IPv4 and over IPv6: kinds are `4 <path class>` and `6 <path class>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smuggle:
    """One request whose end can be read in two ways, and what came of it.

    `first` is the answer to it, `next` the one to a clean request on the same connection (None: it was not open any
    more), `other` the one to a clean request on another connection right afterwards.
    """

    name: str
    first: HttpExchange
    next: HttpExchange | None
    other: HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Smuggling:
    """Requests whose end can be read in two ways. `control` are two clean ones on one connection."""

    tries: tuple[Smuggle, ...]
    control: tuple[HttpExchange, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many were tried; zero when the clean ones were not answered."""
        return len(self.tries) if all(e.status is not None for e in self.control) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How requests to one role spread over its replicas, which count them themselves.

    `served` is how many each replica answered of those in `exchanges`. `beside` is the same while one replica had a
    WebSocket to look after, None where none could be held open.
    """

    role: str
    exchanges: tuple[HttpExchange, ...]
    served: tuple[int, ...]
    beside: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How requests spread over the replicas of each role that promises name."""

    spreads: tuple[Spread, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests some replica says that it answered."""
        return sum(sum(spread.served) for spread in self.spreads)

    def of(self, role: str) -> Spread | None:
        """The spread over one role."""
        return next((spread for spread in self.spreads if spread.role == role), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ejection:
    """What clients got while one replica of a role was dead, and once it was back.

    `dead` is its number from 1; `down` and `back` are the requests then, `served_back` how many each replica answered
    of the latter, which began `after` seconds after its return.
    """

    role: str
    replicas: int
    dead: int
    down: tuple[HttpExchange, ...]
    back: tuple[HttpExchange, ...]
    served_back: tuple[int, ...]
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ejections:
    """One replica of each role that promises name, taken away and given back."""

    seen: tuple[Ejection, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(e.status is not None for each in self.seen for e in (*each.down, *each.back))

    def of(self, role: str) -> Ejection | None:
        """What was seen of one role."""
        return next((each for each in self.seen if each.role == role), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGrowth:
    """A pool that was short of its last server, and got it while clients asked.

    `before` and `after` are how many requests each replica answered then, `during` what clients got meanwhile.
    """

    role: str
    before: tuple[int, ...]
    during: tuple[HttpExchange, ...]
    after: tuple[int, ...]
    lines: Mapping[str, str]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered while the pool grew."""
        return sum(e.status is not None for e in self.during)
