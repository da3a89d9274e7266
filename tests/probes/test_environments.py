"""What environment files state is measured, never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.artefacts.environment import measured
from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.probes.files.environments import survey


@pytest.mark.parametrize(
    ("value", "kind", "length"),
    [
        ("c2VjcmV0IG9mIGEgdGVzdCB0aGF0IG5vYm9keSB1c2Vz", "stated", 44),
        ("<32 random bytes, base64>", "recipe", 44),
        ("<32 random bytes, hex>", "recipe", 64),
        ("$(openssl rand -base64 48)", "recipe", 64),
        ("${JWT_SECRET}", "elsewhere", 0),
        ("$JWT_SECRET", "elsewhere", 0),
        ("<from the secret manager>", "elsewhere", 0),
        ("vault:secret/data/shop#jwt", "elsewhere", 0),
        ("", "empty", 0),
        ("your-secure-random-string-min-32-chars", "example", 38),
        ("change-me-in-production-please-do", "example", 33),
        ("secret", "example", 6),
        ("short", "stated", 5),
    ],
)
def test_values_are_told_apart(value: str, kind: str, length: int) -> None:
    """What is used as it stands, what says how it is made, what comes from elsewhere, what was to be replaced."""
    secret = measured("JWT_SECRET", value, file="app.env", line=1)

    assert (secret.kind, secret.length) == (kind, length)
    assert value not in repr(secret) or len(value) < 6


def test_files_are_read_with_their_lines(tmp_path: Path) -> None:
    """Comments and blank lines count, quotes do not."""
    (tmp_path / "app.env").write_text('# a comment\n\nexport JWT_SECRET="abc"\nPORT=1\n', encoding="utf-8")
    deployment = Deployment(
        name="shop", root=tmp_path, hosts=(), promises=(), artefacts={"environment": "app.env", "crontab": "none"}
    )

    [secret, port] = survey(deployment, tmp_path).secrets

    assert (secret.name, secret.where, secret.length, secret.distinct) == ("JWT_SECRET", "app.env:3", 3, 3)
    assert port.line == 4


def test_without_files_nothing_is_known(tmp_path: Path) -> None:
    """No file named is out of reach, one that is not there could not be looked at."""
    nothing = Deployment(name="shop", root=tmp_path, hosts=(), promises=())
    missing = Deployment(name="shop", root=tmp_path, hosts=(), promises=(), artefacts={"environment": "app.env"})

    with pytest.raises(OutOfReach, match="names no environment file"):
        survey(nothing, tmp_path)
    with pytest.raises(CouldNotLook, match=r"app\.env cannot be read"):
        survey(missing, tmp_path)
