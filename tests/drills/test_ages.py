"""Backups of made-up ages are named, dated and told from strangers as real ones are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.drills.backup.ages import LONG_AGO, belongs, named, planted, renamed
from plimsoll.drills.host.acts import STAMP
from plimsoll.observations.drills.made import Sent

MOMENT = datetime(2026, 3, 1, 2, 5, 9, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("shop_20261121_093000.sql.gz", "shop_20260301_020509.sql.gz"),
        ("shop-2026-11-21.dump", "shop-2026-03-01.dump"),
        ("shop_2026-11-21_09-30-00.dump", "shop_2026-03-01_02-05-09.dump"),
        ("full_20261121T0930Z", "full_20260301T0205Z"),
        ("backups/20261121_093000/config.tar.gz", "backups/20260301_020509/config.tar.gz"),
        ("000000010000000000000003.gz", ""),
        ("shop_20269999.sql", ""),
        ("latest.sql.gz", ""),
    ],
)
def test_names(name: str, other: str) -> None:
    """The moment in a name is exchanged as it is written there; a number that is no date is none."""
    assert renamed(name, MOMENT) == other


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001 - made aware below
    st.sampled_from(("a_{:%Y%m%d_%H%M%S}.gz", "a-{:%Y-%m-%d}", "{:%Y%m%dT%H%M}.tar", "b/{:%Y%m%d}/c")),
)
def test_any_moment(moment: datetime, pattern: str) -> None:
    """Whatever moment a name has, it is found and becomes another."""
    name = pattern.format(moment.replace(tzinfo=UTC))

    assert STAMP.search(name)
    assert renamed(name, MOMENT) == pattern.format(MOMENT)


def test_what_is_planted(tmp_path: Path) -> None:
    """Each age has a file with its manifest, as old as it says, and strangers lie beside them."""
    made = tmp_path / "shop_20261121_093000.sql.gz"
    made.write_bytes(b"x" * 20_000)
    made.with_name(f"{made.name}.manifest").write_text("deployment shop\n")
    sent = Sent(bucket="shop", key="database/shop_20261121_093000.sql.gz", bytes=20_000)

    found = planted([made], [sent], (6.5, 8.0))

    own = {path: days for path, (days, own) in found.here.items() if own}
    now = datetime.now(UTC).timestamp()
    assert sorted(own.values()) == [6.5, 6.5, 8.0, 8.0]
    assert all(abs(now - path.stat().st_mtime - days * DAY) < DAY / 24 for path, days in own.items())
    assert {path.read_text() for path in own if path.suffix == ".manifest"} == {"deployment shop\n"}
    strangers = {path.name for path, (days, own) in found.here.items() if not own and days == LONG_AGO}
    assert {name.partition("_")[0] for name in strangers} == {"notes.txt", "before", "shop"}
    assert sum(own for _, own in found.there.values()) == 2


def test_belongings() -> None:
    """An object is of a backup that has its name, or the moment in its name."""
    made = [Path("/backups/full_20261121_093000"), Path("/backups/wal/0000000A.gz")]
    keys = ("backups/20261121_093000/config.tar.gz", "wal/0000000A.gz", "backups/20261120_093000/config.tar.gz")

    assert [belongs(Sent(bucket="b", key=key, bytes=1), made) for key in keys] == [True, True, False]
    assert [named(Sent(bucket="b", key=key, bytes=1), made) for key in keys] == [False, True, False]
