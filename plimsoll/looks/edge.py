"""How it comes about what unusual requests get at the edge, and how it spreads the usual ones."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import (
    Balance,
    CachedAnswers,
    Directive,
    Ejection,
    Ejections,
    Families,
    HostClaims,
    Lures,
    Methods,
    Negotiated,
    Observation,
    PoolGrowth,
    Smuggling,
    Spellings,
    Spread,
)
from plimsoll.probes.edge import answers, balance, odd
from plimsoll.probes.edge.asker import Asker
from plimsoll.probes.edge.smuggling import smuggling
from plimsoll.probes.files import nginx
from plimsoll.rules import RULES
from plimsoll.rules.blocks import upstreams_to
from plimsoll.stacks.protocol import Commands, Reconfigurable

COUNTER = "http_requests_total"
"""What a replica counts its answers in, unless a promise says otherwise."""


def _asker(scene: Scene) -> Asker:
    return Asker(stack=scene.stack, deployment=scene.deployment, visitors=scene.visitors, deadline=scene.deadline)


def _said(scene: Scene, kind: type[Observation], *defaults: tuple[str, object]) -> list[tuple[object, ...]]:
    """What each promise that such an observation judges says for these parameters, each combination once."""
    asking = _promised(scene, kind)
    return list(dict.fromkeys(tuple(said.get(name, default) for name, default in defaults) for said in asking))


def _promised(scene: Scene, kind: type[Observation]) -> list[Mapping[str, object]]:
    """The parameters of each promise that such an observation judges."""
    return [promise.parameters for promise in scene.deployment.promises if kind in RULES[promise.rule].reads]


def _classes(scene: Scene, kind: type[Observation], *names: str) -> list[str]:
    """The path classes that promises name under these parameters, as far as the deployment has them."""
    found = [
        path
        for promise in scene.deployment.promises
        if kind in RULES[promise.rule].reads
        for name in names
        for path in cast(tuple[str, ...], promise.parameters.get(name, ("page",) if name == "on" else ()))
    ]
    for path in found:
        scene.path(path)
    return list(dict.fromkeys(found))


def _spellings(scene: Scene) -> Spellings:
    kinds = [(str(path), str(role)) for path, role in _said(scene, Spellings, ("path", ""), ("behind", "app"))]
    for path, _ in kinds:
        scene.path(path)
    return odd.spellings(_asker(scene), kinds)


def _negotiated(scene: Scene) -> Negotiated:
    codings = [c for said in scene.asked(Negotiated, "codings", ("gzip",)) for c in cast(tuple[str, ...], said)]
    return answers.negotiated(_asker(scene), _classes(scene, Negotiated, "on", "not_on"), dict.fromkeys(codings))


def _families(scene: Scene) -> Families:
    live = scene.deployment.live
    return answers.families(_asker(scene), live.address6 if live and scene.stack.kind == "live" else "")


def _smuggling(scene: Scene) -> Smuggling:
    scene.may_intrude("a request that hides another")
    edge, page = scene.edge_at("page")
    return smuggling(edge, page, scene.visitors.source, deadline=scene.deadline)


def _pool(scene: Scene, role: object, path: object, counter: object = COUNTER) -> balance.Pool:
    scene.path(str(path))
    return balance.Pool(asker=_asker(scene), role=str(role), path=str(path), counter=str(counter))


def _pools(said: Mapping[str, object]) -> Mapping[str, str]:
    """The path classes by role that a promise's parameters name."""
    several = cast(Mapping[str, str], said.get("pools", {}))
    return several or {str(said.get("role", "app")): str(said.get("path", "page"))}


def _balance(scene: Scene) -> Balance:
    seen: dict[str, Spread] = {}
    for said in _promised(scene, Balance):
        counter, busy = str(said.get("counter", COUNTER)), str(said.get("busy", ""))
        for role, path in _pools(said).items():
            if role not in seen:
                seen[role] = balance.spread(_pool(scene, role, path, counter), busy)
    return Balance(spreads=tuple(seen.values()), seen_at=datetime.now(UTC))


def _ejections(scene: Scene) -> Ejections:
    scene.may_intrude("taking a replica down")
    seen: dict[str, Ejection] = {}
    for said in _promised(scene, Ejections):
        rest = float(cast(int, said.get("fail_timeout", 30)))
        for role, path in _pools(said).items():
            if role not in seen:
                seen[role] = balance.ejected(_pool(scene, role, path), patience=scene.patience, returns_within=rest)
    return Ejections(seen=tuple(seen.values()), seen_at=datetime.now(UTC))


def _growth(scene: Scene) -> PoolGrowth:
    """The pool of the first role that a promise names, once without its last server and then with it."""
    scene.may_intrude("changing the edge's configuration")
    stack, service = scene.stack, scene.deployment.services.get("edge")
    if not isinstance(stack, Reconfigurable) or service is None or not service.config:
        raise OutOfReach(f"the configuration of a {stack.kind} stack is not ours to change")
    role, path = _said(scene, PoolGrowth, ("role", "app"), ("path", "page"))[0]
    pool = _pool(scene, role, path)
    config = nginx.survey(stack, scene.deployment, stack.artefacts)
    lines = [each for servers in upstreams_to(config, pool.role).values() for each in servers]
    if len(pool.replicas) < 2 or len(lines) != 1:  # noqa: PLR2004 - one to begin with, and one to add
        raise OutOfReach(f"{pool.role} has not several replicas behind one line of an upstream")
    addresses = _inside(scene, pool, lines[0])
    with tempfile.TemporaryDirectory() as place:
        whole, short = Path(place) / "whole", Path(place) / "short"
        for folder in (whole, short):
            shutil.copytree(stack.artefacts, folder, symlinks=True)
        told = {
            name: _rewritten(folder, lines[0], some)
            for name, folder, some in (("before", short, addresses[:-1]), ("after", whole, addresses))
        }
        original = Path(place) / "original"
        shutil.copytree(stack.artefacts, original, symlinks=True)
        try:
            stack.reconfigure(short, {})
            _, before = pool.served(pool.most(balance.FEW_ROUNDS))
            with balance.Meanwhile(pool).asking() as during:
                stack.reconfigure(whole, {})
            _, after = pool.served(pool.most(balance.FEW_ROUNDS))
        finally:
            stack.reconfigure(original, {})
    order = sorted(range(len(before)), key=lambda number: before[number] == 0)  # name services list them in any order
    return PoolGrowth(
        role=pool.role,
        before=tuple(before[number] for number in order),
        during=tuple(during),
        after=tuple(after[number] for number in order),
        lines=told,
        seen_at=datetime.now(UTC),
    )


def _inside(scene: Scene, pool: balance.Pool, line: Directive) -> list[str]:
    """The address of every replica as the edge reaches it: what its name means there, else what it is here."""
    port = line.arguments[0].rpartition(":")[2]
    if isinstance(scene.stack, Commands):
        told = scene.stack.run("edge", ["getent", "ahostsv4", pool.role])
        found = dict.fromkeys(each.split()[0] for each in told.output.splitlines() if each.strip())
        if told.code == 0 and len(found) == len(pool.replicas):
            return [f"{address}:{port}" for address in found]
    return ["{}:{}".format(*replica.address) for replica in pool.replicas]


def _rewritten(folder: Path, line: Directive, addresses: list[str]) -> str:
    """The line with these servers in the place of the one; the folder's file is changed."""
    file = folder / line.file
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    old = lines[line.line - 1]
    rest = " ".join(line.arguments[1:])
    new = " ".join(f"server {address} {rest}".rstrip() + ";" for address in addresses)
    if "server" not in old:
        raise CouldNotLook(f"{line.where} is not where its upstream's server stands")
    lines[line.line - 1] = f"{old[: len(old) - len(old.lstrip())]}{new}\n"
    file.write_text("".join(lines), encoding="utf-8")
    return f"{line.where}: {new}"


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    Methods: lambda scene: odd.methods(_asker(scene)),
    HostClaims: lambda scene: odd.host_claims(_asker(scene)),
    Lures: lambda scene: odd.lures(_asker(scene)),
    Spellings: _spellings,
    Negotiated: _negotiated,
    CachedAnswers: lambda scene: answers.cached(_asker(scene), _classes(scene, CachedAnswers, "on")),
    Families: _families,
    Smuggling: _smuggling,
    Balance: _balance,
    Ejections: _ejections,
    PoolGrowth: _growth,
}
ALONE = (Balance, Ejections, PoolGrowth)
DEEP = (HostClaims, Lures, Spellings, Smuggling, Balance, Ejections, PoolGrowth)
