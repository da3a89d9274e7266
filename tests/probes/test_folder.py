"""Whatever lies in a folder is read or named: nothing stops the run, and nothing is passed over in silence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.artefacts import inventory
from plimsoll.errors import BadInput, CouldNotLook
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.files import folder
from plimsoll.session import open_files

COMPOSE = "services:\n  app:\n    image: sample/app:1.0.0\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MIB = 2**20
SECONDS = 5.0
"""What reading a folder with one monstrous file may take, on a busy machine."""


def names(root: Path) -> dict[str, SourceFile]:
    """What is seen in a folder, by name."""
    return {source.name: source for source in folder.sources(root, {})}


def link(target: str) -> Callable[[Path], None]:
    """What makes a symbolic link to that."""
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    ("make", "trouble"),
    [
        (lambda path: path.write_bytes(b"a: \0"), "is no text"),
        (lambda path: path.write_bytes(COMPOSE.encode("utf-16")), "is no text"),
        (lambda path: path.write_text("a" * 5 * MIB), "is larger than 2 MiB, and was not read"),
        (os.mkfifo, "is no ordinary file"),
        (link("/etc/passwd"), "is a symbolic link out of the folder, or to nowhere"),
        (link("/etc"), "is a symbolic link out of the folder, or to nowhere"),
        (link("nowhere.yml"), "is a symbolic link out of the folder, or to nowhere"),
        (link("odd.yml"), "is a symbolic link out of the folder, or to nowhere"),
    ],
    ids=["binary", "utf-16", "large", "pipe", "link out", "link to a folder out", "broken link", "link to itself"],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, make: Callable[[Path], None], trouble: str) -> None:
    """It is listed with the reason, the inventory says so, and the file beside it is read."""
    (tmp_path / "compose.yml").write_text(COMPOSE)
    make(tmp_path / "odd.yml")

    seen = names(tmp_path)

    assert (seen["odd.yml"].kind, seen["odd.yml"].trouble) == (Kind.UNREADABLE, trouble)
    assert seen["compose.yml"].kind is Kind.COMPOSE
    taken = inventory.take(seen.values(), NOW)
    assert [(entry.name, entry.trouble) for entry in taken.unknown] == [("odd.yml", trouble)]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + COMPOSE.encode(),
        COMPOSE.replace("\n", "\r\n").encode(),
        COMPOSE.encode() + b"# \xff\xfe\n",
    ],
    ids=["bom", "crlf", "other encoding"],
)
def test_other_ways_to_write_a_text(tmp_path: Path, content: bytes) -> None:
    """A mark at the beginning, the ends of lines of another system, a comment in another encoding."""
    (tmp_path / "compose.yml").write_bytes(content)

    source = names(tmp_path)["compose.yml"]

    assert source.text.startswith(COMPOSE)
    assert inventory.take([source], NOW).unknown == ()


def test_names_that_no_line_can_hold(tmp_path: Path) -> None:
    """Ends of lines, escapes and bytes that are no letters are written out, so that a page shows them."""
    for name in (b"new\nline.yml", b"escape\x1b[31m.yml", b"byte\xff.yml", b" spaces .yml"):
        (tmp_path / os.fsdecode(name)).write_text("a: 1")

    assert set(names(tmp_path)) == {"new\\nline.yml", "escape\\x1b[31m.yml", "byte\\udcff.yml", " spaces .yml"}


def test_links_within_the_folder(tmp_path: Path) -> None:
    """A link to a file is that file once more; one to a folder above goes in no circle."""
    (tmp_path / "sites-available").mkdir()
    (tmp_path / "sites-available" / "shop").write_text("server { listen 80; }")
    (tmp_path / "sites-enabled").mkdir()
    (tmp_path / "sites-enabled" / "shop").symlink_to("../sites-available/shop")
    (tmp_path / "sites-enabled" / "all").symlink_to("..")

    assert {name: source.kind for name, source in names(tmp_path).items()} == {
        "sites-available/shop": Kind.NGINX,
        "sites-enabled/shop": Kind.NGINX,
    }


def test_folders_of_other_people_are_left_out(tmp_path: Path) -> None:
    """What is installed and what is kept by Git is nobody's artefact."""
    for name in ("node_modules", ".git", "app"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "compose.yml").write_text(COMPOSE)

    assert set(names(tmp_path)) == {"app/compose.yml"}


def test_a_monstrous_file_is_read_in_time(tmp_path: Path) -> None:
    """Just below what is read at all: the kind is told by its beginning, and no pattern runs away."""
    for name, text in {"a.yml": "groups:\n", "b.conf": "location /\n", "c": "update x ", "d.env": "A=1\n"}.items():
        (tmp_path / name).write_text(text * (2 * MIB // len(text)))
    started = time.monotonic()

    seen = names(tmp_path)

    assert len(seen) == 4
    assert time.monotonic() - started < SECONDS


def test_what_a_deployment_says_counts_more_than_a_name(tmp_path: Path) -> None:
    """A file of a service's is what the service needs, whatever it is called."""
    (tmp_path / "main.cf").write_text("listen 80;")

    assert [s.kind for s in folder.sources(tmp_path, {"main.cf": Kind.NGINX})] == [Kind.NGINX]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "0 files (nothing at all)"),
        (lambda path: (path.mkdir(), (path / "a.txt").write_text("x")), "1 files (a.txt)"),
        (lambda path: (path.mkdir(), (path / "notes.md").write_text("# x")), "1 files (notes.md)"),
        (lambda path: path.write_text("# A guide\n\nwithout blocks\n"), "0 fenced blocks (nothing at all)"),
        (lambda path: path.write_text("```\ntext\n```\n"), "1 fenced blocks (other-L2)"),
        (lambda path: path.write_bytes(b"\0"), "is no text"),
        (os.mkfifo, "is no ordinary file"),
        (Path.exists, "there is no"),
    ],
    ids=["empty", "foreign", "notes", "no blocks", "text", "binary", "pipe", "nothing"],
)
def test_nothing_recognised_is_no_run(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    """A folder or a guide in which nothing was recognised is a mistake in what was asked, not a success."""
    make(tmp_path / "input")

    with pytest.raises(BadInput, match=said.replace("(", r"\(").replace(")", r"\)")):
        open_files(tmp_path / "input")


def test_a_guide_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    """Whoever reads it says so."""
    with pytest.raises(CouldNotLook, match="is not there"):
        folder.sources(tmp_path / "guide.md", {})
