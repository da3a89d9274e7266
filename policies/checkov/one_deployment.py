"""checkov's own kind of check, for GitHub's workflows: one deployment to production at a time."""

from checkov.common.models.enums import CheckResult
from checkov.github_actions.checks.base_github_action_check import BaseGithubActionsCheck
from checkov.yaml_doc.enums import BlockType


class OneDeployment(BaseGithubActionsCheck):
    """Without a `concurrency` group two merges deploy side by side, and the older one may end last."""

    def __init__(self):
        super().__init__(
            name="Ensure that jobs that deploy to production do not run side by side",
            id="CKV_PLIMSOLL_3",
            block_type=BlockType.DOCUMENT,
            supported_entities=["*"],
        )

    def scan_conf(self, conf):
        jobs = conf.get("jobs") if isinstance(conf, dict) else None
        deploying = [job for job in jobs.values() if _deploys(job)] if isinstance(jobs, dict) else []
        for job in deploying:
            if not (job.get("concurrency") or conf.get("concurrency")):
                return CheckResult.FAILED, job
        return (CheckResult.PASSED if deploying else CheckResult.UNKNOWN), conf


def _deploys(job):
    """Whether a job deploys to production: it uses that environment."""
    said = job.get("environment") if isinstance(job, dict) else None
    name = said.get("name") if isinstance(said, dict) else said
    return str(name or "").lower().startswith("prod")


check = OneDeployment()
