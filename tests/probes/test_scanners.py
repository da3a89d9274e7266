"""Every scanner, as it really is: it finds the defect at its line, and nothing in what is right."""

from __future__ import annotations

import pytest

from plimsoll.observations.artefacts.scans import State
from plimsoll.probes.scanners.known import SCANNERS
from plimsoll.probes.scanners.survey import survey
from tests.probes.scanner_files import named, results, scanned, source

NGINX = (
    "events {}\nhttp {\n  upstream app { server app:3000; }\n"
    "  server { listen 80; location / { proxy_pass http://app; } }\n}\n"
)
WORKFLOW = "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make\n"
SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec:\n  ports:\n    - port: "80"\n'
RULES = "groups:\n  - name: app\n    rules:\n      - alert: Down\n        expr: up == 0\n"
TESTS = (
    "rule_files: [alerts.yml]\ntests:\n  - input_series: [{series: up, values: '0 0 0'}]\n    alert_rule_test:\n"
    "      - {eval_time: 1m, alertname: Down, exp_alerts: []}\n"
)

FOUND = [
    ("hadolint", "Dockerfile", "FROM alpine:3.20\nUSER root\n", "Dockerfile:2 DL3002"),
    ("shellcheck", "clean.sh", '#!/bin/bash\ncd /srv/old\nrm -rf "$1/"*\n', "clean.sh:3 SC2115"),
    ("shell", "clean.sh", "#!/bin/sh\nif true; then\n  echo yes\n", "clean.sh:4 syntax"),
    (
        "squawk",
        "migrations/2.sql",
        "\nALTER TABLE t ADD COLUMN a int NOT NULL;\n",
        "migrations/2.sql:2 adding-required-field",
    ),
    (
        "zizmor",
        ".github/workflows/ci.yml",
        WORKFLOW + "      - run: echo ${{ github.event.issue.title }}\n",
        ".github/workflows/ci.yml:8 template-injection",
    ),
    ("bandit", "tool.py", "import os\n\nos.system('ls ' + input())\n", "tool.py:3 B605"),
    (
        "compose-schema",
        "compose.yml",
        "services:\n  app:\n    image: app:1\n    restarts: always\n",
        "compose.yml:2 compose-schema",
    ),
    (
        "workflow-schema",
        ".github/workflows/ci.yml",
        WORKFLOW.replace("run: make", "runs: make"),
        "ci.yml:7 workflow-schema",
    ),
    ("kubernetes-validate", "k8s/service.yaml", SERVICE, "k8s/service.yaml:6 kubernetes-schema"),
    ("nginx", "nginx.conf", NGINX.replace("listen 80", "lisen 80"), "nginx.conf:4 nginx-t"),
    (
        "gixy",
        "nginx.conf",
        NGINX.replace("proxy_pass http://app", "return 302 https://$host$uri"),
        "nginx.conf:4 http_splitting",
    ),
    ("postgres", "postgresql.conf", "max_connections = 10\nshared_buffers = 2XB\n", "postgresql.conf:2 postgres-C"),
    ("redis", "redis.conf", "maxmemory 1mb\nmaxmemory-policy sometimes\n", "redis.conf:2 redis"),
    ("sshd", "sshd_config", "Port 22\nPermitRootLogin perhaps\n", "sshd_config:2 sshd-t"),
    ("promtool", "alerts.yml", RULES.replace("up == 0", "up =="), "alerts.yml:5 promtool-check-rules"),
    (
        "checkov",
        "main.tf",
        '\nresource "aws_db_instance" "a" {\n  skip_final_snapshot = true\n}\n',
        "main.tf:2 CKV_PLIMSOLL_2",
    ),
    ("checkov", "cron.d/x", "AWS_ACCESS_KEY_ID=AKIAZ5GMQ3XKWVUTS2RB\n", "cron.d/x:1 CKV_SECRET_2"),
]
"""A scanner, a file, and what it must find in it."""


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found before is forgotten; environments that are there already are used."""
    from plimsoll.runs import cache_folder  # noqa: PLC0415 - before it is another one

    scanners, place = cache_folder() / "scanners", tmp_path_factory.mktemp("cache")
    scanners.mkdir(exist_ok=True)
    (place / "plimsoll").mkdir()
    (place / "plimsoll" / "scanners").symlink_to(scanners)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))


@pytest.mark.parametrize(("scanner", "name", "text", "wanted"), FOUND, ids=lambda each: str(each).split("\n")[0][:30])
def test_a_scanner_finds_the_defect(scanner: str, name: str, text: str, wanted: str) -> None:
    """Each real scanner reports the defect by its own id, on its line."""
    assert any(each.endswith(wanted) for each in results(scanned(scanner, source(name, text))))


@pytest.mark.parametrize(("scanner", "name", "text", "wanted"), FOUND, ids=lambda each: str(each).split("\n")[0][:30])
def test_it_finds_the_same_in_a_guide(scanner: str, name: str, text: str, wanted: str) -> None:
    """A block of a guide is judged as a fragment, and its lines are those of the guide."""
    if scanner == "promtool":
        text = RULES.replace("up == 0", "up ==")
    place, rule = wanted.split(" ")
    line = 100 + int(place.rpartition(":")[2])

    found = results(scanned(scanner, source(name, text, fragment=True, first=101)))

    assert f"guide.md:{line} {rule}" in found


def test_what_is_right_is_left_alone() -> None:
    """Look-alikes: hosts that are nowhere here, certificates and users that only the host has, blanks of a guide."""
    tls = NGINX.replace(
        "listen 80;", "listen 443 ssl; ssl_certificate /etc/ssl/a.crt; ssl_certificate_key /etc/ssl/a.key;"
    )
    files = {
        "nginx": [
            source("nginx.conf", f"user nobody-here;\n{tls}"),
            source("snippets/x.conf", "add_header A b always;\n"),
        ],
        "shell": [source("setup.sh", "git clone <repository>\ncd backend\n", fragment=True)],
        "shellcheck": [source("setup.sh", "#!/bin/bash\nset -e\ncd /srv\n")],
        "postgres": [
            source("postgresql.conf", "include_dir = 'conf.d'\nshared_buffers = 128MB\npg_stat_statements.max = 9\n")
        ],
        "redis": [source("redis.conf", "dir /var/lib/redis\nlogfile /var/log/redis.log\nrequirepass x\n")],
        "sshd": [source("sshd_config", "HostKey /etc/ssh/nowhere\nPort 22\n")],
        "promtool": [source("alerts.yml", RULES)],
        "compose-schema": [source("compose.yml", "services:\n  app:\n    image: app:1\nx-more: {any: thing}\n")],
        "workflow-schema": [source(".github/workflows/ci.yml", WORKFLOW)],
    }
    found = {name: results(scanned(name, *sources)) for name, sources in files.items()}

    assert {name: said for name, said in found.items() if said} == {}


def test_fragments_of_nginx_are_wrapped() -> None:
    """A bare server block is judged as a part of a configuration, and what the rest may define is no defect."""
    server = (
        "server {\n  listen 443 ssl;\n  limit_req zone=api;\n  proxy_set_header Connection $connection_upgrade;\n}\n"
    )
    wrong = "location / {\n  proxy_pass http://elsewhere;\n  limit_req_zone $remote_addr zone=a:1m rate=1r/s;\n}\n"
    said = scanned("nginx", source("a", server, fragment=True), source("b", wrong, fragment=True, first=50))

    assert results(said) == ["guide.md:52 nginx-t"]
    assert "not allowed here (judged inside server { })" in said.files[1].results[0].message


def test_rules_of_alerts_are_tried_by_their_own_tests() -> None:
    """Rules are tried by the tests that lie beside the rules: one that expects no alert where there is one fails."""
    assert results(scanned("promtool", source("alerts.yml", RULES), source("alerts.test.yml", TESTS))) == [
        "alerts.test.yml:1 promtool-test-rules"
    ]


def test_what_cannot_be_read_is_told() -> None:
    """A file that a scanner makes no sense of is no clean file."""
    files = {
        "bandit": source("tool.py", "def broken(:\n"),
        "shellcheck": source("x.sh", "#!/bin/bash\nif true; then\n"),
        "hadolint": source("Dockerfile", "FROM alpine:3.20\nRUUN x\n"),
        "zizmor": source(".github/workflows/ci.yml", "on: push\njobs: 7\n"),
        "nginx": source("nginx.conf", NGINX.replace("upstream", "brotli on;\n  upstream")),
    }
    for name, file in files.items():
        assert scanned(name, file).files[0].unread != "", name


def test_passwords_are_not_repeated() -> None:
    """Scanners like bandit and Redis repeat what they complain about; a password is left out."""
    said = scanned("bandit", source("tool.py", 'password = "hunter2abc"\n'))
    more = scanned("redis", source("redis.conf", "requirepass hunter2abc more\n"))

    assert results(said) == ["tool.py:1 B105"]
    assert "hunter2abc" not in str(said)
    assert results(more) == ["redis.conf:1 redis"]
    assert "hunter2abc" not in str(more)


def test_files_that_nobody_knows_leave_scanners_idle() -> None:
    """Nothing is started for files that no scanner knows, but for the search for secrets."""
    said = survey([source("notes.txt", "nothing\n")], [each for each in SCANNERS if each.name != "checkov"])

    assert {scan.state for scan in said.scans} == {State.IDLE}
    assert named("checkov").takes([source("notes.txt", "nothing\n")]) != ()
