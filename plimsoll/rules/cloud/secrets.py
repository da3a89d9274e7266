"""Where an infrastructure keeps its secrets: how they are handed out, changed, and watched."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, PlatformFiles, TerraformFiles
from plimsoll.rules.cloud.blocks import Block, all_of, blocks_of
from plimsoll.rules.cloud.tasks import tasks_of
from plimsoll.rules.kubernetes.secrets import confidential

__all__ = [
    "secret_reads_logged",
    "secrets_from_manager",
    "secrets_rotate",
    "task_logs_shipped",
    "terraform_holds_no_secret",
]

MANAGERS = ("aws_secretsmanager_secret", ":secretsmanager:")
"""How a value from Secrets Manager is referred to: by Terraform, and by its ARN."""


def secrets_from_manager(
    promise: Promise,
    platforms: PlatformFiles | None,
    terraform: TerraformFiles | None,
    *,
    keys: tuple[str, ...],
    secret: str = "",
    files: str = "",
) -> Finding:
    """Tasks get the confidential values from Secrets Manager (from the promised secret), and in no other way."""
    looked = [(task, each) for task in tasks_of(platforms, terraform, files=files) for each in task.containers]
    names = dict(_secret_names(terraform, files)) if terraform else {}
    holes: list[Hole] = []
    for task, container in looked:
        plain = {entry["name"].text: entry for entry in container["environment"].items}
        given = {entry["name"].text: entry["valueFrom"] for entry in container["secrets"].items}
        for key in keys:
            source = given.get(key)
            said = next((name for address, name in names.items() if source and address in source.text), "")
            if key in plain:
                spot = plain[key].spot
                what = f"{task} has {key} among its plain variables"
                holes.append(Hole(spot=spot, what=what, fix=f"secrets: {key}: valueFrom: the ARN of its secret"))
            elif source is None:
                spot = (container["secrets"] or container).spot
                holes.append(Hole(spot=spot, what=f"{task} does not get {key}", fix=f"secrets: {key}: valueFrom"))
            elif not any(word in source.text for word in MANAGERS):
                what = f"{task} gets {key} from {source.text}, which is not of Secrets Manager"
                holes.append(Hole(spot=source.spot, what=what, fix="the ARN of a secret in Secrets Manager"))
            elif secret and secret not in (said or source.text):
                what = f"{task} gets {key} from {said or source.text}, not from {secret}"
                holes.append(Hole(spot=source.spot, what=what, fix=f"the ARN of {secret}"))
    return promise.judged(
        holes,
        looked=[f"{container.spot}: {task}" for task, container in looked],
        expected=f"{', '.join(keys)} from {secret or 'Secrets Manager'}",
        nothing="no file describes a task",
    )


def _secret_names(terraform: TerraformFiles, files: str) -> Iterator[tuple[str, str]]:
    for each in blocks_of(terraform, "resource", "aws_secretsmanager_secret", files=files):
        yield f"{each.address}.", each.node["name"].text


def secrets_rotate(
    promise: Promise, terraform: TerraformFiles, *, secrets: tuple[str, ...], files: str = ""
) -> Finding:
    """The promised secrets are changed by themselves, at intervals that are stated."""
    held = {each.name: each for each in blocks_of(terraform, "resource", "aws_secretsmanager_secret", files=files)}
    turns = list(blocks_of(terraform, "resource", "aws_secretsmanager_secret_rotation", files=files))
    looked = [held[name] for name in secrets if name in held]
    holes: list[Hole] = []
    for each in looked:
        mine = [turn for turn in turns if f"{each.address}." in turn.node["secret_id"].text + "."]
        rules = [rule for turn in mine for rule in all_of(turn.node, "rotation_rules")]
        if not mine:
            what = f"nothing rotates {each}"
            holes.append(Hole(spot=each.spot, what=what, fix="aws_secretsmanager_secret_rotation"))
        elif not any(rule["automatically_after_days"] or rule["schedule_expression"] for rule in rules):
            what = f"{mine[0]} does not say how often"
            holes.append(Hole(spot=mine[0].spot, what=what, fix="rotation_rules { automatically_after_days = 30 }"))
    if looked and len(looked) < len(secrets):
        missing = next(name for name in secrets if name not in held)
        fix = f'resource "aws_secretsmanager_secret" "{missing}"'
        holes.append(Hole(spot=looked[0].spot, what=f"there is no secret {missing}", fix=fix))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected=f"rotation of {', '.join(secrets)}",
        nothing=f"no file describes a secret {' or '.join(secrets)}",
    )


def secret_reads_logged(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """A trail of the whole account keeps management events, reads among them: GetSecretValue is one."""
    looked = list(blocks_of(terraform, "resource", "aws_cloudtrail", files=files))
    resources = list(blocks_of(terraform, "resource", files=files))
    holes: list[Hole] = []
    for each in looked:
        for key, right in (
            ("enable_logging", True),
            ("is_multi_region_trail", True),
            ("enable_log_file_validation", True),
        ):
            node = each.node[key]
            if (not node and key != "enable_logging") or node.value is False:
                what = f"{each} has {key} {node.text or 'not said, which means false'}"
                holes.append(Hole(spot=(node or each).spot, what=what, fix=f"{key} = {str(right).lower()}"))
        for selector in all_of(each.node, "event_selector"):
            kinds, managed = selector["read_write_type"], selector["include_management_events"]
            if managed.value is False or kinds.text == "WriteOnly":
                lost = "management events" if managed.value is False else "reads"
                what = f"{each} leaves out {lost}: GetSecretValue is lost"
                spot = (managed if managed.value is False else kinds).spot
                holes.append(
                    Hole(spot=spot, what=what, fix='read_write_type = "All", include_management_events = true')
                )
    if resources and not looked:
        holes.append(Hole(spot=resources[0].spot, what="there is no trail of who read what", fix="aws_cloudtrail"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in looked],
        expected="a trail that keeps reads of secrets, in every region",
        nothing="no file describes an infrastructure",
    )


def terraform_holds_no_secret(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """No password, key or token stands in Terraform's files: neither as a default nor as an argument."""
    variables = list(blocks_of(terraform, "variable", files=files))
    resources = list(blocks_of(terraform, "resource", files=files))
    holes = [
        Hole(
            spot=each.node["default"].spot,
            what=f"the variable {each.name} is confidential and has a default: it is in every checkout",
            fix="no default, sensitive = true",
        )
        for each in variables
        if confidential(each.name, each.node["default"])
    ]
    holes += [
        Hole(
            spot=node.spot,
            what=f"{each} holds {key} in plain text: it is in every checkout, and in the state",
            fix="manage_master_user_password, or a value from Secrets Manager",
        )
        for each in resources
        for key, node in _arguments(each)
        if node.value is not None and not node.is_table and node.text
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in (*variables, *resources)],
        expected="no confidential value in any file",
        nothing="no file describes an infrastructure",
    )


def _arguments(block: Block) -> Iterator[tuple[str, Node]]:
    for key in ("password", "master_password", "auth_token", "secret_string"):
        if block.node[key]:
            yield key, block.node[key]


def task_logs_shipped(
    promise: Promise,
    platforms: PlatformFiles | None,
    terraform: TerraformFiles | None,
    *,
    group: str,
    secret: str,
    files: str = "",
) -> Finding:
    """Tasks get their secrets from the promised one of Secrets Manager, and send their logs to the promised group."""
    looked = [(task, each) for task in tasks_of(platforms, terraform, files=files) for each in task.containers]
    holes: list[Hole] = []
    for task, container in looked:
        sources = [entry["valueFrom"] for entry in container["secrets"].items]
        if not any(f":secret:{secret}" in source.text for source in sources):
            spot = (container["secrets"] or container).spot
            what = f"{task} takes nothing from the secret {secret}"
            holes.append(Hole(spot=spot, what=what, fix=f"secrets: valueFrom: the ARN of {secret}"))
        logs = container["logConfiguration"]
        named = logs.at("options.awslogs-group")
        if logs["logDriver"].text != "awslogs" or named.text != group:
            what = f"{task} logs to {named.text or logs['logDriver'].text or 'nowhere that is said'}, not to {group}"
            holes.append(Hole(spot=(named or logs or container).spot, what=what, fix=f'awslogs-group: "{group}"'))
    return promise.judged(
        holes,
        looked=[f"{container.spot}: {task}" for task, container in looked],
        expected=f"secrets of {secret}, logs in {group}",
        nothing="no file describes a task",
    )
