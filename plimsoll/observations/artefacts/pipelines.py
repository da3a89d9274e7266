"""CI workflows as what they do: triggers, jobs and the order they come in, steps, schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.node import Node
from plimsoll.observations.artefacts.source import Artefacts, SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: the action it uses or the commands it runs (without comments), and what it may do on failure."""

    name: str
    uses: str
    run: str
    node: Node
    spot: Spot

    @property
    def text(self) -> str:
        """All that tells what the step does."""
        return "\n".join(part for part in (self.name, self.uses, self.run) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job; `needs` are the jobs that it waits for, `environment` the one it deploys to."""

    id: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    environment: str
    condition: str
    node: Node
    spot: Spot

    @property
    def text(self) -> str:
        """All that tells what the job does."""
        return "\n".join((self.id, self.node["name"].text, self.node["uses"].text, *(s.text for s in self.steps)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """One schedule: its longest gap in days within a year, or what is wrong with it."""

    cron: str
    longest_gap: float
    trouble: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One workflow. `whole` says that nothing of it stands elsewhere: it has its triggers and its jobs."""

    name: str
    source: SourceFile
    root: Node
    jobs: tuple[Job, ...]
    timetables: tuple[Timetable, ...]
    whole: bool

    @property
    def triggers(self) -> Node:
        """What starts it: a text, a list or a table."""
        return self.root["on"]

    def started_by(self, event: str) -> bool:
        """Whether an event starts it."""
        return event in self.triggers or event in self.triggers.texts

    def job(self, name: str) -> Job | None:
        """The job of that id."""
        return next((job for job in self.jobs if job.id == name), None)

    def ahead_of(self, job: Job) -> tuple[Job, ...]:
        """Every job that has ended well before this one starts, the last first."""
        found: dict[str, Job] = {}
        waiting = list(job.needs)
        while waiting:
            name = waiting.pop(0)
            needed = self.job(name)
            if needed and name not in found and name != job.id:
                found[name] = needed
                waiting += needed.needs
        return tuple(found.values())

    @property
    def steps(self) -> Iterator[tuple[Job, Step]]:
        """Every step with its job."""
        return ((job, step) for job in self.jobs for step in job.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines(Artefacts):
    """The CI workflows of a folder."""

    pipelines: tuple[Pipeline, ...] = ()
