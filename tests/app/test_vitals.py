"""What health says in the shapes of the guides, and that it turns red for real."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import APP, wait_until

ALL = "database,redis,disk,memory,cpu,queue"


def states(style: str, told: Mapping[str, Any]) -> dict[str, str]:
    """The state of every component, whatever the shape."""
    if style == "services":
        return {name: said["status"] for name, said in told["services"].items()}
    if style == "terminus":
        return {name: said["status"] for name, said in told["details"].items()}
    return {said["service"]: said["status"] for said in told["checks"]}


@pytest.mark.parametrize(
    ("style", "well", "sick"),
    [("services", "ok", "error"), ("terminus", "ok", "error"), ("checks", "healthy", "unhealthy")],
)
def test_every_shape_names_the_culprit(launch: Launch, folder: Path, style: str, well: str, sick: str) -> None:
    """All components are well, then Redis is gone: it is named, the status is 503, the rest is well, life goes on."""
    redis = processes.redis(folder).start()
    app = launch(HEALTH_STYLE=style, HEALTH_CHECKS=ALL, REDIS_URL=f"redis://127.0.0.1:{redis.port}")
    good = app.ask("GET", "/health/detailed")
    redis.stop()
    bad = app.ask("GET", "/health/detailed")

    up, down = ("up", "down") if style == "terminus" else ("healthy", "unhealthy")
    assert (good.status_code, good.json()["status"]) == (200, well)
    assert states(style, good.json()) == dict.fromkeys(ALL.split(","), up)
    assert (bad.status_code, bad.json()["status"]) == (503, sick)
    culprits = {"redis": down, "queue": down}
    assert states(style, bad.json()) == {**dict.fromkeys(ALL.split(","), up), **culprits}
    assert set(app.ask("GET", "/health").json()) == {"status", "timestamp", "uptime", "version"}


def test_services_are_told_with_their_figures(launch: Launch) -> None:
    """Response times, connections, memory."""
    told = launch(HEALTH_STYLE="services", HEALTH_CHECKS=ALL).ask("GET", "/health/detailed").json()["services"]
    assert set(told["database"]) == {"status", "responseTime", "connections"}
    assert set(told["database"]["connections"]) == {"active", "idle"}
    assert told["redis"]["memory"]["used"]
    assert set(told["queue"]["jobs"]) == {"waiting", "active", "completed"}
    assert 0 <= told["disk"]["percent"] < told["disk"]["limit"]


@pytest.mark.parametrize("setting", ["DISK_USED_MAX", "MEMORY_USED_MAX", "CPU_LOAD_MAX"])
def test_a_full_machine_is_unhealthy(launch: Launch, setting: str) -> None:
    answer = launch(HEALTH_STYLE="checks", HEALTH_CHECKS=ALL, **{setting: "0"}).ask("GET", "/health/detailed")
    unwell = [said for said in answer.json()["checks"] if said["status"] == "unhealthy"]
    assert (answer.status_code, len(unwell), "% is too much" in unwell[0]["message"]) == (503, 1, True)


def test_third_parties_are_really_asked(launch: Launch, play: Launch) -> None:
    """Red as soon as one of them is gone or answers an error."""
    party = play("grafana")
    at = f"http://127.0.0.1:{party.ports[0]}"
    settings = {"HEALTH_STYLE": "checks", "HEALTH_CHECKS": "third_parties"}
    app = launch(**settings, THIRD_PARTY_URLS=f"{at}/api/health,{at}/login")
    missing = launch(**settings, THIRD_PARTY_URLS=f"{at}/nowhere")

    assert [each.status("/health/detailed") for each in (app, missing)] == [200, 503]
    party.stop()
    assert app.status("/health/detailed") == 503


def test_the_database_has_a_status_of_its_own(launch: Launch, folder: Path) -> None:
    path = "/api/v1/system/database/status"
    database = processes.postgres(folder).start()
    app = launch("--migrate", API_PREFIX="/api/v1", PATH_DATABASE_STATUS=path, DATABASE_URL=database.url)
    good = app.ask("GET", path)
    database.stop()

    assert (good.status_code, good.json()["status"], good.json()["migration"]) == (200, "healthy", "005_jobs")
    assert "RateLimit-Limit" not in good.headers
    bad = app.ask("GET", path)
    assert (bad.status_code, bad.json()["status"]) == (503, "unhealthy")


def test_dishonest_health_exists_to_be_found(launch: Launch, folder: Path) -> None:
    """One that is green whatever happens, and liveness that dies of somebody else's trouble."""
    redis = processes.redis(folder).start()
    url = {"REDIS_URL": f"redis://127.0.0.1:{redis.port}", "HEALTH_STYLE": "services"}
    liar, hypochondriac = launch(HEALTH_HONEST="off", **url), launch(LIVE_ASKS="on", **url)
    redis.stop()

    assert [liar.status(path) for path in ("/ready", "/health/detailed")] == [200, 200]
    assert hypochondriac.status("/health") == 503
    redis.start()
    wait_until(lambda: hypochondriac.status("/health") == 200, error="still dead")
    redis.stop()


def test_who_cannot_be_called_off_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that waits for its server to take a query back keeps nobody from saying that the server is away."""
    monkeypatch.syspath_prepend(str(APP))
    from standin.vitals import within  # noqa: PLC0415 - the application is not installed, only found

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(1)
            raise

    async def asked() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(TimeoutError):
            await within(0.05, stubborn())
        return loop.time() - began

    assert asyncio.run(asked()) < 0.9
