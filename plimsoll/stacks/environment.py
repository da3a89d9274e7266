"""The variables of environment files, and those that a stack gives its services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plimsoll.errors import BadInput, OutOfReach
from plimsoll.model import Deployment, Service
from plimsoll.services import OF_CERTIFICATES
from plimsoll.stacks.configs.addresses import Address, moved
from plimsoll.stacks.configs.postgres import PostgresConfig
from plimsoll.stacks.configs.redis import RedisConfig
from plimsoll.stacks.materials import Materials, leader, main_cache, main_database

PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
"""Where the edge stands on every stack we start: loopback or a private network (RFC 1918)."""

HOSTS = "DATABASE_HOSTS"
"""The variable of an application's file that names every server its database may be on, where there are several."""

ADMINISTRATOR = "admin@plimsoll.test"
GRAFANA_USER, GRAFANA_PASSWORD = "GF_SECURITY_ADMIN_USER", "GF_SECURITY_ADMIN_PASSWORD"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the services of one stack go by, as they see it.

    `settings` are a mutant's, `address` is where others are, `place` where a file inside a service's machine is,
    `secrets` the folder of the materials, `uploads` a role's folder for what it keeps.
    """

    deployment: Deployment
    artefacts: Path
    materials: Materials
    settings: Mapping[str, str]
    address: Address
    place: Callable[[Service, str], str]
    secrets: Path
    uploads: Callable[[str], str]

    def moved(self, text: str) -> str:
        """The text with each `role:port` where it is here."""
        return moved(text, self.deployment.services, self.address)

    def text(self, service: Service) -> str:
        """What the service's configuration artefact says; nothing where it has none."""
        return (self.artefacts / service.config).read_text(encoding="utf-8") if service.config else ""

    def redis(self, service: Service) -> RedisConfig:
        """A Redis service's configuration."""
        return RedisConfig.of(self.deployment, service, self.text(service), self.address)

    def postgres(self, service: Service) -> PostgresConfig:
        """A PostgreSQL service's configuration."""
        return PostgresConfig.of(self.deployment, service, self.text(service))

    def variables(self, service: Service, *, number: int = 1) -> dict[str, str]:
        """The variables of a service's replica: its file's, those this stack gives, then settings `<role>.VARIABLE`.

        Settings `<role>/<number>.VARIABLE` are that replica's alone.
        """
        stated = read_environment(self.artefacts / service.environment) if service.environment else {}
        wanted = {
            name.removeprefix(own): value
            for own in (f"{service.role}.", f"{service.role}/{number}.")
            for name, value in self.settings.items()
            if name.startswith(own) and name.removeprefix(own) not in OF_CERTIFICATES
        }
        if service.recipe == "grafana":
            given, default = {}, {GRAFANA_PASSWORD: self.materials.passwords[service.role]}
        else:
            given, default = self._given(service.role, stated), {"WORKER_NAME": f"{service.role}-{number}"}
        return {**default, **self._here(service, stated), **given, **self._here(service, wanted)}

    def credentials(self, role: str) -> tuple[str, str]:
        """The user and the password of a data service. Raises OutOfReach for any other."""
        service = self.deployment.services.get(role)
        if service is None or role not in self.materials.passwords:
            raise OutOfReach(f"nobody logs in to {role} with a password of this stack")
        if service.recipe == "grafana":
            said = self.variables(service)
            return said.get(GRAFANA_USER, "admin"), said[GRAFANA_PASSWORD]
        user = leader(self.deployment, service).settings.get("user", "app") if service.recipe == "postgres" else ""
        return user, self.materials.passwords[role]

    def _here(self, service: Service, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables with the addresses of services, and the service's own files, where they are here."""
        own = [inside for inside in (*service.files.values(), service.certificate, service.key) if inside]
        return {
            name: self.place(service, value)
            if any(Path(value).is_relative_to(inside) for inside in own)
            else self.moved(value)
            for name, value in variables.items()
        }

    def _given(self, role: str, stated: Mapping[str, str]) -> dict[str, str]:
        """What no file can say beforehand: addresses, secrets, and where the edge stands."""
        return {
            **self._data(stated.get(HOSTS, "")),
            "JWT_PRIVATE_KEY_FILE": str(self.secrets / self.materials.jwt_private.name),
            "JWT_PUBLIC_KEY_FILE": str(self.secrets / self.materials.jwt_public.name),
            "BOOTSTRAP_ADMIN_EMAIL": ADMINISTRATOR,
            "BOOTSTRAP_ADMIN_PASSWORD_FILE": str(self.secrets / self.materials.admin_password.name),
            "SSL_CERT_FILE": str(self.secrets / self.materials.authority.name),
            "TRUSTED_PROXIES": PRIVATE_NETWORKS,
            "UPLOAD_DIR": self.uploads(role),
            "APP_DIAGNOSTICS": "on",
        }

    def _data(self, hosts: str) -> dict[str, str]:
        """Where the first database and the first Redis are that follow no other, as far as there are any.

        Of several `hosts` that databases are on, `role:port,role:port`, clients use the one that takes writes.
        """
        found: dict[str, str] = {}
        if service := main_database(self.deployment):
            host, port = self.address(service.role, service.ports[0])
            account = f"{quote(service.settings.get('user', 'app'))}:{quote(self.materials.passwords[service.role])}"
            name = service.settings.get("database", "app")
            options = ["sslmode=require"] if self.postgres(service).encrypts else []
            options += ["target_session_attrs=read-write"] if hosts else []  # PostgreSQL 15 manual, 34.1.2
            where = f"{self.moved(hosts) or f'{host}:{port}'}/{name}{'?' if options else ''}{'&'.join(options)}"
            found["DATABASE_URL"] = f"postgresql://{account}@{where}"
        if service := main_cache(self.deployment):
            config = self.redis(service)
            host, port = self.address(service.role, config.tls_port or config.plain_port)
            account = f"default:{quote(self.materials.passwords[service.role])}"
            found["REDIS_URL"] = f"{'rediss' if config.tls_port else 'redis'}://{account}@{host}:{port}/0"
        return found
