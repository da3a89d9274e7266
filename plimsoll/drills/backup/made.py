"""Every backup of the runbook is made once by hand, while clients write, and looked at: here, off the host, in logs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.drills.backup.ages import belongs
from plimsoll.drills.host.acts import UNFINISHED, backup_acts, files_of, lines_of, log_of
from plimsoll.drills.host.operator import Operator
from plimsoll.drills.host.traces import Trace, home_of, traced
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.observations.artefacts import Schedules
from plimsoll.observations.drills import BackupsMade
from plimsoll.observations.drills.made import Made, Piece, Sent
from plimsoll.probes.backups import piece_of
from plimsoll.probes.schedules import scheduled

BUCKET = "BUCKET"
SHORTEST_SECRET = 6
TEXT_BYTES = 65_536


def make_backups(theatre: Theatre) -> BackupsMade:
    """All backups of the runbook, one after the other, by hand."""
    acts = backup_acts(theatre.deployment)
    recorder = theatre.recorder("backups made", "every backup is made once by hand, while clients write")
    runs = list[Made]()
    with rehearsed(theatre, recorder) as rehearsal:
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale)
        plans = scheduled(theatre.deployment, rehearsal.stack.artefacts)
        known = set(objects(rehearsal))
        with rehearsal.witness():
            for act in acts:
                with recorder.phase(act):
                    trace = traced(rehearsal.operator, rehearsal.operator.command(act))
                runs.append(_made(rehearsal, act, trace, plans))
        with recorder.phase("compare"):
            runs = _compared(rehearsal, runs, [each for each in objects(rehearsal) if each not in known])
    return BackupsMade(journal=recorder.journal(), seen_at=datetime.now(UTC), runs=tuple(runs))


def objects(rehearsal: Rehearsal) -> list[Sent]:
    """What is in the buckets."""
    settings = rehearsal.operator.settings
    buckets = dict.fromkeys(value for name, value in settings.items() if name.endswith(BUCKET) and value)
    return [
        Sent(bucket=bucket, key=key, bytes=size)
        for bucket in buckets
        for key, size in rehearsal.store.keys(bucket).items()
    ]


def _made(rehearsal: Rehearsal, act: str, trace: Trace, plans: Schedules) -> Made:
    operator = rehearsal.operator
    here = files_of(operator, act, trace)
    pieces = tuple(piece_of(path, shown=shown(operator, path)) for path in here)
    return Made(
        act=act,
        command=trace.done.command,
        code=trace.done.code,
        output=trace.done.output,
        seconds=trace.done.seconds,
        pieces=pieces,
        told=trace.told,
        log=next((log for line in lines_of(plans, trace.done.command) if (log := log_of(line))), ""),
        left=tuple(shown(operator, path) for path in _left(operator, trace, here)),
        spilled=tuple(_spilled(trace, pieces, here, rehearsal.stack.secrets)),
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
        beside = any(str(path).startswith(f"{file}.") for file in backups) and not UNFINISHED.search(path.name)
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


def _compared(rehearsal: Rehearsal, runs: Sequence[Made], sent: Sequence[Sent]) -> list[Made]:
    """The runs with what they sent, compared byte for byte with what lies here."""
    folder = home_of(rehearsal.operator) / "fetched"
    for bucket in dict.fromkeys(each.bucket for each in sent):
        wanted = [word for each in sent if each.bucket == bucket for word in ("--include", each.key)]
        there = (f"s3://{bucket}/", str(folder / bucket))
        rehearsal.store.call("s3", "cp", "--only-show-errors", "--recursive", *there, "--exclude", "*", *wanted)
    here = {piece.path: _checksum(rehearsal.operator.place(piece.path)) for run in runs for piece in run.pieces}
    found = [_likened(each, folder, here) for each in sent]
    return [replace(run, sent=tuple(each for each in found if _is_of(run, each))) for run in runs]


def _is_of(run: Made, sent: Sent) -> bool:
    """Whether the run has sent it: the same bytes, or the name, or the moment in the name."""
    paths = [Path(piece.path) for piece in run.pieces]
    return (
        sent.like in {piece.path for piece in run.pieces}
        if sent.like
        else belongs(sent, [*paths, *(p.parent for p in paths)])
    )


def _likened(sent: Sent, folder: Path, here: dict[str, str]) -> Sent:
    fetched = folder / sent.bucket / sent.key
    checksum = _checksum(fetched) if fetched.is_file() else "none"
    alike = [path for path, other in here.items() if other == checksum]
    named = [path for path in alike if path.rpartition("/")[2] == fetched.name]
    return replace(sent, like=next(iter([*named, *alike]), ""))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
