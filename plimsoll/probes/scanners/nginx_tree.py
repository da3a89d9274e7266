"""nginx configurations laid out so that nginx itself can read them where nothing of what they name exists.

Line numbers stay: every change is made within its line.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from plimsoll.observations.artefacts import Kind, SourceFile

BLOCK = re.compile(r"^\s*(?:http|events)\s*\{", re.MULTILINE)
UPSTREAM = re.compile(r"^\s*upstream\s+([\w.-]+)\s*\{", re.MULTILINE)
MEMBER = re.compile(r"((?<![\w-])server\s+)(?!unix:|\d|\[)[A-Za-z_][\w.-]*(?=[:;\s])")
"""What names a host in an upstream block: `server app:5000;`."""

PASSED = re.compile(r"(\b(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass\s+(?:\w+://)?)([A-Za-z_][\w.-]*)(?=[:/;\s])")
CERTIFICATE = re.compile(
    r"(\b(?:ssl|proxy_ssl|grpc_ssl)_(?:certificate|trusted_certificate)\s+|\bssl_client_certificate\s+)[^;$]+;"
)
KEY = re.compile(r"(\b(?:ssl|proxy_ssl|grpc_ssl)_certificate_key\s+)[^;$]+;")
PARAMETERS = re.compile(r"\bssl_dhparam\s+[^;]+;")
STAPLED = re.compile(r"\bssl_stapling_file\s+[^;]+;")
USER = re.compile(r"^(\s*)user\s+[^;]+;", re.MULTILINE)
MODULE = re.compile(r"^(\s*)load_module\s+[^;]+;", re.MULTILINE)
HOME = re.compile(r"(\binclude\s+)[\"']?/etc/nginx/")
INCLUDE = re.compile(r"^\s*include\s+[\"']?([^;\"']+)", re.MULTILINE)

STOCK = Path("/etc/nginx")
STOCKED = ("mime.types", "fastcgi_params", "fastcgi.conf", "proxy_params", "scgi_params", "uwsgi_params")
"""What every distribution's package brings, and configurations include without having it."""

WRAPPERS: Mapping[str, str] = {
    "main": "",
    "http": "events {} http { ",
    "server": "events {} http { server { ",
    "location": "events {} http { server { location / { ",
}
"""What is put before a fragment, in its first line, to make it a whole configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A throw-away certificate and its key."""

    certificate: Path
    key: Path


def is_main(source: SourceFile) -> bool:
    """Whether a file is what nginx is started with: it has an http or an events block."""
    return bool(BLOCK.search(source.text))


def adapted(text: str, upstreams: Iterable[str], material: Material) -> str:
    """A configuration that names nothing that is not here: certificates are ours, hosts this machine, users none."""
    known = frozenset(upstreams)
    text = MEMBER.sub(r"\g<1>127.0.0.1", text)
    text = PASSED.sub(lambda found: found[0] if found[2] in known else f"{found[1]}127.0.0.1", text)
    text = CERTIFICATE.sub(rf"\g<1>{material.certificate};", text)
    text = KEY.sub(rf"\g<1>{material.key};", text)
    text = STAPLED.sub("", PARAMETERS.sub("", text))
    text = MODULE.sub(r"\1", USER.sub(r"\1", text))
    return HOME.sub(r"\g<1>", text)


def included(files: Mapping[str, SourceFile]) -> frozenset[str]:
    """The files that another one includes, as far as its words tell: they are judged where they stand."""
    mains = [PurePosixPath(path).parent for path, source in files.items() if is_main(source)]
    patterns = [
        str(main / found[1])
        for source in files.values()
        for found in INCLUDE.finditer(HOME.sub(r"\g<1>", source.text))
        for main in mains
    ]
    return frozenset(path for path in files if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns))


def upstreams(sources: Iterable[SourceFile]) -> Iterator[str]:
    """The names of the groups of servers that are defined somewhere."""
    return (name for source in sources if source.kind is Kind.NGINX for name in UPSTREAM.findall(source.text))


def lay_out(files: Mapping[str, SourceFile], folder: Path, material: Material) -> None:
    """The files lie in the folder, adapted, and beside them what packages bring."""
    known = tuple(upstreams(files.values()))
    for path, source in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(adapted(source.text, known, material), encoding="utf-8")
        for name in STOCKED if is_main(source) else ():
            beside = place.parent / name
            stock = STOCK / name
            if not beside.exists():
                beside.write_text(stock.read_text(encoding="utf-8") if stock.exists() else "", encoding="utf-8")


def wrapped(text: str, context: str) -> str:
    """A fragment as a whole configuration; its lines keep their numbers."""
    before = WRAPPERS[context]
    closing = "}" * (before.count("{") - before.count("}"))
    return f"{before}{text.rstrip()}\n{closing}\n" if before else text
