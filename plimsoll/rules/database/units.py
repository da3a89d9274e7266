"""Amounts of memory as PostgreSQL, Redis, engines and Kubernetes write them, in bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping

KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40
POSTGRES: Mapping[str, int] = {"B": 1, "kB": KIB, "MB": MIB, "GB": GIB, "TB": TIB, "8kB": 8 * KIB, "16MB": 16 * MIB}
"""PostgreSQL's units; their case matters (manual, 20.1.1)."""

REDIS: Mapping[str, int] = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": KIB,
    "m": 10**6,
    "mb": MIB,
    "g": 10**9,
    "gb": GIB,
}
"""Redis's units, in any case (redis.conf)."""

ENGINE: Mapping[str, int] = {"": 1, "b": 1, "k": KIB, "kb": KIB, "m": MIB, "mb": MIB, "g": GIB, "gb": GIB}
"""Compose's units, in any case (specification, byte values)."""

CLUSTER: Mapping[str, int] = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "Ki": KIB,
    "Mi": MIB,
    "Gi": GIB,
    "Ti": TIB,
}
"""Kubernetes's units (Resource units)."""

AMOUNT = re.compile(r"\s*(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(?P<unit>[A-Za-z]*)\s*")


def parted(text: str) -> tuple[float, str] | None:
    """The number and the unit that a text says; None if it says none."""
    match = AMOUNT.fullmatch(text)
    return (float(match["number"]), match["unit"]) if match else None


def postgres_bytes(text: str, unit: str) -> int | None:
    """The bytes that a setting of PostgreSQL means; `unit` is what counts where it names none."""
    parts = parted(text)
    factor = POSTGRES.get(parts[1] or unit) if parts else None
    return int(parts[0] * factor) if parts and factor else None


def in_bytes(text: str, units: Mapping[str, int]) -> int | None:
    """The bytes that a text means by these units; None if it means none."""
    parts = parted(text)
    unit = parts[1] if parts else ""
    factor = units.get(unit, units.get(unit.lower()) if units is not CLUSTER else None)
    return int(parts[0] * factor) if parts and factor else None


def shown(size: int) -> str:
    """So many bytes, as people say it."""
    for unit, factor in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".0 ", " ")
    return f"{size} bytes"
