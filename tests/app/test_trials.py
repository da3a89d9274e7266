"""The looks and rules over health endpoints, on the application itself with a real Redis that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Self

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.looks import LOOKS, Scene
from plimsoll.model import Deployment, Finding, Outcome, Promise, Service
from plimsoll.observations import Siblings
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import EVERY_METHOD, Endpoint
from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import App, Server

PATHS = {"page": "/", "live": "/health", "ready": "/ready", "detailed": "/health/detailed", "metrics": "/metrics"}


class Fixed:
    """One application as a stack whose services stay."""

    kind = "fixed"
    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True
    images: Mapping[str, str] = MappingProxyType({})
    artefacts = Path()
    secrets: tuple[str, ...] = ()

    def __init__(self, app: App) -> None:
        port = app.ports[0]
        at = ("127.0.0.1", port)
        self.endpoints: tuple[Endpoint, ...] = (
            Endpoint(role="app", scheme="http", host="site.example", port=port, address=at),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing was started here."""


class Shaken(Fixed):
    """The same with a Redis that can be taken away."""

    def __init__(self, app: App, redis: Server) -> None:
        super().__init__(app)
        self.redis = redis

    @contextmanager
    def interrupted(self, role: str, *, replica: int = 0) -> Iterator[None]:
        """While inside, Redis is gone."""
        assert (role, replica) == ("redis", 0)
        self.redis.stop()
        try:
            yield
        finally:
            self.redis.start()


def promise(rule: str, **parameters: object) -> Promise:
    """A promise of the application by that rule."""
    return Promise(id="P-1", rule=rule, area="endpoints", title="", source="", parameters={"role": "app", **parameters})


def deployment(*promises: Promise) -> Deployment:
    """The application's deployment, as far as these looks ask."""
    services = {role: Service(role=role, recipe=role) for role in ("app", "redis")}
    return Deployment(name="d", root=Path(), hosts=("site.example",), promises=promises, paths=PATHS, services=services)


def judged(stack: Fixed, one: Promise) -> Finding:
    """What the promise's rule says of what its looks see."""
    rule, scene = RULES[one.rule], Scene.of(deployment(one), stack)
    return rule.judge(one, *(LOOKS[kind](scene) for kind in rule.reads), **one.parameters)


HONEST = promise("health-honest", path="detailed", live="live", when=("redis",), status=503)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, ""),
        ({"HEALTH_STYLE": "terminus"}, ""),
        ({"HEALTH_HONEST": "off"}, "redis was down, yet GET"),
        ({"HEALTH_STYLE": "services", "HEALTH_CHECKS": "database,disk"}, "redis was down, yet GET"),
        ({"LIVE_ASKS": "on"}, "liveness fails although only redis was down"),
    ],
    ids=["honest", "terminus", "liar", "blind", "hypochondriac"],
)
def test_honest_health_is_told_from_the_rest(
    launch: Launch, folder: Path, settings: Mapping[str, str], says: str
) -> None:
    """Red in time and green again passes; green for ever, or liveness that flaps, does not."""
    redis = processes.redis(folder).start()
    stack = Shaken(launch(REDIS_URL=f"redis://127.0.0.1:{redis.port}", **settings), redis)

    finding = judged(stack, HONEST)

    assert (finding.outcome, says in finding.message) == (Outcome.FAIL if says else Outcome.PASS, True)
    redis.stop()


def test_what_is_not_ours_is_not_taken_down(app: App) -> None:
    """Neither where the stack cannot, nor where the deployment has no such service."""
    with pytest.raises(OutOfReach, match="not ours to take down"):
        judged(Fixed(app), HONEST)
    with pytest.raises(OutOfReach, match="no service postgres"):
        judged(Fixed(app), promise("health-honest", path="ready"))
    with pytest.raises(OutOfReach, match="no path to ask"):
        judged(Fixed(app), promise("health-honest", path="nowhere", when=("redis",)))


def test_health_is_unlike_a_path_nobody_has(app: App) -> None:
    """The application answers 404 to what it does not have; the look asks for both."""
    one = promise("health-unlike-unknown", path="live")
    assert judged(Fixed(app), one).outcome is Outcome.PASS
    seen = LOOKS[Siblings](Scene.of(deployment(one), Fixed(app)))
    assert seen.amount == 1
    with pytest.raises(OutOfReach, match="no path to ask"):
        judged(Fixed(app), promise("health-unlike-unknown", path="nowhere"))


@pytest.mark.parametrize("style", ["services", "terminus", "checks", "dependencies"])
def test_components_are_found_in_every_shape(launch: Launch, style: str) -> None:
    """What the application reports is read whatever the shape, and what it does not report is missed."""
    stack = Fixed(launch(HEALTH_STYLE=style, HEALTH_CHECKS="database,redis,queue,disk,memory,cpu"))
    components = ("database|postgresql", "redis")
    assert judged(stack, promise("health-reports", path="detailed", components=components)).outcome is Outcome.PASS
    missing = judged(stack, promise("health-reports", path="detailed", components=(*components, "weather")))
    assert "nothing is said of weather" in missing.message


def test_what_the_survey_asks_is_what_the_promise_names(app: App) -> None:
    """Fields and values of the basic answer; metrics that everybody can read."""
    stack = Fixed(app)
    assert judged(stack, promise("endpoint-answers", path="live", says={"status": "ok"})).outcome is Outcome.PASS
    lacking = judged(stack, promise("endpoint-answers", path="live", fields=("uptime",)))
    assert "no uptime" in lacking.message
    assert "everybody can read" in judged(stack, promise("metrics-private", path="metrics")).message
