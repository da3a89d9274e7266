"""What a drill adds to the tools that it runs, and how long a default drill takes.

PLIMSOLL_BENCH_SCALE says how many times the usual data there is (default 55: a gigabyte), PLIMSOLL_BENCH_DEPLOYMENT
whose scripts they are (default nestmap).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plimsoll.deployment import find, read_deployment
from plimsoll.drills.recovery.dump import dump_recovery
from plimsoll.drills.stage.seed import seed
from plimsoll.drills.stage.theatre import Play, Stages
from tests.benchmarks.verdicts import whole_command

SCALE = float(os.environ.get("PLIMSOLL_BENCH_SCALE", "55"))
DEPLOYMENT = os.environ.get("PLIMSOLL_BENCH_DEPLOYMENT", "nestmap")
MOST_SECONDS = 1800
"""Until the raw tools are given up."""

DUMP = 'export PGUSER="${PGUSER:-$POSTGRES_USER}" PGDATABASE="$POSTGRES_DB"; pg_dump | gzip >"$0"'
RESTORE = (
    'export PGUSER="${PGUSER:-$POSTGRES_USER}"; createdb --template template0 raw;'
    'gunzip --stdout "$0" | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction raw >/dev/null'
)
"""The tools alone: nothing is checked, sealed, counted or announced."""

BUCKET = "raw"


def drilled() -> float:
    """Seconds from the backup's begin to the first good answer, without the writes between: the phases of the drill."""
    with _theatre() as theatre:
        seen = dump_recovery(theatre)
    if seen.trouble or not seen.healthy:
        sys.exit(f"the drill did not come back: {seen.trouble}")
    counted = [phase for phase in seen.journal.phases if phase.name == "backup" or phase in seen.journal.recovery]
    _say(f"drill, {seen.journal.data_bytes / 1e6:.0f} MB", {phase.name: phase.seconds for phase in counted})
    return sum(phase.seconds for phase in counted)


def raw_tools() -> float:
    """Seconds of pg_dump, gzip, the scripts' way of copying, gunzip and psql on the same data, one after another."""
    seconds = {}
    with _theatre() as theatre, theatre.stack() as stack, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        dump = str(Path(folder) / "dump.sql.gz")
        seed(stack, theatre.deployment, scale=SCALE)
        theatre.store.make(BUCKET)
        inside = stack.inside("postgres")
        there = dict(inside.environment)
        for part, command, environment in (
            ("dump", [*inside.words, "sh", "-c", DUMP, dump], there),
            ("copy", [str(theatre.store.client), "s3", "cp", dump, f"s3://{BUCKET}"], _here(theatre)),
            ("restore", [*inside.words, "sh", "-c", RESTORE, dump], there),
        ):
            began = time.monotonic()
            done = subprocess.run(
                command, env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=MOST_SECONDS
            )
            seconds[part] = time.monotonic() - began
            if done.returncode:
                sys.exit(f"the raw tools ended with {done.returncode} at the {part}:\n{done.stderr}")
    _say("raw tools", seconds)
    return sum(seconds.values())


def _here(theatre: Play) -> dict[str, str]:
    """What the client of the object store is told."""
    return {**os.environ, **theatre.store.environment}


def default_drill(kind: str) -> float:
    """Seconds of the whole command on a warm environment: every drill of the deployment, judged and reported."""
    with tempfile.TemporaryDirectory() as reports:
        drill = ["run", "-e", "drill", "--", "--deployment", DEPLOYMENT, "--stack", kind, "--reports", reports]
        return whole_command(drill)


@contextmanager
def _theatre() -> Iterator[Play]:
    """Where drills of the deployment take place, on processes."""
    deployment = read_deployment(find(DEPLOYMENT))
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        with (
            Stages("processes", deployment, workplace=here, journals=here / "drills", scale=SCALE) as stages,
            stages.of(deployment) as theatre,
        ):
            yield theatre


def _say(what: str, parts: dict[str, float]) -> None:
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts.items())
    print(f"{what}: {told}", file=sys.stderr, flush=True)  # noqa: T201 - the parts are what explains the ratio
