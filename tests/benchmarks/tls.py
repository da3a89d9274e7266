"""How long the TLS survey of one port takes beside sslyze and the plain floor, and whether it finds all sslyze finds.

sslyze is AGPL: it runs as a program in an environment of its own, made once by uv in the user's cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import trustme

from plimsoll.probes.tls.suites import SUITES
from plimsoll.runs import cache_folder
from plimsoll.wait import SYSTEM_CLOCK
from tests.probes.tls_servers import Site, certificate, nginx

PROJECT = Path(__file__).parents[2]
SSLYZE = "sslyze==6.3.1"
EVERY = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
"""All that nginx's OpenSSL can be made to accept, anonymous and NULL suites included."""

PROTOCOLS = {
    "ssl_3_0_cipher_suites": "SSLv3",
    "tls_1_0_cipher_suites": "TLSv1",
    "tls_1_1_cipher_suites": "TLSv1.1",
    "tls_1_2_cipher_suites": "TLSv1.2",
    "tls_1_3_cipher_suites": "TLSv1.3",
}
"""What sslyze calls the versions that we look at as well."""

OURS = """
import json, sys
from pathlib import Path
from plimsoll.probes.tls.survey import surveys
from plimsoll.stacks.protocol import Endpoint
port, authority = int(sys.argv[1]), Path(sys.argv[2])
place = {"host": "localhost", "port": port, "address": ("127.0.0.1", port)}
edge = Endpoint(role="edge", scheme="https", authority=authority, **place)
seen = surveys([(edge, "localhost")]).surveys[0]
print(json.dumps({v: sorted(h.suite for h in seen.spoken(v)) for v in seen.accepted}))
"""
"""The whole survey of one port, its process included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """The ports of the servers by name, and the authority that made their certificates."""

    ports: Mapping[str, int]
    authority: Path


Found = Mapping[str, frozenset[str]]
_open = ExitStack()


def ours_weak() -> float:
    """Seconds of our survey of a server that accepts everything it can."""
    return _timed(_ours("weak"))


def ours_modern() -> float:
    """Seconds of our survey of a server with six suites."""
    return _timed(_ours("modern"))


def sslyze_weak() -> float:
    """Seconds of sslyze's full set on the server that accepts everything."""
    return _timed(_sslyze("weak", "/dev/null"))


def sslyze_modern() -> float:
    """Seconds of sslyze's full set on the server with six suites."""
    return _timed(_sslyze("modern", "/dev/null"))


def one_handshake() -> float:
    """Seconds of the plain floor: a process of `openssl s_client` that makes one handshake."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{servers().ports['modern']}", "-servername", "localhost"]
    return _timed(command)


def compared() -> Iterator[str]:
    """What both find on each server, set by set; a line that begins with `missing` where sslyze finds more."""
    for name in servers().ports:
        mine, theirs = _found_by_us(name), _found_by_sslyze(name)
        for version in PROTOCOLS.values():
            us, them = mine.get(version, frozenset()), theirs.get(version, frozenset())
            if us or them:
                missing, more = sorted(them - us), sorted(us - them)
                yield f"{'missing' if missing else 'same' if not more else 'more'}: {name} {version}: " + (
                    f"ours {len(us)}, sslyze {len(them)}"
                    + (f", missing {', '.join(missing)}" if missing else "")
                    + (f", more {', '.join(more)}" if more else "")
                )


@cache
def servers() -> Servers:
    """A weak and a modern nginx, which run until the benchmark ends."""
    return _open.enter_context(_servers())


def close() -> None:
    """The servers are gone, if there were any."""
    _open.close()


@contextmanager
def _servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        prime = certificate(ca, folder / "prime.pem", kind=trustme.KeyType.RSA)
        curve = certificate(ca, folder / "curve.pem")
        subprocess.run(
            ["openssl", "dhparam", "-dsaparam", "-out", folder / "dh.pem", "2048"], check=True, capture_output=True
        )
        weak = f"ssl_ciphers {EVERY}; ssl_dhparam dh.pem;"
        few = "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;"
        sites = {
            "weak": Site(certificates=(prime,), directives=weak, protocols="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
            "modern": Site(certificates=(curve,), directives=few, http2=True),
        }
        with nginx(folder, sites) as ports:
            yield Servers(ports=ports, authority=folder / "ca.pem")


def _ours(name: str) -> list[str | Path]:
    """The command of our survey."""
    return [sys.executable, "-c", OURS, str(servers().ports[name]), servers().authority]


def _found_by_us(name: str) -> Found:
    said = subprocess.run(_ours(name), check=True, capture_output=True, text=True, cwd=PROJECT).stdout
    return {version: frozenset(suites) for version, suites in json.loads(said).items()}


def _found_by_sslyze(name: str) -> Found:
    """What sslyze accepts by version, under the names that we use."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(_sslyze(name, out.name), check=False, capture_output=True, cwd=PROJECT)
        scan = json.loads(Path(out.name).read_text(encoding="utf-8"))["server_scan_results"][0]["scan_result"]
    names = _names()
    return {
        version: frozenset(
            names.get(each["cipher_suite"]["name"], each["cipher_suite"]["name"])
            for each in scan[key]["result"]["accepted_cipher_suites"]
        )
        for key, version in PROTOCOLS.items()
        if scan[key]["result"]["accepted_cipher_suites"]
    }


def _names() -> Mapping[str, str]:
    """IANA's names of the suites to ours."""
    rows = (PROJECT / "plimsoll" / "probes" / "tls" / "suites.txt").read_text(encoding="ascii").splitlines()
    return {row.split()[1]: SUITES[int(row.split()[0], 16)] for row in rows if not row.startswith("#")}


def _sslyze(name: str, report: str) -> list[str | Path]:
    """The command of sslyze's full set without a verdict, in an environment of its own."""
    scans = ("sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "certinfo", "compression", "reneg", "resum")
    more = ("fallback", "heartbleed", "openssl_ccs", "robot", "elliptic_curves", "early_data", "ems")
    flags = [f"--{scan}" for scan in (*scans, *more)]
    target: list[str | Path] = [
        f"--json_out={report}",
        "--certinfo_ca_file",
        servers().authority,
        f"localhost:{servers().ports[name]}",
    ]
    return [_environment() / "bin" / "sslyze", "--mozilla_config=disable", *flags, *target]


@cache
def _environment() -> Path:
    """Where sslyze is installed; made the first time."""
    home = cache_folder() / SSLYZE
    if not (home / "bin" / "sslyze").exists():
        uv = PROJECT / ".venv" / "bin" / "uv"
        program = uv if uv.exists() else "uv"
        subprocess.run([program, "venv", "--quiet", "--clear", home], check=True)
        subprocess.run(
            [program, "pip", "install", "--quiet", "--compile-bytecode", "--python", home / "bin" / "python", SSLYZE],
            check=True,
        )
    return home


def _timed(command: Sequence[str | Path]) -> float:
    started = SYSTEM_CLOCK.monotonic()
    subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, cwd=PROJECT)
    return SYSTEM_CLOCK.monotonic() - started
