"""A verdict as one self-contained page: no network, no script but its own, readable without any."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib import resources
from string import Template

from plimsoll.model import Outcome
from plimsoll.report.aside import ASIDES, apart, contents
from plimsoll.report.capacity import capacities
from plimsoll.report.clean import Clean
from plimsoll.report.drills import drills
from plimsoll.report.load.section import loads
from plimsoll.report.rows import group, shape
from plimsoll.report.words import (
    OUT_OF_REACH,
    OUTCOME_WORDS,
    duration,
    escaped,
    excuses,
    explanation,
    headline,
    out_of_reach,
)

WATER = {
    Outcome.PASS: ((96,), "A load line: the water stands below the mark."),
    Outcome.FAIL: ((40,), "A load line: the water stands above the mark."),
    Outcome.UNKNOWN: ((40, 96), "A load line: nobody can see where the water stands."),
}
"""How high the water may stand at the ship's side, in units of the drawing (the mark is at 66), and in words."""

WAVES = "q11-7 22 0t22 0t22 0t22 0t22 0t22 0"


def render(verdict: Clean) -> str:
    """The whole page. Every text of the verdict is escaped on its way in."""
    run, style, script = verdict.run, _asset("page.css"), _asset("page.js")
    if verdict.loads or verdict.capacities:
        style, script = style + _asset("load.css"), script + _asset("load.js")
    levels, water_words = WATER[verdict.outcome]
    done = drills(verdict) + loads(verdict) + capacities(verdict)
    title = f"{headline(verdict)}: {run.deployment} on {run.stack}"
    return Template(_asset("page.html")).substitute(
        policy=f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "base-uri 'none'; form-action 'none'",
        title=escaped(title),
        style=style,
        script=script,
        outcome=verdict.outcome.value,
        water="".join(f'<path class="water" d="M0 {y}{WAVES}V132H0z"/>' for y in levels),
        surface="".join(f'<path class="surface" d="M0 {y}{WAVES}"/>' for y in levels),
        water_words=water_words,
        deployment=escaped(run.deployment),
        headline=headline(verdict),
        explanation=explanation(verdict),
        counts="\n".join(_counts(verdict)),
        bar=_bar(verdict),
        run_line=_run_line(verdict),
        run="\n".join(_run(verdict)),
        areas="\n".join(_areas(verdict)),
        outcomes="\n".join(_outcomes()),
        drills=done,
        groups=_groups(verdict, done),
        contents=contents(verdict),
        aside=apart(verdict),
    )


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The source expression that allows exactly this inline text (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _counts(verdict: Clean) -> Iterator[str]:
    far = len(out_of_reach(verdict))
    notes = {
        Outcome.FAIL: excuses(verdict),
        Outcome.UNKNOWN: f"{far} {OUT_OF_REACH}" if far else "",
    }
    for outcome, words in OUTCOME_WORDS.items():
        count, note = verdict.counts[outcome], notes.get(outcome, "")
        small = f"<small>{note}</small>" if note else ""
        inside = f'{shape(outcome)}<b>{count}</b><span class="word">{words}</span>{small}'
        href = f' href="#group-{outcome}"' if count else ""  # a link without an address is plain text
        yield f'<li class="{outcome}{"" if count else " zero"}"><a{href}>{inside}</a></li>'


def _bar(verdict: Clean) -> str:
    """The counts as one bar, for the eye only: the figures above say the same."""
    rects, at = [], 0
    for outcome in OUTCOME_WORDS:
        width = verdict.counts[outcome]
        rects.append(f'<rect class="{outcome}" x="{at}" width="{width}" height="1"/>')
        at += width
    view = f'viewBox="0 0 {max(at, 1)} 1" preserveAspectRatio="none"'
    return f'<svg class="bar" {view} aria-hidden="true">{"".join(rects)}</svg>'


def _run_line(verdict: Clean) -> str:
    run = verdict.run
    took = duration((run.finished - run.started).total_seconds())
    where = f"<bdi>{escaped(run.deployment)}</bdi> on <bdi>{escaped(run.stack)}</bdi>"
    return f"{where}, {_time(run.started)}, took {took}"


def _run(verdict: Clean) -> Iterator[str]:
    run = verdict.run
    yield f"<dt>Run</dt><dd>{escaped(run.id)}</dd>"
    yield f"<dt>Finished</dt><dd>{_time(run.finished)}</dd>"
    strict = "yes: what is out of reach counts as could not tell" if verdict.strict else "no"
    yield f"<dt>Strict</dt><dd>{strict}</dd>"
    yield from (f"<dt>Image of {escaped(role)}</dt><dd>{escaped(image)}</dd>" for role, image in run.images.items())
    yield from (f"<dt>{escaped(tool)}</dt><dd>{escaped(it)}</dd>" for tool, it in run.tool_versions.items())


def _time(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'


def _areas(verdict: Clean) -> Iterator[str]:
    for area, count in Counter(f.promise.area for f in verdict.findings).items():
        yield f'<option value="{escaped(area)}">{escaped(area)} ({count})</option>'


def _outcomes() -> Iterator[str]:
    for outcome, words in OUTCOME_WORDS.items():
        box = f'<input type="checkbox" name="outcome" value="{outcome}" checked>'
        yield f'<label class="{outcome}">{box}{shape(outcome)}{words}</label>'


def _groups(verdict: Clean, before: str) -> str:
    names = Counter(
        re.findall(r'\bid="([^"$]+)"', _asset("page.html") + before)
    )  # no promise may pass for a part of the page
    names.update(f"group-{outcome}" for outcome in OUTCOME_WORDS)
    names.update(f"aside-{name}" for name in ASIDES)
    return "\n".join(group(verdict, outcome, names) for outcome in OUTCOME_WORDS if verdict.counts[outcome])
