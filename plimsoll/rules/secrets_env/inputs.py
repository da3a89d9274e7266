"""What applications make of bodies that cannot be meant."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import HttpSurvey

__all__ = ["inputs_validated"]

REFUSALS = (400, 422)
"""Malformed, or well-formed and not what is expected (RFC 9110, 15.5.1 and 15.5.21)."""


def inputs_validated(promise: Promise, survey: HttpSurvey, *, status: int = 400) -> Finding:
    """A body of wrong types, with keys too many, or cut off is refused as such; a proper one is not."""
    expected = f"{status} for a body that does not fit the schema, another status for one that does"
    control, tried = survey.of("valid"), survey.of("invalid")
    evidence = [exchange.where for exchange in (*control, *tried)]
    if not tried or not control or any(exchange.status is None for exchange in (*control, *tried)):
        return promise.unknown("no login was asked, or it did not answer", expected=expected, evidence=evidence)
    if control[0].status in REFUSALS or (control[0].status or 0) >= 500:  # noqa: PLR2004 - a server's error
        message = f"a proper body is refused as well ({control[0].where}), so a refusal proves nothing"
        return promise.unknown(message, expected=expected, evidence=evidence)
    if passed := [exchange for exchange in tried if exchange.status != status]:
        return promise.broken(
            expected=expected,
            actual=passed[0].where,
            message=f"a body that does not fit the schema is not refused with {status}: {passed[0].where}",
            hint="parse every body with a schema (z.strictObject) before a handler sees it, and answer 400",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"{status} for {len(tried)} bodies", evidence=evidence)
