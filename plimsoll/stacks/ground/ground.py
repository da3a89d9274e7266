"""What can be asked of a ground: who reaches what, what becomes of intruders, what a command says in a zone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import cast

from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment, Service
from plimsoll.stacks.ground.addresses import bridge_address, client_addresses, own_addresses
from plimsoll.stacks.protocol import CommandResult

RECIPE = "host"
OUTGOING = 443
"""The port that the host is tried to reach in every zone."""

Answer = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What became of one connection: open, refused, silent or unreachable; `by` is who answered (host, container)."""

    zone: str
    address: str
    port: int
    state: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """Who reached what before the firewall stood and after, what the host reaches, and what its programs said."""

    before: tuple[Connection, ...]
    after: tuple[Connection, ...]
    outgoing: tuple[Connection, ...]
    firewall: CommandResult
    published: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """What became of a stranger at one jail. Figures are fail2ban's own words, empty where it knows no such jail.

    `after` is what the stranger then gets, `bystander` another client; `released` whether the stranger came back once
    the ban, shortened to `shortened` seconds, was over.
    """

    jail: str
    maxretry: str = ""
    bantime: str = ""
    findtime: str = ""
    port: int = 0
    tries: int = 0
    before: str = ""
    after: str = ""
    bystander: str = ""
    listed: bool = False
    released: bool = False
    shortened: int = 0


class Ground:
    """One host of the deployment and the zones around it; `answer` gives the ground's answer to one request.

    For other probes: `run(zone, command)` runs a program as a client in a zone (or on the "host"), and
    `ssh()` starts the host's own SSH server, with the deployment's sshd_config. Whoever starts something holds `alone`.
    """

    def __init__(self, deployment: Deployment, host: Service, answer: Callable[[str], str]) -> None:
        self._deployment = deployment
        self._host = host
        self._answer = answer
        self.alone = Lock()

    def lay(self) -> None:
        """The zones are there, and nothing stands between them and the host."""
        zones = self._deployment.zones.values()
        bridge = bridge_address(zones)
        address, _, length = bridge.partition("/")
        self._ask(
            "lay",
            zones={zone.name: client_addresses(zone, zones) for zone in zones},
            host=own_addresses(zones),
            container=f"{address.rpartition('.')[0]}.2/{length}",
            bridge=bridge,
        )

    def stand(self, ports: Sequence[int], published: Sequence[tuple[str, int, int]]) -> Stood:
        """Who reaches which ports, before and after the deployment's firewall stands.

        `published` are the ports of the host, at one address or at "" any, that are passed on to a port of a container.
        """
        said = self._ask(
            "stand",
            firewall=self._host.config,
            files=dict(self._host.files),
            ports=list(ports),
            published=[list(each) for each in published],
            outgoing=OUTGOING,
        )
        return Stood(
            before=_connections(said["before"]),
            after=_connections(said["after"]),
            outgoing=tuple(
                Connection(zone=zone, address=address, port=OUTGOING, state=state)
                for zone, address, state in cast(list[tuple[str, str, str]], said["outgoing"])
            ),
            firewall=_result(cast(Answer, said["guarded"])),
            published=str(said["published"]),
            status=str(said["says"]),
        )

    def attacked(self, jails: Sequence[tuple[str, str, str]]) -> tuple[str, tuple[Attacked, ...]]:
        """What fail2ban objects to, and what became of a stranger at every (jail, service, zone) if it runs."""
        said = self._ask("attack", jails=[list(each) for each in jails])
        fields = Attacked.__dataclass_fields__
        attacks = cast(list[Mapping[str, object]], said["attacks"])
        return str(said["trouble"]), tuple(
            Attacked(**{key: value for key, value in each.items() if key in fields})  # type: ignore[arg-type] # our own
            for each in attacks
        )

    def ssh(self) -> tuple[str, int]:
        """The address and port of the host's own SSH server, which runs from now on with the deployment's files."""
        said = self._ask("ssh", files=dict(self._host.files))
        return cast(list[str], said["addresses"])[0], cast(int, said["port"])

    def run(self, zone: str, command: Sequence[str], *, text: str = "") -> CommandResult:
        """What a program said that ran in a zone, or on the "host", with `text` as its input."""
        return _result(self._ask("run", zone=zone, command=list(command), text=text))

    def _ask(self, operation: str, **arguments: object) -> Answer:
        """The ground's answer. Raises CouldNotLook with its words when it could not do it."""
        text = self._answer(json.dumps({"do": operation, **arguments}))
        try:
            said: Answer = json.loads(text)
        except ValueError:
            raise CouldNotLook(f"the host's ground gave no answer: {text.strip() or 'it ended'}") from None
        if "failed" in said:
            raise CouldNotLook(str(said["failed"]), hint="the host's log says more; --keep leaves it up")
        return said


def _connections(rows: object) -> tuple[Connection, ...]:
    return tuple(
        Connection(zone=zone, address=address, port=port, state=state, by=by)
        for zone, address, port, state, by in cast(list[tuple[str, str, int, str, str]], rows)
    )


def _result(said: Answer) -> CommandResult:
    return CommandResult(code=cast(int, said["code"]), output=str(said["output"]))
