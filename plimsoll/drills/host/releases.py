"""The releases of an application that there are in a drill, and which of them runs in each slot."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts import trees
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import ComposeFiles, Kind, Service, SourceFile
from plimsoll.observations.drills.rollouts import Step
from plimsoll.stacks.environment import read_environment
from plimsoll.wait import NotReady, wait_until

VERSION, HEADERS = "APP_VERSION", "APP_HEADERS"
"""The variables by which the stand-in application knows which release it is, and tells; a real one has it built in."""

HEALTH_SECONDS = 4.0
"""Until a container that fails its check is called unhealthy: the engine waits for several intervals, we ask faster."""

CHECK_SECONDS = 5.0
"""How long one check may take."""

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<more>[^}]*))?\}|\$(?P<bare>\w+)")
DOTENV = ".env"
"""The file beside the first compose file that variables are read from (docs.docker.com, compose, interpolation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a compose command asks for: of which services, by which files and variables, with which options."""

    act: str
    roles: Sequence[str]
    files: Sequence[str]
    variables: Mapping[str, str]
    options: Sequence[str]


class Releases:
    """What compose does to slots: each runs the release that its image's tag names, once that was published."""

    def __init__(self, deployment: Deployment, stack: HostedStack, recorder: Recorder) -> None:
        rollout = deployment.rollout
        if rollout is None:
            raise CouldNotLook("the deployment says nothing of how releases arrive")
        self.running: dict[str, str] = {rollout.role: rollout.version}
        self.idle = rollout.slots[1:]
        self.steps: list[Step] = []
        self._deployment = deployment
        self._stack = stack
        self._recorder = recorder
        self._slots = rollout.slots
        self._published: dict[str, Mapping[str, str]] = {rollout.version: {}}

    def publish(self, version: str, **variables: str) -> None:
        """There is an image of that release; the application runs with these variables in it."""
        self._published[version] = variables

    def serving(self, version: str) -> list[str]:
        """The roles that run that release."""
        return [slot for slot, runs in self.running.items() if runs == version]

    def knows(self, role: str) -> bool:
        """Whether that is a slot."""
        return role in self._slots

    def pull(self, role: str, wanted: Wanted) -> None:
        """The image of that slot is here. Raises CouldNotLook when nobody has published it."""
        self._image(_service(role, wanted), wanted)

    def born(self, role: str, wanted: Wanted) -> Mapping[str, str]:
        """The variables of a container of that slot's release that is made for one command. Raises CouldNotLook."""
        version = self._image(_service(role, wanted), wanted)
        return {**self._published[version], **telling(self._deployment, version)}

    def up(self, role: str, wanted: Wanted, *, halted: bool) -> None:
        """The slot runs the release that compose names; one that does already goes on. Raises CouldNotLook."""
        service = _service(role, wanted)
        version = self._image(service, wanted)
        if self.running.get(role) == version and not halted and "--force-recreate" not in wanted.options:
            return
        self._stack.release(role, {**self._published[version], **telling(self._deployment, version)})
        self.running[role] = version
        self._recorder.mark(f"{role} runs {version}")

    def until_healthy(self, role: str, wanted: Wanted) -> None:
        """The container's own check says that it is well. Raises CouldNotLook when it does not come to that."""
        test = _test(_service(role, wanted))
        if not test:
            return
        inside = self._stack.inside(role)
        command = " ".join(test) if len(test) == 1 else ""
        words = ["sh", "-c", command] if command else [*test]
        for port, here in inside.ports.items():
            words = [re.sub(rf"(127\.0\.0\.1|localhost):{port}\b", rf"127.0.0.1:{here}", word) for word in words]

        def well() -> bool:
            done = subprocess.run(
                [*inside.words, *words],
                env=dict(inside.environment),
                capture_output=True,
                check=False,
                timeout=CHECK_SECONDS,
            )
            return done.returncode == 0

        try:
            wait_until(well, timeout=HEALTH_SECONDS, what=f"the health of {role}")
        except (NotReady, subprocess.TimeoutExpired, OSError) as error:
            raise CouldNotLook(f"container {role} is unhealthy") from error

    def _image(self, service: Service, wanted: Wanted) -> str:
        """The tag of the service's image as compose reads it."""
        beside = Path(wanted.files[0]).parent / DOTENV if wanted.files else Path(DOTENV)
        stated = read_environment(beside) if beside.is_file() else {}
        image = interpolated(service.node["image"].text, {**stated, **wanted.variables})
        version = image.rpartition(":")[2]
        if version not in self._published:
            raise CouldNotLook(f"manifest for {image} not found: manifest unknown")
        return version


def telling(deployment: Deployment, version: str) -> Mapping[str, str]:
    """The variables of an application that is of that release, and says so in every answer."""
    if deployment.rollout is None:
        return {}
    service = deployment.services[deployment.rollout.role]
    stated = read_environment(deployment.root / service.environment) if service.environment else {}
    headers = filter(None, (stated.get(HEADERS, ""), f"{deployment.rollout.tells}: {version}"))
    return {VERSION: version, HEADERS: "|".join(headers)}


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """The text of a compose file with its variables filled in. Raises CouldNotLook for one that must be set."""

    def filled(match: re.Match[str]) -> str:
        name, how, more = match["name"] or match["bare"], match["how"] or "", match["more"] or ""
        value = variables.get(name)
        if value is None or (not value and how.startswith(":")):
            if how.endswith("?"):
                raise CouldNotLook(f"required variable {name} is missing a value: {more}")
            return more if how else ""
        return value

    return VARIABLE.sub(filled, text)


def _service(role: str, wanted: Wanted) -> Service:
    """What the compose files say of a service, the last of them first."""
    for name in reversed(wanted.files):
        source = SourceFile(name=name, kind=Kind.COMPOSE, text=Path(name).read_text(encoding="utf-8"))
        documents = tuple(trees.read(source).documents)
        compose = ComposeFiles(sources=(source,), documents=documents, seen_at=datetime.now(UTC))
        for service in compose.services(files=name):
            if service.name == role:
                return service
    raise CouldNotLook(f"no such service: {role}")


def _test(service: Service) -> list[str]:
    """The words of the service's check; one alone is a line for a shell."""
    node = service.node.at("healthcheck.test")
    words = [text.replace("$$", "$") for text in node.texts] or ([node.text] if node.text else [])
    return words[1:] if words[:1] in (["CMD"], ["CMD-SHELL"]) else [] if words[:1] == ["NONE"] else words
