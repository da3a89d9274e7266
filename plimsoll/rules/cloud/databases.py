"""Databases and caches that a cloud manages."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, TerraformFiles
from plimsoll.rules.cloud.blocks import blocks_of

__all__ = ["managed_databases_protected"]

WANTED: Mapping[str, Mapping[str, str]] = {
    "aws_db_instance": {
        "storage_encrypted": "is not encrypted",
        "deletion_protection": "can be deleted by a slip",
    },
    "aws_rds_cluster": {
        "storage_encrypted": "is not encrypted",
        "deletion_protection": "can be deleted by a slip",
    },
    "aws_elasticache_replication_group": {
        "at_rest_encryption_enabled": "is not encrypted at rest",
        "transit_encryption_enabled": "is not encrypted in transit",
    },
}
"""Arguments that default to false and have to be true (AWS provider)."""

INHERITING = ("replicate_source_db", "snapshot_identifier")
"""An instance made from another has that one's encryption (AWS provider, aws_db_instance)."""


def managed_databases_protected(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """Every managed database is encrypted, backed up, kept from strangers and from being deleted by a slip."""
    looked = list(blocks_of(terraform, "resource", *WANTED, files=files))
    holes: list[Hole] = []
    for each in looked:
        made = any(each.node[key] for key in INHERITING)
        for key, what in WANTED[each.type].items():
            if _denied(each.node[key]) and not (made and key == "storage_encrypted"):
                holes.append(Hole(spot=(each.node[key] or each).spot, what=f"{each} {what}", fix=f"{key} = true"))
        days = each.node["backup_retention_period"]
        lacking = not days and each.type == "aws_db_instance" and not made
        if days.text == "0" or lacking:
            what = f"{each} has no backups: backup_retention_period is {days.text or 'not said, which means 0'}"
            holes.append(Hole(spot=(days or each).spot, what=what, fix="backup_retention_period = 7"))
        public = each.node["publicly_accessible"]
        if public.value is True:
            what = f"{each} has an address on the internet"
            holes.append(Hole(spot=public.spot, what=what, fix="publicly_accessible = false"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="encryption, backups, deletion protection, no public address",
        nothing="no file describes a managed database",
    )


def _denied(node: Node) -> bool:
    """Whether an argument is false, by saying so or by silence; what a variable decides is not known."""
    return not node or node.value is False
