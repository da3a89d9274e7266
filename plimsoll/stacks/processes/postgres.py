"""A PostgreSQL cluster made once and copied for every run: initdb is nearly all of what a start costs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plimsoll.errors import StackFailed
from plimsoll.model import Deployment
from plimsoll.runs import cache_folder
from plimsoll.stacks.materials import PASSWORD_BYTES
from plimsoll.stacks.processes.programs import give_away, program, unprivileged

SETTINGS = (
    "fsync = off",  # only a crash of the machine would lose what was committed; performance.md section 1
    "full_page_writes = off",  # but synchronous_commit stays on: a server that is killed keeps what it committed
    "jit = off",
    "max_connections = 100",
    "shared_buffers = 32MB",
    "unix_socket_directories = ''",
    "logging_collector = off",
    "dynamic_shared_memory_type = mmap",  # in its own folder: a server that is killed leaves all other kinds behind
)
SPACE = "is there space on the disk?"
INITDB = (
    "-A",
    "scram-sha-256",
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-instructions",
    "--wal-segsize=1",
)

CLIENTS = "host all all 127.0.0.0/8 scram-sha-256"
"""Who may log in: every client of ours, each of which has a loopback address of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A cluster that holds one role and one database. Its password is made on this machine and never leaves it."""

    archive: Path
    password: str


def template(user: str, database: str, *, work: Path) -> Template:
    """The template for that role and database, made in a folder `work` of the run the first time it is asked for."""
    postgres = program("postgres")
    version = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    key = hashlib.sha256("\n".join([version, user, database, *SETTINGS, *INITDB, CLIENTS]).encode()).hexdigest()[:16]
    home = cache_folder() / f"postgres-{key}"
    if not (home / "password").exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with (home.parent / f"{home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (home / "password").exists():
                _make(home, user, database, work)
    return Template(archive=home / "data.tar", password=(home / "password").read_text(encoding="utf-8"))


def clusters(deployment: Deployment, *, work: Path) -> dict[str, Template]:
    """The templates of the deployment's PostgreSQL services that follow no other, by role."""
    made: dict[tuple[str, str], Template] = {}
    found = {}
    for service in deployment.services.values():
        if service.recipe == "postgres" and not service.settings.get("follows"):
            wanted = service.settings.get("user", "app"), service.settings.get("database", "app")
            made[wanted] = made.get(wanted) or template(*wanted, work=work)
            found[service.role] = made[wanted]
    return found


def copy_template(made: Template, target: Path) -> None:
    """The template's cluster in a folder of its own, owned by whoever PostgreSQL runs as. Raises StackFailed.

    Unpacking one archive takes half the time of copying its thousand files.
    """
    target.mkdir(mode=0o700)
    give_away(target)
    _tar(["-x", "--file", str(made.archive)], target)


def _make(home: Path, user: str, database: str, work: Path) -> None:
    """A cluster in a scratch folder, put in place when it is whole; the password file is written last."""
    scratch = home.with_suffix(".new")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    work.mkdir(mode=0o755)
    try:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        (work / "password").write_text(password, encoding="utf-8")
        (work / "password").chmod(0o600)
        give_away(work, work / "password")
        data = work / "data"
        _run([program("initdb"), "-D", str(data), "-U", user, f"--pwfile={work / 'password'}", *INITDB], work)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("\n".join([*SETTINGS, ""]))
        with (data / "pg_hba.conf").open("a", encoding="utf-8") as clients:
            clients.write(f"{CLIENTS}\n")
        _run([program("postgres"), "--single", "-D", str(data), "postgres"], work, f'CREATE DATABASE "{database}";\n')
        scratch.mkdir(parents=True)
        _tar(["-c", "--file", str(work / "data.tar"), "."], data)
        (work / "data.tar").chmod(0o600)
        shutil.move(work / "data.tar", scratch)
        (scratch / "password").touch(mode=0o600)
        (scratch / "password").write_text(password, encoding="utf-8")
        scratch.rename(home)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _tar(arguments: Sequence[str], folder: Path) -> None:
    """A cluster packed or unpacked in its folder, with owners and modes. Raises StackFailed."""
    command = ["tar", "--same-owner", "--same-permissions", *arguments] if os.geteuid() == 0 else ["tar", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise StackFailed(f"the database cluster cannot be copied: {done.stderr.strip()[-400:]}", hint=SPACE)


def _run(command: Sequence[str], cwd: Path, text: str = "") -> None:
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        **unprivileged(),  # type: ignore[call-overload] # user, group and extra_groups
    )
    if done.returncode:
        raise StackFailed(f"{Path(command[0]).name} failed: {done.stderr.strip()[-400:]}", hint=SPACE)
