"""What stands on the page apart from the verdict: what scanners advise, and which files were looked at."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from plimsoll.model import Advice, FileSeen, Severity
from plimsoll.report.clean import Clean
from plimsoll.report.spots import spot_of
from plimsoll.report.words import escaped, notes

ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[\w./?=&%#~+-]*)?")
"""What may become a link: a scanner's help page, and nothing that acts."""

ORDER = tuple(Severity)
ASIDES = ("notes", "advice", "files")
"""The sections, as anchors call them."""


def apart(verdict: Clean) -> str:
    """Both sections, and the notes on waivers and the baseline; each only if there is anything to show."""
    return "\n".join(filter(None, (_notes(verdict), _advice(verdict.advice), _files(verdict.files))))


def contents(verdict: Clean) -> str:
    """One line before the verdict's rows that leads to what stands after them."""
    odd = sum(bool(file.trouble) for file in verdict.files)
    advice, files = len(verdict.advice), len(verdict.files)
    links = {
        "notes": "waivers and baseline" if notes(verdict) else "",
        "advice": f"{advice} {'piece' if advice == 1 else 'pieces'} of advice" if advice else "",
        "files": f"{files} {'file' if files == 1 else 'files'} looked at" + (f", {odd} not understood" if odd else "")
        if files
        else "",
    }
    said = "; ".join(f'<a href="#aside-{name}">{words}</a>' for name, words in links.items() if words)
    return f'<p class="apart">Apart from the verdict: {said}</p>' if said else ""


def _notes(verdict: Clean) -> str:
    items = "".join(f"<li>{escaped(note)}</li>" for note in notes(verdict))
    gone = "".join(
        f"<li>{spot_of(hole.spot)} {escaped(hole.what)} ({escaped(hole.promise)})</li>" for hole in verdict.gone
    )
    more = f'<details class="more"><summary>What is gone</summary><ul>{gone}</ul></details>' if gone else ""
    return _section("notes", "Waivers and baseline", "", f"<ul>{items}</ul>{more}") if items else ""


def _advice(advice: Sequence[Advice]) -> str:
    if not advice:
        return ""
    ordered = sorted(advice, key=lambda a: (a.scanner, ORDER.index(a.severity), a.rule, a.spot))
    scanners = "".join(_scanner(name, tuple(those)) for name, those in groupby(ordered, lambda a: a.scanner))
    note = "What scanners say beyond the promises. It decides nothing: whoever agrees makes a promise of it."
    return _section("advice", "Advice", note, scanners, len(advice))


def _scanner(name: str, advice: Sequence[Advice]) -> str:
    counts = Counter(each.severity for each in advice)
    words = ", ".join(f"{counts[severity]} {severity}" for severity in ORDER if counts[severity])
    rows = "".join(
        f"<h3>{severity.value.capitalize()}</h3><ul>{''.join(map(_advised, those))}</ul>"
        for severity, those in groupby(advice, lambda each: each.severity)
    )
    return f'<details class="tool"><summary><b>{escaped(name)}</b> {words}</summary>{rows}</details>'


def _advised(advice: Advice) -> str:
    rule = f'<span class="id">{escaped(advice.rule)}</span>'
    if ADDRESS.fullmatch(advice.link):
        rule = f'<a href="{html.escape(advice.link)}" rel="noreferrer noopener">{rule}</a>'
    return f"<li>{spot_of(advice.spot)} {rule} {escaped(advice.message)}</li>"


def _files(files: Sequence[FileSeen]) -> str:
    if not files:
        return ""
    odd = [file for file in files if file.trouble]
    first = "".join(f"<li>{spot_of(file.spot)} {_name(file)}{escaped(file.trouble)}</li>" for file in odd)
    troubles = f"<h3>Not understood <span>{len(odd)}</span></h3><ul>{first}</ul>" if odd else ""
    rest = sorted((file for file in files if not file.trouble), key=lambda file: file.kind)
    kinds = "".join(_kind(kind, tuple(those)) for kind, those in groupby(rest, lambda file: file.kind))
    note = "Every file that this run saw, and what it took each for. What was not understood was not judged."
    return _section("files", "Files looked at", note, f"{troubles}{kinds}", len(files))


def _name(file: FileSeen) -> str:
    """What a block of a guide is called; a file's name stands there already."""
    return f"{escaped(file.name)}: " if file.name != file.spot.file else ""


def _kind(kind: str, files: Iterable[FileSeen]) -> str:
    items = [f"<li>{spot_of(file.spot)} {_name(file).removesuffix(': ')}</li>" for file in files]
    return (
        f'<details class="tool"><summary><b>{escaped(kind)}</b> {len(items)}</summary>'
        f"<ul>{''.join(items)}</ul></details>"
    )


def _section(name: str, heading: str, note: str, body: str, count: int = 0) -> str:
    number = f" <span>{count}</span>" if count else ""
    told = f'<p class="note">{note}</p>' if note else ""
    return (
        f'<section class="aside" aria-labelledby="aside-{name}"><h2 id="aside-{name}">{heading}{number}</h2>'
        f"{told}{body}</section>"
    )
