"""The deployments that the documentation shows can be read as they stand, and are as short as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plimsoll.deployment import HOME, read_deployment

TEN_LINES = 10
BLOCK = re.compile(r"```toml\n# (?P<file>\S+/deployment\.toml)\n(?P<text>.*?)```", re.DOTALL)
PAGES = {name: (HOME / name).read_text(encoding="utf-8") for name in ("README.md", "docs/live.md")}
SHOWN = [
    pytest.param(found["text"], id=f"{name}: {found['file']}")
    for name, page in PAGES.items()
    for found in BLOCK.finditer(page)
]


def test_each_page_shows_one() -> None:
    """A reader of either page sees a whole deployment."""
    assert [name for name, page in PAGES.items() if not BLOCK.search(page)] == []


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
