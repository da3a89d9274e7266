"""Releases that are no good from their first moment on: each in the way that it was born with, and in no other."""

import subprocess
import time
from pathlib import Path

from plimsoll.stacks.processes.programs import program
from plimsoll.wait import pause
from tests.app import processes
from tests.app.conftest import Launch

MANY = 60
LEAKED = 42


def test_some_of_the_requests_fail(launch: Launch) -> None:
    """So many of ten thousand: neither all nor none of a few dozen, where it is half of them."""
    app = launch(BORN="errors", BORN_STRUCK="5000")

    statuses = {app.ask("GET", "/api/public/trips").status_code for _ in range(MANY)}

    assert statuses == {200, 500}


def test_one_method_fails(launch: Launch, admin: str) -> None:
    """Writes fail and reads do not."""
    app = launch(BORN="errors", BORN_METHODS="POST")

    assert app.ask("GET", "/api/trips", token=admin).status_code == 200
    assert app.ask("POST", "/api/trips", token=admin, json={"title": "a"}).status_code == 500


def test_a_hollow_answer_looks_well(launch: Launch) -> None:
    """Its status is 200, and what was asked for is not in it."""
    answer = launch(BORN="hollow").ask("GET", "/api/public/trips")

    assert answer.status_code == 200
    assert "data" not in answer.json()


def test_one_that_stalls_answers_late_at_times(launch: Launch) -> None:
    """While it stands still everybody waits; then it serves again. Asked for two of its rounds, however fast it is."""
    app = launch(BORN="stalling", BORN_MS="400", BORN_EVERY_MS="800")

    seconds = []
    until = time.monotonic() + 2
    while time.monotonic() < until:
        seconds.append(app.ask("GET", "/health").elapsed.total_seconds())

    assert min(seconds) < 0.1
    assert max(seconds) > 0.2


def test_one_that_leaks_keeps_its_connections(launch: Launch, folder: Path) -> None:
    """However late its database is there, and for as long as it lives; then all of them are gone."""
    database = processes.postgres(folder)
    app = launch(BORN="leaking", DATABASE_URL=database.url, wait=False)
    processes.wait_until(lambda: app.status("/health") == 200, error="not up")
    database.start()
    try:
        processes.wait_until(lambda: connections(database) >= LEAKED, error="nothing leaks", timeout=30)
        pause(0.5)
        kept = connections(database)
        app.stop()
        processes.wait_until(lambda: connections(database) == 0, error="connections outlive the application")
    finally:
        database.stop()

    assert kept >= LEAKED


def connections(database: processes.Server) -> int:
    """How many clients the database has beside who asks."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    asked = subprocess.run([program("psql"), "-Atc", sql, database.url], capture_output=True, cwd="/", check=True)
    return int(asked.stdout)
