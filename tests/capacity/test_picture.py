"""The picture of a search shows each level where it was, and says what words say."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from plimsoll.model import Outcome
from plimsoll.observations.load import Capacity, CapacityRecord, Level
from plimsoll.report.capacity import HIGH, WIDE, fragment
from tests.capacity.waiting_line import SEEN_AT


def levels() -> tuple[Level, ...]:
    """One that passes, one that does not, and one that shows nothing."""
    good = Level(rate=30.0, asked=45.0, served=45.0, seconds=60, outcome=Outcome.PASS, p95=0.04, flying=1.2)
    bad = Level(rate=120.0, asked=180.0, served=140.0, seconds=60, outcome=Outcome.FAIL, p95=3.0, flying=400.0)
    void = Level(rate=60.0, asked=90.0, served=90.0, seconds=60, outcome=Outcome.PASS, unsound="<b>late</b>")
    return good, bad, void


def found(*asked: Level, full: str = "app") -> CapacityRecord:
    """A search with these levels."""
    seen = Capacity(deployment="site", target="", stated=30.0, requests=1.5, levels=asked, seen_at=SEEN_AT)
    return CapacityRecord(seen=seen, answer="an answer", full=(full,))


def test_each_level_has_its_mark_and_its_row() -> None:
    """A dot, a square and a ring, all inside the picture, and rows from the slowest on."""
    page = fragment(found(*levels(), full="app & no more"), "one")

    assert "<li>app &amp; no more</li>" in page
    assert [len(re.findall(f'class="{kind}"', page)) for kind in ("dot", "bad", "hollow")] == [1, 1, 1]
    assert re.findall(r'<th scope="row">(\d+)</th>', page) == ["30", "60", "120"]
    assert "void: &lt;b&gt;late&lt;/b&gt;" in page
    places = [tuple(map(float, found)) for found in re.findall(r'c?x="([\d.]+)" c?y="([\d.]+)"', page)]
    assert places
    assert all(0 <= x <= WIDE and 0 <= y <= HIGH for x, y in places)


def test_it_is_whole_html() -> None:
    """Every element that is opened is closed again, in order."""
    page = fragment(found(*levels()), "one")
    whole = ET.fromstring(f"<section>{page}</section>")  # noqa: S314 - text of our own

    assert [each.tag for each in whole] == ["svg", "ul", "div"]


def test_nothing_measured_is_nothing_shown() -> None:
    """No picture of nothing; a level without any request is one of nothing answered."""
    still = Level(rate=30.0, asked=0.0, served=0.0, seconds=0, outcome=Outcome.UNKNOWN, unsound="nothing was due")

    assert fragment(found(), "one") == ""
    assert "nothing was due" in fragment(found(still), "one")
