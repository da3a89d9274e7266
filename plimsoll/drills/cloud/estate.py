"""A managed database and what it stands on, put into a cloud's stand-in as Terraform's files say, region by region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plimsoll.drills.cloud.stand_in import Answer, Cloud
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations.drills import Fact, Fixture, Record
from plimsoll.probes.files.landscape import Landscape, Resource

DATABASE = "aws_db_instance"
SUBNETS, PARAMETERS, DOORS = "DBSubnetGroupName", "DBParameterGroupName", "VpcSecurityGroupIds"

ARGUMENTS: Mapping[str, tuple[str, type]] = {
    "identifier": ("DBInstanceIdentifier", str),
    "engine": ("Engine", str),
    "engine_version": ("EngineVersion", str),
    "instance_class": ("DBInstanceClass", str),
    "db_name": ("DBName", str),
    "username": ("MasterUsername", str),
    "allocated_storage": ("AllocatedStorage", int),
    "storage_encrypted": ("StorageEncrypted", bool),
    "multi_az": ("MultiAZ", bool),
    "publicly_accessible": ("PubliclyAccessible", bool),
    "backup_retention_period": ("BackupRetentionPeriod", int),
    "backup_window": ("PreferredBackupWindow", str),
    "deletion_protection": ("DeletionProtection", bool),
    "copy_tags_to_snapshot": ("CopyTagsToSnapshot", bool),
}
"""Arguments of the provider's aws_db_instance, and what the API calls them."""

PASSWORD = "kept-by-secrets-manager"  # noqa: S105 - moto wants one where AWS would make one up
NOWHERE = "balancer.invalid"
"""Where a record leads whose target is known only once Terraform was applied."""


@dataclass(slots=True)
class Estate:
    """What lies in the stand-in: ids by the addresses that Terraform's files use, and what they say of the database."""

    landscape: Landscape
    database: Resource
    ids: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    fixtures: list[Fixture] = field(default_factory=list)
    doors: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    zone: str = ""

    @property
    def home(self) -> str:
        """The region of production's database."""
        return self.database.region

    @property
    def instance(self) -> str:
        """The database's name."""
        return self.landscape.text(self.database.node["identifier"])

    @property
    def second(self) -> str:
        """The other region that is prepared for it; "" where there is none."""
        return next((each.region for each in self.fixtures if each.region != self.home), "")


def laid(cloud: Cloud, landscapes: tuple[Landscape, ...]) -> Estate:
    """The database in the stand-in. Raises NothingOfTheKind without a database, CouldNotLook when refused."""
    for landscape in landscapes:
        for database in landscape.of(DATABASE):
            estate = Estate(landscape=landscape, database=database)
            for region in dict.fromkeys(each.region for each in landscape.resources if each.region):
                _networked(cloud, estate, region)
            _keyed(cloud, estate)
            _made(cloud, estate)
            _named(cloud, estate)
            others = [other for other in landscapes if other is not landscape]
            estate.names = tuple(
                other.text(each.node["name"]) for other in others for each in other.of("aws_route53_record")
            )
            return estate
    raise NothingOfTheKind("no file of Terraform describes a managed database", hint='resource "aws_db_instance"')


def _networked(cloud: Cloud, estate: Estate, region: str) -> None:
    """A network of the region, and on it the groups and doors that the files put there."""
    landscape = estate.landscape
    mine = [each for each in landscape.resources if each.region == region]
    vpc = _dug(cloud.ask("ec2", "create_vpc", region, CidrBlock="10.0.0.0/16"), "Vpc", "VpcId")
    subnets = [
        _dug(
            cloud.ask(
                "ec2",
                "create_subnet",
                region,
                VpcId=vpc,
                CidrBlock=f"10.0.{number}.0/24",
                AvailabilityZone=f"{region}{zone}",
            ),
            "Subnet",
            "SubnetId",
        )
        for number, zone in enumerate("ab")
    ]
    for each in mine:
        name = landscape.text(each.node["name"])
        if each.type == "aws_security_group":
            said = cloud.ask("ec2", "create_security_group", region, GroupName=name, Description=name, VpcId=vpc)
            estate.ids[each.address] = _dug(said, "GroupId")
            estate.doors[estate.ids[each.address]] = name
            estate.fixtures.append(_fixture(DOORS, each, name, ports=tuple(_opened(landscape, each))))
        elif each.type == "aws_db_subnet_group":
            cloud.ask(
                "rds",
                "create_db_subnet_group",
                region,
                DBSubnetGroupName=name,
                DBSubnetGroupDescription=name,
                SubnetIds=subnets,
            )
            estate.fixtures.append(_fixture(SUBNETS, each, name))
        elif each.type == "aws_db_parameter_group":
            cloud.ask(
                "rds",
                "create_db_parameter_group",
                region,
                DBParameterGroupName=name,
                DBParameterGroupFamily=landscape.text(each.node["family"]),
                Description=name,
            )
            estate.fixtures.append(_fixture(PARAMETERS, each, name, facts=dict(_settings(landscape, each))))


def _fixture(
    kind: str, each: Resource, name: str, *, facts: Mapping[str, str] | None = None, ports: tuple[int, ...] = ()
) -> Fixture:
    return Fixture(kind=kind, name=name, region=each.region, spot=each.node.spot, facts=facts or {}, ports=ports)


def _settings(landscape: Landscape, each: Resource) -> Iterator[tuple[str, str]]:
    yield "family", landscape.text(each.node["family"])
    for key, node in each.node.entries:
        if key == "parameter":
            yield landscape.text(node["name"]), landscape.text(node["value"])


def _opened(landscape: Landscape, each: Resource) -> Iterator[int]:
    """The ports that a security group lets somebody in by."""
    apart = [
        rule.node
        for rule in landscape.of("aws_vpc_security_group_ingress_rule", "aws_security_group_rule")
        if rule.node["security_group_id"].text == f"{each.address}.id" and rule.node["type"].text in ("", "ingress")
    ]
    for node in [*(node for key, node in each.node.entries if key == "ingress"), *apart]:
        port = landscape.text(node["from_port"])
        if port.isdecimal():
            yield int(port)


def _keyed(cloud: Cloud, estate: Estate) -> None:
    """Keys, and the names that they go by."""
    for each in estate.landscape.of("aws_kms_key"):
        made = cloud.ask("kms", "create_key", each.region)
        estate.ids[each.address] = _dug(made, "KeyMetadata", "Arn")
    for each in estate.landscape.of("aws_kms_alias"):
        key = estate.ids.get(_owner(each.node["target_key_id"].text), "")
        name = estate.landscape.text(each.node["name"])
        if key:
            cloud.ask("kms", "create_alias", each.region, AliasName=name, TargetKeyId=key.rpartition("/")[2])


def _made(cloud: Cloud, estate: Estate) -> None:
    """The database itself, as its arguments say."""
    landscape, node = estate.landscape, estate.database.node
    told: dict[str, object] = {"MasterUserPassword": PASSWORD}
    for argument, (name, kind) in ARGUMENTS.items():
        if text := landscape.text(node[argument]):
            told[name] = text == "true" if kind is bool else int(text) if kind is int else text
            estate.facts.append(Fact(name=name, value=text, spot=node[argument].spot))
    for argument, name in (("db_subnet_group_name", SUBNETS), ("parameter_group_name", PARAMETERS)):
        if text := landscape.text(node[argument]):
            told[name] = text
            estate.facts.append(Fact(name=name, value=text, spot=node[argument].spot))
    doors = [estate.ids.get(_owner(each.text), each.text) for each in node["vpc_security_group_ids"]]
    if doors:
        told[DOORS] = doors
        spot = node["vpc_security_group_ids"].spot
        estate.facts.append(Fact(name=DOORS, value=",".join(doors), spot=spot))
    if logs := landscape.texts(node["enabled_cloudwatch_logs_exports"]):
        told["EnableCloudwatchLogsExports"] = list(logs)
        spot = node["enabled_cloudwatch_logs_exports"].spot
        estate.facts.append(Fact(name="EnableCloudwatchLogsExports", value=",".join(logs), spot=spot))
    if key := estate.ids.get(_owner(node["kms_key_id"].text)):
        told["KmsKeyId"] = key
    cloud.ask("rds", "create_db_instance", estate.home, **told)


def _named(cloud: Cloud, estate: Estate) -> None:
    """The zone, and the records that the database's own files put into it."""
    landscape = estate.landscape
    zones = [landscape.text(each.node["name"]) for each in landscape.of("aws_route53_zone", looked_up=True)]
    if not zones:
        return
    made = cloud.ask("route53", "create_hosted_zone", estate.home, Name=zones[0], CallerReference=zones[0])
    estate.zone = _dug(made, "HostedZone", "Id")
    for each in landscape.of("aws_route53_record"):
        node = each.node
        values = [text if "." in text and "[" not in text else NOWHERE for text in landscape.texts(node["records"])]
        record = {
            "Name": landscape.text(node["name"]),
            "Type": landscape.text(node["type"]),
            "TTL": int(landscape.text(node["ttl"]) or 0),
            "ResourceRecords": [{"Value": NOWHERE if value.startswith("aws_") else value} for value in values],
        }
        if values:  # an alias leads to what no stand-in has
            batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            cloud.ask(
                "route53", "change_resource_record_sets", estate.home, HostedZoneId=estate.zone, ChangeBatch=batch
            )


def records(cloud: Cloud, estate: Estate) -> tuple[Record, ...]:
    """The zone's records as they are now, but for those that every zone has."""
    if not estate.zone:
        return ()
    said = cloud.ask("route53", "list_resource_record_sets", estate.home, HostedZoneId=estate.zone)
    found = []
    for each in listed(said, "ResourceRecordSets"):
        values = tuple(str(value.get("Value", "")) for value in listed(each, "ResourceRecords"))
        ttl = each.get("TTL")
        record = Record(
            name=str(each.get("Name", "")).rstrip("."),
            type=str(each.get("Type", "")),
            ttl=ttl if isinstance(ttl, int) else 0,
            values=tuple(value.rstrip(".") for value in values),
        )
        if record.type not in ("NS", "SOA"):
            found.append(record)
    return tuple(found)


def listed(said: Answer, key: str) -> tuple[Answer, ...]:
    """The tables of a list in an answer."""
    found = said.get(key)
    return tuple(each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def _owner(text: str) -> str:
    """Whose attribute a reference names: `aws_kms_key.main` of `aws_kms_key.main.arn`."""
    return text.rpartition(".")[0]


def _dug(said: Answer, *keys: str) -> str:
    """A text deep in an answer. Raises CouldNotLook where there is none."""
    found: object = said
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str):
        raise CouldNotLook(f"the cloud's stand-in says nothing of {'.'.join(keys)}")
    return found
