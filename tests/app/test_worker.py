from pathlib import Path

import pytest

from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import App, Server, wait_until

STYLE = {"HEALTH_STYLE": "services", "HEALTH_CHECKS": "database,redis,queue"}


@pytest.fixture
def queue(folder: Path) -> Server:
    """A Redis with nothing waiting in it."""
    return processes.redis(folder).start()


def job(app: App, token: str) -> str:
    """The path of a new job."""
    answer = app.ask("POST", "/api/jobs", token=token, json={"kind": "report"})
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    return answer.headers["Location"]


def jobs(app: App) -> dict[str, int]:
    """What health says of the queue."""
    return dict(app.ask("GET", "/health/detailed").json()["services"]["queue"]["jobs"])


def done(app: App, path: str, token: str) -> bool:
    """Whether a job is done."""
    return bool(app.ask("GET", path, token=token).json()["state"] == "done")


def test_a_worker_does_what_the_api_took_on(
    launch: Launch, play: Launch, queue: Server, admin: str, members: list[str]
) -> None:
    """The job waits, is done by the worker, and health counts it; others do not see it."""
    url = f"redis://127.0.0.1:{queue.port}"
    app = launch(**STYLE, REDIS_URL=url)
    path = job(app, admin)
    before = jobs(app)

    worker = play("worker", WORKER_NAME="first", REDIS_URL=url)
    wait_until(lambda: done(app, path, admin), error=f"not done: {worker.log}")

    assert before == {"waiting": 1, "active": 0, "completed": 0}
    assert app.ask("GET", path, token=admin).json()["worker"] == "first"
    assert app.ask("GET", path, token=members[0]).status_code == 403
    wait_until(lambda: jobs(app) == {"waiting": 0, "active": 0, "completed": 1}, error="not counted")
    queue.stop()


def test_a_stopped_worker_finishes_and_a_killed_one_loses_nothing(
    launch: Launch, play: Launch, queue: Server, admin: str
) -> None:
    """SIGTERM: the job under way is done, the next one waits. SIGKILL: it waits again once the worker is back."""
    url = f"redis://127.0.0.1:{queue.port}"
    app = launch(**STYLE, REDIS_URL=url)
    slow = {"WORKER_NAME": "slow", "WORKER_JOB_MS": "500", "REDIS_URL": url}
    first, second = job(app, admin), job(app, admin)

    polite = play("worker", **slow)
    wait_until(lambda: jobs(app)["active"] == 1, error="not taken")
    assert polite.stop() == 0
    assert (done(app, first, admin), jobs(app)) == (True, {"waiting": 1, "active": 0, "completed": 1})

    killed = play("worker", **slow)
    wait_until(lambda: jobs(app)["active"] == 1, error="not taken")
    killed.process.kill()
    killed.process.wait(5)
    assert (done(app, second, admin), jobs(app)["active"]) == (False, 1)
    play("worker", **slow)
    wait_until(lambda: done(app, second, admin), error="lost")
    queue.stop()
