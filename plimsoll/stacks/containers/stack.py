"""The deployment in containers, by testcontainers; the engine's library is imported only when one starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plimsoll.errors import NotTaken, OutOfReach, StackFailed
from plimsoll.model import Deployment, Service
from plimsoll.runs import Run
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.containers.blueprints import BACKEND, FRONTEND, Blueprint, Site
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.images import images_for
from plimsoll.stacks.environment import ADMINISTRATOR
from plimsoll.stacks.ground.contained import Contained
from plimsoll.stacks.ground.ground import RECIPE, Ground
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.materials import Materials, certificate_settings, make_materials
from plimsoll.stacks.protocol import EVERY_METHOD, CommandResult, Endpoint, endpoints_for
from plimsoll.stacks.readiness import until_ready
from plimsoll.stacks.snapshots import Account, Snapshot
from plimsoll.wait import NotReady, wait_until

if TYPE_CHECKING:
    from plimsoll.stacks.containers.units import Lane, Unit

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
        self._settings: Mapping[str, str] = {}
        self._units: list[Unit] = []
        self._lanes: list[Lane] = []
        self._site: Site
        self._keeper = Keeper(deployment, self._start_ground)
        self._contained: Contained | None = None

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

    @contextmanager
    def interrupted(self, role: str) -> Iterator[None]:
        """While inside, every program of the role is dead; its containers keep their addresses and refuse clients."""
        units = self._of(role)
        for unit in units:
            unit.take_down()
        for unit in units:
            unit.until_down()
        try:
            yield
        finally:
            for unit in units:
                unit.bring_back()
            if role != "edge":
                with suppress(NotTaken):
                    self._reload()  # nginx remembers for a while that its upstreams failed
            self._until_ready()

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said, run inside the role's first container."""
        return self._of(role)[0].run(command)

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed; what nginx refuses raises NotTaken."""
        self._place(artefacts, settings)
        for unit, blueprint in zip(self._units, self._site.blueprints(settings), strict=True):
            if blueprint.settings != unit.settings:
                unit.take_down()
                unit.until_down()
                unit.bring_back(blueprint.settings)
        self._flush()
        try:
            self._reload()
        finally:
            self._until_ready()

    def snapshot(self) -> Snapshot:
        """The data as it is now, to be put back as often as one likes."""
        postgres = self._of("postgres")[0]
        postgres.get_wrapped_container().reload()
        address = (postgres.own_address(), postgres.blueprint.service.ports[0])
        account = Account.of(self.deployment, address, password=self._site.materials.database_password)
        return Snapshot(account, forget=self._forget)

    def ground(self) -> Ground:
        """The deployment's host among its zones, in a container of its own."""
        return self._keeper.ground()

    def _start_ground(self, host: Service) -> Callable[[str], str]:
        with closing(engine()) as client:
            image = images_for([host], client)[host.role]
        self._contained = Contained(image.tag, run_id=self._run.id, artefacts=self.artefacts)
        self.images = {**self.images, host.role: image.described}
        return self._contained.answer

    def _forget(self) -> None:
        """Redis holds nothing, and the application found its way back to its database."""
        self._flush()
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
            images = images_for([each for each in services.values() if each.recipe != RECIPE], client)
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
            )
            self._launch(pool, creating)
        addresses: dict[str, list[Mapping[int, tuple[str, int]]]] = {}
        for unit in self._units:
            if here := unit.addresses():
                addresses.setdefault(unit.blueprint.service.role, []).append(here)
        self.endpoints = endpoints_for(self.deployment, addresses, authority=self._site.materials.authority)
        self._until_ready()

    def _make_materials(self) -> Materials:
        made = make_materials(self._run.folder / "materials")
        made.issue(self.deployment.hosts, {})
        return made

    def _launch(self, pool: ThreadPoolExecutor, creating: Sequence[Future[Lane]]) -> None:
        """Every container runs. All start at once; the edge's program, which looks upstreams up once, comes last."""
        from plimsoll.stacks.containers.units import Unit  # noqa: PLC0415 - pulls in the engine's library

        lanes = {lane.role: lane for lane in self._lanes}

        def unit(blueprint: Blueprint) -> Unit:
            return Unit(blueprint, lanes, run_id=self._run.id, version=self._version)

        self._units = list(pool.map(unit, self._site.blueprints(self._settings)))
        for created in creating:
            created.result()
        for started in [pool.submit(unit.launch) for unit in self._units]:
            started.result()
        for each in self._units:
            if each.blueprint.waits:
                each.wake()

    def _remove(self) -> None:
        """Nothing of the stack is left: containers are killed, then networks removed."""
        if self._contained is not None:
            self._contained.remove()
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            list(pool.map(lambda unit: unit.remove(), self._units))
            list(pool.map(lambda lane: lane.remove(), self._lanes))
        self._units, self._lanes = [], []

    def _place(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The containers see these artefacts, and a certificate as the settings want it."""
        stage(self.deployment, artefacts, self.artefacts)
        if certificate_settings(settings) != certificate_settings(self._settings):
            self._site.materials.issue(self.deployment.hosts, settings)
        self._settings = settings

    def _reload(self) -> None:
        """The edge runs its configuration as it is now. Raises NotTaken with nginx's words if it refuses it."""
        for unit in self._of("edge"):
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

    def _flush(self) -> None:
        """Redis holds nothing."""
        said = self._of("redis")[0].run(["sh", "-c", 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli FLUSHALL'])
        if said.output.strip() != "OK":
            raise StackFailed("redis did not forget", hint=said.output.strip())

    def _until_ready(self) -> None:
        path = self.deployment.paths.get("ready", "/")
        until_ready(self.endpoints, path, dead=self._dead, last_words=self._last_words)

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
