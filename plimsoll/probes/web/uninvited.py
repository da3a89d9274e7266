"""What a site shows to the curious: listings, files left behind, pages about its inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from posixpath import dirname

from plimsoll.model import Deployment
from plimsoll.observations import Uninvited
from plimsoll.probes.web.askings import NOWHERE, Asking
from plimsoll.probes.web.http import Visitors, answers
from plimsoll.probes.wire import GLANCE
from plimsoll.stacks.protocol import Stack

LEFTOVERS = (
    "/.git/config",
    "/.git/HEAD",
    "/.svn/wc.db",
    "/.hg/hgrc",
    "/.env",
    "/.env.bak",
    "/.DS_Store",
    "/.htpasswd",
    "/.npmrc",
    "/.ssh/id_rsa",
    "/.aws/credentials",
    "/.vscode/settings.json",
    "/backup.zip",
    "/backup.tar.gz",
    "/backup.sql",
    "/dump.sql",
    "/database.sqlite",
    "/index.php~",
    "/index.html.bak",
    "/index.html.swp",
    "/config.php.bak",
    "/web.config",
    "/docker-compose.yml",
    "/Dockerfile",
    "/package-lock.json",
    "/composer.lock",
    "/id_rsa",
    "/server.key",
)
"""What deployments leave where everybody can fetch it (WSTG-CONF-04; WSTG-CONF-03)."""

INSIDES = (
    "/server-status",
    "/server-info",
    "/nginx_status",
    "/stub_status",
    "/basic_status",
    "/haproxy?stats",
    "/haproxy-status",
    "/phpinfo.php",
    "/info.php",
    "/actuator",
    "/actuator/env",
    "/debug/vars",
    "/debug/pprof/",
    "/trace.axd",
    "/elmah.axd",
    "/_profiler",
    "/.well-known/../server-status",
)
"""Pages by which servers and frameworks tell their administrators what goes on inside (WSTG-CONF-05)."""

FOLDERS = ("/assets/", "/static/", "/images/", "/uploads/", "/files/", "/backup/", "/logs/")
"""Folders that sites have and that servers like to list."""

ELSEWHERE = ("/.git/config", "/.env", "/backup.zip", "/server-status", "/nginx_status")
"""What is tried on every host but the first, too."""


def survey(stack: Stack, deployment: Deployment, visitors: Visitors) -> Uninvited:
    """What every host answers to the curious, beside an ordinary page and a path that nobody has."""
    known = {path for _, path in map(deployment.place, deployment.paths)}
    askings = dict.fromkeys(
        asking
        for number, host in enumerate(deployment.hosts or ("",))
        for asking in _of_host(deployment, host, everything=number == 0)
        if asking.kind in ("page", "nowhere") or asking.path not in known
    )
    seen = answers(stack, deployment, visitors, askings, body_limit=GLANCE)
    return Uninvited(exchanges=seen, seen_at=datetime.now(UTC))


def _of_host(deployment: Deployment, host: str, *, everything: bool) -> Iterator[Asking]:
    def asking(kind: str, path: str) -> Asking:
        return Asking(kind=kind, role="edge", method="GET", path=path, host=host)

    yield asking("page", deployment.place("page")[1])
    for path in (NOWHERE, f"{NOWHERE}.zip", f"{NOWHERE}/"):
        yield asking("nowhere", path)
    for kind, paths in (("leftover", LEFTOVERS), ("inside", INSIDES)):
        for path in paths:
            if everything or path in ELSEWHERE:
                yield asking(kind, path)
    if everything:
        own = (
            dirname(deployment.place(kind)[1]).rstrip("/")
            for kind in ("static", "download")
            if kind in deployment.paths
        )
        for folder in (*FOLDERS, *(f"{each}/" for each in own if each)):
            yield asking("listing", folder)
