"""What a health answer says of each component, in whatever shape the framework at hand reports it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from plimsoll.observations import HttpExchange

STATES = ("status", "state", "health", "healthy", "ok", "up", "result")
"""The keys under which reports hold the state of what they speak of."""

NAMES = ("name", "service", "component", "check", "id", "key", "componentId", "dependency")
"""The keys by which the entries of a list name what they speak of."""

WELL = frozenset(
    {"ok", "up", "healthy", "pass", "passed", "passing", "green", "ready", "connected", "true", "success", "fulfilled"}
    | {"operational", "running", "available", "alive", "serving", "online", "active"}
)
"""What reports call a component that works: Terminus, Spring Boot (up), health+json (pass), .NET (healthy), …"""

UNWELL = frozenset(
    {"down", "error", "unhealthy", "fail", "failed", "failing", "critical", "red", "disconnected", "unavailable"}
    | {"degraded", "outage", "dead"}
)
"""Words that say of whatever they stand beside that it does not work."""


DEEPEST = 20
"""Levels of a report that are read: whoever nests deeper means harm."""


def told(exchange: HttpExchange) -> object:
    """The JSON of an answer; None if it is none."""
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def fields_of(value: object, prefix: str = "", *, depth: int = DEEPEST) -> Iterator[tuple[str, object]]:
    """Every field of a JSON object by its dotted name, outermost first."""
    if isinstance(value, dict) and depth:
        for key, each in value.items():
            yield f"{prefix}{key}", each
            yield from fields_of(each, f"{prefix}{key}.", depth=depth - 1)


def state_of(report: object, component: str) -> str | None:
    """What a report says of a component, in lower case; None where it says nothing.

    `component` is its name, or several that mean the same, parted by `|`. Case and punctuation of names do not count.
    """
    wanted = {_plain(name) for name in component.split("|")}
    found = [state for name, node in _named(report) if _plain(name) in wanted for state in _states(node)]
    bad = [state for state in found if state not in WELL]
    return next(iter(bad or found), None)


def is_well(state: str) -> bool:
    """Whether a component of that state works."""
    return state in WELL


def unwell(report: object) -> tuple[str, ...]:
    """What a report itself calls unwell, the whole included."""
    whole = [("status", state) for state in _states(report)] if isinstance(report, dict) else []
    seen = (*((name, state) for name, node in _named(report) for state in _states(node)), *whole)
    return tuple(dict.fromkeys(f"{name} {state}" for name, state in seen if state in UNWELL))


def _named(value: object, depth: int = DEEPEST) -> Iterator[tuple[str, object]]:
    """Everything in a report that has a name, with what the report says of it."""
    if not depth:
        return
    if isinstance(value, dict):
        names = (value.get(key) for key in NAMES)
        yield from ((name, value) for name in names if isinstance(name, str))
        for key, each in value.items():
            if key not in STATES and key not in NAMES:
                yield key.partition(":")[0], each  # health+json names "postgres:responseTime"
            yield from _named(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each, depth - 1)


def _states(node: object) -> Iterator[str]:
    """The states that a node holds: it is one itself, has one under a key of STATES, or its entries do."""
    if isinstance(node, str | bool):
        yield str(node).strip().lower()
    elif isinstance(node, dict):
        yield from (str(node[key]).strip().lower() for key in STATES if isinstance(node.get(key), str | bool))
    elif isinstance(node, list):
        yield from (state for each in node if isinstance(each, dict) for state in _states(each))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
