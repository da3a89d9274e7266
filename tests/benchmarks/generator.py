"""Locust's own users, ours, wrk and hey ask one nginx, alternately: requests a second of one core, and CPU of each.

nginx sends 64 bytes from core 0 over a loopback port, with TLS or without; whoever asks has core 1 and 32 connections.
What counts is the CPU time per request: on a machine shared with others it is the steadier figure, and its inverse is
what one core can do. Interpreters' and imports' own share is taken off by a run that asks for a moment only.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from plimsoll.observations.load.stored import read_run
from plimsoll.stacks.processes.programs import free_ports
from plimsoll.statistics.histogram import merged
from plimsoll.wait import pause, wait_until

HOME = Path(__file__).parents[2]
CONNECTIONS = 32
SECONDS = 3
ROUNDS = 3
MOMENT = 1
"""Seconds of the run that tells what starting costs."""

BODY = "0" * 64
NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_cpu_affinity 01;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{plain}; location / {{ return 200 "{body}"; }} }}
  server {{ listen 127.0.0.1:{secure} ssl; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{ return 200 "{body}"; }} }} }}
"""
STOCK = """
from locust import {kind}, constant, task
class Stock({kind}):
    wait_time = constant(0)
    {more}
    @task
    def page(self):
        self.client.get("/"{verify})
"""
SHARES = (0.5, 0.95, 0.99)
COUNTED = re.compile(r"^\s+Aggregated\s+(\d+)\s+(\d+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where nginx is, and whom it shows to be."""

    folder: Path
    plain: str
    secure: str
    authority: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One run of one tool: good requests, the seconds it asked for, and its CPU seconds with all its children."""

    requests: int
    seconds: float
    cpu: float


@contextmanager
def site() -> Iterator[Site]:
    """nginx, for as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="plimsoll-bench-") as name:
        folder, (plain, secure) = Path(name), free_ports(2)
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        authority.cert_pem.write_to_path(folder / "ca.pem")
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, plain=plain, secure=secure, body=BODY), encoding="ascii"
        )
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        process = subprocess.Popen(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda: answers(plain) and answers(secure), timeout=10, what="nginx")
            yield Site(
                folder=folder,
                plain=f"http://127.0.0.1:{plain}",
                secure=f"https://localhost:{secure}",
                authority=folder / "ca.pem",
            )
        finally:
            process.terminate()
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def measured(command: list[str], counted: Callable[[str], int], seconds: float, **environment: str) -> Shot:
    """One run on core 1; it must have counted something. CPU is that of its whole tree."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["taskset", "-c", str((os.cpu_count() or 1) - 1), *command]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        cwd=HOME,
        env={**os.environ, "PYTHONPATH": str(HOME), **environment},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = done.stdout + done.stderr
    try:
        requests = counted(said)
    except (AttributeError, ValueError, OSError, KeyError) as error:
        raise RuntimeError(f"{command[0]} measured nothing ({error}): {said[-2000:]}") from error
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Shot(requests=requests, seconds=seconds, cpu=cpu)


def aggregated(said: str) -> int:
    """Requests without failures, by Locust's own table."""
    found = COUNTED.findall(said)[-1]
    if int(found[1]):
        raise ValueError(f"{found[1]} failures")
    return int(found[0])


def locust(file: Path, host: str, seconds: float, *words: str, **environment: str) -> Shot:
    """Locust, headless, with so many users at once."""
    command = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--only-summary", "--host", host]
    users = ["--users", str(CONNECTIONS), "--spawn-rate", "100", "--run-time", f"{seconds:g}", "--loglevel", "ERROR"]
    return measured([*command, *users, *words], aggregated, seconds, **environment)


def stock(kind: str) -> Callable[[Site, bool, float], Shot]:
    """A user class of Locust's own that asks the page, as its guide has it."""

    def shot(where: Site, secure: bool, seconds: float) -> Shot:
        verify = ", verify=False" if secure and kind == "HttpUser" else ""
        more = "insecure = True" if secure and kind == "FastHttpUser" else ""
        file = where.folder / f"{kind}_{'tls' if secure else 'plain'}.py"
        file.write_text(STOCK.format(kind=kind, verify=verify, more=more), encoding="ascii")
        return locust(file, where.secure if secure else where.plain, seconds, PYTHONWARNINGS="ignore")

    return shot


def ours(where: Site, secure: bool, seconds: float) -> Shot:
    """Our users in the closed model, Locust's request events fired for each."""
    result = where.folder / "load.json"
    words = ("--warm-up", "0", "--result", str(result), *(("--ca", str(where.authority)) if secure else ()))
    return locust(HOME / "loadtests", where.secure if secure else where.plain, seconds, *words)


def wrk(where: Site, secure: bool, seconds: float) -> Shot:
    """One thread of wrk."""
    url = f"{where.secure if secure else where.plain}/"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", url]
    return measured(command, lambda said: int(re.search(r"(\d+) requests in", said)[1]), seconds)  # type: ignore[index] # measured says so


def hey(where: Site, secure: bool, seconds: float) -> Shot:
    """Hey on one core; it verifies no certificate."""
    url = f"{where.secure if secure else where.plain}/"
    command = ["hey", "-cpus", "1", "-c", str(CONNECTIONS), "-z", f"{seconds:g}s", url]
    return measured(command, lambda said: int(re.search(r"\[200\]\s+(\d+) responses", said)[1]), seconds)  # type: ignore[index] # likewise


TOOLS: Mapping[str, Callable[[Site, bool, float], Shot]] = {
    "ours": ours,
    "FastHttpUser": stock("FastHttpUser"),
    "HttpUser": stock("HttpUser"),
    **({"wrk": wrk} if shutil.which("wrk") else {}),
    **({"hey": hey} if shutil.which("hey") else {}),
}


def per_request(tool: Callable[[Site, bool, float], Shot], where: Site, secure: bool) -> tuple[float, float]:
    """CPU seconds of one request, and requests a second."""
    start, whole = tool(where, secure, MOMENT), tool(where, secure, MOMENT + SECONDS)
    requests = whole.requests - start.requests
    return (whole.cpu - start.cpu) / max(requests, 1), requests / SECONDS


def compared(rounds_of_all: int = ROUNDS) -> list[str]:
    """The table, as lines: medians of the rounds, and how many times as much as FastHttpUser one core does."""
    lines = [f"{'who asks':20}{'requests/s':>12}{'us CPU each':>13}{'(min-max)':>16}{'x Fast':>8}{'x Http':>8}"]
    with site() as where:
        for secure in (False, True):
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in TOOLS}
            for _ in range(rounds_of_all):
                for name, tool in TOOLS.items():
                    found[name].append(per_request(tool, where, secure))
                    pause(0.2)
            lines += [_row(f"{name} {'TLS' if secure else 'HTTP'}", found, name) for name in found]
    return lines


def truthful() -> list[str]:
    """What is told of a server of 50 ms, and of one that stalls a second of every ten, beside what they know."""
    lines = [f"{'server':20}{'':14}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"]
    for name, rate, seconds, figures in (
        ("50 ms, 200/s", 200, 6, (0.05,)),
        ("stalls, 100/s", 100, 30, (0.0, 1.0, 10.0)),
    ):
        with tempfile.TemporaryDirectory(prefix="plimsoll-bench-") as folder:
            log, result = Path(folder) / "took", Path(folder) / "load.json"
            command = [sys.executable, str(HOME / "tests" / "load" / "slow_server.py"), str(log), *map(str, figures)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
                assert server.stdin is not None
                assert server.stdout is not None
                host = f"http://127.0.0.1:{server.stdout.readline().strip()}"
                words = ["--rate", str(rate), "--run-time", str(seconds), "--warm-up", "0", "--arrivals", "constant"]
                command = [sys.executable, "-m", "locust", "-f", str(HOME / "loadtests"), "--headless", "--host", host]
                command += [*words, "--result", str(result)]
                subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(HOME)})
                server.stdin.close()
            truth = sorted(int(line) / 1e6 for line in log.read_text(encoding="ascii").split())
            run = read_run(result)
            told, service = (
                [found.high / 1e6 if (found := whole.percentile(share)) else 0.0 for share in SHARES]
                for whole in (merged(t.latency for t in run.judged()), merged(t.service for t in run.judged()))
            )
        known = [truth[min(int(len(truth) * share), len(truth) - 1)] for share in SHARES]
        for title, row in (("its own log", known), ("latency", told), ("service", service)):
            lines.append(f"{name:20}{title:14}" + "".join(f"{figure:10.2f}" for figure in row))
    return lines


def _row(title: str, found: Mapping[str, list[tuple[float, float]]], name: str) -> str:
    costs, rates = zip(*found[name], strict=True)
    fast, http = (
        statistics.median(peer[0] / cost for peer, cost in zip(found[stock_user], costs, strict=True))
        for stock_user in ("FastHttpUser", "HttpUser")
    )
    spread = f"({min(costs) * 1e6:.0f}-{max(costs) * 1e6:.0f})"
    rate, cost = statistics.median(rates), statistics.median(costs) * 1e6
    return f"{title:20}{rate:12,.0f}{cost:13.1f}{spread:>16}{fast:8.1f}{http:8.1f}"


def ours_alone() -> float:
    """Seconds of CPU for a second of ours, start and all."""
    with site() as where:
        return ours(where, secure=False, seconds=MOMENT).cpu


def stock_alone() -> float:
    """The same of Locust's faster user."""
    with site() as where:
        return TOOLS["FastHttpUser"](where, False, MOMENT).cpu


if __name__ == "__main__":
    sys.stdout.write("\n".join([*truthful(), *compared(*map(int, sys.argv[1:]))]) + "\n")
