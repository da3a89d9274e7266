"""Environment files read line by line: what they state, measured, and what readers understand differently."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from plimsoll.artefacts.well_known import WELL_KNOWN_SECRETS
from plimsoll.observations import StatedSecret
from plimsoll.observations.artefacts import EnvironmentFiles, SourceFile, Variable
from plimsoll.observations.secrets import ELSEWHERE, EMPTY, EXAMPLE, RECIPE, STATED

LINE = re.compile(r"(?P<export>export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)(?P<before>\s*)=(?P<after>\s*)(?P<rest>.*)")
"""NAME=value; what else stands in such a file is a comment, or no line of it (a command that a guide shows first)."""

QUOTED = re.compile(r"(?P<quote>[\"'])(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)(?P<more>.*)")
COMMENT = re.compile(r"(^|\s+)#.*$")

RANDOM_BYTES = re.compile(r"<\s*(\d{1,4}) random bytes,? (?:in |as )?(base64|hex)[^>]*>", re.IGNORECASE)
"""How a template says that a value is made: `<32 random bytes, base64>`."""

COMMAND = re.compile(r"\$\(openssl rand -(base64|hex) (\d{1,4})\)")
"""How a script says it."""

REFERENCE = re.compile(r"\$\{?[A-Za-z_]|<[^>]*>|(vault|arn|op|sm|projects)[:/]")
"""Another variable, a template's gap, or the address of a secret store."""

SAMPLE = re.compile(
    r"(\b|_)(your|example|sample|change[ _-]?me|placeholder|replace|todo|insert|secret[ _-]?here|xxx+)", re.IGNORECASE
)
"""Words of values that were meant to be replaced."""


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> EnvironmentFiles:
    """What environment files state."""
    found = tuple(variable for source in sources for variable in read(source))
    return EnvironmentFiles(sources=sources, variables=found, seen_at=seen_at)


def read(source: SourceFile) -> Iterator[Variable]:
    """Every variable of one file, in order; quotes and comments behind the value are not part of it."""
    for number, raw in enumerate(source.text.splitlines(), start=1):
        line = LINE.fullmatch(raw.strip())
        if line is None:
            continue
        value, trap = _value(line["rest"])
        if line["before"] or (line["after"] and line["rest"]):
            trap = "spaces around the = : a shell runs the name as a command, Docker makes them part of the value"
        told = measured(line["name"], value, file=source.name, line=number)
        yield Variable(
            name=line["name"],
            source=source,
            line=number,
            kind=told.kind,
            length=told.length,
            distinct=told.distinct,
            digest=hashlib.sha256(value.encode()).hexdigest(),
            trap=trap,
            value=value,
        )


def _value(rest: str) -> tuple[str, str]:
    """The value as most readers take it, and what some take otherwise; "" when all agree."""
    if rest[:1] in ("'", '"'):
        quoted = QUOTED.fullmatch(rest)
        if quoted is None:
            return rest.strip("\"'"), "a quote that is opened and not closed: the value goes on in the lines below"
        more = COMMENT.sub("", quoted["more"]).strip()
        return quoted["value"], "text behind the closing quote" if more else ""
    bare = COMMENT.sub("", rest).strip()
    if "$(" in bare and not COMMAND.fullmatch(bare):
        return bare, "a command in the value: only a shell would run it, every other reader takes it as it stands"
    return bare, ""


def measured(name: str, value: str, *, file: str, line: int) -> StatedSecret:
    """The variable with its value measured."""
    kind, length, distinct = STATED, len(value), len(set(value))
    if made := RANDOM_BYTES.fullmatch(value):
        kind, length = RECIPE, _length(int(made[1]), made[2].lower())
        distinct = length  # whatever it makes, it is random
    elif made := COMMAND.fullmatch(value):
        kind, length = RECIPE, _length(int(made[2]), made[1])
        distinct = length
    elif not value:
        kind = EMPTY
    elif REFERENCE.match(value):
        kind, length, distinct = ELSEWHERE, 0, 0
    elif value in WELL_KNOWN_SECRETS or SAMPLE.search(value):
        kind = EXAMPLE
    return StatedSecret(name=name, file=file, line=line, kind=kind, length=length, distinct=distinct)


def _length(size: int, form: str) -> int:
    """Characters of so many bytes: two each in hex, four for three in base64 (RFC 4648)."""
    return 2 * size if form == "hex" else 4 * ((size + 2) // 3)
