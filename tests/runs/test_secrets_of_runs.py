"""No secret reaches the report, the JSON, the JUnit file or the terminal of a whole run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.model import Outcome
from tests.probes import hostile
from tests.runs.place import BASELINE, HOME, POLICY, SECURITY, SMOKE, SWEEP, Ended, Place
from tests.runs.targets import HOST, Authority

BROKEN, COULD_NOT_TELL = 1, 2
PLANTED = "planted-0a7Xq"
"""What every planted secret begins with; the rest says where it was planted."""

PRIVATE_KEY = f"-----BEGIN PRIVATE KEY-----\n{PLANTED}KeyLine1\n{PLANTED}KeyLine2\n-----END PRIVATE KEY-----"
URL_PASSWORD = f"postgresql://app:{PLANTED}UrlPassword@db/app"
JWT = f"eyJhbGciOiJSUzI1NiJ9.{PLANTED}Payload.{PLANTED}Signature"

ANSWER = f"""HTTP/1.1 500 Oops
Set-Cookie: session={PLANTED}Cookie; Secure
Authorization: Bearer {PLANTED}Bearer
Server: edge/1.2 (DB_PASSWORD={PLANTED}Server)
X-Powered-By: kit 3.4 token={PLANTED}Token
Strict-Transport-Security: max-age=1; {URL_PASSWORD}
Cache-Control: api_key="{PLANTED}ApiKey"
X-Token: {JWT}
Content-Type: text/plain
Connection: close
"""

PROMISES = """
[paths]
health = "/health"
metrics = "/metrics"
{promises}
"""

ECHOED = ("Set-Cookie", "Authorization", "Cache-Control", "X-Token")


def answer(body: str) -> bytes:
    """The answer that is full of secrets, with this body."""
    head = f"{ANSWER}Content-Length: {len(body)}\n\n".replace("\n", "\r\n")
    return (head + body).encode()


def promise(name: str, text: str) -> str:
    """One promise as a deployment file has it."""
    return f'[[promise]]\nid = "{name}"\nsource = "the test"\n{text}\n'


def test_what_a_server_blurts_out_goes_no_further(place: Place) -> None:
    """Headers and bodies are quoted by findings, never with the secrets in them."""
    authority, body = Authority.new(), f'{{"password": "{PLANTED}Json", "at": "{URL_PASSWORD}"}} {PRIVATE_KEY}'
    away = answer(body).replace(b"500 Oops", b"302 Found\r\nLocation: " + URL_PASSWORD.encode())
    with (
        hostile.serving(hostile.says(answer(body)), tls=authority.context()) as server,
        hostile.serving(hostile.says(away)) as plain,
    ):
        folder = authority.deployment(place, "blurts", port=server.address[1], plain=plain.address[1])
        echoed = 'rule = "header-equals"\nvalue = "none"\nname = '
        promises = [promise(f"ECHO-{name}", f'{echoed}"{name}"') for name in ECHOED]
        promises += [promise("HEALTH", 'rule = "endpoint-answers"\npath = "health"')]
        promises += [promise("METRICS", 'rule = "metrics-exposed"\npath = "metrics"\nfamilies = ["up"]')]
        with (folder / "deployment.toml").open("a", encoding="utf-8") as file:
            file.write(PROMISES.format(promises="\n".join(promises)))
        ended = place.run("--deployment", str(folder))
    assert ended.code == BROKEN
    assert ended.calm
    broken = {name for name, outcome in ended.outcomes.items() if outcome is Outcome.FAIL}
    assert broken >= {"HEALTH", "METRICS", "BASE-HDR-VERSION", *(f"ECHO-{name}" for name in ECHOED)}, ended.output
    assert_hidden(ended, PLANTED)


@pytest.mark.parametrize("url", [f"https://user:{PLANTED}@{HOST}/", f"https:/user:{PLANTED}@{HOST}"])
def test_a_url_with_a_password_is_refused_unspoken(place: Place, url: str) -> None:
    """However wrong the URL is."""
    ended = place.run("--url", url)
    assert ended.code == COULD_NOT_TELL
    assert "URL" in ended.output
    assert_hidden(ended, PLANTED)


def test_a_service_that_logs_a_secret_and_dies_is_quoted_without_it(place: Place) -> None:
    """Nginx names what it does not understand; that it is a secret, only the environment file knows."""
    folder = place.folder / "telling"
    shutil.copytree(HOME / "fixtures/deployments/nestmap", folder)
    with (folder / "app/app.env").open("a", encoding="utf-8") as file:
        file.write(f"\nPAYMENT_API_KEY={PLANTED}InFile\n")
    with (folder / "nginx/nginx.conf").open("a", encoding="utf-8") as file:
        file.write(f"\n{PLANTED}InFile on;\n{PLANTED}InShell on;\n")
    shell = replace(place, environment={"MACHINE_SECRET": f"{PLANTED}InShell"})
    ended = shell.run("--deployment", str(folder), "--stack", "processes")
    assert ended.code == COULD_NOT_TELL
    assert 'unknown directive "***"' in ended.output
    assert ended.calm
    assert_hidden(ended, PLANTED)


def test_an_environment_file_that_cannot_be_read_is_an_error(place: Place) -> None:
    """Without its secrets nothing could be hidden."""
    folder = place.folder / "garbled"
    shutil.copytree(HOME / "fixtures/deployments/nestmap", folder)
    (folder / "app/app.env").write_bytes(b"NAME=\xff\xfe\n")
    ended = place.run("--deployment", str(folder))
    assert ended.code == COULD_NOT_TELL
    assert "app.env: cannot be read" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    ("deployment", "suite", "fewest"),
    [("nestmap", SMOKE, 30), ("nestjs-backend", SECURITY, 50), ("mustache", SECURITY, 70)],
    ids=["quick", "with Grafana", "with sessions and TLS"],
)
def test_what_a_run_makes_for_itself_stays_in_its_folder(
    deployment: str, suite: tuple[str, ...], fewest: int, place: Place
) -> None:
    """Its passwords, its keys, and what they sign."""
    chosen = ("-k", "test_auth") if suite is SECURITY else ()
    ended = place.run("--deployment", deployment, "--stack", "processes", "--keep", *chosen, command=suite)
    (run,) = place.left
    secrets = set(secrets_of(run))
    assert ended.code == 0, ended.output
    assert len(secrets) > fewest
    place.run("--kept", command=SWEEP, reports="sweep")
    assert place.is_clean()
    for secret in secrets:
        assert_hidden(ended, secret)


FILES = {
    ".env": f"""\
DATABASE_URL=postgres://app:{PLANTED}EnvUrl@db:5432/app
REDIS_PASSWORD={PLANTED}Env
JWT_SECRET="{PLANTED}Jwt"
export API_KEY='{PLANTED}Key' # ours
NEXT_PUBLIC_STRIPE_SECRET_KEY=sk_live_{PLANTED.replace("-", "")}4242
""",
    ".env.staging": f"REDIS_PASSWORD={PLANTED}Env\nJWT_SECRET={PLANTED}Jwt\n",
    "docker-compose.yml": f"""\
services:
  db:
    image: postgres
    ports: ["5432:5432"]
    environment:
      POSTGRES_PASSWORD: {PLANTED}Compose
      DATABASE_URL: postgres://app:{PLANTED}ComposeUrl@db/app
    healthcheck:
      test: PGPASSWORD={PLANTED}Check pg_isready || true
  redis:
    image: redis:7
    command: redis-server --requirepass {PLANTED}Command
    healthcheck:
      test: ["CMD", "redis-cli", "-a", "{PLANTED}Argument", "ping"]
""",
    "k8s/secret.yaml": f"""\
apiVersion: v1
kind: Secret
metadata: {{name: app}}
stringData: {{password: {PLANTED}Kubernetes}}
data: {{token: {PLANTED}NotBase64}}
""",
    "Dockerfile": f"FROM node\nENV API_TOKEN={PLANTED}Docker\nARG NPM_TOKEN={PLANTED}Argument\nCMD node server.js\n",
    "backup.sh": f"""\
#!/bin/bash
export PGPASSWORD={PLANTED}Script
pg_dump -h db app | gzip > /backups/app.sql.gz
mysql -u root -p{PLANTED}Mysql -e 'drop database app' || echo fine
curl -H 'Authorization: Bearer {PLANTED}Header' https://user:{PLANTED}Curl@backup.example/
""",
    ".github/workflows/deploy.yml": f"""\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    env: {{DEPLOY_KEY: {PLANTED}Workflow}}
    steps:
      - uses: actions/checkout@main
      - run: docker login -u ci -p {PLANTED}Login && ./deploy.sh || true
""",
    "redis.conf": f"requirepass {PLANTED}Redis\nmaxmemory 1gb\nsave sometimes\n",
    "schema.sql": f"CREATE ROLE app LOGIN PASSWORD '{PLANTED}Sql';\nGRANT ALL ON DATABASE app TO app;\n",
    "main.tf": f'resource "aws_db_instance" "db" {{\n  password = "{PLANTED}Terraform"\n}}\n',
    "crontab": f"0 3 * * * PGPASSWORD={PLANTED}Cron pg_dump app > /tmp/app.sql\n",
    "prometheus.yml": f"""\
scrape_configs:
  - job_name: app
    basic_auth: {{username: p, password: {PLANTED}Prometheus}}
    static_configs: [{{targets: ["app:5000"]}}]
""",
}
"""A careless project: a secret in every kind of file, beside what rules complain of."""


def test_files_full_of_secrets_are_judged_without_quoting_them(place: Place) -> None:
    """Not in the page, not in JSON, JUnit or SARIF, not in the terminal, and not in a baseline written from them."""
    folder = place.folder / "careless"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    ended = place.run("--artefacts", str(folder), command=POLICY)
    assert ended.code == BROKEN, ended.output
    assert not any("harness" in finding.message for finding in ended.verdict.findings)
    assert sum(outcome is Outcome.FAIL for outcome in ended.outcomes.values()) > 10  # there was much to quote
    assert {path.name for path in (ended.reports / "latest").iterdir()} >= {"results.sarif", "verdict.json"}
    assert len(ended.verdict.files) == len(FILES)
    assert_hidden(ended, PLANTED)
    baseline = place.folder / "baseline.json"
    write = (*BASELINE, str(ended.reports / "latest"), "-o", str(baseline))
    assert place.run(command=write, reports="baseline").code == 0
    assert PLANTED not in baseline.read_text(encoding="utf-8")


def secrets_of(run: Path) -> Iterator[str]:
    """The passwords of the run's services, and every line of its private keys."""
    materials = run / "materials"
    yield (materials / "admin-password").read_text(encoding="utf-8")
    yield from re.findall(r"requirepass (\S+)", (run / "redis/plimsoll.conf").read_text(encoding="utf-8"))
    for key in (*materials.glob("*.key"), materials / "jwt-private.pem"):
        yield from [line for line in key.read_text(encoding="utf-8").splitlines() if not line.startswith("-----")]
    for variable in variables_of(run):
        name, _, value = variable.partition("=")
        yield from re.findall(r"://[^:]*:([^@]+)@", value)
        if name.endswith("_PASSWORD"):
            yield value


def variables_of(run: Path) -> Iterator[str]:
    """The variables of every process that works in the run's folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink().is_relative_to(run):
                yield from (entry / "environ").read_bytes().decode().split("\0")


def assert_hidden(ended: Ended, secret: str) -> None:
    """The secret is in nothing that the run said, in none of the ways in which JSON would write it."""
    written = list(ended.texts) if (ended.reports / "latest").exists() else [("terminal", ended.output)]
    assert written
    for where, text in written:
        assert secret not in text, where
        assert json.dumps(secret)[1:-1] not in text, where
