"""Health checks as compose files state them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Node
from plimsoll.rules.containers.services import Service, services_of

__all__ = ["health_checks_can_fail"]

SWALLOWED = re.compile(r"\|\|\s*(true|:|echo\b|exit\s+0)|;\s*(true|exit\s+0)\s*$")
"""What makes a failed command look like one that went well."""

SILENT_CURL = re.compile(r"\bcurl\b(?!.*(\s-[a-zA-Z]*f|\s--fail))")
"""curl without --fail: an answer of 500 is a success to it (curl(1))."""


def health_checks_can_fail(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """Every health check of a compose file fails when what it asks does."""
    checked = [service for service in services_of(compose, files=files) if service.node["healthcheck"]]
    return promise.judged(
        [hole for service in checked for hole in _holes(service, service.node.at("healthcheck.test"))],
        looked=[f"{service.node.at('healthcheck.test').spot}: {service.name}" for service in checked],
        expected="health checks that fail when what they ask does",
        nothing="no compose file states a health check",
    )


def _holes(service: Service, test: Node) -> Iterator[Hole]:
    command = " ".join(test.texts)
    if swallowed := SWALLOWED.search(command):
        yield Hole(
            spot=test.spot,
            what=f"the health check of {service.name} cannot fail: {swallowed[0]!r} swallows it",
            fix=f"end with `|| exit 1`, not with {swallowed[0]!r}",
        )
    elif SILENT_CURL.search(command):
        yield Hole(
            spot=test.spot,
            what=f"the health check of {service.name} takes an answer of 500 for success: curl without --fail",
            fix="curl --fail",
        )
