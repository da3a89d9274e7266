"""checkov's own kind of check, for Terraform: an ECS task gets its secrets from a secret store, not as plain text."""

import re

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

SECRET = re.compile(r"(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$", re.IGNORECASE)
"""Names of variables that hold secrets; `PASSWORD_FILE` and `SECRET_ARN` hold none."""

VARIABLE = re.compile(r"""\\*["']name\\*["']:\s*\\*["'](?P<name>\w+)\\*["'],\s*\\*["']value\\*["']:\s*(?!\\*["']{2})""")
"""A variable and its value: as jsonencode() or as JSON has them once checkov has read them, with names in quotes."""


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
        said = str(conf.get("container_definitions") or "")
        if "name" not in said:
            return CheckResult.UNKNOWN  # it stands in another file
        plain = [found["name"] for found in VARIABLE.finditer(said) if SECRET.search(found["name"])]
        return CheckResult.FAILED if plain else CheckResult.PASSED


check = PlainSecretsOfTasks()
