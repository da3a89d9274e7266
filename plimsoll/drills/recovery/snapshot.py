"""The drill of the second region: snapshot, disaster, restore, deployment, DNS; in a cloud's stand-in."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from plimsoll.drills.cloud import terraform
from plimsoll.drills.cloud.estate import Estate, laid, listed, records
from plimsoll.drills.cloud.stand_in import Answer, Cloud
from plimsoll.drills.host.operator import Operator
from plimsoll.drills.protocol import HostedStack, Theatre
from plimsoll.drills.recorder import Recorder
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.model import Deployment
from plimsoll.observations.drills import RESTORE, START, VERIFY, Deed, Record, Snapshot, SnapshotRecovery, Typed
from plimsoll.probes.files.landscape import landscapes
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports
from plimsoll.stacks.protocol import endpoint_of

SAYS = "configuration only: the database from a snapshot in another region, the application from code, users led there"
RELEASE = "v1.2.3"
EXECUTABLE = 0o755

EARLY = "move-dns, while nobody answers there"
AGAIN = "restore-snapshot, once more"

FACTS = (
    "DBInstanceIdentifier",
    "DBInstanceClass",
    "DBInstanceStatus",
    "Engine",
    "MultiAZ",
    "StorageEncrypted",
    "KmsKeyId",
    "BackupRetentionPeriod",
)
"""What is taken from the stand-in's description of what came back; all else it copies where AWS does not."""


def snapshot_recovery(theatre: Theatre) -> SnapshotRecovery:
    """Snapshots taken and copied, the standby called, the region lost; then the runbook, step by step."""
    runbook = theatre.deployment.recovery.runbook if theatre.deployment.recovery else {}
    if "restore-snapshot" not in runbook:
        fact = "the runbook does not say how to restore a snapshot"
        raise NothingOfTheKind(fact, hint='[recovery.runbook] restore-snapshot = "…"')
    recorder = theatre.recorder("second region", SAYS)
    with ExitStack() as closing:
        stack = closing.enter_context(theatre.stack())
        run = stack.artefacts.parent
        cloud = closing.enter_context(Cloud(run / "cloud"))
        operator = closing.enter_context(
            Operator(theatre.deployment, stack, run / "operator", recorder, store=cloud.store)
        )
        rehearsal = _Rehearsal(theatre.deployment, stack, operator, cloud, recorder)
        with recorder.phase("steady"):
            rehearsal.begin()
        try:
            rehearsal.play()
        except CouldNotLook as error:
            rehearsal.trouble = error.fact
            recorder.note(error.fact)
        return rehearsal.told()


@dataclass(slots=True)
class _Rehearsal:
    """One drill as it goes on, with all that it has seen so far."""

    deployment: Deployment
    stack: HostedStack
    operator: Operator
    cloud: Cloud
    recorder: Recorder
    deeds: list[Deed] = field(default_factory=list)
    taken: tuple[Snapshot, ...] = ()
    restored: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()
    trouble: str = ""
    _estate: Estate | None = None

    @property
    def estate(self) -> Estate:
        """What was laid in the stand-in."""
        assert self._estate is not None  # noqa: S101 - it begins with that
        return self._estate

    def begin(self) -> None:
        """All that Terraform's files say lies in the stand-in."""
        self._estate = laid(self.cloud, landscapes(self.stack.artefacts))
        self.before = self.after = records(self.cloud, self.estate)
        self.recorder.note("the cloud is moto's server: what it is told it keeps; nothing runs, and nothing is copied")

    def play(self) -> None:
        """From the release before the disaster to the users in the second region."""
        with self.recorder.phase("backup"):
            self.does("snapshot")
            self.does("copy-snapshot")
            self.taken = tuple(s for region in self.regions for s in self.snapshots(region))
        with self.recorder.phase("failover"):
            self.does("fail-over")
        self.lose()
        with self.recorder.phase(RESTORE):
            self.does("restore-snapshot", backup="latest")
            self.restored = self.described()
        if self.restored:
            with self.recorder.trying():
                self.does("restore-snapshot", name=AGAIN, backup="latest")
        with self.recorder.phase(START):
            self.deploy()
        with self.recorder.phase(VERIFY):
            self.lead()

    @property
    def regions(self) -> tuple[str, ...]:
        """Where there is anything."""
        return tuple(dict.fromkeys(region for region in (self.estate.home, self.estate.second) if region))

    def does(self, act: str, *, name: str = "", more: Mapping[str, str] | None = None, backup: str = RELEASE) -> None:
        """The runbook's command for that act, if it has one, and what it asked of the cloud."""
        if not self.operator.knows(act):
            return
        self.cloud.forget()
        done = self.operator.does(act, backup=backup, more=more)
        asked = self.cloud.asked
        self.deeds.append(Deed(name=name or act, command=done.command, code=done.code, output=done.output, asked=asked))

    def snapshots(self, region: str) -> tuple[Snapshot, ...]:
        """The snapshots that somebody took and that are in a region."""
        said = self.cloud.ask("rds", "describe_db_snapshots", region, SnapshotType="manual")
        return tuple(
            Snapshot(
                name=str(each.get("DBSnapshotIdentifier", "")),
                region=region,
                instance=str(each.get("DBInstanceIdentifier", "")),
                status=str(each.get("Status", "")),
                key=str(each.get("KmsKeyId", "")) if each.get("Encrypted") else "",
            )
            for each in listed(said, "DBSnapshots")
        )

    def lose(self) -> None:
        """Production's instance is gone, and where there is another region all snapshots of the first with it."""
        home, instance = self.estate.home, self.estate.instance
        gone = f"{instance} in {home} is deleted" + (", and its snapshots there" if self.estate.second else "")
        self.recorder.act(gone, destructive=True)
        self.cloud.ask("rds", "modify_db_instance", home, DBInstanceIdentifier=instance, DeletionProtection=False)
        self.cloud.ask("rds", "delete_db_instance", home, DBInstanceIdentifier=instance, SkipFinalSnapshot=True)
        for snapshot in self.snapshots(home) if self.estate.second else ():
            self.cloud.ask("rds", "delete_db_snapshot", home, DBSnapshotIdentifier=snapshot.name)

    def described(self) -> Mapping[str, str]:
        """What came back, wherever it did; nothing where nothing did."""
        for region in reversed(self.regions):
            for each in listed(self.cloud.ask("rds", "describe_db_instances", region), "DBInstances"):
                return {"Region": region, **_facts(each)}
        return {}

    def deploy(self) -> None:
        """The application from code, with somebody in Terraform's place who writes down what is asked."""
        folder = self.operator.place("/usr/local/lib/terraform")
        folder.mkdir(parents=True)
        program = folder / "terraform"
        program.write_text(
            f"#!{sys.executable} -IS\n{Path(terraform.__file__).read_text(encoding='utf-8')}", encoding="utf-8"
        )
        program.chmod(EXECUTABLE)
        self.does("deploy-elsewhere", more={"PATH": f"{folder}:{self.operator.environment['PATH']}"})

    @property
    def deployed(self) -> tuple[Typed, ...]:
        """What Terraform was asked, in order."""
        file = self.operator.place("/usr/local/lib/terraform") / terraform.CALLS
        if not file.exists():
            return ()
        root = self.operator.place("/")
        found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return tuple(
            Typed(
                words=("terraform", *each["words"]),
                folder=f"/{Path(each['folder']).relative_to(root)}"
                if Path(each["folder"]).is_relative_to(root)
                else "",
                code=each["code"],
            )
            for each in found
        )

    def lead(self) -> None:
        """Users are led to the second site: not while it does not answer, and then they are."""
        names = self.second_site()
        silent = f"http://{LOOPBACK}:{free_ports(1)[0]}/"
        if names:
            with self.recorder.trying():
                self.does("move-dns", name=EARLY, more=dict.fromkeys(names, silent))
        host, port = endpoint_of(self.stack, self.operator_writer).address
        answers = f"http://{host}:{port}{self.deployment.paths.get('health', '/')}"
        self.does("move-dns", more=dict.fromkeys(names, answers))
        self.after = records(self.cloud, self.estate)

    @property
    def operator_writer(self) -> str:
        """The role of the application."""
        assert self.deployment.recovery is not None  # noqa: S101 - else there were no runbook
        return self.deployment.recovery.writer

    def second_site(self) -> tuple[str, ...]:
        """The settings that are an address of the second site: here the application answers in its place."""
        hosts = self.deployment.hosts
        found = {name: urlsplit(value).hostname or "" for name, value in self.operator.settings.items()}
        return tuple(name for name, host in found.items() if any(host.endswith(f".{own}") for own in hosts))

    def told(self) -> SnapshotRecovery:
        """The observation."""
        return SnapshotRecovery(
            journal=self.recorder.journal(trouble=self.trouble),
            seen_at=datetime.now(UTC),
            trouble=self.trouble,
            instance=self.estate.instance,
            home=self.estate.home,
            second=self.estate.second,
            facts=tuple(self.estate.facts),
            fixtures=tuple(self.estate.fixtures),
            doors=self.estate.doors,
            names=self.estate.names,
            taken=self.taken,
            deeds=tuple(self.deeds),
            restored=self.restored,
            before=self.before,
            after=self.after,
            deployed=self.deployed,
        )


def _facts(said: Answer) -> dict[str, str]:
    return {
        name: str(said[name]).lower() if isinstance(said[name], bool) else str(said[name])
        for name in FACTS
        if name in said
    }
