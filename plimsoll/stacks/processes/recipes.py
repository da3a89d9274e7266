"""Which recipe runs what as processes. The edge is apart: it is reloaded, not started again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plimsoll.model import Deployment, Service
from plimsoll.stacks.processes.data import Postgres, Prometheus, Redis
from plimsoll.stacks.processes.launches import Recipe
from plimsoll.stacks.processes.standin import StandIn

EDGE = "nginx"
OUT_OF_REACH = ("host",)
"""Recipes that plain processes cannot show: a host has networks, users and a kernel's firewall of its own."""

RECIPES: Mapping[str, Recipe] = {
    "app": StandIn(command=("serve", "--migrate", "--revivable"), forks=True),
    "worker": StandIn(command=("worker",)),
    "identity": StandIn(command=("identity",)),
    "grafana": StandIn(command=("grafana",)),
    "redis": Redis(),
    "postgres": Postgres(),
    "prometheus": Prometheus(),
}
"""In the order in which they start: the slowest to become ready first."""


def started(deployment: Deployment) -> list[Service]:
    """The services that run as processes of their own, the edge not among them, in the order in which they start."""
    order = [*RECIPES]
    ours = [service for service in deployment.services.values() if service.recipe in RECIPES]
    return sorted(ours, key=lambda service: order.index(service.recipe))


def edges(deployment: Deployment) -> Iterable[Service]:
    """The services that are edges."""
    return (service for service in deployment.services.values() if service.recipe == EDGE)


def program_of(service: Service) -> str:
    """What runs the service."""
    return "nginx" if service.recipe == EDGE else RECIPES[service.recipe].program
