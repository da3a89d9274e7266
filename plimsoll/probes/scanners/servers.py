"""What servers say of settings that they would be started with: PostgreSQL, Redis, OpenSSH, Prometheus."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from plimsoll.model import Severity
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.scanners.desk import Crashed, Desk
from plimsoll.probes.scanners.linters import FOUND
from plimsoll.probes.scanners.results import Result, Unread
from plimsoll.probes.scanners.scanner import Scanner, as_named, kinds

OWN = "plimsoll-end"
"""A directive that Redis does not have: when that is what it refuses, it has taken all before it."""

REDIS = re.compile(r"at line (?P<line>\d+)\s*>>> '(?P<said>.*)'\s*(?P<why>.*)", re.MULTILINE)
REDIS_ELSEWHERE = re.compile(
    r"^(\s*)(dir|logfile|include|loadmodule|aclfile|pidfile|unixsocket|rename-command)\s.*$",
    re.MULTILINE | re.IGNORECASE,
)
"""What Redis opens while it reads: it lies on the machine that the file is for."""

SECRET = re.compile(r"pass|auth|user", re.IGNORECASE)
POSTGRES = re.compile(
    r"(?:LOG|FATAL|ERROR): +(?P<what>(?! |configuration file|skipping ).*?)"
    r"(?: (?:in|at) file \"(?P<path>[^\"]+)\",? line (?P<line>\d+).*)?$",
    re.MULTILINE,
)
POSTGRES_ELSEWHERE = re.compile(
    r"^(\s*)(include|include_dir|include_if_exists|data_directory|hba_file|ident_file|external_pid_file)\b.*$",
    re.MULTILINE | re.IGNORECASE,
)
SQL_COMMENT = re.compile(r"^--", re.MULTILINE)
"""How guides begin a comment in a fragment that they call SQL."""

EXTENSION = re.compile(r"could not access|unrecognized configuration parameter \"[\w]+\.[\w.]+\"")
SSHD = re.compile(r"(?P<path>/\S+?):? line (?P<line>\d+): (?P<what>.*)$|(?P<path2>/\S+?): (?P<what2>.*)$", re.MULTILINE)
SSHD_ELSEWHERE = re.compile(
    r"^(\s*)(HostKey|HostCertificate|Include|TrustedUserCAKeys|RevokedKeys|Banner)\s.*$", re.MULTILINE | re.IGNORECASE
)
FAILED = re.compile(r"FAILED:?\s*(?P<what>.*)", re.DOTALL)
LINE = re.compile(r"line (\d+)|:(\d+):\d+|(?<=: )(\d+):\d+:")


def postgres(desk: Desk) -> Iterator[Result | Unread]:
    """What PostgreSQL says of a postgresql.conf: names, values and units."""
    for path, source in desk.files.items():
        text = POSTGRES_ELSEWHERE.sub(r"\1# not here", source.text)
        desk.write(path, SQL_COMMENT.sub("#", text) if source.fragment else text)
        said = desk.run("-C", "max_connections", "-D", desk.folder, "-c", f"config_file={desk.folder / path}", ok=FOUND)
        if said.code == 0:
            continue
        found = [each for each in POSTGRES.finditer(said.err) if not EXTENSION.search(each["what"])]
        if not found and not EXTENSION.search(said.err):
            raise Crashed(f"postgres -C ended with {said.code}: {said.last}")
        for each in found:
            yield Result(
                path=path,
                rule="postgres-C",
                message=each["what"],
                severity=Severity.HIGH,
                line=int(each["line"] or _line_of(source, each["what"])),
                link="https://www.postgresql.org/docs/current/runtime-config.html",
            )


def _line_of(source: SourceFile, complaint: str) -> int:
    """The line of the setting that a complaint names; the last, as that is the one that counts."""
    named = re.search(r'"(\w+)"', complaint)
    lines = source.text.splitlines()
    said = [number for number, line in enumerate(lines, start=1) if named and line.strip().startswith(named[1])]
    return said[-1] if said else 1


def redis(desk: Desk) -> Iterator[Result | Unread]:
    """What Redis says of a redis.conf: it reads all of it, and never starts."""
    for path, source in desk.files.items():
        desk.write(path, REDIS_ELSEWHERE.sub(r"\1# not here", source.text))
        said = desk.run(desk.folder / path, f"--{OWN}", "1", ok=FOUND)
        found = REDIS.search(said.out + said.err)
        if found is None:
            raise Crashed(f"redis-server ended with {said.code}: {said.last}")
        if OWN in found["said"]:
            continue
        shown = found["said"].split()[0] if SECRET.search(found["said"]) else found["said"]
        yield Result(
            path=path,
            rule="redis",
            message=f"{shown}: {found['why']}",
            severity=Severity.HIGH,
            line=int(found["line"]),
            link="https://redis.io/docs/latest/operate/oss_and_stack/management/config/",
        )


def sshd(desk: Desk) -> Iterator[Result | Unread]:
    """What OpenSSH's server says of an sshd_config."""
    key = desk.folder / ".hostkey"
    desk.run("-q", "-t", "ed25519", "-N", "", "-f", key, program="ssh-keygen")
    for path, source in desk.files.items():
        desk.write(path, SSHD_ELSEWHERE.sub(r"\1# not here", source.text))
        said = desk.run("-t", "-f", desk.folder / path, "-h", key, ok=(0, 1, 255))
        if said.code == 0:
            continue
        found = [each for each in SSHD.finditer(said.err) if each["line"]]
        if not found:
            raise Crashed(f"sshd -t ended with {said.code}: {said.last}")
        yield Result(
            path=path,
            rule="sshd-t",
            message=found[0]["what"],
            severity=Severity.HIGH,
            line=int(found[0]["line"]),
            link="https://man.openbsd.org/sshd_config",
        )


def is_sshd(source: SourceFile) -> bool:
    """Whether a file configures OpenSSH's server."""
    name = PurePosixPath(source.name)
    return name.name == "sshd_config" or name.parent.name == "sshd_config.d"


def promtool(desk: Desk) -> Iterator[Result | Unread]:
    """What promtool says of configurations and rules, and what the rules' own tests say."""
    for path, source in desk.files.items():
        if source.kind is Kind.ALERTS:
            yield from _checked(desk, path, "check", "rules")
        elif source.kind is Kind.ALERT_TESTS and not source.fragment:
            yield from _checked(desk, path, "test", "rules")
        elif source.kind is Kind.PROMETHEUS and not source.fragment:
            yield from _checked(desk, path, "check", "config", "--syntax-only")


def _checked(desk: Desk, path: str, *command: str) -> Iterator[Result]:
    said = desk.run(*command, desk.folder / path, ok=FOUND)
    if said.code == 0:
        return
    words = FAILED.search(said.err + said.out)
    what = " ".join((words["what"] if words else said.last).replace(f"{desk.folder}/", "").split())
    numbers = next((found for found in LINE.finditer(what)), None)
    yield Result(
        path=path,
        rule=f"promtool-{command[0]}-{command[1]}",
        message=what[:LONGEST],
        severity=Severity.HIGH,
        line=int(next(filter(None, numbers.groups()))) if numbers else 1,
        link="https://prometheus.io/docs/prometheus/latest/command-line/promtool/",
    )


LONGEST = 300
"""Characters of promtool's complaint; a failed test repeats all samples."""


def servers() -> Iterable[Scanner]:
    """The scanners of this module."""
    yield Scanner(
        name="postgres",
        program="postgres",
        look=postgres,
        knows=kinds(Kind.POSTGRES),
        meant=_is_conf,
        package="postgresql",
    )
    yield Scanner(name="redis", program="redis-server", look=redis, knows=kinds(Kind.REDIS), package="redis-server")
    yield Scanner(
        name="sshd",
        program="sshd",
        look=sshd,
        knows=kinds(Kind.OTHER),
        meant=is_sshd,
        package="openssh-server",
        asks_version="-V",
    )
    yield Scanner(
        name="promtool",
        program="promtool",
        look=promtool,
        knows=kinds(Kind.PROMETHEUS, Kind.ALERTS, Kind.ALERT_TESTS),
        package="prometheus",
        together=True,
        place=as_named,
    )


def _is_conf(source: SourceFile) -> bool:
    """pg_hba.conf and pg_ident.conf have another form."""
    return not re.search(r"(hba|ident)\.conf$", source.name)
