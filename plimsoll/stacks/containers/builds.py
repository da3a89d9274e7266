"""Building one image: from packages, with its program's version found out and written on it."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.errors import MissingTool, StackFailed
from plimsoll.stacks.containers.recipes import (
    DISTRIBUTION,
    IGNORED,
    PROJECT,
    PYTHON,
    Recipe,
    recipe_named,
    requirements,
)

if TYPE_CHECKING:
    from docker import DockerClient  # type: ignore[import-untyped] # the library ships no types

RECIPE_LABEL = "plimsoll.image"
PROGRAM_LABEL = "plimsoll.program"
LAST_LINES = 12
"""How much of a failed build's output an error shows."""

BOOTSTRAP_SECONDS = 600
INSTALL_SECONDS = 300
"""Bounds of downloads; measured here: 23 s and 1 s."""

GLIBC = "2_28"
"""The oldest C library that the packages' wheels may ask for; the distribution's is 2.36."""


def build(client: DockerClient, recipe: Recipe, *, distribution: bool) -> None:
    """The image of the recipe exists under its tag; raises StackFailed with the last words of what went wrong.

    The image that it stands on must exist. `distribution` says that the engine has the distribution's own base image.
    """
    labels = {RECIPE_LABEL: recipe.name}
    if not recipe.parent and not distribution:
        with tempfile.TemporaryDirectory(prefix="plimsoll-build-") as folder:
            archive = Path(folder) / "base.tar"
            _bootstrap(recipe, archive)
            made = _imported(client, archive, "", labels)
            labels[PROGRAM_LABEL] = _program(client, recipe, made)
            _imported(client, archive, recipe.tag, labels)
            client.api.remove_image(made)
        return
    with tempfile.TemporaryDirectory(prefix="plimsoll-build-") as folder:
        context = Path(folder) / recipe.name
        shutil.copytree(recipe.folder, context)
        if recipe.application:
            ignored = shutil.ignore_patterns(*(f"*{name}" for name in IGNORED))
            shutil.copytree(PROJECT / recipe.application, context / "app", ignore=ignored)
        if recipe.group:
            _install(requirements(recipe.group), context / "site")
        made = _built(client, recipe, context, "", labels)
        labels[PROGRAM_LABEL] = _program(client, recipe, made)
        # The second build finds every layer in the cache and only adds the label: the tag appears when all is done.
        _built(client, recipe, context, recipe.tag, labels)


def _built(client: DockerClient, recipe: Recipe, context: Path, tag: str, labels: Mapping[str, str]) -> str:
    """The id of the image that the engine built from the context."""
    said: deque[str] = deque(maxlen=LAST_LINES)
    made = ""
    for event in client.api.build(
        path=str(context),
        tag=tag or None,
        buildargs={"BASE": recipe_named(recipe.parent).tag} if recipe.parent else {},
        labels=dict(labels),
        rm=True,
        forcerm=True,
        decode=True,
    ):
        said.extend(line for line in str(event.get("stream", event.get("error", ""))).splitlines() if line.strip())
        made = event.get("aux", {}).get("ID", made)
        if "error" in event:
            raise StackFailed(
                _with_output(f"the image {recipe.name} could not be built", said),
                hint=f"the recipe is {recipe.folder}; packages come from the distribution's mirrors",
            )
    return made


def _bootstrap(recipe: Recipe, archive: Path) -> None:
    """The base system's files are in the archive."""
    if shutil.which("mmdebstrap") is None:
        raise MissingTool(
            f"mmdebstrap is missing, and {DISTRIBUTION} cannot be pulled",
            hint="apt-get install mmdebstrap, or let the engine reach a registry",
        )
    _run([str(recipe.folder / "bootstrap"), str(archive)], "the base system", BOOTSTRAP_SECONDS)


def _imported(client: DockerClient, archive: Path, tag: str, labels: Mapping[str, str]) -> str:
    """The id of the image whose files are those of the archive."""
    repository, _, version = tag.partition(":")
    changes = [f'LABEL {name}="{value}"' for name, value in labels.items()] + ['CMD ["/bin/sh"]']
    answer: str = client.api.import_image_from_file(str(archive), repository or None, version or None, changes=changes)
    return answer.rpartition('"status":"')[2].partition('"')[0]


def _install(packages: Sequence[str], site: Path) -> None:
    """The packages are in the folder, as the image's Python wants them, whatever Python runs here."""
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    places = f"{Path(sys.executable).parent}:{PROJECT / '.venv' / 'bin'}"
    common = ["--target", str(site), "--python-version", PYTHON, "--only-binary", ":all:", *packages]
    if uv := shutil.which("uv") or shutil.which("uv", path=places):
        command = [uv, "pip", "install", "--quiet", "--python-platform", f"{machine}-manylinux_{GLIBC}", *common]
    else:
        wheels = [f"--platform=manylinux_{GLIBC}_{machine}", f"--platform=manylinux2014_{machine}"]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", *wheels, *common]
    _run(command, "the application's packages", INSTALL_SECONDS)


def _program(client: DockerClient, recipe: Recipe, image: str) -> str:
    """The program's name and version as the program inside the image says, e.g. "nginx 1.22.1"."""
    said = client.containers.run(
        image, list(recipe.version), entrypoint="", remove=True, stderr=True, network_mode="none"
    ).decode(errors="replace")
    found = re.search(r"\d+(\.\d+)+", said)
    return f"{recipe.program} {found[0] if found else said.strip()}"


def _run(command: Sequence[str], what: str, seconds: float) -> None:
    """The command succeeded; raises StackFailed with its last lines."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, errors="replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackFailed(f"{what} could not be made: {error}", hint="is the network reachable?") from error
    if done.returncode:
        lines = deque((done.stdout + done.stderr).splitlines(), LAST_LINES)
        raise StackFailed(_with_output(f"{what} could not be made", lines), hint=f"try it alone: {command[0]} …")


def _with_output(fact: str, lines: deque[str]) -> str:
    return "\n".join([f"{fact}; its last lines:", *(f"  {line}" for line in lines)])
