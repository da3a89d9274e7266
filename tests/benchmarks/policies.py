"""How long it takes to judge files: beside one call of checkov's own command over the same tree, and beside nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from plimsoll.deployment import read_artefacts
from plimsoll.inspection import Inspection
from plimsoll.looks import DEEP, Scene, at_rest
from plimsoll.probes.scanners import environments
from plimsoll.rules import RULES
from plimsoll.stacks.files import FilesStack
from plimsoll.wait import SYSTEM_CLOCK

PROJECT = Path(__file__).parents[2]
_lasting = ExitStack()
MANIFESTS, SCRIPTS, PROGRAMS = 10, 2, 12
"""Files of a middling deployment: those of the tree that the goals were set with."""

MANY = 1000
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{ name: service-{number}, namespace: production }}
spec:
  replicas: 3
  selector: {{ matchLabels: {{ app: service-{number} }} }}
  template:
    metadata: {{ labels: {{ app: service-{number} }} }}
    spec:
      containers:
        - name: app
          image: registry.example/service-{number}:1.{number}.0
          ports: [{{ containerPort: 3000 }}]
---
apiVersion: v1
kind: Service
metadata: {{ name: service-{number}, namespace: production }}
spec:
  selector: {{ app: service-{number} }}
  ports: [{{ port: 80, targetPort: 3000 }}]
"""
DOCKERFILE = """\
FROM node:20-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev
FROM node:20-alpine
COPY --from=build /app /app
USER 1001:1001
CMD ["node", "/app/dist/index.js"]
"""
COMPOSE = """\
services:
  app:
    image: registry.example/app:1.0.0
    restart: unless-stopped
    ports: ["127.0.0.1:{port}:3000"]
"""
TERRAFORM = """\
resource "aws_db_instance" "main_{number}" {{
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  storage_encrypted   = true
  multi_az            = true
  deletion_protection = true
}}
resource "aws_s3_bucket" "files_{number}" {{ bucket = "files-{number}" }}
"""
NGINX = """\
events {{ }}
http {{
    upstream app {{ server app:3000; }}
    server {{ listen {port}; server_name site.example; location / {{ proxy_pass http://app; }} }}
}}
"""
SURVEY = """
import sys
from pathlib import Path
from plimsoll.probes.files import folder
from plimsoll.probes.scanners.known import SCANNERS
from plimsoll.probes.scanners.survey import survey
survey(folder.sources(Path(sys.argv[1]), {}), SCANNERS)
"""
SCRIPT = '#!/bin/bash\nset -euo pipefail\npg_dump "$DATABASE" | gzip > "/backup/{number}.sql.gz"\n'
PROGRAM = "".join(f"def check_{number}(value: int) -> int:\n    return value * {number}\n\n\n" for number in range(20))


def cold() -> float:
    """Seconds of a whole policy run over the tree, when no scanner has seen any of its files."""
    with _forgetful() as environment:
        return _run(environment)


def scanners() -> float:
    """Seconds of all scanners over the tree, cold, in a process that does nothing else."""
    with _forgetful() as environment:
        return _timed([sys.executable, "-c", SURVEY, str(tree())], environment)


@contextmanager
def _forgetful() -> Iterator[Mapping[str, str]]:
    """An environment in which no scanner has said anything yet, but all are installed."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "plimsoll").mkdir()
        (Path(name) / "plimsoll" / "scanners").symlink_to(environments.prepared("checkov").parent)
        environments.prepared("tools")
        yield {"XDG_CACHE_HOME": name}


def warm() -> float:
    """Seconds of the same where nothing has changed since."""
    _seen()
    return _run({})


def nothing() -> float:
    """Seconds that pytest takes to start with our plugin, and to find that nothing is selected."""
    return _run({}, "-k", "no-such-promise")


def checkov() -> float:
    """Seconds of checkov's own command over the same tree."""
    command = environments.prepared("checkov") / "bin" / "checkov"
    return _timed([str(command), "-d", str(tree()), "--skip-download", "--compact", "--quiet"], {})


def many() -> float:
    """Seconds until our own rules have judged a thousand files, read from the disk."""
    with _made(MANY) as root:
        started = SYSTEM_CLOCK.monotonic()
        deployment = read_artefacts(root)
        own = [p for p in deployment.promises if at_rest(p) and DEEP.isdisjoint(RULES[p.rule].reads)]
        inspection = Inspection(Scene.of(deployment, FilesStack(deployment)), own)
        try:
            for promise in own:
                inspection.judge(promise)
        finally:
            inspection.close()
        return SYSTEM_CLOCK.monotonic() - started


@cache
def tree() -> Path:
    """The folder of a middling deployment, which lasts as long as the benchmark."""
    return _lasting.enter_context(_made(0))


def close() -> None:
    """The folder is gone, if there was one."""
    _lasting.close()


@cache
def _seen() -> None:
    _run({})


def _run(environment: Mapping[str, str], *more: str) -> float:
    with tempfile.TemporaryDirectory() as reports:
        options = ["--artefacts", str(tree()), "--reports", reports, "-q", *more]
        return _timed([sys.executable, "-m", "pytest", "suites/policy", *options], environment)


def _timed(command: list[str], environment: Mapping[str, str]) -> float:
    started = SYSTEM_CLOCK.monotonic()
    subprocess.run(
        command,
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
    )
    return SYSTEM_CLOCK.monotonic() - started


@contextmanager
def _made(many: int) -> Iterator[Path]:
    """A folder of the tree's files, and of so many more, of all kinds alike."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in _files(many):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        yield root


def _files(many: int) -> Iterator[tuple[str, str]]:
    each = many // 6
    for number in range(max(MANIFESTS, each)):
        yield f"k8s/service-{number}.yaml", MANIFEST.format(number=number)
    for number in range(max(2, each)):
        yield f"service-{number}/Dockerfile", DOCKERFILE
        yield f"service-{number}/compose.yml", COMPOSE.format(port=8000 + number)
        yield f"service-{number}/nginx.conf", NGINX.format(port=9000 + number)
    for number in range(max(3, each)):
        yield f"terraform/part-{number}.tf", TERRAFORM.format(number=number)
    for number in range(max(SCRIPTS, each)):
        yield f"scripts/backup-{number}.sh", SCRIPT.format(number=number)
    for number in range(PROGRAMS):
        yield f"tools/check_{number}.py", PROGRAM
