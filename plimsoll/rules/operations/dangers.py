"""Commands that do more harm than they say, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of

__all__ = ["deletions_bounded", "downloads_not_run", "passwords_off_command_lines", "volumes_not_pruned"]

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "python", "python3", "perl", "node"})
FETCHERS = frozenset({"curl", "wget"})
NOUNSET = re.compile(r"^\s*set\s+-\w*u|nounset|^#!.*\s-\w*u", re.MULTILINE)
NO_SCRIPT = "no shell script is among the files"


def _calls(scripts: ShellScripts, files: str) -> Iterator[tuple[Script, Call]]:
    return ((script, call) for script in scripts.of(files) for call in calls_of(script))


def deletions_bounded(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """What `rm -r` deletes never depends on a variable that may be empty or hold a space."""
    found = [(s, c) for s, c in _calls(scripts, files) if c.program == "rm" and c.has("-r", "-R", "--recursive")]
    return promise.judged(
        [hole for script, call in found for hole in _unbounded(script, call)],
        looked=[f"{call.spot}: {call.command.text}" for _, call in found],
        expected="rm -r on what is certain",
        nothing="no script deletes folders",
    )


def _unbounded(script: Script, call: Call) -> Iterator[Hole]:
    guarded = NOUNSET.search(script.source.text)
    for word in call.command.words[1:]:
        unknown = re.match(r"\$\{?(\w+)\}?(/.*)?$", word.value)
        name = unknown[1] if unknown else ""
        if unknown and unknown[2] and name in word.bare and not guarded and not _asked(script, name):
            what = f"where {name} is empty, this is rm -r {unknown[2]}"
            yield Hole(spot=call.spot, what=what, fix=f'"${{{name}:?}}{unknown[2]}"')
            return
        if word.loose and (unknown or " " in word.value):
            yield Hole(
                spot=call.spot,
                what=f"{word.text} is not quoted: a space in it makes two folders of one",
                fix=f'rm -r -- "{word.text}"',
            )
            return


def _asked(script: Script, name: str) -> bool:
    return bool(re.search(rf"\[\s+-[nzd]\s+\"?\$\{{?{name}\b", script.source.text))


def passwords_off_command_lines(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """No script gives a password as an argument: every user of the machine can list those (ps(1))."""
    found = list(_calls(scripts, files))
    holes = []
    for _, call in found:
        given = _password(call)
        if given:
            holes.append(
                Hole(
                    spot=call.spot,
                    what=f"{call.program} is given its password as an argument ({given}): ps shows it to everybody",
                    fix=HIDDEN.get(call.program, "read it from a file that only its user may read"),
                )
            )
    return promise.judged(
        holes,
        looked=[f"{s.source.spot(1)}: {s.name}, {len(s.commands)} commands" for s in scripts.of(files)],
        expected="no password among arguments",
        nothing=NO_SCRIPT,
    )


HIDDEN = {
    "redis-cli": "REDISCLI_AUTH in the environment (redis-cli(1), -a)",
    "mysql": "--defaults-extra-file=… or a login path",
    "mysqldump": "--defaults-extra-file=… or a login path",
    "psql": "~/.pgpass, or PGPASSFILE",
    "pg_dump": "~/.pgpass, or PGPASSFILE",
    "docker": "--password-stdin",
    "curl": "--netrc-file …, or --config -",
}


def _password(call: Call) -> str:
    match call.program:
        case "redis-cli":
            return "-a" if call.value_of("-a", "--pass") else ""
        case "mysql" | "mysqldump" | "mysqladmin":
            return next((a[:2] for a in call.arguments if re.match(r"-p.+|--password=.", a)), "")
        case "psql" | "pg_dump" | "pg_restore":
            return "a URL" if any(re.search(r"://[^:/\s]+:[^@/\s]+@", a) for a in call.arguments) else ""
        case "docker":
            return "-p" if call.arguments[:1] == ("login",) and call.value_of("-p", "--password") else ""
        case "curl":
            return "-u" if ":" in call.value_of("-u", "--user") else ""
    return ""


def downloads_not_run(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """Nothing that comes from the network is run before anybody has seen it."""
    found = [(s, c) for s, c in _calls(scripts, files) if c.program in FETCHERS]
    holes = []
    for script, call in found:
        same = [c for c in calls_of(script) if c.command.pipe and c.command.pipe == call.command.pipe]
        runner = next((c for c in same if c.number > call.number and c.program in SHELLS), None)
        if runner:
            holes.append(
                Hole(
                    spot=call.spot,
                    what=f"{runner.command.text!r} runs whatever {call.program} gets, even half of it",
                    fix="download to a file, compare its checksum, then run it; or install a signed package",
                )
            )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in found],
        expected="downloads that are checked before they run",
        nothing="no script downloads anything",
    )


def volumes_not_pruned(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """No script removes volumes wholesale: whatever no container uses at that moment is gone, databases included."""
    found = [(s, c) for s, c in _calls(scripts, files) if c.program in ("docker", "docker-compose", "podman")]
    return promise.judged(
        [
            Hole(
                spot=call.spot,
                what=f"{call.command.text!r} takes data with it: volumes of whatever does not run just then",
                fix="docker image prune --all --force --filter until=168h",
            )
            for _, call in found
            if _prunes(call)
        ],
        looked=[f"{call.spot}: {call.command.text}" for _, call in found],
        expected="no volume removed with the rest",
        nothing="no script speaks to an engine",
    )


def _prunes(call: Call) -> bool:
    words = call.arguments
    if words[:2] == ("system", "prune"):
        return "--volumes" in words
    if words[:2] == ("volume", "prune"):
        return True
    return "down" in words and ("-v" in words or "--volumes" in words)
