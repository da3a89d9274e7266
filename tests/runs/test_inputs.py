"""What the policy suite says of folders and guides that it is given, and of what is neither."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.place import POLICY, Place

BROKEN, COULD_NOT_TELL = 1, 2
SITE = "server {\n    listen 80;\n    add_header X-Frame-Options DENY;\n}\n"


def test_a_folder_is_judged(place: Place) -> None:
    """The line of the file, how a piece was read, and what nobody could read beside it."""
    folder = place.folder / "shop"
    (folder / "nginx").mkdir(parents=True)
    (folder / "nginx" / "site.conf").write_text(SITE)
    (folder / "compose.yml").write_text("services: [")

    ended = place.run("--artefacts", str(folder), command=POLICY)

    assert ended.code == BROKEN, ended
    assert "nginx/site.conf:3: X-Frame-Options lacks `always`" in ended.finding("ART-EDGE-HEADERS-ALWAYS").message
    assert "compose.yml:1: is not YAML" in ended.finding("ART-FILES-UNDERSTOOD").message


def test_a_guide_is_judged(place: Place) -> None:
    """Lines are the guide's."""
    guide = place.folder / "guide.md"
    guide.write_text(f"# Deploy\n\n## nginx.conf\n\n```nginx\n{SITE}```\n")

    ended = place.run("--guide", str(guide), command=POLICY)

    assert ended.code == BROKEN, ended
    assert "guide.md:8: X-Frame-Options lacks `always`" in ended.finding("ART-EDGE-HEADERS-ALWAYS").message


@pytest.mark.parametrize(
    ("option", "make", "said"),
    [
        ("--artefacts", lambda path: path.mkdir(), "nothing was recognised"),
        ("--artefacts", lambda path: path.with_suffix(".md").rename(path), "is a file, and no folder"),
        ("--guide", lambda path: path.mkdir(), "is a folder, and no guide"),
        ("--guide", Path.exists, "there is no"),
    ],
    ids=["empty folder", "file as folder", "folder as guide", "nothing"],
)
def test_what_is_neither_is_said(place: Place, option: str, make: Callable[[Path], object], said: str) -> None:
    """One fact, one hint, and no verdict that anybody could take for one."""
    (place.folder / "input.md").write_text("# A guide\n")
    make(place.folder / "input")

    ended = place.run(option, str(place.folder / "input"), command=POLICY)

    assert ended.code == COULD_NOT_TELL, ended
    assert said in ended.output
    assert "hint: " in ended.output
    assert "Traceback" not in ended.output
