import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.app import processes
from tests.app.conftest import Launch
from tests.app.processes import App, free_port, listening, wait_until


def pids(app: App) -> list[int]:
    """The processes behind the ports."""
    return [int(app.ask("GET", "/version", replica=replica).json()["pid"]) for replica in range(len(app.ports))]


def gone(pid: int) -> bool:
    """True once the process has ended; who reaps it does not matter."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_stop_lets_requests_in_flight_finish(launch: Launch, replicas: int) -> None:
    """SIGTERM during a slow request: it is answered, the port closes, the exit code is 0."""
    app = launch(replicas=replicas)
    app.ask("POST", "/api/faults", json={"slow_ms": 600, "route": "/api/public/trips"})
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(app.ask, "GET", "/api/public/trips")
        wait_until(lambda: "redis_pool" in app.ask("GET", "/metrics").text, error="no metrics")
        app.process.terminate()
        assert slow.result().status_code == 200
    assert app.process.wait(10) == 0
    assert not any(listening(port) for port in app.ports)


def test_ready_turns_red_at_once_when_asked_to_stop(launch: Launch) -> None:
    """During the drain time a balancer sees 503 while requests are still served."""
    app = launch(DRAIN_MS="500")
    app.process.terminate()
    wait_until(lambda: app.status("/ready") == 503, error="still ready", timeout=0.4)
    assert app.ask("GET", "/ready").json()["failing"] == ["draining"]
    assert app.status("/api/public/trips") == 200
    assert app.process.wait(10) == 0


@pytest.mark.parametrize(("number", "result"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0)])
def test_a_dead_replica_takes_the_others_down_and_is_not_hidden(launch: Launch, number: int, result: int) -> None:
    """Whether it was killed or stopped politely by somebody else: the exit code is 1 and the reason is told."""
    app = launch(replicas=2)
    first, second = pids(app)
    os.kill(first, number)
    assert app.process.wait(10) == 1
    wait_until(lambda: gone(second), error="the other replica lives on")
    assert f"replica {first} on port {app.ports[0]} ended unexpectedly ({result})" in app.log.read_text()


def test_a_killed_replica_of_a_revivable_family_comes_back_when_asked(launch: Launch) -> None:
    """Its port refuses while the others serve; SIGUSR1 brings it back, as often as one likes, and a stop is a stop."""
    app = launch("--revivable", replicas=2)
    for _ in range(2):
        first, second = pids(app)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not listening(app.ports[0]), error="still there")
        assert app.status("/ready", replica=1) == 200
        app.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: listening(app.ports[0]) and app.status("/ready") == 200, error="not back")
        assert pids(app)[0] != first
        assert pids(app)[1] == second
    app.process.terminate()
    assert app.process.wait(10) == 0


def test_replicas_do_not_outlive_a_killed_parent(launch: Launch) -> None:
    app = launch(replicas=2)
    children = pids(app)
    app.process.send_signal(signal.SIGKILL)
    assert app.process.wait(10) == -signal.SIGKILL
    wait_until(lambda: all(gone(pid) for pid in children), error="replicas live on")


def run(environment: dict[str, str], *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A command of the application, run to its end."""
    command, variables = processes.command(*arguments), {**environment, **settings}
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=10, check=False)


def test_bad_settings_end_the_command_with_code_2(environment: dict[str, str]) -> None:
    done = run(environment, "serve", LOG_LEVEL="loud", RATE_LIMIT_MAX="0", MAX_UPLOAD_BYTES="1e9")
    told = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert (done.returncode, told) == (2, ["LOG_LEVEL", "RATE_LIMIT_MAX", "MAX_UPLOAD_BYTES"])


def test_a_busy_port_gives_one_clear_line(environment: dict[str, str], app: App) -> None:
    done = run(environment, "serve", "--port", str(free_port()), "--port", str(app.ports[0]))
    assert done.returncode == 1
    assert done.stderr == (
        f"cannot listen on 127.0.0.1:{app.ports[0]}: Address already in use; hint: is the port free?\n"
    )


def test_a_client_is_refused_until_there_is_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody queues at a port while its replica is still importing: an edge would take another one."""
    monkeypatch.syspath_prepend(str(processes.APP))
    from standin.replicas import bind  # noqa: PLC0415 - the application is not installed, only found

    port = free_port()
    (held,) = bind("127.0.0.1", [port])
    with held:
        assert not listening(port)
        held.listen()
        assert listening(port)
