"""The person at a deployment's host, who runs what the runbook says: the deployment's own scripts, unchanged."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self

from plimsoll.drills.cloud.store import ObjectStore
from plimsoll.drills.host.commands import Done, Running
from plimsoll.drills.host.engine import Engine
from plimsoll.drills.host.folder import Host
from plimsoll.drills.host.postbox import Postbox
from plimsoll.drills.host.releases import Releases
from plimsoll.drills.protocol import HostedStack
from plimsoll.drills.recorder import COMMAND, Recorder
from plimsoll.errors import CouldNotLook, MissingTool, NothingOfTheKind, OutOfReach
from plimsoll.model import ACTS, RELEASING, Deployment
from plimsoll.observations.drills import Entry
from plimsoll.redact import Redactor

SECONDS = 300.0
"""Until a command is given up: a gigabyte is dumped, packed and checked in about a minute on two cores."""

BUCKET = "BUCKET"
"""What the names of settings end in that are buckets."""

CLIENT = """#!/bin/sh
exec {client} ${{AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"}} "$@"
"""
"""In some regions version 1 of the AWS CLI takes old names of RDS before AWS_ENDPOINT_URL, unless it is told so."""

EXECUTABLE = 0o755

__all__ = ["Done", "Operator", "Running", "operating"]


class Operator:
    """Works at the host: `does("backup-database")` runs what the runbook says, `place` is where the host's paths lie.

    `store` is the object store that backups go to, `post` where announcements arrive; without one there is none.
    """

    def __init__(
        self,
        deployment: Deployment,
        stack: HostedStack,
        folder: Path,
        recorder: Recorder,
        *,
        store: ObjectStore | None = None,
        post: Postbox | None = None,
    ) -> None:
        if deployment.recovery is None:
            raise NothingOfTheKind("the deployment says nothing of recovery", hint="[recovery] environment = …")
        folder.mkdir(parents=True)
        self._recovery, self._runbook = deployment.recovery, deployment.runbook
        self._folder = folder
        self._recorder = recorder
        self.store = store
        self.post = post
        self._engine = Engine(deployment, stack, folder, recorder)
        self._host = Host(deployment, deployment.recovery, stack, folder)
        self._redact = Redactor(stack.secrets)
        self._begun = 0
        self._inside = ExitStack()

    def __enter__(self) -> Self:
        self._inside.enter_context(self._engine)
        if self.store is not None:
            client = self._engine.bin / "aws"
            client.write_text(CLIENT.format(client=self.store.client), encoding="utf-8")
            client.chmod(EXECUTABLE)
            for bucket in dict.fromkeys(value for name, value in self.settings.items() if name.endswith(BUCKET)):
                self.store.make(bucket)
        return self

    def __exit__(self, *exception: object) -> None:
        self._inside.close()

    @property
    def bin(self) -> Path:
        """The folder of the programs that are found before all others."""
        return self._engine.bin

    @property
    def releases(self) -> Releases | None:
        """The releases that compose knows of here; None where it takes every image for what runs."""
        return self._engine.releases

    @releases.setter
    def releases(self, known: Releases) -> None:
        self._engine.releases = known
        for slot in known.idle:
            self._engine.halts(slot)

    @property
    def settings(self) -> Mapping[str, str]:
        """The scripts' settings as they are here, paths relocated."""
        return self._host.settings

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that commands at the host have."""
        found = {
            "PATH": f"{self._engine.bin}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self._host.home),
            "TMPDIR": str(self._folder / "tmp"),
            "LC_ALL": "C.UTF-8",
            self._recovery.variable: str(self._host.environment),
        }
        if self.store is not None:
            found |= self.store.environment
        if self.post is not None:
            found["NOTIFY_WEBHOOK_URL"] = self.post.url
        return found

    def place(self, path: str | Path) -> Path:
        """Where a path of the host lies here."""
        return self._host.place(path)

    def knows(self, act: str) -> bool:
        """Whether the runbook says how to do that."""
        return act in self._runbook

    def command(self, act: str, **words: str | Path) -> str:
        """What the runbook says is to be typed. Raises NothingOfTheKind when it says nothing of it."""
        if not self.knows(act):
            assert act in (*ACTS, *RELEASING), act  # noqa: S101 - a slip in a drill
            raise unknown_act(act)
        line = self._runbook[act]
        words = {
            "stamp": f"{datetime.now(UTC):%Y%m%d_%H%M%S}",
            "bucket": self.settings.get("S3_BUCKET", ""),
            **words,
        }
        for name, value in words.items():
            line = line.replace(f"{{{name}}}", shlex.quote(str(value)) if value else "")
        return line

    def needs(self, *acts: str) -> None:
        """Raises NothingOfTheKind unless the runbook says how to do all of these."""
        for act in acts:
            self.command(act)

    def does(
        self, act: str, *, seconds: float = SECONDS, more: Mapping[str, str] | None = None, **words: str | Path
    ) -> Done:
        """What the runbook's command for that act said. It never raises for a command that fails."""
        return self.runs(self.command(act, **words), seconds=seconds, more=more)

    def runs(self, command: str, *, seconds: float = SECONDS, more: Mapping[str, str] | None = None) -> Done:
        """What a command said that is typed at the host."""
        at = self._recorder.now
        return self.finished(self.begins(command, more=more), seconds=seconds, at=at)

    def begins(self, command: str, *, more: Mapping[str, str] | None = None) -> Running:
        """A command that was typed at the host, and has not ended: `finished` it has to be."""
        self._begun += 1
        more = more or {}
        environment = {**self.environment, **more}
        environment[self._recovery.variable] = str(self._host.with_settings(more))
        typed = [str(self.place(word)) if word.startswith("/") else word for word in shlex.split(command)]
        return Running(
            self._shown(command),
            typed,
            cwd=self._host.home,
            env=environment,
            words=self._folder / f"said-{self._begun}",
        )

    def interrupted(
        self, act: str, *, at: Sequence[str], more: Mapping[str, str] | None = None, **words: str | Path
    ) -> Done:
        """What the runbook's command for that act said until it was killed, with all that it had started.

        That happens when it asks the engine for the first of these things, which the engine does all the same. It is
        not killed where it asks for none of them.
        """
        began, begun = self._recorder.now, list[Running]()

        def strikes(asked: str) -> None:
            if asked in at and begun and begun[0].lives:
                self._recorder.act(f"{begun[0].shown} is killed", destructive=True)
                begun[0].end()

        with self._engine.heard(strikes):
            begun.append(self.begins(self.command(act, **words), more=more))
            return self.finished(begun[0], at=began)

    def finished(self, running: Running, *, seconds: float = SECONDS, at: float | None = None) -> Done:
        """How it ended, written into the journal; paths read as they are on the host."""
        done = running.done(seconds=seconds)
        output = self._shown(done.output)
        done = Done(command=done.command, code=done.code, output=output, seconds=done.seconds)
        began = self._recorder.now - done.seconds if at is None else at
        self._recorder.add(
            Entry(at=began, kind=COMMAND, what=done.command, code=done.code, output=done.output, seconds=done.seconds)
        )
        return done

    def made(self, act: str) -> list[Path]:
        """What good runs of that act have left, oldest first."""
        pattern = self._recovery.produces.get(act)
        if not pattern:
            fact = f"nothing says what is left by {act.replace('-', ' ')}"
            raise NothingOfTheKind(fact, hint=f'[recovery.produces] {act} = "/var/backups/…/*.gz"')
        found = self._host.root.glob(str(self.place(pattern).relative_to(self._host.root)))
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def newest(self, act: str) -> Path:
        """The last that a good run of that act has left. Raises CouldNotLook when there is none."""
        found = self.made(act)
        if not found:
            raise CouldNotLook(f"there is nothing at {self._recovery.produces[act]} after {act.replace('-', ' ')}")
        return found[-1]

    def shown(self, path: Path) -> str:
        """What a path here is called at the host."""
        return self._shown(str(path))

    def _shown(self, text: str) -> str:
        """The text as it reads on a host whose paths are its own, without secrets."""
        return self._redact(text).replace(f"{self._host.root}/", "/").replace(str(self._folder), "~")


def unknown_act(act: str) -> NothingOfTheKind:
    """What to raise where the runbook says nothing of an act."""
    table = "rollout" if act in RELEASING else "recovery"
    fact = f"the runbook does not say how to {act.replace('-', ' ')}"
    return NothingOfTheKind(fact, hint=f'[{table}.runbook] {act} = "…"')


@contextmanager
def operating(deployment: Deployment, stack: HostedStack, recorder: Recorder) -> Iterator[Operator]:
    """Somebody at the stack's host, with an object store to send backups to and a postbox for announcements.

    Raises OutOfReach where there is no object store to be had.
    """
    run = stack.artefacts.parent
    folder = next(run / f"operator-{number}" for number in count(1) if not (run / f"operator-{number}").exists())
    if deployment.recovery is None:
        raise NothingOfTheKind("the deployment says nothing of recovery", hint="[recovery] environment = …")
    try:
        store = ObjectStore(folder.with_name(f"{folder.name}-store"), endpoint=deployment.recovery.endpoint)
    except MissingTool as error:
        raise OutOfReach(f"there is no object store to send backups to: {error.fact}", hint=error.hint) from error
    with (
        store,
        Postbox() as post,
        Operator(deployment, stack, folder, recorder, store=store, post=post) as operator,
    ):
        yield operator
