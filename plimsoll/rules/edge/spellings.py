"""Whether what is closed at the edge stays closed however its address is written."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import NginxConfig, Spellings
from plimsoll.rules.texts import address

__all__ = ["paths_normalised"]

SUCCESS = range(200, 300)
ERROR = 400
FOUND = range(200, 400)


def paths_normalised(
    promise: Promise, seen: Spellings, config: NginxConfig | None, *, path: str, behind: str = "app"
) -> Finding:
    """A path that is closed at the edge and served behind it stays closed in every other spelling."""
    expected = f"the {path} path refused at the edge in every spelling, as it is in the plain one"
    tried = [e for e in seen.of(path) if e.status is not None or e.cut]
    direct = seen.of(path, role=behind)
    evidence = [e.where for e in (*direct, *tried)]
    if not any(e.status in FOUND for e in seen.of("page")):
        return promise.unknown("no ordinary page was served, so a refusal proves nothing", expected=expected)
    if len(tried) < 2:  # noqa: PLR2004 - the plain spelling, and another
        return promise.unknown(f"the {path} path was not tried", expected=expected, evidence=evidence)
    if direct and direct[0].status not in SUCCESS:
        return promise.unknown(
            f"{behind} itself does not serve it, so nothing needs to be closed: {direct[0].where}",
            expected=expected,
            evidence=evidence,
        )
    fallbacks = {e.body for e in seen.of("nowhere") if e.status in SUCCESS}
    open_ones = [e for e in tried if e.status in SUCCESS and e.body not in fallbacks]
    if open_ones:
        rules = _rules(config, tried[0].url)
        how = "it is open as it is" if open_ones[0] is tried[0] else f"{len(open_ones)} of {len(tried)} spellings pass"
        return promise.broken(
            expected=expected,
            actual=open_ones[0].where,
            message=f"the {path} path is not closed at the edge: {how}, e.g. {open_ones[0].where}{rules}",
            hint="match what the application will match: after decoding and merging, without case, and by prefix",
            evidence=evidence,
        )
    refusals = ", ".join(sorted({str(e.status or "cut off") for e in tried}))
    return promise.kept(expected=expected, actual=f"{refusals} on {len(tried)} spellings", evidence=evidence)


def _rules(config: NginxConfig | None, plain: str) -> str:
    """Where the file decides about the path, if it is known."""
    if config is None:
        return ""
    unmerged = [d for d in config.named("merge_slashes") if d.arguments == ("off",)]
    closing = [d for d in config.named("location") if d.arguments and d.arguments[-1] == address(plain).path]
    return f" (see {', '.join(d.where for d in (*unmerged, *closing))})" if unmerged or closing else ""
