"""The machines that PM2 runs an application on, each with one replica, and the release that each of them runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from plimsoll.drills.host import server
from plimsoll.drills.host.releases import Releases, Wanted, telling
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations.drills.rollouts import Step
from plimsoll.probes.edge.balance import answered
from plimsoll.stacks.protocol import Endpoint, endpoints_of
from plimsoll.stacks.readiness import status_of

SOURCE = "SOURCE_PATH"
"""The setting that says where the code lies on each machine."""

CHARGED = "server "
"""What the harness is asked for on behalf of such a machine begins so."""

PROGRAMS = ("git", "npm", "npx", "pm2")
WELL = 200
EXECUTABLE = 0o755


class Fleet(Releases):
    """What ssh, git, npm and PM2 do: a machine runs the release whose code was fetched, installed, built, reloaded.

    `bin` are the programs of the host that its operator works at, `root` is the folder of that host.
    """

    def __init__(
        self,
        deployment: Deployment,
        stack: HostedStack,
        recorder: Recorder,
        *,
        bin: Path,  # noqa: A002 - it is what the folder is called
        root: Path,
        settings: Mapping[str, str],
    ) -> None:
        super().__init__(deployment, stack, recorder)
        rollout = deployment.rollout
        if rollout is None:
            raise CouldNotLook("the deployment says nothing of how releases arrive")
        self._ailing: dict[tuple[str, str], Mapping[str, str]] = {}
        self._home = bin / "servers"
        self._places = {name: (rollout.role, number) for number, name in enumerate(rollout.servers, start=1)}
        self._places |= {name: (name, 1) for name in rollout.spares}
        self._ready, self._metrics = deployment.place("ready")[1], deployment.place("metrics")[1]
        self.idle = rollout.spares
        self.running = dict.fromkeys(rollout.servers, rollout.version)
        source = Path(settings[SOURCE]).relative_to(root)
        self._root, self._folder = root, root.parent / "servers"
        self._install(bin)
        self._furnish(source, deployment, rollout.version)

    def publish(self, version: str, **variables: str) -> None:
        """There is a tag of that release; the application runs with these variables in it."""
        super().publish(version, **variables)
        self._tell()

    def ails(self, version: str, name: str, **variables: str) -> None:
        """On that machine the release runs with these variables, too: it is well everywhere else."""
        self._ailing[version, name] = variables

    def knows(self, role: str) -> bool:  # noqa: ARG002 - it is the same of every role
        """No service is a slot: what compose says of images says nothing of these machines."""
        return False

    def serving(self, version: str) -> list[str]:
        """The roles whose replicas run that release."""
        return list(dict.fromkeys(self._places[name][0] for name, runs in self.running.items() if runs == version))

    def does(self, wanted: Wanted) -> None:
        """That machine has installed, built, or begun to run a release. Raises CouldNotLook."""
        name, version, act = wanted.roles[0], wanted.variables["release"], wanted.act.removeprefix(CHARGED)
        at = self._recorder.now
        others = [each for each in self.running if each != name]
        serving = tuple(each for each in others if self._is_well(each)) if act in server.MANAGED else ()
        if act in server.MANAGED:
            role, number = self._places[name]
            if act == "stop":
                raise CouldNotLook("nobody stands in for a stop of one machine")
            variables = {**self._published[version], **telling(self._deployment, version)}
            ailing = self._ailing.get((version, name), {})
            self._stack.release(role, {**BORN_WELL, **variables, **ailing}, replica=number)
            self.running[name] = version
            self._tell()  # one that had crashed may be elsewhere now
        step = Step(server=name, what=act, at=at, release=version, others=tuple(others), serving=serving)
        self.steps.append(step)

    def answered(self) -> Mapping[str, int]:
        """How many requests each machine has answered since it began. Raises CouldNotLook."""
        return {name: answered(self._endpoint(name), self._metrics) for name in self.running}

    def _is_well(self, name: str) -> bool:
        return status_of(self._endpoint(name), self._ready) == WELL

    def _endpoint(self, name: str) -> Endpoint:
        """Where the application on that machine is asked."""
        role, number = self._places[name]
        found = endpoints_of(self._stack, role)
        return [endpoint for endpoint in found if endpoint.port == found[0].port][number - 1]

    def _install(self, bin: Path) -> None:  # noqa: A002 - likewise
        """The programs are there: `ssh` at the host, the others on the machines."""
        text = f"#!{sys.executable} -IS\n{Path(server.__file__).read_text(encoding='utf-8')}"
        (self._home / "bin").mkdir(parents=True)
        for program in (bin / "ssh", *(self._home / "bin" / name for name in PROGRAMS)):
            program.write_text(text, encoding="utf-8")
            program.chmod(EXECUTABLE)

    def _furnish(self, source: Path, deployment: Deployment, version: str) -> None:
        """Each machine has the code of the first release, built; a spare one has it as it was fetched."""
        for name in self._places:
            code = self._folder / name / source
            done = (server.CODE, server.INSTALLED, server.BUILT) if name in self.running else (server.CODE,)
            for left in done:
                (code / left).parent.mkdir(parents=True, exist_ok=True)
                (code / left).write_text(f"{version}\n", encoding="utf-8")
            for artefact in _configured(deployment.root):
                (code / artefact).parent.mkdir(parents=True, exist_ok=True)
                (code / artefact).write_bytes((deployment.root / artefact).read_bytes())
        self._tell()

    def _tell(self) -> None:
        """What the programs read: where each machine is, and which releases there are."""
        known = {}
        for name in self._places:
            endpoint = self._endpoint(name)
            host, port = endpoint.address
            known[name] = {"folder": str(self._folder / name), "ports": {str(endpoint.port): f"{host}:{port}"}}
        servers = json.dumps({"root": str(self._root), "servers": known})
        for file, text in (("servers.json", servers), ("releases.json", json.dumps([*self._published]))):
            partial = self._home / f"{file}.partial"
            partial.write_text(text, encoding="utf-8")
            partial.replace(self._home / file)


BORN_WELL: Mapping[str, str] = {"BORN": "none", "BORN_MIGRATIONS": "", "BORN_FIELDS": ""}
"""A release that is well and brings nothing, whatever the one was that the machine ran before."""


def _configured(root: Path) -> Iterable[str]:
    """What PM2 is told by: files that lie among the code."""
    return sorted(str(path.relative_to(root)) for path in root.glob("pm2/*.config.js"))
