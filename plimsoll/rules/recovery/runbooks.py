"""Whether a runbook offers what was promised of it, and knows whether a recovery has succeeded."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Attempt, RunbookTrials
from plimsoll.observations.drills.troubles import CONTROL, UNWELL
from plimsoll.rules.recovery.trials import last_words, lines, tried

__all__ = ["one_command_offers", "recovery_checks_health"]

WHOLE = "restore-all"


def recovery_checks_health(promise: Promise, seen: RunbookTrials, *, path: str = "", code: int = 0) -> Finding:
    """A recovery asks the application whether it is well before it says that it succeeded, and fails when it is not.

    `path` is what has to be asked, `code` the exit code that was promised, 0 any but that.
    """
    expected = f"{path or 'a health endpoint'} asked, and an exit code {f'of {code}' if code else 'other than 0'}"
    found = tried(promise, seen, UNWELL, expected=expected)
    if isinstance(found, Finding):
        return found
    control, wrong = seen.of(CONTROL), ""
    if found.code == 0:
        wrong = f"nobody answers at {seen.health}, and the recovery is called a success: {last_words(found)}"
    elif code and found.code != code:
        wrong = f"nobody answers at {seen.health}, and the recovery ends with {found.code}, not with {code}"
    elif path and not seen.health.endswith(path):
        wrong = f"the recovery asks {seen.health}, not {path}"
    if wrong:
        return promise.broken(
            expected=expected,
            actual=f"it ended with {found.code}",
            message=wrong,
            hint='curl --fail "$HEALTH_URL" until a deadline, then exit 1',
            evidence=lines(found),
        )
    well = f"{control.seconds:.1f} s" if control else "nothing"
    return promise.kept(
        expected=expected,
        actual=f"with an application that is well it ended with 0 after {well}, without one with {found.code}",
        evidence=[*lines(control), *lines(found)],
    )


def one_command_offers(promise: Promise, seen: RunbookTrials, *, acts: tuple[str, ...]) -> Finding:
    """One script leads back in each of these ways, and each of them does what it is called."""
    expected = f"one script for {', '.join(acts)}"
    missing = [act for act in acts if act not in seen.commands]
    if missing:
        why = seen.trouble or f"the runbook does not say how to {missing[0].replace('-', ' ')}"
        return promise.unknown(why, expected=expected)
    scripts = {act: seen.commands[act].split()[0] for act in acts}
    if len(set(scripts.values())) > 1:
        return promise.broken(
            expected=expected,
            actual=f"{len(set(scripts.values()))} scripts",
            message="the ways are not one script's: " + ", ".join(f"{act} is {name}" for act, name in scripts.items()),
            hint="one script, whose first argument says which way",
        )
    evidence = []
    for act in acts:
        found = seen.of(CONTROL) if act == WHOLE else tried(promise, seen, act, expected=expected)
        if isinstance(found, Finding):
            return found
        evidence += lines(found)
        if wrong := _wrong(act, found):
            return promise.broken(
                expected=expected,
                actual=f"{act} does not do it",
                message=wrong,
                hint="the timeline of the drill 'runbook' has every command and what it said",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=f"{scripts[acts[0]]} does all of it", evidence=evidence)


def _wrong(act: str, found: Attempt | None) -> str:
    if found is None:
        return f"{act} was not tried"
    if found.code:
        return f"{act} fails: {last_words(found)}"
    return f"after {act} something is not as it was backed up: {found.changed[0]}" if found.changed else ""
