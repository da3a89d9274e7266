"""The stand-in application and its two servers as plain processes, for the tests in this folder."""

import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plimsoll import wait
from plimsoll.stacks.processes.postgres import copy_template, template
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports, program, unprivileged

APP = Path(__file__).resolve().parents[2] / "fixtures" / "app"
_DEADLINE_SECONDS = 10.0
USER, DATABASE = "app", "standin"


def wait_until(ready: Callable[[], bool], *, error: str, timeout: float = _DEADLINE_SECONDS) -> None:
    """Returns once `ready` is true; fails with the error text after the timeout."""
    wait.wait_until(ready, timeout=timeout, what=error)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    return free_ports(1)[0]


def listening(port: int) -> bool:
    """Whether a connection to this loopback port succeeds."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(slots=True, kw_only=True)
class Server:
    """One server process on a loopback port."""

    command: list[str]
    port: int
    log: Path
    identity: Mapping[str, Any] = field(default_factory=dict)  # the keyword arguments of Popen that change the user
    url: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Server":
        """Starts it and waits until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd="/", **self.identity)
        wait_until(lambda: listening(self.port), error=f"{self.command[0]} did not listen, see {self.log}")
        return self

    def stop(self) -> None:
        """Stops it at once; nothing it holds is needed again."""
        if self.process:
            self.process.send_signal(3 if self.command[0].endswith("postgres") else 9)  # 3: immediate shutdown
            self.process.wait(_DEADLINE_SECONDS)
            self.process = None


def redis(folder: Path) -> Server:
    """A Redis that keeps nothing, not yet started."""
    port = free_port()
    command = [program("redis-server"), "--bind", LOOPBACK, "--port", str(port), "--save", "", "--dir", str(folder)]
    return Server(command=command, port=port, log=folder / f"redis-{port}.log")


def postgres(folder: Path) -> Server:
    """A PostgreSQL with an empty database in a new cluster, not yet started; root runs it as nobody."""
    data, port, made = folder / f"pg-{free_port()}", free_port(), template(USER, DATABASE, work=folder / "initdb")
    copy_template(made, data)
    command = [program("postgres"), "-D", str(data), "-p", str(port), "-c", f"listen_addresses={LOOPBACK}"]
    url = f"postgresql://{USER}:{made.password}@{LOOPBACK}:{port}/{DATABASE}"
    return Server(command=command, port=port, log=folder / "postgres.log", identity=unprivileged(), url=url)


@dataclass(slots=True, kw_only=True)
class App:
    """A running stand-in application, one or more replicas."""

    process: "subprocess.Popen[bytes]"
    ports: list[int]
    log: Path
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, *, replica: int = 0, token: str = "", **options: Any) -> requests.Response:  # noqa: ANN401 - passed on to requests
        """The answer to one request."""
        headers = dict(options.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"http://127.0.0.1:{self.ports[replica]}{path}"
        return self.session.request(method, url, headers=headers, timeout=_DEADLINE_SECONDS, **options)

    def status(self, path: str, *, replica: int = 0) -> int:
        """The status of a GET, 0 when nobody answers."""
        try:
            return self.ask("GET", path, replica=replica).status_code
        except requests.ConnectionError:
            return 0

    def login(self, email: str, password: str) -> str:
        """An access token."""
        answer = self.ask("POST", "/api/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def stop(self) -> int:
        """Asks it to stop; its exit code."""
        self.session.close()
        self.process.terminate()
        return self.process.wait(_DEADLINE_SECONDS * 2)


def command(*arguments: str) -> list[str]:
    """The command line of the application."""
    return [sys.executable, "-m", "standin", *arguments]


def start(environment: Mapping[str, str], folder: Path, *arguments: str, replicas: int = 1) -> App:
    """The application, started; nobody waited for it yet."""
    ports = [free_port() for _ in range(replicas)]
    log = folder / f"app-{ports[0]}.log"
    chosen = [part for port in ports for part in ("--port", str(port))]
    with log.open("wb") as output:
        process = subprocess.Popen(command("serve", *chosen, *arguments), env=environment, stdout=output, stderr=output)
    app = App(process=process, ports=ports, log=log)
    app.session.trust_env = False
    return app


def other(environment: Mapping[str, str], folder: Path, part: str, **settings: str) -> App:
    """Another part of the application (worker, identity, grafana), listening where it has a port."""
    ports = [] if part == "worker" else [free_port()]
    chosen = [text for port in ports for text in ("--port", str(port))]
    log = folder / f"{part}-{free_port()}.log"
    with log.open("wb") as output:
        variables = {**environment, **settings}
        process = subprocess.Popen(command(part, *chosen), env=variables, stdout=output, stderr=output)
    app = App(process=process, ports=ports, log=log)
    app.session.trust_env = False
    wait_until(lambda: all(map(listening, ports)) or process.poll() is not None, error=f"does not listen: {log}")
    return app


def ready(app: App) -> App:
    """The same application, once all its replicas are ready."""
    for replica in range(len(app.ports)):
        wait_until(lambda replica=replica: app.status("/ready", replica=replica) == 200, error=f"not ready: {app.log}")  # type: ignore[misc]  # a lambda with a default has no type
    return app
