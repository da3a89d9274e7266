"""What ECS says of its services: list and describe calls by the AWS command line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.observations import Revision, Rollout
from plimsoll.probes.orchestrators.asking import Answer, answer, number, table, tables, text
from plimsoll.probes.scanners import environments

PLATFORM = "ECS"
HOME = "drills"
"""The environment that has an AWS command line where the machine has none."""

AT_ONCE = 10
"""Services that one call describes (Amazon ECS API, DescribeServices)."""

KEPT = 2
"""Task definitions that are looked at: the one that runs, and the newest before it."""

ARN = re.compile(r"(?P<family>[\w-]{1,255}):(?P<revision>\d{1,9})$")
"""How the ARN of a task definition ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cluster of ECS, as a profile of the AWS command line may see it; "" is whatever its environment says."""

    region: str
    name: str
    deadline: float
    profile: str = ""

    def rollouts(self, names: Sequence[str]) -> Iterator[Rollout]:
        """How far the services of these names are. Raises CouldNotLook, MissingTool."""
        for first in range(0, len(names), AT_ONCE):
            asked = names[first : first + AT_ONCE]
            said = self._ask("describe-services", "--cluster", self.name, "--services", *asked)
            for service in tables(said, "services"):
                if text(service, "status") == "ACTIVE":
                    yield self._rollout(service)

    def _rollout(self, service: Answer) -> Rollout:
        deployments = list(tables(service, "deployments"))
        primary = next((each for each in deployments if text(each, "status") == "PRIMARY"), {})
        breaker = table(service, "deploymentConfiguration", "deploymentCircuitBreaker")
        running, before = self._revisions(text(primary, "taskDefinition") or text(service, "taskDefinition"))
        state = text(primary, "rolloutState")
        return Rollout(
            name=text(service, "serviceName"),
            platform=PLATFORM,
            wanted=number(service, "desiredCount"),
            total=number(service, "runningCount"),
            updated=number(primary, "runningCount"),
            ready=number(primary, "runningCount"),
            revision=running,
            observed=len(deployments) == 1 and state != "IN_PROGRESS",
            trouble=text(primary, "rolloutStateReason") or state if state == "FAILED" else "",
            before=before,
            returns=breaker.get("enable") is True and breaker.get("rollback") is True,
        )

    def _revisions(self, arn: str) -> tuple[Revision, tuple[Revision, ...]]:
        """What a task definition says, and the newest before it that may run again: those that are ACTIVE."""
        found = ARN.search(arn)
        if found is None:
            return Revision(number=0, images=()), ()
        listed = self._ask(
            "list-task-definitions", "--family-prefix", found["family"], "--status", "ACTIVE", "--sort", "DESC"
        )
        arns = listed.get("taskDefinitionArns")
        older = [each for each in map(str, arns if isinstance(arns, list) else ()) if _number(each) < _number(arn)]
        newest, *before = (self._revision(each) for each in [arn, *older][:KEPT])
        return newest, tuple(before)

    def _revision(self, arn: str) -> Revision:
        said = self._ask("describe-task-definition", "--task-definition", arn)
        containers = tables(said, "taskDefinition", "containerDefinitions")
        return Revision(number=_number(arn), images=tuple(text(each, "image") for each in containers))

    def _ask(self, *words: str) -> Answer:
        program = shutil.which("aws") or environments.prepared(HOME) / "bin" / "aws"
        options = ["--region", self.region, "--output", "json", "--cli-connect-timeout", "5"]
        if self.profile:
            options += ["--profile", self.profile]
        hint = f"aws ecs {' '.join(words)} --region {self.region}"
        return answer([program, "ecs", *words, *options], deadline=self.deadline, hint=hint)


def _number(arn: str) -> int:
    found = ARN.search(arn)
    return int(found["revision"]) if found else 0
