"""Roles and rights as SQL files give them: no more than needed, none that do not arrive, no password in clear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Manifests, Purpose, SqlStatements, Statement
from plimsoll.rules.database.sql import (
    CREATES_DATABASE,
    CREATES_ROLE,
    GRANT,
    NAME,
    REVOKE,
    matches,
    names,
    plain,
    postgres_version,
    running,
)

__all__ = [
    "sql_grants_lasting",
    "sql_passwords_not_written",
    "sql_privileges_least",
    "sql_revocations_work",
    "sql_schema_open_to_its_owner",
]

PASSWORD = re.compile(r"\bpassword\s+(?P<value>[eE]?'(?:''|[^'])*')", re.IGNORECASE)
SCRAMBLED = re.compile(r"^'(SCRAM-SHA-256\$|md5[0-9a-f]{32})")
GAP = re.compile(r"^'\s*(\$\{|<|:|%|\{\{|__|@)")
DEFAULTS = re.compile(
    rf"^alter\s+default\s+privileges\b.*\bon\s+(?P<what>tables|sequences)\s+to\s+(?P<role>{NAME}(?:\s*,\s*{NAME})*)",
    re.IGNORECASE | re.DOTALL,
)
POWERS = re.compile(r"\b(?<!no)(superuser|bypassrls|createrole|replication)\b", re.IGNORECASE)
OWN_SCHEMA = 15
"""Since PostgreSQL 15 only a database's owner may create in its schema public (release notes, E.)."""


def sql_passwords_not_written(promise: Promise, sql: SqlStatements) -> Finding:
    """No SQL file for production states a role's password."""
    roles = list(matches(running(sql), CREATES_ROLE))
    holes = []
    for statement, match in roles:
        said = PASSWORD.search(statement.text)
        if said and not SCRAMBLED.match(said["value"]) and not GAP.match(said["value"]):
            what = f"the password of {plain(match['name'])} stands in the file, and in the server's log"
            fix = "psql's \\password, or a variable: PASSWORD :'app_password'"
            holes.append(Hole(spot=statement.spot_at(said.start()), what=what, fix=fix))
    return promise.judged(
        holes,
        looked=[f"{statement.spot}: {plain(match['name'])}" for statement, match in roles],
        expected="roles without a password in the file",
        nothing="no SQL file for production creates a role",
    )


def sql_privileges_least(promise: Promise, sql: SqlStatements) -> Finding:
    """No role gets what only an administrator needs, and PUBLIC, which is everybody, gets nothing to write."""
    statements = running(sql)
    holes, looked = [], []
    for statement, match in matches(statements, CREATES_ROLE):
        looked.append(f"{statement.spot}: {plain(match['name'])}")
        power = POWERS.search(match["rest"])
        replicates = (
            power and power[1].lower() == "replication" and re.search("repl|standby", match["name"], re.IGNORECASE)
        )
        if power and not replicates:
            what = f"{plain(match['name'])} is given {power[1].upper()}"
            fix = "leave it out: the application's role needs data, the migrations' role its own schema"
            holes.append(Hole(spot=statement.spot, what=what, fix=fix))
    owners = dict(_databases(list(statements)))
    for statement, match in matches(statements, GRANT):
        looked.append(f"{statement.spot}: {' '.join(statement.text.split())[:60]}")
        what, kind = match["what"].lower(), " ".join((match["kind"] or "").lower().split())
        if "public" in names(match["role"]) and re.search(r"\b(all|create|insert|update|delete|truncate)\b", what):
            said = f"PUBLIC, which is everybody who can log in, is granted {match['what'].upper()}"
            holes.append(Hole(spot=statement.spot, what=said, fix="name the role that needs it"))
        elif re.search(r"\ball\b", what) and kind == "database":
            said = f"{plain(match['role'])} is granted ALL on the database {plain(match['name'])}, more than to use it"
            holes.append(Hole(spot=statement.spot, what=said, fix=f"GRANT CONNECT ON DATABASE {plain(match['name'])}"))
        owned, owner = owners.get(plain(match["name"]), (statement, ""))
        if kind == "database" and what == "connect" and owner in names(match["role"]):
            said = f"{owner} is granted CONNECT on {plain(match['name'])} and owns it: it may do anything there"
            fix = "an owner that nobody logs in as: CREATE ROLE owner NOLOGIN"
            holes.append(Hole(spot=statement.spot, what=said, fix=fix, beside=(owned.spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="rights on data alone",
        nothing="no SQL file for production creates roles or grants rights",
    )


def sql_grants_lasting(promise: Promise, sql: SqlStatements) -> Finding:
    """What is granted on all tables of a schema is granted on those to come: ON ALL means those there are."""
    statements = running(sql)
    heirs = {
        (match["what"].lower(), role) for _, match in matches(statements, DEFAULTS) for role in names(match["role"])
    }
    holes, looked = [], []
    for statement, match in matches(statements, GRANT):
        kind = " ".join((match["kind"] or "").lower().split())
        if kind not in ("all tables in schema", "all sequences in schema"):
            continue
        looked.append(f"{statement.spot}: {' '.join(statement.text.split())[:60]}")
        what = kind.split()[1]
        for role in names(match["role"]):
            if (what, role) not in heirs:
                said = f"{role} gets rights on the {what} there are, and none on those that migrations create later"
                fix = f"ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA … GRANT … ON {what.upper()} TO {role}"
                holes.append(Hole(spot=statement.spot, what=said, fix=fix))
    return promise.judged(
        holes,
        looked=looked,
        expected="ALTER DEFAULT PRIVILEGES beside GRANT … ON ALL",
        nothing="no SQL file grants rights on all tables or sequences of a schema",
    )


def sql_revocations_work(promise: Promise, sql: SqlStatements) -> Finding:
    """What is taken from a role was given to it: rights that it has as one of PUBLIC stay until PUBLIC loses them."""
    statements = running(sql)
    given = {(plain(match["name"]), role) for _, match in matches(statements, GRANT) for role in names(match["role"])}
    taken = {plain(match["name"]) for _, match in matches(statements, REVOKE) if "public" in names(match["role"])}
    holes, looked = [], []
    for statement, match in matches(statements, REVOKE):
        kind, name = (match["kind"] or "").lower(), plain(match["name"])
        roles = [role for role in names(match["role"]) if role != "public"]
        if kind not in ("database", "schema") or not roles:
            continue
        looked.append(f"{statement.spot}: {' '.join(statement.text.split())[:60]}")
        if name not in taken and all((name, role) not in given for role in roles):
            said = f"{', '.join(roles)} was given nothing on {name}: what it may, it may as one of PUBLIC, and keeps"
            holes.append(Hole(spot=statement.spot, what=said, fix=f"REVOKE ALL ON {kind.upper()} {name} FROM PUBLIC"))
    return promise.judged(
        holes,
        looked=looked,
        expected="REVOKE … FROM PUBLIC where PUBLIC has the right",
        nothing="no SQL file takes rights on a database or a schema from a role",
    )


def sql_schema_open_to_its_owner(
    promise: Promise, sql: SqlStatements, compose: ComposeFiles | None, manifests: Manifests | None
) -> Finding:
    """A role that is given a database may create tables in it: since version 15 the schema public is the owner's."""
    version = postgres_version(compose, manifests)
    holes, looked = [], []
    for source, statements in sql.by_file():
        if source.purpose not in (Purpose.PRODUCTION, Purpose.STAGING):
            continue
        made = dict(_databases(list(statements)))
        for statement, match in matches(statements, GRANT):
            if not re.search(r"\ball\b", match["what"], re.IGNORECASE) or (match["kind"] or "").lower() != "database":
                continue
            name, role = plain(match["name"]), plain(match["role"])
            looked.append(f"{statement.spot}: {' '.join(statement.text.split())[:60]}")
            if name in made and role != made[name][1] and version >= OWN_SCHEMA and not _may_create(statements, role):
                said = (
                    f"{role} owns neither {name} nor its schema public: "
                    f"since PostgreSQL {OWN_SCHEMA} (here: {version}) it may create no table there"
                )
                fix = f"CREATE DATABASE {name} OWNER {role}"
                holes.append(Hole(spot=statement.spot, what=said, fix=fix, beside=(made[name][0].spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="an owner who may create tables",
        nothing="no SQL file gives a role a database",
    )


def _databases(statements: list[Statement]) -> Iterator[tuple[str, tuple[Statement, str]]]:
    """The databases that are created: by whom they are owned, "" for whoever runs the file."""
    for statement, match in matches(statements, CREATES_DATABASE):
        owner = re.search(rf"\bowner\s*=?\s*(?P<name>{NAME})", match["rest"], re.IGNORECASE)
        yield plain(match["name"]), (statement, plain(owner["name"]) if owner else "")


def _may_create(statements: tuple[Statement, ...], role: str) -> bool:
    for _, match in matches(statements, GRANT):
        if (match["kind"] or "").lower() == "schema" and role in names(match["role"]):
            return bool(re.search(r"\b(all|create)\b", match["what"], re.IGNORECASE))
    return any(re.search(rf"\bowner\s+to\s+{role}\b", s.bare, re.IGNORECASE) for s in statements)
