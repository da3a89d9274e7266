"""The drills of a run on its page: for each what happened in words, as a picture, in figures, and line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.model import Outcome, merge
from plimsoll.observations.drills import Attempt, DrillRecord, Entry
from plimsoll.observations.drills.stretches import Ranges
from plimsoll.report.clean import Clean
from plimsoll.report.drill_words import at_full_size, headroom, size, told
from plimsoll.report.harms import harms
from plimsoll.report.lanes import swatches
from plimsoll.report.promised import findings_of, promised
from plimsoll.report.rows import shape
from plimsoll.report.steps import steps
from plimsoll.report.timeline import timeline
from plimsoll.report.trend import trend
from plimsoll.report.words import duration, escaped

FEW = 3
"""So many drills are all open; of more, those with a broken promise."""

NUMBERS = 12
"""Stretches of missing rows that are named."""


def drills(verdict: Clean) -> str:
    """The section; empty for a run without drills that knows of no earlier ones."""
    if not verdict.journals and not verdict.history:
        return ""
    count = len(verdict.journals)
    several = "".join(_drill(verdict, it, number) for number, it in enumerate(verdict.journals, start=1))
    note = (
        "What was harmed on purpose, what was lost by it, and how long it took to come back. "
        "Times are seconds since the drill began."
    )
    return (
        f'<section class="drills" aria-labelledby="drills"><h2 id="drills">Drills <span>{count}</span></h2>'
        f'<p class="note">{note}</p>{_defs()}{several}{trend(verdict.history) if verdict.history else ""}</section>'
    )


def _drill(verdict: Clean, it: DrillRecord, number: int) -> str:
    name, findings = f"drill-{number}", findings_of(verdict, it.promises)
    outcome = merge(finding.outcome for finding in findings)
    unfolded = " open" if outcome is Outcome.FAIL or len(verdict.journals) <= FEW or it.trouble else ""
    says = f'<p class="says">{escaped(it.journal.says)}</p>' if it.journal.says else ""
    return (
        f'<details class="drill {outcome}" id="{name}"{unfolded}><summary>{shape(outcome)}'
        f'<h3>{escaped(it.journal.drill)}</h3><span class="story">{escaped(told(it))}</span></summary>'
        f'<div class="inside">{says}{timeline(it, name)}{_legend(it)}{_more(it)}{promised(findings)}'
        f"{_attempts(it.attempts)}{steps(it.served) if it.served else ''}{harms(it.served) if it.served else ''}"
        f"{_lost(it)}{_journal(it)}</div></details>"
    )


def _defs() -> str:
    """How lost rows are hatched and other releases lined, for those who see no red, and none of the colours."""
    size = 'patternUnits="userSpaceOnUse" width="4"'
    return (
        f'<svg class="shapes" aria-hidden="true" width="0" height="0"><defs><pattern id="hatch" {size} height="4" '
        'patternTransform="rotate(45)"><rect class="hatched" width="4" height="4"/>'
        f'<path class="stripe" d="M0 0V4"/></pattern><pattern id="lined" {size} height="4">'
        '<rect class="next" width="4" height="4"/><path class="stripe" d="M0 2H4"/></pattern>'
        f'<pattern id="banded" {size} height="9"><rect class="third" width="4" height="9"/>'
        '<path class="stripe wide" d="M0 2H4"/></pattern></defs></svg>'
    )


def _legend(it: DrillRecord) -> str:
    words: dict[str, str] = {}
    if it.regained and it.regained.slots:
        words |= {"kept": "confirmed and back", "lost": "confirmed and lost", "refused": "never confirmed"}
        words |= {"undone": "confirmed after the moment, and gone as it should"} if it.regained.undone else {}
        words |= {"outage": "no answer"} if it.regained.outage else {}
    words |= dict(swatches(it.served)) if it.served else {}
    if not words:
        return ""
    items = "".join(
        f'<li><svg class="swatch" width="14" height="14" aria-hidden="true"><rect class="{kind}" width="14" '
        f'height="14"/></svg>{said}</li>'
        for kind, said in words.items()
    )
    return f'<ul class="legend">{items}</ul>'


def _more(it: DrillRecord) -> str:
    """What stands beside the time that was measured: on what, of how much, and what it would be elsewhere."""
    back, journal = it.regained, it.journal
    amounts = [f"{size(journal.data_bytes)} of data" if journal.data_bytes else ""]
    amounts += [f"data on {journal.medium}" if journal.medium else ""]
    amounts += [f"backup of {size(back.backup_bytes)}" if back and back.backup_bytes else ""]
    lines = [f"Measured with {', '.join(filter(None, amounts))}." if any(amounts) else ""]
    lines += [at_full_size(back), headroom(back)] if back else []
    return "".join(f'<p class="beside">{escaped(line)}</p>' for line in lines if line)


def _attempts(attempts: Sequence[Attempt]) -> str:
    if not attempts:
        return ""
    words = ("Tried", "How it is known that it was so", "Ended with", "Said", "Changed or left")
    heads = "".join(f'<th scope="col">{word}</th>' for word in words)
    rows = "".join(_attempt(attempt, words) for attempt in attempts)
    return f'<table class="figures"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _attempt(it: Attempt, heads: Sequence[str]) -> str:
    ended = "no command was run" if it.code is None and not it.command else f"{it.code} after {duration(it.seconds)}"
    after = [*map(str, it.changed), *(f"left {name}" for name in it.left)]
    changed = "".join(f"<li>{escaped(each)}</li>" for each in after)
    said = f'<pre tabindex="0">{escaped(it.output)}</pre>' if it.output else "nothing"
    announced = "".join(f"<p>Announced: {escaped(each)}</p>" for each in it.told)
    trouble = f'<p class="trouble">{escaped(it.trouble)}</p>' if it.trouble else ""
    cells = (escaped(it.landed) or "not said", ended, said + announced, f"<ul>{changed}</ul>" if changed else "nothing")
    told = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in zip(heads[1:], cells, strict=True))
    return f'<tr><th scope="row">{escaped(it.name)}<code>{escaped(it.command)}</code>{trouble}</th>{told}</tr>'


def _lost(it: DrillRecord) -> str:
    back = it.regained
    if back is None:
        return ""
    gone, items = back.gone, []
    if gone and gone.missing:
        items.append(f"Missing, by number: {_numbers(gone.missing)}")
    if gone and gone.strangers:
        items.append(f"Never written by this drill: {_numbers(gone.strangers)}")
    items += [str(change) for change in back.changed]
    listed = "".join(f"<li>{escaped(item)}</li>" for item in items)
    return (
        f'<details class="evidence"><summary>What is not as it was</summary><ul>{listed}</ul></details>'
        if items
        else ""
    )


def _numbers(ranges: Ranges) -> str:
    named = ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in ranges[:NUMBERS])
    return f"{named}, and {len(ranges) - NUMBERS} more stretches" if len(ranges) > NUMBERS else named


def _journal(it: DrillRecord) -> str:
    entries = it.journal.entries
    if not entries:
        return ""
    commands = it.journal.commands
    tried = sum(entry.tried for entry in commands)
    failed = sum(bool(entry.code) and not entry.tried for entry in commands)
    wrong = (
        f", {tried} of them with something wrong on purpose, {failed} others failed" if tried else f", {failed} failed"
    )
    words = f"What was done: {len(entries)} lines, {len(commands)} commands{wrong}"
    lines = "".join(_lines(it))
    return f'<details class="evidence journal"><summary>{words}</summary><ol>{lines}</ol></details>'


def _lines(it: DrillRecord) -> Iterator[str]:
    """The entries in their order, each phase before what happened in it."""
    phases = list(it.journal.phases)
    for entry in sorted(it.journal.entries, key=lambda entry: entry.at):  # a command is written down at its end
        while phases and phases[0].started <= entry.at:
            phase = phases.pop(0)
            took = f"{phase.started:.2f} s, took {duration(phase.seconds)}"
            yield f'<li class="begun"><b>{escaped(phase.name)}</b> {took}</li>'
        yield _entry(entry)


def _entry(entry: Entry) -> str:
    ended = (
        f'<span class="ended{" bad" if entry.code and not entry.tried else ""}">ended with {entry.code}'
        if entry.code is not None
        else ""
    )
    wrong = ", something was wrong on purpose" if entry.tried else ""
    ended += f", {duration(entry.seconds)}{wrong}</span>" if ended else ""
    what = f"<code>{escaped(entry.what)}</code>" if entry.kind == "command" else escaped(entry.what)
    harm = ' <span class="badge">destroys</span>' if entry.destructive else ""
    said = f'<pre tabindex="0">{escaped(entry.output)}</pre>' if entry.output.strip() else ""
    return f'<li><span class="at">{entry.at:.2f} s</span> {what} {ended}{harm}{said}</li>'
