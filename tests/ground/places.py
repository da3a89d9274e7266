"""What tests of grounds share: a small host, and both ways to put it up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from plimsoll.model import Deployment, Service, Zone
from plimsoll.observations import Published, Reachability
from plimsoll.probes.firewall import ports
from plimsoll.runs import ENGINE, Run, new_run_id
from plimsoll.stacks.containers.engine import engine
from plimsoll.stacks.containers.images import image_for
from plimsoll.stacks.ground import enclosed
from plimsoll.stacks.ground.contained import Contained
from plimsoll.stacks.ground.ground import Ground
from plimsoll.stacks.ground.keeper import Keeper
from plimsoll.stacks.processes.children import Children
from tests.stacks.needing_engine import need_engine

KINDS = ("processes", "containers")
INTERNET = Zone(name="internet", networks=("0.0.0.0/0", "::/0"), reaches=(22, 443))
OFFICE = Zone(name="office", networks=("10.0.1.0/24", "fd00:1::/64"), reaches=(22, 443, 5432))
ZONES = {"internet": INTERNET, "office": OFFICE}


def deployment(root: Path, firewall: str, *, suffix: str = "sh", files: Mapping[str, str] | None = None) -> Deployment:
    """A host with that firewall, and other files by the place they have on it."""
    (root / f"firewall.{suffix}").write_text(firewall, encoding="utf-8")
    for inside, text in (files or {}).items():
        (root / Path(inside).name).write_text(text, encoding="utf-8")
    host = Service(
        role="host",
        recipe="host",
        ports=(22,),
        config=f"firewall.{suffix}",
        files={Path(inside).name: inside for inside in files or {}},
    )
    return Deployment(
        name="small", root=root, hosts=("small.example",), promises=(), zones=ZONES, services={"host": host}
    )


def need(kind: str) -> None:
    """Skips the test with a plain reason where that kind of ground cannot be."""
    if kind == "containers":
        need_engine()
    elif os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ufw", "nft", "sshd", "fail2ban-server"))):
        pytest.skip("not run: a ground on this machine needs root, ufw, nftables, openssh-server and fail2ban")


@contextmanager
def laid(kind: str, host: Deployment, *, run_id: str = "") -> Iterator[Ground]:
    """The host on a ground of that kind."""
    need(kind)
    with Run(run_id or new_run_id()) as run:
        if kind == "processes":
            logs = run.folder / "logs"
            logs.mkdir()
            children = Children(logs)
            try:
                yield Keeper(host, lambda _: enclosed.start(children, run.folder / "host", host.root)).ground()
            finally:
                children.kill()
            return
        (run.folder / ENGINE).touch()
        client = engine()
        tag = image_for(host.services["host"], client).tag
        client.close()
        contained = Contained(tag, run_id=run.id, artefacts=host.root)
        try:
            yield Keeper(host, lambda _: contained.answer).ground()
        finally:
            contained.remove()
            (run.folder / ENGINE).unlink()


def seen(ground: Ground, host: Deployment, *published: Published) -> Reachability:
    """Who reaches what of the host."""
    return ports.survey(ground, host, host.root, published)


def states(seen: Reachability, zone: str, port: int) -> dict[str, str]:
    """What became of connections from a zone to a port, by family; those by a container say so."""
    return {row.family: f"{row.state} {row.by}".strip() for row in seen.of(zone, port) if row.control}
