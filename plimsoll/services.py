"""What a service of each recipe must say, and what contradicts itself in what services say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Deployment, Service
from plimsoll.shape import nearest, shown

Trouble = tuple[str, str, str]
"""A service's key, the fact, the hint."""

FOLLOWS = "follows"
OWN: Mapping[str, tuple[str, ...]] = {"postgres": ("user", "database", FOLLOWS), "redis": (FOLLOWS,)}
"""By recipe, the settings that its services alone have."""

FULL, LEAF_ONLY, SELF_SIGNED = "full", "leaf-only", "self-signed"
KEYS = ("rsa2048", "rsa1024", "ec256", "ec521")
OF_CERTIFICATES: Mapping[str, tuple[str, ...]] = {
    "certificate.names": (),
    "certificate.days": (),
    "certificate.key": KEYS,
    "certificate.chain": (FULL, LEAF_ONLY, SELF_SIGNED),
}
"""What may be said about a service's certificate, and the values to choose from where there are only so many.

The names stand parted by spaces; the days are those it has left, below 0 when it has expired.
"""

WHOLE = re.compile(r"-?\d{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What services of one recipe need: ports to listen on, a configuration, and whether there may be several alike.

    `plays` is whose part the stand-in application plays where no image of the deployment's own is to be had.
    """

    listens: bool = True
    configured: bool = False
    alike: bool = False
    plays: str = ""


RECIPES: Mapping[str, Recipe] = {
    "nginx": Recipe(configured=True),
    "app": Recipe(alike=True, plays="the application"),
    "worker": Recipe(listens=False, alike=True, plays="the worker"),
    "identity": Recipe(plays="an OAuth provider"),
    "grafana": Recipe(plays="Grafana"),
    "prometheus": Recipe(configured=True),
    "postgres": Recipe(),
    "redis": Recipe(),
    "host": Recipe(listens=False, configured=True, alike=True),
}
"""What the stacks know how to run."""


def described(service: Service, program: str) -> str:
    """The program as a report names it, and whose part it plays."""
    part = RECIPES[service.recipe].plays
    return f"{program}, standing in for {part}" if part else program


def troubles(deployment: Deployment) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with the deployment's services: role, key, fact, hint."""
    for role, service in deployment.services.items():
        for trouble in _troubles(deployment, service):
            yield (role, *trouble)


def _troubles(deployment: Deployment, service: Service) -> Iterator[Trouble]:
    """What is wrong with a service."""
    recipe = RECIPES.get(service.recipe)
    if recipe is None:
        fact = f"unknown recipe {shown(service.recipe)}{nearest(service.recipe, RECIPES)}"
        yield "recipe", fact, ", ".join(RECIPES)
        return
    if service.replicas < 1:
        yield "replicas", f"{service.replicas} replicas serve nobody", "1 or more"
    if recipe.listens and not service.ports:
        yield "ports", f"without ports a service of {service.recipe} serves nobody", "ports = [8080]"
    if service.recipe == "worker" and service.ports:
        yield "ports", "a worker listens nowhere", 'a service that is asked has the recipe "app"'
    if recipe.configured and not service.config:
        yield "config", f"missing: a {service.recipe} service needs its configuration", 'config = "path/to/its.conf"'
    if service.replicas > 1 and not recipe.alike:
        yield "replicas", f"{service.recipe} runs once per service", "one service for each, with a role of its own"
    if bool(service.certificate) != bool(service.key):
        missing = "key" if service.certificate else "certificate"
        yield missing, "missing: a certificate and its key go together", "where this run's throw-away pair is put"
    yield from _settings(service)
    yield from _following(deployment, service)


def _settings(service: Service) -> Iterator[Trouble]:
    known = (*OWN.get(service.recipe, ()), *OF_CERTIFICATES)
    for name, value in service.settings.items():
        choices = OF_CERTIFICATES.get(name, ())
        if name == FOLLOWS:
            continue  # of which more below
        if name not in known:
            yield "settings", f"unknown setting {shown(name)}{nearest(name, known)}", ", ".join(known)
        elif choices and value not in choices:
            yield "settings", f"{name} is {shown(value)}{nearest(value, choices)}", f"one of: {', '.join(choices)}"
        elif name == "certificate.days" and not WHOLE.fullmatch(value):
            yield "settings", f"{name} is {shown(value)}, no number of days", '"89"; below 0 when it has expired'


def _following(deployment: Deployment, service: Service) -> Iterator[Trouble]:
    name = service.settings.get(FOLLOWS, "")
    leaders = [
        role
        for role, each in deployment.services.items()
        if each.recipe == service.recipe and not each.settings.get(FOLLOWS) and role != service.role
    ]
    if not name:
        return
    if FOLLOWS not in OWN.get(service.recipe, ()):
        yield "settings", f"a service of {service.recipe} follows nobody", f"only services of {' and '.join(OWN)} do"
    elif name not in leaders:
        fact = f"follows {shown(name)}, which is no {service.recipe} service that leads{nearest(name, leaders)}"
        yield "settings", fact, f"one of: {', '.join(leaders) or 'none there is'}"
    elif service.recipe == "redis" and deployment.services[name].certificate:
        yield "settings", f"follows {shown(name)}, which speaks TLS: nobody can say that to a replica yet", "without it"
