"""Who keeps silent, whatever is asked: a run that knows it waits for nobody a second time."""

from __future__ import annotations

from collections import Counter

from plimsoll.observations import HttpExchange

MOST = 4
"""Requests that a role lets wait, answering no more than it lets wait, after which it is not asked any more."""

WAIT = 1.0
"""Seconds from which on a request without an answer counts: what fails at once keeps nobody waiting."""


class Silences:
    """What all looks of a run know together of the roles that they asked."""

    def __init__(self) -> None:
        self._waited = Counter[str]()
        self._answered = Counter[str]()
        self._why: dict[str, str] = {}

    def told(self, role: str, seen: HttpExchange) -> None:
        """What a request to that role came to is known."""
        if seen.trouble and seen.seconds >= WAIT:
            self._waited[role] += 1
            self._why[role] = seen.trouble
        elif seen.status is not None or seen.closed or seen.cut:
            self._answered[role] += 1

    def given_up(self, role: str) -> str:
        """Why that role is not asked any more; "" if it is."""
        if self._waited[role] < max(MOST, self._answered[role]):
            return ""
        return f"not asked: {self._waited[role]} requests before it came to nothing: {self._why[role]}"
