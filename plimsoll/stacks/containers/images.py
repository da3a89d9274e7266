"""The images that services run: the deployment's own, else built here from the distribution's packages.

Every built image is tagged with what it was made of, so a tag that the engine has is an image that needs no building.
One base, thin layers on it; `python -m plimsoll.stacks.containers.images` builds them all beforehand.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plimsoll.errors import PlimsollError
from plimsoll.model import Service
from plimsoll.runs import cache_folder
from plimsoll.services import described
from plimsoll.stacks.containers.builds import PROGRAM_LABEL, build
from plimsoll.stacks.containers.engine import engine, engine_heard
from plimsoll.stacks.containers.recipes import DISTRIBUTION, RECIPES, SHARED, recipe_named
from plimsoll.wait import SYSTEM_CLOCK

if TYPE_CHECKING:
    from docker import DockerClient  # type: ignore[import-untyped] # the library ships no types

NO_PULL = "PLIMSOLL_NO_PULL"
"""The environment variable that forbids asking registries."""

FIRST_WORD_SECONDS = 3.0
"""How long a registry may take to say that it has an image; offline, this is all that is lost."""

PULL_SECONDS = 600.0
NOT_ASKED_AGAIN_SECONDS = 3600.0
"""How long a pull that failed is remembered, so that not every run waits for the same silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image that the engine has. `described` says which program it holds, for the report."""

    tag: str
    described: str


def image_for(service: Service, client: DockerClient) -> Image:
    """The image that the service runs: its own tag if the engine has it or can pull it, else the recipe's."""
    return images_for([service], client)[service.role]


def image_of(name: str, client: DockerClient) -> str:
    """The tag of the image of that recipe, which is there."""
    tag = recipe_named(name).tag
    if tag not in _present(client):
        _build_up_to(client, name)
    return tag


def images_for(services: Iterable[Service], client: DockerClient) -> Mapping[str, Image]:
    """The image of every role; builds what is missing, with one line per step on standard error."""
    present = _present(client)
    tags, ours = {}, {}
    for service in services:
        own = service.image
        if own and (own in present or _pull(own)):
            tags[service.role] = own
            continue
        name = SHARED.get(service.recipe, service.recipe)
        tags[service.role], ours[service.role] = recipe_named(name).tag, service
        if tags[service.role] not in present:
            _build_up_to(client, name)
            present = _present(client)
    present = present if all(tag in present for tag in tags.values()) else _present(client)
    held = {role: present[tag] for role, tag in tags.items()}
    held |= {role: described(service, held[role]) for role, service in ours.items()}
    return {role: Image(tag=tag, described=f"{tag} ({held[role]})") for role, tag in tags.items()}


def _present(client: DockerClient) -> Mapping[str, str]:
    """Every tag that the engine has, with the program written on the image, or its id where nothing is."""
    return {
        tag: (image["Labels"] or {}).get(PROGRAM_LABEL) or image["Id"][:19]
        for image in client.api.images()
        for tag in image["RepoTags"] or ()
    }


def _build_up_to(client: DockerClient, name: str) -> None:
    """The recipe's image and those below it exist; one process builds at a time."""
    with _building():
        chain = [recipe_named(name)]
        while chain[0].parent:
            chain.insert(0, recipe_named(chain[0].parent))
        for recipe in chain:
            present = _present(client)
            if recipe.tag in present:
                continue
            with _step(f"image {recipe.name}"):
                distribution = not recipe.parent and (DISTRIBUTION in present or _pull(DISTRIBUTION))
                with engine_heard(f"the image {recipe.name} could not be built"):
                    build(client, recipe, distribution=distribution)


@contextlib.contextmanager
def _building() -> Iterator[None]:
    """Nobody else of this user builds meanwhile."""
    with (cache_folder() / "images.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with _step("images are being built by another run: waiting for it"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    """The step is told on standard error, with the seconds it took."""
    began = SYSTEM_CLOCK.monotonic()
    _say(f"plimsoll: {what} … ")
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        _say(f"{outcome} {SYSTEM_CLOCK.monotonic() - began:.1f} s\n")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _pull(tag: str) -> bool:
    """Whether the engine could pull the image. A registry that is silent for a few seconds counts as absent."""
    known = hashlib.sha256(tag.encode()).hexdigest()[:16]
    refused = cache_folder() / f"not-pulled-{known}"
    with contextlib.suppress(OSError):
        if datetime.now(UTC).timestamp() - refused.stat().st_mtime < NOT_ASKED_AGAIN_SECONDS:
            return False
    if os.environ.get(NO_PULL):
        return False
    try:
        pulling = subprocess.Popen(["docker", "pull", tag], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    with pulling:
        assert pulling.stdout is not None  # noqa: S101 - it was opened with a pipe
        heard, _, _ = select.select([pulling.stdout], [], [], FIRST_WORD_SECONDS)
        try:
            # The client's first line comes once the registry has described the image; the end of output is no word.
            pulled = bool(heard and pulling.stdout.readline())
            if pulled:
                pulling.communicate(timeout=PULL_SECONDS)
        except subprocess.TimeoutExpired:
            pulled = False
        finally:
            pulling.kill()
        pulled = pulling.wait() == 0 and pulled
    if not pulled:
        refused.touch()
    return pulled


def main() -> int:
    """Every image exists; 0, or 2 with the reason on standard error."""
    try:
        with contextlib.closing(engine()) as client:
            for name in RECIPES:
                _build_up_to(client, name)
            present = _present(client)
    except PlimsollError as error:
        _say(f"plimsoll: {error}\n")
        return 2
    for recipe in RECIPES.values():
        sys.stdout.write(f"{recipe.tag} ({present[recipe.tag]})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
