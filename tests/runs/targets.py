"""Live targets for whole runs: servers on loopback, each with a deployment file of ten lines."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.probes.hostile import Server, Talk, nobody, serving
from tests.runs.place import Place

HOST = "site.example"
"""The name that every target here has; no name service knows it (RFC 2606)."""

DEPLOYMENT = """
name = "{name}"
hosts = ["{HOST}"]
policies = ["edge-baseline"]
[live]
url = "https://{HOST}:{port}"
address = "127.0.0.1"
plain_port = {plain}
ca = "authority.pem"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A throw-away authority, and contexts of servers that show its certificates."""

    ca: trustme.CA

    @classmethod
    def new(cls) -> Authority:
        """Another authority."""
        return cls(ca=trustme.CA())

    def context(self, host: str = HOST, *, days: int = 90) -> ssl.SSLContext:
        """A server's context with a fresh certificate for that host that has so many days left."""
        now = datetime.now(UTC)
        leaf = self.ca.issue_cert(host, not_before=now - timedelta(days=90), not_after=now + timedelta(days=days))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context

    def file(self, folder: Path) -> Path:
        """The authority's certificate as a file of that folder."""
        path = folder / "authority.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def deployment(self, place: Place, name: str, *, port: int, plain: int) -> Path:
        """A folder with a deployment.toml for what listens on these ports, and this authority to trust."""
        folder = place.folder / name
        folder.mkdir()
        self.file(folder)
        text = DEPLOYMENT.format(HOST=HOST, name=name, port=port, plain=plain)
        (folder / "deployment.toml").write_text(text, encoding="utf-8")
        return folder


@contextmanager
def target(
    place: Place, name: str, talk: Talk, *, authority: Authority, tls: ssl.SSLContext | None
) -> Iterator[tuple[Path, Server]]:
    """The deployment of a server that talks like this on its TLS port; on the plain one nobody listens."""
    with serving(talk, tls=tls) as server, nobody() as plain:
        yield authority.deployment(place, name, port=server.address[1], plain=plain.address[1]), server
