"""A run of load as a report keeps it: the run itself, what it was asked for, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model.load import Objective
from plimsoll.observations.load.run import LoadRun
from plimsoll.statistics.proportions import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the run says of one of its objectives, as far as it says anything."""

    objective: Objective
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """One run of load. `promises` are the ids of those that are judged by it.

    `void` says why it tells nothing of the service, "" where it is sound. `name` is what its file is called.
    """

    run: LoadRun
    name: str = "gate"
    promises: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    void: str = ""
