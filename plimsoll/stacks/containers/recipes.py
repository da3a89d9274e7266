"""What the locally built images are made of, and the tags that follow from it. Reads files, asks no engine."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import BadInput

PROJECT = Path(__file__).parents[3]
FOLDER = PROJECT / "fixtures" / "images"
SUPERVISE = FOLDER / "supervise"
"""The script that every container runs its program with."""

PREPARE_POSTGRES = FOLDER / "prepare-postgres"
"""The script that comes before a PostgreSQL image's own entrypoint where the server has more than the defaults."""

DISTRIBUTION = "debian:bookworm-slim"
"""What the base is where a registry can be reached; the bootstrap script makes the same from packages."""

PYTHON = "3.11"
"""The distribution's Python, for which the application's packages are chosen."""

DIGEST_LENGTH = 12
IGNORED = ("__pycache__", ".pyc", ".ruff_cache", ".mypy_cache", ".pytest_cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One image: a folder with its Dockerfile, the image it stands on, and the command that says its program's version.

    `application` names a folder copied beside the Dockerfile, `group` a dependency group installed there as `site`.
    """

    name: str
    parent: str = ""
    program: str
    version: tuple[str, ...]
    application: str = ""
    group: str = ""

    @property
    def folder(self) -> Path:
        """Where the Dockerfile is."""
        return FOLDER / self.name

    @property
    def tag(self) -> str:
        """The tag of the image made of just this: it changes when anything below it does."""
        digest = hashlib.sha256(recipe_named(self.parent).tag.encode() if self.parent else b"")
        for folder in (self.folder, *([PROJECT / self.application] if self.application else [])):
            for file in files_of(folder):
                mode = "x" if file.stat().st_mode & 0o100 else "-"
                digest.update(f"{file.relative_to(folder)} {mode}\n".encode() + file.read_bytes())
        if self.group:
            digest.update("\n".join([PYTHON, *requirements(self.group)]).encode())
        return f"plimsoll/{self.name}:{digest.hexdigest()[:DIGEST_LENGTH]}"


RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(name="base", program="debian", version=("cat", "/etc/debian_version")),
        Recipe(name="nginx", parent="base", program="nginx", version=("nginx", "-v")),
        Recipe(name="redis", parent="base", program="redis", version=("redis-server", "--version")),
        Recipe(name="postgres", parent="base", program="postgres", version=("postgres", "--version")),
        Recipe(name="prometheus", parent="base", program="prometheus", version=("prometheus", "--version")),
        Recipe(name="host", parent="base", program="nftables", version=("nft", "--version")),
        Recipe(name="python", parent="base", program="python", version=("python3", "--version"), group="app"),
        Recipe(
            name="app",
            parent="python",
            program="python",
            version=("python3", "--version"),
            application="fixtures/app",
        ),
    )
}
"""Every image that can be built here, each after the one it stands on."""

SHARED: Mapping[str, str] = {"worker": "app", "identity": "app", "grafana": "app"}
"""Recipes of services that run another one's image, by another command."""


def recipe_named(name: str) -> Recipe:
    """The recipe of that name; raises BadInput when there is none."""
    try:
        return RECIPES[name]
    except KeyError:
        raise BadInput(f"there is no image recipe {name!r}", hint=f"known are {', '.join(RECIPES)}") from None


def files_of(folder: Path) -> Iterator[Path]:
    """The files below the folder in a fixed order, without what tools leave there."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not any(part.endswith(IGNORED) for part in file.relative_to(folder).parts):
            yield file


def requirements(group: str) -> list[str]:
    """The pinned packages of one dependency group of this project, sorted; groups included by it are not followed."""
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return sorted(line for line in groups[group] if isinstance(line, str))
