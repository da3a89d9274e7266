"""The stand-in application and its two servers as plain processes, for the tests in this folder."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

APP = Path(__file__).resolve().parents[2] / "fixtures" / "app"
_DEADLINE_SECONDS = 10.0
_POLL_SECONDS = 0.01


def wait_until(ready: Callable[[], bool], *, error: str, timeout: float = _DEADLINE_SECONDS) -> None:
    """Returns once `ready` is true; fails with the error text after the timeout."""
    deadline = time.monotonic() + timeout
    while not ready():
        assert time.monotonic() < deadline, f"{error} within {timeout} s"
        time.sleep(_POLL_SECONDS)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Whether a connection to this loopback port succeeds."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def binary(name: str) -> str:
    """The path of a server program; a clear failure when it is missing, never a skipped test."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or next((str(path) for path in newest_first), None)
    assert found, f"{name} is not installed; hint: apt-get install postgresql redis-server"
    return found


@dataclass(slots=True, kw_only=True)
class Server:
    """One server process on a loopback port."""

    command: list[str]
    port: int
    log: Path
    identity: dict[str, Any] = field(default_factory=dict)  # the keyword arguments of Popen that change the user
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
    command = [binary("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    return Server(command=command, port=port, log=folder / f"redis-{port}.log")


def postgres(folder: Path) -> Server:
    """A PostgreSQL with an empty cluster in a new directory, not yet started; root runs it as nobody."""
    data = folder / f"pg-{free_port()}"
    identity: dict[str, Any] = {}
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
    initdb = [binary("initdb"), "-D", str(data), "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/", **identity)
    port = free_port()
    command = [binary("postgres"), "-D", str(data), "-p", str(port), "-k", "", "-c", "listen_addresses=127.0.0.1"]
    return Server(command=[*command, "-c", "fsync=off"], port=port, log=folder / "postgres.log", identity=identity)


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


def ready(app: App) -> App:
    """The same application, once all its replicas are ready."""
    for replica in range(len(app.ports)):
        wait_until(lambda replica=replica: app.status("/ready", replica=replica) == 200, error=f"not ready: {app.log}")  # type: ignore[misc]  # a lambda with a default has no type
    return app
