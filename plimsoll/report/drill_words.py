"""What a drill came to in plain words: a paragraph for the page, a line for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from plimsoll.observations.drills import DrillRecord
from plimsoll.observations.drills.record import Gone, Regained
from plimsoll.observations.drills.stretches import amount
from plimsoll.observations.drills.troubles import CONTROL
from plimsoll.report.harm_words import harms_in_brief, harms_told
from plimsoll.report.served_words import brief, story
from plimsoll.report.words import duration
from plimsoll.statistics.extrapolation import CannotExtrapolate, whole

NEAR = 1.0
"""Seconds around a disaster within which a destructive step of the journal is the one that made it."""

KILO = 1000
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")

CHANGES = 3
"""Changes that a sentence names; all of them are listed below it."""

LONGEST_CHANGE = 90
"""Characters of a change in a sentence."""

TENTH = 0.05
"""Seconds; what took less would be none with one digit, and has two."""

FAR = 2
"""So many times the largest size measured, from which on a reader has to be told how far away that is."""


def told(it: DrillRecord) -> str:
    """The paragraph: what was done, what was lost, when it served again."""
    trouble = it.trouble or it.journal.trouble
    stopped = [f"The drill did not come to its end: {_sentence(trouble)}"] if trouble else []
    if it.served and it.served.parts:
        return " ".join([*stopped, *(story(it.served) if it.served.changes else harms_told(it.served))])
    parts = _recovery(it, it.regained) if it.regained else _tried(it) if it.attempts else _done(it)
    return " ".join([*stopped, *parts])


def line(it: DrillRecord) -> str:
    """The drill in one line."""
    trouble = it.trouble or it.journal.trouble
    if trouble:
        return f"{it.journal.drill}: did not come to its end: {trouble}"
    if it.served and it.served.parts:
        return f"{it.journal.drill}: {brief(it.served) if it.served.changes else harms_in_brief(it.served)}"
    if it.regained:
        return f"{it.journal.drill}: {', '.join(_brief(it.regained))}"
    parts = _tried(it) if it.attempts else _done(it)
    return f"{it.journal.drill}: {' '.join(parts)[0].lower()}{' '.join(parts)[1:].rstrip('.')}"


def size(count: int) -> str:
    """Bytes for people: "1.2 GB", in powers of a thousand."""
    number, unit = float(count), 0
    while number >= KILO and unit < len(UNITS) - 1:
        number, unit = number / KILO, unit + 1
    return f"{count} {UNITS[0]}" if unit == 0 else f"{number:.1f} {UNITS[unit]}"


def rows(number: int) -> str:
    """So many rows."""
    return f"{number} {'row' if number == 1 else 'rows'}"


def _brief(it: Regained) -> Iterator[str]:
    if it.gone is None:
        yield "what was lost could not be counted"
    elif not it.gone.rows:
        yield f"none of {it.gone.confirmed} confirmed rows lost"
    else:
        when = _when(it.gone, it)
        yield f"{it.gone.rows} of {it.gone.confirmed} confirmed rows lost{f' ({when})' if when else ''}"
    yield f"served again after {duration(it.seconds)}" if it.healthy else "did not serve again"
    if it.healthy and not it.writes_again:
        yield "takes no new row"
    if it.changed:
        yield _things(it)


def _things(it: Regained) -> str:
    kinds = ", of kinds that backups may leave out" if it.whole else ""
    return f"{len(it.changed)} {'thing' if len(it.changed) == 1 else 'things'} not as before{kinds}"


def _when(gone: Gone, it: Regained) -> str:
    if it.moment is not None:
        return "all confirmed before the chosen moment"
    if it.backup_at is None:
        return ""
    if not gone.early:
        return "all after the backup"
    return f"{gone.early} of them before the backup"


def _recovery(record: DrillRecord, it: Regained) -> Iterator[str]:
    yield _disaster(record, it)
    yield from _lost(it)
    phases = ", ".join(f"{phase.name} {_figure(phase.seconds)}" for phase in record.journal.recovery)
    if it.healthy:
        rest = it.seconds - sum(phase.seconds for phase in record.journal.recovery)
        between = f", between them {_figure(rest)}" if phases and rest > TENTH else ""
        yield f"It was seen to serve again after {duration(it.seconds)}{f': {phases}{between}' if phases else ''}."
    else:
        yield f"It did not serve again{f', with {phases} seconds spent' if phases else ''}."
    if it.healthy and not it.writes_again:
        yield "It took no new row afterwards."
    if it.changed and it.whole:
        yield f"{_things(it)}: see below."
    elif it.changed:
        named = "; ".join(
            textwrap.shorten(str(each), LONGEST_CHANGE, placeholder=" …") for each in it.changed[:CHANGES]
        )
        more = f"; and {len(it.changed) - CHANGES} more" if len(it.changed) > CHANGES else ""
        yield f"Not as before: {named}{more}."
    if it.lagging:
        yield f"Behind their column, so that the next insert collides: {', '.join(it.lagging)}."


def _disaster(record: DrillRecord, it: Regained) -> str:
    at = f"{it.disaster:.1f} s"
    acts = [entry for entry in record.journal.entries if entry.destructive and abs(entry.at - it.disaster) <= NEAR]
    if not acts:
        return f"At {at} came the disaster."
    return f"At {at}: {_sentence(min(acts, key=lambda entry: abs(entry.at - it.disaster)).what)}"


def _lost(it: Regained) -> Iterator[str]:
    gone = it.gone
    if it.moment is not None:
        yield f"It was led back to the moment {it.moment:.1f} s."
    if gone is None:
        yield "What was lost could not be counted."
        return
    if not gone.rows:
        yield f"{rows(gone.confirmed)} had been confirmed by then, and all of them are back."
    else:
        yield f"{rows(gone.confirmed)} had been confirmed by then; {gone.rows} of them{_which(gone, it)}."
        yield f"The newest row that came back was confirmed {duration(gone.seconds)} before the disaster."
    if it.moment is not None:
        left = f"{it.later} of what came after it {'is' if it.later == 1 else 'are'} there all the same"
        yield f"{rows(it.undone)} confirmed after it {'is' if it.undone == 1 else 'are'} gone, as they should; {left}."
    if gone.unconfirmed:
        yield f"{rows(amount(gone.unconfirmed))} that nobody had confirmed came back too, which is no loss."
    if gone.strangers:
        yield f"{rows(amount(gone.strangers))} came back that this drill never wrote."


def _which(gone: Gone, it: Regained) -> str:
    verb = "is" if gone.rows == 1 else "are"
    if it.moment is not None:
        return f" {verb} not back, although confirmed before that moment"
    if it.backup_at is not None and gone.early:
        return f" {verb} not back, of which {gone.early} had been confirmed before the backup at {it.backup_at:.1f} s"
    if it.backup_at is not None:
        why = "a backup holds what there was when it was made"
        return f", confirmed after the backup had begun at {it.backup_at:.1f} s, {verb} not back: {why}"
    return (
        f", the first confirmed at {gone.since:.1f} s, {verb} not back"
        if gone.since is not None
        else f" {verb} not back"
    )


def headroom(it: Regained) -> str:
    """What other honest methods took on the same data, beside this one; "" where none was tried."""
    if not it.fastest:
        return ""
    ordered = sorted(it.fastest.items(), key=lambda pair: pair[1])
    said = ", ".join(f"{name} {duration(seconds)}" for name, seconds in ordered)
    best, slowest = ordered[0], ordered[-1]
    times = f"; {best[0]} is {slowest[1] / best[1]:.1f} times as fast" if best[1] > 0 and len(ordered) > 1 else ""
    return f"The same data by other means, copy and start included: {said}{times}."


def at_full_size(it: Regained) -> str:
    """What the recovery would take with all of production's data: an extrapolation, and said to be one."""
    if not it.target:
        return ""
    all_of_it = f"with the {size(it.target)} of production"
    try:
        found = whole(it.points, it.target, seconds=it.seconds)
    except CannotExtrapolate as error:
        return f"The time {all_of_it} {error}."
    far = f", {found.beyond:,.0f} times the largest measured" if found.beyond >= FAR else ""
    return (
        f"Extrapolated, {all_of_it} it takes about {duration(found.seconds)}, between {duration(found.low)} and "
        f"{duration(found.high)}: a straight line through {found.points} measurements "
        f"({duration(found.start)} at least, {size(int(found.rate))} per second beyond){far}. "
        "The band is their spread, and a tenth more for every doubling."
    )


def _figure(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= TENTH else f"{seconds:.2f}"


def _tried(it: DrillRecord) -> Sequence[str]:
    control = next((each for each in it.attempts if each.name == CONTROL), it.attempts[0])
    others = [each for each in it.attempts if each is not control]
    refused = sum(bool(each.code) for each in others)
    hurt = [each.name for each in others if each.changed]
    left = [each.name for each in others if each.left]
    through = [each.name for each in others if not each.code]
    worked = "worked" if control.code == 0 else f"ended with {control.code}"
    parts = [f"The control {worked}; {refused} of {len(others)} other attempts were refused or reported."]
    if through:
        parts.append(f"It went through with: {', '.join(through)}.")
    if hurt:
        parts.append(f"Something was changed by: {', '.join(hurt)}.")
    if left:
        parts.append(f"Something was left by: {', '.join(left)}.")
    return parts


def _done(it: DrillRecord) -> Sequence[str]:
    commands, failed = it.journal.commands, it.journal.failed
    if failed is not None:
        return (f"{len(commands)} commands were run; the first that failed ended with {failed.code}: {failed.what}.",)
    took = f" in {duration(sum(phase.seconds for phase in it.journal.phases))}" if it.journal.phases else ""
    if not commands:
        harm = sum(entry.destructive for entry in it.journal.entries)
        return (f"The stack was harmed {harm} {'time' if harm == 1 else 'times'}{took}.",)
    wrong = sum(bool(entry.code) for entry in commands)
    but = f" but {wrong} with something wrong on purpose" if wrong else ""
    ran = "command was" if len(commands) == 1 else "commands were"
    return (f"{len(commands)} {ran} run{took}, and none failed{but}.",)


def _sentence(text: str) -> str:
    """The text with one full stop at its end."""
    return text.rstrip(". ") + "."
