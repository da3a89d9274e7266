"""What a judgement can say."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Outcome(enum.StrEnum):
    """What a judgement can say. UNKNOWN is an answer of its own: nobody could tell."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


def merge(outcomes: Iterable[Outcome]) -> Outcome:
    """FAIL beats UNKNOWN beats PASS; nothing judged is UNKNOWN; NOT_APPLICABLE counts for nothing."""
    seen = set(outcomes)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
        if outcome in seen:
            return outcome
    return Outcome.UNKNOWN
