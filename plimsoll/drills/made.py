"""Every backup of the runbook is made once by hand, while clients write, and looked at: here, off the host, in logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.operator import Operator, operating
from plimsoll.drills.seed import seed
from plimsoll.drills.stage import Theatre
from plimsoll.drills.traces import Trace, home_of, traced
from plimsoll.drills.witness import Witness
from plimsoll.errors import NothingOfTheKind
from plimsoll.model import ACTS, Deployment
from plimsoll.observations.artefacts import CronLine, Schedules
from plimsoll.observations.drills import BackupsMade
from plimsoll.observations.drills.made import Made, Piece, Sent
from plimsoll.probes.backups import piece_of
from plimsoll.probes.schedules import scheduled

BACKUP = "backup-"
"""What the names of acts begin with that make backups."""

BUCKET = "BUCKET"
REDIRECTED = re.compile(r"(?<![\d&])>>?\s*(?P<file>/[^\s;&|]+)")
JOURNAL = "the journal"
"""Where systemd keeps what a service says (systemd.exec(5), StandardOutput)."""

SHORTEST_SECRET = 6
TEXT_BYTES = 65_536


def make_backups(theatre: Theatre) -> BackupsMade:
    """All backups of the runbook, one after the other, by hand."""
    recorder = theatre.recorder("backups made", "every backup is made once by hand while clients write")
    acts = backup_acts(theatre.deployment)
    runs: list[Made] = []
    with theatre.stack() as stack:
        recorder.medium = stack.medium
        seed(stack, theatre.deployment, scale=theatre.scale, uploads=True)
        plans = scheduled(theatre.deployment, stack.artefacts)
        with operating(theatre.deployment, stack, recorder) as operator:
            kept = _kept(operator)
            with Witness(stack, theatre.deployment, recorder):
                for act in acts:
                    trace = traced(operator, operator.command(act))
                    here = pieces_of(operator, act, trace)
                    sent = tuple(key for key in _kept(operator) if key not in kept)
                    kept = (*kept, *sent)
                    runs.append(_made(operator, act, trace, here, sent, plans, stack.secrets))
            runs = _compared(operator, runs)
    return BackupsMade(journal=recorder.journal(), seen_at=datetime.now(UTC), runs=tuple(runs))


def backup_acts(deployment: Deployment) -> tuple[str, ...]:
    """The acts of the runbook that make backups. Raises NothingOfTheKind where there are none."""
    runbook = deployment.recovery.runbook if deployment.recovery else {}
    acts = tuple(act for act in ACTS if act.startswith(BACKUP) and act in runbook)
    if not acts:
        raise NothingOfTheKind("the runbook does not say how to back up anything", hint="[recovery.runbook]")
    return acts


def pieces_of(operator: Operator, act: str, trace: Trace) -> tuple[Path, ...]:
    """The files of the backups that the act has left this time."""
    try:
        made = [path for path in operator.made(act) if _new(path, trace)]
    except NothingOfTheKind:
        return ()
    return tuple(file for path in made for file in (sorted(path.rglob("*")) if path.is_dir() else [path]) if file.is_file())


def _new(path: Path, trace: Trace) -> bool:
    return path in trace.new or any(path in new.parents for new in trace.new)


def log_of(line: CronLine) -> str:
    """The file that what a scheduled command says goes into; "" where nothing keeps it."""
    found = REDIRECTED.search(line.command)
    return found["file"] if found else JOURNAL if line.timer else ""


def lines_of(plans: Schedules, command: str) -> tuple[CronLine, ...]:
    """The lines that run the script of a command."""
    script = command.split()[0].rpartition("/")[2]
    return tuple(line for line in plans.lines if any(w.rpartition("/")[2] == script for w in line.command.split()))


def _kept(operator: Operator) -> tuple[tuple[str, str, int], ...]:
    """What is in the buckets: bucket, name, bytes."""
    store = operator.store
    if store is None:
        return ()
    buckets = dict.fromkeys(value for name, value in operator.settings.items() if name.endswith(BUCKET) and value)
    return tuple((bucket, key, size) for bucket in buckets for key, size in store.keys(bucket).items())


def _made(
    operator: Operator,
    act: str,
    trace: Trace,
    here: Sequence[Path],
    sent: Sequence[tuple[str, str, int]],
    plans: Schedules,
    secrets: Sequence[str],
) -> Made:
    pieces = tuple(piece_of(path, shown=shown(operator, path)) for path in here)
    return Made(
        act=act,
        command=trace.done.command,
        code=trace.done.code,
        output=trace.done.output,
        seconds=trace.done.seconds,
        pieces=pieces,
        sent=tuple(Sent(bucket=bucket, key=key, bytes=size) for bucket, key, size in sent),
        told=trace.told,
        log=next((log for line in lines_of(plans, trace.done.command) if (log := log_of(line))), ""),
        left=tuple(shown(operator, path) for path in _left(operator, trace, here)),
        spilled=tuple(_spilled(trace, pieces, here, secrets)),
        peak_bytes=trace.peak_bytes,
    )


def shown(operator: Operator, path: Path) -> str:
    """The path as it is on the host."""
    root = operator.place("/")
    return f"/{path.relative_to(root)}" if path.is_relative_to(root) else f"~/{path.relative_to(home_of(operator))}"


def _left(operator: Operator, trace: Trace, here: Sequence[Path]) -> Iterator[Path]:
    """What is new and neither a backup, nor beside one under its name, nor a lock, nor a log."""
    locks = Path(operator.settings.get("LOCK_DIR", "/run/lock"))
    backups = {folder for file in here for folder in (file, *file.parents)}
    named = {Path(value) for value in operator.settings.values() if value.startswith("/")}
    for path in trace.new:
        beside = any(str(path).startswith(f"{file}.") for file in backups) and not path.name.endswith(".partial")
        if path in backups or beside or path in named or locks in path.parents or path.suffix == ".log":
            continue
        if path.is_dir() and any(new in named and path in new.parents for new in trace.new):
            continue
        yield path


def _spilled(trace: Trace, pieces: Sequence[Piece], here: Sequence[Path], secrets: Sequence[str]) -> Iterator[str]:
    """The places in which one of the secrets stands and should not."""
    hidden = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def tells(text: str) -> bool:
        return any(secret in text for secret in hidden)

    if tells(trace.raw):
        yield "what the backup says"
    if any(tells(letter) for letter in trace.told):
        yield "the announcement"
    for piece in pieces:
        if any(tells(name) for name in (piece.path, *piece.members)):
            yield f"the names in {piece.name}"
    for path in trace.new:
        if path.is_file() and path not in here and tells(_text(path)):
            yield f"{path.name}, which lies beside the backup"


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(TEXT_BYTES).decode("utf-8", errors="replace")


def _compared(operator: Operator, runs: Sequence[Made]) -> list[Made]:
    """The runs with what was sent compared, byte by byte, with what lies here."""
    raise NotImplementedError
