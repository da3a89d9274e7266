"""The modes of paths: as tmpfiles.d(5) states them in the deployment's files, or as a live host shows them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Live
from plimsoll.observations import PathMode, PathModes
from plimsoll.probes.auth import sshd

FOLDERS = ("/etc/tmpfiles.d/", "/usr/lib/tmpfiles.d/", "/run/tmpfiles.d/")
MAKES = frozenset("dDqQvfFwCzZmeL")
"""Types of lines that set a mode (tmpfiles.d(5)); modifiers follow them."""

DEFAULTS = {"d": "0755", "D": "0755", "q": "0755", "Q": "0755", "v": "0755"}
"""What `-` means for directories; 0644 for everything else."""

OCTAL = re.compile(r"[~:]?([0-7]{3,4})")
SEEN = re.compile(r"^([0-7]{1,4}) (\S+) (\S+) (/.*)$", re.MULTILINE)
FIELDS = 5


def stated(deployment: Deployment, root: Path) -> PathModes:
    """What the deployment's own tmpfiles.d files state. Raises OutOfReach where it has none."""
    files = [
        artefact
        for service in deployment.services.values()
        for artefact, inside in service.files.items()
        if inside.startswith(FOLDERS) and (root / artefact).is_file()
    ]
    if not files:
        hint = '[services.host] files = { "host/backups.conf" = "/etc/tmpfiles.d/backups.conf" }'
        raise OutOfReach("no file of this deployment states who may touch which path", hint=hint)
    modes = tuple(
        mode for name in files for mode in _read((root / name).read_text(encoding="utf-8", errors="replace"), name)
    )
    return PathModes(modes=modes, files=tuple(files), at_rest=True, seen_at=datetime.now(UTC))


def seen(live: Live, root: Path, paths: Sequence[str]) -> PathModes:
    """What a live host shows of these paths to whom it lets in by ssh. Raises MissingTool, CouldNotLook."""
    words = " ".join(map(shlex.quote, paths))
    said = sshd.say(live, root, f"stat -c '%a %U %G %n' -- {words}")
    user, _, host = live.ssh.rpartition("@")
    found = tuple(
        PathMode(path=path, mode=int(mode, 8), owner=owner, group=group, where=host or user)
        for mode, owner, group, path in SEEN.findall(said.output)
    )
    return PathModes(modes=found, files=(), at_rest=False, seen_at=datetime.now(UTC))


def _read(text: str, file: str) -> Iterator[PathMode]:
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if len(words) < 2 or line.lstrip().startswith("#") or words[0][0] not in MAKES:  # noqa: PLR2004 - a type and a path
            continue
        kind, path, mode, owner, group = (words + ["-"] * FIELDS)[:FIELDS]
        octal = OCTAL.fullmatch(mode if mode != "-" else DEFAULTS.get(kind[0], "0644"))
        if octal:
            unset = {"-": "root"}
            yield PathMode(
                path=path,
                mode=int(octal[1], 8),
                owner=unset.get(owner, owner),
                group=unset.get(group, group),
                where=f"{file}:{number}",
            )
