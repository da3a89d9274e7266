"""The deployment that the first page shows can be read as it stands, and is as short as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.promises import HOME

TEN_LINES = 10
BLOCK = re.compile(r"```toml\n# (?P<file>\S+/deployment\.toml)\n(?P<text>.*?)```", re.DOTALL)
SHOWN = [found["text"] for found in BLOCK.finditer((HOME / "README.md").read_text(encoding="utf-8"))]


def test_one_is_shown() -> None:
    """A reader sees a whole deployment."""
    assert SHOWN


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_works(text: str, tmp_path: Path) -> None:
    """It says where the target is and promises something, in ten lines."""
    file = tmp_path / "deployment.toml"
    file.write_text(text, encoding="utf-8")

    deployment = read_deployment(file)

    assert deployment.promises
    assert deployment.live
    said = text.partition("[[promise]]")[0].splitlines()
    assert len([line for line in said if line.strip()]) <= TEN_LINES
