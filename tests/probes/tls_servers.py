"""TLS servers to survey: nginx, OpenSSL by way of pyOpenSSL, and flights made by hand where no library can any more."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from OpenSSL import SSL

from plimsoll.observations import TlsSurvey
from plimsoll.probes.tls.suites import VERSION_NUMBERS
from plimsoll.probes.tls.survey import surveys
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import wait_until
from tests.probes import hostile

HEAD = """
daemon off; master_process off; pid nginx.pid; error_log error.log;
events {{ }}
http {{
    access_log off; default_type text/plain; add_header Strict-Transport-Security "max-age=63072000" always;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    {servers}
}}
"""
BLOCK = """
    server {{ listen 127.0.0.1:{port} ssl{flags}; server_name {host};
        ssl_protocols {protocols}; {certificates} {directives} location / {{ return 200 "hello"; }} }}
"""
SERVER_HELLO, HANDSHAKE, DONE = 2, 22, b"\x0e\0\0\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One server block of nginx: its certificates' files, and what else it says of TLS."""

    certificates: tuple[Path, ...]
    directives: str = ""
    protocols: str = "TLSv1.2 TLSv1.3"
    host: str = "localhost"
    http2: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a hello offered, as a server reads it."""

    version: int
    suites: tuple[int, ...]
    compressions: bytes
    groups: tuple[int, ...]
    shares: bool


def at(port: int, *, scheme: str = "https", authority: Path | None = None, role: str = "edge") -> Endpoint:
    """The endpoint on loopback at that port."""
    return Endpoint(
        role=role, scheme=scheme, host="localhost", port=port, address=("127.0.0.1", port), authority=authority
    )


def look(endpoint: Endpoint, host: str = "localhost", *, deadline: float = 10.0) -> TlsSurvey:
    """The survey of one virtual host."""
    return surveys([(endpoint, host)], deadline=deadline).surveys[0]


def outcomes(seen: TlsSurvey) -> dict[str, str]:
    """The outcome per version."""
    return {each.version: each.outcome for each in seen.versions}


def accepted(seen: TlsSurvey, version: str) -> set[str]:
    """The suites that were accepted with that version."""
    return {each.suite for each in seen.spoken(version)}


def groups(seen: TlsSurvey, version: str) -> set[str]:
    """The groups that were accepted with that version."""
    return {each.group for each in seen.groups if (each.version, each.outcome) == (version, "accepted")}


def certificate(ca: trustme.CA, file: Path, *names: str, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> Path:
    """A certificate of ninety days with its key and chain in one file."""
    begin = datetime.now(UTC) - timedelta(days=1)
    leaf = ca.issue_cert(
        *(names or ("localhost",)), key_type=kind, not_before=begin, not_after=begin + timedelta(days=90)
    )
    leaf.private_key_and_cert_chain_pem.write_to_path(str(file))
    return file


@contextmanager
def nginx(folder: Path, sites: Mapping[str, Site]) -> Iterator[dict[str, int]]:
    """A running nginx; the port of each site. Sites whose names differ after a dot share one: `shop`, `shop.api`."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("not run: nginx is not installed")
    (folder / "temp").mkdir(exist_ok=True)
    ports = _free_ports({name.partition(".")[0] for name in sites})
    blocks = [
        BLOCK.format(
            port=ports[name.partition(".")[0]],
            flags=" http2" if site.http2 else "",
            host=site.host,
            certificates=" ".join(f"ssl_certificate {each}; ssl_certificate_key {each};" for each in site.certificates),
            protocols=site.protocols,
            directives=site.directives,
        )
        for name, site in sites.items()
    ]
    (folder / "nginx.conf").write_text(HEAD.format(servers="".join(blocks)))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, folder, port=next(iter(ports.values()))):
        yield ports


@contextmanager
def running(command: list[str], folder: Path, *, port: int, **arguments: object) -> Iterator[None]:
    """A program that listens at that port, until the context is left."""
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **arguments) as process,  # type: ignore[call-overload] # passed on
    ):
        try:
            wait_until(lambda: process.poll() is not None or _listening(port), timeout=10, what=command[0])
            assert process.poll() is None, (folder / "output").read_text()
            yield
        finally:
            process.terminate()


@contextmanager
def openssl(configure: Callable[[SSL.Context], object]) -> Iterator[int]:
    """A server of pyOpenSSL's own OpenSSL, which is newer than the system's; the port."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    configure(context)

    def talk(stream: socket.socket, _: threading.Event) -> None:
        stream.setblocking(True)
        connection = SSL.Connection(context, stream)
        connection.set_accept_state()
        with suppress(SSL.Error):
            connection.do_handshake()
            connection.recv(1)

    with hostile.serving(talk, greet=True) as server:
        yield server.address[1]


@contextmanager
def choosing(choose: Callable[[Offer], bytes]) -> Iterator[int]:
    """A server that answers every hello with the bytes that `choose` makes of it; the port."""

    def talk(stream: socket.socket, _: threading.Event) -> None:
        came = stream.recv(65536)
        if came[:1] == bytes((HANDSHAKE,)):
            stream.sendall(choose(read_offer(came)))

    with hostile.serving(talk, greet=True) as server:
        yield server.address[1]


def read_offer(record: bytes) -> Offer:
    """What the record of a client's hello offers."""
    body = record[9:]
    version, at_ = int.from_bytes(body[:2], "big"), 34
    at_ += 1 + body[at_]
    suites, at_ = _numbers(body, at_)
    compressions, at_ = body[at_ + 1 : at_ + 1 + body[at_]], at_ + 1 + body[at_]
    extensions: dict[int, bytes] = {}
    end, at_ = len(body), at_ + 2
    while at_ + 4 <= end:
        kind, size = int.from_bytes(body[at_ : at_ + 2], "big"), int.from_bytes(body[at_ + 2 : at_ + 4], "big")
        extensions[kind], at_ = body[at_ + 4 : at_ + 4 + size], at_ + 4 + size
    if 43 in extensions:
        version = int.from_bytes(extensions[43][1:3], "big")
    offered = _numbers(extensions[10], 0)[0] if 10 in extensions else ()
    shares = len(extensions.get(51, b"")) > 2
    return Offer(version=version, suites=suites, compressions=compressions, groups=offered, shares=shares)


def server_hello(
    version: str, suite: int, *, compression: int = 0, extensions: bytes = b"", random: bytes = bytes(32)
) -> bytes:
    """A server's hello in a record of its own, then its end."""
    number = min(VERSION_NUMBERS[version], VERSION_NUMBERS["TLSv1.2"]).to_bytes(2, "big")
    tail = len(extensions).to_bytes(2, "big") + extensions if extensions else b""
    body = number + random + b"\0" + suite.to_bytes(2, "big") + bytes((compression,)) + tail
    message = bytes((SERVER_HELLO,)) + len(body).to_bytes(3, "big") + body
    return record(HANDSHAKE, message if version == "TLSv1.3" else message + DONE)


def record(kind: int, body: bytes) -> bytes:
    """A record."""
    return bytes((kind, 3, 1)) + len(body).to_bytes(2, "big") + body


def alert(number: int) -> bytes:
    """A fatal alert."""
    return record(21, bytes((2, number)))


def _numbers(body: bytes, start: int) -> tuple[tuple[int, ...], int]:
    """A list of two-byte numbers behind its length, and where it ends."""
    size = int.from_bytes(body[start : start + 2], "big")
    ends = range(start + 2, start + 2 + size, 2)
    return tuple(int.from_bytes(body[i : i + 2], "big") for i in ends), start + 2 + size


def _free_ports(names: set[str]) -> dict[str, int]:
    """As many different ports that nobody uses now."""
    held = {name: socket.create_server(("127.0.0.1", 0)) for name in sorted(names)}
    ports = {name: int(listener.getsockname()[1]) for name, listener in held.items()}
    for listener in held.values():
        listener.close()
    return ports


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
