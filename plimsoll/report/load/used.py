"""What services used while they were asked: a line for each role, as a share of what it may have, or as an amount."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from plimsoll.observations.load import LoadRun, Reading
from plimsoll.report.drill_words import size
from plimsoll.report.load.axes import linear
from plimsoll.report.load.figures import MOST, clock, number, width
from plimsoll.report.load.plot import Line, Mark, Plot
from plimsoll.report.load.time import length, round_moments

TITLES = {"cpu": "Processors used", "memory": "Memory used", "connections": "Connections open"}
LOOKS = 6
"""Lines that look different; more of them look alike by turns."""

NEAR = 0.5
"""Share of a limit from which on it is drawn: below, it would press everything to the ground."""


def saturation(run: LoadRun, name: str) -> Iterator[Plot]:
    """A picture for each thing that was read, one for roles with a limit and one for those without."""
    groups: dict[tuple[str, bool], list[Reading]] = {}
    for reading in run.readings:
        groups.setdefault((reading.what, reading.limit > 0), []).append(reading)
    for place, ((what, limited), readings) in enumerate(sorted(groups.items(), key=_order)):
        title = f"{TITLES.get(what, what)}, {'as a share of the limit' if limited else 'without a limit'}"
        words = share_words if limited else _bytes if what == "memory" else number
        yield _picture(run, f"{name}-used-{place}", title, readings, words, group=f"{name}-meter")


def share_words(share: float) -> str:
    """A share of a whole: 23 %."""
    return f"{100 * share:.0f} %"


def _order(group: tuple[tuple[str, bool], list[Reading]]) -> tuple[int, str, bool]:
    (what, limited), _ = group
    return (list(TITLES).index(what) if what in TITLES else len(TITLES)), what, not limited


def _picture(
    run: LoadRun, name: str, title: str, readings: Sequence[Reading], words: Callable[[float], str], *, group: str
) -> Plot:
    """The most of each role in each stretch of the meter's own time."""
    end = max(length(run), math.ceil(max(reading.at for reading in readings) + 1))
    wide = width(end, MOST)
    end = wide * math.ceil(end / wide)
    roles = sorted({reading.role for reading in readings})
    values = {role: _highest([each for each in readings if each.role == role], wide, end // wide) for role in roles}
    highest = {role: max(value for value in values[role] if value is not None) for role in roles}
    limit = all(reading.limit for reading in readings) and max(highest.values()) > NEAR
    return Plot(
        name=name,
        title=title,
        says=f"At the most: {', '.join(f'{role} {words(highest[role])}' for role in roles)}.",
        axis=linear([*highest.values(), float(limit)], words),
        places=[(n + 0.5) * wide / end for n in range(end // wide)],
        moments=[clock(n * wide) for n in range(end // wide)],
        ticks=round_moments(end),
        lines=[
            Line(
                kind=f"role-{place % LOOKS}",
                name=role,
                values=values[role],
                said=["none" if value is None else words(value) for value in values[role]],
            )
            for place, role in enumerate(roles)
        ],
        marks=(Mark(value=1.0, label="limit"),) if limit else (),
        group=group,
    )


def _highest(readings: Iterable[Reading], wide: int, count: int) -> list[float | None]:
    found: list[float | None] = [None] * count
    for reading in readings:
        value = reading.value / reading.limit if reading.limit > 0 else reading.value
        place = min(count - 1, max(0, int(reading.at // wide)))
        found[place] = max(value, found[place] or 0.0)
    return found


def _bytes(value: float) -> str:
    return size(int(value)).replace(".0 ", " ")
