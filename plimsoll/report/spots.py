"""The places where a promise does not hold, as a list on the page: where, what is wrong, what to write instead."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Finding, Hole, Spot
from plimsoll.report.words import escaped

AT_ONCE = 5
"""How many places are in sight before somebody asks for more: several promises fit a screen."""


def places(finding: Finding) -> str:
    """The list, new places before known ones; beyond the first few it is folded."""
    if not finding.holes:
        return ""
    ordered = sorted(finding.holes, key=lambda hole: hole.known)  # stable: else in the rule's order
    first, rest = ordered[:AT_ONCE], ordered[AT_ONCE:]
    known = sum(hole.known for hole in ordered)
    aside = f", {known} known since the baseline was written" if known else ""
    heading = f'<p class="where"><b>{len(ordered)} places</b>{aside}</p>' if len(ordered) > 1 else ""
    return f"{heading}{_list(first, 1)}{_more(rest)}"


def spot_of(spot: Spot) -> str:
    """A line of a file, as it is written to be looked up."""
    return f'<code class="spot">{escaped(str(spot))}</code>' if spot.file else ""


def _more(rest: Sequence[Hole]) -> str:
    if not rest:
        return ""
    words = f"{len(rest)} more {'place' if len(rest) == 1 else 'places'}"
    return f'<details class="more"><summary>{words}</summary>{_list(rest, AT_ONCE + 1)}</details>'


def _list(holes: Sequence[Hole], start: int) -> str:
    alone = " alone" if start == len(holes) == 1 else ""
    return f'<ol class="places{alone}" start="{start}">{"".join(map(_item, holes))}</ol>'


def _item(hole: Hole) -> str:
    known = '<span class="badge">known</span>' if hole.known else ""
    fix = f'<p class="fix"><b>Instead</b> {escaped(hole.fix)}</p>' if hole.fix else ""
    beside = ", ".join(filter(None, map(spot_of, hole.beside)))
    see = f'<p class="see"><b>Beside</b> {beside}</p>' if beside else ""
    return f'<li>{spot_of(hole.spot)}{known}<p class="what">{escaped(hole.what)}</p>{fix}{see}</li>'
