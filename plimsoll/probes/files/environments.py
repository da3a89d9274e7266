"""What environment files state, measured: the values themselves stay where they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import environment
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import StatedSecret, StatedSecrets
from plimsoll.observations.artefacts import Kind, SourceFile


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotLook(f"{name} cannot be read: {error}") from error
    for variable in environment.read(SourceFile(name=name, kind=Kind.ENVIRONMENT, text=text)):
        yield StatedSecret(
            name=variable.name,
            file=name,
            line=variable.line,
            kind=variable.kind,
            length=variable.length,
            distinct=variable.distinct,
        )
