"""How it comes about what is known of drills: earlier ones from the reports, and those of this run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from plimsoll.looks.scene import Scene
from plimsoll.observations import Observation
from plimsoll.observations.drills import Attempts, Drilled, History
from plimsoll.observations.drills.history import rehearsal
from plimsoll.observations.drills.record import record
from plimsoll.probes.history import history

THIS_RUN = "this run"


def _history(scene: Scene) -> History:
    """Earlier rehearsals, and what this run drilled before this look was taken: it is the last of all."""
    here = scene.deployment.name
    ours = [
        rehearsal(record(seen), run=THIS_RUN, deployment=here, stack=scene.stack.kind)
        for seen in scene.taken()
        if isinstance(seen, Drilled | Attempts)
    ]
    known = history(scene.reports, here)
    return replace(known, rehearsals=(*known.rehearsals, *sorted(ours, key=lambda each: each.at)))


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {History: _history}
ALONE = (History,)
DEEP = (History,)
