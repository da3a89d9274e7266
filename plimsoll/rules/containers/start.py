"""In which order compose files start their services, and what these wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Dockerfile, Dockerfiles, Service
from plimsoll.rules.containers.services import DATA, services_of

__all__ = ["dependencies_awaited"]

HEALTHY = "service_healthy"
STARTED = ("", "service_started")


def dependencies_awaited(
    promise: Promise, compose: ComposeFiles, dockerfiles: Dockerfiles | None, *, files: str = ""
) -> Finding:
    """Who needs another service waits until that one is healthy, and that one has a health check to tell by."""
    recipes = {recipe.source.name: recipe for recipe in dockerfiles.recipes} if dockerfiles else {}
    services = [service for service in services_of(compose, files=files) if service.dependencies]
    found = [hole for service in services for hole in _holes(service, recipes)]
    return promise.judged(
        list({hole.spot: hole for hole in reversed(found)}.values())[::-1],  # many may share what one line says
        looked=[f"{service.node['depends_on'].spot}: {service.name}" for service in services],
        expected="services that wait until what they need is healthy",
        nothing="no service of a compose file depends on another",
    )


def _holes(service: Service, recipes: Mapping[str, Dockerfile]) -> Iterator[Hole]:
    stated = service.document.root["services"]
    needed = [
        (each, Service(each.name, stated[each.name], service.document))
        for each in service.dependencies
        if stated[each.name]
    ]
    early = [each for each, other in needed if each.condition in STARTED and (_checked(other) or other.program in DATA)]
    if early:
        names = " and ".join(each.name for each in early)
        yield Hole(
            spot=early[0].spot,
            what=f"{service.name} waits only until {names} {'are' if len(early) > 1 else 'is'} started: "
            "it may find them not ready yet",
            fix=f"depends_on: {{ {early[0].name}: {{ condition: {HEALTHY} }} }}",
        )
    for each, other in needed:
        if each.condition == HEALTHY and _unchecked(other, recipes):
            yield Hole(
                spot=each.spot,
                what=f"{service.name} waits until {each.name} is healthy, and {each.name} has no health check: "
                "compose refuses to start it",
                fix=f"healthcheck: for {each.name}",
                beside=(other.node.spot,),
            )


def _checked(service: Service) -> bool:
    check = service.node["healthcheck"]
    return bool(check) and check["disable"].value is not True and check["test"].texts[:1] != ("NONE",)


def _unchecked(service: Service, recipes: Mapping[str, Dockerfile]) -> bool:
    """Whether nobody checks the service; images of databases bring no check, others may."""
    if service.node["healthcheck"]:
        return not _checked(service)
    if service.recipe:
        recipe = recipes.get(service.recipe)
        return recipe is not None and recipe.inherited(recipe.final, "HEALTHCHECK") is None
    return service.program in DATA and service.whole
