"""That names which files use are names which other files state, and that files which are named can be made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import (
    ComposeFiles,
    EnvironmentFiles,
    Manifests,
    Programs,
    Purpose,
    Scripts,
    SettingsFiles,
    SourceFile,
    Workflows,
)
from plimsoll.rules.agreement.places import environment_of, project_of, variables_of
from plimsoll.rules.containers.services import services_of

__all__ = [
    "compose_names_provided",
    "environment_files_made",
    "program_names_provided",
    "script_names_provided",
]

INTERPOLATED = re.compile(r"(?<!\$)\$(?:\{(?P<name>\w+)(?P<rest>[^}]*)\}|(?P<bare>[A-Za-z_]\w*))")
READ = re.compile(
    r"(?:process\.env\.(?P<dot>[A-Z][A-Z0-9_]*)|process\.env\[['\"](?P<key>[A-Z][A-Z0-9_]*)['\"]\]"
    r"|import\.meta\.env\.(?P<meta>[A-Z][A-Z0-9_]*)|os\.environ\[['\"](?P<item>[A-Z][A-Z0-9_]*)['\"]\])(?P<rest>\s*(?:\|\||\?\?|=(?!=)))?"
)
SHELL = re.compile(r"(?<![\\$])\$(?:\{(?P<name>[A-Z][A-Z0-9_]*)\}|(?P<bare>[A-Z][A-Z0-9_]*))")
DEFAULTED = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::?[-=?+])")
ASSIGNED = re.compile(
    r"(?:^|[;&|\s(])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?(?P<name>[A-Z][A-Z0-9_]*)\+?="
)
TAKEN = re.compile(r"\b(?:read(?:\s+-\w+)*|for|getopts\s+\S+|select)\s+(?P<names>[A-Z][A-Z0-9_ ]*)")
SOURCED = re.compile(r"^\s*(?:source|\.)\s+\S+|\benv_file\b|--env-file", re.MULTILINE)
GIVEN = frozenset(
    re.findall(
        r"\w+",
        """BASH BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_VERSION CI COMPOSE_PROJECT_NAME DBUS_SESSION_BUS_ADDRESS
        DISPLAY EDITOR EUID FUNCNAME GITHUB_ACTIONS GITHUB_ENV GITHUB_OUTPUT GITHUB_REF GITHUB_REF_NAME
        GITHUB_REPOSITORY GITHUB_RUN_ID GITHUB_SHA GITHUB_STEP_SUMMARY GITHUB_TOKEN GITHUB_WORKSPACE HOME
        HOSTNAME IFS LANG LC_ALL LINENO LOGNAME MAINPID NODE_ENV OLDPWD OPTARG OPTIND OSTYPE PATH PIPESTATUS
        PORT PPID PS1 PUBLIC_URL PWD RANDOM RENEWED_DOMAINS RENEWED_LINEAGE REPLY RUNNER_TEMP SECONDS SHELL
        SHLVL SUDO_USER TERM TMPDIR TZ UID USER XDG_CONFIG_HOME XDG_RUNTIME_DIR""",
    )
)
"""What shells, schedulers and CI give every process."""


class Stated(NamedTuple):
    """What the environment files of one project state, and where the first of them begins."""

    names: frozenset[str]
    spot: Spot


def compose_names_provided(promise: Promise, compose: ComposeFiles, environment: EnvironmentFiles) -> Finding:
    """Every variable that a compose file takes from outside is stated by an environment file or an example of one.

    One with a default (`${TAG:-1.0.0}`) needs none, and one that must be there (`${PASSWORD:?}`) says so by itself.
    """
    stated = _stated(environment, compose)
    used: dict[tuple[str, str], list[Spot]] = {}
    for document in compose.for_production().documents:
        project = project_of(document.source.name, compose)
        for node in document.root.walk():
            for found in INTERPOLATED.finditer(node.text):
                if not (found["rest"] or ""):
                    used.setdefault((project, found["name"] or found["bare"]), []).append(node.spot)
    return promise.judged(
        _missing(used, stated, who="compose"),
        looked=[f"{spots[0]}: {name}" for (project, name), spots in used.items() if project in stated],
        expected="names that an environment file states",
        nothing="no compose file takes variables from outside, or no environment file is there",
    )


def program_names_provided(
    promise: Promise,
    programs: Programs,
    environment: EnvironmentFiles,
    compose: ComposeFiles | None,
    manifests: Manifests | None,
) -> Finding:
    """Every variable that a program reads without a default is stated for it: by a file, by compose, by a manifest."""
    stated, given = _stated(environment, compose), _given(compose, manifests)
    used: dict[tuple[str, str], list[Spot]] = {}
    for source in programs.sources:
        given |= set(re.findall(r"\b([A-Z][A-Z0-9_]*)\s*:", source.text)) if source.kind == "pm2" else set()
    for source in (s for s in programs.sources if s.purpose in (Purpose.PRODUCTION, Purpose.STAGING)):
        project = project_of(source.name, compose)
        text = re.sub(r"(?m)^\s*(//|#).*$", "", source.text)
        for found in READ.finditer(text):
            name = found["dot"] or found["key"] or found["meta"] or found["item"]
            if not found["rest"] and name not in given:
                used.setdefault((project, name), []).append(_line(source, text, found.start()))
    return promise.judged(
        _missing(used, stated, who="the program"),
        looked=[f"{spots[0]}: {name}" for (project, name), spots in used.items() if project in stated],
        expected="names that are stated for the program",
        nothing="no program reads variables, or no environment file is there",
    )


def script_names_provided(
    promise: Promise,
    scripts: Scripts,
    environment: EnvironmentFiles,
    compose: ComposeFiles | None,
    manifests: Manifests | None,
    workflows: Workflows | None,
    settings: SettingsFiles | None,
) -> Finding:
    """Every variable that a script uses is set by it, has a default, or is stated by a file that says so.

    Scripts that source a file are taken to find the rest there, and what any script sets may be meant for another.
    """
    stated, given = _stated(environment, compose), _given(compose, manifests)
    given |= {found["name"] for s in scripts.sources if not s.fragment for found in ASSIGNED.finditer(s.text)}
    others = [*(workflows.sources if workflows else ()), *(settings.sources if settings else ())]
    used: dict[tuple[str, str], list[Spot]] = {}
    for source in scripts.sources:
        project = project_of(source.name, compose)
        text = re.sub(r"(?m)(^|\s)#.*$", r"\1", re.sub(r"'[^'\n]*'", "''", source.text))
        if source.purpose not in (Purpose.PRODUCTION, Purpose.STAGING) or SOURCED.search(text):
            continue
        own = {found["name"] for found in (*ASSIGNED.finditer(text), *DEFAULTED.finditer(text))}
        own |= {name for found in TAKEN.finditer(text) for name in found["names"].split()}
        for found in SHELL.finditer(text):
            name = found["name"] or found["bare"]
            known = name in own | given or any(re.search(rf"\b{name}\b\s*[=:]", each.text) for each in others)
            if not known:
                used.setdefault((project, name), []).append(_line(source, text, found.start()))
    return promise.judged(
        _missing(used, stated, who="the script"),
        looked=[f"{spots[0]}: {name}" for (project, name), spots in used.items() if project in stated],
        expected="names that are set, defaulted, or stated by a file",
        nothing="no script takes variables from outside, or no environment file is there",
    )


def environment_files_made(
    promise: Promise, compose: ComposeFiles, environment: EnvironmentFiles, *, file: str = "", example: str = ""
) -> Finding:
    """Every environment file that compose hands to services is there, or has an example that it is made from.

    With `file` and `example`, services are handed that file, and it is made from that example.
    """
    known = {source.name: source for source in environment.sources}
    examples = [s for s in known.values() if s.purpose is Purpose.EXAMPLE or s.fragment]
    named: list[tuple[str, str, Spot]] = []
    for service in services_of(compose):
        for node in (service.node["env_file"], *service.node["env_file"].items):
            path = node["path"].text or node.text
            if path:
                named.append((service.name, path, node.spot))
    holes = [
        Hole(
            spot=spot,
            what=f"{name} is handed {path}, which is not there, and no example says what it has to state",
            fix=f"an example beside it: {path}.example",
        )
        for name, path, spot in named
        if not examples and not any(each.endswith(path.lstrip("./")) for each in known)
    ]
    if file and example:
        template = known.get(example)
        if template is None or not any(v.source is template for v in environment.variables):
            holes += [
                Hole(spot=s, what=f"there is no {example} to make {file} from", fix=example) for _, _, s in named[:1]
            ]
        elif not any(path.endswith(file) for _, path, _ in named):
            what = f"no service is handed {file}, which is made from {example}"
            where = named[0][2] if named else compose.documents[0].root.spot
            holes.append(Hole(spot=where, what=what, fix=f"env_file: [{file}]", beside=(template.spot(),)))
    return promise.judged(
        holes,
        looked=[f"{spot}: {name}: {path}" for name, path, spot in named],
        expected="environment files that are there, or can be made from an example",
        nothing="no compose file hands an environment file to a service",
    )


def _stated(environment: EnvironmentFiles, compose: ComposeFiles | None) -> Mapping[str, Stated]:
    """By compose project, the names that environment files state (not those for development and tests)."""
    told: dict[str, Stated] = {}
    for source in environment.sources:
        if source.purpose not in (Purpose.DEVELOPMENT, Purpose.TEST):
            names = {variable.name for variable in environment.variables if variable.source is source}
            project = project_of(source.name, compose)
            before = told.get(project, Stated(frozenset(), source.spot()))
            told[project] = Stated(before.names | names | {name.removesuffix("_FILE") for name in names}, before.spot)
    return told


def _given(compose: ComposeFiles | None, manifests: Manifests | None) -> set[str]:
    names = {name for s in (services_of(compose) if compose else ()) for name, _, _ in environment_of(s)}
    names |= {name for name, _, _ in variables_of(manifests)}
    for document in manifests.documents if manifests else ():
        for node in document.root.walk():
            names |= {node["secretKey"].text, node["key"].text} - {""}
    return names | {name.removesuffix("_FILE") for name in names}


def _missing(used: Mapping[tuple[str, str], list[Spot]], stated: Mapping[str, Stated], *, who: str) -> list[Hole]:
    """What is used in a project and stated by none of its files; of a project without such files nobody can tell."""
    return [
        Hole(
            spot=spots[0],
            what=f"{who} uses {name}, which no file states",
            fix=f"state {name} beside the others, or give it a default",
            beside=(stated[project].spot, *spots[1:3]),
        )
        for (project, name), spots in used.items()
        if project in stated and name not in stated[project].names and name not in GIVEN
    ]


def _line(source: SourceFile, text: str, offset: int) -> Spot:
    return source.spot(text.count("\n", 0, offset) + 1)
