"""systemd's calendar events and time spans, in cron's words and in seconds (systemd.time(7))."""

from __future__ import annotations

import re

NAMED = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
    "annually": "0 0 1 1 *",
    "yearly": "0 0 1 1 *",
}
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
ZONE = re.compile(r"\s+(UTC|[A-Z][a-z]+/[A-Za-z_/]+)$")
EVENT = re.compile(
    r"(?:(?P<days>[A-Z][a-z]{2}\w*(?:(?:,|\.\.)[A-Z][a-z]{2}\w*)*)\s*)?"
    r"(?:(?P<date>(?:\*|\d{4})-[\d*,/.]+-[\d*,/.]+|[\d*]+-[\d*]+)\s*)?"
    r"(?P<time>[\d*,/.]+:[\d*,/.]+(?::[\d*]+)?)?"
)
SPAN = re.compile(r"(\d+)\s*(\w*)")
UNITS = {"": 1, "s": 1, "sec": 1, "seconds": 1, "m": 60, "min": 60, "minutes": 60, "h": 3600, "hour": 3600}
UNITS |= {"hours": 3600, "hr": 3600, "d": 86_400, "day": 86_400, "days": 86_400, "w": 604_800, "week": 604_800}


def cron_of(event: str) -> str:
    """The same schedule in cron's five fields, to the minute; "" for one that says more than these can."""
    text = ZONE.sub("", event.strip())
    if text.lower() in NAMED:
        return NAMED[text.lower()]
    match = EVENT.fullmatch(text)
    if not match or not text:
        return ""
    hour, minute = (match["time"] or "00:00").split(":")[:2]
    year, month, day = "*", "*", "*"
    if match["date"]:
        parts = match["date"].split("-")
        year, month, day = parts if len(parts) == 3 else ("*", *parts)  # noqa: PLR2004 - the year may be left out
    if year != "*":
        return ""
    return " ".join((_field(minute), _field(hour), _field(day), _field(month), _days(match["days"] or "")))


def zone_of(event: str) -> str:
    """The time zone that a calendar event names; "" for none, which is the machine's."""
    match = ZONE.search(event.strip())
    return match[1] if match else ""


def seconds_of(span: str) -> float | None:
    """The seconds of a time span such as `5min` or `1h 30min`; None if it is none."""
    parts = SPAN.findall(span)
    if not parts or any(unit not in UNITS for _, unit in parts):
        return None
    return float(sum(int(number[:12]) * UNITS[unit] for number, unit in parts))


def _field(text: str) -> str:
    """`09..17` is a range, `0/5` every fifth from the first."""
    words = re.sub(r"\d+", lambda number: str(int(number[0])), text).replace("..", "-")
    return re.sub(r"(?<![\d-])(\d+)/(\d+)", lambda m: f"*/{m[2]}" if m[1] == "0" else f"{m[1]}-59/{m[2]}", words)


def _days(text: str) -> str:
    numbers = re.sub(r"[A-Z][a-z]{2}\w*", lambda day: str(DAYS.index(day[0][:3])) if day[0][:3] in DAYS else "x", text)
    return re.sub(r"(\d)\.\.0", r"\1..7", numbers).replace("..", "-") or "*"
