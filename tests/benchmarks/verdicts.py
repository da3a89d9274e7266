"""How long a verdict takes, beside what it cannot do without."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from plimsoll.deployment import find, read_deployment
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Deployment, Limits, Live
from plimsoll.probes.web import http as survey
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.stacks.protocol import Endpoint, endpoint_of
from plimsoll.wait import SYSTEM_CLOCK

PROJECT = Path(__file__).parents[2]
SIDE_BY_SIDE = 8
HANDSHAKES = 14
"""Handshakes of one TLS survey of NestMap: four versions, three ALPN offers, two hosts, suites, order, resumption."""

UNHURRIED = Limits(requests_per_second=10_000, burst=10_000)
"""No pace: what is measured is the work, not the politeness."""


def smoke(kind: str) -> float:
    """Seconds of the whole command on a warm environment: tox, start, probes, judging, report."""
    with tempfile.TemporaryDirectory() as reports:
        return whole_command(["run", "-e", "smoke", "--", "--stack", kind, "--reports", reports])


def empty_tox() -> float:
    """Seconds of a tox command that starts Python and does nothing in the same environment."""
    return whole_command(["exec", "-e", "smoke", "--", "python", "-c", ""])


def live_verdict() -> float:
    """Seconds of looking at NestMap as a live target and judging it."""
    with _live() as deployment:
        started = SYSTEM_CLOCK.monotonic()
        inspection = Inspection(Scene.of(deployment, LiveStack(deployment)), deployment.promises)
        for promise in deployment.promises:
            inspection.judge(promise)
        inspection.close()
        return SYSTEM_CLOCK.monotonic() - started


def bare_requests() -> float:
    """Seconds of as many requests and handshakes with http.client and ssl, side by side, nothing kept or judged."""
    with _live() as deployment:
        stack = LiveStack(deployment)
        edge = endpoint_of(stack, "edge")
        visitors = survey.Visitors(stack, deployment, deadline=10.0)
        requests = len(survey.survey(stack, deployment, visitors).exchanges) + 2  # the forwarded one, the WebSocket
        started = SYSTEM_CLOCK.monotonic()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            asked = [pool.submit(_ask, edge) for _ in range(requests)]
            shaken = [pool.submit(_shake, edge) for _ in range(HANDSHAKES)]
        for each in (*asked, *shaken):
            each.result()
        return SYSTEM_CLOCK.monotonic() - started


@contextmanager
def _live() -> Iterator[Deployment]:
    """NestMap, running, described as a live target."""
    described = read_deployment(find("nestmap"))
    with Run(new_run_id()) as run, ProcessesStack(described, run) as stack:
        edge, plain = endpoint_of(stack, "edge"), endpoint_of(stack, "edge-plain")
        live = Live(
            url=f"https://{edge.host}:{edge.address[1]}",
            address=edge.address[0],
            ca=str(edge.authority),
            plain_port=plain.address[1],
        )
        yield replace(described, live=live, limits=UNHURRIED)


def _ask(edge: Endpoint) -> None:
    connection = http.client.HTTPConnection(edge.host)
    connection.sock = _encrypted(edge)
    connection.request("GET", "/", headers={"Connection": "close"})
    connection.getresponse().read()
    connection.close()


def _shake(edge: Endpoint) -> None:
    _encrypted(edge).close()


def _encrypted(edge: Endpoint) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(edge.authority))
    return context.wrap_socket(socket.create_connection(edge.address), server_hostname=edge.host)


def whole_command(arguments: Sequence[str]) -> float:
    """Seconds of a toxw command; one that fails ends everything."""
    started = SYSTEM_CLOCK.monotonic()
    done = subprocess.run(
        [PROJECT / "toxw", "-q", *arguments], capture_output=True, text=True, check=False, cwd=PROJECT
    )
    if done.returncode:
        sys.exit(f"toxw {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return SYSTEM_CLOCK.monotonic() - started
