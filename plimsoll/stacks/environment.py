"""The variables of environment files, and those that a stack gives its application."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from plimsoll.errors import BadInput
from plimsoll.model import Deployment
from plimsoll.stacks.materials import Materials

PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
"""Where the edge stands on every stack we start: loopback or a private network (RFC 1918)."""

SETTING = "app."
"""Settings of this prefix override the application's variables: `app.RATE_LIMIT_MAX = "1000"`."""

ADMINISTRATOR = "admin@plimsoll.test"


def read_environment(file: Path) -> dict[str, str]:
    """The variables of an environment file: NAME=value lines, # comments; quotes around values are taken off.

    Raises BadInput.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot be read: {error}", file=str(file), hint="lines of NAME=value, in UTF-8") from error
    found = {}
    for raw in lines:
        line = raw.strip()
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip().strip("\"'")
    return found


def stated_environment(deployment: Deployment) -> dict[str, str]:
    """What the environment files of all the deployment's services say."""
    files = [deployment.root / service.environment for service in deployment.services.values() if service.environment]
    return {name: value for file in files for name, value in read_environment(file).items()}


def application_environment(
    deployment: Deployment,
    artefacts: Path,
    materials: Materials,
    *,
    database: tuple[str, int],
    redis: tuple[str, int],
    inside: Path,
    uploads: str,
    settings: Mapping[str, str],
) -> dict[str, str]:
    """The application's variables: the deployment's file, this stack's addresses and secrets, then the settings.

    `inside` is the materials' folder as the application sees it.
    """
    service, data = deployment.services["app"], deployment.services["postgres"].settings
    stated = read_environment(artefacts / service.environment) if service.environment else {}
    account = f"{quote(data.get('user', 'app'))}:{quote(materials.database_password)}"
    ours = {
        "DATABASE_URL": f"postgresql://{account}@{database[0]}:{database[1]}/{data.get('database', 'app')}",
        "REDIS_URL": f"redis://:{quote(materials.redis_password)}@{redis[0]}:{redis[1]}/0",
        "JWT_PRIVATE_KEY_FILE": str(inside / materials.jwt_private.name),
        "JWT_PUBLIC_KEY_FILE": str(inside / materials.jwt_public.name),
        "BOOTSTRAP_ADMIN_EMAIL": ADMINISTRATOR,
        "BOOTSTRAP_ADMIN_PASSWORD_FILE": str(inside / materials.admin_password.name),
        "TRUSTED_PROXIES": PRIVATE_NETWORKS,
        "UPLOAD_DIR": uploads,
        "APP_DIAGNOSTICS": "on",
    }
    overrides = {name.removeprefix(SETTING): value for name, value in settings.items() if name.startswith(SETTING)}
    return {**stated, **ours, **overrides}
