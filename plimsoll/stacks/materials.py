"""What a stack needs and no repository may hold: a throw-away authority, certificates, signing keys, passwords."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.model import Deployment, Service
from plimsoll.stacks.certificates import Order, issue, made

if TYPE_CHECKING:
    import trustme

PASSWORD_BYTES = 24
SIGNING = "signing.key"
SIGNING_KEYS = ("rsa2048", "rsa1024")
"""What a mutant may say of the key that the application signs tokens with: by default "2048 bit" (NM-AUT-03)."""

SECRETIVE = ("postgres", "redis", "grafana")
"""The recipes whose services let in only who has their password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Secrets and certificates of one run, as files in its folder. `passwords` are those of services, by role."""

    folder: Path
    issuer: trustme.CA
    passwords: Mapping[str, str]
    administrator_password: str

    @property
    def authority(self) -> Path:
        """The certificate of the authority made for this run alone."""
        return self.folder / "authority.pem"

    @property
    def jwt_private(self) -> Path:
        """The key the application signs tokens with."""
        return self.folder / "jwt-private.pem"

    @property
    def jwt_public(self) -> Path:
        """The key that verifies the application's tokens."""
        return self.folder / "jwt-public.pem"

    @property
    def admin_password(self) -> Path:
        """The file with the password of the application's first user."""
        return self.folder / "admin-password"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no report may show."""
        return (*dict.fromkeys(self.passwords.values()), self.administrator_password)

    def certificate(self, role: str) -> Path:
        """The certificate of a service, with its chain."""
        return self.folder / f"{role}.crt"

    def key(self, role: str) -> Path:
        """The key of a service's certificate."""
        return self.folder / f"{role}.key"

    def sign_with(self, kind: str) -> None:
        """Tokens are signed with a fresh key of that kind, at the same place."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see make_materials

        key, pem = made(kind), serialization.Encoding.PEM
        plain = serialization.NoEncryption()
        self.jwt_private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        self.jwt_public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))

    def issue(self, role: str, order: Order) -> None:
        """A service has a fresh certificate, at the same place."""
        certificate, key = issue(self.issuer, order)
        self.certificate(role).write_bytes(certificate)
        self.key(role).write_bytes(key)


def orders(deployment: Deployment, settings: Mapping[str, str]) -> dict[str, Order]:
    """The certificates that the deployment's services need, by role."""
    return {
        role: Order.of(service, deployment.hosts, settings)
        for role, service in deployment.services.items()
        if service.certificate
    }


def renew(materials: Materials, deployment: Deployment, before: Mapping[str, str], settings: Mapping[str, str]) -> None:
    """The materials are as these settings want them, those alone made anew that they were `before` otherwise."""
    known = orders(deployment, before)
    for role, order in orders(deployment, settings).items():
        if order != known[role]:
            materials.issue(role, order)
    if settings.get(SIGNING) != before.get(SIGNING):
        materials.sign_with(settings.get(SIGNING, SIGNING_KEYS[0]))


def leader(deployment: Deployment, service: Service) -> Service:
    """Whose data a service has: that of the one it follows, or its own."""
    followed = service.settings.get("follows", "")
    return deployment.services[followed] if followed else service


def main_database(deployment: Deployment) -> Service | None:
    """The PostgreSQL that applications use: the first that follows no other."""
    return _first(deployment, "postgres")


def main_cache(deployment: Deployment) -> Service | None:
    """The Redis that applications use: the first that follows no other."""
    return _first(deployment, "redis")


def followers(deployment: Deployment, followed: Service) -> tuple[Service, ...]:
    """The services that follow that one."""
    return tuple(each for each in deployment.services.values() if each.settings.get("follows") == followed.role)


def _first(deployment: Deployment, recipe: str) -> Service | None:
    found = (service for service in deployment.services.values() if service.recipe == recipe)
    return next((service for service in found if not service.settings.get("follows")), None)


def make_materials(folder: Path, deployment: Deployment, *, passwords: Mapping[str, str] | None = None) -> Materials:
    """Fresh materials in that folder: an authority, signing keys, and passwords where none is given.

    The certificates are issued apart: each takes as long again, and only its service waits for it.
    """
    import trustme  # noqa: PLC0415 - pulls in cryptography, which only a starting stack needs

    folder.mkdir(mode=0o755, exist_ok=True)
    root, given = trustme.CA(), passwords or {}
    needed = [service for service in deployment.services.values() if service.recipe in SECRETIVE]
    own = {
        service.role: given.get(service.role) or secrets.token_urlsafe(PASSWORD_BYTES)
        for service in needed
        if leader(deployment, service) is service
    }
    materials = Materials(
        folder=folder,
        issuer=root.create_child_ca(),  # as public authorities do, so that a missing link in a chain shows
        passwords={service.role: own[leader(deployment, service).role] for service in needed},
        administrator_password=secrets.token_urlsafe(PASSWORD_BYTES),
    )
    root.cert_pem.write_to_path(str(materials.authority))
    materials.admin_password.write_text(materials.administrator_password, encoding="utf-8")
    materials.sign_with(SIGNING_KEYS[0])
    return materials
