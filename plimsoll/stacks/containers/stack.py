"""The deployment in containers, by testcontainers; the engine's library is imported only when one starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from plimsoll.errors import NotTaken, StackFailed
from plimsoll.model import Deployment, Service
from plimsoll.runs import ENGINE, Run
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.containers.blueprints import Site
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.frames import read_plan
from plimsoll.stacks.containers.images import images_for
from plimsoll.stacks.containers.parts import EDGE, runs
from plimsoll.stacks.containers.roads import Roaded
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.environment import ADMINISTRATOR, Surroundings
from plimsoll.stacks.ground.contained import Contained
from plimsoll.stacks.ground.ground import Ground
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.hosting import Hosted
from plimsoll.stacks.materials import Materials, make_materials, orders, renew
from plimsoll.stacks.memory import forget
from plimsoll.stacks.metered import Usage
from plimsoll.stacks.protocol import EVERY_METHOD, CommandResult, Endpoint
from plimsoll.stacks.readiness import of_role, until_ready
from plimsoll.stacks.snapshots import Account, Snapshot
from plimsoll.stacks.volumes import medium_of

if TYPE_CHECKING:
    from plimsoll.stacks.containers.fleet import Fleet
    from plimsoll.stacks.containers.hosting import EngineHost

THREADS = 8
EVERYBODYS = 0o1777


class ContainersStack(Hosted, Roaded):
    """Every service in containers of its own, on a network in front and an internal one behind; the edge is published.

    `logs` is where the logs go; by default into the run's folder.
    """

    kind = "containers"
    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True

    def __init__(
        self,
        deployment: Deployment,
        run: Run,
        *,
        logs: Path | None = None,
        durable: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._durable = durable
        self._settings = settings
        self._medium = ""
        self._away = 0
        self.deployment = deployment
        self.endpoints: tuple[Endpoint, ...] = ()
        self.images: Mapping[str, str] = {}
        self.secrets: tuple[str, ...] = ()
        self.artefacts = run.folder / "artefacts"
        self._logs = logs or run.folder / "logs"
        self._run = run
        self._fleet: Fleet | None = None
        self._site: Site
        self._plan = read_plan(deployment, deployment.root)
        self._directory: Directory
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
    def signing_key(self) -> Path:
        """The private key that the application signs tokens with."""
        return self._site.materials.jwt_private

    @property
    def logs(self) -> Path:
        """Where every container's log is, as it was when this was asked; beside them the folder of the edge's own."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for unit in self._fleet.units if self._fleet else ():
            (self._logs / f"{unit.name}.log").write_text(unit.log(), encoding="utf-8")
        return self._logs

    def credentials(self, role: str) -> tuple[str, str]:
        """The user and the password of a data service. Raises OutOfReach for any other."""
        return self._site.surroundings.credentials(role)

    @contextmanager
    def interrupted(self, role: str, *, replica: int = 0) -> Iterator[None]:
        """While inside, the programs of that replica (from 1; 0: every one) are dead.

        Their containers keep their addresses and refuse clients.
        """
        from plimsoll.stacks.containers.fleet import take_down  # noqa: PLC0415 - loaded since the start

        units = self._running.of(role, replica=replica)
        take_down(units)
        self._away += 1
        try:
            yield
        finally:
            self._away -= 1
            for unit in units:
                unit.bring_back()
            if not self._away:  # what else is away would never be ready
                if self.deployment.services[role].recipe != EDGE:
                    with suppress(NotTaken):
                        self._running.reload()  # nginx remembers for a while that its upstreams failed
                self._until_ready()

    @property
    def uploads(self) -> Path:
        """The folder that every container of the application has for uploads."""
        return self._site.uploads

    @property
    def medium(self) -> str:
        """What the engine keeps volumes on, and whether a database's writes wait for it."""
        return self._medium

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said, run inside the role's first container."""
        return self._running.of(role)[0].run(command)

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed; what nginx refuses raises NotTaken."""
        stage(self.deployment, artefacts, self.artefacts)
        renew(self._site.materials, self.deployment, self._site.settings, settings)
        self._plan = read_plan(self.deployment, self.artefacts)
        self._site = replace(self._site, settings=settings, frames=self._plan.frames)
        self._directory = replace(self._directory, surroundings=self._site.surroundings)
        if self._running.exchange(self._site, self._plan):
            self._find()
        self._until_ready(data_only=True)
        forget(self._directory)
        try:
            self._running.reload()
            self.endpoints = self._directory.endpoints()  # a service may have begun, or ceased, to speak TLS
        finally:
            self._until_ready()

    def containers(self) -> Mapping[str, Sequence[str]]:
        """What the engine calls the containers of every role."""
        return self._running.names()

    def usage(self) -> Mapping[str, Usage]:
        """By role, what its containers use, and what the compose file lets them."""
        from plimsoll.stacks.containers.usage import usage_of  # noqa: PLC0415 - its client is slow to import

        return usage_of(self._running.units)

    def snapshot(self) -> Snapshot:
        """The data as it is now, to be put back as often as one likes."""
        return Snapshot(Account.of(self._directory), forget=self._forget)

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
        forget(self._directory)
        self._until_ready()

    def _start(self) -> None:
        (self._run.folder / ENGINE).touch()
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            making = pool.submit(self._make_materials)
            staging = pool.submit(stage, self.deployment, self.deployment.root, self.artefacts)
            client = engine()
            from plimsoll.stacks.containers.fleet import Fleet  # noqa: PLC0415 - pulls in the engine's library

            # The engine's version is asked once, not by every container.
            orders, version = self._run.folder / "orders", str(client.api.api_version)
            self._fleet = Fleet(pool, self._plan, orders=orders, run_id=self._run.id, version=version)
            images = images_for(filter(runs, self.deployment.services.values()), client)
            self._medium = medium_of(Path(client.info()["DockerRootDir"]), durable=self._durable)
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
                uploads=self._run.folder / "uploads",
                durable=self._durable,
                settings=self._settings,
                frames=self._plan.frames,
            )
            self._site.uploads.mkdir(exist_ok=True)  # it may be a disk of its own
            self._site.uploads.chmod(EVERYBODYS)  # each image has a user of its own
            self._fleet.launch(self._site, self._plan, pool)
        self._find()
        self._until_ready()

    def _find(self) -> None:
        """Where everything is asked is known."""
        self._directory = Directory(surroundings=self._site.surroundings, addresses=self._running.addresses())
        self.endpoints = self._directory.endpoints()

    def _make_materials(self) -> Materials:
        made = make_materials(self._run.folder / "materials", self.deployment)
        for role, order in orders(self.deployment, self._settings).items():
            made.issue(role, order)
        return made

    def _remove(self) -> None:
        """Nothing of the stack is left, nor is anything to be looked for once the run ends."""
        if self._contained is not None:
            self._contained.remove()
        if self._fleet is not None:
            self._fleet.remove()
        (self._run.folder / ENGINE).unlink(missing_ok=True)

    def _until_ready(self, *, data_only: bool = False, role: str = "") -> None:
        questions = self._directory.questions(self.endpoints)
        until_ready(
            of_role(questions, role, away=self._gone)
            if role
            else [question for question in questions if question.of_data or not data_only],
            dead=self._running.dead,
            last_words=self._running.last_words,
        )

    def _service(self, role: str) -> Service:
        return self._running.of(role)[0].blueprint.service

    def release(self, role: str, variables: Mapping[str, str], *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) of the role is started anew, with these variables beside its own."""
        super().release(role, variables, replica=replica)
        with suppress(StackFailed):  # of another that has come to an end nobody knows where it is
            self._find()  # one that had ended may have another address now

    def _returned(self, role: str) -> None:
        self._find()  # a new container has new addresses
        self._until_ready(role=role)
        if EDGE not in {self.deployment.services[each].recipe for each in (role, *self._gone)}:
            with suppress(NotTaken):
                self._running.reload()

    @property
    def _host(self) -> EngineHost:
        from plimsoll.stacks.containers.hosting import EngineHost  # noqa: PLC0415 - loaded once the stack starts

        return EngineHost(fleet=self._running, site=lambda: self._site)

    @property
    def _surroundings(self) -> Surroundings:
        return self._site.surroundings

    @property
    def _running(self) -> Fleet:
        assert self._fleet is not None  # noqa: S101 - the stack was entered
        return self._fleet
