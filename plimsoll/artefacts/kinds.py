"""What a file is: by its name first, and where that does not tell, by what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from plimsoll.artefacts import contents, nginx_places
from plimsoll.artefacts.templates import is_template
from plimsoll.observations.artefacts import Kind, Purpose

Patterns = Sequence[tuple[re.Pattern[str], Kind]]


def _patterns(*pairs: tuple[str, Kind]) -> Patterns:
    return tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in pairs)


NAMES = _patterns(
    (r"\.(j2|tpl|tmpl|jinja2?|erb|gotmpl)$", Kind.TEMPLATE),
    (r"(^|/)ecosystem(\.[\w-]+)*\.(c?js|json|ya?ml)$", Kind.PM2),
    (r"\.(ba|da|k|z)?sh$", Kind.SCRIPT),
    (r"\.py$", Kind.PYTHON),
    (r"\.[cm]?[jt]sx?$", Kind.JAVASCRIPT),
    (r"\.(md|rst|adoc)$", Kind.DOCUMENT),
    (r"\.prom$", Kind.EXPOSITION),
    (r"(^|/)dependabot\.ya?ml$|(^|/)renovate\.json5?$", Kind.DEPENDENCIES),
    (r"(^|/)openapi[\w.-]*\.(ya?ml|json)$", Kind.OPENAPI),
    (r"\.sql$", Kind.SQL),
    (r"\.tf(\.json)?$|\.tfvars$", Kind.TERRAFORM),
    (r"(^|/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$|(^|/)compose/[\w.-]+\.ya?ml$", Kind.COMPOSE),
    (r"(^|/)([\w-]+\.)?(docker|container)file([.-][\w-]+)?$", Kind.DOCKERFILE),
    (r"(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)workflows?/[^/]+\.ya?ml$", Kind.WORKFLOW),
    (r"(^|/)(helm|charts?)/([\w-]+/)*values([.-][\w-]+)*\.ya?ml$|(^|/)values([.-][\w-]+)*\.ya?ml$", Kind.HELM_VALUES),
    (r"(^|/)prometheus\.ya?ml$", Kind.PROMETHEUS),
    (r"(^|/)alertmanager\.ya?ml$", Kind.ALERTMANAGER),
    (r"(^|/)(k8s|kubernetes|manifests)/.*\.ya?ml$", Kind.KUBERNETES),
    (r"(^|/)nginx([\w.-]*/.*)?[\w.-]*\.conf(\.template)?$|(^|/)sites-(available|enabled)/", Kind.NGINX),
    (r"(^|/)(\.env(\.[\w.-]+)?|[\w.-]*\.env|env\.[\w.-]+)$", Kind.ENVIRONMENT),
    (r"(^|/)(crontab|cron\.d/.*)$|\.cron(tab)?$", Kind.CRONTAB),
    (r"\.(service|timer|socket|path)$", Kind.SYSTEMD),
    (r"(^|/)logrotate(\.d/.*|\.conf)$|(^|/)[\w.-]*logrotate[\w.-]*$", Kind.LOGROTATE),
    (r"(^|/)postgresql[\w.-]*\.conf$", Kind.POSTGRES),
    (r"(^|/)pg_hba[\w.-]*\.conf$", Kind.POSTGRES_HBA),
    (r"(^|/)redis[\w.-]*\.conf$", Kind.REDIS),
    (r"(^|/)package\.json$", Kind.PACKAGE),
    (r"(^|/)vercel\.json$", Kind.VERCEL),
    (r"(^|/)railway\.(json|toml)$", Kind.RAILWAY),
    (r"(^|/)\.(git|docker|vercel|npm)ignore$", Kind.IGNORE),
)
"""Names that tell."""

DOCUMENTS = re.compile(
    r"\.(adoc|c|cc|cpp|crt|cs|css|csv|exs?|go|h|html?|java|key|kt|less|lock|log|lua|map|markdown|mdx?|pem|php|pl|pub|rb|rs"
    r"|rst|scss|svelte|svg|swift|tsv|txt|vue|xml|xsd)$",
    re.IGNORECASE,
)
"""Names of what is no configuration, whatever it quotes."""

LOCKS = re.compile(r"(^|/)(package-lock\.json|pnpm-lock\.yaml|npm-shrinkwrap\.json|composer\.lock|yarn\.lock)$")
"""What package managers write for themselves, megabytes of it."""

INFOS = {
    "bash": Kind.SCRIPT,
    "sh": Kind.SCRIPT,
    "shell": Kind.SCRIPT,
    "console": Kind.SCRIPT,
    "zsh": Kind.SCRIPT,
    "dockerfile": Kind.DOCKERFILE,
    "docker": Kind.DOCKERFILE,
    "nginx": Kind.NGINX,
    "sql": Kind.SQL,
    "hcl": Kind.TERRAFORM,
    "terraform": Kind.TERRAFORM,
    "tf": Kind.TERRAFORM,
    "python": Kind.PYTHON,
    "py": Kind.PYTHON,
    "env": Kind.ENVIRONMENT,
    "dotenv": Kind.ENVIRONMENT,
    "cron": Kind.CRONTAB,
    "crontab": Kind.CRONTAB,
    "javascript": Kind.JAVASCRIPT,
    "js": Kind.JAVASCRIPT,
    "jsx": Kind.JAVASCRIPT,
    "typescript": Kind.JAVASCRIPT,
    "ts": Kind.JAVASCRIPT,
    "tsx": Kind.JAVASCRIPT,
}
"""What the word after a fence says; other words say too little."""

CLOSER: dict[Kind, frozenset[Kind]] = {
    Kind.SCRIPT: frozenset({Kind.CRONTAB, Kind.ENVIRONMENT, Kind.SYSTEMD, Kind.LOGROTATE, Kind.DOCKERFILE}),
    Kind.SQL: frozenset({Kind.POSTGRES}),
    Kind.JAVASCRIPT: frozenset({Kind.PM2}),
}
"""What a text may be, more closely, than the word after its fence says."""

PURPOSES: Sequence[tuple[re.Pattern[str], Purpose]] = (
    (re.compile(r"example|sample|template|\bdist\b", re.IGNORECASE), Purpose.EXAMPLE),
    (re.compile(r"(^|[^a-z])(dev|develop|development|local)([^a-z]|$)", re.IGNORECASE), Purpose.DEVELOPMENT),
    (re.compile(r"(^|[^a-z])(test|tests|testing|ci|e2e)([^a-z]|$)", re.IGNORECASE), Purpose.TEST),
    (re.compile(r"(^|[^a-z])(staging|stage)([^a-z]|$)", re.IGNORECASE), Purpose.STAGING),
)
RENDERED = re.compile(r"(^|/)templates?/|\.conf\.template$|(^|/)\.github/.*|jail\.local$", re.IGNORECASE)
"""Words in a path that say nothing of what the file is for."""


def kind_of(name: str, text: str, *, info: str = "") -> Kind:
    """What a file of that name and text is; `info` is the word after the fence, for a block of a guide."""
    path = PurePosixPath(name)
    found = by_name(name)
    if LOCKS.search(path.as_posix()):
        return Kind.OTHER
    if found is Kind.OTHER and DOCUMENTS.search(path.name):
        return Kind.OTHER
    if path.suffix.lower() in (".yml", ".yaml", ".json") and found is not Kind.WORKFLOW:
        told = contents.tells(text)
        found = told if told is Kind.KUBERNETES or found is Kind.OTHER else found
    elif found is Kind.NGINX and text.lstrip().startswith("<"):
        found = Kind.OTHER  # Apache has its sites in such a folder, too
    elif found is Kind.OTHER:
        found = _by_text(text, info)
    if found is Kind.OTHER and path.suffix.lower() == ".conf" and nginx_places.is_configuration(text):
        found = Kind.NGINX
    return Kind.TEMPLATE if is_template(found, name, text) else found


def by_name(name: str) -> Kind:
    """What a name alone says; OTHER where it does not tell."""
    path = PurePosixPath(name).as_posix()
    return next((kind for pattern, kind in NAMES if pattern.search(path)), Kind.OTHER)


def _by_text(text: str, info: str) -> Kind:
    """What a text is that has no name; the word after its fence is trusted unless the text says more closely."""
    stated = INFOS.get(info.lower(), Kind.OTHER)
    told = contents.tells(text)
    if stated is Kind.OTHER:
        return Kind.COMPOSE if info in ("yaml", "yml") and told is Kind.OTHER and contents.is_service(text) else told
    if told in CLOSER.get(stated, ()):
        return told
    return stated


def purpose_of(name: str) -> Purpose:
    """What a file of that name is for."""
    plain = RENDERED.sub("/", name)
    return next((purpose for pattern, purpose in PURPOSES if pattern.search(plain)), Purpose.PRODUCTION)
