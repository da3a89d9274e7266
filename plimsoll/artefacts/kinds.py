"""What a file is: by its name first, and where that does not tell, by what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from plimsoll.observations.artefacts import Kind, Purpose

Patterns = Sequence[tuple[re.Pattern[str], Kind]]


def _patterns(*pairs: tuple[str, Kind]) -> Patterns:
    return tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), kind) for pattern, kind in pairs)


NAMES = _patterns(
    (r"(^|/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$|(^|/)compose/[\w.-]+\.ya?ml$", Kind.COMPOSE),
    (r"(^|/)([\w-]+\.)?(docker|container)file([.-][\w-]+)?$", Kind.DOCKERFILE),
    (r"(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)workflows?/[^/]+\.ya?ml$", Kind.WORKFLOW),
    (r"(^|/)(helm|charts?)/([\w-]+/)*values([.-][\w-]+)?\.ya?ml$|(^|/)values([.-][\w-]+)?\.ya?ml$", Kind.HELM_VALUES),
    (r"(^|/)templates/.*\.(ya?ml|tpl)$|\.(j2|tpl|tmpl|jinja2?)$", Kind.TEMPLATE),
    (r"(^|/)(k8s|kubernetes|manifests)/.*\.ya?ml$", Kind.KUBERNETES),
    (r"(^|/)nginx([\w.-]*/.*)?[\w.-]*\.conf$|(^|/)sites-(available|enabled)/", Kind.NGINX),
    (r"(^|/)(\.env(\.[\w.-]+)?|[\w.-]*\.env|env\.[\w.-]+)$", Kind.ENVIRONMENT),
    (r"(^|/)(crontab|cron\.d/.*)$|\.cron(tab)?$", Kind.CRONTAB),
    (r"\.(service|timer|socket|path)$", Kind.SYSTEMD),
    (r"(^|/)logrotate(\.d/.*|\.conf)$|(^|/)[\w.-]*logrotate[\w.-]*$", Kind.LOGROTATE),
    (r"(^|/)postgresql[\w.-]*\.conf$", Kind.POSTGRES),
    (r"(^|/)pg_hba[\w.-]*\.conf$", Kind.POSTGRES_HBA),
    (r"(^|/)redis[\w.-]*\.conf$", Kind.REDIS),
    (r"(^|/)prometheus\.ya?ml$", Kind.PROMETHEUS),
    (r"(^|/)alertmanager\.ya?ml$", Kind.ALERTMANAGER),
    (r"\.tf(\.json)?$|\.tfvars$", Kind.TERRAFORM),
    (r"(^|/)package\.json$", Kind.PACKAGE),
    (r"(^|/)ecosystem(\.[\w-]+)*\.(c?js|json|ya?ml)$", Kind.PM2),
    (r"(^|/)vercel\.json$", Kind.VERCEL),
    (r"(^|/)railway\.(json|toml)$", Kind.RAILWAY),
    (r"(^|/)\.(git|docker|vercel|npm)ignore$", Kind.IGNORE),
    (r"\.sql$", Kind.SQL),
    (r"\.(ba|da|k|z)?sh$", Kind.SCRIPT),
    (r"\.py$", Kind.PYTHON),
    (r"(^|/)(?!(next|node|express|nest|nuxt|vue)\.js$)[^/]*\.[cm]?[jt]sx?$", Kind.JAVASCRIPT),
)
"""Names that tell."""

CONTENTS = _patterns(
    (r"\A#!.*\b(ba|da|k|z)?sh\b", Kind.SCRIPT),
    (r"\A#!.*\bpython", Kind.PYTHON),
    (r"\{\{-?\s|\{%", Kind.TEMPLATE),
    (r"^\s*apiVersion:", Kind.KUBERNETES),
    (r"^on:(.|\n)*^jobs:|^jobs:(.|\n)*^\s+(runs-on|steps):", Kind.WORKFLOW),
    (r"^services:\s*(#.*)?$(.|\n)*^\s+(image|build):", Kind.COMPOSE),
    (r"^groups:(.|\n)*^\s*-?\s*(rules|name):", Kind.ALERTS),
    (r"^(scrape_configs|alerting|rule_files):", Kind.PROMETHEUS),
    (r"^receivers:(.|\n)*|^route:(.|\n)*receiver:", Kind.ALERTMANAGER),
    (r'"panels"\s*:', Kind.DASHBOARD),
    (r'"containerDefinitions"\s*:', Kind.ECS),
    (r"\A(\s*(#.*)?\n)*(ARG .*\n\s*)*(?-i:FROM)\s+[\w./:@${}-]+(\s+AS\s+\S+)?\s*$", Kind.DOCKERFILE),
    (r"^(resource|provider|terraform|variable|module|data|output)\b.*\{\s*$", Kind.TERRAFORM),
    (r"^\s*(server|http|upstream\s+[\w.-]+|location\s+\S.*)\s*\{", Kind.NGINX),
    (r"^\s*(proxy_pass|add_header|ssl_protocols|ssl_certificate|listen)\s+[^=]*;", Kind.NGINX),
    (r"^\s*(create|alter|grant|insert|select|drop|update|delete|revoke)\s+\w+(.|\n)*;", Kind.SQL),
    (r"^\[(Unit|Service|Timer|Install)\]\s*$", Kind.SYSTEMD),
    (r"^/\S*log\S*(\s+/\S+)*\s*\{", Kind.LOGROTATE),
    (r"module\.exports\s*=\s*\{\s*apps\b", Kind.PM2),
    (r"^(@\w+|([\d*/,\-]+\s+){5})\s*\S", Kind.CRONTAB),
    (r"^(shared_buffers|max_connections|work_mem|wal_level|archive_mode)\s*=", Kind.POSTGRES),
    (r"^(maxmemory|appendonly|requirepass|save)\s+\S", Kind.REDIS),
    (r"\A(\s*(#.*)?\n|\s*(export\s+)?[A-Z][A-Z0-9_]*=.*(\n|\Z))+\Z", Kind.ENVIRONMENT),
)
"""What tells where a name does not, in the order of trust."""

INFOS = {
    "bash": Kind.SCRIPT,
    "sh": Kind.SCRIPT,
    "shell": Kind.SCRIPT,
    "dockerfile": Kind.DOCKERFILE,
    "docker": Kind.DOCKERFILE,
    "nginx": Kind.NGINX,
    "sql": Kind.SQL,
    "hcl": Kind.TERRAFORM,
    "terraform": Kind.TERRAFORM,
    "python": Kind.PYTHON,
    "javascript": Kind.JAVASCRIPT,
    "js": Kind.JAVASCRIPT,
    "typescript": Kind.JAVASCRIPT,
    "ts": Kind.JAVASCRIPT,
    "env": Kind.ENVIRONMENT,
    "dotenv": Kind.ENVIRONMENT,
    "cron": Kind.CRONTAB,
}
"""What the word after a fence says; other words say too little."""

PURPOSES: Sequence[tuple[re.Pattern[str], Purpose]] = (
    (re.compile(r"example|sample|template|\bdist\b", re.IGNORECASE), Purpose.EXAMPLE),
    (re.compile(r"(^|[^a-z])(dev|develop|development|local)([^a-z]|$)", re.IGNORECASE), Purpose.DEVELOPMENT),
    (re.compile(r"(^|[^a-z])(test|tests|ci)([^a-z]|$)", re.IGNORECASE), Purpose.TEST),
    (re.compile(r"(^|[^a-z])(staging|stage)([^a-z]|$)", re.IGNORECASE), Purpose.STAGING),
)


def kind_of(name: str, text: str, *, info: str = "") -> Kind:
    """What a file of that name and text is; `info` is the word after the fence, for a block of a guide."""
    path = PurePosixPath(name).as_posix()
    for pattern, kind in NAMES:
        if pattern.search(path):
            return _templated(kind, text)
    by_info = INFOS.get(info.lower())
    for pattern, kind in CONTENTS:
        if pattern.search(text):
            decided = by_info if by_info and kind in (Kind.CRONTAB, Kind.ENVIRONMENT, Kind.SQL) else kind
            if kind is Kind.ENVIRONMENT and by_info is Kind.SCRIPT:
                decided = kind  # nothing but NAME=value: a shell's fence around the variables of a deployment
            return Kind.CRONTAB if by_info is Kind.SCRIPT and kind is Kind.CRONTAB else decided
    return by_info or Kind.OTHER


def _templated(kind: Kind, text: str) -> Kind:
    """A manifest with a template's braces is a template: nobody knows what it says before it is rendered."""
    trees = (Kind.KUBERNETES, Kind.COMPOSE, Kind.HELM_VALUES)
    return Kind.TEMPLATE if kind in trees and re.search(r"\{\{-?\s*[.\w]|\{%", text) else kind


def purpose_of(name: str) -> Purpose:
    """What a file of that name is for."""
    return next((purpose for pattern, purpose in PURPOSES if pattern.search(name)), Purpose.PRODUCTION)
