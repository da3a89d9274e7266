"""The modes that tmpfiles.d files state."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment, Service
from plimsoll.probes.files.modes import stated

FILE = """# who may touch backups
d /backups 0750 root backup -
d! /defaults
f /a-file - app
z /backups/old ~2700 root root -
r /gone
nonsense
"""


def deployment(root: Path, inside: str) -> Deployment:
    host = Service(role="host", recipe="host", files={"backups.conf": inside})
    return Deployment(name="shop", root=root, hosts=(), promises=(), services={"host": host})


def test_lines_are_read_with_their_defaults(tmp_path: Path) -> None:
    """`-` and nothing mean what tmpfiles.d(5) says, modifiers and prefixes are understood, other lines set no mode."""
    (tmp_path / "backups.conf").write_text(FILE, encoding="utf-8")

    seen = stated(deployment(tmp_path, "/etc/tmpfiles.d/backups.conf"), tmp_path)

    assert [(mode.path, mode.shown, mode.where) for mode in seen.modes] == [
        ("/backups", "0750 root:backup", "backups.conf:2"),
        ("/defaults", "0755 root:root", "backups.conf:3"),
        ("/a-file", "0644 app:root", "backups.conf:4"),
        ("/backups/old", "2700 root:root", "backups.conf:5"),
    ]


def test_a_deployment_without_such_files_states_nothing(tmp_path: Path) -> None:
    """That is out of reach, not an empty answer."""
    with pytest.raises(OutOfReach, match="states who may touch"):
        stated(deployment(tmp_path, "/etc/ssh/sshd_config"), tmp_path)
