"""What tests of containers share: the engine they need, and what a run has left there."""

from __future__ import annotations

import os

import pytest

from plimsoll.labelled import LABEL
from plimsoll.stacks.containers.engine import engine, engine_answers

REQUIRED = "PLIMSOLL_REQUIRE_ENGINE"


def need_engine() -> None:
    """Skips the test with a plain reason where no engine answers; fails it where one is required."""
    if not engine_answers():
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"no engine answers, and {REQUIRED}=1", pytrace=False)
        pytest.skip("not run: no engine answers")


def left_of(run_id: str) -> list[str]:
    """The containers and networks that carry the run's label."""
    client, wanted = engine(), {"label": f"{LABEL}={run_id}"}
    containers = [container["Id"] for container in client.api.containers(all=True, filters=wanted)]
    networks = [network["Id"] for network in client.api.networks(filters=wanted)]
    client.close()
    return containers + networks
