"""Reads promises: of a deployment's file, of those beside it, and of the policies it adopts; and their waivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

from plimsoll.model import Promise, Spot, Waiver
from plimsoll.places import line_of
from plimsoll.rules import RULES
from plimsoll.shape import nearest
from plimsoll.tables import Table, TomlFile

HOME = Path(__file__).parents[1]
POLICIES = HOME / "policies"
GENERAL = "artefacts"
"""The policy of what is generally asked of files."""

AREAS = (
    "endpoints",
    "tls",
    "headers",
    "edge",
    "firewall",
    "auth",
    "containers",
    "kubernetes",
    "secrets-env",
    "supply-chain",
    "database",
    "cache",
    "backup",
    "recovery",
    "cloud",
    "observability",
    "operations",
    "resilience",
    "rollout",
    "slo",
    "capacity",
    "agreement",
    "artefacts",
)
"""The areas that suites judge today; a promise in any other would never be looked at."""

NEEDS: Mapping[str, str] = {
    "cdn": "needs the CDN in front of the origin",
    "cluster": "needs a Kubernetes cluster",
    "cloud": "needs the cloud account that it runs in",
    "staging": "needs the staging environment",
    "records": "needs the records of those who run it",
}
"""What a promise may need that a stack may lack, and how to say so."""

PROMISE = ("id", "rule", "area", "title", "source", "needs")


def read_promises(file: TomlFile) -> tuple[Promise, ...]:
    """The promises of the file, of the files beside it and of the policies it adopts, with their waivers."""
    beside = [TomlFile(path) for path in sorted((file.path.parent / "promises").glob("*.toml"))]
    for each in beside:
        each.only(each.document, ("promise",))
    adopted = list(_policies(file))
    promises: dict[str, tuple[Promise, str]] = {}
    for each in (file, *beside, *adopted):
        area = each.path.stem if each in beside else ""
        if each in adopted and each.path.parent != POLICIES:
            area = each.path.stem  # a policy of several files has one for each area
        for number, table in enumerate(_tables(each, "promise")):
            place = f"promise[{number}]"
            promise = _promise(each, table, place, area=area, general=each in adopted)
            if promise.id in promises:
                raise each.wrong(
                    f"{promise.id} is declared twice, first in {promises[promise.id][1]}", table=place, key="id"
                )
            promises[promise.id] = (promise, each.shown)
    return _waived(file, [promise for promise, _ in promises.values()])


def policy_promises() -> Mapping[str, tuple[Promise, ...]]:
    """The promises of every policy, by its name."""
    return {
        name: tuple(
            _promise(file, table, f"promise[{number}]", area="", general=True)
            for file in map(TomlFile, files)
            for number, table in enumerate(_tables(file, "promise"))
        )
        for name, files in sorted(policies().items())
    }


def general_promises(waivers: Path | None = None) -> tuple[Promise, ...]:
    """What is asked of files that no deployment.toml describes; `waivers` is a file of [[waiver]] tables."""
    promises = [
        _promise(file, table, f"promise[{number}]", area=file.path.stem, general=True)
        for file in map(TomlFile, policies()[GENERAL])
        for number, table in enumerate(_tables(file, "promise"))
    ]
    if waivers is None:
        return tuple(promises)
    file = TomlFile(waivers)
    file.only(file.document, ("waiver",))
    return _waived(file, promises)


def _promise(file: TomlFile, table: Table, place: str, *, area: str, general: bool) -> Promise:
    """One promise, its parameters checked against the signature of its rule."""
    name = cast(str, file.value(table, "id", str, table=place))
    if not name.strip():
        raise file.wrong("a promise needs a name of its own", table=place, key="id", hint='id = "SHOP-HTTP2"')
    rule_name = cast(str, file.value(table, "rule", str, table=place))
    rule = RULES.get(rule_name)
    if rule is None:
        raise file.wrong(
            f"unknown rule {rule_name!r}{nearest(rule_name, RULES)}",
            table=place,
            key="rule",
            hint="python -m plimsoll rules lists them",
        )
    area = cast(str, file.value(table, "area", str, table=place, default=area or rule.area))
    if area not in AREAS:
        raise file.wrong(
            f"no suite judges the area {area!r}{nearest(area, AREAS)}", table=place, key="area", hint=", ".join(AREAS)
        )
    needs = cast(tuple[str, ...], file.value(table, "needs", tuple[str, ...], table=place, default=()))
    for need in needs:
        if need not in NEEDS:
            raise file.wrong(
                f"unknown need {need!r}{nearest(need, NEEDS)}", table=place, key="needs", hint=", ".join(NEEDS)
            )
    own = {key: value for key, value in table.items() if key not in PROMISE}
    file.only(own, [*rule.parameters, *PROMISE], table=place)
    return Promise(
        id=name,
        rule=rule_name,
        area=area,
        title=cast(str, file.value(table, "title", str, table=place, default=rule.says)),
        source=cast(str, file.value(table, "source", str, table=place, default=file.shown)),
        parameters=file.values(own, rule.parameters, required=rule.required, table=place),
        needs=needs,
        general=general,
    )


def _policies(file: TomlFile) -> Iterator[TomlFile]:
    known = policies()
    for name in cast(tuple[str, ...], file.value(file.document, "policies", tuple[str, ...], default=())):
        if name not in known:
            raise file.wrong(
                f"no policy {name!r}{nearest(name, known)}",
                key="policies",
                hint=f"there are: {', '.join(sorted(known)) or 'none'}",
            )
        for path in known[name]:
            policy = TomlFile(path)
            policy.only(policy.document, ("name", "dated", "source", "promise"))
            yield policy


def policies() -> Mapping[str, tuple[Path, ...]]:
    """The files of each policy by its name: one, or a folder's, with one for each area."""
    files = {path.stem: (path,) for path in POLICIES.glob("*.toml")}
    folders = {path.parent.name: tuple(sorted(path.parent.glob("*.toml"))) for path in POLICIES.glob("*/*.toml")}
    return {**files, **folders}


def _waived(file: TomlFile, promises: Sequence[Promise]) -> tuple[Promise, ...]:
    """The promises with the waivers that a file has of them."""
    waivers, known = dict(_waivers(file)), [promise.id for promise in promises]
    for number, name in enumerate(waivers):
        if name not in known:
            raise file.wrong(f"no promise {name!r}{nearest(name, known)}", table=f"waiver[{number}]", key="promise")
    return tuple(replace(promise, waiver=waivers.get(promise.id)) for promise in promises)


def _waivers(file: TomlFile) -> Iterator[tuple[str, Waiver]]:
    shapes = {"promise": str, "reason": str, "owner": str, "expires": date}
    seen: set[str] = set()
    for number, table in enumerate(_tables(file, "waiver")):
        values = file.values(table, shapes, required=shapes, table=f"waiver[{number}]")
        name = cast(str, values.pop("promise"))
        if name in seen:
            raise file.wrong(f"{name} is waived twice", table=f"waiver[{number}]", key="promise")
        seen.add(name)
        spot = Spot(file.path.name, line_of(file.text, f"waiver[{number}]", "expires"))
        yield name, Waiver(**values, spot=spot)  # type: ignore[arg-type] # just checked


def _tables(file: TomlFile, key: str) -> tuple[Table, ...]:
    """The tables of one list; their keys are checked by whoever reads them."""
    return cast(tuple[Table, ...], file.value(file.document, key, tuple[Table, ...], default=()))
