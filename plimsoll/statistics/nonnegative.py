"""Weighted least squares in a few unknowns of which none but the first may pull below zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One equation: values times unknowns should be the target, and how much that weighs."""

    values: tuple[float, ...]
    target: float
    weight: float


def solved(rows: Sequence[Row]) -> tuple[float, ...]:
    """The unknowns with the smallest weighted sum of squares, all but the first zero or more.

    Few unknowns: each choice of those that are zero is tried (Lawson, Hanson 1974, 23: the best one is among them).
    """
    size = len(rows[0].values)
    best, least = (0.0,) * size, math.inf
    for free in chain.from_iterable(combinations(range(1, size), few) for few in range(size)):
        found = _free(rows, (0, *free))
        if found is None or min(found[1:], default=0.0) < 0:
            continue
        loss = math.fsum(row.weight * (_sum(row.values, found) - row.target) ** 2 for row in rows)
        if loss < least:
            best, least = found, loss
    return best


def _free(rows: Sequence[Row], free: tuple[int, ...]) -> tuple[float, ...] | None:
    """The solution in these unknowns, the others zero, by the normal equations of scaled columns."""
    size = len(rows[0].values)
    scale = [math.sqrt(math.fsum(row.weight * row.values[k] ** 2 for row in rows)) for k in free]
    if min(scale) == 0:
        return None
    matrix = [
        [
            math.fsum(row.weight * row.values[i] * row.values[j] for row in rows) / (scale[p] * scale[q])
            for q, j in enumerate(free)
        ]
        + [math.fsum(row.weight * row.values[i] * row.target for row in rows) / scale[p]]
        for p, i in enumerate(free)
    ]
    for k in range(len(free)):
        pivot = max(range(k, len(free)), key=lambda r, k=k: abs(matrix[r][k]))  # type: ignore[misc]  # bound at once
        if matrix[pivot][k] == 0:
            return None
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        for r in range(len(free)):
            if r != k:
                factor = matrix[r][k] / matrix[k][k]
                matrix[r] = [x - factor * y for x, y in zip(matrix[r], matrix[k], strict=True)]
    found = [0.0] * size
    for p, i in enumerate(free):
        found[i] = matrix[p][-1] / matrix[p][p] / scale[p]
    return tuple(found)


def _sum(values: Sequence[float], unknowns: Sequence[float]) -> float:
    return math.fsum(value * unknown for value, unknown in zip(values, unknowns, strict=True))
