"""Words of SQL: the names that statements create, and those they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plimsoll.observations.artefacts import ComposeFiles, Manifests, Purpose, SqlStatements, Statement

NAME = r"(?:\"[^\"]+\"|[A-Za-z_][\w$]*)(?:\.(?:\"[^\"]+\"|[A-Za-z_][\w$]*))?"
CREATES_TABLE = re.compile(
    rf"^create\s+(?:(?:global|local)\s+)?(?:(?:temp|temporary|unlogged)\s+)?(?:table|view|materialized\s+view|foreign\s+table)"
    rf"\s+(?:if\s+not\s+exists\s+)?(?P<name>{NAME})",
    re.IGNORECASE,
)
CREATES_ROLE = re.compile(
    rf"^(?:create|alter)\s+(?:user|role)\s+(?P<name>{NAME})(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
CREATES_DATABASE = re.compile(rf"^create\s+database\s+(?P<name>{NAME})(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
GRANT = re.compile(
    r"^grant\s+(?P<what>.+?)\s+on\s+(?P<kind>all\s+\w+\s+in\s+schema|database|schema|table|sequence|function)?\s*"
    rf"(?P<name>{NAME}(?:\s*,\s*{NAME})*)\s+to\s+(?P<role>{NAME}(?:\s*,\s*{NAME})*)",
    re.IGNORECASE | re.DOTALL,
)
REVOKE = re.compile(
    r"^revoke\s+(?P<what>.+?)\s+on\s+(?P<kind>all\s+\w+\s+in\s+schema|database|schema|table|sequence|function)?\s*"
    rf"(?P<name>{NAME}(?:\s*,\s*{NAME})*)\s+from\s+(?P<role>{NAME}(?:\s*,\s*{NAME})*)",
    re.IGNORECASE | re.DOTALL,
)
VERSION = re.compile(r"(?:^|/)postgres(?:ql)?:(\d{1,2})(?:[.\-@]|$)")


def plain(name: str) -> str:
    """A name as the catalogue has it: without quotes and schema, folded to lower case unless it was quoted."""
    last = name.strip().rpartition(".")[2]
    return last.strip('"') if last.startswith('"') else last.lower()


def names(text: str) -> tuple[str, ...]:
    """The names of a list."""
    return tuple(plain(each) for each in text.split(","))


def running(sql: SqlStatements) -> tuple[Statement, ...]:
    """The statements of files that are for production or staging."""
    return tuple(s for s in sql.statements if s.source.purpose in (Purpose.PRODUCTION, Purpose.STAGING))


def matches(statements: Sequence[Statement], pattern: re.Pattern[str]) -> Iterator[tuple[Statement, re.Match[str]]]:
    """The statements that a pattern fits, without the contents of their strings."""
    for statement in statements:
        if match := pattern.search(statement.bare):
            yield statement, match


def postgres_version(compose: ComposeFiles | None, manifests: Manifests | None) -> int:
    """The major version of PostgreSQL that an image names; 0 if none does."""
    documents = (*(compose.documents if compose else ()), *(manifests.documents if manifests else ()))
    for document in documents:
        for node in document.root.walk():
            for key in ("image",):
                if found := VERSION.search(node[key].text):
                    return int(found[1])
    return 0
