"""What a stack needs and no repository may hold: a throw-away authority, certificates, signing keys, passwords."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PASSWORD_BYTES = 24
RSA_BITS = 2048
"""Signing keys of the reference deployments: "2048 bit" (NM-AUT-03)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Secrets and certificates of one run, as files in its folder; `secrets` are the values no report may show."""

    authority: Path
    certificate: Path
    key: Path
    jwt_private: Path
    jwt_public: Path
    database_password: str
    redis_password: str
    admin_password: Path

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never leave the run."""
        return (self.database_password, self.redis_password, self.admin_password.read_text(encoding="utf-8"))


def make_materials(folder: Path, hosts: Sequence[str]) -> Materials:
    """Fresh materials in that folder: a certificate for the hosts, signed by an authority made for this run alone."""
    import trustme  # noqa: PLC0415 - pulls in cryptography, which only a starting stack needs
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - likewise

    folder.mkdir(mode=0o755, exist_ok=True)
    authority = trustme.CA()
    leaf = authority.issue_cert(*hosts, common_name=hosts[0], key_type=trustme.KeyType.RSA)
    signing = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    made = Materials(
        authority=folder / "authority.pem",
        certificate=folder / "certificate.pem",
        key=folder / "certificate.key",
        jwt_private=folder / "jwt-private.pem",
        jwt_public=folder / "jwt-public.pem",
        database_password=secrets.token_urlsafe(PASSWORD_BYTES),
        redis_password=secrets.token_urlsafe(PASSWORD_BYTES),
        admin_password=folder / "admin-password",
    )
    authority.cert_pem.write_to_path(str(made.authority))
    made.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    made.key.write_bytes(leaf.private_key_pem.bytes())
    pem = serialization.Encoding.PEM
    made.jwt_private.write_bytes(
        signing.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    made.jwt_public.write_bytes(
        signing.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    made.admin_password.write_text(secrets.token_urlsafe(PASSWORD_BYTES), encoding="utf-8")
    return made


def read_environment(file: Path) -> Mapping[str, str]:
    """The variables of an environment file: NAME=value lines, blank lines and # comments; quotes around values are taken off."""
    found = {}
    for raw in file.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip().strip("\"'")
    return found
