"""Who may do what in an infrastructure, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, TerraformFiles
from plimsoll.rules.cloud.blocks import Block, all_of, blocks_of

__all__ = ["data_ports_closed", "iam_least_privilege"]

EVERYTHING = re.compile(r"\*|[\w-]+:\*")
"""Every action, or every action of a service."""

UNSCOPED = re.compile(
    r"ecr:GetAuthorizationToken|sts:GetCallerIdentity|cloudwatch:PutMetricData|xray:Put\w+|xray:Get\w+|ec2:Describe\w+"
    r"|logs:DescribeLogGroups|ssmmessages:\w+|ecs:(List|Describe)TaskDefinitions?|ecs:RegisterTaskDefinition"
    r"|ce:\w+|iam:List\w+|s3:ListAllMyBuckets|kms:ListAliases|secretsmanager:(ListSecrets|GetRandomPassword)",
    re.IGNORECASE,
)
"""Actions that know no single resource (Service Authorization Reference)."""

ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})

DATA_PORTS = {
    22: "SSH",
    1433: "SQL Server",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    6379: "Redis",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
"""Ports that nobody needs to reach from everywhere."""

LAST_PORT = 65535


def iam_least_privilege(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """No policy allows every action, every action of a service, or an action on every resource."""
    looked = list(_statements(terraform, files))
    holes: list[Hole] = []
    for owner, statement in looked:
        actions = _either(statement, "Action", "actions")
        resources = _either(statement, "Resource", "resources")
        wide = [each for each in _scalars(actions) if EVERYTHING.fullmatch(each.text)]
        holes += [
            Hole(spot=each.spot, what=f"{owner} allows {each.text}", fix="the actions that are needed, one by one")
            for each in wide
        ]
        scoped = [each.text for each in _scalars(actions) if not UNSCOPED.fullmatch(each.text)]
        holes += [
            Hole(spot=each.spot, what=f"{owner} allows {scoped[0]} on every resource", fix="the ARN of what is meant")
            for each in _scalars(resources)
            if each.text == "*" and scoped and not wide
        ]
    return promise.judged(
        holes,
        looked=[f"{statement.spot}: {owner}" for owner, statement in looked],
        expected="actions and resources by name",
        nothing="no file describes a policy",
    )


def _statements(terraform: TerraformFiles, files: str) -> Iterator[tuple[Block, Node]]:
    """What policies allow; the policy of a key or a bucket is about that resource only, and not meant."""
    for each in blocks_of(terraform, "data", "aws_iam_policy_document", files=files):
        for statement in all_of(each.node, "statement"):
            if statement["effect"].text != "Deny" and not statement["principals"]:
                yield each, statement
    kinds = ("aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")
    for each in blocks_of(terraform, "resource", *kinds, files=files):
        stated = each.node.at("policy.Statement")
        for statement in stated.items if stated.is_list else [stated]:
            if statement["Effect"].text == "Allow":
                yield each, statement


def _either(table: Node, *keys: str) -> Node:
    return next((table[key] for key in keys if table[key]), table["-"])


def _scalars(node: Node) -> tuple[Node, ...]:
    return node.items if node.is_list else (node,) if node else ()


def data_ports_closed(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """No security group lets everybody reach a database, a cache or a shell."""
    looked = list(_openings(terraform, files))
    holes: list[Hole] = []
    for owner, rule in looked:
        sources = [
            each
            for key in ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
            for each in _scalars(rule[key])
            if each.text in ANYWHERE
        ]
        reached = _reached(rule)
        if sources and reached:
            what = f"{owner} lets {sources[0].text} reach {reached}"
            fix = "security_groups of whoever needs it"
            holes.append(Hole(spot=sources[0].spot, what=what, fix=fix))
    return promise.judged(
        holes,
        looked=[f"{rule.spot}: {owner}" for owner, rule in looked],
        expected="data ports open to security groups only",
        nothing="no file describes a security group",
    )


def _openings(terraform: TerraformFiles, files: str) -> Iterator[tuple[Block, Node]]:
    for each in blocks_of(terraform, "resource", "aws_security_group", "aws_default_security_group", files=files):
        for rule in all_of(each.node, "ingress"):
            yield from ((each, entry) for entry in (rule.items if rule.is_list else [rule]))
    for each in blocks_of(terraform, "resource", "aws_security_group_rule", files=files):
        if each.node["type"].text == "ingress":
            yield each, each.node
    for each in blocks_of(terraform, "resource", "aws_vpc_security_group_ingress_rule", files=files):
        yield each, each.node


def _reached(rule: Node) -> str:
    """Which data ports an opening holds; "" for none."""
    if (rule["protocol"] or rule["ip_protocol"]).text in ("-1", "all"):
        return "every port"
    first, last = rule["from_port"].value, rule["to_port"].value
    if not isinstance(first, int) or not isinstance(last, int):
        return ""
    if (first, last) == (0, LAST_PORT):
        return "every port"
    return " and ".join(f"{name} ({port})" for port, name in DATA_PORTS.items() if first <= port <= last)
