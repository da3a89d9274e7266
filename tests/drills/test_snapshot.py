"""The rehearsal of the second region says what was asked of the cloud, and that it is no more than configuration."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from plimsoll.drills.cloud.estate import laid, records
from plimsoll.drills.cloud.stand_in import Cloud, asked_in
from plimsoll.drills.cloud.terraform import answer
from plimsoll.errors import CouldNotLook, MissingTool, NothingOfTheKind
from plimsoll.model import Outcome
from plimsoll.probes.files.landscape import landscapes
from plimsoll.rules.recovery.stand_in import CAVEAT
from tests.rules.cases import CASES, judge, read_case

STAND_IN_RULES = (
    "managed-failover-accepted",
    "site-deployed-from-code",
    "snapshot-becomes-instance",
    "snapshot-before-release",
    "snapshot-copied",
    "users-led-elsewhere",
)
TERRAFORM = """
provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "dr"
  region = "eu-west-1"
}

variable "region" {
  default = "eu-central-1"
}

resource "aws_db_parameter_group" "main" {
  name   = "shop"
  family = "postgres15"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_security_group" "data" {
  provider = aws.dr
  name     = "data-dr"

  ingress {
    from_port = 5432
  }
}

resource "aws_db_instance" "main" {
  identifier           = "shop"
  engine               = "postgres"
  instance_class       = "db.t3.micro"
  allocated_storage    = 20
  username             = "shop"
  multi_az             = true
  parameter_group_name = aws_db_parameter_group.main.name
}

data "aws_route53_zone" "main" {
  name = "shop.example"
}

resource "aws_route53_record" "main" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "shop.example"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.1"]
}
"""


@pytest.mark.parametrize("rule", STAND_IN_RULES)
def test_every_finding_says_that_it_is_configuration_only(rule: str) -> None:
    """Whoever reads a finding on a stand-in is told that nothing was copied, and nothing failed over."""
    findings = [judge(rule, read_case(path)) for path in (CASES / rule).iterdir()]

    told = [finding for finding in findings if finding.outcome in (Outcome.PASS, Outcome.FAIL)]
    assert told
    assert all(finding.evidence[0] == CAVEAT for finding in told)
    assert all(finding.actual.endswith("(configuration only)") for finding in told)


def test_the_landscape_of_files(tmp_path: Path) -> None:
    """Resources lie in the region of their provider; references and variables come to what they stand for."""
    (tmp_path / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    (tmp_path / "terraform.tfvars").write_text('region = "eu-north-1"\n', encoding="utf-8")

    (landscape,) = landscapes(tmp_path)

    (database,) = landscape.of("aws_db_instance")
    assert (database.region, landscape.text(database.node["parameter_group_name"])) == ("eu-north-1", "shop")
    assert [each.region for each in landscape.of("aws_security_group")] == ["eu-west-1"]
    assert list(landscape.of("aws_route53_zone")) == []
    assert landscape.text(database.node["kms_key_id"]) == ""


def test_a_request_is_told_as_its_call() -> None:
    """Lists are joined, the region is the one that was signed for, and a batch of DNS is told change by change."""
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260301/eu-west-1/rds/aws4_request, Signature=x"}
    form = "Action=RestoreDBInstanceFromDBSnapshot&MultiAZ=true&VpcSecurityGroupIds.VpcSecurityGroupId.1=a"
    form += "&VpcSecurityGroupIds.VpcSecurityGroupId.2=b"
    batch = (
        '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>'
        "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>shop.example</Name><Type>CNAME</Type><TTL>60</TTL>"
        "<ResourceRecords><ResourceRecord><Value>dr.shop.example</Value></ResourceRecord></ResourceRecords>"
        "</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    )

    restore = asked_in({"headers": signed, "body": b64encode(form.encode()).decode(), "body_encoded": True})
    move = asked_in({"headers": signed, "body": batch})

    assert (restore.action, restore.region) == ("RestoreDBInstanceFromDBSnapshot", "eu-west-1")
    assert restore.parameters == {"MultiAZ": "true", "VpcSecurityGroupIds": "a,b"}
    assert move.parameters == {"change 0": "UPSERT shop.example CNAME 60 dr.shop.example"}
    assert asked_in({"headers": {}, "body": "<not xml"}).action == ""


def test_the_stand_in_is_told_what_files_say(tmp_path: Path) -> None:
    """Databases, groups, doors and records lie in their regions; what files do not describe is refused as missing."""
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    try:
        cloud = Cloud(tmp_path / "cloud")
    except MissingTool as error:
        pytest.skip(error.fact)

    with cloud:
        estate = laid(cloud, landscapes(tmp_path / "tf"))
        found = json.dumps(cloud.ask("rds", "describe_db_instances", "eu-central-1"))
        zone = records(cloud, estate)
        with pytest.raises(CouldNotLook, match=r"rds describe_db_instances in eu-west-1: .*shop"):
            cloud.ask("rds", "describe_db_instances", "eu-west-1", DBInstanceIdentifier="shop")
        with pytest.raises(NothingOfTheKind, match="no file of Terraform describes a managed database"):
            laid(cloud, ())
        assert cloud.asked == (), "what the harness asks is none of the scripts' business"

    assert '"MultiAZ": true' in found
    assert (estate.instance, estate.home, estate.second) == ("shop", "eu-central-1", "eu-west-1")
    assert {(each.name, each.region, each.ports) for each in estate.fixtures} == {
        ("shop", "eu-central-1", ()),
        ("data-dr", "eu-west-1", (5432,)),
    }
    assert [str(record) for record in zone] == ["shop.example 60 A 192.0.2.1"]


def test_terraform_s_stand_in_refuses_the_wrong_order(tmp_path: Path) -> None:
    """Nothing is planned in a folder that was not initialised, and no plan is applied that nobody made."""
    assert answer(["init"], tmp_path)[0] == 1
    (tmp_path / "main.tf").touch()

    assert answer(["plan", "-out=x"], tmp_path) == (
        1,
        "Error: required plugins are not installed: run terraform init first",
    )
    assert answer(["init"], tmp_path)[0] == 0
    assert answer(["apply", "x"], tmp_path) == (1, "Error: failed to load x as a plan file")
    assert answer(["plan", "-out=x"], tmp_path)[0] == 0
    assert answer(["apply", "x"], tmp_path)[0] == 0
