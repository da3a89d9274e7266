"""The deployment as plain processes on loopback, in a folder of this run."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Self

from plimsoll.errors import NotTaken, StackFailed
from plimsoll.model import Deployment, Service
from plimsoll.runs import Run
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.environment import ADMINISTRATOR, application_environment
from plimsoll.stacks.ground import enclosed
from plimsoll.stacks.ground.ground import RECIPE, Ground
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.materials import certificate_settings, make_materials
from plimsoll.stacks.processes.children import Children, plain_environment
from plimsoll.stacks.processes.edge import LocalEdge
from plimsoll.stacks.processes.postgres import Template, copy_template, template
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports, give_away, program, unprivileged, version
from plimsoll.stacks.protocol import EVERY_METHOD, CommandResult, Endpoint, endpoints_for
from plimsoll.stacks.readiness import until_ready
from plimsoll.stacks.snapshots import Account, Snapshot

APPLICATION = Path(__file__).parents[3] / "fixtures" / "app"
ANYONE = 0o755
OWNER_ONLY = 0o600
CLIENTS_PER_NET = 250
ROLES = ("edge", "app", "postgres", "redis")
PROGRAMS: Mapping[str, str] = {"nginx": "nginx", "app": "python3", "postgres": "postgres", "redis": "redis-server"}


class ProcessesStack:
    """Every role of the deployment as a process of its own; the edge runs the deployment's own configuration."""

    kind = "processes"
    methods = EVERY_METHOD
    provides: frozenset[str] = frozenset()
    intrusive = True

    def __init__(self, deployment: Deployment, run: Run) -> None:
        self.deployment = deployment
        self.folder = run.folder
        self.artefacts = run.folder / "artefacts"
        self.endpoints: tuple[Endpoint, ...] = ()
        self.images: Mapping[str, str] = {}
        self.secrets: tuple[str, ...] = ()
        self._children = Children(run.folder / "logs")
        self._settings: Mapping[str, str] = {}
        self._clients = count()
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
        return ADMINISTRATOR, self._materials.administrator_password

    @property
    def logs(self) -> Path:
        """Where every role's log is."""
        return self._children.logs

    def client_address(self) -> str:
        """A loopback address nobody used on this stack: all of 127/8 is ours."""
        number = next(self._clients)
        net, host = divmod(number, CLIENTS_PER_NET)
        return f"127.{100 + net // CLIENTS_PER_NET % 100}.{net % CLIENTS_PER_NET}.{host + 1}"

    @contextmanager
    def interrupted(self, role: str) -> Iterator[None]:
        """While inside, the application's processes are dead; afterwards they serve again."""
        self._children.kill(role)
        try:
            yield
        finally:
            self._start_application()
            with suppress(NotTaken):
                self._swap_edge()  # nginx remembers for a while that its upstreams failed
            self._until_ready()

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said: the edge's nginx of this stack's configuration, in the artefacts' own names."""
        if role == "edge" and command[0] == "nginx":
            command = [*self._edge.command(), *command[1:]]
        done = subprocess.run(  # type: ignore[call-overload] # user, group and extra_groups
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=plain_environment(),
            **unprivileged(),
        )
        output = (done.stdout + done.stderr).replace(f"{self._edge.rendered}/", "").replace(f"{self.folder}/", "")
        return CommandResult(code=done.returncode, output=output)

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed; what nginx refuses raises NotTaken."""
        before, certificate = self._application_environment(), certificate_settings(self._settings)
        stage(self.deployment, artefacts, self.artefacts)
        self._settings = settings
        if certificate_settings(settings) != certificate:
            self._materials.issue(self.deployment.hosts, settings)
        if self._application_environment() != before:
            self._children.kill("app")
            self._start_application()
        self._flush()
        try:
            self._swap_edge()
        finally:
            self._until_ready()

    def _swap_edge(self) -> None:
        """The edge serves what the artefacts say now. Raises NotTaken with nginx's words if it refuses them."""
        self._edge.render()
        tested = self.run("edge", ["nginx", "-t"])
        if tested.code:
            raise NotTaken(
                f"nginx refuses the configuration: {tested.output.strip()}", hint="nginx -t says so before a reload"
            )
        self._edge.reload()

    def snapshot(self) -> Snapshot:
        """The data as it is now, to be put back as often as one likes."""
        address, password = (LOOPBACK, self._port("postgres")), self._materials.database_password
        account = Account.of(self.deployment, address, password=password)
        return Snapshot(account, forget=self._forget)

    def ground(self) -> Ground:
        """The deployment's host among its zones, in namespaces of this machine."""
        return self._keeper.ground()

    def _start_ground(self, host: Service) -> Callable[[str], str]:
        answer = enclosed.start(self._children, self.folder / "host", self.artefacts)
        self.images = {**self.images, host.role: version("ufw")}
        return answer

    def _forget(self) -> None:
        """Redis holds nothing, and the application found its way back to its database."""
        self._flush()
        self._until_ready()

    def _flush(self) -> None:
        """Redis holds nothing."""
        with socket.create_connection((LOOPBACK, self._port("redis"))) as redis:
            redis.sendall(f"AUTH {self._materials.redis_password}\r\nFLUSHALL\r\n".encode())
            answer = redis.makefile("rb")
            if [answer.readline().strip() for _ in range(2)] != [b"+OK", b"+OK"]:
                raise StackFailed("redis did not forget", hint=self._children.last_words("redis"))

    def _start(self) -> None:
        services = {role: each for role, each in self.deployment.services.items() if each.recipe != RECIPE}
        if missing := [role for role in ROLES if role not in services]:
            raise StackFailed(
                f"the deployment has no service {', '.join(missing)}", hint=f"a stack is made of {', '.join(ROLES)}"
            )
        ports = iter(free_ports(sum(len(s.ports) * s.replicas for s in services.values())))
        self._ports = {
            role: [{port: next(ports) for port in service.ports} for _ in range(service.replicas)]
            for role, service in services.items()
        }
        self.images = {role: version(PROGRAMS[services[role].recipe]) for role in ROLES}
        self.logs.mkdir(mode=ANYONE)
        data = services["postgres"].settings
        made = template(data.get("user", "app"), data.get("database", "app"), work=self.folder / "initdb")
        with ThreadPoolExecutor() as pool:
            database = pool.submit(self._start_postgres, made)
            staged = pool.submit(stage, self.deployment, self.deployment.root, self.artefacts)
            self._materials = make_materials(self.folder / "materials", database_password=made.password)
            self.secrets = self._materials.secrets
            staged.result()
            self._start_application()
            issued = pool.submit(self._materials.issue, self.deployment.hosts, {})
            self._start_redis()
            database.result()
            issued.result()
        self._edge = LocalEdge(
            service=services["edge"],
            artefacts=self.artefacts,
            folder=self.folder / "edge",
            materials=self._materials,
            ports=self._ports["edge"][0],
            upstreams=dict(self._upstreams()),
            children=self._children,
        )
        self._edge.start()
        addresses = {
            role: [{i: (LOOPBACK, p) for i, p in each.items()} for each in self._ports[role]] for role in ROLES
        }
        self.endpoints = endpoints_for(self.deployment, addresses, authority=self._materials.authority)
        self._until_ready()

    def _start_postgres(self, made: Template) -> None:
        """PostgreSQL serves a copy of the template."""
        data = self.folder / "postgres"
        copy_template(made, data)
        command = [
            program("postgres"),
            "-D",
            str(data),
            "-p",
            str(self._port("postgres")),
            "-c",
            f"listen_addresses={LOOPBACK}",
        ]
        self._children.start("postgres", command, data)

    def _start_redis(self) -> None:
        folder = self.folder / "redis"
        folder.mkdir(mode=ANYONE)
        config = folder / "redis.conf"
        config.touch(mode=OWNER_ONLY)
        password = self._materials.redis_password
        lines = [
            f"bind {LOOPBACK}",
            f"port {self._port('redis')}",
            'save ""',
            "appendonly no",
            f"requirepass {password}",
            "",
        ]
        config.write_text("\n".join(lines), encoding="utf-8")
        give_away(folder, config)
        self._children.start("redis", [program("redis-server"), str(config)], folder)

    def _start_application(self) -> None:
        folder = self.folder / "app"
        folder.mkdir(mode=ANYONE, exist_ok=True)
        command = [sys.executable, "-m", "standin", "serve", "--migrate", "--host", LOOPBACK]
        for replica in self._ports["app"]:
            command += ["--port", *map(str, replica.values())]
        self._children.start("app", command, folder, environment=self._application_environment(), as_us=True)

    def _application_environment(self) -> Mapping[str, str]:
        """The application's variables with this stack's addresses and secrets."""
        stated = application_environment(
            self.deployment,
            self.artefacts,
            self._materials,
            database=(LOOPBACK, self._port("postgres")),
            redis=(LOOPBACK, self._port("redis")),
            inside=self.folder / "materials",
            uploads=str(self.folder / "app"),
            settings=self._settings,
        )
        return {**plain_environment(), **stated, "PYTHONPATH": str(APPLICATION)}

    def _until_ready(self) -> None:
        until_ready(
            self.endpoints,
            self.deployment.paths.get("ready", "/"),
            dead=self._children.dead,
            last_words=self._children.last_words,
            source=self.client_address,
        )

    def _upstreams(self) -> Iterator[tuple[str, list[str]]]:
        """Each `role:port` of the deployment with the addresses behind it here."""
        for role, replicas in self._ports.items():
            for port in self.deployment.services[role].ports:
                yield f"{role}:{port}", [f"{LOOPBACK}:{replica[port]}" for replica in replicas]

    def _port(self, role: str) -> int:
        """Where the only port of a role's only replica is here."""
        return self._ports[role][0][self.deployment.services[role].ports[0]]
