"""What a command of a script really runs, whoever runs it for it, and what that does to data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from plimsoll.model import Spot
from plimsoll.observations.artefacts.shell import Command, Script

DUMPERS = frozenset({"pg_dump", "pg_dumpall", "pg_basebackup", "mysqldump", "mariadb-dump", "mongodump"})
RESTORERS = frozenset({"pg_restore", "mongorestore"})
UPLOADERS = frozenset({"aws", "gsutil", "gcloud", "rclone", "restic", "rsync", "scp", "s3cmd", "azcopy", "mc"})
UNPACKERS = frozenset({"gunzip", "zcat", "bzcat", "xzcat", "zstdcat", "gpg", "openssl"})
DELAYED = frozenset({"timeout", "flock"})
"""Wrappers whose first argument that is no option is not yet the command."""

WRAPPERS = DELAYED | {"sudo", "nice", "ionice", "nohup", "env", "exec", "command", "time", "xargs", "doas", "chronic"}
WITH_VALUE = frozenset({"-u", "-g", "-n", "-c", "-w", "-s", "-k", "-E", "--user", "--env", "--workdir", "-e", "-f"})
WITH_VALUE |= {"--file", "--project-name", "-p", "--namespace", "--container", "-I", "--env-file", "--profile"}
"""Options of wrappers that are followed by a value; `sudo -E` and `xargs -n` are told apart where they are met."""

DESTROYING_SQL = re.compile(r"\b(DROP\s+(DATABASE|SCHEMA|TABLE)|TRUNCATE)\b", re.IGNORECASE)
FILE = re.compile(r"\.(sql|dump|gz|bz2|xz|zst|tar|tgz|rdb|gpg|bak|backup)\b")
MOST_WRAPPERS = 8
MOST_SCRIPTS = 4096
"""Scripts of which is remembered what they run: every rule asks again."""


@dataclass(frozen=True, slots=True)
class Call:
    """One command with its wrappers taken off: the program's own name, its arguments, and the container it runs in."""

    program: str
    arguments: tuple[str, ...]
    command: Command
    number: int
    container: str = ""

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.command.spot

    def has(self, *options: str) -> bool:
        """Whether one of these options is given; of short ones, bundled ones count (`-czf` has `-c`)."""
        return any(_given(option, argument) for option in options for argument in self.arguments)

    def value_of(self, *options: str) -> str:
        """What follows an option, or stands in it after `=`; "" if it is not given."""
        for argument, following in zip(self.arguments, (*self.arguments[1:], ""), strict=True):
            for option in options:
                if argument == option or (
                    not option.startswith("--") and _given(option, argument) and argument[-1] == option[-1]
                ):
                    return following
                if option.startswith("--") and argument.startswith(f"{option}="):
                    return argument.partition("=")[2]
        return ""


def _given(option: str, argument: str) -> bool:
    if option.startswith("--"):
        return argument == option or argument.startswith(f"{option}=")
    bundled = re.fullmatch(r"-[a-zA-Z0-9]+", argument)
    return argument == option or bool(bundled and option[1:] in argument[1:])


@lru_cache(maxsize=MOST_SCRIPTS)
def calls_of(script: Script) -> tuple[Call, ...]:
    """Every command of a script as what it really runs."""
    return tuple(_unwrapped(command, number, script.functions) for number, command in enumerate(script.commands))


def _unwrapped(command: Command, number: int, functions: tuple[str, ...]) -> Call:
    argv, container = list(command.argv), ""
    for _ in range(MOST_WRAPPERS):
        program = argv[0].rpartition("/")[2] if argv else ""
        rest = argv[1:]
        if program in functions and len(rest) > 1 and re.fullmatch(r"[a-z][\w-]*", rest[0]):
            argv = rest
        elif program in WRAPPERS:
            argv = _after_options(rest, 1 if program in DELAYED else 0)
        elif program == "docker-compose" or (program == "docker" and rest[:1] == ["compose"]):
            words = _after_options(rest[1:] if program == "docker" else rest, 0)
            if not words or words[0] not in ("exec", "run"):
                break
            words = _after_options(words[1:], 0)
            container, argv = (words[0] if words else ""), words[1:]
        elif program in ("docker", "podman") and rest[:1] == ["exec"]:
            words = _after_options(rest[1:], 0)
            container, argv = (words[0] if words else ""), words[1:]
        else:
            break
    program = argv[0].rpartition("/")[2] if argv else ""
    return Call(program, tuple(argv[1:]), command, number, container)


def _after_options(words: list[str], places: int) -> list[str]:
    """What follows the options of a wrapper, its assignments, and so many words more."""
    at = 0
    while at < len(words) and (words[at].startswith("-") or re.match(r"\w+=", words[at])):
        at += 2 if words[at] in WITH_VALUE and words[at] != "-E" else 1
    return words[at + places :]


def dumps(call: Call) -> bool:
    """Whether it takes a backup of a database."""
    if call.program in DUMPERS:
        return not call.has("--version", "--help")
    return call.program == "redis-cli" and call.has("--rdb")


def restores(call: Call) -> bool:
    """Whether it writes a backup into a database."""
    if call.program in RESTORERS:
        return not call.has("--list", "-l", "--file", "-f") and bool(call.value_of("-d", "--dbname") or call.arguments)
    if call.program not in ("psql", "mysql", "mariadb"):
        return False
    if call.has("--command", "-c", "--list"):
        return False
    file = call.value_of("-f", "--file")
    piped = call.command.pipe and call.command.last and not call.command.nested  # whose answer is taken is asked
    return bool(piped or FILE.search(file) or any(FILE.search(name) for name in call.command.read_from()))


def destroys(call: Call) -> bool:
    """Whether it takes away what a restore is to bring back."""
    if call.program == "dropdb":
        return True
    if call.program in ("psql", "mysql"):
        return bool(DESTROYING_SQL.search(call.value_of("-c", "--command")))
    if call.program == "docker":
        return call.arguments[:2] == ("volume", "rm")
    return False


def verifies(call: Call) -> bool:
    """Whether it reads a backup through, or at least looks how large it is."""
    match call.program:
        case "gzip" | "gunzip" | "bzip2" | "xz" | "zstd":
            return call.has("-t", "--test")
        case "pg_restore":
            return call.has("-l", "--list") or call.value_of("-f", "--file") == "/dev/null"
        case "tar":
            first = call.arguments[0] if call.arguments else ""
            return call.has("--list", "--compare") or bool(re.fullmatch(r"-?[zjJvf]*t[zjJvf]*", first))
        case "sha256sum" | "sha1sum" | "md5sum" | "sha512sum":
            return call.has("-c", "--check")
        case "pg_verifybackup" | "grep":  # for the last line that pg_dump writes
            return call.program != "grep" or any("dump complete" in argument for argument in call.arguments)
    return False


def uploads(call: Call) -> bool:
    """Whether it copies something to another place."""
    if call.program == "aws":
        return call.arguments[:1] == ("s3",) and call.arguments[1:2] in (("cp",), ("sync",), ("mv",))
    return call.program in UPLOADERS or (call.program == "upload" and bool(call.arguments))


def matters(call: Call) -> bool:
    """Whether data is lost when it fails and nobody notices."""
    if call.program == "tar":
        return not verifies(call)
    if call.program in ("npm", "npx", "yarn", "pnpm"):
        return any("migrat" in argument for argument in call.arguments)
    return (
        dumps(call)
        or restores(call)
        or destroys(call)
        or verifies(call)
        or uploads(call)
        or call.program in ("createdb", "mysqladmin")
    )


def feeds(script: Script, call: Call) -> bool:
    """Whether it unpacks what a later command of its pipeline restores."""
    if call.program not in UNPACKERS or not call.command.pipe:
        return False
    later = (c for c in calls_of(script)[call.number :] if c.command.pipe == call.command.pipe)
    return any(restores(other) for other in later)


def output_of(script: Script, call: Call) -> str:
    """The file that a command, or the pipeline it is a part of, writes; "" if it writes none."""
    file = call.value_of("-f", "--file") if call.program in DUMPERS | {"tar"} else ""
    if file:
        return file
    together = [c for c in calls_of(script) if c.command.pipe and c.command.pipe == call.command.pipe] or [call]
    return next((name for c in together for name in _written_by(c) if name != "/dev/null"), "")


def _written_by(call: Call) -> Iterator[str]:
    """The files that it writes what it says to, or passes on."""
    yield from call.command.written_to()
    if call.program == "tee":
        yield from (argument for argument in call.arguments if not argument.startswith("-"))


def looked_at_next(script: Script, call: Call) -> bool:
    """Whether the command after it, or after its pipeline, asks for its status."""
    following: Iterator[Command] = (
        c
        for c in script.commands[call.number + 1 :]
        if not c.nested and c.within == call.command.within and not (c.pipe and c.pipe == call.command.pipe)
    )
    after = next(following, None)
    return after is not None and "$?" in after.text


def heeded(script: Script, call: Call) -> bool:
    """Whether a failure of the command stops the script, or is looked at."""
    command = call.command
    return command.stops or command.tested or bool(command.otherwise) or looked_at_next(script, call)
