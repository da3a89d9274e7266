"""Slow clients measure how long a server bears with them."""

from __future__ import annotations

import time

import pytest

from plimsoll.errors import BadInput, CouldNotLook
from plimsoll.observations import Patience, SlowClients
from plimsoll.probes.edge.clients import slow_clients
from plimsoll.stacks.protocol import Endpoint
from tests.probes import hostile
from tests.probes.conftest import DOWNLOAD, Edge

GET_AND_POST = frozenset({"GET", "POST"})


def by_kind(seen: SlowClients) -> dict[str, Patience]:
    """The cuts by the kind of client."""
    return {cut.kind: cut for cut in seen.cuts}


def at(server: hostile.Server) -> Endpoint:
    """The plain endpoint of a server."""
    return Endpoint(role="edge", scheme="http", host="localhost", port=80, address=server.address)


def test_strict_server_cuts_every_kind_off(edge: Edge) -> None:
    """Limits of one second are measured as one second, all side by side."""
    started = time.monotonic()
    seen = slow_clients(edge.endpoint("plain"), methods=GET_AND_POST, limit=4, path="/upload", download="/download")
    assert time.monotonic() - started < 3
    assert {kind: round(cut.seconds or 0) for kind, cut in by_kind(seen).items()} == {
        "headers": 1,
        "body": 1,
        "idle": 1,
        "reader": 1,
    }
    assert (seen.control, seen.amount) == (True, 4)


def test_patient_server_cuts_none_off(edge: Edge) -> None:
    """A server with nginx's default limits has cut nobody off after a second."""
    seen = slow_clients(edge.endpoint("patient"), methods=GET_AND_POST, limit=1, path="/upload", download="/download")
    cuts = by_kind(seen)
    assert {kind: cut.seconds for kind, cut in cuts.items()} == dict.fromkeys(("headers", "body", "idle", "reader"))
    assert all(cut.waited == pytest.approx(1, abs=0.3) for cut in seen.cuts)
    assert cuts["reader"].detail == f"all {DOWNLOAD} bytes came once they were read"


def test_short_download_proves_nothing(edge: Edge) -> None:
    """A download that fits into buffers says so."""
    seen = slow_clients(edge.endpoint("plain"), methods=GET_AND_POST, kinds=("reader",), limit=0.4, download="/")
    assert by_kind(seen)["reader"].seconds is None
    assert by_kind(seen)["reader"].detail == "all 5 bytes came once they were read, and may have waited in buffers"
    assert not by_kind(seen)["reader"].conclusive


def test_read_only_target_gets_no_slow_body(edge: Edge) -> None:
    """Without POST, and without a download, those two are not tried."""
    seen = slow_clients(edge.endpoint("plain"), methods=frozenset({"GET"}), limit=0.3)
    assert [cut.kind for cut in seen.cuts] == ["headers", "idle"]


def test_timeout_answer_is_a_cut() -> None:
    """A 408 ends the patience even if the connection stays open."""
    with hostile.serving(
        hostile.holds(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), greet=True
    ) as server:
        seen = slow_clients(at(server), methods=GET_AND_POST, kinds=("headers",), limit=2)
    cut = by_kind(seen)["headers"]
    assert cut.seconds == pytest.approx(0, abs=0.3)
    assert cut.detail == "answered b'HTTP/1.1 408 Request Timeout'"


def test_other_answers_are_noted_but_no_cut() -> None:
    """A server that answers 405 to half a request and keeps the connection has cut nobody off."""
    with hostile.serving(hostile.holds(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"), greet=True) as server:
        seen = slow_clients(at(server), methods=GET_AND_POST, kinds=("body",), limit=0.5)
    assert by_kind(seen)["body"].seconds is None
    assert by_kind(seen)["body"].detail == "answered b'HTTP/1.1 405 No'"


def test_server_that_keeps_no_connection() -> None:
    """Where connections close after each answer, an idle client is cut off at once."""
    with hostile.serving(hostile.closes_politely) as server:
        seen = slow_clients(at(server), methods=GET_AND_POST, kinds=("idle",), limit=1)
    assert (by_kind(seen)["idle"].seconds, seen.control) == (0.0, True)


def test_nothing_counts_without_the_prompt_client() -> None:
    """Where even a prompt client gets no answer, cuts are no evidence."""
    with hostile.serving(hostile.resets) as server:
        seen = slow_clients(at(server), methods=GET_AND_POST, kinds=("body",), limit=0.5)
    assert (seen.control, seen.amount) == (False, 0)


def test_nothing_listening() -> None:
    """Where no connection can be had, nobody could look."""
    with hostile.nobody() as server, pytest.raises(CouldNotLook, match="connection refused"):
        slow_clients(at(server), methods=GET_AND_POST, limit=0.5)


def test_unknown_kind() -> None:
    """A kind of client that does not exist is a mistake of the caller."""
    with hostile.nobody() as server, pytest.raises(BadInput, match="no slow client is called sleepy"):
        slow_clients(at(server), methods=GET_AND_POST, kinds=("sleepy",), limit=1)
