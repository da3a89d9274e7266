"""nginx's own opinion of configurations at rest, and gixy's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crossplane.analyzer import DIRECTIVES
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from plimsoll.model import Severity
from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.scanners import nginx_tree
from plimsoll.probes.scanners.desk import Crashed, Desk, Said
from plimsoll.probes.scanners.linters import FOUND, TOOLS
from plimsoll.probes.scanners.results import Result, Unread, severity
from plimsoll.probes.scanners.scanner import Scanner, kinds

COMPLAINT = re.compile(r"\[emerg\] (?:\d+#\d+: )?(?P<what>.*?)(?: in (?P<path>/\S+?):(?P<line>\d+))?$", re.MULTILINE)
ACCEPTED = "syntax is ok"
"""What nginx -t says before it opens logs and ports, which are not ours to open."""

ELSEWHERE = re.compile(
    r"host not found in|zero size shared memory zone|unknown \"\w+\" (?:variable|zone|proto)|open\(\) .* failed"
    r"|no \"ssl_certificate\" is defined|unknown log format|cannot load certificate|could not build"
)
"""What the rest of a fragment's file, or of the machine, may bring."""

ABSENT = re.compile(r"(open|mkdir|bind|getpwnam|socket|stat)\(\)|host not found|[Pp]ermission denied")
"""What a whole configuration names on the machine that it is for."""

DIRECTIVE = re.compile(r"unknown directive \"(?P<name>[\w.-]+)\"|(?:the )?\"(?P<needs>\w+)\" parameter requires")
NEWER = frozenset(
    {"http2", "http3", "http3_hq", "http3_max_concurrent_streams", "quic_retry", "quic_gso", "ssl_early_data"}
)
"""Directives of later versions of nginx than some machine has."""

FOREIGN = re.compile(
    r"^(more_|brotli|pagespeed|lua_|\w+_by_lua|vhost_traffic|modsecurity|js_|perl|geoip|zstd|headers_|naxsi|opentelemetry|otel|passenger|rtmp)"
)
"""How directives of modules begin that are not nginx's own."""

MANUAL = "https://nginx.org/en/docs/dirindex.html"
GIXY_ENDS = (0, 1)
ABSENCES = frozenset(
    {"version_disclosure", "hsts_header", "worker_rlimit_nofile_vs_connections", "default_server_flag"}
)
"""What gixy misses in a fragment may stand in the rest of its file."""

INVALID_CONFIG = re.compile(r"(Unable to parse|Failed to parse|Parse error|syntax error)[^\n]*", re.IGNORECASE)


def nginx(desk: Desk) -> Iterator[Result | Unread]:
    """What `nginx -t` says of every configuration that nginx could be started with, and of every fragment, wrapped."""
    material = _material(desk.folder)
    nginx_tree.lay_out(desk.files, desk.folder, material)
    included = nginx_tree.included(desk.files)
    for path, source in desk.files.items():
        if nginx_tree.is_main(source):
            yield from _told(desk, path, _test(desk, path))
        elif path not in included:
            yield from _fragment(desk, path, source)


def _fragment(desk: Desk, path: str, source: SourceFile) -> Iterator[Result | Unread]:
    """What nginx says of a part of a configuration where it fits best; what the rest may bring is no defect."""
    text = (desk.folder / path).read_text(encoding="utf-8")
    heard: list[tuple[int, str, Said]] = []
    for context in ("http", "server", "location", "main"):
        desk.write(path, nginx_tree.wrapped(text, context))
        said = _test(desk, path)
        complaint = _complaint(said)
        if complaint is None or ELSEWHERE.search(complaint["what"]):
            return
        heard.append((int(complaint["line"] or 0), context, said))
    _, context, said = max(heard, key=lambda each: (min(each[0], source.text.count("\n") + 1), each[1] == "server"))
    for each in _told(desk, path, said):
        if isinstance(each, Result):
            more = f" (judged inside {context} {{ }})" if context != "main" else ""
            yield Result(
                path=path,
                rule=each.rule,
                message=each.message + more,
                severity=each.severity,
                line=each.line,
                link=each.link,
            )
        else:
            yield each


def _test(desk: Desk, path: str) -> Said:
    return desk.run("-t", "-p", (desk.folder / path).parent, "-c", desk.folder / path, "-e", "stderr", ok=FOUND)


def _complaint(said: Said) -> re.Match[str] | None:
    """Nginx's first complaint about what is written; None where there is none."""
    if said.code == 0 or ACCEPTED in said.err:
        return None
    found = COMPLAINT.search(said.err)
    if found is None:
        raise Crashed(f"nginx -t ended with {said.code}: {said.last}")
    return found


def _told(desk: Desk, main: str, said: Said) -> Iterator[Result | Unread]:
    """The first thing that nginx refuses; what it cannot know here is no defect."""
    complaint = _complaint(said)
    if complaint is None:
        return
    path = desk.path(complaint["path"] or "") or main
    what = complaint["what"].replace(f"{desk.folder}/", "")
    unknown = DIRECTIVE.search(what)
    name = (unknown["name"] or "") if unknown else ""
    if name in DIRECTIVES or name in NEWER or (name and FOREIGN.match(name)):
        yield Unread(path=main, why=f"line {complaint['line']}: this machine's nginx lacks the module of {name}")
    elif ABSENT.search(what):
        yield Unread(path=main, why=f"line {complaint['line']}: {what}")
    else:
        line = int(complaint["line"] or 1)
        yield Result(path=path, rule="nginx-t", message=what, severity=Severity.HIGH, line=line, link=MANUAL)


def gixy(desk: Desk) -> Iterator[Result | Unread]:
    """What gixy says of the same files."""
    nginx_tree.lay_out(desk.files, desk.folder, _material(desk.folder))
    included = nginx_tree.included(desk.files)
    for path, source in desk.files.items():
        if path in included:
            continue  # it is judged where it stands
        if not nginx_tree.is_main(source):
            context = _context(source.text)
            text = (desk.folder / path).read_text(encoding="utf-8")
            desk.write(path, nginx_tree.wrapped(text, context))
        said = desk.run("--format", "json", desk.folder / path, ok=GIXY_ENDS)
        if broken := INVALID_CONFIG.search(said.err):
            yield Unread(path=path, why=broken[0].replace(f"{desk.folder}/", ""))
            continue
        for row in said.json():
            if row["plugin"] in ABSENCES and not nginx_tree.is_main(source):
                continue
            text = f"{row['summary']} {row['reason']}".strip()
            where = desk.path(str(row.get("file") or row["path"])) or path
            link = str(row.get("reference") or "")
            level = severity(row["severity"])
            yield Result(
                path=where, rule=row["plugin"], message=text, severity=level, line=int(row.get("line") or 1), link=link
            )


def _context(text: str) -> str:
    """Where a fragment belongs, by the first block in it."""
    for name, pattern in (
        ("http", r"^\s*(server\s*\{|upstream\b|map\b|limit_\w+_zone\b)"),
        ("server", r"^\s*(location\b|listen\b|server_name\b)"),
    ):
        if re.search(pattern, text, re.MULTILINE):
            return name
    return "server"


def _material(folder: Path) -> nginx_tree.Material:
    """A certificate that is thrown away with the folder."""
    place = folder / ".certificate"
    material = nginx_tree.Material(certificate=place / "cert.pem", key=place / "key.pem")
    place.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "plimsoll.invalid")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    material.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    material.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return material


def is_configuration(source: SourceFile) -> bool:
    """Whether nginx is configured by it: packages' tables of types are included, and judged with what includes them."""
    return not source.name.endswith("mime.types")


def nginxes() -> Iterable[Scanner]:
    """The scanners of this module."""
    yield Scanner(
        name="nginx",
        program="nginx",
        look=nginx,
        knows=kinds(Kind.NGINX),
        meant=is_configuration,
        package="nginx-light",
        together=True,
        asks_version="-v",
    )
    yield Scanner(
        name="gixy",
        program="gixy",
        look=gixy,
        knows=kinds(Kind.NGINX),
        meant=is_configuration,
        home=TOOLS,
        packages=("gixy-ng",),
        together=True,
    )
