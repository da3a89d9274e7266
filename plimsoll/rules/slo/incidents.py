"""What a record of incidents says: the one place where those are, that nobody saw coming."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import Documents, SourceFile

__all__ = ["no_incident_recorded"]

ROW = re.compile(r"^\s*\|\s*(?P<day>\d{4}-\d{2}-\d{2})\s*\|(?P<rest>.*)\|\s*$")
"""A row of a table in Markdown whose first cell is a day."""

REVIEWED = re.compile(r"\breviewed\b\D{0,40}(?P<day>\d{4}-\d{2}-\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of the record."""

    day: date
    words: str
    spot: Spot


def no_incident_recorded(
    promise: Promise,
    documents: Documents,
    *,
    record: str,
    kind: str = "security",
    days: int = 365,
    reviewed_within_days: int = 31,
) -> Finding:
    """The record of incidents has none of that kind in the last `days`, and somebody reviewed it lately.

    A record is a table in Markdown, a row for each incident, the day first (2026-03-01); a line says when it was
    reviewed. One that nobody looks after proves nothing by what it lacks.
    """
    expected = f"{record}: no {kind} incident in {days} days, reviewed within {reviewed_within_days}"
    source = next((each for each in documents.of() if each.name == record), None)
    if source is None:
        return promise.unknown(f"there is no record of incidents: no {record}", expected=expected)
    today = documents.seen_at.date()
    incidents = [each for each in _incidents(source) if kind.lower() in each.words.lower()]
    since = today - timedelta(days=days)
    holes = [
        Hole(spot=each.spot, what=f"an incident on {each.day}: {each.words}", fix="what became of it, and what changed")
        for each in incidents
        if each.day >= since
    ]
    reviews = [day for found in REVIEWED.finditer(source.text) if (day := _day(found["day"]))]
    lately = max(reviews, default=None)
    if not holes and (lately is None or today - lately > timedelta(days=reviewed_within_days)):
        when = f"the last time on {lately}" if lately else "no line says when"
        return promise.unknown(f"{record} was not reviewed lately: {when}", expected=expected)
    return promise.judged(
        holes, looked=[f"{source.spot(1)}: reviewed on {lately}, {len(incidents)} {kind} incidents"], expected=expected
    )


def _incidents(source: SourceFile) -> Iterator[Incident]:
    for number, line in enumerate(source.text.splitlines(), 1):
        found = ROW.match(line)
        day = _day(found["day"]) if found else None
        if found and day:
            words = ", ".join(cell.strip() for cell in found["rest"].split("|") if cell.strip())
            yield Incident(day, words, source.spot(number))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
