"""PostgreSQL's own files: settings it can read, doors that are guarded, an archive that fills, writes that last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Door, PostgresFiles, Setting
from plimsoll.rules.database.postgres_names import GONE, KNOWN, LATER
from plimsoll.rules.database.units import POSTGRES, parted
from plimsoll.shape import nearest

__all__ = ["postgres_archive_fills", "postgres_doors_guarded", "postgres_settings_known", "postgres_writes_last"]

INCLUDES = frozenset({"include", "include_dir", "include_if_exists"})
TIMES = frozenset({"us", "ms", "s", "min", "h", "d"})
BOOLEANS = frozenset(["on", "off", "true", "false", "yes", "no", "1", "0", "t", "f", "y", "n", "tr", "fa", "ye", "of"])
MEMORY = frozenset(POSTGRES) | {"BLCKSZ"}
EVERYBODY = frozenset({"all", "0.0.0.0/0", "::/0", "::0/0"})
LOOPBACK = re.compile(r"127\.|::1|localhost|samehost")
NEVER_ARCHIVES = re.compile(r"^\s*(/bin/)?(true|:|exit 0|echo\b.*|rem)\s*$")

LOSING: Mapping[str, str] = {
    "fsync": "a crash of the machine leaves a database that cannot be read",
    "full_page_writes": "a crash in the middle of a write leaves a torn page that nothing repairs",
}
"""Settings that are on unless somebody turns them off, and what that costs (manual, 20.5.1)."""


def postgres_settings_known(promise: Promise, postgres: PostgresFiles, *, files: str = "") -> Finding:
    """PostgreSQL starts with its file: every line is a setting it knows, with a value and a unit of its type."""
    stated = [setting for setting in postgres.settings if not files or setting.source.name == files]
    holes = [Hole(spot=each.spot, what=each.what, fix=each.fix) for each in postgres.oddities]
    holes += [hole for setting in stated for hole in _unknown(setting)]
    return promise.judged(
        sorted(holes, key=lambda hole: (hole.spot.file, hole.spot.line)),
        looked=[f"{setting.spot}: {setting.name}" for setting in stated],
        expected="settings that PostgreSQL knows",
        nothing="no file of PostgreSQL's settings is there",
    )


def _unknown(setting: Setting) -> Iterator[Hole]:
    name = setting.name
    if name in GONE:
        yield Hole(spot=setting.spot, what=f"PostgreSQL does not start: {name} is {GONE[name]}", fix=GONE[name])
    elif name in KNOWN:
        kind, unit = KNOWN[name]
        if why := _mistyped(setting.value, kind, unit):
            yield Hole(spot=setting.spot, what=f"{name}: {why}", fix=f"{name} = {_sample(kind, unit)}")
    elif "." not in name and name not in INCLUDES and name not in LATER and (near := nearest(name, KNOWN)):
        yield Hole(
            spot=setting.spot, what=f"PostgreSQL knows no setting {name!r}{near}", fix="the setting's right name"
        )


def _mistyped(value: str, kind: str, unit: str) -> str:
    """Why a value is none of that type, "" if it is; values that are made elsewhere (`${…}`) are let pass."""
    if "$" in value or "{" in value or kind in ("s", "e"):
        return ""
    if kind == "b":
        return "" if value.lower() in BOOLEANS else f"{value!r} is neither on nor off"
    parts = parted(value.lstrip("-"))
    if parts is None:
        return "" if re.fullmatch(r"-?[\d.]+(e-?\d+)?|0x[0-9a-fA-F]+", value) else f"{value!r} is no number"
    said = parts[1]
    units = TIMES if unit in TIMES else MEMORY if unit else frozenset[str]()
    if not said or said in units:
        return ""
    if not unit:
        return f"takes a number without a unit, not {said!r}"
    right = next((each for each in units if each.lower() == said.lower() or each.lower() == f"{said.lower()}b"), "")
    return f"{said!r} is no unit" + (f": PostgreSQL writes {right}, and case matters" if right else " of it")


def _sample(kind: str, unit: str) -> str:
    if kind == "b":
        return "on"
    return "30s" if unit in TIMES else "256MB" if unit else "100"


def postgres_doors_guarded(promise: Promise, postgres: PostgresFiles, *, files: str = "") -> Finding:
    """Nobody comes in over the network without proving who he is, by a method that keeps the password to himself."""
    holes = [hole for door in postgres.doors if not files or door.source.name == files for hole in _open(door)]
    for setting in postgres.settings:
        if setting.name == "password_encryption" and setting.value.lower() in ("md5", "on", "off"):
            what = f"password_encryption = {setting.value}: what is stored is as good as the password"
            holes.append(Hole(spot=setting.spot, what=what, fix="password_encryption = scram-sha-256"))
    settings = [s for s in postgres.settings if s.name in ("password_encryption", "listen_addresses", "ssl")]
    return promise.judged(
        holes,
        looked=[str(spot) for spot in (*(d.spot for d in postgres.doors), *(s.spot for s in settings))],
        expected="scram-sha-256, a certificate, or a refusal for whoever comes over the network",
        nothing="no file says who may log in to PostgreSQL",
    )


def _open(door: Door) -> Iterator[Hole]:
    if door.type == "local" or LOOPBACK.match(door.address) or door.method not in ("trust", "password", "md5", "ident"):
        return
    whom = "everybody" if door.address in EVERYBODY else door.address
    why = {
        "trust": f"{whom} is let in without a password",
        "password": "the password is sent as it is",
        "md5": "what is stored is as good as the password (and is no longer supported after PostgreSQL 18)",
        "ident": "the asking machine says who it is",
    }[door.method]
    yield Hole(spot=door.spot, what=f"{door.type} … {door.method}: {why}", fix="scram-sha-256")


def postgres_archive_fills(promise: Promise, postgres: PostgresFiles) -> Finding:
    """Where archive_mode promises an archive of the write-ahead log, all that it needs is set, and keeps files."""
    holes: list[Hole] = []
    looked: list[str] = []
    for source, settings in postgres.by_file():
        said = {setting.name: setting for setting in settings}
        mode, level = said.get("archive_mode"), said.get("wal_level")
        command = said.get("archive_command") or said.get("archive_library")
        archives = mode is not None and mode.value.lower() in ("on", "always", "true", "yes", "1")
        looked += [f"{setting.spot}: {setting.name}" for setting in (mode, level, command) if setting]
        senders = said.get("max_wal_senders")
        if level and level.value.lower() == "minimal" and (archives or (senders and senders.value not in ("0", ""))):
            other = mode if archives and mode else senders
            what = f"wal_level = minimal: PostgreSQL does not start with {other.name if other else ''} on"
            beside = (other.spot,) if other else ()
            holes.append(Hole(spot=level.spot, what=what, fix="wal_level = replica", beside=beside))
        if mode and archives and command is None and not source.fragment:
            what = "archive_mode is on and no archive_command says where to: the log piles up until the disk is full"
            holes.append(
                Hole(spot=mode.spot, what=what, fix="archive_command = 'test ! -f /archive/%f && cp %p /archive/%f'")
            )
        if archives and command and command.name == "archive_command":
            holes += _command(command)
    return promise.judged(
        holes,
        looked=looked,
        expected="an archive that every segment of the log reaches",
        nothing="no file of PostgreSQL's settings speaks of an archive",
    )


def _command(command: Setting) -> Iterator[Hole]:
    if NEVER_ARCHIVES.match(command.value):
        what = "archive_command always says that the segment is safe, and keeps none"
        yield Hole(spot=command.spot, what=what, fix="a command that copies %p, and fails when it cannot")
    elif re.search(r"\|\|\s*(true|:|exit 0)", command.value):
        what = "archive_command says that a segment is safe when copying it failed"
        yield Hole(spot=command.spot, what=what, fix="let it fail: PostgreSQL tries again")
    elif command.value and "%p" not in command.value and "%f" not in command.value:
        what = "archive_command names neither %p nor %f: it does not know which segment to keep"
        yield Hole(spot=command.spot, what=what, fix="copy %p to a place called %f")


def postgres_writes_last(promise: Promise, postgres: PostgresFiles) -> Finding:
    """What PostgreSQL calls written survives a crash of the machine: fsync and full_page_writes stay on."""
    told = [s for s in postgres.settings if s.name in LOSING]
    return promise.judged(
        [
            Hole(spot=s.spot, what=f"{s.name} is off: {LOSING[s.name]}", fix=f"{s.name} = on")
            for s in told
            if s.value.lower() in ("off", "false", "no", "0")
        ],
        looked=[f"{source.spot()}: {source.name}" for source, _ in postgres.by_file()],
        expected="fsync and full_page_writes on",
        nothing="no file of PostgreSQL's settings is for production",
    )
