"""How many servers of the application there are, and what they run on."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations import Balance
from plimsoll.observations.artefacts import Kind, PlatformFiles

__all__ = ["application_servers"]

LEAST = re.compile(r"(>=|\^|~|v)?\s*(?P<major>\d{1,3})(\.|\s|$)")
"""The oldest release that a range of npm begins with (npm, package.json, engines; node-semver)."""


def application_servers(
    promise: Promise,
    seen: Balance,
    packages: PlatformFiles,
    *,
    count: int,
    node: int = 0,
    role: str = "app",
    files: str = "",
) -> Finding:
    """So many servers of the application answer requests of the edge, and none runs on an older Node than that.

    Each counts its own answers; what Node they take, package.json says under `engines`.
    """
    on = f", Node {node} or later" if node else ""
    expected = f"{count} servers of {role}{on}"
    spread = seen.of(role)
    if spread is None or not sum(spread.served):
        return promise.unknown(f"no server of {role} counted a request", expected=expected)
    answering = sum(served > 0 for served in spread.served)
    actual = f"{answering} servers answered: {', '.join(map(str, spread.served))} requests"
    roots = [document.root for document in packages.of(Kind.PACKAGE, files=files)]
    stated = [root.at("engines.node") for root in roots if root.at("engines.node")]
    evidence = [actual, *(f"{engine.spot}: node {engine.text}" for engine in stated)]
    holes = [
        Hole(
            spot=engine.spot,
            what=f"Node {engine.text} will do, not only {node} or later",
            fix=f'"engines": {{ "node": ">={node}" }}',
        )
        for engine in stated
        if (first := LEAST.match(engine.text)) and int(first["major"]) < node
    ]
    few = f"{answering} of {count} servers of {role} answer" if answering < count else ""
    if few and roots:  # the place is that of what they run
        holes.insert(0, Hole(spot=(roots[0]["name"] or roots[0]).spot, what=few, fix=f"replicas: {count}"))
    if few or holes:
        return promise.broken(
            expected=expected,
            actual=actual,
            message="; ".join(map(str, holes)) or few,
            hint=holes[0].fix if holes else f"replicas: {count}",
            evidence=evidence,
            holes=holes,
        )
    if node and not stated:
        return promise.unknown("no package.json says what Node the servers take", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=actual, evidence=evidence)
