"""What the probes are tried on: a throw-away authority, and a real nginx on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import wait_until

CONFIGURATION = """
daemon off; master_process off; pid nginx.pid; error_log error.log;
events {{ }}
http {{
    access_log off; default_type text/plain;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    ssl_certificate leaf.pem; ssl_certificate_key leaf.pem;
    limit_req_zone $binary_remote_addr zone=client:1m rate=10r/s; limit_req_status 429;
    server {{
        listen 127.0.0.1:{modern} ssl http2; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:modern:1m;
        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305; ssl_prefer_server_ciphers off;
        location / {{ return 200 "hello"; }}
    }}
    server {{
        listen 127.0.0.1:{old} ssl; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_session_tickets off;
        ssl_ciphers ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0; ssl_prefer_server_ciphers on;
        location / {{ return 200 "hello"; }}
    }}
    server {{
        listen 127.0.0.1:{plain}; root {folder};
        client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s; send_timeout 1s;
        location / {{ return 200 "hello"; }}
        location = /upload {{ proxy_pass http://127.0.0.1:{patient}/; }}
        location = /download {{ default_type application/octet-stream; }}
        location = /limited {{ limit_req zone=client burst=20 nodelay; proxy_pass http://127.0.0.1:{patient}/; }}
    }}
    server {{
        listen 127.0.0.1:{patient}; root {folder};
        location / {{ return 200 "hello"; }}
        location = /upload {{ proxy_pass http://127.0.0.1:{patient}/; }}
        location = /download {{ default_type application/octet-stream; }}
    }}
}}
"""
DOWNLOAD = 16 * 1024 * 1024
"""Bytes of the download: more than fit into the buffers of a connection."""

SECURE = frozenset({"modern", "old"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The throw-away authority, and its certificate as a file."""

    ca: trustme.CA
    pem: Path

    def context(self, leaf: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """A server's context that shows this leaf, or a good one for localhost."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (leaf or self.ca.issue_cert("localhost", "127.0.0.1")).configure_cert(context)
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A running nginx with several servers, and where each of them listens."""

    ports: dict[str, int]
    authority: Path

    def endpoint(self, name: str) -> Endpoint:
        """One of the servers: modern, old (TLS), plain, patient (HTTP)."""
        port = self.ports[name]
        return Endpoint(
            role="edge",
            scheme="https" if name in SECURE else "http",
            host="localhost",
            port=port,
            address=("127.0.0.1", port),
            authority=self.authority,
        )


def let_in(folder: Path) -> None:
    """Everybody may enter the folder, and those of pytest that it lies in: PostgreSQL runs as another user."""
    for each in (folder, *folder.parents):
        if Path(tempfile.gettempdir()) in each.parents:
            each.chmod(0o755)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca, pem = trustme.CA(), tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    return Authority(ca=ca, pem=pem)


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Edge]:
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("not run: nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "temp").mkdir()
    with (folder / "download").open("wb") as download:
        download.truncate(DOWNLOAD)
    leaf = authority.ca.issue_cert("localhost", "www.localhost", "127.0.0.1")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / "leaf.pem"))
    ports = free_ports("modern", "old", "plain", "patient")
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, **ports))
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen([program, "-p", folder, "-c", configuration], stdout=output, stderr=output) as nginx,
    ):
        try:
            wait_until(lambda: nginx.poll() is not None or listening(ports["patient"]), timeout=10, what="nginx")
            assert nginx.poll() is None, (folder / "output").read_text()
            yield Edge(ports=ports, authority=authority.pem)
        finally:
            nginx.terminate()


def free_ports(*names: str) -> dict[str, int]:
    """As many different ports that nobody uses now."""
    held = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: int(listener.getsockname()[1]) for name, listener in held.items()}
    for listener in held.values():
        listener.close()
    return ports


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
