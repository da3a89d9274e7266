"""What clients were served while something changed, in plain words: for whoever was called out of bed by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.observations.drills.served import Served, Step
from plimsoll.observations.drills.stretches import amount
from plimsoll.report.words import duration


def story(it: Served) -> Iterator[str]:
    """The sentences: what clients had, what each change did to them, what was refused, rows, and the control."""
    if it.steps and it.steps[0].before:
        yield f"Clients had {it.steps[0].before}."
    yield from (_sentence(it, step) for step in it.steps if not step.tried)
    yield from _refused(it)
    if it.astray:
        yield f"{requests(it.astray)} failed while nothing was being changed."
    yield _rows(it)
    yield _control(it)


def brief(it: Served) -> str:
    """The same in one line: what clients got and when, how many requests failed, and what is wrong."""
    parts = [f"{_reached(it, step)}, {failures([step])}" for step in it.steps if not step.tried]
    if tried := [step for step in it.steps if step.tried]:
        good = sum(step.good for step in tried)
        parts.append(f"{good} of {len(tried)} {_kept_away(tried)}, {failures(tried)}")
    if it.missing:
        parts.append(f"{amount(it.missing):,} of {it.confirmed:,} confirmed rows lost")
    if it.doubled:
        parts.append(f"{amount(it.doubled):,} rows there twice")
    if it.astray:
        parts.append(f"{requests(it.astray)} failed while nothing was being changed")
    if not it.control:
        parts.append("failures could not be counted")
    return "; ".join(parts)


def became(step: Step) -> str:
    """What a change came to, in a few words."""
    parts = [_end(step)]
    if step.failed:
        parts.append(f"{step.failed:,} failed")
    return ", ".join(filter(None, parts))


def failures(steps: Sequence[Step]) -> str:
    """How many of the requests during these changes failed."""
    return f"{sum(step.failed for step in steps):,} of {requests(sum(step.asked for step in steps))} failed"


def requests(number: int) -> str:
    """So many requests."""
    return f"{number:,} {'request' if number == 1 else 'requests'}"


def well(step: Step) -> str:
    """How long it took until clients were all well again."""
    return duration(step.settled - step.began) if step.settled else "not while it was waited for"


def _end(step: Step) -> str:
    if step.trouble:
        return "could not be tried"
    if step.tried and not step.code:
        return "went through"
    if not step.settled:
        return "not well afterwards"
    if step.after != step.before:
        return f"{step.before or '?'} → {step.after or '?'}"
    if step.tried:
        return "taken back" if step.met else "refused"
    return f"ended with {step.code}" if step.code else ""


def _reached(it: Served, step: Step) -> str:
    """What became of a change that should have gone through."""
    if step.trouble:
        return f"{step.name} could not be tried: {step.trouble}"
    if step.code:
        return f"{step.name} ended with {step.code} and left clients with {step.after or 'nothing'}"
    if step.wanted and step.after != step.wanted:
        return f"{step.name} said that all is well, and clients have {step.after or 'nothing'}, not {step.wanted}"
    if not step.settled:
        return f"clients were not all well after {step.name}"
    if step.after == step.before or step.reached is None:
        return f"{step.name} took {duration(step.ended - step.began)}"
    took = duration(step.reached - step.began)
    had = {each.before for each in it.steps if each.began < step.began}
    return f"{step.after} was back after {took}" if step.after in had else f"{step.after} reached clients after {took}"


def _sentence(it: Served, step: Step) -> str:
    said = _reached(it, step)
    wait = f"the longest wait for a good answer was {duration(step.silence)}" if step.settled else ""
    parts = [f"{failures([step])}{_why(step)}", wait]
    return f"{said[0].upper()}{said[1:]}; {', and '.join(filter(None, parts))}."


def _why(step: Step) -> str:
    return f" ({', '.join(f'{why}: {count:,}' for why, count in step.reasons.items())})" if step.reasons else ""


def _kept_away(tried: Sequence[Step]) -> str:
    return "noticed and taken back" if any(step.met for step in tried) else "refused"


def _refused(it: Served) -> Iterator[str]:
    """What should have ended with an error: whether it did, and what clients noticed of it."""
    tried = [step for step in it.steps if step.tried]
    if not tried:
        return
    good = [step for step in tried if step.good]
    yield (
        f"{len(good)} of {len(tried)} that had something wrong on purpose were {_kept_away(tried)} "
        f"({', '.join(step.name for step in tried)}); {failures(tried)} meanwhile."
    )
    for step in tried:
        if not step.good:
            yield f"{step.name}: {_harm(step)}."
    met = {version: count for step in tried for version, count in step.versions.items() if version in step.met}
    if met:
        told = ", ".join(f"{version} ({count:,} answers)" for version, count in met.items())
        yield f"Clients met {told} before that."
    worst = max(tried, key=lambda step: step.failed)
    if worst.failed:
        yield f"Most failed with {worst.name}: {worst.failed:,} of {worst.asked:,}{_why(worst)}."
    slowest = max(tried, key=lambda step: step.settled - step.began)
    if slowest.settled:
        yield f"The longest until all were well again took {slowest.name}, {well(slowest)}."


def _harm(step: Step) -> str:
    """What is wrong with how a change ended that should have been refused or taken back."""
    if step.trouble:
        return f"could not be tried, {step.trouble}"
    facts = ["it went through as if all were well" if not step.code else ""]
    facts.append(f"it left clients with {step.after or 'nothing'}" if step.after != step.before else "")
    facts.append("clients were not all well afterwards" if not step.settled else "")
    return ", and ".join(filter(None, facts))


def _rows(it: Served) -> str:
    if it.missing is None:
        return "What became of the rows that were written could not be counted."
    if not it.missing and not it.doubled:
        return f"{it.confirmed:,} rows were confirmed: none is lost, and none is there twice."
    return (
        f"{it.confirmed:,} rows were confirmed: {amount(it.missing):,} of them are lost, and "
        f"{amount(it.doubled):,} are there twice."
    )


def _control(it: Served) -> str:
    if it.control_at is None:
        return "It was not shown that failures are counted, so that these figures show nothing."
    at = f"At {it.control_at:.1f} s the application was killed on purpose"
    if it.control:
        return f"{at}, and {requests(it.control)} failed: failures are counted."
    return f"{at}, and nobody noticed: these figures show nothing."
