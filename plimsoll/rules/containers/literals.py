"""Secrets that stand in compose files and Dockerfiles themselves. Their values are never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Dockerfiles, Node, Service
from plimsoll.observations.artefacts.compose import pairs
from plimsoll.rules.containers.services import services_of

__all__ = ["compose_holds_no_secret", "compose_runs_no_shell", "image_holds_no_secret"]

SECRET = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|(API|PRIVATE|ACCESS|ENCRYPTION|SIGNING|SECRET)_?KEY|SECRET_KEY_BASE)$",
    re.IGNORECASE,
)
PUBLIC = re.compile(r"PUBLIC|PUBLISHABLE|^VITE_", re.IGNORECASE)
INSIDE = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:(?P<password>[^\s@/]+)@", re.IGNORECASE)
"""A password in a URL (RFC 3986, 3.2.1)."""

DEFAULT = re.compile(r"\$\{\w+:?-(?P<default>[^}]+)\}")
REQUIREPASS = re.compile(r"--requirepass\s+[\"']?(?P<password>[^\s\"']+)")
HARMLESS = re.compile(r"^(true|false|yes|no|none|null|\d{1,6})?$|^<.*>$|^/", re.IGNORECASE)
"""What is no secret: switches, counts, blanks to fill in, paths of files that hold one."""

SUBSTITUTION = re.compile(r"(?<!\$)\$\(")
"""What a shell would run; `$$(` is passed on as `$(`, for a shell inside (compose specification, interpolation)."""

ELSEWHERE = "a variable, an env_file that is not committed, or `secrets:` with NAME_FILE"
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(\"[^\"]*\"|\S*)")


def compose_holds_no_secret(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """No password, key or token stands in a compose file; variables without a default and files may."""
    services = list(services_of(compose, files=files))
    return promise.judged(
        [hole for service in services for hole in _literals(service)],
        looked=[service.where for service in services],
        expected="secrets that come from elsewhere",
        nothing="no compose file runs a service for production",
    )


def compose_runs_no_shell(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """No variable of a compose file counts on a shell: what stands there is passed on as it is, or refused."""
    services = [service for service in services_of(compose, files=files) if service.node["environment"]]
    return promise.judged(
        [
            Hole(
                spot=value.spot,
                what=f"{name} of {service.name} counts on a shell, and none reads it: compose refuses `$(`",
                fix="pass the file's name (NAME_FILE), and let the program read it",
            )
            for service in services
            for name, value in pairs(service.node["environment"])
            if SUBSTITUTION.search(value.text)
        ],
        looked=[service.where for service in services],
        expected="values as they are meant",
        nothing="no compose file sets a variable",
    )


def image_holds_no_secret(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """No ENV or ARG of a Dockerfile carries a secret: both stay in the image's history."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    for recipe in recipes:
        given = [each for stage in recipe.stages for each in stage.named("ENV", "ARG")] + list(recipe.arguments)
        for each in given:
            name, _, value = each.text.partition(" ")
            spaced = each.name == "ENV" and "=" not in name
            found = [(name, value)] if spaced else ASSIGNMENT.findall(each.text) or [(each.text, "")]
            for key, said in found:
                empty = each.name == "ENV" and HARMLESS.match(said.strip('"'))
                if _is_secret(key) and not empty and not said.startswith("$"):
                    what = f"{each.name} {key} stays in the image's history, for whoever has the image"
                    fix = "RUN --mount=type=secret for builds, the environment for what runs"
                    holes.append(Hole(spot=each.spot, what=what, fix=fix))
    return promise.judged(
        holes,
        looked=[f"{recipe.source.spot(1)}" for recipe in recipes],
        expected="images without secrets",
        nothing="there is no Dockerfile",
    )


def _literals(service: Service) -> Iterator[Hole]:
    for name, value in pairs(service.node["environment"]):
        if value and (how := _literal(name, value)):
            what = f"{name} of {service.name} {how}: whoever reads the file has it"
            yield Hole(spot=value.spot, what=what, fix=ELSEWHERE)
    if (said := REQUIREPASS.search(service.command)) and "$" not in said["password"]:
        what = f"the password of {service.name} stands in its command: whoever reads the file, or `ps`, has it"
        yield Hole(spot=service.node["command"].spot, what=what, fix=ELSEWHERE)


def _literal(name: str, value: Node) -> str:
    """How a variable carries a secret; "" if it carries none."""
    text = value.text
    default = DEFAULT.search(text)
    if _is_secret(name):
        if default:
            return "has a default, which holds where nobody sets it" if not HARMLESS.match(default["default"]) else ""
        return "" if "$" in text or HARMLESS.match(text) else "stands there in plain"
    inside = INSIDE.search(text)
    if inside and "$" not in inside["password"] and not HARMLESS.match(inside["password"]):
        return "has a password in its URL"
    return ""


def _is_secret(name: str) -> bool:
    return bool(SECRET.search(name)) and not PUBLIC.search(name)
