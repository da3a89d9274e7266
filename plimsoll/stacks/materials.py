"""What a stack needs and no repository may hold: a throw-away authority, certificates, signing keys, passwords."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

PASSWORD_BYTES = 24
RSA_BITS = 2048
"""Signing keys of the reference deployments: "2048 bit" (NM-AUT-03)."""

LIFETIME_DAYS = 90
"""Days a certificate lives when its issuer is asked daily for a new one, as the guides do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Secrets and certificates of one run, as files in its folder."""

    folder: Path
    issuer: trustme.CA
    database_password: str
    redis_password: str
    administrator_password: str

    @property
    def authority(self) -> Path:
        """The certificate of the authority made for this run alone."""
        return self.folder / "authority.pem"

    @property
    def certificate(self) -> Path:
        """The edge's certificate with its chain."""
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        """The key of the edge's certificate."""
        return self.folder / "certificate.key"

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
        return (self.database_password, self.redis_password, self.administrator_password)

    def issue(self, hosts: Sequence[str], settings: Mapping[str, str]) -> None:
        """A fresh certificate for the hosts, or as the settings `certificate.names` and `certificate.days` say."""
        import trustme  # noqa: PLC0415 - see make_materials

        names = settings.get("certificate.names", " ".join(hosts)).split()
        days = int(settings.get("certificate.days", LIFETIME_DAYS))
        now = datetime.now(UTC)
        leaf = self.issuer.issue_cert(
            *names,
            common_name=names[0],
            key_type=trustme.KeyType.RSA,
            not_before=now - timedelta(days=1 if days > 0 else 1 - days),
            not_after=now + timedelta(days=days),
        )
        self.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        self.key.write_bytes(leaf.private_key_pem.bytes())


CERTIFICATE_SETTINGS = ("certificate.names", "certificate.days")
"""What a mutant may say about the certificate: the names on it, parted by spaces, and the days it has left."""


def certificate_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that decide what certificate is issued."""
    return {name: value for name, value in settings.items() if name.startswith("certificate.")}


def make_materials(folder: Path, *, database_password: str = "") -> Materials:
    """Fresh materials in that folder: an authority, signing keys, and passwords where none is given.

    The certificate is issued apart: it takes as long again, and only the edge waits for it.
    """
    import trustme  # noqa: PLC0415 - pulls in cryptography, which only a starting stack needs
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - likewise

    folder.mkdir(mode=0o755, exist_ok=True)
    made = Materials(
        folder=folder,
        issuer=trustme.CA(),
        database_password=database_password or secrets.token_urlsafe(PASSWORD_BYTES),
        redis_password=secrets.token_urlsafe(PASSWORD_BYTES),
        administrator_password=secrets.token_urlsafe(PASSWORD_BYTES),
    )
    made.issuer.cert_pem.write_to_path(str(made.authority))
    made.admin_password.write_text(made.administrator_password, encoding="utf-8")
    signing = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    pem, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    private = signing.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made.jwt_private.write_bytes(private)
    made.jwt_public.write_bytes(signing.public_key().public_bytes(pem, spki))
    return made
