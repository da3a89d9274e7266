"""How findings of fault drills speak: what befell the deployment, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.observations.drills import Fault, FaultTrials

HINT = "the timeline of the drill has what was done, by what it is known that it was there, and when all was well"


def line(seen: FaultTrials, fault: Fault) -> str:
    """One fault in a line."""
    healed = f"all well {fault.healed - fault.ended:.1f} s after its end" if fault.healed else "never all well again"
    counted = f"{len(seen.failed(fault))} of {seen.asked(fault)} requests failed"
    return f"{fault.began:.1f} s: {fault.what} ({fault.landed or fault.trouble}); {counted}; {healed}"


def lines(seen: FaultTrials, faults: Sequence[Fault] = ()) -> list[str]:
    """Those faults, each in a line; without any, all of them and what was not tried."""
    told = [line(seen, fault) for fault in faults or seen.faults]
    return told if faults else [*told, *(f"not tried: {name}: {why}" for name, why in seen.skipped.items())]


def chosen(seen: FaultTrials, names: Sequence[str]) -> tuple[list[Fault], str]:
    """The faults of these names that landed, and why others show nothing; of all that were tried without names.

    What a deployment cannot have is no matter: its one replica cannot be one of several.
    """
    wanted = names or [fault.name for fault in seen.faults]
    found = [fault for name in wanted if (fault := seen.of(name)) is not None]
    missing = [name for name in wanted if seen.of(name) is None and name not in seen.skipped]
    if missing:
        tried = {fault.name: fault.trouble for fault in seen.faults}
        why = "; ".join(f"{name} {tried.get(name) or 'was not tried'}" for name in missing)
        return found, f"{why}; {seen.trouble}".removesuffix("; ")
    return found, "" if found else f"nothing befell it: {seen.trouble or ', '.join(wanted) or 'no fault is known'}"
