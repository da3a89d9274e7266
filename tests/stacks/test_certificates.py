"""Certificates as a run's authority issues them: whole, or with one thing wrong that a verifying client sees."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from socket import create_connection, socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from plimsoll.model import Deployment, Service
from plimsoll.stacks.materials import Materials, make_materials, orders

HOST = "shop.example"


def deployment(tmp_path: Path) -> Deployment:
    """An edge and a database that both speak TLS."""
    pair = {"certificate": "/etc/ssl/its.crt", "key": "/etc/ssl/its.key"}
    services = (
        Service(role="edge", recipe="nginx", ports=(443,), **pair),  # type: ignore[arg-type] # two texts
        Service(role="data", recipe="postgres", ports=(5432,), **pair),  # type: ignore[arg-type] # likewise
    )
    return Deployment(
        name="shop",
        root=tmp_path,
        hosts=(HOST, "api.shop.example"),
        promises=(),
        services={service.role: service for service in services},
    )


def issued(tmp_path: Path, **settings: str) -> Materials:
    """Materials whose certificates are as the settings `certificate_…` want them."""
    shop = deployment(tmp_path)
    wanted = {name.replace("_", "."): value for name, value in settings.items()}
    materials = make_materials(tmp_path / "materials", shop)
    for role, order in orders(shop, wanted).items():
        materials.issue(role, order)
    return materials


def complaint(materials: Materials, role: str = "edge", host: str = HOST) -> str:
    """What a client says that trusts the run's authority alone; nothing when it has nothing to say."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("DEFAULT:@SECLEVEL=0")
    server.load_cert_chain(materials.certificate(role), materials.key(role))
    client = ssl.create_default_context(cafile=materials.authority)
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            stream, _ = listener.accept()
            try:
                server.wrap_socket(stream, server_side=True).close()
            except (ssl.SSLError, OSError):
                stream.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            with create_connection(listener.getsockname(), 5) as plain:
                client.wrap_socket(plain, server_hostname=host).close()
        except ssl.SSLError as error:
            return str(error)
        finally:
            serving.join()
    return ""


def leaf(materials: Materials, role: str = "edge") -> x509.Certificate:
    """The certificate itself."""
    return x509.load_pem_x509_certificates(materials.certificate(role).read_bytes())[0]


def test_a_client_of_the_authority_is_content(tmp_path: Path) -> None:
    """An edge's certificate covers every host, a database's its role and this machine, and none another's name."""
    materials = issued(tmp_path)

    assert [complaint(materials, "edge", host) for host in (HOST, "api.shop.example")] == ["", ""]
    assert [complaint(materials, "data", host) for host in ("data", "localhost", "127.0.0.1")] == ["", "", ""]
    assert "mismatch" in complaint(materials, "data", HOST)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("certificate_names", "elsewhere.example", "mismatch"),
        ("certificate_days", "-1", "expired"),
        ("certificate_chain", "leaf-only", "unable to get local issuer"),
        ("certificate_chain", "self-signed", "self-signed certificate"),
        ("certificate_key", "rsa1024", "key too weak"),
        ("certificate_key", "ec256", ""),
    ],
)
def test_one_thing_is_wrong(tmp_path: Path, setting: str, value: str, said: str) -> None:
    """A client says what is wrong with the edge's certificate; the database's is as it should be."""
    materials = issued(tmp_path, **{setting: value})

    assert said in complaint(materials)
    assert bool(said) == bool(complaint(materials))
    assert complaint(materials, "data", "data") == ""


def test_a_setting_may_name_the_service(tmp_path: Path) -> None:
    """A role before the setting makes it that service's alone."""
    materials = issued(tmp_path, data_certificate_days="-1")

    assert complaint(materials) == ""
    assert "expired" in complaint(materials, "data", "data")


def test_keys_are_of_the_kind_that_was_asked_for(tmp_path: Path) -> None:
    """RSA of 2048 bits unless the settings say otherwise."""
    usual, other = leaf(issued(tmp_path)).public_key(), leaf(issued(tmp_path, certificate_key="ec256")).public_key()

    assert isinstance(usual, rsa.RSAPublicKey)
    assert usual.key_size == 2048
    assert isinstance(other, ec.EllipticCurvePublicKey)
