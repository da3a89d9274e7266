"""checkov's own kind of check, for GitHub's workflows: one deployment to production at a time."""

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.github_actions.checks.base_github_action_check import BaseGithubActionsCheck
from checkov.yaml_doc.enums import BlockType


class OneDeployment(BaseGithubActionsCheck):
    """Without a `concurrency` group two merges deploy side by side, and the older one may end last."""

    def __init__(self):
        super().__init__(
            name="Ensure that jobs that deploy to production do not run side by side",
            id="CKV_PLIMSOLL_3",
            categories=[CheckCategories.CI],
            supported_entities=["jobs"],
            block_type=BlockType.OBJECT,
            guideline="https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
        )

    def scan_conf(self, conf):
        said = conf.get("environment")
        name = said.get("name") if isinstance(said, dict) else said
        if not str(name or "").lower().startswith("prod"):
            return CheckResult.UNKNOWN, conf
        return (CheckResult.PASSED if conf.get("concurrency") else CheckResult.FAILED), conf


check = OneDeployment()
