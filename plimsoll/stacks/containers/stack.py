"""The deployment in containers, by testcontainers; the engine's library is imported only when one starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plimsoll.errors import NotTaken, OutOfReach, StackFailed
from plimsoll.model import Deployment
from plimsoll.runs import Run
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.containers.blueprints import BACKEND, FRONTEND, Blueprint, Site
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.images import images_for
from plimsoll.stacks.containers.parts import blueprints, runs
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.environment import ADMINISTRATOR
from plimsoll.stacks.materials import Materials, make_materials, orders
from plimsoll.stacks.memory import forget
from plimsoll.stacks.protocol import EVERY_METHOD, CommandResult, Endpoint
from plimsoll.stacks.readiness import until_ready
from plimsoll.stacks.snapshots import Account, Snapshot
from plimsoll.wait import NotReady, wait_until

if TYPE_CHECKING:
    from plimsoll.stacks.containers.units import Lane, Unit

EDGE = "nginx"
THREADS = 8
RELOAD_SECONDS = 5.0
"""How long nginx may take to exchange its workers; it takes milliseconds."""

RETIRING = "shutting down"
"""What nginx writes into the title of a worker that only finishes what it has begun."""


class ContainersStack:
    """Every service in containers of its own, on a network in front and an internal one behind; the edge is published.

    `logs` is where the logs go; by default into the run's folder.
    """

    kind = "containers"
    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True

    def __init__(self, deployment: Deployment, run: Run, *, logs: Path | None = None) -> None:
        self.deployment = deployment
        self.endpoints: tuple[Endpoint, ...] = ()
        self.images: Mapping[str, str] = {}
        self.secrets: tuple[str, ...] = ()
        self.artefacts = run.folder / "artefacts"
        self._logs = logs or run.folder / "logs"
        self._run = run
        self._units: list[Unit] = []
        self._lanes: list[Lane] = []
        self._site: Site
        self._directory: Directory

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            if not self._logs.is_relative_to(self._run.folder):
                _ = self.logs
            self._remove()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._run.keep:
            self._remove()

    @property
    def account(self) -> tuple[str, str]:
        """The administrator that the application was started with."""
        return ADMINISTRATOR, self._site.materials.administrator_password

    @property
    def logs(self) -> Path:
        """Where every container's log is, as it was when this was asked; beside them the folder of the edge's own."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for unit in self._units:
            (self._logs / f"{unit.name}.log").write_text(unit.log(), encoding="utf-8")
        return self._logs

    @property
    def signing_key(self) -> Path:
        """The private key that the application signs tokens with."""
        return self._site.materials.jwt_private

    def credentials(self, role: str) -> tuple[str, str]:
        """The user and the password of a data service. Raises OutOfReach for any other."""
        return self._site.surroundings.credentials(role)

    @contextmanager
    def interrupted(self, role: str, *, replica: int = 0) -> Iterator[None]:
        """While inside, the programs of that replica (from 1; 0: every one) are dead.

        Their containers keep their addresses and refuse clients.
        """
        units = self._of(role)
        if not 0 <= replica <= len(units):
            raise OutOfReach(f"{role} has {len(units)} replicas, and no replica {replica}")
        units = units[replica - 1 : replica] if replica else units
        for unit in units:
            unit.take_down()
        for unit in units:
            unit.until_down()
        try:
            yield
        finally:
            for unit in units:
                unit.bring_back()
            if units[0].blueprint.service.recipe != EDGE:
                with suppress(NotTaken):
                    self._reload()  # nginx remembers for a while that its upstreams failed
            self._until_ready()

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said, run inside the role's first container."""
        return self._of(role)[0].run(command)

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed; what nginx refuses raises NotTaken."""
        self._place(artefacts, settings)
        changed = [
            (unit, blueprint)
            for unit, blueprint in zip(self._units, blueprints(self._site), strict=True)
            if not unit.runs(blueprint)
        ]
        living = [unit for unit, _ in changed if not unit.has_ended()]
        for unit in living:
            unit.take_down()
        for unit in living:
            unit.until_down()
        for unit, blueprint in changed:
            unit.bring_back(blueprint)
        if len(living) != len(changed):  # a container that is started again may get another address
            self._find()
        self._until_ready(data_only=True)
        forget(self._directory)
        try:
            self._reload()
        finally:
            self._until_ready()

    def snapshot(self) -> Snapshot:
        """The data as it is now, to be put back as often as one likes."""
        return Snapshot(Account.of(self._directory), forget=self._forget)

    def _forget(self) -> None:
        """Redis holds nothing, and the application found its way back to its database."""
        forget(self._directory)
        self._until_ready()

    def _start(self) -> None:
        (self._run.folder / "engine").touch()
        services = self.deployment.services
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            making = pool.submit(self._make_materials)
            staging = pool.submit(stage, self.deployment, self.deployment.root, self.artefacts)
            client = engine()
            self._version = str(client.api.api_version)  # asked once, not by every container
            from plimsoll.stacks.containers.units import Lane  # noqa: PLC0415 - pulls in the engine's library

            self._lanes = [
                Lane(name, run_id=self._run.id, version=self._version, internal=name == BACKEND)
                for name in (FRONTEND, BACKEND)
            ]
            creating = [pool.submit(lane.create) for lane in self._lanes]
            images = images_for(filter(runs, services.values()), client)
            client.close()
            self.images = {role: image.described for role, image in images.items()}
            staging.result()
            self.secrets = making.result().secrets
            self._site = Site(
                deployment=self.deployment,
                artefacts=self.artefacts,
                materials=making.result(),
                images={role: image.tag for role, image in images.items()},
                logs=self._logs,
                configs=self._run.folder / "configs",
            )
            self._launch(pool, creating)
        self._find()
        self._until_ready()

    def _find(self) -> None:
        """Where everything is asked is known."""
        found: dict[str, list[Mapping[int, tuple[str, int]]]] = {}
        for unit in self._units:
            if here := unit.addresses():
                found.setdefault(unit.blueprint.service.role, []).append(here)
        self._directory = Directory(surroundings=self._site.surroundings, addresses=found)
        self.endpoints = self._directory.endpoints()

    def _make_materials(self) -> Materials:
        made = make_materials(self._run.folder / "materials", self.deployment)
        for role, order in orders(self.deployment, {}).items():
            made.issue(role, order)
        return made

    def _launch(self, pool: ThreadPoolExecutor, creating: Sequence[Future[Lane]]) -> None:
        """Every container runs. All start at once; the edge's program, which looks upstreams up once, comes last."""
        from plimsoll.stacks.containers.units import Unit  # noqa: PLC0415 - pulls in the engine's library

        lanes = {lane.role: lane for lane in self._lanes}

        def unit(blueprint: Blueprint) -> Unit:
            return Unit(blueprint, lanes, run_id=self._run.id, version=self._version)

        self._units = list(pool.map(unit, blueprints(self._site)))
        for created in creating:
            created.result()
        for started in [pool.submit(unit.launch) for unit in self._units]:
            started.result()
        for each in self._units:
            if each.blueprint.waits:
                each.wake()

    def _remove(self) -> None:
        """Nothing of the stack is left: containers are killed, then networks removed."""
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            list(pool.map(lambda unit: unit.remove(), self._units))
            list(pool.map(lambda lane: lane.remove(), self._lanes))
        self._units, self._lanes = [], []

    def _place(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The containers see these artefacts, and a certificate as the settings want it."""
        stage(self.deployment, artefacts, self.artefacts)
        before, self._site = orders(self.deployment, self._site.settings), replace(self._site, settings=settings)
        for role, order in orders(self.deployment, settings).items():
            if order != before[role]:
                self._site.materials.issue(role, order)
        self._directory = replace(self._directory, surroundings=self._site.surroundings)

    def _reload(self) -> None:
        """The edge runs its configuration as it is now. Raises NotTaken with nginx's words if it refuses it."""
        for unit in self._units:
            if unit.blueprint.service.recipe != EDGE:
                continue
            old = _workers(unit)
            said = unit.run(["sh", "-c", "nginx -t -q 2>&1 && nginx -s reload 2>&1"])
            if said.code:
                words = f"nginx refuses the configuration: {said.output.strip()}"
                raise NotTaken(words, hint="the old one still runs")
            try:
                wait_until(
                    lambda unit=unit: _workers(unit),  # type: ignore[misc] # binds this turn's unit
                    lambda now, old=old: bool(now) and not now & old,  # type: ignore[misc] # likewise
                    timeout=RELOAD_SECONDS,
                    what="the reload",
                )
            except NotReady as error:
                fact = f"nginx did not take the configuration over:\n{unit.last_words()}"
                raise StackFailed(fact, hint="the old one still runs") from error

    def _until_ready(self, *, data_only: bool = False) -> None:
        questions = self._directory.questions(self.endpoints)
        until_ready(
            [question for question in questions if question.of_data or not data_only],
            dead=self._dead,
            last_words=self._last_words,
        )

    def _dead(self) -> str:
        """What to say of the first container that came to an end; empty while all live."""
        from plimsoll.stacks.containers.units import ended  # noqa: PLC0415 - pulls in the engine's library

        gone = ended(self._units, run_id=self._run.id)
        return f"{gone.name} ended; its last words:\n{gone.last_words()}" if gone else ""

    def _last_words(self, role: str) -> str:
        return "\n".join(f"{unit.name} said last:\n{unit.last_words()}" for unit in self._of(role))

    def _of(self, role: str) -> list[Unit]:
        found = [unit for unit in self._units if unit.blueprint.service.role == role]
        if not found:
            raise OutOfReach(f"this {self.kind} stack runs no {role}")
        return found


def _workers(unit: Unit) -> frozenset[int]:
    """The process ids of the workers that take requests."""
    listed = unit.processes().items()
    return frozenset(pid for pid, line in listed if line.startswith("nginx: worker") and RETIRING not in line)
