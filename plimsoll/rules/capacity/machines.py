"""Whether the machines are as large as was promised, and have room left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import Machine, Machines
from plimsoll.rules.texts import whole_number

__all__ = ["disk_used_within", "machine_at_least"]

GIGABYTE = 1_000_000_000
"""As disks are sold. Memory is sold in GiB, 7 % more, of which firmware and kernel keep a part: what is left of 32
reads as 33.0 to 33.6 of these."""

FORMATTED = 0.95
"""Share of a disk that its filesystem has for files: ext4 and XFS keep some 1 to 3 % for themselves."""


def machine_at_least(
    promise: Promise,
    seen: Machines,
    *,
    machine: str = "",
    cores: int = 0,
    memory_gb: float = 0.0,
    disk_gb: float = 0.0,
    solid: bool = False,
    programs: Mapping[str, str] | None = None,
) -> Finding:
    """The machine has so many processors, so much memory and disk (`solid`: none that turns), and these programs.

    `machine` is its name in [live] machines, none where there is one alone; `programs` are the oldest versions that
    will do, of docker, compose, node, postgres or redis. What no machine says (its network, its disk's operations a
    second) is not judged.
    """
    wanted = [
        *([f"{cores} processors"] if cores else []),
        *([f"{memory_gb:g} GB of memory"] if memory_gb else []),
        *([f"{disk_gb:g} GB of {'solid ' if solid else ''}disk"] if disk_gb else []),
        *(f"{name} {version} or later" for name, version in (programs or {}).items()),
    ]
    expected = f"{machine or 'the machine'}: {', '.join(wanted)}"
    found = seen.of(machine)
    if found is None:
        return _unasked(promise, seen, machine, expected)
    actual = f"{found.cores} processors, {_gb(found.memory)} GB of memory, {_gb(found.disk)} GB of disk"
    evidence = [actual, *(f"{name} {version or 'is not there'}" for name, version in found.programs.items())]
    short = [
        *_small(found, cores=cores, memory_gb=memory_gb, disk_gb=disk_gb),
        *([f"{found.spinning} of its disks turn"] if solid and found.spinning else []),
        *_old(found, programs or {}),
    ]
    if short:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{machine or 'the machine'} has {'; '.join(short)}",
            hint="a larger machine, or a promise of what this one needs",
            evidence=evidence,
        )
    if solid and found.spinning is None:
        return promise.unknown("the machine does not say whether its disks turn", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _unasked(promise: Promise, seen: Machines, machine: str, expected: str) -> Finding:
    """Nobody can tell, and why not."""
    why = seen.missing.get(machine, "nobody asked this machine")
    return promise.unknown(why, expected=expected, out_of_reach=machine in seen.beyond)


def _small(found: Machine, *, cores: int, memory_gb: float, disk_gb: float) -> Iterator[str]:
    if found.cores < cores:
        yield f"{found.cores} processors of {cores}"
    if found.memory < memory_gb * GIGABYTE:
        yield f"{_gb(found.memory)} of {memory_gb:g} GB of memory"
    if found.disk < FORMATTED * disk_gb * GIGABYTE:
        yield f"{_gb(found.disk)} of {disk_gb:g} GB of disk"


def _old(found: Machine, programs: Mapping[str, str]) -> Iterator[str]:
    for name, version in programs.items():
        there = found.programs.get(name, "")
        if not there:
            yield f"no {name}"
        elif _parts(there) < _parts(version):
            yield f"{name} {there}, not {version}"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(n for part in version.split(".") if (n := whole_number(part)) is not None)


def disk_used_within(promise: Promise, seen: Machines, *, share: float, machine: str = "") -> Finding:
    """No filesystem of the machine that keeps what is written is fuller than that share of it."""
    expected = f"{machine or 'the machine'}: no filesystem more than {share:.0%} full"
    found = seen.of(machine)
    if found is None:
        return _unasked(promise, seen, machine, expected)
    evidence = [f"{each.mount}: {each.share:.0%} of {_gb(each.size)} GB" for each in found.filesystems]
    fullest = max(found.filesystems, key=lambda each: each.share, default=None)
    if fullest is None:
        return promise.unknown("the machine says nothing of its filesystems", expected=expected)
    actual = f"{fullest.mount} is {fullest.share:.0%} full"
    if fullest.share > share:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{actual}, and {share:.0%} may be",
            hint=f"what fills it: du -xh --max-depth=2 {fullest.mount}",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _gb(size: int) -> str:
    return f"{size / GIGABYTE:.3g}"
