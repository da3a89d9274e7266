"""A PostgreSQL configuration: what the deployment's fragment says, and what a stack adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from plimsoll.model import Deployment, Service

DEFAULTS = (
    "fsync = off",  # the data is thrown away with the stack, so nothing waits for the disk; performance.md section 1
    "full_page_writes = off",  # but synchronous_commit stays on: a server that is killed keeps what it committed
    "jit = off",
)
FOLLOWED = ("wal_keep_size = 64MB",)
"""A standby may come minutes after its primary was made, and still needs all that happened since."""

OURS = frozenset(
    (
        *("listen_addresses", "port", "unix_socket_directories", "data_directory", "external_pid_file"),
        *("include", "include_dir", "include_if_exists"),
        *("logging_collector", "log_directory", "log_filename", "log_destination"),
    )
)
"""Parameters that say where things are; a stack has them elsewhere."""

LINE = re.compile(r"\s*(?P<name>\w+)\s*=?\s*(?P<value>'(?:[^']|'')*'|[^#\s]+)")
TRUE = frozenset({"on", "true", "yes", "1", "t", "y"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresConfig:
    """One PostgreSQL service with the text of its fragment, which may be empty."""

    service: Service
    fragment: str = ""
    followed: bool = False

    @classmethod
    def of(cls, deployment: Deployment, service: Service, fragment: str) -> PostgresConfig:
        """The configuration of a service, which another one may follow."""
        followed = any(each.settings.get("follows") == service.role for each in deployment.services.values())
        return cls(service=service, fragment=fragment, followed=followed)

    @property
    def encrypts(self) -> bool:
        """Whether the server speaks TLS: when it has a certificate, unless the fragment says otherwise."""
        stated = dict(self._stated()).get("ssl", "")
        return stated.strip("'").lower() in TRUE if stated else bool(self.service.certificate)

    @property
    def needed(self) -> bool:
        """Whether there is anything to say beyond what every cluster is made with."""
        return bool(self.fragment or self.followed or self.service.certificate or self.service.settings.get("follows"))

    def text(
        self,
        *,
        base: str,
        place: Callable[[str], str],
        more: Mapping[str, str],
        within: Callable[[str], str] = str,
    ) -> str:
        """The whole configuration: the cluster's own, `base`, then our defaults, `more` and the fragment.

        Of two lines that set the same the later counts. `place` says where the fragment's files are here, `within` puts
        those that a command of the fragment names there.
        """
        lines = [f"include {_quoted(base)}", *DEFAULTS, *(FOLLOWED if self.followed else ())]
        if self.service.certificate:
            files = {"ssl_cert_file": self.service.certificate, "ssl_key_file": self.service.key}
            lines += ["ssl = on", *(f"{name} = {_quoted(place(file))}" for name, file in files.items())]
        lines += [f"{name} = {_quoted(value)}" for name, value in more.items()]
        for name, value in self._stated():
            plain = value.strip("'")
            lines.append(f"{name} = {_quoted(place(plain)) if plain.startswith('/') else within(value)}")
        return "\n".join([*lines, ""])

    def _stated(self) -> Iterator[tuple[str, str]]:
        for line in self.fragment.splitlines():
            found = LINE.match(line)
            if found and found["name"].lower() not in OURS:
                yield found["name"].lower(), found["value"]


def _quoted(text: str) -> str:
    """A value as postgresql.conf takes any."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
