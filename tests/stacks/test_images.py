"""The images that services run: what they are named after, and where they come from."""

from __future__ import annotations

import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plimsoll.errors import BadInput, StackFailed
from plimsoll.model import Service
from plimsoll.stacks.containers import images, recipes
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.images import image_for, images_for
from plimsoll.stacks.containers.recipes import RECIPES, recipe_named
from plimsoll.wait import Deadline, wait_until
from tests.stacks.needing_engine import need_engine

if TYPE_CHECKING:
    from docker import DockerClient  # type: ignore[import-untyped] # the library ships no types

NGINX = Service(role="edge", recipe="nginx")


@pytest.fixture
def own_recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the recipes that a test may change."""
    folder = tmp_path / "images"
    shutil.copytree(recipes.FOLDER, folder)
    monkeypatch.setattr(recipes, "FOLDER", folder)
    return folder


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks and remembered refusals are this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv(images.NO_PULL, raising=False)


@pytest.fixture
def no_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries are not asked."""
    monkeypatch.setenv(images.NO_PULL, "1")


@pytest.fixture
def client() -> Iterator[DockerClient]:
    """The engine."""
    need_engine()
    with closing(engine()) as answering:
        yield answering


@pytest.fixture
def made_here(client: DockerClient) -> Iterator[list[str]]:
    """Tags that are removed afterwards."""
    tags: list[str] = []
    yield tags
    for tag in tags:
        client.api.remove_image(tag, force=True)


def tags() -> dict[str, str]:
    return {name: recipe.tag for name, recipe in RECIPES.items()}


def changed(before: dict[str, str]) -> set[str]:
    return {name for name, tag in tags().items() if tag != before[name]}


@pytest.mark.parametrize(
    ("touched", "rebuilt"),
    [
        ("nginx/Dockerfile", {"nginx"}),
        ("postgres/bake", {"postgres"}),
        ("python/Dockerfile", {"python", "app"}),
        ("base/bootstrap", set(RECIPES)),
        ("supervise", set()),
    ],
)
def test_a_change_renames_only_what_is_made_of_it(own_recipes: Path, touched: str, rebuilt: set[str]) -> None:
    """A changed recipe gives new tags to its image and to those that stand on it, and to no other."""
    before = tags()
    with (own_recipes / touched).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert changed(before) == rebuilt


def test_what_tools_leave_behind_renames_nothing(own_recipes: Path) -> None:
    """Compiled files beside a recipe are no part of it."""
    before = tags()
    (own_recipes / "nginx" / "__pycache__").mkdir()
    (own_recipes / "nginx" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert changed(before) == set()


def test_an_unknown_recipe_is_bad_input() -> None:
    """A service of a recipe that nobody wrote is refused with the names of those there are."""
    with pytest.raises(BadInput, match="no image recipe 'apache'") as raised:
        recipe_named("apache")
    assert "nginx" in raised.value.hint


@pytest.mark.usefixtures("no_pull")
def test_images_say_what_they_hold_and_are_built_once(client: DockerClient, capfd: pytest.CaptureFixture[str]) -> None:
    """Every image says its program and version without being started; the second time nothing is built."""
    services = [Service(role=name, recipe=name) for name in ("nginx", "redis", "postgres", "app")]
    images_for(services, client)
    capfd.readouterr()
    found = images_for(services, client)
    assert capfd.readouterr().err == ""
    assert found["nginx"].described.startswith(f"{RECIPES['nginx'].tag} (nginx 1.")
    assert "(postgres 1" in found["postgres"].described
    assert "(redis " in found["redis"].described
    assert "(python 3." in found["app"].described


@pytest.mark.usefixtures("no_pull")
def test_the_deployments_own_tag_comes_first(client: DockerClient, made_here: list[str]) -> None:
    """An image that the engine has under the deployment's tag is used as it is."""
    own = f"plimsoll-test/{uuid.uuid4().hex}:1"
    client.api.tag(image_for(NGINX, client).tag, *own.split(":"))
    made_here.append(own)
    assert image_for(Service(role="edge", recipe="nginx", image=own), client).tag == own


@pytest.mark.usefixtures("own_folder")
def test_a_silent_registry_costs_seconds_once(client: DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that accepts connections and says nothing is given up, and not asked again soon."""
    monkeypatch.setattr(images, "FIRST_WORD_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as registry:
        registry.settimeout(1)
        own = f"127.0.0.1:{registry.getsockname()[1]}/edge:1"
        patience = Deadline.after(3)
        assert image_for(Service(role="edge", recipe="nginx", image=own), client).tag == RECIPES["nginx"].tag
        assert not patience.passed
        registry.accept()[0].close()  # it was asked
        while True:  # what the engine still had under way
            try:
                registry.accept()[0].close()
            except TimeoutError:
                break
        assert image_for(Service(role="edge", recipe="nginx", image=own), client).tag == RECIPES["nginx"].tag
        with pytest.raises(TimeoutError):
            registry.accept()


@pytest.mark.usefixtures("no_pull")
def test_a_failed_build_shows_its_last_words(client: DockerClient, own_recipes: Path) -> None:
    """A recipe whose step fails is a clear error that shows what the step said and where the recipe is."""
    (own_recipes / "nginx" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nRUN echo no mirror today && exit 3\n")
    with pytest.raises(StackFailed, match="the image nginx could not be built") as raised:
        image_for(NGINX, client)
    assert "no mirror today" in raised.value.fact
    assert str(own_recipes / "nginx") in raised.value.hint


@pytest.mark.usefixtures("own_folder", "no_pull")
def test_two_builds_at_once_build_once(
    client: DockerClient, own_recipes: Path, made_here: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Two that need the same missing image both get it, and only one of them builds."""
    step = f'RUN printf "#!/bin/sh\\necho 1.{uuid.uuid4().int % 10**9}\\n" >/bin/nginx && chmod +x /bin/nginx'
    (own_recipes / "nginx" / "Dockerfile").write_text(f"ARG BASE\nFROM ${{BASE}}\n{step}\n")
    made_here.append(recipe_named("nginx").tag)
    with ThreadPoolExecutor(2) as pool:
        found = {made.tag for made in pool.map(image_for, [NGINX, NGINX], [client, client])}
    assert found == {recipe_named("nginx").tag}
    assert capfd.readouterr().err.count("image nginx") == 1


@pytest.mark.usefixtures("no_pull")
def test_the_database_is_named_as_asked(client: DockerClient) -> None:
    """User, password and database are those of the environment, whatever characters are in them."""
    tag = image_for(Service(role="postgres", recipe="postgres"), client).tag
    environment = {"POSTGRES_USER": 'o"user', "POSTGRES_PASSWORD": "it's \\ secret", "POSTGRES_DB": "da'ta"}
    container = client.containers.run(tag, ["postgres", "-c", "fsync=off"], environment=environment, detach=True)
    try:
        command = ["psql", "-w", "-h", "127.0.0.1", "-U", 'o"user', "-Atc", "select current_database()", "da'ta"]
        password = {"PGPASSWORD": environment["POSTGRES_PASSWORD"]}
        asked = wait_until(
            lambda: container.exec_run(command, environment=password), lambda said: said.exit_code == 0, timeout=10
        )
        refused = container.exec_run(command, environment={"PGPASSWORD": "wrong"})
    finally:
        container.remove(force=True, v=True)
        assert asked.output == b"da'ta\n"
    assert b"password authentication failed" in refused.output
