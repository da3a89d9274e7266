"""Amounts as Kubernetes writes them: `500m` of a processor, `2Gi` of memory."""

from __future__ import annotations

import re
from collections.abc import Mapping

QUANTITY = re.compile(r"(?P<number>\d{1,15}(\.\d{1,9})?)(?P<unit>m|k|[MGTPE]i?|Ki)?")

UNITS: Mapping[str, float] = {
    "": 1,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
    "Ei": 2**60,
}
"""Kubernetes API, resource quantities."""


def quantity(text: str) -> float | None:
    """The amount that a text states, in cores or bytes; None if it states none."""
    found = QUANTITY.fullmatch(text.strip())
    return float(found["number"]) * UNITS[found["unit"] or ""] if found else None


def alike(one: str, other: str) -> bool:
    """Whether two texts state one amount: `1000m` and `1`."""
    first, second = quantity(one), quantity(other)
    return one == other if first is None or second is None else abs(first - second) <= abs(first) * 1e-9
