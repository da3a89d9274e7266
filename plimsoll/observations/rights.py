"""Who may do what: deeds tried in every role, and on the neighbour's property."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody of a role tried to do, and the answer. `what` says it in words: "list users"."""

    role: str
    what: str
    method: str
    path: str
    status: int | None = None
    trouble: str = ""

    @property
    def done(self) -> bool:
        """Whether it was allowed."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3

    @property
    def where(self) -> str:
        """The deed in a few words."""
        told = self.status if self.status is not None else self.trouble
        return f"{self.role}: {self.what}: {self.method} {self.path} -> {told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What people of each role could do, strongest first, and what one neighbour could do with what is another's.

    `own` are deeds with one's own record, `foreign` the same with the neighbour's, `guessed` reads of ids around one's
    own. `unchanged` is whether the neighbour's record was afterwards as before; None where nobody could see.
    """

    roles: tuple[str, ...]
    deeds: tuple[Deed, ...]
    own: tuple[Deed, ...]
    foreign: tuple[Deed, ...]
    guessed: tuple[Deed, ...]
    unchanged: bool | None
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many deeds were answered."""
        tried = (*self.deeds, *self.own, *self.foreign, *self.guessed)
        return sum(deed.status is not None for deed in tried)
