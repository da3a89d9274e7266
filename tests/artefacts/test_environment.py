"""Environment files are read as their readers read them; values are measured and never told."""

from __future__ import annotations

import pytest

from plimsoll.artefacts.environment import read
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.rules.secrets_env.names import is_public, is_secret
from plimsoll.rules.secrets_env.urls import address_in


def of(text: str) -> SourceFile:
    """An environment file with that text, as a block of a guide."""
    return SourceFile(name=".env", kind=Kind.ENVIRONMENT, text=text, file="guide.md", first=10)


@pytest.mark.parametrize(
    ("line", "value", "trap"),
    [
        ("A=b", "b", ""),
        ("export A=b", "b", ""),
        ('A="b c" # said', "b c", ""),
        ("A='b # c'", "b # c", ""),
        ("A=b # said", "b", ""),
        ("A=b#c", "b#c", ""),
        ("A=b=c==", "b=c==", ""),
        ("A=", "", ""),
        ("A =b", "b", "spaces"),
        ("A= b", "b", "spaces"),
        ('A="b', "b", "quote"),
        ('A="b"c', "b", "behind the closing quote"),
        ("A=x$(cat /run/secrets/y)", "x$(cat /run/secrets/y)", "command"),
        ("A=$(openssl rand -hex 32)", "$(openssl rand -hex 32)", ""),
    ],
)
def test_a_line_is_read_as_most_readers_do(line: str, value: str, trap: str) -> None:
    """What some of them read otherwise is a trap, and is named."""
    [variable] = read(of(line))

    assert (variable.name, variable.value, trap in variable.trap, bool(variable.trap)) == ("A", value, True, bool(trap))


def test_lines_are_those_of_the_guide_and_commands_are_none() -> None:
    """A guide shows a command first; comments and headings count as lines."""
    found = list(read(of("# Copy\ncp .env.example .env\n\nPORT=3000\n")))

    assert [(variable.name, str(variable.spot)) for variable in found] == [("PORT", "guide.md:13")]


def test_no_representation_tells_a_value() -> None:
    """Whoever prints a variable by mistake gives nothing away."""
    [variable] = read(of("JWT_SECRET=tulips-and-daffodils"))

    assert "tulips" not in repr(variable)


@pytest.mark.parametrize(
    "name",
    ["JWT_SECRET", "PGPASSWORD", "SMTP_PASS", "STRIPE_SECRET_KEY", "OPENAI_API_KEY", "TWILIO_AUTH_TOKEN"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["JWT_SECRET_FILE", "ACCESS_TOKEN_SECONDS", "STRIPE_PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "SESSION_COOKIE", "MONKEY"],
)
def test_names_that_only_sound_like_secrets(name: str) -> None:
    assert not is_secret(name)


def test_prefixes_by_which_browsers_get_a_variable() -> None:
    assert is_public("NEXT_PUBLIC_API_URL")
    assert is_public("VITE_KEY")
    assert not is_public("REPUBLIC_KEY")


@pytest.mark.parametrize(
    ("text", "host", "port", "path", "gap"),
    [
        ("postgresql://shop:abc@postgres:5432/shop", "postgres", 5432, "shop", False),
        ("postgresql://shop@postgres/shop?sslmode=disable", "postgres", 5432, "shop", False),
        ("<postgresql://shop:...@postgres:5432/shop>", "postgres", 5432, "shop", True),
        ("redis://:a@b@redis", "redis", 6379, "", False),
        ("rediss://redis:6380", "redis", 6380, "", False),
        ("postgresql://username:password@host:port/database", "host", 0, "database", True),
        ("postgresql://shop:${PASSWORD}@postgres/shop", "postgres", 5432, "shop", True),
    ],
)
def test_addresses_are_taken_apart(text: str, host: str, port: int, path: str, gap: bool) -> None:
    """As people write them, in templates too."""
    where = address_in(text)

    assert where is not None
    assert (where.host, where.port, where.path, where.gap) == (host, port, path, gap)


@pytest.mark.parametrize("text", ["", "production", "http:", "://", "G-123", "a b://c"])
def test_what_is_no_address(text: str) -> None:
    assert address_in(text) is None
