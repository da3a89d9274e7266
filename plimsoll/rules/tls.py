"""What the edge negotiates, and who it says that it is."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import NginxConfig, TlsSurvey

__all__ = [
    "certificate_issuer",
    "certificate_names",
    "certificate_valid",
    "http2_offered",
    "tls_suites",
    "tls_versions",
]

AREA = "tls"
"""The area a promise of these rules belongs to unless it says otherwise."""


def tls_versions(promise: Promise, survey: TlsSurvey, *, versions: tuple[str, ...]) -> Finding:
    """Each promised protocol version is accepted, and every other one that could be offered is refused."""
    expected = f"{', '.join(versions)} and nothing else"
    seen = {h.version: h for h in survey.versions}
    evidence = [f"{h.version}: {h.outcome} {h.detail or h.suite}".rstrip() for h in survey.versions]
    accepted = [v for v, h in seen.items() if h.outcome == "accepted"]
    actual = f"accepted: {', '.join(accepted) or 'none'}"
    if excess := [v for v in accepted if v not in versions]:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{survey.host} still speaks {', '.join(excess)}",
            hint="take it out of ssl_protocols (RFC 8996 retired TLS 1.0 and 1.1)",
            evidence=evidence,
        )
    if refused := [v for v in versions if v in seen and seen[v].outcome == "refused"]:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{survey.host} refuses {', '.join(refused)}, which is promised",
            hint="add it to ssl_protocols",
            evidence=evidence,
        )
    if unsure := [v for v in {*seen, *versions} if v not in seen or seen[v].outcome == "unmeasured"]:
        return promise.unknown(
            f"this machine's TLS library could not offer {', '.join(sorted(unsure))}",
            expected=expected,
            actual=actual,
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def tls_suites(promise: Promise, survey: TlsSurvey, config: NginxConfig | None, *, allowed: tuple[str, ...]) -> Finding:
    """Every TLS 1.2 suite the server accepts is allowed, and every name in the configured cipher string is real."""
    expected = f"no TLS 1.2 suite but {', '.join(allowed)}"
    accepted = [h.suite for h in survey.suites if h.outcome == "accepted" and h.version == "TLSv1.2"]
    actual = f"accepted: {', '.join(accepted) or 'none'}"
    evidence = [f"{survey.host}: {h.version} {h.suite}: {h.outcome}" for h in survey.suites]
    if config is not None:
        evidence += [
            f"ssl_ciphers {text} resolves to {', '.join(names) or 'nothing'}" for text, names in config.suites.items()
        ]
        ghosts = sorted({name for names in config.unknown_suites.values() for name in names})
        if ghosts:
            said = config.named("ssl_ciphers")
            where = next((d.where for d in said if " ".join(d.arguments) in config.unknown_suites), "the configuration")
            return promise.broken(
                expected=expected,
                actual=f"ssl_ciphers names {', '.join(ghosts)}",
                message=f"{where}: ssl_ciphers names suites that exist in no TLS library: {', '.join(ghosts)}",
                hint="AES-256-GCM suites end in SHA384; `openssl ciphers -v STRING` shows what a string resolves to",
                evidence=evidence,
            )
    if excess := [suite for suite in accepted if suite not in allowed]:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{survey.host} also accepts {', '.join(excess[:4])}" + (" …" if len(excess) > 4 else ""),  # noqa: PLR2004 - four names fit a line
            hint="name the allowed suites in ssl_ciphers",
            evidence=evidence,
        )
    if not accepted:
        return promise.unknown(
            "no TLS 1.2 suite was accepted, so none could be judged", expected=expected, evidence=evidence
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def certificate_names(promise: Promise, survey: TlsSurvey, *, names: tuple[str, ...] = ()) -> Finding:
    """The certificate is valid for each of the names (else for every host asked), and its chain is trusted."""
    names = names or tuple(survey.chain_trouble) or (survey.host,)
    expected = f"a trusted certificate for {', '.join(names)}"
    certificate = survey.certificate
    if certificate is None:
        return promise.unknown(f"{survey.host} showed no certificate that could be read", expected=expected)
    actual = f"names {', '.join(certificate.names)}; issued by {certificate.issuer}"
    evidence = [f"{name}: {survey.chain_trouble.get(name) or 'verified'}" for name in names]
    if unchecked := [name for name in names if name not in survey.chain_trouble]:
        return promise.unknown(
            f"{', '.join(unchecked)} was not asked for", expected=expected, hint="list it in the deployment's hosts"
        )
    if wrong := [name for name in names if survey.chain_trouble[name]]:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the certificate does not hold for {', '.join(wrong)}: {survey.chain_trouble[wrong[0]]}",
            hint="issue one certificate with every name as a subject alternative name, and send the whole chain",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def certificate_valid(promise: Promise, survey: TlsSurvey, *, days_left: int) -> Finding:
    """The certificate is valid today and for so many days more."""
    expected = f"at least {days_left} days left"
    certificate = survey.certificate
    if certificate is None:
        return promise.unknown(f"{survey.host} showed no certificate that could be read", expected=expected)
    left = (certificate.not_after - survey.seen_at).days
    actual = f"{left} days left, until {certificate.not_after:%Y-%m-%d}"
    if certificate.not_before > survey.seen_at or left < days_left:
        if certificate.not_before > survey.seen_at:
            trouble = f"is not valid before {certificate.not_before:%Y-%m-%d}"
        else:
            trouble = f"has {left} days left" if left >= 0 else f"expired on {certificate.not_after:%Y-%m-%d}"
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the certificate of {survey.host} {trouble}",
            hint="renew it, and find out why the renewal did not",
        )
    return promise.kept(expected=expected, actual=actual)


def certificate_issuer(promise: Promise, survey: TlsSurvey, *, issuer: str) -> Finding:
    """The certificate was issued by the named authority."""
    certificate = survey.certificate
    if certificate is None:
        return promise.unknown(f"{survey.host} showed no certificate that could be read", expected=issuer)
    if issuer.lower() in certificate.issuer.lower():
        return promise.kept(expected=f"issued by {issuer}", actual=certificate.issuer)
    return promise.broken(
        expected=f"issued by {issuer}",
        actual=certificate.issuer,
        message=f"the certificate of {survey.host} was issued by {certificate.issuer}",
        hint="look at the certificate and order resources of the issuer",
    )


def http2_offered(promise: Promise, survey: TlsSurvey) -> Finding:
    """The server chooses h2 when it is offered, and then speaks it (RFC 9113, 3.4: its SETTINGS come first)."""
    expected = "h2 chosen by ALPN, and a SETTINGS frame after it"
    actual = (
        f"ALPN: {', '.join(survey.alpn) or 'nothing chosen'}; SETTINGS {'seen' if survey.http2_preface else 'not seen'}"
    )
    if "h2" in survey.alpn and survey.http2_preface:
        return promise.kept(expected=expected, actual=actual)
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"{survey.host} does not offer HTTP/2",
        hint="nginx: `listen 443 ssl http2;` (since 1.25.1: `http2 on;`)",
    )
