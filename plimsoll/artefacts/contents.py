"""What a file is by what it says, where its name does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from plimsoll.observations.artefacts import Kind

HEAD = 65_536
"""Characters that are looked at: a file that does not say what it is in its first thousand lines never will."""

SERVICE_KEYS = (
    "build command container_name depends_on deploy entrypoint env_file environment expose extends healthcheck image "
    "logging networks ports privileged read_only restart secrets stop_grace_period user volumes working_dir"
)
"""Keys of a service in a compose file (compose specification, services)."""

SERVICE = frozenset(SERVICE_KEYS.split())
TELLING = SERVICE & {"build", "command", "container_name", "depends_on", "env_file", "healthcheck", "image", "ports"}
"""Of those, the ones that nothing else is likely to have."""

COMPOSE = frozenset({"configs", "include", "name", "networks", "secrets", "services", "version", "volumes"})
TOP_KEY = re.compile(r"^(?![ \t#-])[\"']?([^\s:#\"']+)[\"']?[ \t]*:(?=\s|$)", re.MULTILINE)
SECOND_KEY = re.compile(r"^(?: {1,4}|\t)(?![ \t#-])[\"']?([^\s:#\"']+)[\"']?[ \t]*:(?=\s|$)", re.MULTILINE)
DEEP_SERVICE = re.compile(rf"^(?:[ ]{{3,}}|\t\t)({SERVICE_KEYS.replace(' ', '|')})[ \t]*:", re.MULTILINE)
STORAGE = re.compile(r"^[ \t]+(driver|driver_opts|external|file)[ \t]*:", re.MULTILINE)

ASSIGNMENT = re.compile(r"(?:export[ \t]+)?[A-Za-z_]\w*=")
SHELL = re.compile(r"\$\(|`|&&|\|\||;\s*$")
"""What a shell would do with a value, and no reader of environment files does."""


def _is_environment(text: str) -> bool:
    """Whether every line is a comment or an assignment, and at least one is an assignment of a name in capitals."""
    said = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return (
        bool(said)
        and all(ASSIGNMENT.match(line) and not SHELL.search(line) for line in said)
        and any(re.match(r"(?:export[ \t]+)?[A-Z][A-Z0-9_]*=", line) for line in said)
    )


def _is_kubernetes(text: str) -> bool:
    """Whether it names a version of an API; Grafana's own files have one, too, which is a number."""
    return bool(re.search(r"^\"?apiVersion\"?[ \t]*:(?![ \t]*\d+[ \t]*$)|\A\s*\{\s*\"apiVersion\"", text, re.MULTILINE))


def _is_workflow(text: str) -> bool:
    keys = set(TOP_KEY.findall(text))
    return "jobs" in keys and bool(keys & {"on", "true"} or re.search(r"^\s+(runs-on|steps):", text, re.MULTILINE))


def _is_compose(text: str) -> bool:
    keys = set(TOP_KEY.findall(text))
    known = all(key in COMPOSE or key.startswith("x-") for key in keys)
    if "services" in keys:
        return bool(DEEP_SERVICE.search(text))
    return known and bool(keys & {"networks", "volumes", "secrets"}) and bool(STORAGE.search(text))


def is_service(text: str) -> bool:
    """Whether a snippet is the inside of a compose file's `services`, or of one service."""
    keys = set(TOP_KEY.findall(text))
    if keys and keys <= SERVICE:
        return bool(keys & TELLING)
    inner = set(SECOND_KEY.findall(text))
    return bool(keys) and inner <= SERVICE and bool(inner & {"image", "build"})


def _searching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    return lambda text: bool(compiled.search(text))


def _with(first: str, inside: str) -> Callable[[str], bool]:
    """Whether a line is like the first, and one after it like the other."""
    head, rest = re.compile(first, re.MULTILINE), re.compile(inside, re.MULTILINE)

    def says(text: str) -> bool:
        found = head.search(text)
        return bool(found and rest.search(text, found.end()))

    return says


DIRECTIVE = (
    r"^[ \t]*(proxy_(pass|set_header|http_version|read_timeout)|add_header|ssl_(protocols|certificate|ciphers)"
    r"|limit_req(_zone)?|server_name|fastcgi_p(ass|aram))[ \t]+[^;\n]+;"
)
BLOCK = r"^[ \t]*(server|http|upstream[ \t]+[\w.-]+|location[ \t]+\S[^\n;{]*)[ \t]*\{[ \t]*(#.*)?$"
TERRAFORM = (
    r"^(resource|data)[ \t]+\"[^\"\n]+\"[ \t]+\"[^\"\n]+\"[ \t]*\{"
    r"|^(provider|variable|module|output)[ \t]+\"[^\"\n]+\"[ \t]*\{|^terraform[ \t]*\{"
)
STAGE = r"\A([ \t]*(#.*)?\n|ARG .*\n)*(?-i:FROM)[ \t]+[\w./:@${}-]+([ \t]+AS[ \t]+\S+)?[ \t]*$"
STATEMENT = (
    r"^[ \t]*(create|alter|grant|insert|select|drop|update|delete|revoke|explain|vacuum|reindex|analyze)"
    r"[ \t]+[\w*.,\"]+[^;]*;"
)
CRON = r"^(@(reboot|hourly|daily|midnight|weekly|monthly|yearly|annually)|([\d*/,\-]+[ \t]+){5})[ \t]*\S"
POSTGRES = r"^#?[ \t]*(shared_buffers|max_connections|work_mem|wal_level|archive_mode|effective_cache_size)[ \t]*="
SOURCE = (
    r"^(const|let|var)\s+[\w{][^\n]*=|^import\s[^\n]+\sfrom\s+['\"]"
    r"|^export (default|const|class|function)\b|^(async )?function \w+\("
)

CONTENTS: Sequence[tuple[Callable[[str], bool], Kind]] = (
    (_searching(r"\A#!.*\b(ba|da|k|z)?sh\b"), Kind.SCRIPT),
    (_searching(r"\A#!.*\bpython"), Kind.PYTHON),
    (_searching(r"\A#!.*\bnode\b"), Kind.JAVASCRIPT),
    (_searching(r"\A\s*<"), Kind.OTHER),
    (_is_kubernetes, Kind.KUBERNETES),
    (_is_workflow, Kind.WORKFLOW),
    (_is_compose, Kind.COMPOSE),
    (_with(r"^tests:[ \t]*$", r"^[ \t]*(-[ \t]*)?input_series:"), Kind.ALERT_TESTS),
    (_with(r"^groups:[ \t]*$", r"^[ \t]*(-[ \t]*)?(alert|record):"), Kind.ALERTS),
    (_searching(r"^(scrape_configs|rule_files):"), Kind.PROMETHEUS),
    (_with(r"^datasources:", r"^[ \t]*(-[ \t]*)?(type|url):"), Kind.DATASOURCES),
    (_searching(r"\A([ \t]*(#.*)?\n)*# (HELP|TYPE) [a-zA-Z_:][\w:]* "), Kind.EXPOSITION),
    (_searching(r"^[\"{ \t]*openapi[\"]?[ \t]*:"), Kind.OPENAPI),
    (_with(r"^(receivers|inhibit_rules|route):", r"^[ \t]+(\w+_configs|receiver|group_by|equal):"), Kind.ALERTMANAGER),
    (_searching(r'"panels"[ \t]*:[ \t]*\['), Kind.DASHBOARD),
    (_searching(r'"containerDefinitions"[ \t]*:'), Kind.ECS),
    (_searching(STAGE), Kind.DOCKERFILE),
    (_searching(TERRAFORM), Kind.TERRAFORM),
    (_searching(BLOCK), Kind.NGINX),
    (_searching(DIRECTIVE), Kind.NGINX),
    (_searching(STATEMENT), Kind.SQL),
    (_searching(r"^\[(Unit|Service|Timer|Install)\][ \t]*$"), Kind.SYSTEMD),
    (_searching(r"^/\S*log\S*([ \t]+/\S+)*[ \t]*\{"), Kind.LOGROTATE),
    (_searching(r"module\.exports[ \t]*=[ \t]*\{\s*apps\b"), Kind.PM2),
    (_searching(CRON), Kind.CRONTAB),
    (_searching(POSTGRES), Kind.POSTGRES),
    (_searching(r"^(maxmemory|maxmemory-policy|appendonly|requirepass)[ \t]+\S"), Kind.REDIS),
    (_searching(SOURCE), Kind.JAVASCRIPT),
    (_is_environment, Kind.ENVIRONMENT),
)
"""What tells, in the order of trust."""


def tells(text: str) -> Kind:
    """What a text is by what it says; OTHER where that does not tell."""
    head = text[:HEAD]
    return next((kind for says, kind in CONTENTS if says(head)), Kind.OTHER)
