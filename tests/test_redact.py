"""Secrets leave no text, whichever way they were written down; what is judged about them stays."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plimsoll.redact import MASK, Redactor, names_a_secret

PHRASE = 'corr&ct h0rse/"batt%ry"+st\\ple ü'

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded in small letters": lambda text: quote(text, safe="").replace("%C3%BC", "%c3%bc"),
    "percent-encoded but for slashes": quote,
    "form-encoded": quote_plus,
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON as UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in HTML": html.escape,
    "in Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_registered_secret_is_masked_in_every_encoding(encoding: str) -> None:
    """A registered secret goes, and the words around it stay."""
    written = ENCODINGS[encoding](PHRASE)
    clean = Redactor([PHRASE])(f"before <{written}> after")
    assert written not in clean
    assert clean.startswith("before <***")
    assert clean.endswith("> after")


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "someone:"])
def test_registered_secret_is_masked_inside_longer_base64(before: str) -> None:
    """Base64 of something that contains the secret gives none of its middle away, wherever the secret starts."""
    encoded = base64.b64encode(f"{before}hunter2-hunter2!after".encode()).decode()
    clean = Redactor(["hunter2-hunter2!"])(encoded)
    assert MASK in clean
    kept = base64.b64decode(clean.split(MASK)[0] + "====")
    assert b"unter" not in kept


ENVIRONMENT = {
    "DB_PASSWORD": "pw-9f8e7d",
    "JWT_SECRET": "'quoted-secret'",
    "STRIPE_API_KEY": "abc-key-123",
    "TLS_KEY_FILE": "/run/secrets/tls.key",
    "TOKEN_TTL": "15m",
    "DATABASE_URL": "postgres://app:db-pass-1@db:5432/app",
    "HOME": "/home/somebody",
}


@pytest.mark.parametrize("value", ["pw-9f8e7d", "quoted-secret", "abc-key-123", "db-pass-1"])
def test_values_of_secret_named_variables_are_masked(value: str) -> None:
    """What a secret-named variable holds is masked wherever it turns up, and so is a password inside any URL."""
    assert Redactor().with_environment(ENVIRONMENT)(f"saw {value} there") == "saw *** there"


@pytest.mark.parametrize("text", ["15m", "/run/secrets/tls.key", "/home/somebody", "db:5432/app"])
def test_settings_are_not_secrets(text: str) -> None:
    """A short value, a path to a secret and a variable of another name stay readable."""
    assert Redactor().with_environment(ENVIRONMENT)(text) == text


def test_with_environment_keeps_what_was_registered() -> None:
    """Nothing registered earlier is forgotten."""
    assert Redactor(["first-one"]).with_environment(ENVIRONMENT)("first-one pw-9f8e7d") == "*** ***"


def test_paths_are_told_from_secrets_by_name_and_value() -> None:
    """PASSWORD_FILE holds a path; a PASSWORD_FILE without one may hold anything."""
    assert names_a_secret("PASSWORD_FILE", "hunter22")
    assert not names_a_secret("PASSWORD_FILE", "/run/secrets/pw")


SHAPES = [
    ("Authorization: Basic dXNlcjpwdw==", "Authorization: ***"),
    ("proxy-authorization: Digest username=a, response=b", "proxy-authorization: ***"),
    ('{"authorization": "Bearer abc", "n": 1}', '{"authorization": "***", "n": 1}'),
    ("[('Authorization', 'Negotiate YII='), ('Host', 'a')]", "[('Authorization', '***'), ('Host', 'a')]"),
    ("Authorization%3A%20Basic%20dXNlcg", "Authorization%3A%20***"),
    ("Cookie: a=1; b=two", "Cookie: a=***; b=***"),
    ("Cookie: path=secret", "Cookie: path=***"),
    ("Set-Cookie: sid=abc=d; Path=/; HttpOnly", "Set-Cookie: sid=***; Path=/; HttpOnly"),
    (
        "set-cookie: sid=a,b; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "set-cookie: sid=***; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    ),
    ("set-cookie: sid=a; Secure, other=b; SameSite=Lax", "set-cookie: sid=***; Secure, other=***; SameSite=Lax"),
    ("Set-Cookie: nameless; Secure", "Set-Cookie: ***; Secure"),
    ("redis://:pw@h:6379/0", "redis://:***@h:6379/0"),
    ("https://u:p@ss@h/x?mail=a@b", "https://u:***@h/x?mail=a@b"),
    ('"redis:\\/\\/u:pw@h"', '"redis:\\/\\/u:***@h"'),
    ("url=postgres%3A%2F%2Fu%3Apw%40h", "url=postgres%3A%2F%2Fu%3A***%40h"),
    (
        "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\nx",
        "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nx",
    ),
    ("-----BEGIN RSA PRIVATE KEY-----\\nMIIcut", "-----BEGIN RSA PRIVATE KEY-----***"),
    ("saw eyJhbGciOiJSUzI1.eyJzdWIiOiIx.c2ln here", "saw *** here"),
    ("next%3DeyJhbGciOiJSUzI1.eyJzdWIiOiIx.", "next%3D***"),
    ("curl -H 'X: Bearer abcdefgh'", "curl -H 'X: Bearer ***'"),
    ("Basic dXNlcjpwdzE=", "Basic ***"),
    ("AKIAABCDEFGHIJKLMNOP", "***"),
    ("sk_live_4eC39HqLyjWDarjtT1", "***"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
    ("DB_PASSWORD=hunter22 NEXT=1", "DB_PASSWORD=*** NEXT=1"),
    ('JWT_SECRET: "with some words"', 'JWT_SECRET: "***"'),
    ("?api_key=12345678&page=2", "?api_key=***&page=2"),
    ('{\\"password\\": \\"hunter22\\"}', '{\\"password\\": \\"***"}'),
    ("X-Auth-Token: abcdef123", "X-Auth-Token: ***"),
]


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_what_looks_like_a_secret_is_masked(text: str, expected: str) -> None:
    """Nobody has to register what shows by its shape."""
    assert Redactor()(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Set-Cookie: session lacks Secure",
        "WWW-Authenticate: Bearer realm=x",
        "bearer authentication is required",
        "basic authentication",
        "the Authorization header is not forwarded",
        "proxy_pass http://app:5000; server_tokens off; ssl_certificate_key /etc/nginx/tls.key;",
        "keepalive_timeout: 5s",
        "GET http://127.0.0.1:8080/a@b -> 200",
        "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_rules_say_stays_as_it_is(text: str) -> None:
    """The words of findings survive: a report blotted out proves nothing."""
    assert Redactor()(text) == text


def test_secret_over_several_lines_is_masked_in_each() -> None:
    """A key whose lines arrive as separate pieces of evidence is masked, and the pieces stay as many."""
    lines = ("before", "-----BEGIN PRIVATE KEY-----", "MIIEvQ", "IBADAN", "-----END PRIVATE KEY-----", "after")
    clean = Redactor().lines(lines)
    assert clean == ("before", lines[1], MASK, MASK, lines[4], "after")


def test_overlapping_secrets_leave_no_remainder() -> None:
    """Two secrets that share letters are both gone, in whichever order they are known."""
    assert Redactor(["abcdefgh", "efghijkl"])("<abcdefghijkl>") == "<***>"


@given(st.text(min_size=6, max_size=40), st.text(max_size=60), st.text(max_size=60))
@example("\ud800secret", "", "")
def test_no_registered_secret_survives(secret: str, before: str, after: str) -> None:
    """Whatever stands around it, the secret is not in what comes out, and redacting twice changes nothing."""
    assume(secret.strip() and set(secret.strip()) != {"*"})
    redact = Redactor([secret])
    clean = redact(before + secret + after)
    assert secret.strip() not in clean
    assert redact(clean) == clean


@given(st.lists(st.text(max_size=30), max_size=6))
def test_lines_stay_as_many(texts: list[str]) -> None:
    """Evidence keeps its number of lines, and lines without secrets keep their words."""
    assert Redactor(["0123456789abcdef"]).lines(texts) == tuple(Redactor().lines(texts))
    assert len(Redactor().lines(texts)) == len(texts)


HOSTILE = [
    "KEY=",
    "A_",
    "x_",
    "eyJ",
    "://a:",
    "%3A",
    "Cookie: ",
    "a=,",
    "-----BEGIN ",
    "bearer ",
    "basic a",
    "\\",
    "sk-",
    "'\"",
]


@pytest.mark.parametrize(
    "piece", [*HOSTILE, "-----BEGIN PRIVATE KEY-----", "Set-Cookie: a=b,c=,", "http://a:b@", "hunter2-"]
)
def test_work_is_linear(piece: str) -> None:
    """Text made to trip patterns up takes eight times as long when it is eight times as long, not sixty-four times."""
    redact = Redactor(["hunter2-s3cret", "another-secret"])

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.thread_time()
        redact(text)
        return time.thread_time() - start

    assert min(seconds(160_000) for _ in range(2)) < 25 * max(min(seconds(20_000) for _ in range(3)), 0.002)
