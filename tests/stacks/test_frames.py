"""What compose files and Dockerfiles say of a container's frame is read as the engine would take it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.model import Deployment
from plimsoll.stacks.containers.blueprints import BACKEND, FRONTEND, Frame
from plimsoll.stacks.containers.frames import Plan, read_plan


@pytest.fixture
def deployment() -> Deployment:
    """A deployment whose compose file is `compose.yml`."""
    return replace(read_deployment(find("nestmap")), artefacts={"compose": "compose.yml"})


def plan(deployment: Deployment, folder: Path, compose: str, dockerfile: str = "") -> Plan:
    """The plan of these files."""
    (folder / "compose.yml").write_text(compose, encoding="utf-8")
    if dockerfile:
        (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    return read_plan(deployment, folder)


def test_everything_said_of_a_service(deployment: Deployment, tmp_path: Path) -> None:
    """User, limits, networks, volumes, replicas, and what Redis is told."""
    read = plan(
        deployment,
        tmp_path,
        """
services:
  redis:
    image: redis:7
    user: "999:1000"
    command: redis-server --appendonly yes --save "60 1"
    mem_limit: 512m
    networks: [data]
    volumes: ["kept:/data", "./conf:/etc/redis:ro", "/scratch"]
    deploy: { replicas: 2, resources: { limits: { cpus: "0.5", memory: 1.5G } } }
networks:
  data: { internal: true }
""",
    )

    assert read.lanes == {"data": True}
    assert read.frames["redis"] == Frame(
        user="999:1000",
        memory=3 * 2**29,
        cpus=0.5,
        networks=("data",),
        replicas=2,
        volumes=(("kept", "/data"),),
        options=(("appendonly", "yes"), ("save", "60 1")),
    )


@pytest.mark.parametrize(
    ("user", "expected"), [("1001:1001", "1001:1001"), ("root", "0:0"), ("node", ""), ("${WHO}", "")]
)
def test_the_image_says_who_runs_where_compose_does_not(
    deployment: Deployment, tmp_path: Path, user: str, expected: str
) -> None:
    """By number only: a name may not be in the image that stands in for it."""
    read = plan(deployment, tmp_path, "services: { app: { build: . } }", f"FROM node:20\nUSER {user}\nCMD x\n")

    assert read.frames["app"].user == expected
    assert read.lanes == {"default": False}


@pytest.mark.parametrize(
    "compose", ["", "services: [", "- a\n- b", "services: { app: 3 }", "services: { app: { networks: 3 } }"]
)
def test_odd_files_leave_the_stack_as_it_is(deployment: Deployment, tmp_path: Path, compose: str) -> None:
    """What cannot be read limits nobody; there are always networks."""
    read = plan(deployment, tmp_path, compose)

    assert read.lanes
    assert read.replicas("app", 2) == 2


def test_without_a_compose_file_there_are_two_networks(deployment: Deployment, tmp_path: Path) -> None:
    """As ever: one in front, an internal one behind."""
    assert read_plan(deployment, tmp_path).lanes == {FRONTEND: False, BACKEND: True}
