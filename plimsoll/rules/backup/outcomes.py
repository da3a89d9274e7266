"""Whether backups that were made by hand are what they should be: there, whole, compressed, private, and alone."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import Literal

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills.made import CUSTOM, EMPTY, SNAPSHOT, SQL, TAR, BackupsMade, Made, Piece
from plimsoll.rules.backup.runs import Flaw, failure_of, judged_runs, story

__all__ = [
    "backup_act_works",
    "backup_compressed",
    "backup_holds",
    "backup_lands_in",
    "backup_leaves_nothing_else",
    "backup_private",
    "dumps_whole",
]

OTHERS = 0o077
"""What group and others may do (chmod(1))."""

SHOWN = 5
LARGE = (SQL, CUSTOM, SNAPSHOT, TAR)
"""What grows with the data; beside it lie manifests of a few lines."""


def backup_act_works(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """A backup run by hand ends well and leaves a backup; `acts` are those of the runbook, all where none is named."""
    expected = f"{', '.join(acts) or 'every backup'} works when run by hand"
    runs = [run for run in seen.runs if not acts or run.act in acts]
    missing = [act for act in acts if seen.of(act) is None]
    if missing or not runs:
        why = seen.trouble or f"the runbook does not say how to {missing[0] if missing else 'back up anything'}"
        return promise.unknown(why, expected=expected)
    failed = [run for run in runs if not run.works]
    evidence = [story(run) for run in runs]
    if failed:
        return promise.broken(
            expected=expected,
            actual=f"{len(failed)} of {len(runs)} do not",
            message=failure_of(failed[0]),
            hint="run it by hand on the host and read what it says",
            evidence=evidence,
        )
    actual = "; ".join(f"{run.act} after {run.seconds:.1f} s" for run in runs)
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def backup_holds(
    promise: Promise, seen: BackupsMade, *, act: str, members: tuple[str, ...], lacks: tuple[str, ...] = ()
) -> Finding:
    """A backup has these parts: files of it, tables of its dump, or members of its archives (patterns, as of a shell).

    A pattern for members may say of which archive they are: `config.tar.gz:*/nginx.conf`. What `lacks` names is not in
    it: logs that are too old, or secrets.
    """

    def flaws(run: Made) -> Iterator[Flaw]:
        for pattern in members:
            if not any(_holds(piece, pattern) for piece in run.pieces):
                there = sorted({name for piece in run.pieces for name in (piece.name, *piece.members)})
                what = f"holds no {pattern}; it has {', '.join(there[:SHOWN])}{', …' if len(there) > SHOWN else ''}"
                yield Flaw(run=run, what=what, fix=f"what {pattern} stands for belongs into the backup")
        for pattern in lacks:
            if any(_holds(piece, pattern) for piece in run.pieces):
                yield Flaw(run=run, what=f"holds {pattern}, which it should not", fix="leave it out")
        for piece in run.pieces:
            if piece.form == EMPTY or piece.trouble:
                yield Flaw(
                    run=run, what=f"{piece.name} {piece.trouble or 'is empty'}", fix="check it before it is kept"
                )

    return judged_runs(
        promise,
        seen,
        (act,),
        flaws,
        expected=f"{act} holds {', '.join(members)}" + ("" if not lacks else f", and not {', '.join(lacks)}"),
        says=lambda run: f"{len(run.pieces)} files, {sum(len(p.members) for p in run.pieces)} members",
    )


def _holds(piece: Piece, pattern: str) -> bool:
    archive, colon, inner = pattern.partition(":")
    names = [member.removeprefix("./").rstrip("/") for member in piece.members]
    if colon:
        return fnmatch.fnmatchcase(piece.name, archive) and any(fnmatch.fnmatchcase(name, inner) for name in names)
    tables = piece.dump.tables if piece.dump else ()
    return any(fnmatch.fnmatchcase(name, pattern) for name in (piece.name, *names, *tables))


def backup_compressed(
    promise: Promise,
    seen: BackupsMade,
    *,
    acts: tuple[str, ...] = (),
    packed: tuple[Literal["gzip", "zstd", "lz4", "xz", "bzip2"], ...] = (),
) -> Finding:
    """Dumps and archives are compressed, by what is in them and not by their name; PostgreSQL's own format is, too.

    `packed` are the compressions that will do, any where none is named.
    """

    def flaws(run: Made) -> Iterator[Flaw]:
        for piece in run.pieces:
            if not piece.packed and (piece.form not in LARGE or (piece.form == CUSTOM and not packed)):
                continue
            if not piece.packed:
                yield Flaw(
                    run=run,
                    what=f"{piece.name} is not compressed, it is {piece.form or 'something else'}",
                    fix="| gzip",
                )
            elif packed and piece.packed not in packed:
                yield Flaw(
                    run=run, what=f"{piece.name} is {piece.packed}, not {' or '.join(packed)}", fix=f"| {packed[0]}"
                )

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected=f"backups that are {' or '.join(packed) or 'compressed'}",
        says=lambda run: f"{run.act}: " + ", ".join(sorted({piece.packed or piece.form for piece in run.pieces})),
        applies=lambda run: bool(acts) or any(piece.packed or piece.form in (SQL, CUSTOM) for piece in run.pieces),
    )


def backup_lands_in(
    promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...], folder: str, bucket: str = ""
) -> Finding:
    """Backups are left in this folder of the host, or below it; and in the bucket, where one is named."""

    def flaws(run: Made) -> Iterator[Flaw]:
        for piece in run.pieces:
            if not piece.path.startswith(f"{folder.rstrip('/')}/"):
                yield Flaw(run=run, what=f"left {piece.path}, which is not in {folder}", fix=f"keep it in {folder}")
            elif bucket and not any(sent.bucket == bucket and sent.like == piece.path for sent in run.sent):
                what = f"left {piece.path}, and no copy of it in s3://{bucket}"
                yield Flaw(run=run, what=what, fix=f"aws s3 cp FILE s3://{bucket}/…")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected=f"backups in {folder}{f' and in s3://{bucket}' if bucket else ''}",
        says=lambda run: run.pieces[0].path,
    )


def backup_private(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """Nobody but its owner can read a backup: it holds all that the database guards."""

    def flaws(run: Made) -> Iterator[Flaw]:
        for piece in run.pieces:
            if piece.mode & OTHERS:
                what = f"others may read {piece.name}: its mode is {piece.mode:04o}"
                yield Flaw(run=run, what=what, fix="umask 077 at the script's beginning")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected="backups that only their owner can read",
        says=lambda run: f"{run.act}: " + ", ".join(sorted({f"{piece.mode:04o}" for piece in run.pieces})),
    )


def backup_leaves_nothing_else(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """A backup that is done leaves nothing but itself: no half files, no scratch, no locks that keep the next out."""

    def flaws(run: Made) -> Iterator[Flaw]:
        for path in run.left:
            yield Flaw(run=run, what=f"left {path} behind", fix="a trap on EXIT that removes what is not finished")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected="nothing left but the backup",
        says=lambda run: f"{run.act}: {len(run.pieces)} files, at most {run.peak_bytes} bytes meanwhile",
    )


def dumps_whole(promise: Promise, seen: BackupsMade, *, acts: tuple[str, ...] = ()) -> Finding:
    """A dump has its end, names the server that it is of, and holds tables."""

    def flaws(run: Made) -> Iterator[Flaw]:
        for piece in run.pieces:
            if piece.form not in (SQL, CUSTOM, SNAPSHOT, EMPTY):
                continue
            if piece.form == EMPTY:
                yield Flaw(run=run, what=f"{piece.name} is empty", fix="set -o pipefail, and check what was written")
            elif piece.trouble:
                yield Flaw(run=run, what=f"{piece.name} {piece.trouble}", fix="check it before it gets its name")
            elif piece.dump is not None and not piece.dump.whole:
                yield Flaw(run=run, what=f"{piece.name} breaks off: it has no end", fix="set -o pipefail, and check it")
            elif piece.dump is not None and not piece.dump.tables:
                what = f"{piece.name} holds no table: it is of another database, or of nothing"
                yield Flaw(run=run, what=what, fix="pg_dump --dbname the database that the application uses")

    return judged_runs(
        promise,
        seen,
        acts,
        flaws,
        expected="dumps that are whole",
        says=_dump_said,
        applies=lambda run: any(piece.form in (SQL, CUSTOM, SNAPSHOT, EMPTY) for piece in run.pieces),
    )


def _dump_said(run: Made) -> str:
    dumps = [piece.dump for piece in run.pieces if piece.dump is not None]
    return f"{run.act}: " + (", ".join(f"{len(d.tables)} tables of {d.server}" for d in dumps) or "a snapshot")
