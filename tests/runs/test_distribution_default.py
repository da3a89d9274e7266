"""Servers just as their packages configure them, judged live: their true faults are listed, and no false one."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from plimsoll.stacks.processes.programs import free_ports
from plimsoll.wait import wait_until
from tests.runs.place import SECURITY, Ended, Place

READY_SECONDS = 10.0
BROKEN = 1

DEPLOYMENT = """
name = "as-installed"
hosts = ["site.example"]
policies = ["edge-hardened"]
paths = {{ missing = "/no-such-page" }}
limits = {{ requests_per_second = 200, burst = 100 }}
[live]
url = "http://site.example:{port}"
address = "127.0.0.1"
address6 = "::1"
allow = ["intrusive"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A distribution's server: its package, where its files are and move to, and how it is run from there.

    `says` maps each promise that is red to words of the reason, which is true of what the package installs.
    """

    package: str
    home: str
    page: str
    moves: Mapping[str, str]
    files: tuple[str, ...]
    command: tuple[str, ...]
    says: Mapping[str, str]


BARE = {
    "HARD-EDGE-HTTPS": "-> 200: status 200",  # the page itself is served over plain HTTP
    "HARD-EDGE-HOST": "the site is served under any name",  # the one server block is everybody's default
    "HARD-EDGE-LIMITS": "nothing of a flood was refused",  # no limit is configured
    "HARD-HDR-SNIFF": "missing",  # no header is configured at all
    "HARD-HDR-FRAMES": "missing",
    "HARD-HDR-CSP": "missing",
    "HARD-HDR-REFERRER": "missing",
}
"""What every server lacks that nobody configured for security."""

SERVERS = {
    "nginx": Server(
        package="nginx-common",
        home="/etc/nginx",
        page="/usr/share/nginx/html/index.html",
        moves={
            r"/etc/nginx/": "{folder}/etc/",
            r"/run/nginx.pid": "{folder}/nginx.pid",
            r"/var/log/nginx/": "{folder}/log/",
            r"/var/www/html": "{folder}/www",
            r"listen 80 ": "listen 127.0.0.1:{port} ",
            r"listen \[::\]:80 ": "listen [::1]:{port} ",
            r"http \{": "http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; "
            "fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;",
        },
        files=("nginx.conf", "sites-enabled/default"),
        command=("nginx", "-e", "stderr", "-g", "daemon off;", "-c", "{folder}/etc/nginx.conf"),
        says={
            **BARE,
            "HARD-HDR-VERSION": "Server: nginx/",  # server_tokens is commented out
            "HARD-HDR-TYPED": "without charset",  # text/html, and neither the server nor the page says in what encoding
        },
    ),
    "apache2": Server(
        package="apache2",
        home="/etc/apache2",
        page="/usr/share/apache2/default-site/index.html",
        moves={
            r"#ServerRoot .*": "ServerRoot {folder}/etc",
            r"/var/www/html": "{folder}/www",
            r"<Directory /var/www/>": "<Directory {folder}/www>",
            r"^Listen 80$": "Listen 127.0.0.1:{port}\nListen [::1]:{port}",
            r"<VirtualHost \*:80>": "<VirtualHost *:{port}>",
        },
        files=("apache2.conf", "ports.conf", "sites-enabled/000-default.conf"),
        command=(
            "env",
            "APACHE_RUN_USER=www-data",
            "APACHE_RUN_GROUP=www-data",
            "APACHE_PID_FILE={folder}/apache2.pid",
            "APACHE_RUN_DIR={folder}",
            "APACHE_LOCK_DIR={folder}",
            "APACHE_LOG_DIR={folder}/log",
            "apache2",
            "-D",
            "FOREGROUND",
            "-f",
            "{folder}/etc/apache2.conf",
        ),
        says={
            **BARE,
            "HARD-HDR-VERSION": "Server: Apache/",  # ServerTokens OS
            "HARD-EDGE-STATUS": "/server-status",  # Require local, and the run asks from this very machine
            # It signs error pages with what its machine calls itself, and the status page lists who asks from where.
            "HARD-EDGE-INSIDES": "an answer tells of the inside",
        },
    ),
}
OUT_OF_REACH = {
    "HARD-HDR-HSTS",  # no TLS is spoken
    *("HARD-TLS-VERSIONS", "HARD-TLS-SUITES", "HARD-TLS-RENEGOTIATION", "HARD-TLS-NAMES", "HARD-TLS-CHAIN"),
    *("HARD-TLS-KEY", "HARD-TLS-DAYS"),
    *("HARD-HDR-PRIVATE", "HARD-EP-HEALTH", "HARD-EP-HONEST", "HARD-EP-READY", "HARD-EP-METRICS", "HARD-EP-SCRAPE"),
}
"""What the server does not speak, and the paths that the deployment does not name."""

NO_COOKIES = {"HARD-HDR-COOKIES"}
KEPT = {
    *("HARD-EDGE-REDIRECTS", "HARD-EDGE-METHODS", "HARD-EDGE-LISTINGS", "HARD-EDGE-LEFTOVERS", "HARD-EDGE-STATUS"),
    *("HARD-EDGE-INSIDES", "HARD-EDGE-FRAMING", "HARD-EDGE-FAMILIES"),
    *("HARD-HDR-RETIRED", "HARD-HDR-CORS", "HARD-HDR-ESCAPED", "HARD-HDR-TYPED"),
}
"""What is right without anybody having done anything, as far as a server does not break it."""


@pytest.mark.parametrize("name", SERVERS)
def test_as_installed(place: Place, name: str) -> None:
    """Red is what the package leaves open, and says so; the rest is green, or out of reach for a true reason."""
    server = SERVERS[name]
    with _served(server, place) as deployment:
        ended = place.run("--deployment", str(deployment), command=SECURITY)

    untold = [f"{p}: {ended.finding(p).message}" for p, words in server.says.items() if not _says(ended, p, words)]
    assert untold == []
    assert _with(ended, Outcome.FAIL) == set(server.says)
    assert _with(ended, Outcome.PASS) == KEPT - set(server.says)
    assert _with(ended, Outcome.NOT_APPLICABLE) == NO_COOKIES
    assert {each.promise.id for each in ended.verdict.findings if each.out_of_reach} == OUT_OF_REACH
    assert _with(ended, Outcome.UNKNOWN) == OUT_OF_REACH
    assert (ended.code, ended.calm) == (BROKEN, True)


@contextmanager
def _served(server: Server, place: Place) -> Iterator[Path]:
    """The server runs from a copy of its files, in which only places and ports are others."""
    _as_shipped(server)
    (port,) = free_ports(1)
    folder = place.folder / "as-installed"
    shutil.copytree(server.home, folder / "etc", symlinks=True)
    for made in ("log", "www"):
        (folder / made).mkdir()
    shutil.copy(server.page, folder / "www" / "index.html")
    for name in server.files:
        text = (Path(server.home) / name).read_text(encoding="utf-8")
        for old, new in server.moves.items():
            text = re.sub(old, new.format(folder=folder, port=port), text, flags=re.MULTILINE)
        (folder / "etc" / name).unlink()
        (folder / "etc" / name).write_text(text, encoding="utf-8")
    (folder / "deployment.toml").write_text(DEPLOYMENT.format(port=port), encoding="utf-8")
    command = [word.format(folder=folder) for word in server.command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(partial(_answers, port), bool, timeout=READY_SECONDS, what=f"{command[0]} on port {port}")
        yield folder
    finally:
        process.terminate()
        process.wait()


def _as_shipped(server: Server) -> None:
    """Skips where the package is not there, or somebody changed the files that the test is about."""
    asked = (
        subprocess.run(
            ["dpkg-query", "--show", "--showformat", "${Conffiles}", server.package], capture_output=True, check=False
        )
        if shutil.which("dpkg-query")
        else None
    )
    if asked is None or asked.returncode or not Path(server.page).is_file():
        pytest.skip(f"not run: {server.package} is not installed as a package")
    shipped = dict(line.split()[:2] for line in asked.stdout.decode().splitlines() if len(line.split()) > 1)
    for name in server.files:
        file = str(Path(server.home, name)).replace("-enabled", "-available")
        if hashlib.md5(Path(file).read_bytes(), usedforsecurity=False).hexdigest() != shipped.get(file):
            pytest.skip(f"not run: {file} is not as {server.package} ships it")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _with(ended: Ended, outcome: Outcome) -> set[str]:
    return {promise for promise, seen in ended.outcomes.items() if seen is outcome}


def _says(ended: Ended, promise: str, words: str) -> bool:
    return words in ended.finding(promise).message
