"""Backups that a cloud makes by itself, as Terraform asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, TerraformFiles
from plimsoll.rules.cloud.blocks import Block, all_of, blocks_of

__all__ = ["automated_backups_kept", "buckets_replicated"]

DATABASES = ("aws_db_instance", "aws_rds_cluster")
MOST_DAYS = 35
"""What Amazon RDS takes at most (user guide, backup retention period)."""

MINUTES_PROMISED = 15
"""What S3 promises of replication with a time (S3 Replication Time Control)."""


def automated_backups_kept(promise: Promise, terraform: TerraformFiles, *, days: int, files: str = "") -> Finding:
    """The cloud backs databases up each day, restores to any moment of so many days, also when the instance is gone.

    Both are one setting of RDS. What the files ask for is judged, not what the cloud has done.
    """
    looked = [
        each
        for each in blocks_of(terraform, "resource", *DATABASES, files=files)
        if not each.node["replicate_source_db"]
    ]
    return promise.judged(
        [hole for each in looked for hole in _database(terraform, each, days)],
        looked=[
            f"{(each.node['backup_retention_period'] or each).spot}: {each}, as the files ask for it" for each in looked
        ],
        expected=f"automated backups of {days} days or more",
        nothing="no file describes a managed database",
    )


def _database(terraform: TerraformFiles, each: Block, days: int) -> Iterator[Hole]:
    stated = each.node["backup_retention_period"]
    kept = _number(terraform, stated)
    if kept is None and stated:
        return  # known only when it is applied
    if (kept or 0) < days:
        what = f"{each} keeps its backups for {kept or 0} days, not for {days}"
        yield Hole(spot=(stated or each).spot, what=what, fix=f"backup_retention_period = {min(days, MOST_DAYS)}")
    gone = each.node["delete_automated_backups"]
    if each.type == "aws_db_instance" and gone.value is not False:
        what = f"the backups of {each} are deleted with it, and with them every moment before"
        yield Hole(spot=(gone or each).spot, what=what, fix="delete_automated_backups = false")


def _number(terraform: TerraformFiles, node: Node) -> int | None:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    if node.text.startswith("var."):
        found = [b for b in blocks_of(terraform, "variable") if b.name == node.text.removeprefix("var.")]
        value = found[0].node["default"].value if found else None
        return value if isinstance(value, int) else None
    return None


def buckets_replicated(
    promise: Promise, terraform: TerraformFiles, *, bucket: str, minutes: int = 0, files: str = ""
) -> Finding:
    """What is put into a bucket is copied into one of another region, encrypted objects included, and within a time.

    `bucket` is the original's name; `minutes` the time, 0 for any. What the files ask for is judged, not what the cloud
    has done, and objects older than the rule are not copied by it.
    """
    buckets = {each.address: each for each in blocks_of(terraform, "resource", "aws_s3_bucket", files=files)}
    source = next((each for each in buckets.values() if each.node["bucket"].text == bucket), None)
    if source is None:
        return promise.unknown(f"no file describes the bucket {bucket}", expected="a bucket in another region")
    found = [
        each
        for each in blocks_of(terraform, "resource", "aws_s3_bucket_replication_configuration", files=files)
        if _owner(each.node["bucket"]) == source.address
    ]
    holes = [hole for each in found for hole in _replication(terraform, each, source, buckets, minutes)]
    if not found:
        what = f"nothing copies {bucket} anywhere"
        holes.append(Hole(spot=source.spot, what=what, fix="aws_s3_bucket_replication_configuration"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}, as the files ask for it" for each in found],
        expected=f"{bucket} copied into another region{f' within {minutes} minutes' if minutes else ''}",
    )


def _replication(
    terraform: TerraformFiles, each: Block, source: Block, buckets: dict[str, Block], minutes: int
) -> Iterator[Hole]:
    for bucket in [source, *(b for b in (_target(rule, buckets) for rule in all_of(each.node, "rule")) if b)]:
        if not _versioned(terraform, bucket):
            what = f"{bucket} keeps no versions: S3 refuses to copy from or to it"
            yield Hole(spot=bucket.spot, what=what, fix='versioning_configuration { status = "Enabled" }')
    rules = [rule for rule in all_of(each.node, "rule") if rule["status"].text == "Enabled"]
    if not rules:
        yield Hole(spot=each.spot, what=f"no rule of {each} is enabled: nothing is copied", fix='status = "Enabled"')
    for rule in rules:
        target = _target(rule, buckets)
        if target and target.node["provider"].text == source.node["provider"].text:
            what = f"{target} is in the region of {source}, and is lost with it"
            yield Hole(spot=target.spot, what=what, fix="provider = aws.… of another region")
        if _sealed(terraform, source):
            yield from _readable(rule)
        if minutes:
            yield from _soon(rule, minutes)


def _readable(rule: Node) -> Iterator[Hole]:
    """What is encrypted with a key is left out unless it is asked for, and needs a key over there."""
    asked = rule["source_selection_criteria"]["sse_kms_encrypted_objects"]["status"]
    if asked.text != "Enabled":
        what = "objects that are encrypted with a key are left out: all of this bucket's are"
        yield Hole(spot=(asked or rule).spot, what=what, fix='sse_kms_encrypted_objects { status = "Enabled" }')
    key = rule["destination"]["encryption_configuration"]["replica_kms_key_id"]
    if not key:
        yield Hole(
            spot=rule["destination"].spot,
            what="no key of the other region encrypts the copies",
            fix="replica_kms_key_id",
        )


def _soon(rule: Node, minutes: int) -> Iterator[Hole]:
    timed = rule["destination"]["replication_time"]
    if timed["status"].text != "Enabled":
        what = f"nothing promises when a copy is made, and {minutes} minutes may be lost"
        yield Hole(
            spot=(timed or rule["destination"]).spot, what=what, fix=f"replication_time of {MINUTES_PROMISED} minutes"
        )


def _target(rule: Node, buckets: dict[str, Block]) -> Block | None:
    return buckets.get(_owner(rule["destination"]["bucket"]))


def _versioned(terraform: TerraformFiles, bucket: Block) -> bool:
    return any(
        _owner(each.node["bucket"]) == bucket.address
        and each.node["versioning_configuration"]["status"].text == "Enabled"
        for each in blocks_of(terraform, "resource", "aws_s3_bucket_versioning")
    )


def _sealed(terraform: TerraformFiles, bucket: Block) -> bool:
    """Whether what is put into it is encrypted with a key of KMS."""
    return any(
        _owner(each.node["bucket"]) == bucket.address
        and each.node["rule"]["apply_server_side_encryption_by_default"]["sse_algorithm"].text.startswith("aws:kms")
        for each in blocks_of(terraform, "resource", "aws_s3_bucket_server_side_encryption_configuration")
    )


def _owner(node: Node) -> str:
    """Whose attribute a reference names: `aws_s3_bucket.uploads` of `aws_s3_bucket.uploads.id`."""
    return node.text.rpartition(".")[0]
