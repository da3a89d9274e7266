"""What a login gives is read, whatever it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment, Live
from plimsoll.observations import HttpExchange
from plimsoll.probes.auth import tokens
from plimsoll.probes.auth.logins import cookies_of, log_in, log_in_as
from plimsoll.probes.web.http import Visitors
from plimsoll.stacks.live import LiveStack
from plimsoll.stacks.protocol import EVERY_METHOD
from tests.probes.hostile import serving

CLAIMS = {"iss": "shop", "iat": 1000, "exp": 1900}
TOKEN = tokens.made({"alg": "HS256"}, CLAIMS, b"k8Qe2vJYw0sQmTn4uYb3pZr7xCdA9fLh").text


class Started(LiveStack):
    """A live stack that may be asked anything, as one we started."""

    methods = EVERY_METHOD


def target(port: int, folder: Path) -> Deployment:
    live = Live(url=f"http://127.0.0.1:{port}")
    return Deployment(name="shop", root=folder, hosts=("127.0.0.1",), promises=(), paths={"login": "/login"}, live=live)


def answered(*lines: str) -> HttpExchange:
    return HttpExchange(
        kind="login",
        role="edge",
        method="POST",
        url="https://site.example/login",
        status=200,
        headers=tuple(("Set-Cookie", line) for line in lines),
    )


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("session=a; Max-Age=86400; Path=/", 86400),
        ("session=a; max-age=60; Expires=Wed, 21 Oct 2099 07:28:00 GMT", 60),
        ("session=a; Path=/; HttpOnly", None),
        ("session=a; Max-Age=soon", None),
        ("session=a; Expires=some day", None),
    ],
)
def test_how_long_a_cookie_lives(line: str, seconds: float | None) -> None:
    """Max-Age beats Expires, and what cannot be read is neither (RFC 6265, 5.2)."""
    [cookie] = cookies_of(answered(line))

    assert (cookie.name, cookie.value, cookie.seconds) == ("session", "a", seconds)


def test_a_date_becomes_seconds() -> None:
    """Expires alone says how long from now."""
    tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)

    [cookie] = cookies_of(answered(f"session=a; Expires={tomorrow}"))

    assert cookie.seconds == pytest.approx(86400, abs=5)


@pytest.mark.parametrize(
    ("body", "has_token"),
    [
        (json.dumps({"access_token": TOKEN}), True),
        (json.dumps({"access_token": "opaque"}), False),
        (json.dumps({"access_token": None}), False),
        ("[]", False),
        ("<html>", False),
        ("[" * 50_000, False),
    ],
)
def test_whatever_a_login_answers_is_read(body: str, has_token: bool, tmp_path: Path) -> None:
    """A token is found where there is one, and nothing else raises."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nSet-Cookie: sid=1\r\n\r\n{body}".encode()
    with serving(lambda stream, _: stream.sendall(answer)) as server:
        deployment = target(server.address[1], tmp_path)
        stack = Started(deployment)
        given = log_in_as(stack, deployment, Visitors(stack, deployment, deadline=5), "me@site.example", "secret")

    seen = given.observed(None)
    assert (seen.token is not None) == has_token
    assert [cookie.name for cookie in seen.cookies] == ["sid"]
    assert "k8Qe2" not in repr(seen)


def test_a_login_that_fails_could_not_look(tmp_path: Path) -> None:
    """And says what was answered."""
    answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda stream, _: stream.sendall(answer)) as server:
        deployment = target(server.address[1], tmp_path)
        stack = Started(deployment)
        with pytest.raises(CouldNotLook, match=r"the login failed: POST .*/login -> 401"):
            log_in_as(stack, deployment, Visitors(stack, deployment, deadline=5), "me@site.example", "secret")


def test_nobody_logs_in_on_a_live_target(tmp_path: Path) -> None:
    """A token that was handed over stands in for the login; without one there is nothing to look at."""
    deployment = target(9, tmp_path)
    stack = LiveStack(deployment)
    visitors = Visitors(stack, deployment, deadline=5)

    assert log_in(stack, deployment, visitors, token=TOKEN).observed(None).token
    with pytest.raises(OutOfReach, match="no token was handed over"):
        log_in(stack, deployment, visitors)
