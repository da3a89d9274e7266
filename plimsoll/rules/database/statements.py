"""Statements of SQL files: that they do what they say, on what is there, in the PostgreSQL that runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Manifests, PostgresFiles, SqlStatements, Statement
from plimsoll.rules.database.sql import CREATES_TABLE, NAME, matches, plain, postgres_version, running

__all__ = [
    "sql_catalogues_untouched",
    "sql_extensions_ready",
    "sql_indexes_built_apart",
    "sql_names_current",
    "sql_tables_exist",
]

NEVER = 0
"""The first version without a column that there was in none."""

RENAMED: Sequence[tuple[str, str, str, int]] = (
    ("pg_stat_statements", r"(?<!exec_)(?<!plan_)\btotal_time\b", "total_exec_time", 13),
    ("pg_stat_statements", r"\bmean_time\b", "mean_exec_time", 13),
    ("pg_stat_statements", r"\bmin_time\b", "min_exec_time", 13),
    ("pg_stat_statements", r"\bmax_time\b", "max_exec_time", 13),
    ("pg_stat_statements", r"\bstddev_time\b", "stddev_exec_time", 13),
    ("pg_stat_statements", r"\bblk_read_time\b", "shared_blk_read_time", 17),
    ("pg_stat_statements", r"\bblk_write_time\b", "shared_blk_write_time", 17),
    ("pg_stat_bgwriter", r"\bcheckpoints_timed\b", "pg_stat_checkpointer.num_timed", 17),
    ("pg_stat_bgwriter", r"\bcheckpoints_req\b", "pg_stat_checkpointer.num_requested", 17),
    ("pg_stat_bgwriter", r"\bbuffers_checkpoint\b", "pg_stat_checkpointer.buffers_written", 17),
    ("pg_stat_bgwriter", r"\bbuffers_backend\b", "pg_stat_io", 17),
    ("pg_stat_activity", r"\bwaiting\b", "wait_event_type", 10),
    ("pg_stat_activity", r"\bprocpid\b", "pid", 10),
    ("pg_stat_activity", r"\bcurrent_query\b", "query", 10),
    ("pg_stat_replication", r"\b(sent|write|flush|replay)_location\b", "…_lsn", 10),
    ("", r"\bpg_(current|last|switch)_xlog\w*\b", "pg_…_wal…", 10),
    ("", r"\bpg_xlogfile_name\b", "pg_walfile_name", 10),
    ("", r"\bpg_xlog_location_diff\b", "pg_wal_lsn_diff", 10),
    ("", r"\bpg_is_xlog_replay_paused\b", "pg_is_wal_replay_paused", 10),
    ("", r"\bpg_start_backup\b", "pg_backup_start", 15),
    ("", r"\bpg_stop_backup\b", "pg_backup_stop", 15),
    ("pg_stat_user_indexes", r"\btablename\b", "relname", NEVER),
    ("pg_stat_user_indexes", r"\bindexname\b", "indexrelname", NEVER),
    ("pg_stat_user_tables", r"\btablename\b", "relname", NEVER),
    ("pg_stat_activity", r"\bdbname\b", "datname", NEVER),
)
"""View, column or function as it was, as it is, and the first major version since (release notes, appendix E)."""

OLDEST_SUPPORTED = 14
"""The oldest major version that gets fixes (postgresql.org/support/versioning, November 2026)."""

FUNCTIONS: Mapping[str, str] = {
    r"\buuid_generate_v[1-5]\w*\s*\(": "uuid-ossp",
    r"\b(crypt|gen_salt|pgp_sym_encrypt|pgp_sym_decrypt|gen_random_bytes|hmac)\s*\(": "pgcrypto",
    r"\bgin_trgm_ops\b|\bgist_trgm_ops\b|\bsimilarity\s*\(": "pg_trgm",
}
"""What an extension brings along, by which it shows that it is needed."""

PRELOADED = frozenset({"pg_stat_statements", "pg_cron", "auto_explain", "timescaledb", "pgaudit"})
"""Extensions that work only where shared_preload_libraries names them."""

CREATES_EXTENSION = re.compile(
    rf"^create\s+extension\s+(?:if\s+not\s+exists\s+)?(?P<name>\"[^\"]+\"|{NAME})", re.IGNORECASE
)
INDEX = re.compile(
    rf"^create\s+(?:unique\s+)?index\s+(?P<apart>concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:{NAME}\s+)?on\s+(?:only\s+)?(?P<table>{NAME})",
    re.IGNORECASE,
)
ON_TABLES = re.compile(
    rf"^(?:(?:grant|revoke)\s+[\w\s,()]+?\s+on\s+(?:table\s+)?(?P<granted>{NAME})\s+(?:to|from)\b"
    rf"|alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<altered>{NAME})"
    rf"|(?:vacuum|analyze)\s+(?:\([^)]*\)\s*|analyze\s+)?(?P<looked>{NAME})\s*$)",
    re.IGNORECASE,
)
KINDS = frozenset(["database", "schema", "all", "function", "sequence", "type", "language"])
TRANSACTION = re.compile(r"^(begin|start\s+transaction)\b", re.IGNORECASE)
END = re.compile(r"^(commit|end|rollback|abort)\b", re.IGNORECASE)
APART = re.compile(
    r"^(create\s+(unique\s+)?index|drop\s+index|reindex\b.*)\s+concurrently\b|^create\s+database\b|^vacuum\b",
    re.IGNORECASE,
)
CATALOGUE = re.compile(
    r"^(?P<verb>update|insert\s+into|delete\s+from)\s+(?:only\s+)?(?:pg_catalog\.)?(?P<name>pg_\w+)", re.IGNORECASE
)


def sql_names_current(
    promise: Promise, sql: SqlStatements, compose: ComposeFiles | None, manifests: Manifests | None
) -> Finding:
    """Statements name views, columns and functions as the PostgreSQL that runs them calls them.

    The version is that of the image; where none is named, the oldest that is still supported.
    """
    version = postgres_version(compose, manifests)
    least = version or OLDEST_SUPPORTED
    said = f"PostgreSQL {version}" if version else "every PostgreSQL that is still supported"
    asked = [s for s in sql.statements if re.search(r"\bpg_\w+", s.bare)]
    holes = []
    for statement in asked:
        for view, old, new, since in RENAMED:
            found = re.search(old, statement.bare, re.IGNORECASE)
            if found and since <= least and (not view or re.search(rf"\b{view}\b", statement.bare, re.IGNORECASE)):
                where = f"{view} has no {found[0]}" if view else f"there is no {found[0]}"
                when = f" since PostgreSQL {since}" if since else ""
                what = f"{where}{when}: {said} refuses the statement"
                holes.append(Hole(spot=statement.spot_at(found.start()), what=what, fix=f"{new}"))
    return promise.judged(
        sorted(holes, key=lambda hole: (hole.spot.file, hole.spot.line)),
        looked=[f"{s.spot}: {' '.join(s.text.split())[:60]}" for s in asked],
        expected=f"names that {said} knows",
        nothing="no statement asks PostgreSQL about itself",
    )


def sql_tables_exist(promise: Promise, sql: SqlStatements) -> Finding:
    """Indexes, grants and changes are of tables that some SQL file creates.

    Where no file creates any table, migrations that are not here do, and nothing can be said.
    """
    created = {plain(match["name"]) for _, match in matches(sql.statements, CREATES_TABLE)}
    holes, looked = [], []
    for statement, table in _needed(running(sql)) if created else ():
        looked.append(f"{statement.spot}: {table}")
        if plain(table) not in created and not plain(table).startswith("pg_"):
            what = f"nothing creates a table {plain(table)}; there are {', '.join(sorted(created)[:5])}"
            holes.append(Hole(spot=statement.spot, what=what, fix="the name of a table that is created before"))
    return promise.judged(
        holes,
        looked=looked,
        expected="tables that are created",
        nothing="no SQL file creates tables and uses them",
    )


def _needed(statements: Sequence[Statement]) -> Iterator[tuple[Statement, str]]:
    for statement, match in matches(statements, INDEX):
        yield statement, match["table"]
    for statement, match in matches(statements, ON_TABLES):
        name = match["granted"] or match["altered"] or match["looked"]
        if plain(name) not in KINDS:
            yield statement, name


def sql_indexes_built_apart(promise: Promise, sql: SqlStatements) -> Finding:
    """What cannot run inside a transaction (CREATE INDEX CONCURRENTLY, VACUUM) stands in none."""
    holes, looked = [], []
    for _, statements in sql.by_file():
        opened: Statement | None = None
        for statement in statements:
            if TRANSACTION.search(statement.bare):
                opened = statement
            elif END.search(statement.bare):
                opened = None
            elif APART.search(statement.bare):
                looked.append(f"{statement.spot}: {' '.join(statement.text.split())[:60]}")
                if opened:
                    verb = " ".join(statement.text.split()[:3])
                    what = f"{verb} cannot run inside a transaction: PostgreSQL refuses it"
                    fix = "end the transaction before it, or leave out CONCURRENTLY"
                    holes.append(Hole(spot=statement.spot, what=what, fix=fix, beside=(opened.spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="statements that need to be alone outside transactions",
        nothing="no statement needs to stand outside a transaction",
    )


def sql_extensions_ready(promise: Promise, sql: SqlStatements, postgres: PostgresFiles | None) -> Finding:
    """Extensions that statements use are created, and loaded at the start where they have to be."""
    created = {
        plain(match["name"].strip()): statement for statement, match in matches(sql.statements, CREATES_EXTENSION)
    }
    holes, looked = [], [f"{statement.spot}: {name}" for name, statement in created.items()]
    for statement in running(sql):
        for pattern, extension in FUNCTIONS.items():
            found = re.search(pattern, statement.bare, re.IGNORECASE)
            if found and created and extension not in created and not CREATES_EXTENSION.search(statement.bare):
                what = f"{found[0].strip('( ')} is of the extension {extension}, which nothing creates"
                fix = f'CREATE EXTENSION IF NOT EXISTS "{extension}"'
                beside = (next(iter(created.values())).spot,)
                holes.append(Hole(spot=statement.spot_at(found.start()), what=what, fix=fix, beside=beside))
    whole = [(s, said) for s, said in postgres.by_file() if not s.fragment and said] if postgres else []
    for name in created.keys() & PRELOADED:
        for source, settings in whole:
            loaded = [setting for setting in settings if setting.name == "shared_preload_libraries"]
            if not any(re.search(rf"\b{name}\b", setting.value) for setting in loaded):
                where = loaded[0].spot if loaded else source.spot()
                what = f"{name} works only where shared_preload_libraries names it, and {source.name} does not"
                fix = f"shared_preload_libraries = '{name}'"
                holes.append(Hole(spot=where, what=what, fix=fix, beside=(created[name].spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="extensions that are created, and loaded",
        nothing="no SQL file creates an extension",
    )


def sql_catalogues_untouched(promise: Promise, sql: SqlStatements) -> Finding:
    """Nothing writes PostgreSQL's own catalogues: that needs a superuser, and a slip makes the database unreadable."""
    statements = running(sql)
    return promise.judged(
        [
            Hole(
                spot=statement.spot,
                what=f"{match['verb'].split()[0].upper()} of the catalogue {match['name']} by hand",
                fix="ANALYZE keeps the statistics; ALTER and DROP change the rest",
            )
            for statement, match in matches(statements, CATALOGUE)
        ],
        looked=[f"{source.spot()}: {source.name}" for source in dict.fromkeys(s.source for s in statements)],
        expected="catalogues that PostgreSQL alone writes",
        nothing="no SQL file is for production",
    )
