"""What environment files state, measured: the values themselves stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import StatedSecret, StatedSecrets
from plimsoll.observations.secrets import ELSEWHERE, EMPTY, EXAMPLE, RECIPE, STATED
from plimsoll.probes.auth.tokens import WELL_KNOWN_SECRETS

RANDOM_BYTES = re.compile(r"<\s*(\d{1,4}) random bytes,? (?:in |as )?(base64|hex)\s*>", re.IGNORECASE)
"""How a template says that a value is made: `<32 random bytes, base64>`."""

COMMAND = re.compile(r"\$\(openssl rand -(base64|hex) (\d{1,4})\)")
"""How a script says it."""

REFERENCE = re.compile(r"\$\{?[A-Za-z_]|<[^>]*>|(vault|arn|op|sm|projects)[:/]")
"""Another variable, a template's gap, or the address of a secret store."""

SAMPLE = re.compile(
    r"\b(your|example|sample|change[ _-]?me|placeholder|replace|todo|insert|secret[ _-]?here|xxx+)", re.IGNORECASE
)
"""Words of values that were meant to be replaced."""


def survey(deployment: Deployment, folder: Path) -> StatedSecrets:
    """The variables of all environment files; `folder` is where the artefacts are.

    Raises OutOfReach where there are no such files, CouldNotLook where one cannot be read.
    """
    named = [path for kind, path in deployment.artefacts.items() if kind.startswith("environment")]
    files = dict.fromkeys([*named, *(s.environment for s in deployment.services.values() if s.environment)])
    if not files:
        raise OutOfReach("this deployment names no environment file", hint='[artefacts] environment = "…"')
    found = tuple(secret for name in files for secret in _stated(folder / name, name))
    return StatedSecrets(files=tuple(files), secrets=found, seen_at=datetime.now(UTC))


def _stated(path: Path, name: str) -> Iterator[StatedSecret]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotLook(f"{name} cannot be read: {error}") from error
    for number, raw in enumerate(lines, start=1):
        line = raw.strip().removeprefix("export ")
        if line and not line.startswith("#") and "=" in line:
            variable, _, value = line.partition("=")
            yield measured(variable.strip(), value.strip().strip("\"'"), file=name, line=number)


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
