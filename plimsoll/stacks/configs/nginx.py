"""What a stack must know of an nginx configuration: the ports that speak TLS, and where certificates must lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from plimsoll.model import Service
from plimsoll.stacks.materials import Materials

LISTEN = re.compile(r"^\s*listen\s+(?:\S*:)?(?P<port>\d+)\b[^;#]*\bssl\b", re.MULTILINE)
CERTIFICATES: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(rf"^\s*{directive}\s+[\"']?(?P<file>/[^;\"'\s]+)", re.MULTILINE)
    for kind, directive in {
        "certificate": "ssl_certificate",
        "key": "ssl_certificate_key",
        "authority": "(?:proxy_)?ssl_trusted_certificate",
    }.items()
}


def tls_ports(service: Service, artefacts: Path) -> frozenset[int]:
    """The ports on which some server of the configuration speaks TLS."""
    return frozenset(int(found["port"]) for text in _texts(service, artefacts) for found in LISTEN.finditer(text))


def certificates(service: Service, artefacts: Path, materials: Materials) -> dict[str, Path]:
    """The run's certificate, key and authority at every path where the configuration reads one it was not given."""
    if not service.certificate:
        return {}
    ours = {
        "certificate": materials.certificate(service.role),
        "key": materials.key(service.role),
        "authority": materials.authority,
    }
    found = {service.certificate: ours["certificate"], service.key: ours["key"]}
    for text in _texts(service, artefacts):
        for kind, pattern in CERTIFICATES.items():
            for each in pattern.finditer(text):
                if not any(Path(each["file"]).is_relative_to(inside) for inside in service.files.values()):
                    found.setdefault(each["file"], ours[kind])
    return found


def _texts(service: Service, artefacts: Path) -> Iterator[str]:
    """The configuration and the files it may include."""
    for name in (service.config, *service.files):
        place = artefacts / name
        for file in sorted(place.rglob("*.conf")) if place.is_dir() else [place]:
            if file == artefacts / service.config or file.suffix == ".conf":
                yield file.read_text(encoding="utf-8", errors="replace")
