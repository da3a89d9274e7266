"""Whether requests are answered as they should be, however long that takes."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.load import LoadRun, Tally
from plimsoll.rules.slo.events import failures, finding_of, judgement, percent
from plimsoll.rules.slo.soundness import unsound

__all__ = ["error_rate_within", "error_share_within"]

HINT = "the routes that fail, and how, stand below; the services' logs say why"


def error_share_within(
    promise: Promise, seen: LoadRun, *, share: float, classes: tuple[str, ...] = (), routes: tuple[str, ...] = ()
) -> Finding:
    """No more than that share of the requests fails, of the routes and in the ways that are named, or in any.

    `classes` are beginnings of what was wrong: `status 5`, `timed out`, `refused`, `cut`, `wrong body`.
    """
    expected = f"at most {percent(share)} of requests fail{_ways(classes)}"
    found = judgement(seen, lambda tally: _failed(tally, classes), share, routes)
    return finding_of(
        promise,
        seen,
        found,
        expected=expected,
        what=f"failed{_ways(classes)}",
        hint=HINT,
        evidence=failures(seen, routes),
    )


def error_rate_within(
    promise: Promise, seen: LoadRun, *, per_second: float, classes: tuple[str, ...] = (), routes: tuple[str, ...] = ()
) -> Finding:
    """No more than so many requests fail a second, at the rate that was asked, in the ways that are named, or in any.

    So many of so many that are asked a second is a share, and judged as one: what alerts of rates mean at that load.
    """
    expected = f"at most {per_second:g} requests a second fail{_ways(classes)}"
    seconds = sum(window.judged for window in seen.windows)
    asked = sum(tally.asked for tally in seen.judged(*routes))
    if doubt := unsound(seen):
        return promise.unknown(doubt, expected=expected, evidence=failures(seen, routes))
    if not asked or per_second >= asked / seconds:
        rate = asked / max(seconds, 1)
        return promise.unknown(f"{rate:.3g} requests a second were asked: more cannot fail", expected=expected)
    found = judgement(seen, lambda tally: _failed(tally, classes), per_second * seconds / asked, routes)
    return finding_of(
        promise,
        seen,
        found,
        expected=f"{expected}: {percent(found.limit)} of {asked / seconds:.3g}",
        what=f"failed{_ways(classes)}",
        hint=HINT,
        evidence=failures(seen, routes),
    )


def _failed(tally: Tally, classes: tuple[str, ...]) -> int:
    return sum(count for kind, count in tally.bad.items() if not classes or kind.startswith(classes))


def _ways(classes: tuple[str, ...]) -> str:
    return f" by {' or '.join(classes)}" if classes else ""
