"""Where programs report their errors to."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import JavaScripts

__all__ = ["errors_reported"]

OF_ENVIRONMENT = re.compile(r"process\.env\.\w+|process\.env\[|import\.meta\.env\.")


def errors_reported(
    promise: Promise, scripts: JavaScripts, *, sample_rate: float, environment: str = "production"
) -> Finding:
    """Errors go to Sentry, at an address from the environment, with as many traces as promised."""
    starts = [call for call in scripts.calls if call.name.endswith("Sentry.init")]
    holes = []
    for call in starts:
        said, rate = call.argument, call.argument["tracesSampleRate"]
        if not said["dsn"] or not (OF_ENVIRONMENT.search(said["dsn"].text) or said["dsn"].text.startswith("http")):
            what = "Sentry is told no address: every error is dropped in silence"
            fix = "dsn: process.env.SENTRY_DSN"
            holes.append(Hole(spot=said["dsn"].spot, what=what, fix=fix))
        if not isinstance(rate.value, int | float) or float(rate.value) != sample_rate:
            what = f"{rate.text or 'no'} of the traces are sampled, not {sample_rate}"
            holes.append(Hole(spot=rate.spot, what=what, fix=f"tracesSampleRate: {sample_rate}"))
        if said["environment"].text != environment and not OF_ENVIRONMENT.search(said["environment"].text):
            what = f"errors are filed under {said['environment'].text or 'no environment'}, not under {environment}"
            holes.append(Hole(spot=said["environment"].spot, what=what, fix=f'environment: "{environment}"'))
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.name}" for call in starts],
        expected=f"Sentry.init with tracesSampleRate {sample_rate}",
        nothing="no program starts Sentry",
    )
