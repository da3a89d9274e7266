"""What this machine can and cannot run, and why."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import MissingTool, PlimsollError
from plimsoll.probes.scanners import environments
from plimsoll.probes.scanners.known import SCANNERS
from plimsoll.runs import leftovers, runs_folder
from plimsoll.stacks.clocks import is_here
from plimsoll.stacks.containers.engine import engine_answers
from plimsoll.stacks.processes.programs import free_ports, version

SERVERS = ("nginx", "redis-server", "postgres", "initdb")
SOMETIMES = ("prometheus",)
"""What only some deployments need."""

ROOM = 2 * 1024**3
"""Bytes the images and one run need, with room to spare (measured: images 0.9 GB, a run 60 MB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing this machine can do or not; `is_stack` when it alone makes a kind of stack possible."""

    what: str
    able: bool
    why: str
    hint: str = ""
    is_stack: bool = False


def examine() -> tuple[Fact, ...]:
    """The facts, those that decide first."""
    return (
        _processes(),
        _containers(),
        Fact(what="stack live", able=True, why="needs nothing but a way there"),
        *_details(),
        _scanners(),
    )


def _processes() -> Fact:
    found, missing, hints = [], [], []
    for name in SERVERS:
        try:
            found.append(version(name))
        except MissingTool as error:
            missing.append(name)
            hints.append(error.hint)
    if missing:
        return Fact(
            what="stack processes",
            able=False,
            why=f"missing: {', '.join(missing)}",
            hint="; ".join(dict.fromkeys(hints)),
        )
    return Fact(what="stack processes", able=True, why=", ".join(found), is_stack=True)


def _containers() -> Fact:
    what = "stack containers"
    if engine_answers():
        return Fact(what=what, able=True, why="an engine answers", is_stack=True)
    if shutil.which("docker") is None:
        return Fact(
            what=what,
            able=False,
            why="no engine answers, and there is no docker client",
            hint="apt-get install docker.io",
        )
    return Fact(what=what, able=False, why="no engine answers", hint="start it: systemctl start docker")


def _scanners() -> Fact:
    ready = [home for home in environments.names() if environments.is_ready(home)]
    lacking = [home for home in environments.names() if home not in ready]
    strangers = []
    for scanner in SCANNERS:
        try:
            if not scanner.home:
                environments.program(scanner)
        except MissingTool:
            strangers.append(scanner.program)
    fine = ", ".join(name for home in ready for name in environments.wanted(home))
    why = "; ".join(
        part
        for part in (
            fine,
            f"not installed yet: {', '.join(lacking)}" if lacking else "",
            f"no {', '.join(strangers)}" if strangers else "",
        )
        if part
    )
    hint = environments.INSTALL if lacking else ""
    return Fact(what="scanners", able=not lacking and not strangers, why=why, hint=hint)


def _details() -> Iterator[Fact]:
    for name in SOMETIMES:
        try:
            yield Fact(what=name, able=True, why=version(name))
        except MissingTool as error:
            yield Fact(what=name, able=False, why=f"{error.fact}: its services run in containers only", hint=error.hint)
    yield Fact(what="user", able=True, why="root; servers run as nobody" if os.geteuid() == 0 else "an ordinary user")
    yield Fact(what="tls library", able=True, why=f"{ssl.OPENSSL_VERSION}, python {platform.python_version()}")
    try:
        yield Fact(what="ports", able=bool(free_ports(1)), why="loopback ports are free")
    except PlimsollError as error:
        yield Fact(what="ports", able=False, why=error.fact, hint=error.hint)
    for place in dict.fromkeys((Path(tempfile.gettempdir()), Path.home())):
        left = shutil.disk_usage(place).free
        hint = "" if left >= ROOM else "free space, or set TMPDIR and XDG_CACHE_HOME"
        yield Fact(what="disk", able=left >= ROOM, why=f"{left // 1024**2} MB free in {place}", hint=hint)
    try:
        left_over = len(leftovers())
        yield Fact(
            what="left-overs",
            able=not left_over,
            why=f"{left_over} dead runs in {runs_folder()}",
            hint="python -m plimsoll sweep" if left_over else "",
        )
    except PlimsollError as error:
        yield Fact(what="left-overs", able=False, why=error.fact, hint=error.hint)
    clocks = is_here()
    yield Fact(
        what="clocks",
        able=clocks,
        why="libfaketime is here" if clocks else "no libfaketime: drills on processes put no clock ahead",
        hint="" if clocks else "apt-get install libfaketime",
    )
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    yield Fact(
        what="browser",
        able=browser is not None,
        why=browser or "no chromium: the page's own tests do not run",
        hint="" if browser else "apt-get install chromium",
    )
