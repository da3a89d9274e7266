"""How recoveries went from run to run: a row for each drill, with a small line for its time and one for its loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from plimsoll.observations.drills import History, Rehearsal
from plimsoll.observations.drills.history import FILE
from plimsoll.report.words import duration, escaped

WIDE, HIGH, EDGE = 132, 30, 4
"""The size of a line in pixels, and how far it stays away from the edge."""

MOST = 60
"""Runs that a line shows: two months of nights."""


def shown(history: History) -> History:
    """Of each drill the newest rehearsals, as many as a line shows, oldest first."""
    ordered = sorted(history.rehearsals, key=lambda each: (each.drill, each.at, each.run))
    kept = (each for _, those in groupby(ordered, lambda each: each.drill) for each in tuple(those)[-MOST:])
    newest = tuple(sorted(kept, key=lambda each: (each.at, each.run, each.drill)))
    return replace(history, rehearsals=newest)


def trend(history: History) -> str:
    """The table, and the lines that could not be read; empty without any history."""
    unread = "".join(f"<li>{escaped(f'{FILE}:{number} {why}')}</li>" for number, why in history.unread)
    told = f'<p class="note">These lines of the history say nothing:</p><ul>{unread}</ul>' if unread else ""
    if not history.rehearsals:
        return told
    ordered = sorted(shown(history).rehearsals, key=lambda each: each.drill)
    rows = "".join(_row(drill, tuple(those)) for drill, those in groupby(ordered, lambda each: each.drill))
    heads = "".join(f'<th scope="col">{words}</th>' for words in ("Drill", "Newest", "Served again after", "Rows lost"))
    return (
        '<h3 id="trend">From run to run</h3><p class="note">The newest is on the right; a square is a rehearsal that '
        'did not bring all back.</p><div class="wide" role="region" aria-labelledby="trend" tabindex="0">'
        f'<table class="trend"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{told}'
    )


def _row(drill: str, runs: Sequence[Rehearsal]) -> str:
    newest, good = runs[-1], sum(each.good for each in runs)
    times = [(each.rto, each.good) for each in runs if each.rto is not None]
    lost = [(float(each.rpo_rows), each.good) for each in runs if each.rpo_rows is not None]
    words = f"{good} of {len(runs)} {'run' if len(runs) == 1 else 'runs'} brought all back"
    return (
        f'<tr><th scope="row">{escaped(drill)}</th><td><time datetime="{newest.at.isoformat()}">'
        f"{newest.at:%Y-%m-%d %H:%M}</time><small>{words}</small></td>"
        f"<td>{_line(times, [duration(value) for value, _ in times])}</td>"
        f"<td>{_line(lost, [f'{value:.0f}' for value, _ in lost])}</td></tr>"
    )


def _line(values: Sequence[tuple[float, bool]], words: Sequence[str]) -> str:
    """A line from the oldest to the newest, above zero; what it shows stands beside it."""
    if not values:
        return "none"
    most = max(value for value, _ in values) or 1.0
    step = (WIDE - 2 * EDGE) / max(len(values) - 1, 1)
    spots = [
        (round(WIDE - EDGE - (len(values) - 1 - n) * step, 1), round(HIGH - EDGE - value / most * (HIGH - 2 * EDGE), 1))
        for n, (value, _) in enumerate(values)
    ]
    said = f"{len(values)} runs, {_extremes(values, words)}, newest {words[-1]}" if len(values) > 1 else words[-1]
    path = "".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(spots))
    bad = "".join(_square(x, y) for (x, y), (_, good) in zip(spots, values, strict=True) if not good)
    x, y = spots[-1]
    last = f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>' if values[-1][1] else ""
    return (
        f'<svg class="spark" width="{WIDE}" height="{HIGH}" role="img" aria-label="{escaped(said)}">'
        f'<path class="way" d="{path}"/>{last}{bad}</svg><b>{escaped(words[-1])}</b>'
    )


def _square(x: float, y: float) -> str:
    return f'<rect class="bad" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'


def _extremes(values: Iterable[tuple[float, bool]], words: Sequence[str]) -> str:
    ordered = sorted(zip((value for value, _ in values), words, strict=True))
    return f"{ordered[0][1]} to {ordered[-1][1]}"
