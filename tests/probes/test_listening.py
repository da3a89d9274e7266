"""Where PostgreSQL listens, as its file says: the last word holds, and silence is the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.probes.firewall.listening import read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listen_addresses = 'localhost,10.0.0.1'", ["127.0.0.1:5432", "::1:5432", "10.0.0.1:5432"]),
        ("listen_addresses '*'\nport = 5433", ["*:5433"]),
        ("listen_addresses = '*' # all\nLISTEN_ADDRESSES = 'localhost'", ["127.0.0.1:5432", "::1:5432"]),
        ("#listen_addresses = '*'\nmax_connections = 5", ["127.0.0.1:5432", "::1:5432"]),
        ("listen_addresses = ''", []),
        ("listen_addresses = '0.0.0.0'", ["0.0.0.0:5432"]),
        ("listen_addresses = db.internal", ["db.internal:5432"]),
    ],
)
def test_the_last_word_holds(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Comments are none, names count in any case, and the equals sign may be missing."""
    (tmp_path / "postgresql.conf").write_text(text, encoding="utf-8")

    assert [f"{e.address}:{e.port}" for e in read(tmp_path / "postgresql.conf", "postgresql.conf")] == expected
