"""What nginx or HAProxy never get wrong is red on servers that do, and green on the same ones done right."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Finding, Outcome
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.processes.programs import free_ports
from plimsoll.wait import wait_until
from tests.strangers.papers import HOSTS, Papers
from tests.strangers.stranger import READY_SECONDS

RENEGOTIATION, FRAMING = "HARD-TLS-RENEGOTIATION", "HARD-EDGE-FRAMING"
OPENSSL = "openssl s_server -accept 127.0.0.1:$port -cert certificate.pem -key certificate.pem -www -quiet"
GNUTLS = "gnutls-serv --port $port --http --x509certfile certificate.pem --x509keyfile certificate.pem --quiet"
HAPROXY = "haproxy -db -f haproxy.cfg"
PASSING_THROUGH = """
defaults
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    $mode
frontend shop
    bind 127.0.0.1:$port ssl crt certificate.pem
    default_backend shop
backend shop
    server shop 127.0.0.1:$backend
"""
DEPLOYMENT = """
name = "other"
hosts = ["$host"]
policies = ["edge-hardened"]
[live]
url = "https://$host:$port"
address = "127.0.0.1"
ca = "authority.pem"
allow = ["intrusive"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server, whether it is done right, and what is judged of it."""

    promise: str
    command: str
    right: bool
    says: str = ""
    mode: str = "mode http"


CASES = {
    "openssl": Case(promise=RENEGOTIATION, command=OPENSSL, right=True),
    "openssl-lets-clients-renegotiate": Case(
        promise=RENEGOTIATION, command=f"{OPENSSL} -client_renegotiation", right=False, says="renegotiates whenever"
    ),
    "gnutls-1.3-only": Case(
        promise=RENEGOTIATION, command=f"{GNUTLS} --priority NORMAL:-VERS-ALL:+VERS-TLS1.3", right=True
    ),
    "gnutls": Case(promise=RENEGOTIATION, command=GNUTLS, right=False, says="renegotiates whenever"),
    "haproxy": Case(promise=FRAMING, command=HAPROXY, right=True),
    "haproxy-lenient": Case(
        promise=FRAMING,
        command=HAPROXY,
        right=False,
        mode="mode http\n    option accept-invalid-http-request",
        says="a space before the colon",
    ),
    "haproxy-passing-bytes-through": Case(
        promise=FRAMING,
        command=HAPROXY,
        right=False,
        mode="mode tcp",
        says="Content-Length and Transfer-Encoding",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_other_servers(case: Case, tmp_path: Path) -> None:
    """The one promise is kept by the server done right, and broken by the same one done wrong, for the known cause."""
    if shutil.which(case.command.split()[0]) is None:
        pytest.skip(f"not run: there is no {case.command.split()[0]}")
    with _served(case, tmp_path):
        finding = _judged(case.promise, tmp_path)

    assert finding.outcome is (Outcome.PASS if case.right else Outcome.FAIL), finding.message
    assert case.says in finding.message


@contextmanager
def _served(case: Case, folder: Path) -> Iterator[None]:
    """The server runs, with an application that reads Content-Length alone behind it."""
    port, backend = free_ports(2)
    places = {"port": port, "backend": backend, "mode": case.mode, "host": HOSTS[0]}
    Papers().write(folder)
    for name, text in (("deployment.toml", DEPLOYMENT), ("haproxy.cfg", PASSING_THROUGH)):
        (folder / name).write_text(Template(text).substitute(places), encoding="utf-8")
    command = Template(case.command).substitute(places).split()
    naive = [sys.executable, str(Path(__file__).with_name("naive.py")), str(backend)]
    with _running(naive, folder, backend), _running(command, folder, port):
        yield


@contextmanager
def _running(command: Sequence[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: _listens(port), bool, timeout=READY_SECONDS, what=f"{command[0]} on port {port}")
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _judged(promise: str, folder: Path) -> Finding:
    deployment = read_deployment(folder / "deployment.toml")
    judged = [each for each in deployment.promises if each.id == promise]
    inspection = Inspection(Scene.of(deployment, LiveStack(deployment)), judged)
    try:
        return inspection.judge(judged[0])
    finally:
        inspection.close()
