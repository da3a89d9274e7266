"""A real nginx in front of replicas of ours, with a configuration that each test writes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from plimsoll.model import Deployment, Limits
from plimsoll.probes.edge.asker import Asker
from plimsoll.probes.web.http import Visitors
from plimsoll.stacks.protocol import EVERY_METHOD, Endpoint, Stack
from plimsoll.wait import wait_until
from tests.probes.backends import Replica
from tests.probes.conftest import free_ports, listening
from tests.quiet_stack import QuietStack

AROUND = """
daemon off; master_process off; pid nginx.pid; error_log error.log;
events {{ }}
http {{
    access_log off; default_type text/html;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    proxy_cache_path cache keys_zone=pages:1m;
    map $http_upgrade $upgraded {{ default upgrade; '' ''; }}
    upstream app {{ zone app 64k; {method} {servers} }}
    proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgraded;
    proxy_set_header Host $host;
    {inside}
    server {{ listen 127.0.0.1:{port}; server_name localhost; {served} }}
}}
"""
PATHS = {"page": "/", "missing": "/missing", "private": "/mine", "metrics": "/metrics", "websocket": "/ws"}


@dataclass(frozen=True, kw_only=True)
class Front(QuietStack):
    """A stack of one edge and some replicas, all on loopback."""

    edge: int
    app: tuple[int, ...]
    methods: frozenset[str] = EVERY_METHOD
    intrusive: bool = True

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The edge, and every replica."""
        return tuple(
            Endpoint(role=role, scheme="http", host="localhost", port=80, address=("127.0.0.1", port))
            for role, port in (("edge", self.edge), *(("app", port) for port in self.app))
        )


def asker(front: QuietStack, *, deadline: float = 5.0) -> Asker:
    """Somebody who asks it, in no hurry to be refused."""
    limits = Limits(requests_per_second=1000, burst=1000)
    deployment = Deployment(name="front", root=Path(), hosts=("localhost",), promises=(), paths=PATHS, limits=limits)
    stack = cast(Stack, front)  # frozen, and nobody writes to it
    visitors = Visitors(stack, deployment, deadline=deadline)
    return Asker(stack=stack, deployment=deployment, visitors=visitors, deadline=deadline)


@contextmanager
def front(folder: Path, served: str, replicas: list[Replica], *, method: str = "", inside: str = "") -> Iterator[Front]:
    """Nginx serving that, inside its one server block, until left; `method` stands in the upstream `app`."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("not run: nginx is not installed")
    (folder / "temp").mkdir()
    port = free_ports("edge")["edge"]
    places = tuple(int(replica.server_address[1]) for replica in replicas)
    servers = " ".join(f"server 127.0.0.1:{place};" for place in places)
    configuration = folder / "nginx.conf"
    configuration.write_text(AROUND.format(method=method, servers=servers, port=port, served=served, inside=inside))
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen([program, "-p", folder, "-c", configuration], stdout=output, stderr=output) as nginx,
    ):
        try:
            wait_until(lambda: nginx.poll() is not None or listening(port), timeout=10, what="nginx")
            assert nginx.poll() is None, (folder / "output").read_text()
            yield Front(edge=port, app=places)
        finally:
            with suppress(ProcessLookupError):
                nginx.terminate()
