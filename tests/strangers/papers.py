"""Certificates as strangers have them: one that is right, some that are odd, and many that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

HOSTS = ("shop.example", "api.shop.example", "ops.shop.example")
DAYS = 89
"""Days left of a certificate that is right, as automatic issuers give them."""

ECDSA, RSA = trustme.KeyType.ECDSA, trustme.KeyType.RSA
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Papers:
    """A root that clients trust, and what it vouches for through an intermediate."""

    root: trustme.CA = field(default_factory=trustme.CA)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def write(self, folder: Path) -> None:
        """The authority to trust, and each certificate with its chain and its key as `<name>.pem`, in that folder."""
        self.root.cert_pem.write_to_path(str(folder / "authority.pem"))
        for name, text in self._all().items():
            (folder / f"{name}.pem").write_bytes(text)

    def _all(self) -> Mapping[str, bytes]:
        intermediate = self.root.create_child_ca()
        leaf = self._leaf(intermediate)
        own, *rest = (blob.bytes() for blob in leaf.cert_chain_pems)
        key, root = leaf.private_key_pem.bytes(), self.root.cert_pem.bytes()
        stranger = trustme.CA().cert_pem.bytes()
        return {
            "certificate": b"".join((own, *rest, key)),
            "with-root": b"".join((own, *rest, root, key)),
            "leaf-only": own + key,
            "other-intermediate": b"".join((own, stranger, *rest, key)),
            "rsa": self._whole(self._leaf(intermediate, kind=RSA)),
            "wildcard": self._whole(self._leaf(intermediate, "shop.example", "*.shop.example")),
            "wrong-name": self._whole(self._leaf(intermediate, "www.shop.example", "localhost")),
            "expired": self._whole(self._leaf(intermediate, days=-3)),
            "ending": self._whole(self._leaf(intermediate, days=6)),
            "five-years": self._whole(self._leaf(intermediate, days=5 * 365)),
            "rsa-1024": self._with(rsa.generate_private_key(public_exponent=65537, key_size=1024), by=self.root),  # noqa: S505 - weak on purpose
            "self-signed": self._with(ec.generate_private_key(ec.SECP256R1())),
            "curve-p521": self._with(ec.generate_private_key(ec.SECP521R1()), by=self.root),
        }

    def _leaf(
        self, issuer: trustme.CA, *names: str, kind: trustme.KeyType = ECDSA, days: int = DAYS
    ) -> trustme.LeafCert:
        begun = self.now - timedelta(days=30 if days < 0 else 1)
        names = names or HOSTS
        return issuer.issue_cert(*names, key_type=kind, not_before=begun, not_after=self.now + timedelta(days=days))

    def _whole(self, leaf: trustme.LeafCert) -> bytes:
        """A certificate with all that vouches for it, and its key."""
        return b"".join(blob.bytes() for blob in leaf.cert_chain_pems) + leaf.private_key_pem.bytes()

    def _with(self, key: Key, *, by: trustme.CA | None = None) -> bytes:
        """A certificate with such a key, which that authority vouches for, or only itself."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOSTS[0])])
        issuer = x509.load_pem_x509_certificate(by.cert_pem.bytes()).subject if by else name
        signing = load_pem_private_key(by.private_key_pem.bytes(), password=None) if by else key
        assert isinstance(signing, Key)
        made = x509.CertificateBuilder(
            issuer_name=issuer,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=self.now - timedelta(days=1),
            not_valid_after=self.now + timedelta(days=DAYS),
        )
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
        signed = made.add_extension(names, critical=False).sign(signing, hashes.SHA256())
        return signed.public_bytes(Encoding.PEM) + key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
