"""Whether the way back from an upgrade is written down, in commands that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Documents, Scripts, SourceFile

__all__ = ["rollback_planned"]

HEADING = re.compile(r"^#+\s")
CODE = re.compile(r"`([^`]+)`")


def rollback_planned(
    promise: Promise, documents: Documents, scripts: Scripts, *, document: str, heading: str, commands: tuple[str, ...]
) -> Finding:
    """A document says how an upgrade is taken back: under its heading stand these commands, in this order.

    Each is one of a script that is there. Whether they work is what drills find out; whether somebody keeps to the
    plan, nobody can see.
    """
    plans = documents.of(files=document)
    names = {source.name.rpartition("/")[2] for source in scripts.sources}
    holes = [hole for plan in plans for hole in _unplanned(plan, heading, commands, names)]
    if not plans:
        spot = documents.sources[0].spot(1)
        holes = [Hole(spot=spot, what=f"there is no plan for going back: no {document}", fix=document)]
    return promise.judged(
        holes,
        looked=[f"{plan.spot(1)}: {heading}" for plan in plans],
        expected=f"{' and '.join(commands)}, under {heading!r}",
        nothing="no document is there",
    )


def _unplanned(plan: SourceFile, heading: str, commands: tuple[str, ...], scripts: set[str]) -> Iterator[Hole]:
    """What is missing from a plan."""
    lines = list(enumerate(plan.text.splitlines(), 1))
    begin = next((n for n, line in lines if HEADING.match(line) and heading.lower() in line.lower()), 0)
    if not begin:
        yield Hole(spot=plan.spot(1), what=f"the plan does not say how to go back: no {heading!r}", fix=f"## {heading}")
        return
    end = next((n for n, line in lines if n > begin and HEADING.match(line)), len(lines) + 1)
    told = [(n, code) for n, line in lines[begin : end - 1] for code in CODE.findall(line)]
    reached = begin
    for command in commands:
        words = command.split()
        found = [n for n, code in told if _does(code, words)]
        if words[0] not in scripts:
            yield Hole(
                spot=plan.spot(begin), what=f"the way back needs {words[0]}, and there is no such script", fix="it"
            )
        elif not found:
            yield Hole(spot=plan.spot(begin), what=f"the way back does not name `{command}`", fix=f"`{command}`")
        elif found[-1] < reached:
            what = f"`{command}` comes before what has to be done first"
            yield Hole(spot=plan.spot(found[-1]), what=what, fix=f"this order: {', '.join(commands)}")
        else:
            reached = next(n for n in found if n >= reached)


def _does(code: str, words: list[str]) -> bool:
    """Whether a line of code runs that script with these words among its own."""
    said = code.split()
    at = next((n for n, word in enumerate(said) if word.rpartition("/")[2] == words[0]), None)
    return at is not None and set(words[1:]) <= set(said[at + 1 :])
