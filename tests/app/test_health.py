import json
from pathlib import Path

from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import App, wait_until


def test_live_answers_without_asking_anyone(app: App) -> None:
    answer = app.ask("GET", "/health")
    assert (answer.status_code, answer.json(), answer.headers["Cache-Control"]) == (200, {"status": "ok"}, "no-store")


def test_detailed_health_names_every_dependency_with_its_latency(app: App) -> None:
    answer = app.ask("GET", "/health/detailed")
    told = answer.json()
    assert (answer.status_code, told["status"], told["version"], told["migration"]) == (
        200,
        "healthy",
        "1.2.3",
        "005_jobs",
    )
    assert {check["name"]: check["status"] for check in told["dependencies"]} == {
        "postgresql": "up",
        "migrations": "up",
        "redis": "up",
    }
    assert all(check["latency_ms"] > 0 for check in told["dependencies"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_version_names_release_migration_and_process(app: App) -> None:
    told = [app.ask("GET", "/version", replica=replica).json() for replica in (0, 1)]
    assert [(seen["name"], seen["version"], seen["migration"]) for seen in told] == [
        ("nestmap", "1.2.3", "005_jobs")
    ] * 2
    assert told[0]["pid"] != told[1]["pid"]


def test_ready_turns_red_without_redis_while_the_api_fails_open(launch: Launch, folder: Path) -> None:
    """Health tells the truth about Redis, requests are served without being counted, and both recover by themselves."""
    redis = processes.redis(folder).start()
    app = launch(REDIS_URL=f"redis://127.0.0.1:{redis.port}")
    redis.stop()

    answer = app.ask("GET", "/ready")
    open_api = app.ask("GET", "/api/public/trips")
    detailed = app.ask("GET", "/health/detailed").json()

    assert (answer.status_code, answer.json()["failing"]) == (503, ["redis"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert (open_api.status_code, open_api.headers.get("RateLimit-Limit")) == (200, None)
    assert (detailed["status"], detailed["rate_limit"]) == ("unhealthy", "failing open")
    assert app.status("/health") == 200
    refused = app.ask("POST", "/api/auth/refresh", json={"refresh_token": "any"})
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    redis.start()
    wait_until(lambda: app.status("/ready") == 200, error="not ready again")
    redis.stop()


def test_it_listens_before_its_database_is_up_and_migrates_once_it_is(launch: Launch, folder: Path) -> None:
    """Live at once, not ready and saying why, ready as soon as PostgreSQL appears."""
    late = processes.postgres(folder)
    app = launch("--migrate", wait=False, DATABASE_URL=late.url)
    wait_until(lambda: app.status("/health") == 200, error="not live")

    answer = app.ask("GET", "/ready")
    data = app.ask("GET", "/api/public/trips")

    assert (answer.status_code, answer.json()["failing"]) == (503, ["postgresql", "migrations"])
    assert (data.status_code, data.json()["message"]) == (503, "postgresql does not answer")
    late.start()
    wait_until(lambda: app.status("/ready") == 200, error="not ready")
    assert len(app.ask("GET", "/api/public/trips").json()["data"]) == 3
    assert any("migration applied" in line for line in app.log.read_text().splitlines())
    late.stop()
    assert app.status("/ready") == 503


def test_logs_are_json_with_correlation_and_without_secrets(app: App, admin: str) -> None:
    headers = {"X-Request-ID": "trace-4711", "Cookie": "session=hush-cookie"}
    app.ask("GET", "/api/trips?after=987654321", token=admin, headers=headers)

    wait_until(lambda: "trace-4711" in app.log.read_text(), error="no log line")
    lines = [json.loads(line) for line in app.log.read_text().splitlines()]
    line = next(line for line in lines if line.get("correlation_id") == "trace-4711")

    assert line["duration_ms"] > 0
    assert {key: line[key] for key in ("level", "method", "route", "status", "client")} == {
        "level": "info",
        "method": "GET",
        "route": "/api/trips",
        "status": 200,
        "client": "127.0.0.1",
    }
    for secret in (admin, "hush-cookie", "987654321"):
        assert secret not in app.log.read_text()
