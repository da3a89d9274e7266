"""What a site gives to strangers: to scripts of other sites, to the curious, to those who write markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plimsoll.observations.http import HttpExchange, HttpSurvey


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTrial:
    """One request as a script of that origin makes it, or its preflight.

    `kind` is promised, foreign, null, suffix, prefix, subdomain or plain: how the origin resembles the promised one.
    """

    kind: str
    origin: str
    preflight: bool
    exchange: HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossOrigin:
    """What scripts of other origins may read (Fetch, 3.3)."""

    trials: tuple[OriginTrial, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many requests were answered."""
        return sum(trial.exchange.status is not None for trial in self.trials)

    @property
    def trouble(self) -> str:
        """Why the first request without an answer had none."""
        return next((t.exchange.trouble for t in self.trials if t.exchange.status is None), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninvited(HttpSurvey):
    """What the curious get: kinds listing, leftover, inside; page and nowhere tell what is usual on the same host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A page that shows what somebody sent. `way` is stored or reflected, `marker` a word only that text holds.

    `written` is the request that stored the text, None where it was part of the page's own address.
    """

    way: str
    marker: str
    page: HttpExchange
    written: HttpExchange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoedMarkup:
    """Pages asked with markup in what was sent; `payloads` are the pieces that must not come back as they were."""

    payloads: tuple[str, ...]
    echoes: tuple[Echo, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many pages were seen."""
        return sum(echo.page.status is not None for echo in self.echoes)

    @property
    def trouble(self) -> str:
        """Why the first page was not seen."""
        return next((echo.page.trouble for echo in self.echoes if echo.page.status is None), "")
