"""Whether what people write stays text."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import Echo, EchoedMarkup

__all__ = ["output_escaped"]

SHOWN_ON = "board"
"""The path class of the page that shows what people wrote, unless a promise names another."""

SUCCESS = range(200, 300)
MARKUP = ("text/html", "application/xhtml+xml", "image/svg+xml", "")
"""What browsers take for markup; a body that does not say what it is may be taken for it, too."""


def output_escaped(promise: Promise, seen: EchoedMarkup, *, stored: bool = False, shown_on: str = SHOWN_ON) -> Finding:
    """Markup that somebody sends comes back as text; with `stored`, also what was stored and is shown to others."""
    expected = "no element of what was sent" + f", on the {shown_on} page either" * stored
    echoes = [echo for echo in seen.echoes if echo.page.status is not None]
    raw = [(echo, piece) for echo in echoes for piece in seen.payloads if _runs(echo, piece)]
    evidence = [_line(echo) for echo in echoes]
    if raw:
        echo, piece = raw[0]
        return promise.broken(
            expected=expected,
            actual=f"{echo.page.where}: {piece}",
            message=f"what somebody {'stored' if echo.way == 'stored' else 'put into the address'} comes back as"
            f" markup: {echo.page.where} shows {piece}",
            hint="escape on output, by a template engine that does so unless told otherwise",
            evidence=evidence,
        )
    shown = [echo for echo in echoes if echo.way == "stored" and echo.marker.encode() in echo.page.body]
    if stored and not shown:
        tried = [echo for echo in seen.echoes if echo.way == "stored"]
        why = f"{tried[0].page.where} does not show what {_wrote(tried[0])}" if tried else "nothing could be stored"
        return promise.unknown(f"{why}, so its absence proves nothing", expected=expected, evidence=evidence)
    if not any(echo.page.status in SUCCESS for echo in echoes):
        return promise.unknown("no page was served", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=f"text on {len(echoes)} pages", evidence=evidence)


def _runs(echo: Echo, piece: str) -> bool:
    """Whether a browser would take the piece for markup."""
    kind = "".join(echo.page.values("Content-Type")).partition(";")[0].strip().lower()
    return kind in MARKUP and piece.encode() in echo.page.body


def _wrote(echo: Echo) -> str:
    return echo.written.where if echo.written else "was sent"


def _line(echo: Echo) -> str:
    came = "with the text" if echo.marker.encode() in echo.page.body else "without the text"
    return f"{echo.way}: {echo.page.where} {came}"
