"""Reads [workload] of deployment.toml: what clients do, and how much of it. Whatever is wrong is one clear error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import cast

from plimsoll.model.workload import ARRIVALS, METHODS, WEBSOCKET, Journey, Step, Workload
from plimsoll.shape import nearest, shown
from plimsoll.tables import Table, TomlFile

TABLE = "workload"
WORD = re.compile(r"\{([a-z_]+)\}")
"""A place in a path or a body that is filled in."""

NUMBER = "number"
"""The word that stands for another number in every journey."""

STATUSES = range(100, 600)
UPLOADING = ("POST", "PUT")
LARGEST = 64 * 1024 * 1024
"""Bytes of an upload: it is sent from memory, by however many clients at a time."""


def read_workload(file: TomlFile) -> Workload | None:
    """The workload of a deployment; None where its file has none. Raises BadInput."""
    found = file.document.get(TABLE)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise file.wrong(f"expected a table, got {shown(found)}", table=TABLE, hint=f"[{TABLE}]")
    given = {key: value for key, value in found.items() if key != "journeys"}
    journeys = cast(Table, file.value(found, "journeys", Table, table=TABLE))
    workload = file.record(given, Workload, table=TABLE, journeys=tuple(_journeys(file, journeys)))
    _is_sound(file, workload)
    return workload


def _journeys(file: TomlFile, found: Table) -> Iterator[Journey]:
    for name, table in found.items():
        here = f"{TABLE}.journeys.{name}"
        if not isinstance(table, dict):
            raise file.wrong(f"expected a table, got {shown(table)}", table=here, hint=f"[{here}]")
        steps = table.get("steps", ())
        if not isinstance(steps, list) or not steps:
            raise file.wrong(
                "a journey has steps", table=here, key="steps", hint='steps = [{ name = "…", path = "/" }]'
            )
        read = tuple(file.record(step, Step, table=here) for step in steps)
        rest = {key: value for key, value in table.items() if key != "steps"}
        yield file.record(rest, Journey, table=here, name=name, steps=read)


def _is_sound(file: TomlFile, workload: Workload) -> None:
    """Raises for figures and words that no client can act by."""
    figures = {"rate": workload.rate, "seconds": workload.seconds, "search_seconds": workload.search_seconds}
    for key, figure in figures.items():
        if not (isfinite(figure) and figure > 0):
            raise file.wrong(f"{figure:g} is not above 0", table=TABLE, key=key, hint="a number above 0")
    if not (isfinite(workload.warm_up_seconds) and workload.warm_up_seconds >= 0):
        raise file.wrong("is below 0", table=TABLE, key="warm_up_seconds", hint="0 for none")
    if workload.arrivals not in ARRIVALS:
        raise file.wrong(
            f"unknown arrivals{nearest(workload.arrivals, ARRIVALS)}",
            table=TABLE,
            key="arrivals",
            hint=f"one of: {', '.join(ARRIVALS)}",
        )
    if not workload.journeys:
        raise file.wrong("nobody does anything", table=TABLE, key="journeys", hint=f"[{TABLE}.journeys.NAME]")
    for journey in workload.journeys:
        _journey(file, journey)


def _journey(file: TomlFile, journey: Journey) -> None:
    here = f"{TABLE}.journeys.{journey.name}"
    if not (isfinite(journey.weight) and journey.weight > 0):
        raise file.wrong(f"{journey.weight:g} is not above 0", table=here, key="weight", hint="a number above 0")
    if not (isfinite(journey.think_seconds) and journey.think_seconds >= 0):
        raise file.wrong("is below 0", table=here, key="think_seconds", hint="0 for none")
    known = {NUMBER}
    for step in journey.steps:
        if step.method not in METHODS:
            fact = f"{step.name}: unknown method{nearest(step.method, METHODS)}"
            raise file.wrong(fact, table=here, key="steps", hint=f"one of: {', '.join(METHODS)}")
        if not step.path.startswith("/"):
            raise file.wrong(f"{step.name}: {shown(step.path)} is no path", table=here, key="steps", hint='"/…"')
        if not step.expects or not all(status in STATUSES for status in step.expects):
            raise file.wrong(f"{step.name}: expects no status of HTTP", table=here, key="steps", hint="expects = [200]")
        _websocket(file, here, step)
        _upload(file, here, step)
        for word in WORD.findall(step.path + step.body):
            if word not in known:
                fact = f"{step.name}: nothing says what {{{word}}} is{nearest(word, sorted(known))}"
                raise file.wrong(fact, table=here, key="steps", hint=f'keeps = {{ {word} = "…" }} in an earlier step')
        known |= set(step.keeps)


def _websocket(file: TomlFile, here: str, step: Step) -> None:
    """Raises for a WebSocket on which nothing is said, and for what only requests have."""
    if step.method != WEBSOCKET:
        return
    if not step.body:
        fact = f"{step.name}: a WEBSOCKET waits for what it said, and says nothing"
        raise file.wrong(fact, table=here, key="steps", hint='body = "…"')
    plain = Step(name=step.name, path=step.path)
    for key in ("expects", "holds", "keeps", "upload"):
        if getattr(step, key) != getattr(plain, key):
            fact = f"{step.name}: {key} is for requests, and a WEBSOCKET is answered by what it said"
            raise file.wrong(fact, table=here, key="steps", hint=f"leave {key} out")


def _upload(file: TomlFile, here: str, step: Step) -> None:
    """Raises for a file that nobody can send."""
    if not step.upload:
        return
    if not 0 < step.upload <= LARGEST:
        fact = f"{step.name}: nobody uploads {step.upload} bytes"
        raise file.wrong(fact, table=here, key="steps", hint=f"upload = 1 to {LARGEST}")
    if step.method not in UPLOADING:
        fact = f"{step.name}: a {step.method} uploads nothing"
        raise file.wrong(fact, table=here, key="steps", hint='method = "POST"')
    if step.body:
        fact = f"{step.name}: sends a body or a file, not both"
        raise file.wrong(fact, table=here, key="steps", hint="leave body out, or upload")
