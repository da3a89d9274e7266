"""What a file is taken for: by its name first, then by what it says."""

from __future__ import annotations

import pytest

from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.observations.artefacts import Kind, Purpose

MANIFEST = "apiVersion: v1\nkind: ConfigMap\n"
RULE = (
    'groups:\n  - name: a\n    rules:\n      - alert: Down\n        annotations: {summary: "{{ $labels.job }} down"}\n'
)
SERVER = "server {\n    listen 80;\n}\n"


@pytest.mark.parametrize(
    ("name", "text", "info", "kind"),
    [
        ("docker-compose.prod.yml", "services: {}", "", Kind.COMPOSE),
        ("stack.yml", "services:\n  app:\n    image: a:1\n", "", Kind.COMPOSE),
        ("services.yaml", "services:\n  _defaults:\n    autowire: true\n", "", Kind.OTHER),
        ("", "volumes:\n  data:\n    driver: local\n", "yaml", Kind.COMPOSE),
        ("", "command: redis-server --appendonly yes\n", "yaml", Kind.COMPOSE),
        ("", "app:\n  image: a:1\n  ports: []\n", "yaml", Kind.COMPOSE),
        ("", "servers:\n  size: large\n", "yaml", Kind.OTHER),
        ("k8s/prometheus.yml", MANIFEST, "", Kind.KUBERNETES),
        ("chart/templates/a.yaml", MANIFEST + "data: {{ .Values.a }}\n", "", Kind.TEMPLATE),
        ("chart/templates/a.yaml", MANIFEST, "", Kind.KUBERNETES),
        ("a.yml.j2", "a: 1", "", Kind.TEMPLATE),
        ("docker-compose.yml", 'services:\n  a:\n    image: "{{ image }}"\n', "", Kind.TEMPLATE),
        ("docker-compose.yml", 'services:\n  a:\n    logging: {options: {tag: "{{.Name}}"}}\n', "", Kind.COMPOSE),
        ("nginx/site.conf", "server { server_name {{ domain }}; }", "", Kind.TEMPLATE),
        ("rules.yml", RULE, "", Kind.ALERTS),
        ("a.json", '{"panels": [{"legend": "{{ instance }}"}]}', "", Kind.DASHBOARD),
        (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    if: ${{ a }}\n", "", Kind.WORKFLOW),
        ("playbook.yml", '- hosts: all\n  tasks:\n    - name: "{{ a }}"\n', "", Kind.OTHER),
        ("", "# Production\nNODE_ENV=production\nKEY=<from-secrets-manager>\n", "bash", Kind.ENVIRONMENT),
        ("", "KEY=$(openssl rand -hex 32)\n", "bash", Kind.SCRIPT),
        ("", "# only a comment\n", "bash", Kind.SCRIPT),
        ("", "# daily\n0 2 * * * /backup.sh\n", "bash", Kind.CRONTAB),
        ("", "shared_buffers = '4GB'\n", "sql", Kind.POSTGRES),
        ("", "const a = 1\n", "typescript", Kind.JAVASCRIPT),
        ("", "module.exports = { apps: [] }", "javascript", Kind.PM2),
        ("a.service.ts", "x", "", Kind.JAVASCRIPT),
        ("logrotate.sh", "x", "", Kind.SCRIPT),
        ("sites-enabled/shop", SERVER, "", Kind.NGINX),
        ("sites-enabled/shop", "<VirtualHost *:80>\n", "", Kind.OTHER),
        ("README.md", SERVER, "", Kind.DOCUMENT),
        ("main.go", SERVER, "", Kind.OTHER),
        ("styles.css", "@import url(a);\n", "", Kind.OTHER),
        ("snippet", "proxy_set_header Host $host;\n", "", Kind.NGINX),
        ("h5bp/compression.conf", "gzip on;\ngzip_vary on;\n", "", Kind.NGINX),
        ("logstash.config", "output {\n  stdout {}\n}\n", "", Kind.OTHER),
        ("", 'output "a" {\n  value = 1\n}\n', "", Kind.TERRAFORM),
        ("named.conf", "options { directory a; };\n", "", Kind.OTHER),
        ("package-lock.json", '{"name": "a"}', "", Kind.OTHER),
    ],
)
def test_kind(name: str, text: str, info: str, kind: Kind) -> None:
    """Names tell, texts tell, and the word after a fence tells least."""
    assert kind_of(name, text, info=info) is kind


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("compose/production.yml", Purpose.PRODUCTION),
        ("docker-compose.dev.yml", Purpose.DEVELOPMENT),
        (".env.staging", Purpose.STAGING),
        (".env.example", Purpose.EXAMPLE),
        (".github/workflows/ci.yml", Purpose.PRODUCTION),
        ("chart/templates/app.yaml", Purpose.PRODUCTION),
        ("nginx/default.conf.template", Purpose.PRODUCTION),
        ("e2e/compose.yml", Purpose.TEST),
    ],
)
def test_purpose(name: str, purpose: Purpose) -> None:
    """What a file is for, as its path says; words that say where it lies say nothing of that."""
    assert purpose_of(name) is purpose
