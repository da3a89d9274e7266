"""Releases that are no good from their first moment on: each in the way that it was born with, and in no other."""

import time

from tests.app.conftest import Launch

MANY = 60


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
