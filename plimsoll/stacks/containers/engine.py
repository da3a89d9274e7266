"""The container engine: whether one answers, and a client for it; only the client imports the engine's library."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import TYPE_CHECKING

from plimsoll.errors import StackFailed

if TYPE_CHECKING:
    from docker import DockerClient  # type: ignore[import-untyped] # the library ships no types

LOCAL_SOCKET = "unix:///var/run/docker.sock"
ANSWER_SECONDS = 5.0
"""How long an engine may take to say that it is there; a local one takes a millisecond."""

ENVIRONMENT: Mapping[str, str] = {
    "TESTCONTAINERS_RYUK_DISABLED": "true",  # the run's own reaper does that work, without one more image
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",  # else a machine with /.dockerenv is taken for a container
    "TC_HOST": "127.0.0.1",
}
"""What testcontainers reads while it is imported."""


class _LocalConnection(HTTPConnection):
    """HTTP to a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(self.path)


def engine_answers() -> bool:
    """Whether a container engine answers, asked without importing its library; a few milliseconds for a local one."""
    host = os.environ.get("DOCKER_HOST", LOCAL_SOCKET)
    scheme, _, path = host.partition("://")
    if scheme == "unix":
        connection = _LocalConnection(path)
        try:
            connection.request("GET", "/_ping")
            return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's own figure
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
    try:
        command = ["docker", "version", "--format", "{{.Server.Version}}"]
        return not subprocess.run(command, capture_output=True, timeout=ANSWER_SECONDS, check=False).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def engine() -> DockerClient:
    """A client of the engine; raises StackFailed when none answers."""
    prepare()
    import docker  # noqa: PLC0415 - a quarter of a second that only container stacks pay

    try:
        return docker.from_env()
    except docker.errors.DockerException as error:
        raise StackFailed(
            f"no container engine answers: {error}",
            hint="start one (dockerd), give this user access to its socket, or use --stack processes",
        ) from error


@contextmanager
def engine_heard(fact: str) -> Iterator[None]:
    """What the engine objects to, and its silence, become a StackFailed of that fact."""
    from docker.errors import DockerException  # type: ignore[import-untyped] # noqa: PLC0415 - likewise

    try:
        yield
    except (DockerException, OSError) as error:  # requests' errors are of the latter kind
        words = getattr(error, "explanation", "") or str(error)
        raise StackFailed(f"{fact}: {words}", hint="docker ps -a and the engine's own log tell more") from error


def prepare() -> None:
    """The environment is as testcontainers must find it when it is imported."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
