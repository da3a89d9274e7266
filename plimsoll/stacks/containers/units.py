"""One container of a stack, by testcontainers. Imported only once a stack starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from plimsoll.errors import StackFailed
from plimsoll.labelled import LABEL
from plimsoll.stacks.containers.blueprints import Blueprint
from plimsoll.stacks.containers.engine import engine_heard, prepare
from plimsoll.stacks.containers.lanes import Lane, is_near
from plimsoll.stacks.containers.orders import (
    ENDED,
    ENVIRONMENT_FILE,
    INSIDE,
    RESTING,
    RUNNING,
    SAID,
    STATE_FILE,
    WANTED_FILE,
    Orders,
)
from plimsoll.stacks.containers.recipes import SUPERVISE
from plimsoll.stacks.protocol import CommandResult
from plimsoll.stacks.volumes import DATA
from plimsoll.wait import NotReady, wait_until

prepare()

from docker.errors import DockerException, NotFound  # type: ignore[import-untyped] # noqa: E402 - after prepare(); ships no types
from docker.types import Mount  # type: ignore[import-untyped] # noqa: E402 - likewise
from testcontainers.core.container import DockerContainer  # noqa: E402 - likewise
from testcontainers.core.docker_client import DockerClient  # noqa: E402 - likewise
from testcontainers.core.network import Network  # noqa: E402 - likewise

SUPERVISOR = "/plimsoll-supervise"
TAKE_DOWN, HALT, BRING_BACK = "SIGUSR1", "SIGHUP", "SIGUSR2"
"""What the supervisor listens to."""

HALTING: Mapping[str, str] = {"postgres": "INT", "nginx": "QUIT"}
"""By recipe, the signal that ends a service in good order where that is not TERM (STOPSIGNAL of official images)."""

HALT_SECONDS = 10.0
"""How long a service may take to end in good order before it is killed, as `docker stop` gives it."""

LOOPBACK = "127.0.0.1"
CHANGE_SECONDS = 5.0
"""How long a program may take to come or to go; both take milliseconds."""

LAST_LINES = 15
"""How much of a service's log an error shows."""


class _Joining(DockerClient):
    """A client that joins a container to its further networks before it starts: none sees the others come later."""

    def __init__(self, further: Sequence[Network], aliases: Sequence[str], *, version: str) -> None:
        super().__init__(version=version)
        self._further = further
        self._aliases = [*aliases]

    def start(self, container: object) -> None:
        for network in self._further:
            network.connect(container.id, self._aliases)  # type: ignore[attr-defined] # the library ships no types
        container.start()  # type: ignore[attr-defined] # likewise


class Unit(DockerContainer):
    """One container made from a blueprint: it can be started, asked about itself, taken down and brought back."""

    def __init__(
        self, blueprint: Blueprint, networks: Mapping[str, Lane], *, orders: Orders, run_id: str, version: str
    ) -> None:
        name = f"plimsoll-{run_id}-{blueprint.name}"
        super().__init__(blueprint.image, docker_client_kw={"version": version}, name=name)
        first, *further = (networks[name] for name in blueprint.networks)
        aliases = dict.fromkeys((blueprint.service.role, blueprint.name))
        self._docker = _Joining(further, [*aliases], version=version)
        self.blueprint = blueprint
        self._run_id = run_id
        self._orders = orders
        self._born_with = blueprint.settings
        self.with_network(first).with_network_aliases(*aliases)
        before = [] if blueprint.alone else self._own("Entrypoint")
        self.with_kwargs(
            labels={LABEL: run_id},
            hostname=blueprint.name,
            **blueprint.frame.limits,
            mounts=[Mount(inside, name, labels={LABEL: run_id}) for name, inside in self.named_volumes()],
            entrypoint=["/bin/sh", SUPERVISOR, "down" if blueprint.waits else "up", *before],
        )
        self.with_command([*(blueprint.command or self._own("Cmd"))])
        signal = HALTING.get(blueprint.service.recipe, "TERM")
        self.with_envs(ENVIRONMENT_FILE=ENVIRONMENT_FILE, WANTED_FILE=WANTED_FILE, STATE_FILE=STATE_FILE)
        self.with_envs(HALT_SIGNAL=signal)
        self.with_envs(**blueprint.environment, **blueprint.settings)
        self.with_volume_mapping(SUPERVISE, SUPERVISOR)
        self.with_volume_mapping(orders.folder, INSIDE)
        self.with_volume_mapping(orders.said, SAID, "rw")
        for here, inside in blueprint.mounts.items():
            self.with_volume_mapping(here, inside)
        for here, inside in blueprint.written.items():
            here.mkdir(parents=True, exist_ok=True)  # else the engine makes it, and it is root's
            self.with_volume_mapping(here, inside, "rw")
        for folder in blueprint.scratch:
            self.with_tmpfs_mount(folder, "mode=1777")
        for port in blueprint.published:
            self.ports[f"{port}/tcp"] = (LOOPBACK, None)  # type: ignore[assignment] # exposing would publish on 0.0.0.0

    @property
    def kept(self) -> frozenset[str]:
        """What the engine calls the volumes that it has mounted."""
        return frozenset(name for name, _ in self.named_volumes())

    def named_volumes(self) -> list[tuple[str, str]]:
        """What the engine calls its volumes, and where they are mounted."""
        return [(f"plimsoll-{self._run_id}-volume-{name}", inside) for name, inside in self.blueprint.volumes]

    @property
    def own_name(self) -> str:
        """What the engine calls it."""
        return f"plimsoll-{self._run_id}-{self.name}"

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.blueprint.name

    def launch(self) -> None:
        """The container runs; raises StackFailed with the engine's own words."""
        with engine_heard(f"{self.name} could not be started from {self.image}"):
            self.start()
        image = DATA.get(self.blueprint.service.recipe)
        if further := [inside for _, inside in self.blueprint.volumes if image and inside != image]:
            self._give(further)

    def _give(self, folders: Sequence[str]) -> None:
        """These folders are the server's: a volume's is root's where the image has none at its place."""
        user = self.blueprint.frame.user or "".join(self._own("User")) or self.blueprint.service.recipe
        with engine_heard(f"the volumes of {self.name} could not be given to {user}"):
            self.get_wrapped_container().exec_run(["chown", user, *folders], user="root")

    def addresses(self) -> Mapping[int, tuple[str, int]]:
        """Where every port that can be reached is; raises StackFailed when the container has ended.

        That is the container itself where its networks can be reached from here: the engine's proxy in front of a
        published port answers for a service that is gone, and buffers what the service sends.
        """
        container = self.get_wrapped_container()
        container.reload()
        ports, own = container.attrs["NetworkSettings"]["Ports"], next(iter(self.own_addresses()), "")
        if not own:
            raise StackFailed(f"{self.name} ended; its last words:\n{self.last_words()}", hint="its own words say why")
        inside = self.blueprint.service.ports
        if inside and is_near(own, inside[0]):
            return {port: (own, port) for port in inside}
        bound = {
            port: ports.get(f"{port}/tcp") for port in self.blueprint.published
        }  # internal networks publish nothing
        return {port: (LOOPBACK, int(places[0]["HostPort"])) for port, places in bound.items() if places}

    def own_addresses(self) -> list[str]:
        """The container's addresses, as it was last looked at: none once it has ended."""
        networks = self.get_wrapped_container().attrs["NetworkSettings"]["Networks"].values()
        return [network["IPAddress"] for network in networks if network["IPAddress"]]

    def take_down(self) -> None:
        """The program is killed; the container keeps its addresses."""
        self._orders.forget()
        with engine_heard(f"{self.name} could not be taken down"):
            self.get_wrapped_container().kill(TAKE_DOWN)

    def halt(self) -> None:
        """The program has ended in good order, or is dead because it did not in time."""
        self._orders.forget()
        with engine_heard(f"{self.name} could not be halted"):
            self.get_wrapped_container().kill(HALT)
        try:
            wait_until(lambda: self._orders.state in (RESTING, ENDED), timeout=HALT_SECONDS, what=self.name)
        except NotReady:
            self.take_down()
            self.until_down()

    def freeze(self) -> None:
        """Every process inside stands still; the kernel goes on to accept connections."""
        with engine_heard(f"{self.name} could not be paused"):
            self.get_wrapped_container().pause()

    def thaw(self) -> None:
        """Every process inside goes on, as far as it stood still."""
        container = self.get_wrapped_container()
        with engine_heard(f"{self.name} could not be unpaused"):
            container.reload()
            if container.status == "paused":
                container.unpause()

    def rest(self) -> None:
        """The container runs, and its program does not, also where both had ended."""
        container = self.get_wrapped_container()
        with engine_heard(f"{self.name} could not be brought to rest"):
            self._orders.begin(up=False)
            container.start()
        self.rested()

    def rested(self) -> None:
        """The supervisor listens, and its program does not run."""
        self._until(lambda: self._orders.state == RESTING, "did not come to rest")

    def wake(self) -> None:
        """The program of a container that started waiting runs."""
        # The first signal may come before the supervisor listens; a second one does no harm.
        self._until(self._woken, "did not start")

    def _woken(self) -> bool:
        self.get_wrapped_container().kill(BRING_BACK)
        return self._orders.state == RUNNING

    def runs(self, blueprint: Blueprint) -> bool:
        """Whether the program was started with what this blueprint says of what can be exchanged."""
        return (self.blueprint.settings, self.blueprint.reads) == (blueprint.settings, blueprint.reads)

    def stands_as(self, blueprint: Blueprint) -> bool:
        """Whether the container is one that this blueprint would make, whatever its program reads."""
        mine, other = self.blueprint.frame, blueprint.frame
        return (self.blueprint.networks, replace(mine, replicas=1, options=())) == (
            blueprint.networks,
            replace(other, replicas=1, options=()),
        )

    def bring_back(self, blueprint: Blueprint | None = None) -> None:
        """The program starts again, as the blueprint says if there is one; also where its container had ended."""
        container = self.get_wrapped_container()
        with engine_heard(f"{self.name} could not be brought back"):
            if blueprint is not None:
                self._orders.run_with(blueprint.settings, forgotten=self._born_with)
                self.blueprint = blueprint
            if self.has_ended():
                self._orders.begin(up=True)
                container.start()
            else:
                self._orders.forget()
                container.kill(BRING_BACK)

    def has_ended(self) -> bool:
        """Whether the container came to an end, as it does when its program ends by itself."""
        container = self.get_wrapped_container()
        with engine_heard(f"{self.name} could not be looked at"):
            container.reload()
        return str(container.status) == "exited"

    def run(self, command: Sequence[str]) -> CommandResult:
        """What a program said that ran inside."""
        with engine_heard(f"{self.name} could not run {command[0]}"):
            done = self.exec([*command])
        return CommandResult(code=done.exit_code or 0, output=done.output.decode(errors="replace"))

    def until_down(self) -> None:
        """Nothing but the supervisor is left inside; raises StackFailed when something stays."""
        self._until(lambda: self._orders.state == RESTING, "did not go down")

    def _until(self, observe: Callable[[], bool], trouble: str) -> None:
        try:
            wait_until(observe, timeout=CHANGE_SECONDS, what=self.name)
        except NotReady as error:
            fact = f"{self.name} {trouble} within {CHANGE_SECONDS:g} s; its last words:\n{self.last_words()}"
            raise StackFailed(fact, hint="the service's own words may say why") from error

    def log(self) -> str:
        """Everything the service said."""
        if self._container is None:
            return ""
        with suppress(DockerException):
            said: bytes = self._container.logs()
            return said.decode(errors="replace")
        return ""

    def last_words(self) -> str:
        """The end of the log, indented for a message."""
        return "\n".join(f"  {line}" for line in self.log().splitlines()[-LAST_LINES:])

    def remove(self) -> None:
        """The container is gone, killed rather than stopped."""
        with suppress(NotFound):
            self.stop()

    def _own(self, key: str) -> list[str]:
        """What the image says of itself."""
        return list(self._docker.client.images.get(self.image).attrs["Config"][key] or ())
