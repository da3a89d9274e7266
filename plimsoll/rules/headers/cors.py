"""Whose scripts may read what the site answers."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import CrossOrigin, OriginTrial

__all__ = ["cors_restricted"]

READABLE = ("page", "public", "private")
"""The path classes asked for unless a promise names others."""

ALLOW = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
EVERYBODY = "*"
REFUSALS = range(400, 600)


def cors_restricted(
    promise: Promise,
    seen: CrossOrigin,
    *,
    origins: tuple[str, ...] = (),
    on: tuple[str, ...] = READABLE,
    public: bool = False,
) -> Finding:
    """Scripts of the promised origins may read answers, and those of no other; with `public`, all without cookies."""
    expected = f"{ALLOW}: {' or '.join(origins) or 'none'}" + ", or * without credentials" * public
    trials = [t for t in seen.trials if t.exchange.kind in on and t.exchange.status is not None]
    tried = {t.kind for t in trials}
    if lacking := {"foreign", "null", *(["promised"] if origins else [])} - tried:
        return promise.unknown(f"no answer to a script of the {', '.join(sorted(lacking))} origin", expected=expected)
    evidence = [_line(t) for t in trials]
    for trial in trials:
        if trial.origin not in origins and (why := _too_open(trial, public=public)):
            return promise.broken(
                expected=expected,
                actual=_line(trial),
                message=f"scripts of {trial.origin} may read what they should not: {_line(trial)} ({why})",
                hint="compare the whole Origin with a list, and answer without the header to all others",
                evidence=evidence,
            )
    deaf = [t for t in trials if t.origin in origins and not _allowed(t, public=public)]
    if deaf:
        return promise.broken(
            expected=expected,
            actual=_line(deaf[0]),
            message=f"scripts of the promised origin {deaf[0].origin} are not let in: {_line(deaf[0])}",
            hint="send the header on every answer, refusals included, and answer preflights with 2xx",
            evidence=evidence,
        )
    return promise.kept(
        expected=expected, actual=f"{len(tried)} kinds of origin on {len(trials)} requests", evidence=evidence
    )


def _too_open(trial: OriginTrial, *, public: bool) -> str:
    """Why an answer lets scripts read that nobody promised anything, "" if it does not."""
    allowed = [value.strip() for value in trial.exchange.values(ALLOW)]
    with_cookies = any(value.strip().lower() == "true" for value in trial.exchange.values(CREDENTIALS))
    if EVERYBODY in allowed:
        if with_cookies:
            return "a wildcard with credentials: browsers refuse it, the next change may not"
        return "" if public else "everybody is let in"
    if trial.origin not in allowed:
        return ""
    if trial.kind == "null":
        return "null is the origin of every sandboxed frame"
    return {
        "suffix": "only the beginning of the origin is compared",
        "prefix": "only the end of the origin is compared",
        "subdomain": "any subdomain is let in",
        "plain": "a page fetched over plain HTTP, which anybody on the way can write, is let in",
    }.get(trial.kind, "the origin is sent back whatever it is")


def _allowed(trial: OriginTrial, *, public: bool) -> bool:
    values = {value.strip() for value in trial.exchange.values(ALLOW)}
    good = {trial.origin, *([EVERYBODY] if public else [])}
    refused = trial.preflight and trial.exchange.status in REFUSALS
    return len(values) == 1 and values <= good and not refused


def _line(trial: OriginTrial) -> str:
    said = [f"{name}: {' | '.join(values)}" for name in (ALLOW, CREDENTIALS) if (values := trial.exchange.values(name))]
    return f"{trial.exchange.where} for Origin {trial.origin}: {', '.join(said) or 'no scripts let in'}"
