"""The deployment as plain processes on loopback, in a folder of this run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Self

from plimsoll.errors import NotTaken, OutOfReach
from plimsoll.model import Deployment, Service
from plimsoll.runs import Run
from plimsoll.services import described
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.containers.frames import read_plan
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.environment import ADMINISTRATOR, Surroundings
from plimsoll.stacks.ground import enclosed
from plimsoll.stacks.ground.ground import Ground
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.hosting import Hosted
from plimsoll.stacks.materials import leader, make_materials
from plimsoll.stacks.memory import forget
from plimsoll.stacks.metered import Usage
from plimsoll.stacks.processes.children import ANYONE, Children
from plimsoll.stacks.processes.crew import Crew
from plimsoll.stacks.processes.data import make_cluster
from plimsoll.stacks.processes.hosting import LocalHost
from plimsoll.stacks.processes.launches import Site
from plimsoll.stacks.processes.postgres import Template, clusters
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports, version
from plimsoll.stacks.processes.recipes import EDGE, OUT_OF_REACH, program_of
from plimsoll.stacks.processes.usage import usage_of
from plimsoll.stacks.protocol import EVERY_METHOD, Addresses, CommandResult, Endpoint
from plimsoll.stacks.readiness import of_role, until_ready
from plimsoll.stacks.snapshots import Account, Snapshot
from plimsoll.stacks.volumes import medium_of

CLIENTS_PER_NET = 250


class ProcessesStack(Hosted):
    """Every service of the deployment as processes of its own; the edge runs the deployment's own configuration."""

    kind = "processes"
    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True

    def __init__(
        self,
        deployment: Deployment,
        run: Run,
        *,
        durable: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self.deployment = deployment
        self._durable = durable
        self._settings = settings
        self._clusters: Mapping[str, Template] = {}
        self.folder = run.folder
        self.artefacts = run.folder / "artefacts"
        self.endpoints: tuple[Endpoint, ...] = ()
        self.images: Mapping[str, str] = {}
        self.secrets: tuple[str, ...] = ()
        self._children = Children(run.folder / "logs")
        self._away = 0
        self._clients = count()
        self._crew: Crew
        self._addresses: Addresses = {}
        self._keeper = Keeper(deployment, self._start_ground)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._children.kill()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._children.kill()

    @property
    def account(self) -> tuple[str, str]:
        """The administrator that the application was started with."""
        return ADMINISTRATOR, self._crew.site.materials.administrator_password

    @property
    def signing_key(self) -> Path:
        """The private key that the application signs tokens with."""
        return self._crew.site.materials.jwt_private

    @property
    def logs(self) -> Path:
        """Where every role's log is."""
        return self._children.logs

    def credentials(self, role: str) -> tuple[str, str]:
        """The user and the password of a data service. Raises OutOfReach for any other."""
        return self._crew.site.surroundings.credentials(role)

    def client_address(self) -> str:
        """A loopback address nobody used on this stack: all of 127/8 is ours."""
        number = next(self._clients)
        net, host = divmod(number, CLIENTS_PER_NET)
        return f"127.{100 + net // CLIENTS_PER_NET % 100}.{net % CLIENTS_PER_NET}.{host + 1}"

    @contextmanager
    def interrupted(self, role: str, *, replica: int = 0) -> Iterator[None]:
        """While inside, that replica (from 1; 0: every one) of the role is dead; afterwards it serves again."""
        service = self._service(role)
        self._crew.take_away(service, replica)
        self._away += 1
        try:
            yield
        finally:
            self._away -= 1
            self._crew.bring_back(service, replica)
            if not self._away:  # what else is away would never be ready
                with suppress(NotTaken):
                    self._crew.swap()  # nginx remembers for a while that its upstreams failed
                self._until_ready()

    @property
    def uploads(self) -> Path:
        """The folder in which the application keeps uploads."""
        return self._crew.site.uploads

    @property
    def medium(self) -> str:
        """What the data lies on, and whether a database's writes wait for it."""
        return medium_of(self.folder, durable=self._durable)

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said: an edge's nginx of this stack's configuration, in the artefacts' own names."""
        return self._crew.run(self._service(role).role, command)

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed; what nginx refuses raises NotTaken."""
        stage(self.deployment, artefacts, self.artefacts)
        self._crew.exchange(settings)
        self.endpoints = self._directory.endpoints()  # a service may have begun, or ceased, to speak TLS
        self._until_ready(data_only=True)
        forget(self._directory)
        try:
            self._crew.swap()
        finally:
            self._until_ready()

    def snapshot(self) -> Snapshot:
        """The data as it is now, to be put back as often as one likes."""
        return Snapshot(Account.of(self._directory), forget=self._forget)

    def usage(self) -> Mapping[str, Usage]:
        """By role, what its processes use; limits are those of the compose file, which nobody enforces here."""
        crew = self._crew
        found = {
            role: usage_of(crew.processes(service), crew.site.frames.get(role), replicas=service.replicas)
            for role, service in self.deployment.services.items()
        }
        return {role: usage for role, usage in found.items() if usage is not None}

    def ground(self) -> Ground:
        """The deployment's host among its zones, in namespaces of this machine."""
        return self._keeper.ground()

    def _start_ground(self, host: Service) -> Callable[[str], str]:
        answer = enclosed.start(self._children, self.folder / "host", self.artefacts)
        self.images = {**self.images, host.role: version("ufw")}
        return answer

    def _forget(self) -> None:
        """Redis holds nothing, and the application found its way back to its database."""
        forget(self._directory)
        self._until_ready()

    def _start(self) -> None:
        services = [service for service in self.deployment.services.values() if service.recipe not in OUT_OF_REACH]
        ports = iter(free_ports(sum(len(service.ports) * service.replicas for service in services)))
        here = {
            service.role: [{port: next(ports) for port in service.ports} for _ in range(service.replicas)]
            for service in services
        }
        self.images = {service.role: described(service, version(program_of(service))) for service in services}
        self.logs.mkdir(mode=ANYONE)
        made = clusters(self.deployment, work=self.folder / "initdb")
        passwords = {role: cluster.password for role, cluster in made.items()}
        with ThreadPoolExecutor() as pool:
            staged = pool.submit(stage, self.deployment, self.deployment.root, self.artefacts)
            site = Site(
                deployment=self.deployment,
                folder=self.folder,
                artefacts=self.artefacts,
                materials=make_materials(self.folder / "materials", self.deployment, passwords=passwords),
                ports=here,
                frames=read_plan(self.deployment, self.deployment.root).frames,
                durable=self._durable,
                settings=self._settings,
            )
            site.uploads.mkdir(exist_ok=True)  # it may be a disk of its own
            self.secrets = site.materials.secrets
            self._crew = Crew(site, self._children)
            self._clusters = made
            staged.result()
            unpacked = {
                service.role: pool.submit(make_cluster, service, made[leader(self.deployment, service).role], site)
                for service in services
                if service.recipe == "postgres"
            }
            self._crew.start(pool, unpacked)
        self._addresses = {
            role: [{inside: (LOOPBACK, port) for inside, port in replica.items()} for replica in replicas]
            for role, replicas in here.items()
        }
        self.endpoints = self._directory.endpoints()
        self._until_ready()

    def _until_ready(self, *, data_only: bool = False, role: str = "") -> None:
        questions = self._directory.questions(self.endpoints)
        until_ready(
            of_role(questions, role, away=self._gone)
            if role
            else [question for question in questions if question.of_data or not data_only],
            dead=self._children.dead,
            last_words=self._children.last_words,
            source=self.client_address,
        )

    def _returned(self, role: str) -> None:
        self._until_ready(role=role)
        if self.deployment.services[role].recipe != EDGE:  # one that just started has nothing to forget
            with suppress(NotTaken):
                self._crew.swap()

    @property
    def _host(self) -> LocalHost:
        return LocalHost(crew=self._crew, clusters=self._clusters)

    @property
    def _surroundings(self) -> Surroundings:
        return self._crew.site.surroundings

    @property
    def _directory(self) -> Directory:
        return Directory(surroundings=self._surroundings, addresses=self._addresses)

    def _service(self, role: str) -> Service:
        if role not in self._crew.site.ports:
            raise OutOfReach(f"this {self.kind} stack runs no {role}")
        return self.deployment.services[role]
