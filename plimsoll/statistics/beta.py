"""The regularised incomplete beta function: how likely counts are, up to 10^8 of them, without a sum over all.

    P(X >= k) = I_p(k, n - k + 1)    X binomial: n tries, each a success with probability p (NIST DLMF 8.17.5)

Good to ten digits or more; checked by exact sums and by published tables in the tests.
"""

from __future__ import annotations

import math

TINY = 1e-300
"""What stands for zero in a denominator of the continued fraction (Lentz 1976)."""

EPSILON = 1e-15
"""The fraction is done when a step changes no more than this share of it."""

STEPS = 100_000
"""Of the fraction, at most: it takes some sqrt(max(a, b)) of them, 10^4 for counts of 10^8."""

SERIES = 16.0
"""From where on Stirling's series is good to sixteen digits; below, the gamma function itself is."""

CLOSE = 0.1
"""How near to its mean, as a share of both, a figure is when its deviance is summed and not subtracted."""

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)

INF = math.inf


def at_least(a: float, b: float, x: float) -> float:
    """I_x(a, b): the probability that a beta variable lies at or below x. With a = k, b = n - k + 1: of k or more."""
    return math.exp(log_at_least(a, b, x))


def log_at_least(a: float, b: float, x: float) -> float:
    """The logarithm of I_x(a, b), also where that is too small for a number. None or more (a = 0) is certain."""
    if x <= 0:
        return -INF
    if x >= 1 or a <= 0:
        return 0.0
    if x < (a + 1) / (a + b + 2):
        return min(0.0, _log_tail(a, b, x))
    other = math.exp(_log_tail(b, a, 1 - x))
    return math.log1p(-other) if other < 1 else -INF


def at_most(count: float, of: float, share: float) -> float:
    """P(X <= count) of so many tries. Counts need not be whole: the beta distribution goes on between them."""
    if count >= of:
        return 1.0
    if count < 0:
        return 0.0
    return at_least(of - count, count + 1, 1 - share) if share > 0 else 1.0


def exactly(count: int, of: int, share: float) -> float:
    """P(X = count), by Loader's saddle-point expansion (2000): the digits that lgamma loses are kept."""
    if share in (0.0, 1.0):
        return float(count == of * share)
    return math.exp(_log_mass(count, of - count, share))


def log_beta(a: float, b: float) -> float:
    """The logarithm of the complete beta function B(a, b)."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_tail(a: float, b: float, x: float) -> float:
    """The logarithm of I_x(a, b) by its continued fraction (NIST DLMF 8.17.22), quick for x below the mean."""
    return _log_mass(a, b, x) + math.log(b / (a + b)) + math.log(_fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > TINY else TINY)
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 + even * d, 1 + even / c
        d, c = 1 / (d if abs(d) > TINY else TINY), c if abs(c) > TINY else TINY
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 + odd * d, 1 + odd / c
        d, c = 1 / (d if abs(d) > TINY else TINY), c if abs(c) > TINY else TINY
        value *= d * c
        if abs(d * c - 1) < EPSILON:
            break
    return value


def _log_mass(a: float, b: float, x: float) -> float:
    """The logarithm of the binomial probability of a successes and b failures, a and b above or equal to zero."""
    if a == 0 or b == 0:
        return b * math.log1p(-x) if a == 0 else a * math.log(x)
    n = a + b
    return (
        _stirling(n)
        - _stirling(a)
        - _stirling(b)
        - _deviance(a, n * x)
        - _deviance(b, n * (1 - x))
        + 0.5 * math.log(n / (a * b))
        - HALF_LOG_TWO_PI
    )


def _stirling(z: float) -> float:
    """What Stirling's formula leaves of log z! (NIST DLMF 5.11.1)."""
    if z < SERIES:
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - HALF_LOG_TWO_PI
    y = 1 / (z * z)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - y / 1188) * y) * y) * y) / z


def _deviance(seen: float, mean: float) -> float:
    """The deviance, seen log(seen / mean) + mean - seen, without losing digits where both are near each other."""
    if abs(seen - mean) >= CLOSE * (seen + mean):
        return seen * math.log(seen / mean) + mean - seen
    v = (seen - mean) / (seen + mean)
    value, term, k = (seen - mean) * v, 2 * seen * v, 1
    while True:
        term *= v * v
        further = value + term / (2 * k + 1)
        if further == value:
            return value
        value, k = further, k + 1
