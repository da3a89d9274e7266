"""What clients got that were slow, or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.http import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the server bore with one kind of slow client.

    `kind` is headers, body, idle or reader; `seconds` until it cut us off, None if it had not by `waited`.
    `conclusive` is false when what was seen could have been the work of buffers on the way.
    """

    kind: str
    seconds: float | None
    waited: float
    detail: str = ""
    conclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClients:
    """Slow and idle clients, side by side. `control` tells that a prompt client was served meanwhile."""

    cuts: tuple[Patience, ...]
    control: bool
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many kinds of slow client were tried; zero when the prompt one was not served either."""
        return len(self.cuts) if self.control else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Requests sent as fast as possible by one client, and what it and another client got.

    `statuses` are in order of sending; `seconds` is what the burst took; `neighbour` is the status another client got
    meanwhile (None: no second client to be had). `lies` are the statuses of the same client that claimed a new address
    in every forwarding header there is, `honest` those of its requests in between that claimed none. After the stated
    recovery the client asked again: `recovered` says whether the first of these requests passed, `regained` how many
    passed, `whole` how long after the burst's beginning the last was answered.
    """

    role: str
    statuses: tuple[int | None, ...]
    seconds: float
    refusal: HttpExchange | None
    first: HttpExchange | None
    recovered: bool | None
    neighbour: int | None
    seen_at: datetime
    regained: int = 0
    whole: float = 0.0
    lies: tuple[int | None, ...] = ()
    honest: tuple[int | None, ...] = ()

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(status is not None for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeBurst(Burst):
    """A burst against the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationBurst(Burst):
    """A burst against one application replica, as one client behind the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserBurst:
    """Requests of one user until he was refused, and what another user at his address then got, and he from elsewhere.

    `statuses` are in order of sending; `refusal` is the first refusal; `neighbour` is what the other user got,
    `elsewhere` what the first one got from another address.
    """

    statuses: tuple[int | None, ...]
    refusal: HttpExchange | None
    neighbour: int | None
    elsewhere: int | None
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(status is not None for status in self.statuses)
