"""What a search for the largest rate found, as a picture and a table: what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Outcome, merge
from plimsoll.observations.load import Capacity, CapacityRecord, Level
from plimsoll.report.clean import Clean
from plimsoll.report.promised import findings_of, promised
from plimsoll.report.rows import shape
from plimsoll.report.words import OUTCOME_WORDS, escaped

WIDE, HIGH, EDGE = 480, 220, 36
"""The size of the picture in pixels, and what its axes take."""

HEADS = ("Journeys/s", "Requests/s", "Answered/s", "Good", "p50", "p95", "p99", "Under way", "Outcome")
NOTE = (
    "How much the deployment bears before it breaks a promise of service: steady levels, each judged as the gate is. A "
    "dot is a level that kept every promise, a square one that broke one, a ring one that shows nothing."
)

MILLISECONDS = 1000
LARGE = 100
MARGIN = 1.05
"""How far the axes reach beyond the largest level."""


def capacities(verdict: Clean) -> str:
    """The section; empty for a run without any search."""
    if not verdict.capacities:
        return ""
    several = "".join(_search(verdict, found, f"capacity-{n}") for n, found in enumerate(verdict.capacities, start=1))
    return (
        '<section class="drills loads" aria-labelledby="capacity"><h2 id="capacity">Capacity '
        f'<span>{len(verdict.capacities)}</span></h2><p class="note">{NOTE}</p>{several}</section>'
    )


def _search(verdict: Clean, found: CapacityRecord, name: str) -> str:
    findings = findings_of(verdict, found.promises)
    outcome = merge(finding.outcome for finding in findings)
    return (
        f'<details class="drill load {outcome}" id="{name}" open><summary>{shape(outcome)}'
        f"<h3>{escaped(found.seen.deployment)}</h3>"
        f'<span class="story">{escaped(found.answer)}</span></summary>'
        f'<div class="inside">{promised(findings)}{fragment(found, name)}</div></details>'
    )


def fragment(found: CapacityRecord, name: str) -> str:
    """The picture, what was full first, a row for each level, and how it scales; empty without any level."""
    if not found.seen.levels:
        return ""
    levels = sorted(found.seen.levels, key=lambda level: level.rate)
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    said = "".join(f"<li>{escaped(words)}</li>" for words in (*found.full, *found.scaling))
    return (
        f"{_picture(found.seen, levels)}{f'<ul>{said}</ul>' if said else ''}"
        f'<div class="wide" role="region" aria-labelledby="{name}-levels" tabindex="0"><table class="levels">'
        f'<caption id="{name}-levels">Levels, from the slowest on</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, levels))}</tbody></table></div>"
    )


def _row(level: Level) -> str:
    times = "".join(f"<td>{_figure(each * MILLISECONDS)} ms</td>" for each in (level.p50, level.p95, level.p99))
    good = f"{100 * level.good:.4g} %<small>{100 * level.low:.4g} to {100 * level.high:.4g}</small>"
    word = f"void: {level.unsound}" if level.unsound else OUTCOME_WORDS[level.outcome]
    return (
        f'<tr><th scope="row">{level.rate:g}</th><td>{_figure(level.asked)}</td><td>{_figure(level.served)}</td>'
        f"<td>{good}</td>{times}<td>{_figure(level.flying)}</td><td>{escaped(word)}</td></tr>"
    )


def _figure(value: float) -> str:
    """Three digits, and all that a large number has."""
    return f"{value:.0f}" if value >= LARGE else f"{value:.3g}"


def _picture(seen: Capacity, levels: Sequence[Level]) -> str:
    """Answered as it should be over asked, both a second: on the straight line nothing is lost."""
    most = max(level.asked for level in levels) * MARGIN or 1.0

    def x(value: float) -> float:
        return round(EDGE + value / most * (WIDE - 2 * EDGE), 1)

    def y(value: float) -> float:
        return round(HIGH - EDGE - value / most * (HIGH - 2 * EDGE), 1)

    path = "".join(f"{'L' if n else 'M'}{x(each.asked)} {y(each.served)}" for n, each in enumerate(levels))
    marks = "".join(_mark(x(level.asked), y(level.served), level) for level in levels)
    stated = seen.stated * seen.requests
    line = (
        f'<path class="stated" d="M{x(stated)} {y(0)}V{y(most)}"/>'
        f'<text x="{x(stated) + 4}" y="{y(most) + 10}">stated</text>'
    )
    words = f"{len(levels)} levels from {levels[0].asked:.3g} to {levels[-1].asked:.3g} requests a second"
    return (
        f'<svg class="knee" width="{WIDE}" height="{HIGH}" role="img" aria-label="{escaped(words)}">'
        f'<path class="axis" d="M{x(0)} {y(most)}V{y(0)}H{x(most)}"/>'
        f'<path class="ideal" d="M{x(0)} {y(0)}L{x(most)} {y(most)}"/>{line if stated <= most else ""}'
        f'<path class="way" d="{path}"/>{marks}'
        f'<text x="{WIDE - EDGE}" y="{HIGH - EDGE / 3:.0f}" text-anchor="end">{most / MARGIN:.3g} asked a second</text>'
        f'<text x="{EDGE}" y="{EDGE / 2:.0f}">{most / MARGIN:.3g} answered a second</text></svg>'
    )


def _mark(x: float, y: float, level: Level) -> str:
    """A dot for a level that kept every promise, a square for one that did not, a ring for one that shows nothing."""
    title = (
        f"<title>{level.rate:g} journeys a second: {'void' if level.unsound else OUTCOME_WORDS[level.outcome]}</title>"
    )
    if level.unsound or level.outcome is Outcome.UNKNOWN:
        return f'<circle class="hollow" cx="{x}" cy="{y}" r="4">{title}</circle>'
    if level.outcome is Outcome.PASS:
        return f'<circle class="dot" cx="{x}" cy="{y}" r="4">{title}</circle>'
    return f'<rect class="bad" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8">{title}</rect>'
