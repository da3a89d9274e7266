"""The changes of a drill as a table: what was done, what clients had and have, and what failed meanwhile."""

from __future__ import annotations

from plimsoll.observations.drills.rollouts import CLOSED, KEPT, KILLED, REFUSED, SHARED
from plimsoll.observations.drills.served import Move, Served
from plimsoll.report.served_words import well
from plimsoll.report.words import duration, escaped

HEADS = (
    "Done",
    "Ended with",
    "Clients had, and have",
    "Requests failed",
    "Longest wait for a good answer",
    "All well again",
)

MEANT = {
    REFUSED: "has to be refused, or taken back",
    KILLED: "killed half-way, on purpose",
    SHARED: "some clients are to get another release",
    KEPT: "clients are to keep the release that they have",
    CLOSED: "nobody is to be served until the next change",
}
"""What is said of a change that is meant to be otherwise than to go through for everybody."""


def steps(it: Served) -> str:
    """The table, the control in its last row; empty where nothing was changed."""
    if not it.changes:
        return ""
    heads = "".join(f'<th scope="col">{words}</th>' for words in HEADS)
    rows = "".join(map(_step, it.changes))
    control = _control(it) if it.control_at is not None else ""
    return f'<table class="figures steps"><thead><tr>{heads}</tr></thead><tbody>{rows}{control}</tbody></table>'


def _step(it: Move) -> str:
    trouble = f'<p class="trouble">{escaped(it.trouble)}</p>' if it.trouble else ""
    wrong = f"<small>{MEANT[it.meant]}</small>" if it.meant in MEANT else ""
    what = f"{escaped(it.name)}{wrong}<code>{escaped(it.command)}</code>{trouble}"
    return _row(what, (_ended(it), _clients(it), _failed(it), duration(it.silence), _well(it)))


def _control(it: Served) -> str:
    at = f"{it.control_at:.1f} s" if it.control_at is not None else ""
    what = f"the application is killed, {at}<small>on purpose, to see that failures are counted</small>"
    seen = f"{it.control:,}" if it.control else '<span class="trouble">none: nobody would have noticed</span>'
    return _row(what, ("no command was run", "", seen, "", ""))


def _row(what: str, cells: tuple[str, ...]) -> str:
    told = "".join(
        f'<td data-head="{head}">{cell}</td>' if cell else '<td class="blank"></td>'
        for head, cell in zip(HEADS[1:], cells, strict=True)
    )
    return f'<tr><th scope="row">{what}</th>{told}</tr>'


def _ended(it: Move) -> str:
    if it.code is None:
        return "no end of its own" if it.command else "no command was run"
    bad = bool(it.code) != it.tried
    said = f"{it.code} after {duration(it.ended - it.began)}"
    return f'<span class="trouble">{said}</span>' if bad else said


def _clients(it: Move) -> str:
    before, after = escaped(it.before) or "nothing told", escaped(it.after) or "nothing told"
    if it.closed:
        return before
    if it.shared:
        return f"more than one<small>answers by {escaped(_answers(it))}</small>"
    have = after if it.due in ("", it.after) else f'<span class="trouble">{after}</span>'
    since = f" after {duration(it.reached - it.began)}" if it.reached is not None else ""
    said = f"{before}, then {have}{since}" if it.after != it.before else f"{have}{since and f', again{since}'}"
    return said + (f"<small>answers by {escaped(_answers(it))}</small>" if len(it.versions) > 1 else "")


def _answers(it: Move) -> str:
    return ", ".join(f"{version}: {count:,}" for version, count in it.versions.items()) or "nobody that told"


def _failed(it: Move) -> str:
    reasons = "".join(f"<small>{escaped(why)}: {count:,}</small>" for why, count in it.reasons.items())
    return f"{it.failed:,} of {it.asked:,}{reasons}"


def _well(it: Move) -> str:
    if (it.shared or it.closed) and not it.settled:
        return "not waited for"
    return f"after {well(it)}" if it.settled else f'<span class="trouble">{well(it)}</span>'
