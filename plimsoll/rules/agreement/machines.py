"""That what PostgreSQL is told about memory fits the machine that files name for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import MachineFiles, PostgresFiles, Purpose, SourceFile
from plimsoll.rules.agreement.places import DEFAULT_CONNECTIONS, Amount
from plimsoll.rules.database.units import GIB, MIB, postgres_bytes, shown
from plimsoll.rules.texts import whole_number

__all__ = ["memory_fits_machines"]

SHARE = 0.4
"""The most of a machine's memory that shared_buffers uses well (PostgreSQL manual, 20.4.1)."""

WORST = 1.2
"""Not all connections sort at once; what is above the machine's memory by a fifth is beyond such luck."""

MACHINE = re.compile(
    r"\b(?:db-custom-[0-9]+-(?P<custom>[0-9]+)|(?P<azure>GP|MO|B)_Gen5_(?P<cores>[0-9]+)"
    r"|db\.(?P<family>[a-z][0-9]+[a-z]{0,2})\.(?P<size>micro|small|medium|large|(?P<times>[0-9]*)xlarge))\b"
)
SIZES: Mapping[str, float] = {"micro": 0.125, "small": 0.25, "medium": 0.5, "large": 1}
"""Shares of what an instance of size large has."""

LARGE: Mapping[str, int] = {"t": 8, "m": 8, "r": 16, "x": 32}
"""GiB of an instance of size large, by the first letter of its family (Amazon RDS: hardware specifications)."""

PER_CORE: Mapping[str, int] = {"GP": 5, "MO": 10, "B": 2}
"""GiB per core of Azure's database servers of the fifth generation (Azure Database for PostgreSQL: pricing tiers)."""


def memory_fits_machines(promise: Promise, postgres: PostgresFiles, machines: MachineFiles) -> Finding:
    """What PostgreSQL is told about memory fits every machine that files name for it."""
    told = {s.name: s for s in postgres.settings if s.source.purpose is Purpose.PRODUCTION}
    sizes = {
        name: Amount(number=size, name=name, spot=told[name].spot)
        for name, unit in (("shared_buffers", "8kB"), ("effective_cache_size", "8kB"), ("work_mem", "kB"))
        if name in told and (size := postgres_bytes(told[name].value, unit))
    }
    named = [machine for source in machines.sources for machine in _machines(source)]
    most = told.get("max_connections")
    connections = (whole_number(most.value) if most else None) or DEFAULT_CONNECTIONS
    holes = []
    for machine in named if sizes else ():
        has = f"{machine.name} has {shown(machine.number)}"
        buffers, cached, work = (sizes.get(name) for name in ("shared_buffers", "effective_cache_size", "work_mem"))
        if buffers and buffers.number > machine.number * SHARE:
            what = f"shared_buffers is {shown(buffers.number)}, and {has}: more than {SHARE:.0%} of it slows it down"
            fix = f"shared_buffers = {machine.number // 4 // MIB}MB"
            holes.append(Hole(spot=buffers.spot, what=what, fix=fix, beside=(machine.spot,)))
        if cached and cached.number > machine.number:
            what = f"effective_cache_size is {shown(cached.number)}, and {has}: no such cache can be there"
            fix = f"effective_cache_size = {machine.number * 3 // 4 // MIB}MB"
            holes.append(Hole(spot=cached.spot, what=what, fix=fix, beside=(machine.spot,)))
        total = (buffers.number if buffers else 0) + (work.number * connections if work else 0)
        if work and most and total > machine.number * WORST:
            what = f"{connections} connections with work_mem {shown(work.number)} may take {shown(total)}, and {has}"
            fix = f"work_mem = {max(1, (machine.number // 2) // connections // MIB)}MB"
            holes.append(Hole(spot=work.spot, what=what, fix=fix, beside=(most.spot, machine.spot)))
    return promise.judged(
        holes,
        looked=[f"{machine.spot}: {machine.name}: {shown(machine.number)}" for machine in named] if sizes else [],
        expected="settings that fit the machine",
        nothing="no file names a database's machine, or what PostgreSQL may take of it",
    )


def _machines(source: SourceFile) -> Iterator[Amount]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        for found in MACHINE.finditer(line):
            if found["custom"]:
                size = int(found["custom"]) * MIB
            elif found["azure"]:
                size = int(found["cores"]) * PER_CORE[found["azure"]] * GIB
            else:
                share = SIZES.get(found["size"]) or 2 * int(found["times"] or 1)
                size = int(LARGE.get(found["family"][0], 0) * share * GIB)
            if size:
                yield Amount(number=size, name=found[0], spot=source.spot(number))
