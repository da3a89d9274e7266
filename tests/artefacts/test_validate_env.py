"""NestMap's own script for its environment does what it is promised to do."""

from __future__ import annotations

import re
import secrets
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from plimsoll.deployment import DEPLOYMENTS

NESTMAP = DEPLOYMENTS / "nestmap"
EXAMPLE = (NESTMAP / "app" / "env.example").read_text(encoding="utf-8")
NAMES = re.findall(r"(?m)^(\w+)=", EXAMPLE)


def filled() -> str:
    """The example as whoever deploys fills it in."""

    def value(gap: re.Match[str]) -> str:
        if made := re.fullmatch(r"(\d+) random bytes, (\w+)", gap[1]):
            random = secrets.token_bytes(int(made[1]))
            return random.hex() if made[2] == "hex" else b64encode(random).decode()
        return gap[1].replace("...", "Zk3vQ9mT1x") if "://" in gap[1] else "of-the-provider"

    return re.sub(r"<([^>]*)>", value, EXAMPLE)


def validate(folder: Path, text: str | None) -> subprocess.CompletedProcess[str]:
    """What the script says of a file with that text; of none, if there is no text."""
    file = folder / ".env.production"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    command = ["sh", str(NESTMAP / "scripts" / "validate-env.sh"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_filled_file_is_complete(tmp_path: Path) -> None:
    done = validate(tmp_path, filled())

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_every_missing_variable_is_named(tmp_path: Path, name: str) -> None:
    """And so is one that is empty."""
    for line in ("", f"{name}=\n"):
        done = validate(tmp_path, re.sub(rf"(?m)^{name}=.*\n", line, filled()))

        assert done.returncode == 1
        assert f"{name} is missing or empty" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("JWT_SECRET", "short", "JWT_SECRET has 5 characters, not 44"),
        ("ENCRYPTION_KEY", "g" * 64, "ENCRYPTION_KEY holds characters"),
        ("SESSION_SECRET", "<64 random bytes, base64>", "SESSION_SECRET was not replaced"),
        ("STRIPE_SECRET_KEY", "sk_live_your_stripe_secret_key", "STRIPE_SECRET_KEY was not replaced"),
        ("DATABASE_URL", "nestmap_production", "DATABASE_URL is no address"),
        ("NODE_ENV", "development", "NODE_ENV is not production"),
        ("VITE_STRIPE_PUBLIC_KEY", "sk_live_x", "is a secret key"),
    ],
)
def test_what_is_weak_is_named_and_not_shown(tmp_path: Path, name: str, value: str, says: str) -> None:
    done = validate(tmp_path, re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", filled()))

    assert done.returncode == 1
    assert says in done.stderr
    assert name == "NODE_ENV" or value not in done.stderr + done.stdout


def test_one_secret_for_two_uses_is_refused(tmp_path: Path) -> None:
    text = filled()
    [secret] = re.findall(r"(?m)^JWT_SECRET=(.*)$", text)

    done = validate(tmp_path, re.sub(r"(?m)^JWT_REFRESH_SECRET=.*$", f"JWT_REFRESH_SECRET={secret}", text))

    assert (done.returncode, "are the same" in done.stderr) == (1, True)


def test_no_file_is_another_trouble(tmp_path: Path) -> None:
    done = validate(tmp_path, None)

    assert (done.returncode, "hint:" in done.stderr) == (2, True)
