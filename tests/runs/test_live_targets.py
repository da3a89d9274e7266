"""Against a live target a run asks only what it may, only whom it may, and says what is true."""

from __future__ import annotations

import re
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from plimsoll.model import Outcome
from plimsoll.stacks.live import SAFE
from tests.probes import hostile
from tests.runs.place import HOME, SWEEP, Place
from tests.runs.targets import Authority, target

KEPT, BROKEN = 0, 1
HARM = "<script>window.pwned=1</script>"
PWNED = "window.pwned"

WATCH = """
import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        where = arguments[1] if event == "socket.connect" else arguments[:2]
        with open(os.environ["CONTACTS"], "a") as file:
            print(event, *where[:2], file=file)
sys.addaudithook(watch)
"""
"""Notes every address that a Python process connects to, and every name that it asks for."""


def test_a_healthy_deployment_is_healthy_live_too(place: Place) -> None:
    """A kept stack judged as a live one: nothing is broken, and nothing was asked for that changes anything."""
    kept = place.run("--stack", "processes", "--keep", "-k", "NM-EP-02")
    assert kept.code == KEPT
    (run,) = place.left
    assert f"kept: {run} (python -m plimsoll sweep --kept removes it)" in kept.output

    configuration = (run / "edge/rendered/nginx/nginx.conf").read_text(encoding="utf-8")
    log = next((run / "logs").rglob("nestmap_access.log"))
    before = len(log.read_text(encoding="utf-8").splitlines())
    live = place.run("--deployment", str(live_copy(place, run, configuration)), "--stack", "live", reports="live")
    asked = {line.split('"')[1].split()[0] for line in log.read_text(encoding="utf-8").splitlines()[before:]}

    assert live.code == KEPT, live.output
    assert live.verdict.counts[Outcome.PASS] > 20
    assert all(f.out_of_reach for f in live.verdict.findings if f.outcome is Outcome.UNKNOWN), live.output
    assert asked
    assert asked <= SAFE

    assert (
        place.run(command=SWEEP, reports="sweep").output == "0 removed, 1 kept on purpose (--kept removes them too)\n"
    )
    assert place.workers, "the stack was left up"
    assert place.run("--kept", command=SWEEP, reports="sweep-kept").output == f"removed {run.name}\n1 removed\n"
    assert place.is_clean()


def live_copy(place: Place, run: Path, configuration: str) -> Path:
    """The reference deployment as one that runs where this stack listens."""
    folder = place.folder / "live"
    shutil.copytree(HOME / "fixtures/deployments/nestmap", folder)
    plain, secure = (
        next(re.finditer(rf"listen 127\.0\.0\.1:(\d+){suffix}", configuration))[1] for suffix in (" default", " ssl")
    )
    table = f"""
[live]
url = "https://your-domain.com:{secure}"
address = "127.0.0.1"
plain_port = {plain}
ca = "{run}/materials/authority.pem"
"""
    with (folder / "deployment.toml").open("a", encoding="utf-8") as file:
        file.write(table)
    return folder


def test_only_the_named_hosts_are_contacted(place: Place) -> None:
    """Not the host that every answer redirects to, and no name service for a target with an address."""
    watching = place.folder / "watching"
    watching.mkdir()
    (watching / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    contacts = place.folder / "contacts"
    authority = Authority.new()
    with hostile.serving(hostile.closes_politely) as elsewhere, hostile.nobody() as plain:
        away = (
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % elsewhere.address[1]
        )
        with hostile.serving(hostile.says(away), tls=authority.context()) as server:
            port, unused = server.address[1], plain.address[1]
            folder = authority.deployment(place, "redirects", port=port, plain=unused)
            watched = replace(place, environment={"PYTHONPATH": str(watching), "CONTACTS": str(contacts)})
            ended = watched.run("--deployment", str(folder))
        assert elsewhere.requests == []
    seen = set(contacts.read_text(encoding="utf-8").splitlines())
    assert seen == {
        f"{event} 127.0.0.1 {at}" for event in ("socket.connect", "socket.getaddrinfo") for at in (port, unused)
    }
    assert ended.code == BROKEN


def test_a_live_target_is_only_read(place: Place) -> None:
    """Every promise of nestmap: no request but GET, HEAD and OPTIONS, and no body."""
    authority = Authority.new()
    page = hostile.says(hostile.OK + b"Content-Length: 5\r\n\r\nhello")
    with hostile.serving(page, tls=authority.context("your-domain.com")) as server:
        options = ("--url", f"https://127.0.0.1:{server.address[1]}", "--ca", str(authority.file(place.folder)))
        ended = place.run(*options, "--patience", "13")
    asked = [request for request in server.requests if request]
    methods = {request.split()[0].decode() for request in asked}
    assert ended.code == BROKEN
    assert methods
    assert methods <= SAFE
    assert all(request.partition(b"\r\n\r\n")[2] == b"" for request in asked)
    assert any(b"Upgrade: websocket" in request for request in asked)


class Elements(HTMLParser):
    """The elements of a page: their names, and the text inside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more element."""
        self.names.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")], attrs

    def handle_data(self, data: str) -> None:
        """Text; a script's belongs to it alone."""
        if self.names[-1:] == ["script"]:
            self.scripts.append(data)


def test_a_header_that_carries_a_script_stays_text(place: Place) -> None:
    """It is in the report to be read, and no element of the page comes of it."""
    harmful = (
        f"HTTP/1.1 200 {HARM}\r\nX-Content-Type-Options: {HARM}\r\nServer: {HARM}<img src=x onerror={PWNED}> 1.2\r\n"
    )
    talk = hostile.says(f"{harmful}Content-Length: {len(HARM)}\r\n\r\n{HARM}".encode())
    authority = Authority.new()
    with target(place, "harmful", talk, authority=authority, tls=authority.context()) as (folder, _):
        ended = place.run("--deployment", str(folder))
    page = dict(ended.texts)["report.html"]
    elements = Elements(page)
    assert ended.code == BROKEN
    assert PWNED in page
    assert not [script for script in elements.scripts if PWNED in script]
    assert elements.names.count("script") == 1
    assert "img" not in elements.names
    assert HARM in ended.finding("BASE-HDR-SNIFF").message


@contextmanager
def another_server(folder: Path, context: ssl.SSLContext) -> Iterator[int]:
    """A server that was not written for this: Python's own, over TLS."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type] # what the server hands over

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def test_another_server_is_judged_truly(place: Place) -> None:
    """Python's own server tells its version, sends no security header, hides what is not there, redirects nothing."""
    site = place.folder / "site"
    site.mkdir()
    (site / "index.html").write_text("<p>hello</p>", encoding="utf-8")
    authority = Authority.new()
    with another_server(site, authority.context()) as port, hostile.nobody() as plain:
        ended = place.run(
            "--deployment", str(authority.deployment(place, "another", port=port, plain=plain.address[1]))
        )
    assert ended.code == BROKEN, ended.output
    assert ended.outcomes == {
        "BASE-TLS-VERSIONS": Outcome.PASS,
        "BASE-TLS-NAMES": Outcome.PASS,
        "BASE-TLS-DAYS": Outcome.PASS,
        "BASE-HDR-HSTS": Outcome.FAIL,
        "BASE-HDR-SNIFF": Outcome.FAIL,
        "BASE-HDR-VERSION": Outcome.FAIL,
        "BASE-EDGE-DOTFILES": Outcome.PASS,
        "BASE-EDGE-HTTPS": Outcome.PASS,  # its plain port is closed
    }
    assert re.search(r"disclosed on (\d+) of \1 responses", ended.finding("BASE-HDR-VERSION").message)
    assert "SimpleHTTP" in ended.finding("BASE-HDR-VERSION").message


def test_a_target_without_encryption_is_no_secret(place: Place) -> None:
    """Its one port is its plain port too: it is asked there, and redirects to nowhere."""
    with hostile.serving(hostile.says(hostile.OK + b"Content-Length: 5\r\n\r\nhello")) as server:
        url = f"http://127.0.0.1:{server.address[1]}"
        ended = place.run("--url", url, "-k", "NM-EDG-08 or NM-TLS-01")
    assert ended.code == BROKEN
    assert "-> 200: status 200" in ended.finding("NM-EDG-08").message
    assert ended.finding("NM-TLS-01").out_of_reach
