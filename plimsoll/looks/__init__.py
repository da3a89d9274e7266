"""How each kind of observation comes about: which probe looks at what of a deployment on its stack.

Each module has LOOKS; of them ALONE disturb the others, and DEEP are too slow for a run that answers in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

from plimsoll.looks import (
    auth,
    capacity,
    clients,
    containers,
    drills,
    edge,
    files,
    firewall,
    health,
    load,
    machines,
    orchestrators,
    rehearsals,
    scanners,
    strangers,
    tls,
    web,
)
from plimsoll.looks.clients import seconds_to_show
from plimsoll.looks.scene import PATIENCE, Scene
from plimsoll.model import Promise
from plimsoll.observations import NginxConfig, Observation, PublishedPorts, StatedSecrets
from plimsoll.rules import RULES

__all__ = [
    "ALONE",
    "DEEP",
    "LOOKS",
    "PATIENCE",
    "Scene",
    "at_rest",
    "of_drills",
    "of_files",
    "of_history",
    "of_load",
    "seconds_to_show",
]

MODULES: tuple[ModuleType, ...] = (
    web,
    tls,
    health,
    auth,
    clients,
    edge,
    firewall,
    machines,
    orchestrators,
    strangers,
    files,
    scanners,
    containers,
    drills,
    load,
    capacity,
    rehearsals,  # after all drills: it counts them
)

LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    kind: look for module in MODULES for kind, look in module.LOOKS.items()
}
"""How each kind of observation comes about."""

ALONE: tuple[type[Observation], ...] = tuple(kind for module in MODULES for kind in module.ALONE)
"""Looks that disturb the others; they are taken after all of those, one by one, the burst last: it needs quiet."""

DEEP: frozenset[type[Observation]] = frozenset(kind for module in MODULES for kind in module.DEEP)
"""Looks that the security suite takes and the smoke suite does not."""

FILES: frozenset[type[Observation]] = files.AT_REST | scanners.AT_REST
"""Looks that see nothing but files, on whatever stack they are taken."""

AT_REST: frozenset[type[Observation]] = FILES | {NginxConfig, PublishedPorts, StatedSecrets}
"""Looks that files alone can show, although a running stack may show more."""


DRILLS: frozenset[type[Observation]] = frozenset(drills.LOOKS) | frozenset(rehearsals.LOOKS)
"""Looks that harm stacks of their own: drills; and what is known of earlier ones."""


LOADS: frozenset[type[Observation]] = frozenset(load.LOOKS) | frozenset(capacity.LOOKS)
"""Looks that ask as much as many clients do."""


def of_drills(promise: Promise) -> bool:
    """Whether it takes a drill to see if the promise is kept."""
    return not DRILLS.isdisjoint(RULES[promise.rule].reads)


def of_load(promise: Promise) -> bool:
    """Whether it takes a run of load to see if the promise is kept."""
    return not LOADS.isdisjoint(RULES[promise.rule].reads)


def of_history(promise: Promise) -> bool:
    """Whether other runs decide if the promise is kept."""
    return not rehearsals.LOOKS.keys().isdisjoint(RULES[promise.rule].reads)


def at_rest(promise: Promise) -> bool:
    """Whether files alone can show if the promise is kept."""
    return all(kind in AT_REST for kind, needed in RULES[promise.rule].reads.items() if needed)


def of_files(promise: Promise) -> bool:
    """Whether the promise is about files alone: no running stack shows anything of it."""
    return FILES.issuperset(RULES[promise.rule].reads)
