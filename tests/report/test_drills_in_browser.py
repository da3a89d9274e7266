"""The drills of a page in a real browser: narrow, dark, on paper, with keys alone, and for those who hear it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from plimsoll.observations.drills.record import record
from plimsoll.redact import Redactor
from plimsoll.report import write
from tests.report import drilled, served
from tests.report.test_browser import AA, CONTRAST, browser

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample

__all__ = ["browser"]

SVG_CONTRAST = (
    CONTRAST.partition("const all =")[0].replace("getComputedStyle(element).color", "getComputedStyle(element).fill")
    + 'const all = ".timeline text, .timeline tspan";\n'
    + CONTRAST[CONTRAST.index("  return [...document") :].replace(
        "getComputedStyle(element).color", "getComputedStyle(element).fill"
    )
)
"""The same of the words in a picture, whose colour is called fill."""

OpenDrills = Callable[..., Page]


@pytest.fixture
def open_drills(browser: Browser, sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> Iterator[OpenDrills]:
    """The opener of a page with three recoveries, three drills under traffic, and a fortnight of them."""
    contexts = []

    def opened(*, dark: bool = False, width: int = 1200, script: bool = True) -> Page:
        findings = (sample.kept(1), sample.broken(2), sample.unknown(3))
        journals = drilled.records([finding.promise.id for finding in findings])
        seen = (served.released(), served.bad(kept=True), served.befallen(heals=False))
        journals = (*journals, *(record(each) for each in seen))
        verdict = replace(make_verdict(findings), journals=journals, history=drilled.nights(14))
        path = write(verdict, tmp_path / "run", redact=Redactor())
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_of_a_drill_has_contrast(dark: bool, open_drills: OpenDrills) -> None:
    """In both schemes, in tables, journals and pictures alike."""
    page = open_drills(dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    ratios: list[tuple[str, float]] = [*page.evaluate(CONTRAST), *page.evaluate(SVG_CONTRAST)]
    assert len(ratios) > 150
    assert [(what, round(ratio, 2)) for what, ratio in ratios if ratio < AA] == []


@pytest.mark.parametrize("width", [400, 1200])
def test_page_is_as_wide_as_the_window(width: int, open_drills: OpenDrills) -> None:
    """Nobody scrolls sideways to read a drill, and no label leaves its picture."""
    page = open_drills(width=width)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.timeline')].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.left < frame.left - 2 || box.right > frame.right + 2;
          }).map((text) => text.textContent);
        })"""
    )
    assert outside == []


def test_drills_are_read_with_keys_alone(open_drills: OpenDrills) -> None:
    """Tab reaches a drill and its journal, Enter folds and unfolds them; figures lead to their promise."""
    page = open_drills()
    first = page.locator(".drill").first
    first.locator("summary").first.focus()
    expect(first.locator(".timeline")).to_be_visible()
    page.keyboard.press("Enter")
    expect(first.locator(".timeline")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(first.get_by_role("link", name="SP-HEA-02")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("article#SP-HEA-02")).to_be_in_viewport()
    journal = first.locator(".journal summary")
    journal.focus()
    expect(first.get_by_text("set aside: sample_20260314")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(first.get_by_text("set aside: sample_20260314")).to_be_visible()


def test_picture_is_told_to_those_who_hear_the_page(open_drills: OpenDrills) -> None:
    """It is an image with a name and a description, and no word of it is lost without it."""
    page = open_drills()
    picture = page.get_by_role("img", name="Timeline of dump recovery")
    expect(picture).to_have_count(1)
    described = picture.locator("desc").text_content() or ""
    assert "64 of them, confirmed after the backup had begun at 2.9 s, are not back" in described
    assert "Readers had no answer from 4.2 s to 7.6 s" in described
    assert "restore from 4.5 s to 6.5 s" in described
    expect(page.get_by_role("img", name="14 runs, 3.0 s to 3.8 s, newest 3.6 s")).to_have_count(1)


def test_releases_are_told_apart_without_colour(open_drills: OpenDrills) -> None:
    """Bars of another release are lined, and the picture says in words what it shows."""
    page = open_drills()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    first, other = (page.locator(f".timeline rect.release-{number}").first for number in (0, 1))
    fills = [bar.evaluate("(bar) => getComputedStyle(bar).fill") for bar in (first, other)]
    assert fills[0].startswith("rgb")
    assert "#lined" in fills[1]
    described = page.get_by_role("img", name="Timeline of release").locator("desc").text_content() or ""
    assert "1.1.0 reached clients after 1.5 s" in described
    expect(page.get_by_text("answered by 1.1.0")).to_have_count(1)


def test_paper_has_everything(open_drills: OpenDrills) -> None:
    """Printed without any script, journals are open and the picture is there."""
    page = open_drills(script=False)
    page.emulate_media(media="print")
    expect(page.locator(".drill").nth(1).locator(".timeline")).to_be_visible()
    expect(page.locator(".drill").first.get_by_text("set aside: sample_20260314")).to_be_visible()
