"""Services are started in the order of the compose file, by its restart policies, or by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.deployment import find
from plimsoll.drills.resilience.ward import in_order, services_of
from tests.drills.stages import deployment_named


@pytest.mark.parametrize("name", ["nestmap", "mustache", "nestjs-backend", "fixrx", "nimbus"])
def test_the_order_of_a_compose_file(name: str) -> None:
    """Whatever comes first in the list, nobody comes before what it depends on."""
    deployment = deployment_named(name)
    services = services_of(deployment, deployment.root)
    roles = [role for role in deployment.services if role in services]
    for asked in (roles, roles[::-1]):
        order = list(in_order(services, asked))

        assert sorted(order) == sorted(roles)
        assert all(
            order.index(each.name) < order.index(role)
            for role in order
            for each in services[role].dependencies
            if each.name in order
        )


def test_services_that_wait_for_each_other_come_to_an_end() -> None:
    """Compose refuses such a file; whoever reads one does not run in circles."""
    services = services_of(deployment_named("nestmap"), find("nestmap").parent)
    circle = {"app": services["app"], "postgres": services["edge"], "redis": services["redis"]}

    assert sorted(in_order(circle, ["app", "postgres", "redis"])) == ["app", "postgres", "redis"]


def test_no_compose_file_says_nothing(tmp_path: Path) -> None:
    """Then nobody knows what an engine would do."""
    assert services_of(deployment_named("nestmap"), tmp_path) == {}
