"""A run of load: locust in a process of its own, told what to ask, and what it has left."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from plimsoll.errors import CouldNotLook, OutOfReach, PlimsollError
from plimsoll.model import Deployment
from plimsoll.observations.load import LoadRun, Order
from plimsoll.observations.load.stored import read_run, write
from plimsoll.probes.saturation import Meter
from plimsoll.stacks.protocol import Stack

HOME = Path(__file__).parents[2]
GENERATOR = "locust"
PLAN_VARIABLE, RESULT_VARIABLE = "PLIMSOLL_LOAD_PLAN", "PLIMSOLL_LOAD_RESULT"
SLACK = 60.0
"""Seconds that a generator may take beside its plan: it starts, logs in, and waits for the last answers."""

LAST_WORDS = 800
ROOM = "free space, or set TMPDIR"
BUSY = "has this machine more to do than it can?"


def loaded(order: Order, stack: Stack, deployment: Deployment) -> LoadRun:
    """What the run of that order was like, with what the services used meanwhile.

    Raises OutOfReach where there is no locust, CouldNotLook when it leaves no result, or has no room for one.
    """
    if importlib.util.find_spec(GENERATOR) is None:
        raise OutOfReach("it takes locust to ask so much", hint="tox -e load")
    with _folder() as folder:
        return _loaded(order, stack, deployment, folder=Path(folder))


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="load-")
    except OSError as error:
        raise CouldNotLook(f"a run of load has no folder: {error}", hint=ROOM) from error


def _loaded(order: Order, stack: Stack, deployment: Deployment, *, folder: Path) -> LoadRun:
    plan, result = folder / "plan.json", folder / "load.json"
    try:
        write(order, plan)
    except PlimsollError as error:
        raise CouldNotLook(error.fact, hint=ROOM) from error
    with Meter(stack, deployment) as meter:
        words = _said(plan, result, seconds=order.plan.seconds + order.patience + SLACK)
    if not result.exists():
        raise CouldNotLook(
            f"the generator left no result: {words[-LAST_WORDS:].strip()}", hint="its last words say why"
        )
    return replace(read_run(result), readings=tuple(meter.readings))


def _said(plan: Path, result: Path, *, seconds: float) -> str:
    """What locust said, in a session of its own that ends with its deadline. Raises CouldNotLook."""
    variables = {PLAN_VARIABLE: str(plan), RESULT_VARIABLE: str(result)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", GENERATOR, "-f", str(HOME / "loadtests"), "--headless"],
            cwd=plan.parent,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CouldNotLook(f"the generator did not end within {seconds:.0f} s", hint=BUSY) from error
    return done.stdout
