"""checkov's runners in a process of our own find what its command finds, and speak to nobody."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from plimsoll.errors import MissingTool
from plimsoll.probes.scanners import environments
from plimsoll.probes.scanners.checkov import CHECKS, DRIVER
from tests.probes.scanner_files import results, scanned, source

FRAMEWORKS = ("dockerfile", "github_actions", "kubernetes", "secrets", "terraform")
TREE = {
    "Dockerfile": "FROM node:latest\nRUN sudo make\n",
    "k8s/app.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  selector: {matchLabels: {app: app}}\n"
        "  template:\n    metadata: {labels: {app: app}}\n    spec: {containers: [{name: app, image: app}]}\n"
    ),
    "main.tf": 'resource "aws_s3_bucket" "a" { bucket = "x" }\n'
    'resource "aws_db_instance" "d" { engine = "postgres" }\n',
    ".github/workflows/ci.yml": (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    environment: production\n"
        "    steps:\n      - run: echo ${{ github.event.issue.title }}\n"
    ),
    "settings.yml": "key: AKIAZ5GMQ3XKWVUTS2RB\n",
}
TASK = """
resource "aws_ecs_task_definition" "{name}" {{
  family                = "x"
  container_definitions = jsonencode([{{ name = "app", image = "x:1", {said} }}])
}}
"""


@pytest.fixture(scope="module")
def interpreter() -> Path:
    """The one that checkov is installed for."""
    try:
        return environments.prepared("checkov") / "bin" / "python"
    except MissingTool as error:
        pytest.skip(f"not run: checkov {error.fact}")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with something for every runner."""
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_runners_find_what_the_command_finds(interpreter: Path, tree: Path) -> None:
    """As many passed and failed checks of every framework as `checkov -d` counts."""
    command = [str(interpreter.parent / "checkov"), "-d", str(tree), "--skip-download", "-o", "json"]
    more = ["--enable-secret-scan-all-files", "--external-checks-dir", str(CHECKS), "--framework", *FRAMEWORKS]
    theirs = json.loads(subprocess.run([*command, *more], capture_output=True, check=False).stdout)
    done = subprocess.run([interpreter, DRIVER, tree, CHECKS, *FRAMEWORKS], capture_output=True, check=True)
    ours = json.loads(done.stdout)

    assert {name: (found["passed"], len(found["failed"])) for name, found in ours.items()} == {
        each["check_type"]: (each["summary"]["passed"], each["summary"]["failed"]) for each in theirs
    }
    assert ours.keys() == set(FRAMEWORKS)


def test_no_word_leaves_the_process(interpreter: Path) -> None:
    """Whatever a runner would ask the network for, it is refused."""
    lines = (
        f"import sys; sys.path.insert(0, {str(DRIVER.parent)!r})",
        "import checkov_driver, socket",
        "sys.addaudithook(checkov_driver.refuse)",
        "socket.create_connection(('127.0.0.1', 9))",
    )
    done = subprocess.run([interpreter, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)

    assert "PermissionError: no network here" in done.stderr


def test_plain_secrets_of_tasks() -> None:
    """A secret in `environment` is found; one that `secrets` names, and a variable that is none, are not."""
    plain = TASK.format(name="plain", said='environment = [{ name = "DB_PASSWORD", value = "hunter2" }]')
    named = TASK.format(name="named", said='secrets = [{ name = "DB_PASSWORD", valueFrom = "arn:aws:ssm:x" }]')
    other = TASK.format(name="other", said='environment = [{ name = "DB_PASSWORD_FILE", value = "/run/x" }]')

    found = results(scanned("checkov", source("main.tf", plain + named + other)))

    assert [each for each in found if "PLIMSOLL" in each] == ["main.tf:2 CKV_PLIMSOLL_1"]


def test_one_deployment_at_a_time() -> None:
    """A job that deploys to production needs a concurrency group, of its own or of the workflow."""
    bare = TREE[".github/workflows/ci.yml"]
    grouped = f"concurrency: deploy\n{bare}"
    own = bare.replace("    steps:", "    concurrency: deploy\n    steps:")
    staging = bare.replace("production", "staging")

    found = {
        text: [r for r in results(scanned("checkov", source(".github/workflows/ci.yml", text))) if "PLIMSOLL" in r]
        for text in (bare, grouped, own, staging)
    }

    assert [len(each) for each in found.values()] == [1, 0, 0, 0]
