"""That images agree with what they run in: the port that their variables say, the user that Kubernetes asks for."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Dockerfiles, EnvironmentFiles, Manifests, Node
from plimsoll.rules.agreement.addresses import agrees, exposed_by, listed, number

__all__ = ["environment_ports_agree", "numeric_users_for_kubernetes"]

PORT = "PORT"


def environment_ports_agree(promise: Promise, dockerfiles: Dockerfiles, environment: EnvironmentFiles) -> Finding:
    """PORT in the environment files beside a Dockerfile is a port that the image exposes."""
    looked, holes = list[str](), list[Hole]()
    for recipe in dockerfiles.meant():
        claims = tuple(exposed_by(recipe))
        folder = recipe.source.name.rpartition("/")[0]
        for variable in environment.of():
            port = number(variable.value.strip("\"'")) if variable.name == PORT else 0
            if not claims or not port or variable.source.name.rpartition("/")[0] != folder or recipe.source.fragment:
                continue
            looked.append(f"{variable.spot}: {port}")
            if not agrees(port, claims):
                what = f"the application is told to listen on port {port}, and {listed(claims)}"
                fix = f"PORT={claims[0].port}"
                holes.append(Hole(spot=variable.spot, what=what, fix=fix, beside=(claims[0].spot,)))
    return promise.judged(
        holes, looked=looked, expected="one port", nothing="no environment file beside a Dockerfile states PORT"
    )


def numeric_users_for_kubernetes(promise: Promise, dockerfiles: Dockerfiles, manifests: Manifests) -> Finding:
    """Where pods must not run as root and say no number, the image's user is a number: of a name nobody can tell."""
    recipes = [recipe for recipe in dockerfiles.meant() if recipe.whole]
    looked, holes = list[str](), list[Hole]()
    only = recipes[0] if len(recipes) == 1 else None  # of several nobody can tell which one a pod runs
    user = only.inherited(only.final, "USER") if only else None
    for asked in _unnumbered(manifests) if user else ():
        assert user is not None  # noqa: S101 - else there is nothing to ask about
        name = user.text.partition(":")[0]
        looked.append(f"{asked.spot}: runAsNonRoot, {user.spot}: USER {name}")
        if not name.isdigit():
            what = f"the image's user is {name}, and pods that must not run as root are refused unless it is a number"
            holes.append(Hole(spot=user.spot, what=what, fix="USER 1001:1001, or runAsUser", beside=(asked.spot,)))
            break
    return promise.judged(
        holes,
        looked=looked,
        expected="a numbered user",
        nothing="no pod of one image's asks for runAsNonRoot without a number",
    )


def _unnumbered(manifests: Manifests) -> Iterator[Node]:
    """Every runAsNonRoot of a pod that says no number, neither itself nor in a container of it."""
    for document in manifests.for_production().documents:
        for pod in (node for node in document.root.walk() if node["containers"]):
            for container in pod["containers"]:
                asked = container.at("securityContext.runAsNonRoot") or pod.at("securityContext.runAsNonRoot")
                said = container.at("securityContext.runAsUser") or pod.at("securityContext.runAsUser")
                if asked.value is True and not said:
                    yield asked
