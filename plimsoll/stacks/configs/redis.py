"""A Redis configuration: what the deployment's fragment says, and what a stack adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plimsoll.errors import BadInput
from plimsoll.model import Deployment, Service
from plimsoll.stacks.configs.addresses import Address
from plimsoll.stacks.materials import followers, leader

OURS = frozenset(
    (
        *("bind", "port", "tls-port", "unixsocket", "daemonize", "supervised", "pidfile", "logfile", "syslog-enabled"),
        *("dir", "replicaof"),
    )
)
"""Directives that say where things are; a stack has them elsewhere."""

PASSWORDS = ("requirepass", "masterauth")
"""What a server asks of others, and what it tells the one that it follows."""

EMPTY = (['""'], ["''"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisConfig:
    """One Redis service with the text of its fragment, which may be empty.

    `follows` is where the server is whose data it has, for one that has no other's: nowhere. One that `replicates`
    follows another, or may have to.
    """

    service: Service
    fragment: str = ""
    follows: tuple[str, int] | None = None
    replicates: bool = False

    @classmethod
    def of(cls, deployment: Deployment, service: Service, fragment: str, address: Address) -> RedisConfig:
        """The configuration of a service, which may follow another, or be followed."""
        lead = leader(deployment, service)
        if lead is service:
            return cls(service=service, fragment=fragment, replicates=bool(followers(deployment, service)))
        return cls(service=service, fragment=fragment, follows=address(lead.role, lead.ports[0]), replicates=True)

    @property
    def plain_port(self) -> int:
        """The port without encryption, 0 for none: as the fragment says, else the first if there is no certificate."""
        return int(self._said().get("port", 0 if self.service.certificate else self.service.ports[0]))

    @property
    def tls_port(self) -> int:
        """The port with encryption, 0 for none: as the fragment says, else the first that is free for it."""
        free = [port for port in self.service.ports if port != self.plain_port]
        return int(self._said().get("tls-port", free[0] if self.service.certificate and free else 0))

    def text(
        self,
        *,
        password: str,
        bind: str,
        folder: str,
        ports: Mapping[int, int],
        place: Callable[[str], str],
        told: Sequence[tuple[str, str]] = (),
        durable: bool = False,
    ) -> str:
        """The whole configuration, without a password if that comes by another way.

        `ports` and `place` say where the fragment's ports and files are here, `told` is what the server's command line
        says, which comes last. One that is not `durable` keeps nothing unless it is told to.

        Of two lines that set the same the later counts: the fragment may say otherwise than our defaults, also of the
        passwords (`requirepass ""`), but a password of its own is none: ours is known to the services.
        """
        lines = [f"{name} {password}" for name in self.passwords] if password else []
        lines += ["protected-mode no", "appendonly no", *([] if durable else ['save ""'])]
        if self.service.certificate:
            lines += [f"tls-cert-file {place(self.service.certificate)}", f"tls-key-file {place(self.service.key)}"]
            lines += ["tls-auth-clients no"]
        if self.follows:
            lines += ["replicaof {} {}".format(*self.follows)]
        for words in map(str.split, self.fragment.splitlines()):
            name = words[0].lower() if words else "#"
            if name in OURS or name.startswith("#") or (name in PASSWORDS and words[1:] not in EMPTY):
                continue
            lines.append(" ".join(place(word) if word.startswith("/") else word for word in words))
        lines += [f"bind {bind}", f"dir {folder}", "daemonize no"]
        lines += [f"port {self._here(self.plain_port, ports)}"]
        if self.tls_port:
            lines += [f"tls-port {self._here(self.tls_port, ports)}"]
        return "\n".join([*lines, *(" ".join(words) for words in told), ""])

    @property
    def passwords(self) -> tuple[str, ...]:
        """The directives that say the password."""
        return PASSWORDS if self.replicates else PASSWORDS[:1]

    def _said(self) -> Mapping[str, str]:
        lines = (line.split() for line in self.fragment.splitlines())
        return {words[0].lower(): words[1] for words in lines if len(words) > 1}

    def _here(self, port: int, ports: Mapping[int, int]) -> int:
        if port and port not in ports:
            fact = f"{self.service.config} listens on {port}, which the service does not declare"
            raise BadInput(fact, key=f"services.{self.service.role}", hint=f"ports = [{port}, …]")
        return ports[port] if port else 0
