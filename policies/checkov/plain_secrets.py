"""checkov's own kind of check, for Terraform: an ECS task gets its secrets from a secret store, not as plain text."""

import json
import re

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

SECRET = re.compile(r"(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$", re.IGNORECASE)
"""Names of variables that hold secrets; `PASSWORD_FILE` and `SECRET_ARN` hold none."""


class PlainSecretsOfTasks(BaseResourceCheck):
    """`environment` is shown by every description of the task; `secrets` names where the value lies."""

    def __init__(self):
        super().__init__(
            name="Ensure that ECS tasks take secrets from a secret store, not from plain environment variables",
            id="CKV_PLIMSOLL_1",
            categories=[CheckCategories.SECRETS],
            supported_resources=["aws_ecs_task_definition"],
            guideline="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
        )

    def scan_resource_conf(self, conf):
        containers = list(_tables(_understood(conf.get("container_definitions"))))
        for container in containers:
            for variable in _tables(container.get("environment")):
                if SECRET.search(str(variable.get("name", ""))) and variable.get("value"):
                    return CheckResult.FAILED
        return CheckResult.PASSED if containers else CheckResult.UNKNOWN


def _understood(said):
    """What container_definitions says, where that is written here as JSON or by jsonencode()."""
    while isinstance(said, list) and len(said) == 1 and isinstance(said[0], (str, list)):
        said = said[0]
    if isinstance(said, str):
        try:
            return json.loads(said)
        except ValueError:
            return None
    return said


def _tables(said):
    """The tables among the entries of a list, however deep lists lie in lists."""
    for each in said if isinstance(said, list) else [said]:
        if isinstance(each, dict):
            yield each
        elif isinstance(each, list):
            yield from _tables(each)


check = PlainSecretsOfTasks()
