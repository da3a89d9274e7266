"""Runs of load on a page in a real browser: narrow, dark, on paper, with keys alone, and for those who hear it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from plimsoll.redact import Redactor
from plimsoll.report import write
from tests.report import load_runs
from tests.report.test_browser import AA, CONTRAST, LONGEST_LOAD, browser
from tests.report.test_drills_in_browser import SVG_CONTRAST

if TYPE_CHECKING:
    from tests.report.conftest import MakeVerdict, Sample

__all__ = ["browser"]

OPEN_ALL = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"

MISPLACED = """() => {
  const boxes = (svg) => [...svg.querySelectorAll('text')].map((it) => [it.textContent, it.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  return [...document.querySelectorAll('.chart')].filter((svg) => svg.clientWidth).flatMap((svg) => {
    const frame = svg.closest('.canvas').getBoundingClientRect(), words = boxes(svg);
    const outside = words.filter(([, box]) => box.left < frame.left - 2 || box.right > frame.right + 2);
    const over = words.flatMap(([one, box], n) =>
      words.slice(n + 1).filter(([, other]) => meet(box, other)).map(([two]) => [one, two]));
    return [...outside, ...over];
  });
}"""
"""Words of pictures that leave them, or lie on each other."""

OpenLoad = Callable[..., Page]


@pytest.fixture
def open_load(browser: Browser, sample: Sample, make_verdict: MakeVerdict, tmp_path: Path) -> Iterator[OpenLoad]:
    """The opener of a page with one run of load. Whatever the page says to the console fails the test."""
    contexts, noise = [], list[str]()

    def opened(name: str = "overloaded", *, dark: bool = False, width: int = 1200, script: bool = True) -> Page:
        record = load_runs.record(getattr(load_runs, name)())
        path = write(replace(make_verdict((sample.kept(1),)), loads=(record,)), tmp_path / name, redact=Redactor())
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.set_default_timeout(5000)
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["overloaded", "void"])
def test_every_word_has_contrast(name: str, dark: bool, open_load: OpenLoad) -> None:
    """In both schemes, in sentences, tables and pictures alike."""
    page = open_load(name, dark=dark)
    page.evaluate(OPEN_ALL)
    words = [*page.evaluate(CONTRAST), *page.evaluate(SVG_CONTRAST.replace(".timeline", ".chart"))]
    ratios: list[tuple[str, float]] = [
        *words,
        *page.evaluate(CONTRAST.replace("h1,h2,", ".void,.void b,figcaption,h4,")),
    ]
    assert len(ratios) > 300
    assert [(what, round(ratio, 2)) for what, ratio in ratios if ratio < AA] == []


@pytest.mark.parametrize("width", [400, 1200])
@pytest.mark.parametrize("name", ["overloaded", "hour"])
def test_page_is_as_wide_as_the_window(name: str, width: int, open_load: OpenLoad) -> None:
    """Nobody scrolls sideways to read a run, no word leaves its picture, and no two words of one lie on each other."""
    page = open_load(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(MISPLACED) == []


def test_figures_of_a_moment_are_shown(open_load: OpenLoad) -> None:
    """The pointer shows them in all pictures over time at once, and takes them away."""
    page = open_load("stalled")
    first, second = page.locator(".panel:visible .plot").nth(0), page.locator(".panel:visible .plot").nth(1)
    box = first.locator(".scrub").bounding_box()
    assert box is not None
    page.locator(".panel:visible .scrub").first.hover(position={"x": box["width"] * 10.5 / 65, "y": 60})
    expect(first.locator(".figure-now")).to_contain_text("10 s, steady: p50 ")
    expect(second.locator(".figure-now")).to_contain_text("10 s, steady: p50 ")
    expect(page.get_by_text("10 s, steady: journeys due ")).to_have_count(1)
    page.mouse.move(2, 2)
    expect(first.locator(".figure-now")).to_be_empty()


def test_moments_are_reached_with_keys_alone(open_load: OpenLoad) -> None:
    """A picture is a slider over its moments, and says what it shows to those who hear it."""
    page = open_load("overloaded")
    slider = page.get_by_role("slider", name="Requests that failed, each second")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "49")
    words = slider.get_attribute("aria-valuetext") or ""
    assert words.startswith("49 s, steady: status 503 ")
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", "48")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_route_is_chosen_without_any_script(script: bool, open_load: OpenLoad) -> None:
    """Arrow keys go from one to the next; there is one panel at a time."""
    page = open_load("overloaded", script=script)
    page.get_by_role("radio", name="all routes").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="GET /trips", exact=True)).to_be_checked()
    expect(page.locator(".panel:visible")).to_have_count(1)
    page.locator("label", has_text="POST /trips").click()
    expect(page.locator(".panel:visible .chart").first).to_be_visible()
    assert "95 % within 200 ms" in (page.locator(".panel:visible").text_content() or "")


def test_pictures_are_told_to_those_who_hear_the_page(open_load: OpenLoad) -> None:
    """Each is an image with a name and a description of what a look would tell first, and has its table beside it."""
    page = open_load("stalled")
    picture = page.locator(".panel:visible").get_by_role("img", name="Latency over time, open view")
    expect(picture).to_have_count(1)
    described = picture.locator("desc").text_content() or ""
    assert "In all judged seconds: p50 13.1 ms, p95 493 ms, p99 921 ms" in described
    table = page.locator(".panel:visible .plot").first.locator("table")
    expect(table).to_be_hidden()
    page.locator(".panel:visible .plot").first.get_by_text("In figures").click()
    expect(table).to_be_visible()


def test_objective_leads_to_its_promise(open_load: OpenLoad) -> None:
    """What the run says comes before every picture, in the order of the objectives."""
    page = open_load("overloaded")
    said = page.locator(".objectives li")
    expect(said).to_have_count(3)
    expect(said.first).to_contain_text("95 % are promised: broken")
    top = said.first.bounding_box(), page.locator(".chart").first.bounding_box()
    assert top[0] is not None
    assert top[1] is not None
    assert top[0]["y"] < top[1]["y"]


def test_void_is_said_first_and_in_red(open_load: OpenLoad) -> None:
    """Before the objectives, none of which is called kept."""
    page = open_load("void")
    expect(page.locator(".void")).to_contain_text("Void: this run says nothing of the service.")
    expect(page.locator(".objectives li").first).to_contain_text("could not tell, the run is void")
    assert page.locator(".void").evaluate("(box) => getComputedStyle(box).color") == "rgb(166, 27, 22)"


def test_hour_opens_at_once(open_load: OpenLoad) -> None:
    """However long a run was, its page has as many columns as there is room for."""
    page = open_load("hour")
    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    assert took < LONGEST_LOAD


def test_paper_has_the_pictures(open_load: OpenLoad) -> None:
    """Printed without any script: lines, limits and tables of figures, and nothing that can only be clicked."""
    page = open_load("overloaded", script=False)
    page.emulate_media(media="print")
    expect(page.locator(".panel:visible .chart").first).to_be_visible()
    expect(page.get_by_role("cell", name="722 status 503")).to_be_visible()
    expect(page.locator(".plot .evidence:visible")).to_have_count(0)
