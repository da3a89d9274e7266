"""What rules tell of one thing that was tried: whether it shows anything, and its last words."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Attempt, Troubles
from plimsoll.observations.drills.troubles import CONTROL

LAST_LINES = 3
"""Of what a command said."""

SHOWN = 5


def tried(promise: Promise, seen: Troubles, name: str, *, expected: str) -> Attempt | Finding:
    """The attempt of that name, or why nothing can be told of it: it shows something only when its fault was there."""
    control, attempt = seen.of(CONTROL), seen.of(name)
    if attempt is None:
        why = seen.untried.get(name) or seen.trouble
        if name in seen.untried and promise.general:
            return promise.not_applicable(why)
        return promise.unknown(f"{name} was not tried: {why or 'the drill does not know it'}", expected=expected)
    if control is None or control.code:
        said = last_words(control) if control else "it was not tried"
        fact = f"it fails even when nothing befalls it, so its refusals show nothing: {said}"
        return promise.unknown(fact, expected=expected, hint="mend that first", evidence=lines(control))
    if attempt.trouble or not attempt.landed:
        fact = f"{name} could not be tried: {attempt.trouble or 'nothing shows that the fault was there'}"
        return promise.unknown(fact, expected=expected, evidence=lines(attempt))
    return attempt


def last_words(attempt: Attempt) -> str:
    """How a command ended, and the end of what it said."""
    words = " / ".join(line.strip() for line in attempt.output.strip().splitlines()[-LAST_LINES:])
    return f"`{attempt.command}` ended with {attempt.code}: {words or 'it said nothing'}"


def lines(attempt: Attempt | None) -> list[str]:
    """All that is known of an attempt, one fact a line."""
    if attempt is None:
        return []
    return [
        *([f"the fault: {attempt.landed}"] if attempt.landed else []),
        last_words(attempt),
        *(f"announced: {letter}" for letter in attempt.told[:SHOWN]),
        *(f"left: {name}" for name in attempt.left[:SHOWN]),
        *(f"changed: {change}" for change in attempt.changed[:SHOWN]),
    ]
