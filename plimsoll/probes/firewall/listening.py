"""On which addresses the deployment's databases listen, as their own files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import Listener, Listening

SETTING = re.compile(
    r"^\s*(?P<name>listen_addresses|port)\s*(?:=|\s)\s*(?P<value>'(?:[^']|'')*'|[^\s#]+)", re.IGNORECASE
)
"""A setting in postgresql.conf, where the equals sign may be left out; the last one of a name holds."""

DEFAULT_ADDRESSES, DEFAULT_PORT = "localhost", 5432
"""PostgreSQL's own, where its file says nothing."""

MEANINGS = {"localhost": ("127.0.0.1", "::1"), "*": ("*",), "0.0.0.0": ("0.0.0.0",), "::": ("::",)}


def survey(deployment: Deployment, root: Path) -> Listening:
    """Where every PostgreSQL of the deployment listens. Raises OutOfReach when none brings its file along."""
    files = [each.config for each in deployment.services.values() if each.recipe == "postgres" and each.config]
    if not files:
        raise OutOfReach(
            "no postgresql.conf is among this deployment's artefacts",
            hint='[services.postgres] config = "postgres/postgresql.conf"',
        )
    listeners = tuple(listener for file in files for listener in read(root / file, file))
    return Listening(listeners=listeners, files=tuple(files), at_rest=True, seen_at=datetime.now(UTC))


def read(path: Path, name: str) -> Iterator[Listener]:
    """Every address that a postgresql.conf listens on."""
    said = {"listen_addresses": (DEFAULT_ADDRESSES, f"{name} (by default)"), "port": (str(DEFAULT_PORT), name)}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if match := SETTING.match(line):
            said[match["name"].lower()] = match["value"].strip("'"), f"{name}:{number}"
    addresses, where = said["listen_addresses"]
    port = said["port"][0]
    for each in (part.strip() for part in addresses.split(",")):
        for address in MEANINGS.get(each, (each,)) if each else ():
            yield Listener(address=address, port=int(port) if port.isdecimal() else DEFAULT_PORT, where=where)
