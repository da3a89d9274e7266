"""Health checks as compose files and Dockerfiles state them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Dockerfile, Dockerfiles, Node, Service
from plimsoll.rules.containers.services import chosen, seconds, services_of

__all__ = ["health_checked", "health_checks_can_fail", "image_health_checked"]

SWALLOWED = re.compile(r"\|\|\s*(true|:|echo\b|exit\s+0)|;\s*(true|exit\s+0)\s*$")
"""What makes a failed command look like one that went well."""

SILENT_CURL = re.compile(r"\bcurl\b(?!.*(\s-[a-zA-Z]*f|\s--fail))")
"""curl without --fail: an answer of 500 is a success to it (curl(1))."""

PING = re.compile(r"\bredis-cli\b.*\bping\b", re.IGNORECASE)
HEARD = re.compile(r"grep|PONG|\s-e\b|\s-a\b|--pass\b|REDISCLI_AUTH")
"""What makes the answer count: told NOAUTH, redis-cli still exits with 0 unless -e is given (redis-cli(1))."""


def health_checks_can_fail(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """Every health check of a compose file fails when what it asks does."""
    checked = [service for service in services_of(compose, files=files) if service.node["healthcheck"]]
    return promise.judged(
        [hole for service in checked for hole in _holes(service, service.node.at("healthcheck.test"))],
        looked=[f"{service.node.at('healthcheck.test').spot}: {service.name}" for service in checked],
        expected="health checks that fail when what they ask does",
        nothing="no compose file states a health check",
    )


def health_checked(
    promise: Promise,
    compose: ComposeFiles,
    *,
    services: tuple[str, ...],
    asks: str,
    interval: float,
    timeout: float,
    retries: int,
    files: str = "",
) -> Finding:
    """These services have a health check that asks with this program, as often and as patiently as promised."""
    found, holes = chosen(compose, services, files=files)
    wanted = {"interval": interval, "timeout": timeout}
    for service in found:
        check = service.node["healthcheck"]
        if not check or check["disable"].value is True:
            holes.append(_lacks(service, asks))
            continue
        if asks not in " ".join(check["test"].texts):
            holes.append(
                Hole(
                    spot=check["test"].spot,
                    what=f"the health check of {service.name} does not ask with {asks}",
                    fix=f"test: [CMD, {asks}, …]",
                )
            )
        said = {name: check[name].text for name in wanted} | {"retries": check["retries"].text}
        spots = {name: check[name].spot for name in said}
        holes += _figures(f"the health check of {service.name}", said, spots, wanted, retries)
    return promise.judged(
        holes,
        looked=[f"{service.node['healthcheck'].spot}: {service.name}" for service in found],
        expected=f"{', '.join(services)} asked by {asks} every {interval:g} s, for {timeout:g} s, {retries} times",
    )


def image_health_checked(
    promise: Promise,
    dockerfiles: Dockerfiles,
    *,
    asks: str,
    interval: float,
    timeout: float,
    start_period: float,
    retries: int,
    files: str = "",
) -> Finding:
    """The image has a health check that asks for this, as often and as patiently as promised."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    wanted = {"interval": interval, "timeout": timeout, "start_period": start_period}
    for recipe in recipes:
        check = recipe.inherited(recipe.final, "HEALTHCHECK")
        if check is None or check.text.upper() == "NONE":
            holes.append(Hole(spot=_end(recipe), what="the image has no health check", fix="HEALTHCHECK CMD …"))
            continue
        if asks not in " ".join(check.words):
            holes.append(Hole(spot=check.spot, what=f"the image's health check does not ask for {asks}", fix=asks))
        said = {name: check.flag(name.replace("_", "-")) for name in wanted} | {"retries": check.flag("retries")}
        spots = dict.fromkeys(said, check.spot)
        holes += _figures("the image's health check", said, spots, wanted, retries)
    return promise.judged(
        holes,
        looked=[f"{recipe.source.spot(1)}" for recipe in recipes],
        expected=f"{asks} asked every {interval:g} s, for {timeout:g} s, after {start_period:g} s, {retries} times",
    )


def _figures(
    what: str, said: dict[str, str], spots: dict[str, Spot], wanted: dict[str, float], retries: int
) -> Iterator[Hole]:
    for name, figure in wanted.items():
        if (given := seconds(said[name])) != figure:
            yield Hole(
                spot=spots[name],
                what=f"{what} has {name.replace('_', ' ')} {said[name] or 'unsaid'}, not {figure:g} s",
                fix=f"{name.replace('_', '-')}={figure:g}s" if given is None else f"{figure:g}s",
            )
    if said["retries"] != str(retries):
        yield Hole(
            spot=spots["retries"],
            what=f"{what} has retries {said['retries'] or 'unsaid'}, not {retries}",
            fix=f"{retries}",
        )


def _lacks(service: Service, asks: str) -> Hole:
    return Hole(spot=service.node.spot, what=f"{service.name} has no health check", fix=f"healthcheck that runs {asks}")


def _end(recipe: Dockerfile) -> Spot:
    return recipe.final.instructions[-1].spot if recipe.final.instructions else recipe.final.spot


def _holes(service: Service, test: Node) -> Iterator[Hole]:
    command = " ".join(test.texts)
    if swallowed := SWALLOWED.search(command):
        yield Hole(
            spot=test.spot,
            what=f"the health check of {service.name} cannot fail: {swallowed[0]!r} swallows it",
            fix=f"end with `|| exit 1`, not with {swallowed[0]!r}",
        )
    elif SILENT_CURL.search(command):
        yield Hole(
            spot=test.spot,
            what=f"the health check of {service.name} takes an answer of 500 for success: curl without --fail",
            fix="curl --fail",
        )
    elif "--requirepass" in service.command and PING.search(command) and not HEARD.search(command):
        yield Hole(
            spot=test.spot,
            what=f"the health check of {service.name} cannot fail: a ping without the password is answered NOAUTH, "
            "and redis-cli still exits with 0",
            fix="give the password (REDISCLI_AUTH) and end with `| grep -q PONG`",
            beside=(service.node["command"].spot,),
        )
