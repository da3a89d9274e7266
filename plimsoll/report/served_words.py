"""What clients were served while something changed, in plain words: for whoever was called out of bed by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.observations.drills.served import Harm, Move, Served
from plimsoll.observations.drills.stretches import amount
from plimsoll.report.words import duration


def story(it: Served) -> Iterator[str]:
    """The sentences: what clients had, what each change did to them, what was refused, rows, and the control."""
    if it.changes and it.changes[0].before:
        yield f"Clients had {it.changes[0].before}."
    yield from (_sentence(it, step) for step in it.changes if not step.tried)
    for tried in _tried(it):
        yield from _refused(tried)
    yield from remains(it)
    yield _control(it)


def brief(it: Served) -> str:
    """The same in one line: what is wrong, what clients got and when, how many requests failed."""
    parts = list(alarms(it))
    if through := [step for step in it.changes if not step.tried]:
        said = ", ".join(_reached(it, step, back="taken back") for step in through)
        parts.append(f"{said}, {failures([step for step in through if not step.closed])}")
    for tried in _tried(it):
        but = ", ".join(step.name for step in tried if not step.good)
        parts.append(f"{_how_many(tried)} {_fared(tried)}{f', not {but}' if but else ''}, {failures(tried)}")
    return "; ".join(parts)


def became(step: Move | Harm) -> str:
    """What a change or a fault came to, in a few words."""
    parts = [_end(step) if isinstance(step, Move) else _over(step)]
    if step.failed:
        parts.append(f"{step.failed:,} failed")
    return ", ".join(filter(None, parts))


def failures(steps: Sequence[Move | Harm]) -> str:
    """How many of the requests during these changes failed."""
    return f"{sum(step.failed for step in steps):,} of {requests(sum(step.asked for step in steps))} failed"


def requests(number: int) -> str:
    """So many requests."""
    return f"{number:,} {'request' if number == 1 else 'requests'}"


def answers(number: int) -> str:
    """So many answers."""
    return f"{number:,} {'answer' if number == 1 else 'answers'}"


def well(step: Move) -> str:
    """How long it took until clients were all well again."""
    return duration(step.settled - step.began) if step.settled else "not while it was waited for"


def alarms(it: Served) -> Iterator[str]:
    """What should not be, in few words each."""
    if it.missing:
        yield f"{amount(it.missing):,} of {it.confirmed:,} confirmed rows lost"
    if it.doubled:
        yield f"{amount(it.doubled):,} of {it.confirmed:,} confirmed rows there twice"
    if it.vanished:
        yield f"{it.vanished:,} of {it.queued:,} queued jobs vanished"
    if it.astray:
        yield f"{requests(it.astray)} failed while nothing was done"
    if not it.counted:
        yield "failures could not be counted"


def remains(it: Served) -> Iterator[str]:
    """What of requests, rows and jobs there is to say when all is over."""
    if it.astray:
        yield f"{requests(it.astray)} failed while nothing was done."
    if it.missing is None:
        yield "What became of the rows that were written could not be counted."
    elif not it.missing and not it.doubled:
        yield f"{it.confirmed:,} rows were confirmed: none is lost, and none is there twice."
    else:
        yield (
            f"{it.confirmed:,} rows were confirmed: {amount(it.missing):,} of them are lost, and "
            f"{amount(it.doubled):,} are there twice."
        )
    if it.queued:
        yield f"{it.queued:,} jobs waited in the queue, and {f'{it.vanished:,}' if it.vanished else 'none'} vanished."


def _end(step: Move) -> str:
    if step.trouble or (step.tried and not step.code):
        return "could not be tried" if step.trouble else "went through"
    if step.shared or step.closed:
        return "closed" if step.closed else f"{step.wanted} for some" if step.wanted else shares(step)
    if not step.settled:
        return "not well afterwards"
    if step.killed or step.after != step.before:
        return "killed" if step.killed else f"{step.before or '?'} → {step.after or '?'}"
    if step.tried:
        return "taken back" if step.met or step.failed else "refused"
    return f"ended with {step.code}" if step.code else ""


def _over(harm: Harm) -> str:
    if not harm.landed:
        return "was not there"
    return "" if harm.healed else "did not heal"


def _amiss(step: Move) -> str:
    """What is wrong with how a change ended that should have gone through; "" where nothing is."""
    if step.trouble:
        return f"{step.name} could not be tried: {step.trouble}"
    if step.code:
        return f"{step.name} ended with {step.code} and left clients with {step.after or 'nothing'}"
    if step.shared or step.closed:
        return ""
    if step.due not in ("", step.after):
        return f"{step.name} said that all is well, and clients have {step.after or 'nothing'}, not {step.due}"
    return "" if step.settled else f"clients were not all well after {step.name}"


def _reached(it: Served, step: Move, *, back: str = "{} was back") -> str:
    """What became of a change that should have gone through."""
    if amiss := _amiss(step):
        return amiss
    if step.shared and step.wanted:
        met = step.met.get(step.wanted)
        some = f"some clients after {duration(met - step.began)}" if met is not None else "no client"
        return f"{step.wanted} reached {some}"
    if step.shared:
        return f"{step.name}: {shares(step)}"
    if step.closed:
        return f"after {step.name} {step.failed:,} of {requests(step.asked)} were turned away"
    if step.reached is None:
        return f"{step.name} took {duration(step.ended - step.began)}"
    first, had = it.changes[0].before, {each.after for each in it.changes if each.began < step.began and not each.meant}
    who = f"{step.after} was back" if step.after in had else f"{step.after} reached clients"
    return f"{back.format(step.after) if step.after == first else who} after {duration(step.reached - step.began)}"


def shares(step: Move) -> str:
    """Which part of the answers came from which release."""
    whole = sum(step.versions.values())
    told = ", ".join(f"{count / whole:.0%} by {version}" for version, count in sorted(step.versions.items()))
    return told or "nobody told who answered"


def _sentence(it: Served, step: Move) -> str:
    said = _reached(it, step)
    if step.closed:
        return f"{said[0].upper()}{said[1:]}{why(step)}, as nobody was to be served until the next change."
    wait = f", and the longest wait for a good answer was {duration(step.silence)}" if step.settled else ""
    return f"{said[0].upper()}{said[1:]}; {failures([step])}{why(step)}{wait}."


def why(step: Move | Harm) -> str:
    """Why requests failed, in brackets; "" where none did."""
    return f" ({', '.join(f'{each}: {count:,}' for each, count in step.reasons.items())})" if step.reasons else ""


def _tried(it: Served) -> list[list[Move]]:
    """What had something wrong on purpose: those that had to be refused, and those whose script was killed."""
    tried = [step for step in it.changes if step.tried]
    groups = ([step for step in tried if not step.killed], [step for step in tried if step.killed])
    return [group for group in groups if group]


def _how_many(tried: Sequence[Move]) -> str:
    return f"{sum(step.good for step in tried)} of {len(tried)}"


def _fared(tried: Sequence[Move]) -> str:
    if any(step.killed for step in tried):
        return "killed half-way left clients well"
    return "noticed and taken back" if any(step.met or step.failed for step in tried) else "refused"


def _refused(tried: Sequence[Move]) -> Iterator[str]:
    """What should have ended with an error: whether it did, and what clients noticed of it."""
    names = ", ".join(step.name for step in tried)
    what = "" if any(step.killed for step in tried) else "that had something wrong on purpose were "
    yield f"{_how_many(tried)} {what}{_fared(tried)} ({names}); {failures(tried)} meanwhile."
    for step in tried:
        if not step.good:
            yield f"{step.name}: {_harm(step)}."
    met = {version: count for step in tried for version, count in step.versions.items() if version in step.met}
    if met:
        told = ", ".join(f"{version} ({answers(count)})" for version, count in met.items())
        yield f"Clients met {told} meanwhile."
        slowest = max(tried, key=lambda step: step.settled - step.began)
        if slowest.settled:
            yield f"The longest until all were well again took {slowest.name}, {well(slowest)}."
    worst = max(tried, key=lambda step: step.failed)
    if worst.failed:
        yield f"Most failed with {worst.name}: {worst.failed:,} of {worst.asked:,}{why(worst)}."


def _harm(step: Move) -> str:
    """What is wrong with how a change ended that should have been refused or taken back."""
    if step.trouble:
        return f"could not be tried, {step.trouble}"
    facts = ["it went through as if all were well" if not step.code else ""]
    left = step.after != step.before and not step.killed
    facts.append(f"it left clients with {step.after or 'nothing'}, not {step.before}" if left else "")
    facts.append("clients were not all well afterwards" if not step.settled else "")
    return ", and ".join(filter(None, facts))


def _control(it: Served) -> str:
    if it.control_at is None:
        return "It was not shown that failures are counted, so that these figures show nothing."
    at = f"At {it.control_at:.1f} s the application was killed on purpose"
    if it.control:
        return f"{at}, and {requests(it.control)} failed: failures are counted."
    return f"{at}, and nobody noticed: these figures show nothing."
