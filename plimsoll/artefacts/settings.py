"""postgresql.conf, pg_hba.conf and redis.conf, read as their servers read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import datetime

from plimsoll.observations.artefacts import Door, Kind, Oddity, PostgresFiles, RedisFiles, Setting, SourceFile

POSTGRES = re.compile(
    r"(?P<name>[A-Za-z_][\w.$]*)\s*(?:=|\s)\s*(?:'(?P<quoted>(?:''|\\.|[^'])*)'|(?P<bare>[^\s#']+))?\s*(?P<more>#.*)?"
)
"""One line of postgresql.conf: name, an equals sign or a space, a value; the rest is a comment (manual, 20.1.2)."""

REDIS = re.compile(r"(?P<name>[A-Za-z][\w-]*)(?:\s+(?P<value>.*))?")
HOST_FIELDS = 5
"""type, database, user, address, method; a line of type local has no address (manual, 21.1)."""

LOCAL_FIELDS = 4
MASKED_FIELDS = 6
MASK = re.compile(r"\d+(\.\d+){3}")


def postgres(sources: tuple[SourceFile, ...], seen_at: datetime) -> PostgresFiles:
    """What the files of PostgreSQL say."""
    configs = [source for source in sources if source.kind is Kind.POSTGRES]
    lines = [each for source in configs for each in _postgres(source)]
    return PostgresFiles(
        sources=sources,
        settings=tuple(each for each in lines if isinstance(each, Setting)),
        oddities=tuple(each for each in lines if isinstance(each, Oddity)),
        doors=tuple(door for source in sources if source.kind is Kind.POSTGRES_HBA for door in _doors(source)),
        seen_at=seen_at,
    )


def redis(sources: tuple[SourceFile, ...], seen_at: datetime) -> RedisFiles:
    """What the files of Redis say."""
    lines = [each for source in sources for each in _redis(source)]
    return RedisFiles(
        sources=sources,
        settings=tuple(each for each in lines if isinstance(each, Setting)),
        oddities=tuple(each for each in lines if isinstance(each, Oddity)),
        seen_at=seen_at,
    )


def _postgres(source: SourceFile) -> Iterator[Setting | Oddity]:
    for number, raw in enumerate(source.text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("--"):
            what = (
                "`--` begins a comment in SQL, not in postgresql.conf: PostgreSQL refuses to start with a syntax error"
            )
            yield Oddity(spot=source.spot(number), what=what, fix="begin the comment with #")
            continue
        match = POSTGRES.fullmatch(line)
        if match is None:
            semicolon = line.endswith(";")
            what = "a semicolon ends no line of postgresql.conf" if semicolon else "PostgreSQL cannot read this line"
            fix = "take the semicolon away" if semicolon else "name = value, with quotes around what is no simple word"
            yield Oddity(spot=source.spot(number), what=what, fix=fix)
            continue
        quoted = match["quoted"]
        value = quoted.replace("''", "'") if quoted is not None else (match["bare"] or "")
        if quoted is None and value.endswith(";"):
            what = "a semicolon ends no line of postgresql.conf: it becomes part of the value"
            yield Oddity(spot=source.spot(number), what=what, fix="take the semicolon away")
        yield Setting(
            name=match["name"].lower(),
            source=source,
            line=number,
            value=value,
            words=(value,),
            quoted=quoted is not None,
        )


def _doors(source: SourceFile) -> Iterator[Door]:
    for number, raw in enumerate(source.text.splitlines(), start=1):
        fields = raw.partition("#")[0].split()
        if len(fields) < LOCAL_FIELDS:
            continue
        local = fields[0] == "local"
        if not local and len(fields) >= MASKED_FIELDS and MASK.fullmatch(fields[4]):
            fields = [*fields[:4], *fields[5:]]
        if not local and len(fields) < HOST_FIELDS:
            continue
        address, method = ("", fields[3]) if local else (fields[3], fields[4])
        yield Door(
            source=source,
            line=number,
            type=fields[0].lower(),
            database=fields[1],
            user=fields[2],
            address=address,
            method=method.lower(),
        )


def _redis(source: SourceFile) -> Iterator[Setting | Oddity]:
    for number, raw in enumerate(source.text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = REDIS.fullmatch(line)
        try:
            words = tuple(shlex.split(match["value"] or "")) if match else ()
        except ValueError:
            match, words = None, ()
        if match is None:
            yield Oddity(
                spot=source.spot(number), what="Redis cannot read this line", fix="name, a space, then the value"
            )
            continue
        if "#" in words:
            what = "Redis knows no comment behind a value: the words after # are taken for arguments"
            yield Oddity(spot=source.spot(number), what=what, fix="put the comment on a line of its own")
        yield Setting(
            name=match["name"].lower(),
            source=source,
            line=number,
            value=(match["value"] or "").strip(),
            words=words,
        )
