"""One server's certificate, as a run's own authority issues it, or with one thing wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plimsoll.model import Service
from plimsoll.services import FULL, KEYS, OF_CERTIFICATES, SELF_SIGNED

if TYPE_CHECKING:
    import trustme
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

LIFETIME_DAYS = 90
"""Days a certificate lives when its issuer is asked daily for a new one, as the guides do."""

EXPONENT = 65537
"""Of every RSA key (FIPS 186-5, 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a certificate shall be like."""

    names: tuple[str, ...]
    days: int = LIFETIME_DAYS
    key: str = KEYS[0]
    chain: str = FULL

    @classmethod
    def of(cls, service: Service, hosts: Sequence[str], settings: Mapping[str, str]) -> Order:
        """A service's certificate: an edge's covers the hosts, any other its role; settings may want it otherwise.

        Settings of the service's role concern it alone (`postgres.certificate.days`), those without one the edge. They
        come before what the service's own settings say in the deployment.
        """
        edge = service.recipe == "nginx"
        own = {
            name: settings.get(f"{service.role}.{name}") or (settings.get(name) if edge else "") or said
            for name, said in ((name, service.settings.get(name, "")) for name in OF_CERTIFICATES)
        }
        names = own["certificate.names"]
        return cls(
            names=tuple(names.split() if names else hosts if edge else (service.role, "localhost", "127.0.0.1")),
            days=int(own["certificate.days"] or LIFETIME_DAYS),
            key=own["certificate.key"] or KEYS[0],
            chain=own["certificate.chain"] or FULL,
        )


def issue(issuer: trustme.CA, order: Order) -> tuple[bytes, bytes]:
    """The certificate with its chain, and its key, as PEM."""
    from cryptography import x509  # noqa: PLC0415 - only a starting stack needs it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - likewise

    now = datetime.now(UTC)
    drawn = issuer.issue_cert(
        *order.names,
        common_name=order.names[0],
        not_before=now - timedelta(days=1 if order.days > 0 else 1 - order.days),
        not_after=now + timedelta(days=order.days),
    )
    leaf = x509.load_pem_x509_certificate(drawn.cert_chain_pems[0].bytes())
    key, alone = made(order.key), order.chain == SELF_SIGNED
    builder = x509.CertificateBuilder(  # the same certificate for a key of our choice: the library knows two kinds
        issuer_name=leaf.subject if alone else leaf.issuer,
        subject_name=leaf.subject,
        public_key=key.public_key(),
        serial_number=leaf.serial_number,
        not_valid_before=leaf.not_valid_before_utc,
        not_valid_after=leaf.not_valid_after_utc,
    )
    for extension in leaf.extensions:
        if not (alone and isinstance(extension.value, x509.AuthorityKeyIdentifier)):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    pem = serialization.Encoding.PEM
    signer = key if alone else serialization.load_pem_private_key(issuer.private_key_pem.bytes(), None)
    chain = [builder.sign(signer, hashes.SHA256()).public_bytes(pem)]  # type: ignore[arg-type] # the authority's key is one that signs
    if order.chain == FULL:
        chain += [blob.bytes() for blob in drawn.cert_chain_pems[1:]]
    plain = serialization.NoEncryption()
    return b"".join(chain), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)


def made(kind: str) -> Key:
    """A fresh key, of one of the KEYS."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415 - only a starting stack needs it

    makers: Mapping[str, Callable[[], Key]] = {
        "rsa2048": lambda: rsa.generate_private_key(EXPONENT, 2048),
        "rsa1024": lambda: rsa.generate_private_key(EXPONENT, 1024),  # noqa: S505 - a defect to be found
        "ec256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ec521": lambda: ec.generate_private_key(ec.SECP521R1()),
    }
    return makers[kind]()
