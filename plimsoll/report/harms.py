"""The faults of a drill as a table: what befell whom, what failed, what health endpoints said, and when it was over."""

from __future__ import annotations

from plimsoll.observations.drills.served import Harm, Served, Voice
from plimsoll.report.words import duration, escaped

HEADS = (
    "Fault, and by what it is known",
    "There for",
    "Requests failed",
    "Longest wait for a good answer",
    "Health endpoints meanwhile",
    "All well again",
)


def harms(it: Served) -> str:
    """The table; empty where nothing was harmed."""
    if not it.faults:
        return ""
    heads = "".join(f'<th scope="col">{words}</th>' for words in HEADS)
    rows = "".join(map(_harm, it.faults))
    return f'<table class="figures steps"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _harm(it: Harm) -> str:
    what = f"{it.what} ({', '.join(it.roles)})" if it.what and it.roles else it.what
    trouble = f'<p class="trouble">{escaped(it.trouble)}</p>' if it.trouble else ""
    reasons = "".join(f"<small>{escaped(why)}: {count:,}</small>" for why, count in it.reasons.items())
    voices = "".join(map(_voice, it.voices)) or "not asked"
    cells = (
        duration(it.ended - it.began),
        f"{it.failed:,} of {it.asked:,}{reasons}",
        duration(it.silence),
        voices,
        _over(it),
    )
    told = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in zip(HEADS[1:], cells, strict=True))
    known = escaped(it.landed) if it.landed else '<span class="trouble">not known to have been there</span>'
    name = f"{escaped(it.name)}<small>{escaped(what)}</small><small>{known}</small>{trouble}"
    return f'<tr><th scope="row">{name}</th>{told}</tr>'


def _voice(it: Voice) -> str:
    if it.well == it.asked:
        return f"<div>{escaped(it.question)}: well, {it.asked:,} {'time' if it.asked == 1 else 'times'}</div>"
    said = f"<small>{escaped(it.said)}</small>" if it.said else ""
    return f"<div>{escaped(it.question)}: not well, {it.asked - it.well:,} of {it.asked:,} times{said}</div>"


def _over(it: Harm) -> str:
    if not it.healed:
        return '<span class="trouble">not without an operator</span>'
    return f"{duration(max(it.healed - it.ended, 0.0))} after its end"
