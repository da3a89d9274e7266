"""Reads deployment.toml, the promises beside it and the policies it adopts. Whatever is wrong is one clear error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from plimsoll.errors import BadInput
from plimsoll.model import ACTS, RELEASING, Deployment, Limits, Live, Recovery, Rollout, Service, Zone
from plimsoll.oddities import oddities
from plimsoll.promises import HOME, general_promises, read_promises
from plimsoll.services import troubles
from plimsoll.shape import nearest, shown
from plimsoll.tables import Table, TomlFile
from plimsoll.workloads import read_workload

DEPLOYMENTS = HOME / "fixtures" / "deployments"
FILE = "deployment.toml"

TABLES = ("paths", "artefacts", "generated", "limits", "services", "zones", "live", "recovery", "rollout", "workload")
TOP = ("name", "hosts", "disposable", "policies", "promise", "waiver", *TABLES)


def find(name: str) -> Path:
    """The deployment.toml that a path, or a name under fixtures/deployments, means."""
    for candidate in (DEPLOYMENTS / name / FILE, Path(name) / FILE, Path(name)):
        if _there(candidate) and candidate.is_file():
            return candidate.resolve()
    known = sorted(path.parent.name for path in DEPLOYMENTS.glob(f"*/{FILE}"))
    raise BadInput(
        f"no deployment {name!r}{nearest(name, known)}",
        key="--deployment",
        hint=f"a path to a {FILE}, or one of: {', '.join(known)}",
    )


def _there(path: Path) -> bool:
    """Whether there is such a thing; what may not be looked at, or has an impossible name, is not there."""
    try:
        return path.exists()
    except OSError:
        return False


def read_deployment(path: Path) -> Deployment:
    """The deployment that a file describes. Raises BadInput."""
    file = TomlFile(path)
    file.only(file.document, TOP)
    live, recovery, rollout = (file.document.get(name) for name in ("live", "recovery", "rollout"))
    deployment = Deployment(
        name=cast(str, file.value(file.document, "name", str)),
        root=path.parent,
        hosts=cast(tuple[str, ...], file.value(file.document, "hosts", tuple[str, ...], default=())),
        promises=read_promises(file),
        disposable=cast(bool, file.value(file.document, "disposable", bool, default=False)),
        paths={
            "page": "/",
            **cast(Mapping[str, str], file.value(file.document, "paths", Mapping[str, str], default={})),
        },
        limits=file.record(file.document.get("limits", {}), Limits, table="limits"),
        zones=dict(_zones(file)),
        services=dict(_services(file)),
        artefacts=cast(Mapping[str, str], file.value(file.document, "artefacts", Mapping[str, str], default={})),
        generated=cast(Mapping[str, int], file.value(file.document, "generated", Mapping[str, int], default={})),
        live=None if live is None else file.record(live, Live, table="live"),
        recovery=None if recovery is None else file.record(recovery, Recovery, table="recovery"),
        rollout=None if rollout is None else file.record(rollout, Rollout, table="rollout"),
        workload=read_workload(file),
    )
    _is_whole(deployment, file)
    return deployment


def _services(file: TomlFile) -> Iterator[tuple[str, Service]]:
    found = file.value(file.document, "services", Table, default={})
    for role, table in cast(Table, found).items():
        yield role, file.record(table, Service, table=f"services.{role}", role=role)


def _zones(file: TomlFile) -> Iterator[tuple[str, Zone]]:
    found = file.value(file.document, "zones", Table, default={})
    for name, table in cast(Table, found).items():
        yield name, file.record(table, Zone, table=f"zones.{name}", name=name)


def read_artefacts(root: Path, *, waivers: Path | None = None) -> Deployment:
    """The folder, or the guide, as a deployment that promises what is generally asked of files. Raises BadInput.

    `waivers` is a file of nothing but [[waiver]] tables.
    """
    if not _there(root):
        raise BadInput(f"there is no {shown(str(root))}", hint="a folder of files, or a guide in Markdown")
    return Deployment(name=root.resolve().stem, root=root.resolve(), hosts=(), promises=general_promises(waivers))


def _of_runbooks(deployment: Deployment, file: TomlFile) -> list[tuple[str, str, str]]:
    """The artefacts that runbooks refer to. Raises for an act that no drill asks for."""
    recovery, rollout = deployment.recovery, deployment.rollout
    stated = {"recovery.runbook": recovery.runbook, "recovery.produces": recovery.produces} if recovery else {}
    stated |= {"rollout.runbook": rollout.runbook} if rollout else {}
    for table, acts in stated.items():
        known = RELEASING if table.startswith("rollout") else ACTS
        for act in acts:
            if act not in known:
                raise file.wrong(
                    f"unknown act{nearest(act, known)}", table=table, key=act, hint=f"known here: {', '.join(known)}"
                )
    named = [("rollout", "migrations", rollout.migrations)] if rollout else []
    return [*named, ("recovery", "environment", recovery.environment)] if recovery else named


def _is_whole(deployment: Deployment, file: TomlFile) -> None:
    """Raises when something the deployment refers to is missing, impossible, or when there is nothing to look at."""
    named = [("artefacts", key, path) for key, path in deployment.artefacts.items()]
    for role, service in deployment.services.items():
        named += [
            (f"services.{role}", "config", service.config),
            (f"services.{role}", "environment", service.environment),
        ]
        named += [(f"services.{role}", "files", path) for path in service.files if path not in deployment.generated]
    if deployment.live:
        named += [("live", key, str(getattr(deployment.live, key))) for key in ("ca", "ssh_key", "ssh_known_hosts")]
        named.append(("live.kubernetes", "kubeconfig", deployment.live.kubernetes.get("kubeconfig", "")))
    named += _of_runbooks(deployment, file)
    for table, key, path in named:
        if path and not _there(deployment.root / path):
            raise file.wrong(
                f"missing artefact: there is no {shown(path)}",
                table=table,
                key=key,
                hint=f"paths start at {deployment.root}",
            )
    for table, key, fact, hint in oddities(deployment):
        raise file.wrong(fact, table=table, key=key, hint=hint)
    if not deployment.live and not deployment.services:
        raise file.wrong("says neither where it runs nor what it is made of", hint='[live] url = "https://…"')
    if deployment.services and not deployment.hosts:
        raise file.wrong("missing: services need a name to be asked for", key="hosts", hint='hosts = ["example.com"]')
    if not deployment.promises:
        raise file.wrong(
            "promises nothing", hint='adopt a policy (policies = ["owasp-headers"]) or write a [[promise]]'
        )
    for role, key, fact, hint in troubles(deployment):
        raise file.wrong(fact, table=f"services.{role}", key=key, hint=hint)
