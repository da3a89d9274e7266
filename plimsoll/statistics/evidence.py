"""What counts say for a share and against it, at whatever moment they are looked at: a beta-binomial mixture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from plimsoll.statistics.beta import log_at_least, log_beta

SHAPE = 0.5
"""First parameter of the mixture's beta distribution: Jeffreys's, which serves shares of any size."""

SPREAD = 4.0
"""The second is 1 / (SPREAD * limit): a mean of twice the limit, so both sides of it have their part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How many times better the counts suit shares below the limit than the limit itself, and above it: logarithms.

    Each is a supermartingale where the promise is broken, or kept, with mean one at most. So the probability that it
    ever reaches 1 / doubt is no more than the doubt (Ville 1939; Robbins 1970: mixtures). The mixture is a beta
    distribution cut off at the limit, on either side.
    """

    kept: float
    broken: float


def evidence(bad: float, of: float, share: float, limit: float) -> Evidence:
    """What so many independent events say of `share`; `limit` is what the mixture is made for."""
    a, b = SHAPE, 1 / (SPREAD * limit)
    more_a, more_b = a + bad, b + of - bad
    whole = log_beta(more_a, more_b) - bad * math.log(share) - (of - bad) * math.log1p(-share)
    below, above = _before(a, b, share)
    return Evidence(
        kept=whole + log_at_least(more_a, more_b, share) - below,
        broken=whole + log_at_least(more_b, more_a, 1 - share) - above,
    )


@lru_cache(maxsize=64)
def _before(a: float, b: float, share: float) -> tuple[float, float]:
    """The logarithms of the mixture's two parts before anything is counted; the same at each window."""
    whole = log_beta(a, b)
    return whole + log_at_least(a, b, share), whole + log_at_least(b, a, 1 - share)
