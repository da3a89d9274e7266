"""The container engine that an operator's scripts find on their host: a stand-in, served by this process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Self

from plimsoll.drills.host import docker
from plimsoll.drills.host.fleet import CHARGED, Fleet
from plimsoll.drills.host.releases import Releases, Wanted
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook, OutOfReach, PlimsollError
from plimsoll.model import Deployment

KEPT = ("PATH", "HOME", "LANG", "LC_ALL")
"""Variables of ours that a program inside a service's machine has; no others, as in a container it would not either."""

OWNER_ONLY, FOR_ALL = 0o600, 0o755

REDIS_CLI = """#!/bin/sh
exec {client} -h "${{{host}:-127.0.0.1}}" -p "${{{port}:-6379}}" "$@"
"""
"""redis-cli knows no variables for where its server is; in the server's own container it needs none."""

REDIS_HOST, REDIS_PORT = "REDIS_HOST", "REDIS_PORT"


class Engine:
    """While entered, `docker` in `bin` runs programs where services of the stack run, and starts and stops these."""

    def __init__(self, deployment: Deployment, stack: HostedStack, folder: Path, recorder: Recorder) -> None:
        self.bin = folder / "bin"
        self.releases: Releases | None = None
        self._installed = folder / "root" / (deployment.recovery.installed if deployment.recovery else "").lstrip("/")
        self._deployment = deployment
        self._stack = stack
        self._home = self.bin / "engine"
        self._halted = self._home / "halted"
        self._recorder = recorder
        self._known: Mapping[str, Mapping[str, object]] = {}
        self._hears: Callable[[str], None] | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._thread = Thread(target=self._serve, name="engine", daemon=True)

    def __enter__(self) -> Self:
        self._halted.mkdir(parents=True)
        program, source = self.bin / "docker", Path(docker.__file__).read_text(encoding="utf-8")
        program.write_text(f"#!{sys.executable} -IS\n{source}", encoding="utf-8")
        program.chmod(FOR_ALL)
        services = self._home / "services.json"
        services.touch(mode=OWNER_ONLY)
        self._known = {role: known for role in self._deployment.services if (known := self._inside(role))}
        services.write_text(json.dumps(self._known), encoding="utf-8")
        self._socket.bind(self._address)
        self._socket.listen()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # who waits for the next request is woken, wherever the file has gone
        self._thread.join()
        self._socket.close()

    @contextmanager
    def heard(self, hears: Callable[[str], None]) -> Iterator[None]:
        """Meanwhile everything that is asked for is told before it is done."""
        self._hears = hears
        try:
            yield
        finally:
            self._hears = None

    def halts(self, role: str) -> None:
        """That service does not run, and compose knows it."""
        (self._halted / role).touch()
        self._stack.halt(role)

    @property
    def _address(self) -> str:
        """Where we are asked."""
        return str(self._home / "harness")

    def _inside(self, role: str) -> Mapping[str, object]:
        """How programs run inside that service; nothing for one that this stack does not run."""
        try:
            inside = self._stack.inside(role)
        except OutOfReach:
            return {}
        ours = {name: os.environ[name] for name in os.environ if name in KEPT or name.startswith("DOCKER_")}
        environment = {**ours, **inside.environment}
        if REDIS_PORT in inside.environment and (client := shutil.which("redis-cli")):
            wrapped = self._home / role / "redis-cli"
            wrapped.parent.mkdir()
            wrapped.write_text(REDIS_CLI.format(client=client, host=REDIS_HOST, port=REDIS_PORT), encoding="utf-8")
            environment["PATH"] = f"{wrapped.parent}:{environment.get('PATH', os.defpath)}"
            wrapped.chmod(FOR_ALL)  # whoever the service runs as runs it, too
        slots = self._deployment.rollout.slots if self._deployment.rollout else ()
        return {"words": inside.words, "environment": environment, "ports": inside.ports, "slot": role in slots}

    def _serve(self) -> None:
        """One request after the other is answered, until the socket is shut."""
        while True:
            try:
                asker, _ = self._socket.accept()
            except OSError:
                return
            with asker, suppress(OSError), asker.makefile("rb") as words:
                asker.sendall(json.dumps(self._answer(words.read())).encode())

    def _answer(self, asked: bytes) -> Mapping[str, object]:
        """How it ended, what is to be said of it, and the variables of a container that is wanted."""
        try:
            return self._done(Wanted(**json.loads(asked)))
        except (CouldNotLook, PlimsollError) as error:
            return {"code": docker.FAILED, "said": error.fact}
        except (ValueError, TypeError, KeyError, IndexError) as error:
            return {"code": docker.UNKNOWN, "said": f"the harness did not understand: {error}"}

    def _done(self, wanted: Wanted) -> Mapping[str, object]:
        """What was asked is done, as `_answer` tells it. Raises CouldNotLook."""
        if isinstance(self.releases, Fleet) and wanted.act.startswith(CHARGED):
            release = wanted.variables["release"]
            self._recorder.act(f"{wanted.roles[0]}: {wanted.act.removeprefix(CHARGED)} {release}")
            if self._hears is not None:
                self._hears(wanted.act)
            self.releases.does(wanted)
            return {"code": 0, "said": ""}
        if unknown := [role for role in wanted.roles if role not in self._known]:
            return {"code": docker.FAILED, "said": f"no such service: {unknown[0]}"}
        line = f"compose {wanted.act} {' '.join(wanted.roles)}".rstrip()
        self._recorder.act(line, destructive=wanted.act == "kill")
        if self._hears is not None:
            self._hears(wanted.act)
        if wanted.act in ("reread", "test"):
            read = self._stack.reread(wanted.roles[0], self._installed, test=wanted.act == "test")
            return {"code": read.code, "said": read.output.strip()}
        if wanted.act == "run":
            born = self.releases.born(wanted.roles[0], wanted) if self.releases else {}
            return {"code": 0, "said": "", "variables": [f"{name}={value}" for name, value in born.items()]}
        for role in wanted.roles or self._known:
            self._does(wanted.act, role, wanted)
        if "--wait" in wanted.options and self.releases:
            for role in filter(self.releases.knows, wanted.roles):
                self.releases.until_healthy(role, wanted)
        return {"code": 0, "said": ""}

    def _does(self, act: str, role: str, wanted: Wanted) -> None:
        """The service is halted, or runs again; a slot runs the release that it should."""
        mark = self._halted / role
        if self.releases and self.releases.knows(role) and act in ("pull", "up"):
            if act == "up":
                self.releases.up(role, wanted, halted=mark.exists())
                mark.unlink(missing_ok=True)
            else:
                self.releases.pull(role, wanted)
            return
        if act in ("stop", "down", "restart"):
            self.halts(role)
        if act == "kill":
            mark.touch()
            self._stack.kill(role)
        if act in ("start", "up", "restart"):
            if "--force-recreate" in wanted.options:
                self._stack.remake(role)
            self._stack.resume(role)
            mark.unlink(missing_ok=True)
