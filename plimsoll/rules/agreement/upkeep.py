"""That scripts, compose files and log rotation speak of the same services, databases and logs."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, LogrotateFiles, Node, Schedules, ShellScripts
from plimsoll.rules.backup.retention import prunings
from plimsoll.rules.containers.services import Service, services_of
from plimsoll.rules.operations.programs import Call, calls_of, dumps, restores, uploads

__all__ = [
    "containers_named_exist",
    "databases_named_exist",
    "log_retention_agrees",
    "restores_find_their_database",
    "volumes_backed_up",
    "written_logs_rotated",
]

CLIENTS = frozenset({"pg_dump", "psql", "pg_restore", "createdb", "dropdb", "pg_isready"})
SYSTEM = re.compile(r"postgres$|template[01]$|.*(test|scratch|restor|before|tmp|verify)", re.IGNORECASE)
DATABASE = re.compile(r"(^|/)(postgres|postgis|timescaledb|mysql|mariadb|mongo)\b")
PRECIOUS = re.compile(r"upload|media|attachment|storage|document|/files?\b|avatar", re.IGNORECASE)
ENGINE_VERBS = frozenset({"exec", "logs", "stop", "start", "restart", "kill", "inspect", "rm", "cp", "pause"})
COMPOSE_VERBS = frozenset({"exec", "run", "stop", "start", "restart", "logs", "kill", "up"})
APPENDED = re.compile(r">>\s*(/(?!dev/)\S+)")


def _unknown(text: str) -> bool:
    return not text or "$" in text or "*" in text


def databases_named_exist(promise: Promise, scripts: ShellScripts, compose: ComposeFiles) -> Finding:
    """Scripts name the database and the user that the compose file creates."""
    made = {key: _set_by(compose, f"POSTGRES_{key}") for key in ("DB", "USER")}
    holes, looked = [], []
    for script in scripts.of():
        for call in calls_of(script):
            if call.program not in CLIENTS:
                continue
            for key, noun, options in (("DB", "database", ("-d", "--dbname")), ("USER", "user", ("-U", "--username"))):
                named = call.value_of(*options) or (_first_plain(call) if key == "DB" else "")
                if _unknown(named) or SYSTEM.match(named) or "://" in named or "=" in named or not made[key]:
                    continue
                looked.append(f"{call.spot}: {noun} {named}")
                if named not in made[key]:
                    there = ", ".join(made[key])
                    what = f"{call.program} asks for the {noun} {named}, and compose creates {there}"
                    beside = tuple(made[key].values())
                    holes.append(Hole(spot=call.spot, what=what, fix="one name, set in one place", beside=beside))
    nothing = "no script names a database that a compose file creates"
    return promise.judged(holes, looked=looked, expected="one name for one database", nothing=nothing)


def _first_plain(call: Call) -> str:
    """The database that a program is told as its last word, where it stands alone."""
    if call.program in ("dropdb", "createdb") and call.arguments and not call.arguments[-1].startswith("-"):
        return call.arguments[-1]
    return ""


def _set_by(compose: ComposeFiles, variable: str) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for service in services_of(compose):
        environment = service.node["environment"]
        value = environment[variable]
        texts = [(value.text, value.spot)] if value else []
        texts += [
            (text.partition("=")[2], environment.spot) for text in environment.texts if text.startswith(f"{variable}=")
        ]
        found |= {text: spot for text, spot in texts if not _unknown(text)}
    return found


def volumes_backed_up(promise: Promise, compose: ComposeFiles, scripts: ShellScripts) -> Finding:
    """What users hand in, and every database, is part of some backup."""
    calls = [call for script in scripts.of() for call in calls_of(script)]
    packed = [
        argument
        for call in calls
        if (call.program in ("tar", "rsync", "restic", "cp", "zip") and not call.has("--extract")) or uploads(call)
        for argument in call.arguments
    ]
    dumped = any(dumps(call) for call in calls)
    holes, looked = [], []
    for service in services_of(compose):
        image = service.node["image"].text
        for mount, name, target in _volumes(service):
            database = bool(DATABASE.search(image))
            if not database and not PRECIOUS.search(f"{name}:{target}"):
                continue
            looked.append(f"{mount.spot}: {name} of {service.name}")
            kept = dumped if database else any(name in a or target in a for a in packed)
            if not kept and (packed or dumped):
                what = f"{service.name} keeps {target} on the volume {name}, and no backup holds it"
                first = next((c for c in calls if dumps(c) or c.program == "tar" or uploads(c)), None)
                fix = f"tar … of the volume {name} in the backup script"
                holes.append(Hole(spot=mount.spot, what=what, fix=fix, beside=(first.spot,) if first else ()))
    return promise.judged(
        holes,
        looked=looked if packed or dumped else [],
        expected="backups of all that cannot be made again",
        nothing="no backup, or no volume that needs one",
    )


def _volumes(service: Service) -> Iterator[tuple[Node, str, str]]:
    for mount in service.node["volumes"]:
        name, _, target = mount.text.partition(":") if mount.text else (mount["source"].text, "", mount["target"].text)
        if name and re.fullmatch(r"[\w.-]+", name) and not name.startswith("."):
            yield mount, name, target.partition(":")[0]


def containers_named_exist(promise: Promise, scripts: ShellScripts, compose: ComposeFiles) -> Finding:
    """Containers and services that scripts speak to are those that the compose file starts."""
    services = {service.name: service for service in services_of(compose)}
    named = {s.node["container_name"].text for s in services.values() if s.node["container_name"]}
    holes: dict[str, Hole] = {}
    looked = []
    for script in scripts.of() if services else ():
        for call in calls_of(script):
            for verb, name, by_compose in _spoken_to(call):
                looked.append(f"{call.spot}: {verb} {name}")
                if by_compose and name not in services:
                    what = f"no service of the compose file is called {name}: it has {', '.join(services)}"
                    fix = "a service of the compose file"
                elif not by_compose and name not in named and not _made_by_compose(name, services):
                    what = f"no container is called {name}: compose calls them PROJECT-SERVICE-1"
                    fix = f"docker compose {verb} SERVICE, or container_name: {name}"
                else:
                    continue
                meant = next((s for n, s in services.items() if n in name), next(iter(services.values())))
                holes.setdefault(name, Hole(spot=call.spot, what=what, fix=fix, beside=(meant.node.spot,)))
    nothing = "no script names a container"
    return promise.judged([*holes.values()], looked=looked, expected="containers that exist", nothing=nothing)


def _made_by_compose(name: str, services: dict[str, Service]) -> bool:
    return any(re.fullmatch(rf"[\w.-]+[-_]{re.escape(service)}[-_]\d+", name) for service in services)


def _spoken_to(call: Call) -> Iterator[tuple[str, str, bool]]:
    """The verb, the name, and whether compose is asked; of names that are known."""
    argv = [word for word in call.command.argv if word != "sudo"]
    if not argv or argv[0].rpartition("/")[2] not in ("docker", "docker-compose"):
        return
    by_compose = argv[0].endswith("docker-compose") or argv[1:2] == ["compose"]
    words = argv[1:] if argv[0].endswith("docker-compose") or not by_compose else argv[2:]
    verbs = COMPOSE_VERBS if by_compose else ENGINE_VERBS
    place = next((number for number, word in enumerate(words) if word in verbs), None)
    if place is None or (not by_compose and place > 0):
        return
    plain = [w for w, before in zip(words[place + 1 :], words[place:], strict=False) if _plain(w, before)]
    names = plain[:1] if words[place] in ("exec", "run", "logs", "inspect") else plain
    for name in names:
        one = name.partition(":")[0] if words[place] == "cp" else name
        if re.fullmatch(r"[a-zA-Z0-9][\w.-]*", one):
            yield words[place], one, by_compose


def _plain(word: str, before: str) -> bool:
    return not word.startswith("-") and before not in (
        "-u",
        "-e",
        "-w",
        "--user",
        "--tail",
        "-s",
        "--signal",
        "-n",
        "--scale",
        "-t",
    )


def restores_find_their_database(promise: Promise, scripts: ShellScripts, compose: ComposeFiles) -> Finding:
    """A restore stops the application and not the database that it restores into."""
    databases = [s for s in services_of(compose) if DATABASE.search(s.node["image"].text)]
    holes, looked = [], []
    for script in scripts.of() if databases else ():
        calls = calls_of(script)
        for call in (c for c in calls if restores(c)):
            looked.append(f"{call.spot}: {call.program}")
            before = [c for c in calls[: call.number] if re.search(r"\b(docker-compose|compose)\b", c.command.text)]
            if (before and before[-1].command.argv[-1:] == ("down",)) or (
                before and "down" in before[-1].command.argv[-3:]
            ):
                holes.append(
                    Hole(
                        spot=call.spot,
                        what=f"{call.program} finds no database: {before[-1].command.text!r} has stopped it, too",
                        fix="docker compose stop with the services that write",
                        beside=(before[-1].spot, databases[0].node.spot),
                    )
                )
    nothing = "nothing restores into a database of a compose file"
    return promise.judged(holes, looked=looked, expected="a database that runs while it is restored", nothing=nothing)


def written_logs_rotated(
    promise: Promise, logrotate: LogrotateFiles, schedules: Schedules | None, scripts: ShellScripts | None
) -> Finding:
    """Every log that cron or a script appends to is rotated by somebody."""
    written = [
        (line.spot, log) for line in (schedules.lines if schedules else ()) for log in APPENDED.findall(line.command)
    ]
    for script in scripts.of() if scripts else ():
        written += [
            (command.spot, r.target.value)
            for command in script.commands
            for r in command.redirects
            if r.operator == ">>"
            and r.target.value.startswith("/")
            and not r.target.value.startswith("/dev/")
            and not _unknown(r.target.value)
        ]
    patterns = [(log, rotation) for rotation in logrotate.rotations for log in rotation.logs]
    holes = [
        Hole(
            spot=spot,
            what=f"{log} grows for ever: logrotate knows {', '.join(pattern for pattern, _ in patterns)}",
            fix=f"write into a folder that is rotated, or a block for {log}",
            beside=(patterns[0][1].spot,),
        )
        for spot, log in written
        if patterns and not any(fnmatch.fnmatchcase(log, pattern) for pattern, _ in patterns)
    ]
    looked = [*(f"{spot}: {log}" for spot, log in written), *(rotation.spot for rotation in logrotate.rotations)]
    return promise.judged(holes, looked=looked, expected="logs that somebody rotates", nothing="no log is rotated")


def log_retention_agrees(promise: Promise, logrotate: LogrotateFiles, scripts: ShellScripts) -> Finding:
    """No script deletes by age the logs that logrotate is to keep."""
    holes, looked = [], []
    for pruning in prunings(scripts):
        for rotation in logrotate.rotations:
            log = next(
                (log for log in rotation.logs if fnmatch.fnmatchcase(log, f"{pruning.folder.rstrip('/')}/*")), ""
            )
            if not log:
                continue
            looked.append(pruning.said)
            live = fnmatch.fnmatchcase(log.rpartition("/")[2].replace("*", "0"), pruning.pattern or "*")
            if live and not pruning.call.has("-size") and "-size" not in pruning.call.arguments:
                holes.append(
                    Hole(
                        spot=pruning.call.spot,
                        what=f"deletes {log} after {pruning.age.lstrip('+')} silent days, which logrotate is to keep "
                        f"{rotation.says.get('rotate', 'some')} times over: whoever writes it goes on into nothing",
                        fix="leave logs to logrotate: maxage DAYS",
                        beside=(rotation.spot,),
                    )
                )
    nothing = "no script deletes logs that are rotated"
    return promise.judged(holes, looked=looked, expected="one who deletes logs", nothing=nothing)
