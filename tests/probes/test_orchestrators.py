"""Whoever runs a live deployment is asked with its own command line: kubectl, and that of AWS."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.drills.cloud.stand_in import Cloud
from plimsoll.errors import BadInput
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Deployment, Finding, Live, Outcome, Promise
from plimsoll.rules import RULES
from plimsoll.stacks.live import LiveStack
from tests.probes.api_server import ApiServer, deployment, replica_set, serving

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

SECONDS = 4.0
WEB = {"context": "shop-production", "namespace": "shop"}
RUNS = {"workloads": ("shop-web",)}


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    """Two workloads; the one that is asked for has been released twice."""
    server = ApiServer(
        deployments=[
            deployment("shop-web", image="shop/web:1.4.0", revision=7),
            deployment("shop-api", image="shop/api:1.4.0", revision=1),
        ],
        replica_sets=[
            replica_set("shop-web", image="shop/web:1.4.0", revision=7),
            replica_set("shop-web", image="shop/web:1.3.2", revision=6),
        ],
    )
    with serving(server):
        yield server


def judged(live: Live, rule: str, **parameters: object) -> Finding:
    """What a rule says of a live deployment."""
    promise = Promise(id="LV-01", rule=rule, area=RULES[rule].area, title="", source="", parameters=parameters)
    shop = Deployment(name="live", root=Path("/"), hosts=(), promises=(promise,), zones={}, live=live)
    inspection = Inspection(Scene.of(shop, LiveStack(shop), deadline=SECONDS), [promise])
    try:
        return inspection.judge(promise)
    finally:
        inspection.close()


def on(server: ApiServer, folder: Path, **more: str) -> Live:
    """A live deployment that this cluster runs."""
    config = server.kubeconfig(folder / "kubeconfig")
    return Live(url="http://127.0.0.1:9", kubernetes={**WEB, "kubeconfig": str(config), **more})


def test_a_release_that_runs(cluster: ApiServer, tmp_path: Path) -> None:
    """The cluster is asked twice, with GET, and what it says is understood."""
    live = on(cluster, tmp_path)

    kept = judged(live, "release-runs", **RUNS, replicas=3, image="shop/web:1.4.0")
    back = judged(live, "release-returnable", **RUNS)
    first = judged(live, "release-returnable", workloads=("shop-api",))

    assert kept.outcome is Outcome.PASS, kept.message
    assert "revision 7 (shop/web:1.4.0), 3 of 3 ready" in kept.actual
    assert back.outcome is Outcome.PASS, back.message
    assert first.outcome is Outcome.FAIL
    assert "no revision to go back to" in first.message
    assert {line.split()[0] for line in cluster.asked} == {"GET"}
    assert "not-shown-anywhere" not in str((kept, back, first))


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"updatedReplicas": 1, "replicas": 4}, "1 of 3 replicas are of the newest revision"),
        ({"replicas": 4}, "1 replicas of an older revision are left"),
        ({"availableReplicas": 2}, "2 of 3 replicas are ready"),
        ({"observedGeneration": 8}, "what was last asked of it has not been done"),
        (
            {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]},
            "its rollout failed: ProgressDeadlineExceeded",
        ),
    ],
)
def test_a_release_that_does_not(cluster: ApiServer, tmp_path: Path, status: dict[str, int], says: str) -> None:
    """What `kubectl rollout status` would wait for is named."""
    cluster.deployments[0]["status"].update(status)

    finding = judged(on(cluster, tmp_path), "release-runs", **RUNS)

    assert finding.outcome is Outcome.FAIL
    assert says in finding.message


def test_a_paused_release(cluster: ApiServer, tmp_path: Path) -> None:
    """Nobody waits for it, and it is not over."""
    cluster.deployments[0]["spec"]["paused"] = True

    assert "paused" in judged(on(cluster, tmp_path), "release-runs", **RUNS).message


def test_an_empty_namespace_shows_nothing(cluster: ApiServer, tmp_path: Path) -> None:
    """The API has no errors for a namespace that is misspelt: nothing seen is no evidence."""
    finding = judged(on(cluster, tmp_path, namespace="shap"), "release-runs", **RUNS)

    assert finding.outcome is Outcome.UNKNOWN
    assert not finding.out_of_reach


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": 403, "body": b"{}"}, "kubectl could not tell"),
        ({"body": b"<html>"}, "does not answer in JSON"),
        ({"body": b"[1]"}, "answers with no object"),
        ({"body": b"[" * 100_000}, "does not answer in JSON"),
        ({"body": b'{"items": [1, {"metadata": 2, "spec": []}, {"metadata": {"name": "shop-web"}}]}'}, "revision"),
        ({"endless": True}, "kubectl says more than 16 MiB"),
        ({"hangs": threading.Event()}, "kubectl"),
    ],
)
def test_a_hostile_api(cluster: ApiServer, tmp_path: Path, change: dict[str, object], says: str) -> None:
    """It never hangs and never looks like a release that runs."""
    for key, value in change.items():
        setattr(cluster, key, value)

    finding = judged(on(cluster, tmp_path), "release-runs", **RUNS)

    assert finding.outcome is not Outcome.PASS
    assert says in finding.message, finding.message
    assert "harness crashed" not in finding.message


def test_nobody_to_ask(cluster: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cluster that is named it is out of reach; without kubectl, or a context, nobody could tell."""
    unnamed = judged(Live(url="http://127.0.0.1:9"), "release-runs", **RUNS)
    elsewhere = judged(on(cluster, tmp_path, context="staging"), "release-runs", **RUNS)
    live = on(cluster, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    without = judged(live, "release-runs", **RUNS)

    assert (unnamed.outcome, unnamed.out_of_reach) == (Outcome.UNKNOWN, True)
    assert "needs a Kubernetes cluster" in unnamed.message
    assert (elsewhere.outcome, elsewhere.out_of_reach) == (Outcome.UNKNOWN, False)
    assert "staging" in elsewhere.message
    assert without.outcome is Outcome.UNKNOWN
    assert "kubectl is not installed" in without.message
    assert not cluster.asked


ANSWERS = {
    "describe-services": {
        "services": [
            {
                "serviceName": "shop-web",
                "status": "ACTIVE",
                "desiredCount": 2,
                "runningCount": 2,
                "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
                "deployments": [
                    {
                        "status": "PRIMARY",
                        "taskDefinition": "arn:aws:ecs:eu-central-1:000000000000:task-definition/shop-web:31",
                        "runningCount": 2,
                        "rolloutState": "COMPLETED",
                    }
                ],
            }
        ]
    },
    "list-task-definitions": {
        "taskDefinitionArns": [
            f"arn:aws:ecs:eu-central-1:000000000000:task-definition/shop-web:{number}" for number in (31, 30)
        ]
    },
    "describe-task-definition": {
        "taskDefinition": {"containerDefinitions": [{"name": "main", "image": "shop/web:1.4"}]}
    },
}
"""What ECS says of a service whose rollout is complete, as its API reference has it. Its stand-in completes none."""

ON_ECS = Live(url="http://127.0.0.1:9", ecs={"region": "eu-central-1", "cluster": "shop"})


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with what an `aws` says to each question."""
    for question, said in ANSWERS.items():
        (tmp_path / question).write_text(json.dumps(said), encoding="utf-8")
    program = tmp_path / "aws"
    program.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\nexec cat {tmp_path}/"$2"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_a_service_of_ecs(answers: Path) -> None:
    """Complete, and taken back by itself should it fail; nothing but descriptions was asked for."""
    runs = judged(ON_ECS, "release-runs", **RUNS, replicas=2, image="shop/web:1.4")
    back = judged(ON_ECS, "release-returnable", **RUNS, by_itself=True)

    assert runs.outcome is Outcome.PASS, runs.message
    assert back.outcome is Outcome.PASS, back.message
    asked = (answers / "asked").read_text(encoding="utf-8").splitlines()
    assert {line.split()[1].partition("-")[0] for line in asked} == {"describe", "list"}


def test_a_service_of_ecs_that_is_not_done(answers: Path) -> None:
    """Two deployments at once are one too many; a failed one says why."""
    said = json.loads(json.dumps(ANSWERS["describe-services"]))
    primary = said["services"][0]["deployments"][0]
    primary |= {
        "rolloutState": "FAILED",
        "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.",
    }
    said["services"][0]["deployments"].append({"status": "ACTIVE", "runningCount": 2})
    (answers / "describe-services").write_text(json.dumps(said), encoding="utf-8")

    finding = judged(ON_ECS, "release-runs", **RUNS)

    assert finding.outcome is Outcome.FAIL
    assert "tasks failed to start" in finding.message
    assert "has not been done" in finding.message


def test_the_api_of_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real command line against a stand-in of the API, where no task ever starts: that is no release."""
    region = ("--region", "eu-central-1")
    task = ("--family", "shop-web", "--container-definitions", '[{"name":"main","image":"shop/web:%d","memory":64}]')
    with Cloud(tmp_path) as cloud:
        for name, value in cloud.store.environment.items():
            monkeypatch.setenv(name, value)
        aws = str(cloud.store.client)
        monkeypatch.setenv("PATH", f"{cloud.store.client.parent}:/usr/bin:/bin")

        def ask(*words: str) -> None:
            subprocess.run([aws, "ecs", *words, *region], check=True, capture_output=True)

        ask("create-cluster", "--cluster-name", "shop")
        for number in (1, 2):
            ask("register-task-definition", *task[:-1], task[-1] % number)
        ask(
            *("create-service", "--cluster", "shop", "--service-name", "shop-web"),
            *("--task-definition", "shop-web:2", "--desired-count", "2"),
        )
        runs = judged(ON_ECS, "release-runs", **RUNS)
        back = judged(ON_ECS, "release-returnable", **RUNS)
        absent = judged(ON_ECS, "release-runs", workloads=("shop-web", "shop-api"))
        nowhere = judged(replace(ON_ECS, ecs={"region": "eu-central-1", "cluster": "other"}), "release-runs", **RUNS)

    assert runs.outcome is Outcome.FAIL, runs.message
    assert "0 of 2 replicas" in runs.message
    assert back.outcome is Outcome.PASS, back.message
    assert "shop/web:2" in back.actual
    assert "nothing of the name shop-api runs" in absent.message
    assert nowhere.outcome is Outcome.UNKNOWN
    assert "ClusterNotFound" in nowhere.message


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ('kubernetes = { context = "production" }', "namespace: missing"),
        ('kubernetes = { context = "", namespace = "shop" }', "context: says nothing"),
        ('ecs = { region = "eu-central-1", claster = "shop" }', "did you mean 'cluster'"),
        ('kubernetes = { context = "a", namespace = "b", kubeconfig = "nowhere" }', "there is no 'nowhere'"),
    ],
)
def test_what_is_said_of_an_orchestrator(tmp_path: Path, said: str, fact: str) -> None:
    """What is missing or misspelt is named, with what it could be."""
    file = tmp_path / "deployment.toml"
    text = f'name = "shop"\nhosts = ["shop.example"]\npolicies = ["edge-hardened"]\n[live]\nurl = "https://shop.example"\n{said}\n'
    file.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=fact):
        read_deployment(file)
