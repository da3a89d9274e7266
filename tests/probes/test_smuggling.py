"""What hides behind a request stays hidden, or is seen to be answered."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from plimsoll.probes.edge.smuggling import AMBIGUITIES, HIDDEN, smuggling
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import SYSTEM_CLOCK
from tests.probes import hostile
from tests.probes.backends import replicas
from tests.probes.fronts import front
from tests.rules.test_any_input import judged

OK, NOT_FOUND = (b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % line for line in (b"200 OK", b"404 Not Found"))


def no_source() -> str:
    """The machine's own address."""
    return ""


def naive(stream: socket.socket, _: threading.Event) -> None:
    """Believes that a request ends with its header, unless its first Content-Length says otherwise."""
    stream.sendall(OK)  # whoever serves us has read the first request's header, and as much of its body
    rest = b""
    while data := stream.recv(65536):
        rest += data
        while b"\r\n\r\n" in rest:
            head, _end, rest = rest.partition(b"\r\n\r\n")
            stream.sendall(NOT_FOUND if HIDDEN.encode() in head else OK)


def at(address: tuple[str, int]) -> Endpoint:
    """An edge without TLS."""
    return Endpoint(role="edge", scheme="http", host="localhost", port=80, address=address)


def test_nginx_refuses_them_all(tmp_path: Path) -> None:
    """None of them is served by nginx, and clean requests are."""
    with (
        replicas(1) as servers,
        front(tmp_path, "location / { proxy_pass http://app; }", servers) as edge,
    ):
        seen = smuggling(edge.endpoints[0], "/", no_source, deadline=5)
    assert [e.status for e in seen.control] == [200, 200]
    assert {each.first.status for each in seen.tries} <= {400, 501}
    assert len(seen.tries) == seen.amount == len(AMBIGUITIES)
    assert judged("smuggling-refused", seen).outcome is Outcome.PASS


def test_a_naive_server_answers_what_was_hidden() -> None:
    """A server that reads to the end of each header takes the hidden request for the next one."""
    with hostile.serving(naive) as server:
        finding = judged("smuggling-refused", smuggling(at(server.address), "/", no_source, deadline=1))
    assert finding.outcome is Outcome.FAIL
    assert finding.message.startswith(AMBIGUITIES[0].name)


@pytest.mark.parametrize(
    "talk",
    [
        hostile.says_nothing,
        hostile.slow_header,
        hostile.slow_body,
        hostile.tls_garbage,
        hostile.resets,
        hostile.header_cut_short,
    ],
)
def test_hostile_servers(talk: hostile.Talk) -> None:
    """A server that answers nothing well is not asked for long, and nothing is claimed of it."""
    with hostile.serving(talk) as server:
        started = SYSTEM_CLOCK.monotonic()
        seen = smuggling(at(server.address), "/", no_source, deadline=0.25)
        seconds = SYSTEM_CLOCK.monotonic() - started
    assert seen.amount == 0
    assert seconds < 5
