"""checkov's own kind of check, for Terraform: a database that is destroyed leaves a snapshot."""

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_value_check import BaseResourceValueCheck


class LastSnapshot(BaseResourceValueCheck):
    """`skip_final_snapshot = true` makes `terraform destroy` the end of the data and of its automated backups."""

    def __init__(self):
        super().__init__(
            name="Ensure that a database that is destroyed leaves a last snapshot",
            id="CKV_PLIMSOLL_2",
            categories=[CheckCategories.BACKUP_AND_RECOVERY],
            supported_resources=["aws_db_instance", "aws_rds_cluster"],
            missing_block_result=CheckResult.PASSED,
            guideline="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        )

    def get_inspected_key(self):
        return "skip_final_snapshot"

    def get_expected_value(self):
        return False


check = LastSnapshot()
