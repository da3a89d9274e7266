"""TLS as nginx files set it up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.rules.nginx import HTTPS, Context, Listen, configs, has_gap, listens, names, place, servers, spot, unique

__all__ = [
    "nginx_certificates_stated",
    "nginx_ciphers_exist",
    "nginx_ciphers_strong",
    "nginx_plain_redirected",
    "nginx_tls_listened",
    "nginx_tls_versions",
]

OLD = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")
"""Versions that must not be offered (RFC 6176, RFC 7568, RFC 8996)."""

WEAK = re.compile(r"(^|[-+])(a?NULL|eNULL|EXP(ORT)?\d*|LOW|RC4|RC2|3?DES|CBC3|MD5|ADH|AECDH|IDEA|SEED)($|[-+\d])")
"""Parts of names that stand for no encryption, no authentication, or what can be broken (RFC 7465, RFC 9325)."""

RETIRED = re.compile(
    r"RC4|RC2|DES|CBC3|IDEA|SEED|CAMELLIA|ARIA|CCM|EXP|NULL|MD5|PSK|SRP|GOST|KRB5|ADH|AECDH|DSS|kDH|ECDH[re]"
)
"""Families that the library of this machine may lack though others have them: it cannot say that they do not exist."""

WORD = re.compile(r"^(LOW|MEDIUM|HIGH|ALL|DEFAULT|COMPLEMENTOF\w+|TLSv1(\.\d)?|SSLv\d|SUITEB\d+\w*|FIPS|PROFILE=\w+)$")
NEWEST = "TLS_"
"""How the names of TLS 1.3's suites begin, which `ssl_ciphers` does not choose (ngx_http_ssl_module)."""


def nginx_ciphers_exist(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every name in `ssl_ciphers` means a suite: one that does not exist protects nothing, and nobody is told."""
    found = [(tree, d) for tree in configs(nginx, files) for d in tree.named("ssl_ciphers") if d.arguments]
    holes = []
    for tree, directive in found:
        string = " ".join(directive.arguments)
        ghosts = [g for g in tree.ghosts.get(string, ()) if not RETIRED.search(g) and not WORD.match(g)]
        newer = [ghost for ghost in ghosts if ghost.startswith(NEWEST)]
        wrong = [ghost for ghost in ghosts if ghost not in newer]
        nothing = "; no other is left, so nginx does not start" if not tree.suites.get(string) else ""
        if wrong:
            what = f"no suite is called {' or '.join(wrong)}{nothing}"
        elif newer:
            what = f"{' and '.join(newer)} mean nothing here: suites of TLS 1.3 are not chosen by ssl_ciphers{nothing}"
        else:
            continue
        fix = "take the names from `openssl ciphers -v`, such as ECDHE-RSA-AES256-GCM-SHA384"
        holes.append(Hole(spot=spot(directive), what=f"{what}{tree.note}", fix=fix))
    return promise.judged(
        unique(holes),
        looked=[f"{d.where}: {' '.join(d.arguments)}" for _, d in found],
        expected="names that the TLS library knows",
        nothing="no nginx file chooses ciphers",
    )


def nginx_ciphers_strong(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """No name in `ssl_ciphers` lets in what can be read or forged: no NULL, no EXPORT, no RC4, no 3DES, no MD5."""
    found = [(tree, d) for tree in configs(nginx, files) for d in tree.named("ssl_ciphers") if d.arguments]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{' and '.join(weak)} can be broken{tree.note}",
                fix="leave them out: ECDHE with AES-GCM or CHACHA20 is what every browser speaks",
            )
            for tree, d in found
            if (weak := _weak(" ".join(d.arguments)))
        ),
        looked=[f"{d.where}: {' '.join(d.arguments)}" for _, d in found],
        expected="no weak suites",
        nothing="no nginx file chooses ciphers",
    )


def nginx_tls_versions(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """No nginx file offers SSL, TLS 1.0 or TLS 1.1."""
    found = [(tree, d) for tree in configs(nginx, files) for d in tree.named("ssl_protocols")]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{' and '.join(old)} {'is' if len(old) == 1 else 'are'} offered{tree.note}",
                fix="ssl_protocols TLSv1.2 TLSv1.3;",
            )
            for tree, d in found
            if (old := [version for version in d.arguments if version in OLD])
        ),
        looked=[f"{d.where}: {' '.join(d.arguments)}" for _, d in found],
        expected="TLSv1.2 and TLSv1.3",
        nothing="no nginx file chooses versions of TLS",
    )


def nginx_certificates_stated(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every server of nginx that speaks TLS has a certificate, and every certificate has its key."""
    speaking = [
        (tree, server)
        for tree in configs(nginx, files)
        for server in servers(tree)
        if any(listen.secure for listen in listens(tree, server))
    ]
    return promise.judged(
        unique(hole for tree, server in speaking if (hole := _unproven(tree, server))),
        looked=[f"{place(server)}: {' '.join(names(tree, server))}" for tree, server in speaking],
        expected="ssl_certificate and ssl_certificate_key",
        nothing="no nginx file has a server that speaks TLS",
    )


def nginx_tls_listened(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every port 443 of nginx speaks TLS: without `ssl` the browser gets plain HTTP there, and an error."""
    found = [
        (tree, server, listen)
        for tree in configs(nginx, files)
        for server in servers(tree)
        for listen in listens(tree, server)
        if listen.port == HTTPS
    ]
    secure = {(tree.source, listen.address) for tree, _, listen in found if listen.secure}
    return promise.judged(
        unique(
            Hole(
                spot=spot(listen.directive),
                what=f"port 443 without `ssl`: plain HTTP is spoken where browsers expect TLS{tree.note}",
                fix="listen 443 ssl;",
            )
            for tree, server, listen in found
            if (tree.source, listen.address) not in secure  # one server of an address says it for all of them
            and not any(d.arguments[:1] == ("on",) for d in tree.effective("ssl", server))
        ),
        looked=[f"{listen.directive.where}: {' '.join(listen.directive.arguments)}" for _, _, listen in found],
        expected="`ssl` (or `quic`) after every 443",
        nothing="no nginx file listens on 443",
    )


def nginx_plain_redirected(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """What nginx serves under a name with TLS it does not serve in the clear as well: port 80 leads to https."""
    trees = configs(nginx, files)
    named = {tree.source: _secure_names(tree) for tree in trees}
    everywhere = frozenset(name for tree in trees if not tree.source.fragment for name in named[tree.source])
    plain = [
        (tree, server, listen)
        for tree in trees
        for server in servers(tree)
        for listen in _in_the_clear(tree, server)
        if (named[tree.source] | everywhere) & set(names(tree, server))
        or any(other.secure for other in listens(tree, server))
    ]
    return promise.judged(
        unique(
            Hole(
                spot=spot(listen.directive),
                what=f"{_called(tree, server)} is served in the clear as well as with TLS{tree.note}",
                fix="a server of its own for port 80: return 301 https://$host$request_uri;",
            )
            for tree, server, listen in plain
            if not _leads_on(tree, server)
        ),
        looked=[f"{listen.directive.where}: {' '.join(names(tree, server))}" for tree, server, listen in plain],
        expected="a redirect to https on port 80",
        nothing="no nginx file answers to one name with TLS and without",
    )


def _secure_names(tree: NginxTree) -> frozenset[str]:
    """The names that servers of one file answer to with TLS; another block of a guide may be about another site."""
    secure = (server for server in servers(tree) if any(listen.secure for listen in listens(tree, server)))
    return frozenset(name for server in secure for name in names(tree, server))


def _called(tree: NginxTree, server: Context) -> str:
    return " ".join(names(tree, server)) or "a site"


def _weak(string: str) -> list[str]:
    """The names that let in something weak, and that nothing later takes out again."""
    parts = [part for part in re.split(r"[:, ]+", string) if part]
    banned = {part[1:] for part in parts if part.startswith("!")}
    return [
        part
        for part in parts
        if part[:1] not in "!-@" and (found := WEAK.search(part)) and found[2] not in banned and part not in banned
    ]


def _unproven(tree: NginxTree, server: Context) -> Hole | None:
    if tree.effective("ssl_reject_handshake", server):
        return None
    secure: Listen = next(listen for listen in listens(tree, server) if listen.secure)
    if tree.lacks("ssl_certificate", server):
        what = "speaks TLS without a certificate: every handshake fails"
        return Hole(spot=spot(secure.directive), what=what, fix="ssl_certificate …; ssl_certificate_key …;")
    stated = tree.effective("ssl_certificate", server)
    if stated and tree.lacks("ssl_certificate_key", server):
        what = "a certificate without its key: nginx does not start"
        return Hole(spot=spot(stated[0]), what=what, fix="ssl_certificate_key …;")
    return None


def _in_the_clear(tree: NginxTree, server: Context) -> Iterator[Listen]:
    """Where a server listens without TLS, for others than this machine."""
    for listen in listens(tree, server):
        if not listen.secure and listen.port != HTTPS and not listen.is_local:
            yield listen


def _leads_on(tree: NginxTree, server: Context) -> bool:
    """Whether a server sends visitors to https, or away; what it includes from elsewhere may."""
    if has_gap(tree, server):
        return True
    for directive in tree.within(server):
        words = directive.arguments
        if directive.name in ("return", "rewrite") and any(word.startswith("https://") for word in words):
            return True
        if directive.name == "return" and directive.context == server and words and words[0][:1] == "4":
            return True
    return False
