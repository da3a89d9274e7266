"""Phases of a plan as they are written on a command line: `20x60s`, `5-50x2m`, several with commas between."""

from __future__ import annotations

import re

from plimsoll.errors import BadInput
from plimsoll.model.load import Phase

NUMBER = r"\d+(?:\.\d+)?"
FORM = re.compile(rf"(?P<rate>{NUMBER})(?:-(?P<until>{NUMBER}))?x(?P<seconds>{NUMBER})(?P<unit>[smh]?)(?P<not>!?)")
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
HINT = "RATExSECONDS, as in --phases 20x60s; 5-50x2m is a ramp; 20x10s! is not judged; several with commas between"


def phases(text: str) -> tuple[Phase, ...]:
    """The phases that a text means: ramps, and those with a `!`, are not judged. Raises BadInput."""
    found: list[Phase] = []
    for number, word in enumerate(text.replace(" ", "").split(","), 1):
        read = FORM.fullmatch(word)
        if read is None:
            raise BadInput(f"{word!r} is no phase", key="--phases", hint=HINT)
        rate, seconds = float(read["rate"]), float(read["seconds"]) * UNITS[read["unit"]]
        until = float(read["until"]) if read["until"] else rate
        if seconds <= 0 or max(rate, until) <= 0:
            raise BadInput(f"{word!r} asks nothing", key="--phases", hint=HINT)
        ramp = rate != until
        name = f"{'ramp' if ramp else 'level'} {number}"
        found.append(Phase(name=name, seconds=seconds, rate=rate, until=until, judged=not (ramp or read["not"])))
    return tuple(found)
