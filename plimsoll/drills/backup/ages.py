"""Backups of made-up ages: named, dated and sent as real ones are, and as small as can be."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plimsoll.drills.host.acts import STAMP
from plimsoll.drills.stage.rehearsal import Rehearsal
from plimsoll.model import Deployment
from plimsoll.observations.drills.kept import HERE, THERE, Aged
from plimsoll.observations.drills.made import Sent

DAYS_SETTING = re.compile(r"DAYS$")
DAYS_PROMISED = ("days", "remote_days")
LONG_AGO = 400
"""Days: older than anything that anybody promises to keep."""

HOURS_PER_DAY = 24
MANIFEST_BYTES = 16_384
"""Of what lies beside a backup and says what it is."""

CONTENT = "a backup of a made-up age\n"
STRANGER, BEFORE, AFTER = "notes.txt", "before_", ".keep"
"""Names of what is no backup, and what makes a backup's name one that only looks like it."""


def boundaries(deployment: Deployment, rehearsal: Rehearsal) -> tuple[float, ...]:
    """The ages in days that are worth trying: an hour on either side of each promised or set limit, and of its day."""
    limits = {
        int(value)
        for name, value in rehearsal.operator.settings.items()
        if DAYS_SETTING.search(name) and value.isdecimal()
    }
    for promise in deployment.promises:
        found = (promise.parameters.get(name) for name in DAYS_PROMISED)
        limits |= {days for days in found if isinstance(days, int) and 0 < days < LONG_AGO}
    hours = {(limit + day) * HOURS_PER_DAY + hour for limit in limits for day in (-1, 0, 1) for hour in (-1, 1)}
    return tuple(sorted(hour / HOURS_PER_DAY for hour in (*hours, LONG_AGO * HOURS_PER_DAY) if hour > 0))


def renamed(name: str, moment: datetime) -> str:
    """The name with that moment for the one in it; "" where there is none in it."""
    found = STAMP.search(name)
    if not found or not _is_date(found["date"]):
        return ""
    date = f"{moment:%Y-%m-%d}" if "-" in found["date"] else f"{moment:%Y%m%d}"
    forms = {6: f"{moment:%H%M%S}", 8: f"{moment:%H-%M-%S}", 4: f"{moment:%H%M}", 0: ""}
    return name[: found.start()] + date + found["between"] + forms[len(found["time"] or "")] + name[found.end() :]


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text.replace("-", ""), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


@dataclass(slots=True, kw_only=True)
class Planted:
    """What was put among the backups of one act, here and off the host, by path or by bucket and name."""

    here: dict[Path, tuple[float, bool]] = field(default_factory=dict)
    there: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)

    def found(self, rehearsal: Rehearsal, kept: Iterable[Sent]) -> tuple[Aged, ...]:
        """What has become of it."""
        objects = {(each.bucket, each.key) for each in kept}
        root = rehearsal.operator.place("/")
        here = [
            Aged(name=f"/{path.relative_to(root)}", place=HERE, days=days, kept=path.exists(), own=own)
            for path, (days, own) in self.here.items()
        ]
        there = [
            Aged(name=f"s3://{key[0]}/{key[1]}", place=THERE, days=days, kept=key in objects, own=own)
            for key, (days, own) in self.there.items()
        ]
        return (*here, *there)


def planted(made: Sequence[Path], sent: Sequence[Sent], ages: Sequence[float]) -> Planted:
    """Backups of those ages beside what an act has made and sent, and strangers beside them."""
    found, now = Planted(), datetime.now(UTC)
    long_ago = now - timedelta(days=LONG_AGO)
    for path in made:
        for days in ages:
            for copy in _copies(path, now - timedelta(days=days)):
                found.here[copy] = (days, True)
        for stranger in _strangers(path.name, long_ago):
            _put(path.with_name(stranger), long_ago)
            found.here[path.with_name(stranger)] = (LONG_AGO, False)
    for each in sent:
        for days in ages:
            if key := renamed(each.key, now - timedelta(days=days)):
                found.there[(each.bucket, key)] = (days, True)
        for stranger in _strange_keys(each.key, long_ago):
            found.there[(each.bucket, stranger)] = (LONG_AGO, False)
    return found


def belongs(sent: Sent, made: Sequence[Path]) -> bool:
    """Whether an object is a copy of what was made, or lies beside one: by its name, or by the moment in it."""
    stamps = [found[0] for path in made if (found := STAMP.search(path.name))]
    return named(sent, made) or any(stamp in sent.key for stamp in stamps)


def named(sent: Sent, made: Sequence[Path]) -> bool:
    """Whether an object has the name of what was made, or begins with it."""
    return any(sent.key.rpartition("/")[2].startswith(path.name) for path in made)


def _copies(path: Path, moment: datetime) -> Iterator[Path]:
    """Something of that age under the name of what was made, and of what lies beside it under its name."""
    for beside in sorted(path.parent.glob(f"{path.name}*")):
        name = renamed(beside.name, moment)
        if not name:
            continue
        copy = beside.with_name(name)
        if beside.is_dir():
            for inner in beside.rglob("*"):
                if inner.is_file():
                    _put(copy / inner.relative_to(beside), moment, like=inner)
            _age(copy, moment)
        else:
            _put(copy, moment, like=beside)
        yield copy


def _strangers(name: str, moment: datetime) -> tuple[str, ...]:
    alike = renamed(name, moment)
    return (STRANGER, *((f"{BEFORE}{alike}", f"{alike}{AFTER}") if alike else ()))


def _strange_keys(key: str, moment: datetime) -> Iterator[str]:
    """Names in the bucket beside those of backups: the part with the date is what is strange."""
    parts = key.split("/")
    dated = next((number for number, part in enumerate(parts) if renamed(part, moment)), None)
    if dated is None:
        return
    before, after = parts[:dated], parts[dated + 1 :]
    yield "/".join((*before, STRANGER))
    yield "/".join((*before, f"{BEFORE}{renamed(parts[dated], moment)}", *after))


def _put(path: Path, moment: datetime, *, like: Path | None = None) -> None:
    """The file is there. A manifest says what a real one says, as scripts read it; backups themselves are small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if like is not None and like.stat().st_size <= MANIFEST_BYTES:
        shutil.copyfile(like, path)
    else:
        path.write_text(CONTENT, encoding="utf-8")
    _age(path, moment)


def _age(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def send(rehearsal: Rehearsal, among: Iterable[Planted]) -> None:
    """What is planted off the host is there. One call for each bucket: a client takes most of a second to start."""
    folder = rehearsal.operator.place("/").parent / "planted"
    for bucket, keys in _by_bucket(among).items():
        for key in keys:
            file = folder / bucket / key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(CONTENT, encoding="utf-8")
        there = (str(folder / bucket), f"s3://{bucket}/")
        rehearsal.store.call("s3", "cp", "--only-show-errors", "--recursive", *there)
        shutil.rmtree(folder / bucket)


def swept(rehearsal: Rehearsal, among: Iterable[Planted]) -> None:
    """Nothing of what was planted is left."""
    planted_here = list(among)
    for path in (path for each in planted_here for path in each.here):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for bucket, keys in _by_bucket(planted_here).items():
        rehearsal.store.drop(bucket, *keys)


def _by_bucket(among: Iterable[Planted]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for bucket, key in (name for each in among for name in each.there):
        found.setdefault(bucket, []).append(key)
    return found
