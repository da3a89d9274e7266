"""What one deployment's environment has to state, and how its secrets are made and delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, EnvironmentFiles, Node, Scripts, Variable
from plimsoll.observations.secrets import EMPTY, RECIPE
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.secrets_env.strength import FEWEST_DISTINCT

__all__ = ["environment_validated", "secrets_from_files", "secrets_made", "variables_stated"]

MADE = re.compile(r"(\d{1,4}) bytes (base64|hex)")
GIVES_UP = re.compile(r"\bexit\s+[1-9]|\bexit\s+\"?\$|\bset\s+-[a-z]*e|\$\{\w+:\?|\breturn\s+[1-9]")


def variables_stated(
    promise: Promise,
    environment: EnvironmentFiles,
    *,
    names: tuple[str, ...],
    files: str = "",
    values: Mapping[str, str] | None = None,
) -> Finding:
    """Every one of these variables is stated once in the deployment's environment files, and not left empty.

    `files` is a pattern for the names of the files meant; `values` are what some of them have to say.
    """
    stated = {name: [v for v in environment.of(files) if v.name == name] for name in (*names, *(values or {}))}
    meant = environment.files(files)
    holes = [
        Hole(
            spot=meant[0].spot(),
            what=f"{name} is stated nowhere in {', '.join(dict.fromkeys(source.name for source in meant))}",
            fix=f"{name}=… , or a gap that says where it comes from",
        )
        for name, found in stated.items()
        if meant and not found
    ]
    for name, found in stated.items():
        holes += [Hole(spot=v.spot, what=f"{name} is left empty", fix="a value") for v in found if v.kind == EMPTY]
        wanted = (values or {}).get(name)
        holes += [
            Hole(spot=v.spot, what=f"{name} is {v.value!r} and not {wanted!r}", fix=f"{name}={wanted}")
            for v in found
            if wanted is not None and v.kind != EMPTY and v.value != wanted
        ]
    return promise.judged(
        holes,
        looked=[f"{v.spot}: {name}" for name, found in stated.items() for v in found],
        expected=f"{len(stated)} variables: {', '.join(stated)}",
        nothing=f"no environment file {files or 'there is'} was read",
    )


def secrets_made(
    promise: Promise, environment: EnvironmentFiles, *, made: Mapping[str, str], files: str = ""
) -> Finding:
    """Each of these secrets is made of that many random bytes, in that form: `JWT_SECRET = "32 bytes base64"`."""
    holes: list[Hole] = []
    looked: list[str] = []
    for name, recipe in made.items():
        match = MADE.fullmatch(recipe)
        if match is None:
            return promise.unknown(f"{name}: cannot read {recipe!r}", hint='"32 bytes base64" or "32 bytes hex"')
        found = [variable for variable in environment.of(files) if variable.name == name]
        if not found and environment.sources:
            holes.append(Hole(spot=environment.sources[0].spot(), what=f"{name} is stated nowhere", fix=_recipe(match)))
        for variable in found:
            looked.append(f"{variable.spot}: {name}: {variable.length} characters")
            if why := _unlike(variable, int(match[1]), match[2]):
                holes.append(Hole(spot=variable.spot, what=f"{name} {why}", fix=_recipe(match)))
    return promise.judged(
        holes,
        looked=looked,
        expected="; ".join(f"{name}: {recipe}" for name, recipe in made.items()),
        nothing="no environment file was read",
    )


def _recipe(match: re.Match[str]) -> str:
    return f"<{match[1]} random bytes, {match[2]}>"


def _unlike(variable: Variable, size: int, form: str) -> str:
    """Why a value is not made of that many bytes in that form; "" if it is."""
    wanted = 2 * size if form == "hex" else 4 * ((size + 2) // 3)
    if variable.kind == RECIPE:
        said = "hex" if re.search(r"\bhex\b", variable.value) else "base64"
        if said != form:
            return f"is made in {said}, not in {form}"
    elif not variable.literal:
        return "does not say how it is made"
    elif form == "hex" and not re.fullmatch(r"[0-9a-fA-F]*", variable.value):
        return "is not in hex"
    elif variable.distinct < FEWEST_DISTINCT:
        return f"repeats {variable.distinct} characters"
    return f"has {variable.length} characters, {size} bytes make {wanted}" if variable.length < wanted else ""


def environment_validated(
    promise: Promise, scripts: Scripts, environment: EnvironmentFiles, *, script: str, files: str = ""
) -> Finding:
    """One script names every variable that the environment has to state, and fails when one is missing."""
    stated = list(dict.fromkeys(v.name for v in environment.of(files)))
    found = scripts.of(files=script)
    holes = []
    for source in found:
        words = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", re.sub(r"(?m)^\s*#.*$", "", source.text)))
        holes += [
            Hole(spot=source.spot(), what=f"{name} is not looked at", fix=f"add {name} to those that are checked")
            for name in stated
            if name not in words
        ]
        if not GIVES_UP.search(source.text):
            holes.append(Hole(spot=source.spot(), what="always ends with 0: nothing stops a deploy", fix="exit 1"))
    return promise.judged(
        holes,
        looked=[f"{source.spot()}: {source.name} looks at {len(stated)} variables" for source in found if stated],
        expected=f"{script} looks at every variable, and fails for those that are missing",
        nothing=f"there is no script {script}, or no variable",
    )


def secrets_from_files(
    promise: Promise, compose: ComposeFiles, *, secrets: tuple[str, ...], files: str = ""
) -> Finding:
    """Each of these secrets is a file that compose hands to a service, which is told by a variable where it lies."""
    holes: list[Hole] = []
    looked: list[str] = []
    services = list(services_of(compose, files=files))
    for name in secrets:
        users = [s for s in services if name in _granted(s.node["secrets"])]
        defined = [s.document.root["secrets"][name] for s in services if s.document.root["secrets"][name]]
        readers = [(s, spot) for s in users for spot in _told(s.node["environment"], name)]
        place = services[0].document.root.spot if services else None
        if place and not defined:
            holes.append(
                Hole(spot=place, what=f"no secret {name} is defined", fix=f"secrets: {{ {name}: {{ file: … }} }}")
            )
        elif place and not users:
            holes.append(Hole(spot=defined[0].spot, what=f"no service is handed {name}", fix=f"secrets: [{name}]"))
        elif place and not readers:
            what = f"{users[0].name} is handed {name}, and no variable says so"
            fix = f"…_FILE: /run/secrets/{name}"
            holes.append(Hole(spot=users[0].node["secrets"].spot, what=what, fix=fix, beside=(defined[0].spot,)))
        looked += [f"{node.spot}: {service.name}: {node.text}" for service, node in readers]
    return promise.judged(
        holes,
        looked=looked,
        expected=f"read from /run/secrets: {', '.join(secrets)}",
        nothing="no compose file for production is there",
    )


def _granted(node: Node) -> tuple[str, ...]:
    """The names of the secrets that a service is handed, in either syntax."""
    return (*node.texts, *(entry["source"].text for entry in node.items if entry.is_table))


def _told(environment: Node, secret: str) -> Iterator[Node]:
    """The variables that name the secret's file."""
    for value in environment:
        if value.text.endswith(f"/run/secrets/{secret}"):
            yield value
