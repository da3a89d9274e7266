"""A managed database from a snapshot, and its standby: what is asked of the cloud, and what it would make of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations.drills import Asked, Deed, Fact, Fixture, SnapshotRecovery
from plimsoll.rules.recovery.stand_in import Flaw, failed, told, untold
from plimsoll.rules.texts import whole_number

__all__ = ["managed_failover_accepted", "snapshot_becomes_instance"]

RESTORE, AGAIN, FAIL_OVER = "restore-snapshot", "restore-snapshot, once more", "fail-over"
ACTION = "RestoreDBInstanceFromDBSnapshot"
PORT = 5432
MANUAL = "Amazon RDS API reference, RestoreDBInstanceFromDBSnapshot"

SWITCHES: Mapping[str, tuple[str, str, str]] = {
    "MultiAZ": ("true", "is in one zone", "--multi-az"),
    "DeletionProtection": ("true", "can be deleted by a slip", "--deletion-protection"),
    "PubliclyAccessible": ("false", "may get an address on the internet", "--no-publicly-accessible"),
}
"""What is off, or left to the network, unless a restore asks for it: the API reference, by parameter."""

GROUPS: Mapping[str, tuple[str, str]] = {
    "DBSubnetGroupName": ("stands in the default network", "--db-subnet-group-name"),
    "VpcSecurityGroupIds": ("is guarded by the network's default security group", "--vpc-security-group-ids"),
    "DBParameterGroupName": ("runs with the engine's default parameters", "--db-parameter-group-name"),
}
"""What comes with a name, and what an instance has that is restored without."""


def snapshot_becomes_instance(
    promise: Promise, seen: SnapshotRecovery, *, instance: str = "", region: str = ""
) -> Finding:
    """A snapshot becomes an instance that is run as production's is; what no restore asks for is the cloud's default.

    `instance` is what it is to be called, `region` where it is to be. A stand-in copies from the snapshot what AWS
    does not: so what counts is what was asked, and the default of the API reference where nothing was.
    """
    expected = f"{instance or 'an instance'} in {region or 'another region'}, run as production's is"
    deed = seen.deed(RESTORE)
    if deed is None:
        return untold(promise, seen, RESTORE, expected=expected)
    asked = deed.last(ACTION)
    if deed.code or asked is None:
        nothing = Flaw(
            f"`{deed.command}` ended well, and asked for no restore", "aws rds restore-db-instance-from-db-snapshot"
        )
        flaws = [failed(deed) if deed.code else nothing]
    else:
        flaws = [*_place(seen, asked, instance, region), *_options(seen, asked), *_repeated(seen)]
    parameters = asked.parameters if asked else {}
    actual = f"{parameters.get('DBInstanceIdentifier', '')} in {asked.region if asked else ''}"
    return told(promise, seen, flaws, expected=expected, actual=actual, deeds=(RESTORE, AGAIN))


def _place(seen: SnapshotRecovery, asked: Asked, instance: str, region: str) -> Iterator[Flaw]:
    """What it is called, where it is, and what it is made of."""
    called, of = asked.parameters.get("DBInstanceIdentifier", ""), asked.parameters.get("DBSnapshotIdentifier", "")
    wanted = region or seen.second
    if wanted and asked.region != wanted:
        yield Flaw(f"it is restored in {asked.region}, and {wanted} is where it has to be", f"aws --region {wanted} …")
    if instance and called != instance:
        yield Flaw(
            f"it is restored as {called}, and everything else looks for {instance}",
            f"--db-instance-identifier {instance}",
        )
    if not seen.restored:
        yield Flaw(f"the restore of {of} was accepted, and no instance is there", "is the snapshot whole?")
    snapshot = next((each for each in seen.taken if each.name == of and each.region == asked.region), None)
    if snapshot is None:
        yield Flaw(f"{of} is none of the snapshots that were in {asked.region}", "restore what was copied there")
    elif seen.instance and snapshot.instance != seen.instance:
        yield Flaw(f"{of} is a snapshot of {snapshot.instance}, not of {seen.instance}", "choose it by its instance")
    newest = [each.name for each in seen.taken if each.region == asked.region and each.instance == seen.instance]
    if newest and of in newest and newest[-1] != of:
        yield Flaw(f"{of} is restored, and {newest[-1]} is newer", "sort_by(…, &OriginalSnapshotCreateTime)[-1]")


def _options(seen: SnapshotRecovery, asked: Asked) -> Iterator[Flaw]:
    """What production has and the restored instance has not."""
    facts = {fact.name: fact for fact in seen.facts}
    called = asked.parameters.get("DBInstanceIdentifier", "the instance")
    for name, (value, otherwise, option) in SWITCHES.items():
        fact = facts.get(name)
        if fact and fact.value == value and asked.parameters.get(name) != value:
            what = f"{called} {otherwise}, as the restore does not ask for {option}"
            yield Flaw(f"{what}; production's says {name} at {fact.spot}", f"{option} ({MANUAL})")
    for name, (otherwise, option) in GROUPS.items():
        if fact := facts.get(name):
            yield from _group(seen, asked, fact, f"{called} {otherwise}", option)
    yield from _kept(seen, asked, facts)


def _group(seen: SnapshotRecovery, asked: Asked, fact: Fact, otherwise: str, option: str) -> Iterator[Flaw]:
    """The groups of subnets, of parameters and of doors: asked for, there, and fit for a database."""
    given = asked.parameters.get(fact.name, "")
    if not given:
        what = f"{otherwise}, as the restore does not ask for {option}; production's is at {fact.spot}"
        yield Flaw(what, f"{option} ({MANUAL})")
        return
    names = [seen.doors.get(word, word) for word in given.split(",")]
    there = {each.name: each for each in seen.fixtures if each.kind == fact.name and each.region == asked.region}
    for name in names:
        if name not in there:
            yield Flaw(
                f"{option} is {name}, and Terraform puts no such group into {asked.region}",
                f"one of {', '.join(there)}",
            )
    found = [there[name] for name in names if name in there]
    if fact.name == "VpcSecurityGroupIds" and found and not any(PORT in each.ports for each in found):
        what = (
            f"{found[0].name} at {found[0].spot} lets nobody in at {PORT}: the application does not reach its database"
        )
        yield Flaw(what, f"the group that opens {PORT} to the application")
    if fact.name == "DBParameterGroupName" and found:
        yield from _parameters(seen, fact, found[0])


def _parameters(seen: SnapshotRecovery, fact: Fact, found: Fixture) -> Iterator[Flaw]:
    ours = next((each for each in seen.fixtures if each.kind == fact.name and each.name == fact.value), None)
    for name, value in (ours.facts if ours else {}).items():
        if found.facts.get(name) != value:
            has = found.facts.get(name, "nothing")
            what = f"{found.name} says {has} for {name}, and production's {fact.value} says {value}"
            yield Flaw(what, f"{name} = {value} in both", found.spot)


def _kept(seen: SnapshotRecovery, asked: Asked, facts: Mapping[str, Fact]) -> Iterator[Flaw]:
    """What a restore takes from the snapshot unless it is asked for something else; and logs, which it never does."""
    days = facts.get("BackupRetentionPeriod")
    given = asked.parameters.get("BackupRetentionPeriod") or seen.restored.get("BackupRetentionPeriod", "")
    kept, before = whole_number(given), whole_number(days.value) if days else None
    if days and kept is not None and before is not None and kept < before:
        what = f"its backups are kept for {given} days, production's for {days.value} ({days.spot})"
        yield Flaw(what, f"--backup-retention-period {days.value}")
    size = facts.get("DBInstanceClass")
    given = asked.parameters.get("DBInstanceClass") or seen.restored.get("DBInstanceClass", "")
    if size and given and given != size.value:
        yield Flaw(
            f"it is a {given}, and production's a {size.value} ({size.spot})", f"--db-instance-class {size.value}"
        )
    sealed = facts.get("StorageEncrypted")
    if sealed and sealed.value == "true" and seen.restored and seen.restored.get("StorageEncrypted") != "true":
        what = f"it is not encrypted, and production's is ({sealed.spot})"
        yield Flaw(what, "copy the snapshot with --kms-key-id: what it is restored as has its key")
    logs = facts.get("EnableCloudwatchLogsExports")
    missing = (
        set(logs.value.split(",")) - set(asked.parameters.get("EnableCloudwatchLogsExports", "").split(","))
        if logs
        else ()
    )
    if logs and missing:
        what = f"its logs of {' and '.join(sorted(missing))} are kept nowhere, production's are ({logs.spot})"
        yield Flaw(what, "--enable-cloudwatch-logs-exports postgresql upgrade")


def _repeated(seen: SnapshotRecovery) -> Iterator[Flaw]:
    """A second run finds an instance, and says so."""
    again = seen.deed(AGAIN)
    gone = next((each for deed in (seen.deed(RESTORE), again) if deed for each in deed.asked if _destroys(each)), None)
    if gone:
        yield Flaw(
            f"it asks for {gone.action}: what is there is gone before the new is proven", "rename it, and keep it"
        )
    elif again and not again.code:
        yield Flaw("run again over the instance that it made, it ends with 0", "look whether it is there, and fail")


def _destroys(asked: Asked) -> bool:
    return asked.action in ("DeleteDBInstance", "DeleteDBSnapshot")


def managed_failover_accepted(promise: Promise, seen: SnapshotRecovery) -> Finding:
    """One command of the runbook makes the standby in another zone take over from the database."""
    expected = "a standby in another zone, and a failover that is accepted"
    deed = seen.deed(FAIL_OVER)
    if deed is None:
        return untold(promise, seen, FAIL_OVER, expected=expected)
    flaws = list(_failover(seen, deed))
    return told(promise, seen, flaws, expected=expected, actual=f"accepted for {seen.instance}", deeds=(FAIL_OVER,))


def _failover(seen: SnapshotRecovery, deed: Deed) -> Iterator[Flaw]:
    zones = next((fact for fact in seen.facts if fact.name == "MultiAZ"), None)
    if zones is None or zones.value != "true":
        what = f"{seen.instance} is in one zone: there is no standby to take over"
        yield Flaw(what, "multi_az = true", zones.spot if zones else None)
    if deed.code:
        yield failed(deed)
        return
    asked = deed.last("RebootDBInstance")
    if promoted := deed.last("PromoteReadReplica"):
        asked = promoted
    elif asked is None:
        yield Flaw(
            f"`{deed.command}` ended well, and asked for no failover", "aws rds reboot-db-instance --force-failover"
        )
    elif asked.parameters.get("ForceFailover") != "true":
        what = f"{seen.instance} is asked to restart where it is: without ForceFailover the broken zone keeps it"
        yield Flaw(what, "aws rds reboot-db-instance --force-failover")
    if asked and asked.parameters.get("DBInstanceIdentifier") != seen.instance and not promoted:
        other = asked.parameters.get("DBInstanceIdentifier", "nothing")
        yield Flaw(f"{other} is asked to fail over, and production's database is {seen.instance}", seen.instance)
    if asked and asked.region != seen.home and not promoted:
        yield Flaw(
            f"the failover is asked for in {asked.region}, and {seen.instance} is in {seen.home}",
            f"--region {seen.home}",
        )
