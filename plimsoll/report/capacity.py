"""What a search for the largest rate found, as a picture and a table: what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Outcome
from plimsoll.observations.load import Capacity, Level
from plimsoll.report.words import escaped

WIDE, HIGH, EDGE = 480, 220, 36
"""The size of the picture in pixels, and what its axes take."""

HEADS = ("Journeys/s", "Requests/s", "Answered well/s", "Good", "p50", "p95", "p99", "Under way", "")
MILLISECONDS = 1000
MARGIN = 1.05
"""How far the axes reach beyond the largest level."""


def capacity(seen: Capacity, answer: str) -> str:
    """The sentence that answers whoever plans, the picture, and a row for each level; empty without any level."""
    if not seen.levels:
        return ""
    levels = sorted(seen.levels, key=lambda level: level.rate)
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(map(_row, levels))
    return (
        f'<h3 id="capacity">How much it carries</h3><p>{escaped(answer)}.</p>{_picture(seen, levels)}'
        '<div class="wide" role="region" aria-labelledby="capacity" tabindex="0"><table class="levels">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(level: Level) -> str:
    times = "".join(f"<td>{each * MILLISECONDS:.3g} ms</td>" for each in (level.p50, level.p95, level.p99))
    good = f"{100 * level.good:.4g} %<small>{100 * level.low:.4g} to {100 * level.high:.4g}</small>"
    word = f"void: {level.unsound}" if level.unsound else level.outcome.value
    return (
        f'<tr><th scope="row">{level.rate:g}</th><td>{level.asked:.4g}</td><td>{level.served:.4g}</td><td>{good}</td>'
        f"{times}<td>{level.flying:.3g}</td><td>{escaped(word)}</td></tr>"
    )


def _picture(seen: Capacity, levels: Sequence[Level]) -> str:
    """Answered well over asked, both a second: on the straight line nothing is lost, and the stated rate stands out."""
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
        f'<text x="{EDGE}" y="{EDGE / 2:.0f}">{most / MARGIN:.3g} answered well a second</text></svg>'
    )


def _mark(x: float, y: float, level: Level) -> str:
    """A dot for a level that kept every promise, a square for one that did not, a ring for one that shows nothing."""
    title = f"<title>{level.rate:g} journeys a second: {'void' if level.unsound else level.outcome.value}</title>"
    if level.unsound or level.outcome is Outcome.UNKNOWN:
        return f'<circle class="void" cx="{x}" cy="{y}" r="4">{title}</circle>'
    if level.outcome is Outcome.PASS:
        return f'<circle class="dot" cx="{x}" cy="{y}" r="4">{title}</circle>'
    return f'<rect class="bad" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8">{title}</rect>'
