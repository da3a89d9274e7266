"""However a run is ended, nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.wait import wait_until
from tests.probes.hostile import says_nothing
from tests.probes.hostile import serving as serving_target
from tests.runs.place import SWEEP, Place, Running

SOON = 8.0
"""Seconds within which nothing is left: those a left-over process gets to end, and some for a busy machine."""

INTERRUPTED = 2
"""pytest's exit code after an interrupt."""

SMOKE_ON_PROCESSES = ("--stack", "processes")

Moment = Callable[[Place, Running], bool]


def starting(place: Place, _: Running) -> bool:
    """The stack has begun to start: the run's folder is there."""
    return bool(place.left)


def making_the_cluster(place: Place, _: Running) -> bool:
    """This user's very first run makes the database cluster that all others copy."""
    return "initdb" in place.workers.values()


def serving(place: Place, _: Running) -> bool:
    """Some of the services run, others are about to."""
    return "postgres" in place.workers.values()


def probing(place: Place, _: Running) -> bool:
    """The edge serves, the last of the services, and the first looks are taken."""
    return "nginx" in place.workers.values()


def closing(_: Place, run: Running) -> bool:
    """The last promise is judged: no signal is heeded any more."""
    status = Path(f"/proc/{run.process.pid}/status").read_text(encoding="ascii")
    ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1], base=16)
    return bool(ignored & 1 << signal.SIGINT - 1)


def at(moment: Moment, place: Place) -> Running:
    """A run that has come so far."""
    run = place.start(*SMOKE_ON_PROCESSES)
    wait_until(lambda: moment(place, run) or run.process.poll() is not None, timeout=20, what=moment.__name__)
    return run


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, starting), (signal.SIGTERM, serving), (signal.SIGINT, probing)]
)
def test_an_interrupted_run_ends_clearly(place: Place, number: signal.Signals, moment: Moment) -> None:
    """It says that it was interrupted, exits with pytest's 2, shows no traceback, and takes everything along."""
    run = at(moment, place)
    run.process.send_signal(number)
    ended = run.ended(SOON)
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    assert (ended.code, "Traceback" in ended.output) == (INTERRUPTED, False), ended.output
    assert "KeyboardInterrupt" in ended.output
    assert ended.verdict.exit_code == INTERRUPTED


def test_a_run_interrupted_while_it_closes_reports_all_the_same(place: Place) -> None:
    """Too late to change anything: the report is whole, and nothing is left."""
    run = at(closing, place)
    run.process.send_signal(signal.SIGINT)

    def ended_by_term() -> bool:
        run.process.send_signal(signal.SIGTERM)
        return run.process.poll() is not None

    wait_until(ended_by_term, timeout=SOON)
    ended = run.ended(SOON)
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    assert ended.code in (0, INTERRUPTED), ended.output
    assert ended.calm
    assert len(ended.verdict.findings) == len(ended.outcomes) > 0


def test_a_second_signal_ends_a_run_at_once(place: Place) -> None:
    """The first one waits for the looks under way, which a tarpit holds for long; nothing is left either way."""
    with serving_target(says_nothing) as tarpit:
        run = place.start("--url", f"https://127.0.0.1:{tarpit.address[1]}")
        wait_until(lambda: tarpit.requests, timeout=20, what="the first request")
        run.process.send_signal(signal.SIGINT)
        wait_until((run.reports / "latest").exists, timeout=SOON, what="the report of what was not judged")
        run.process.send_signal(signal.SIGINT)
        ended = run.ended(SOON)
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    assert ended.code == -signal.SIGINT
    assert "Traceback" not in ended.output


@pytest.mark.parametrize("moment", [starting, serving, probing])
def test_a_killed_run_is_reaped(place: Place, moment: Moment) -> None:
    """SIGKILL leaves the run no time for anything, and still nothing is left a few seconds later."""
    at(moment, place).kill()
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    assert place.left == []


def test_a_run_killed_at_its_first_initdb_does_not_spoil_the_next(place: Place) -> None:
    """The cluster that all runs copy is whole or absent, and what was making it is gone."""
    fresh = replace(place, environment={"XDG_CACHE_HOME": str(place.folder / "cache")})
    at(making_the_cluster, fresh).kill()
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    assert fresh.run(*SMOKE_ON_PROCESSES, "-k", "NM-EP-02").code == 0


def reaper_of(run: Running) -> int:
    """The process id of the run's reaper."""
    children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text(encoding="ascii").split()
    return next(int(pid) for pid in children if b"plimsoll.runs" in Path(f"/proc/{pid}/cmdline").read_bytes())


@pytest.mark.parametrize("cleaner", ["sweep", "next run"])
def test_what_a_killed_reaper_left_is_swept(place: Place, cleaner: str) -> None:
    """The dead run's processes and folder go; a stranger's process and folder, and a run under way, stay."""
    run = at(serving, place)
    stranger = place.temporary / "stranger"
    stranger.mkdir()
    sleep = [sys.executable, "-c", "import signal; signal.pause()"]
    with subprocess.Popen(sleep, cwd=stranger) as bystander:
        try:
            os.kill(reaper_of(run), signal.SIGKILL)
            run.kill()
            (dead,) = place.left
            assert place.workers, "the run's services outlive it once its reaper is dead"
            if cleaner == "sweep":
                ended = place.run(command=SWEEP, reports="sweep")
                assert (ended.code, ended.output) == (0, f"removed {dead.name}\n1 removed\n")
            else:
                assert place.run(*SMOKE_ON_PROCESSES, "-k", "NM-TLS-01").code == 0
            assert place.is_clean()
            assert stranger.is_dir()
            assert bystander.poll() is None
        finally:
            bystander.terminate()


def test_a_run_under_way_is_not_swept(place: Place) -> None:
    """`sweep` tells the living from the dead."""
    run = at(serving, place)
    swept = place.run(command=SWEEP, reports="sweep")
    assert (swept.code, swept.output) == (0, "0 removed\n")
    assert run.ended().code == 0
