"""Host names: what redirects, certificates and origins say against who answers to which name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import EnvironmentFiles, Manifests, NginxFiles, NginxTree, Scripts
from plimsoll.observations.artefacts.environment import Variable
from plimsoll.rules.nginx import Context, configs, listens, names, place, servers, spot, unique

__all__ = ["certificates_for_names", "cors_origins_answered", "redirects_answered"]

LITERAL = re.compile(r"^https?://([a-z0-9.-]+\.[a-z]{2,})(?=[/:?$]|\Z)", re.IGNORECASE)
"""The host of a redirect that says it without a variable."""

LINEAGE = re.compile(r"/letsencrypt/live/([\w.-]+?)(?:-\d{4})?/")
CERTBOT = re.compile(r"\bcertbot\b(?P<rest>(?:[^\n\\;&|]|\\\n)*)")
DOMAINS = re.compile(r"(?:^|\s)(?:-d|--domains?)[ =]\s*[\"']?([\w.*,-]+)")
CALLED = re.compile(r"--cert-name[ =]([\w.-]+)")
ORIGINS = re.compile(r"CORS|ALLOWED_ORIGIN|ORIGINS?_ALLOW", re.IGNORECASE)
HERE = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]")
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""Labels under which a country's names are given out: of example.co.uk, three labels are one's own."""


def redirects_answered(promise: Promise, nginx: NginxFiles, manifests: Manifests | None, *, files: str = "") -> Finding:
    """Every redirect of nginx to a name of one's own leads to one that a server or an ingress answers to."""
    trees = configs(nginx, files)
    known = [name for name, _ in _answered(trees, manifests)]
    redirects = [(tree, d, url) for tree in trees for d, url in _redirects(tree)]
    return promise.judged(
        unique(
            Hole(spot=spot(d), what=f"{what}{tree.note}", fix=fix, beside=beside)
            for tree, d, url in redirects
            for what, fix, beside in _astray(tree, d, url, known)
        ),
        looked=[f"{d.where}: {url}" for _, d, url in redirects],
        expected="redirects to names that are answered",
        nothing="no nginx file redirects anybody",
    )


def certificates_for_names(promise: Promise, nginx: NginxFiles, scripts: Scripts | None, *, files: str = "") -> Finding:
    """The certificate of every server of nginx is one for its name, as its path and the certbot command say."""
    commands = list(_commands(scripts))
    used = [
        (tree, server, d, found[1].lower())
        for tree in configs(nginx, files)
        for server in servers(tree)
        for d in tree.effective("ssl_certificate", server)
        if d.arguments
        and (found := LINEAGE.search(d.arguments[0]))
        and any(listen.secure for listen in listens(tree, server))
    ]
    return promise.judged(
        unique(hole for tree, server, d, lineage in used for hole in _foreign(tree, server, d, lineage, commands)),
        looked=[f"{d.where}: {lineage} for {' '.join(names(tree, server))}" for tree, server, d, lineage in used],
        expected="certificates for the names they are shown under",
        nothing="no nginx file names a certificate of Let's Encrypt",
    )


def cors_origins_answered(
    promise: Promise,
    environment: EnvironmentFiles,
    nginx: NginxFiles | None,
    manifests: Manifests | None,
    *,
    files: str = "",
) -> Finding:
    """Every origin that an environment file allows is one that a browser can come from: of a site that is there."""
    trees = configs(nginx) if nginx else ()
    answered = list(_answered(trees, manifests))
    stated = [
        (variable, origin)
        for variable in environment.for_production(files)
        if ORIGINS.search(variable.name) and variable.literal
        for origin in re.split(r"[,\s]+", variable.value.strip("[]\"' "))
        if "://" in origin
    ]
    return promise.judged(
        unique(hole for variable, origin in stated if (hole := _unlikely(variable, origin.strip("\"'"), answered))),
        looked=[f"{variable.spot}: {variable.name}" for variable, _ in stated],
        expected="origins of sites that are there",
        nothing="no environment file allows an origin",
    )


def base(host: str) -> str:
    """The part of a name that somebody owns: example.com of www.example.com."""
    labels = host.lower().strip(".").split(".")
    own = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2 else 2  # noqa: PLR2004 - labels of a country's name
    return ".".join(labels[-own:])


def covers(pattern: str, host: str) -> bool:
    """Whether a name, or a pattern of names as nginx and certificates have them, includes a host."""
    if pattern.startswith("~"):
        return True  # an expression: whatever it means, it may mean this
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    if pattern.startswith("."):
        return host == pattern[1:] or host.endswith(pattern)
    if pattern.endswith(".*"):
        return host.startswith(pattern[:-1])
    return pattern == host


def _answered(trees: Iterable[NginxTree], manifests: Manifests | None) -> Iterator[tuple[str, Spot]]:
    """The names that a server or an ingress answers to, and where it says so."""
    for tree in trees:
        for directive in tree.named("server_name"):
            yield from ((name.lower(), spot(directive)) for name in directive.arguments)
    for document in manifests.for_production().documents if manifests else ():
        for rule in document.root.at("spec.rules"):
            if rule["host"].text:
                yield rule["host"].text.lower(), rule["host"].spot


def _redirects(tree: NginxTree) -> Iterator[tuple[Directive, str]]:
    for directive in tree.named("return", "rewrite"):
        for word in directive.arguments:
            if word.startswith(("http://", "https://")):
                yield directive, word


def _astray(
    tree: NginxTree, directive: Directive, url: str, known: list[str]
) -> Iterator[tuple[str, str, tuple[Spot, ...]]]:
    server = next((c for c in servers(tree) if directive.context[: len(c)] == c), None)
    own = names(tree, server) if server else ()
    if server and re.match(r"https?://\$server_name\b", url) and (not own or own[0][:1] in "_~*."):
        said = f"server_name begins with {own[0]!r}" if own else "this server has no name"
        yield f"redirects to {url}, which is no host: {said}", "return 301 https://$host$request_uri;", ()
    found = LITERAL.match(url)
    if found is None or not tree.whole or tree.gaps:
        return
    host = found[1].lower()
    kin = [name for name in known if base(name) == base(host)]
    if kin and not any(covers(name, host) for name in known):
        stated = [d for d in tree.named("server_name") if set(map(str.lower, d.arguments)) & set(kin)]
        fix = f"one of {', '.join(dict.fromkeys(kin))}, or a server with server_name {host}"
        yield f"redirects to {host}, which nothing here answers to", fix, tuple(map(spot, stated))[:2]


def _commands(scripts: Scripts | None) -> Iterator[tuple[str, frozenset[str], Spot]]:
    """What certbot is told to fetch: the name of the certificate, the names in it, and where."""
    for source in scripts.sources if scripts else ():
        for command in CERTBOT.finditer(source.text):
            rest = command["rest"].replace("\\\n", " ")
            domains = [d.lower() for found in DOMAINS.findall(rest) for d in found.split(",") if d]
            called = CALLED.search(rest)
            if domains:
                line = source.text.count("\n", 0, command.start()) + 1
                yield (called[1].lower() if called else domains[0]), frozenset(domains), source.spot(line)


def _foreign(
    tree: NginxTree,
    server: Context,
    certificate: Directive,
    lineage: str,
    commands: list[tuple[str, frozenset[str], Spot]],
) -> Iterator[Hole]:
    own = [name for name in names(tree, server) if re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+", name)]
    if own and "." in lineage and not any(base(name) == base(lineage) for name in own):
        yield Hole(
            spot=spot(certificate),
            what=f"{own[0]} shows the certificate of {lineage}{tree.note}",
            fix=f"the certificate of {own[0]}",
            beside=(place(server),),
        )
        return
    for called, domains, where in commands:
        missing = [name for name in own if not any(covers(domain, name) for domain in domains)]
        if called == lineage and missing:
            yield Hole(
                spot=spot(certificate),
                what=f"the certificate of {lineage} is not for {' and '.join(missing)}{tree.note}",
                fix=f"certbot … {' '.join(f'-d {name}' for name in missing)}",
                beside=(where,),
            )


def _unlikely(variable: Variable, origin: str, answered: list[tuple[str, Spot]]) -> Hole | None:
    try:
        parts = urlsplit(origin)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    kin = [(name, there) for name, there in answered if name in (f"www.{host}", host.removeprefix("www."))]
    serving = [there for name, there in answered if covers(name, host)]
    beside: tuple[Spot, ...] = ()
    if not host or parts.netloc[:1] in "{$<":
        return None
    if parts.path or parts.query:
        what, fix = (
            f"the origin of {host} ends in a path: browsers send none, so it matches nobody",
            "leave out the slash",
        )
    elif parts.netloc.rpartition(":")[0] in HERE or host in HERE:
        what, fix = f"{host} is allowed in production: whatever runs on a visitor's machine", "leave it out"
    elif kin and not serving:
        what, fix = f"{host} is allowed, and only {kin[0][0]} is answered to", f"{kin[0][0]}, or a server for both"
        beside = (kin[0][1],)
    else:
        return None
    return Hole(spot=variable.spot, what=f"{variable.name}: {what}", fix=fix, beside=beside)
