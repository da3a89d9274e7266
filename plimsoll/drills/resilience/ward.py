"""One stack that faults befall while clients use it, and everybody who watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import trees
from plimsoll.drills.clients.pulse import Pulse
from plimsoll.drills.clients.visitor import writer_of
from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import Recorder
from plimsoll.drills.resilience.knocks import knock
from plimsoll.drills.stage.attempting import NotLanded
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import ComposeFiles, Kind, Service, SourceFile
from plimsoll.observations.drills.faults import READY
from plimsoll.stacks.materials import main_cache, main_database
from plimsoll.stacks.protocol import endpoints_of
from plimsoll.wait import NotReady, wait_until

EDGE = "nginx"
STEADY = 10
"""Good reads in a row after which clients are served well: half a second of them."""

LANDING_SECONDS = 4.0
"""Until nobody waits any more for a fault to be there; a killed process takes milliseconds."""

BACK = {"always", "unless-stopped", "on-failure", "any"}
"""Policies by which an engine starts again what was killed: it ended with 137 (docs.docker.com, restart policies)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """Who takes part in a drill of faults. `detour` has variables that the application is given when it is started."""

    deployment: Deployment
    stack: HostedStack
    recorder: Recorder
    witness: Witness
    pulse: Pulse
    services: Mapping[str, Service]
    patience: float = 20.0
    left_dead: set[str] = field(default_factory=set)
    detour: dict[str, str] = field(default_factory=dict)

    @property
    def application(self) -> str:
        """The role that clients are served by."""
        return writer_of(self.deployment).role

    @property
    def database(self) -> str:
        """The role of the database that the application uses; "" where there is none."""
        found = main_database(self.deployment)
        return found.role if found else ""

    @property
    def cache(self) -> str:
        """The role of the Redis that the application uses; "" where there is none."""
        found = main_cache(self.deployment)
        return found.role if found else ""

    @property
    def edge(self) -> str:
        """The role of the edge; "" where there is none."""
        return next((role for role, service in self.deployment.services.items() if service.recipe == EDGE), "")

    @property
    def workers(self) -> tuple[str, ...]:
        """The roles that take jobs from the queue."""
        return tuple(role for role, service in self.deployment.services.items() if service.recipe == "worker")

    @property
    def programs(self) -> tuple[str, ...]:
        """The roles that are the deployment's own programs: its applications, and their workers."""
        return tuple(role for role, each in self.deployment.services.items() if each.recipe in {"app", "worker"})

    @property
    def replicas(self) -> int:
        """How many of the application run."""
        return len(endpoints_of(self.stack, self.application))

    def policy(self, role: str) -> str:
        """What the compose file tells the engine to do when that service ends; "" where it says nothing."""
        service = self.services.get(role)
        if service is None:
            return ""
        return (service.node["restart"] or service.node.at("deploy.restart_policy.condition")).text

    def restarts(self, role: str, *, by: Callable[[], None] | None = None) -> bool:
        """That service was killed: it runs again, `by` what is named, if the compose file has its engine see to it."""
        policy = self.policy(role)
        if policy.partition(":")[0] not in BACK:
            self.recorder.note(f"nobody starts {role} again: restart: {policy or '-'}")
            self.left_dead.add(role)
            return False
        self.recorder.act(f"the engine starts {role} again: restart: {policy}")
        if by is None:
            self.begins(role)
        else:
            by()
        return True

    def begins(self, role: str) -> None:
        """That service is started, as by its engine."""
        if role == self.application and self.detour:
            self.stack.release(role, self.detour)
        else:
            self.stack.revive(role)

    def found(self, role: str, wanted: str, *, replica: int = 0, seconds: float = LANDING_SECONDS) -> str:
        """That a client finds that role so at its port, in words. Raises NotLanded."""
        places = endpoints_of(self.stack, role)
        chosen = places[replica - 1 : replica] if replica else places

        def all_so() -> bool:
            return all(knock(place) == wanted for place in chosen)

        self.await_landing(all_so, f"{role} that {wanted}", seconds=seconds)
        return f"{role} {wanted}"

    def await_landing(self, landed: Callable[[], bool], what: str, *, seconds: float = LANDING_SECONDS) -> None:
        """It has come to that. Raises NotLanded."""
        try:
            wait_until(landed, timeout=seconds, what=what)
        except NotReady as error:
            raise NotLanded(str(error.args[0])) from error

    def well_since(self, moment: float) -> float:
        """The moment since which clients, readers and writers, are all served well, and ready says so; 0: not yet."""
        testimony = self.witness.testimony
        reads = [read for read in testimony.reads if read.at >= moment][-STEADY:]
        writes = [write for write in testimony.writes if write.sent >= moment][-STEADY // 2 :]
        asked = self.pulse.of(READY, since=moment)
        steady = len(reads) == STEADY and all(read.good for read in reads)
        steady = steady and bool(writes) and all(write.acked is not None for write in writes)
        return max(reads[0].at, writes[0].sent) if steady and asked and asked[-1].well else 0.0


def services_of(deployment: Deployment, artefacts: Path) -> Mapping[str, Service]:
    """What the deployment's compose file says of each service; nothing where it has none."""
    name = deployment.artefacts.get("compose", "")
    file = artefacts / name
    if not name or not file.is_file():
        return {}
    source = SourceFile(name=name, kind=Kind.COMPOSE, text=file.read_text(encoding="utf-8"))
    documents = tuple(trees.read(source).documents)
    compose = ComposeFiles(sources=(source,), documents=documents, seen_at=datetime.now(UTC))
    return {service.name: service for service in compose.services(files=name)}


def in_order(services: Mapping[str, Service], roles: Sequence[str]) -> Iterator[str]:
    """Those roles, each after what it depends on, as compose starts them."""
    told: list[str] = []

    def tell(role: str, above: tuple[str, ...]) -> None:
        if role in told or role not in roles or role in above:
            return
        for each in services[role].dependencies if role in services else ():
            tell(each.name, (*above, role))
        told.append(role)

    for role in roles:
        tell(role, ())
    yield from told
