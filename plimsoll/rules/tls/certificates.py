"""Who a server says that it is, and how well it can prove it."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import Certificate, Chain, TlsSurvey, TlsSurveys
from plimsoll.rules.texts import whole_number
from plimsoll.rules.tls.negotiation import EDGE
from plimsoll.rules.tls.surveys import Said, chosen, each_chain, over, shortened

__all__ = [
    "certificate_chain",
    "certificate_issuer",
    "certificate_key",
    "certificate_names",
    "certificate_revocation",
    "certificate_valid",
]

KEYS = ("RSA 2048", "EC secp256r1", "EC secp384r1")
"""Keys that every client takes and nobody breaks (Mozilla TLS guidelines 6.0, intermediate)."""

BROKEN_DIGESTS = ("MD2", "MD5", "SHA1")
"""Digests whose collisions were made (SHA-1: CVE-2005-4900); OpenSSL refuses them at its usual security level."""

SHORT_LIVED_DAYS = 7
"""A certificate that lives no longer needs no word on revocation (CA/Browser Forum, BR 1.6.1, short-lived)."""


def certificate_names(
    promise: Promise, surveys: TlsSurveys, *, names: tuple[str, ...] = (), role: str = EDGE
) -> Finding:
    """The certificate is valid for each of the names (else for every host asked), and its chain is trusted."""
    seen = chosen(surveys, role, names)
    names = names or tuple(survey.host for survey in seen)
    expected = f"a trusted certificate for {', '.join(names)}"
    if unchecked := [name for name in names if name not in {survey.host for survey in seen}]:
        return promise.unknown(
            f"{', '.join(unchecked)} was not asked for", expected=expected, hint="list it in the deployment's hosts"
        )

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        actual = f"names {', '.join(chain.leaf.names)}; issued by {chain.leaf.issuer}"
        told = {"": "verified", None: "not measured"}.get(chain.trouble, chain.trouble)
        said = Said(actual=actual, evidence=(f"{survey.where} ({chain.leaf.key}): {told}",))
        if chain.trouble:
            wrong = f"the certificate does not hold for {survey.where}: {chain.trouble}"
            return Said(actual=actual, wrong=wrong, evidence=said.evidence)
        if chain.trouble is None and not any(each.trouble == "" for each in survey.chains):
            unsure = f"{survey.where}: nobody could tell whether its chain verifies"
            return Said(actual=actual, unsure=unsure, evidence=said.evidence)
        return said

    hint = "issue one certificate with every name as a subject alternative name, and send the whole chain"
    return over(promise, seen, each_chain(judged), expected=expected, hint=hint)


def certificate_valid(
    promise: Promise, surveys: TlsSurveys, *, days_left: int, max_days: int = 0, role: str = EDGE
) -> Finding:
    """The certificate is valid today and for so many days more, and was issued for no longer than allowed."""
    expected = f"at least {days_left} days left" + (f", issued for at most {max_days}" if max_days else "")

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        leaf = chain.leaf
        left, lifetime = (leaf.not_after - survey.seen_at).days, (leaf.not_after - leaf.not_before).days
        wrong = ""
        if leaf.not_before > survey.seen_at:
            wrong = f"is not valid before {leaf.not_before:%Y-%m-%d}"
        elif leaf.not_after < survey.seen_at:
            wrong = f"expired on {leaf.not_after:%Y-%m-%d}"
        elif left < days_left:
            wrong = f"has {left} days left"
        elif max_days and lifetime > max_days:
            wrong = f"was issued for {lifetime} days"
        return Said(
            actual=f"{left} days left, until {leaf.not_after:%Y-%m-%d}, of {lifetime}",
            wrong=wrong and f"the certificate of {survey.where} {wrong}",
        )

    hint = "renew it, and find out why the renewal did not"
    return over(promise, surveys.of(role), each_chain(judged), expected=expected, hint=hint)


def certificate_issuer(promise: Promise, surveys: TlsSurveys, *, issuer: str, role: str = EDGE) -> Finding:
    """The certificate was issued by the named authority."""

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        said = chain.leaf.issuer
        good = issuer.lower() in said.lower()
        return Said(actual=said, wrong="" if good else f"the certificate of {survey.where} was issued by {said}")

    hint = "look at the certificate and order resources of the issuer"
    return over(promise, surveys.of(role), each_chain(judged), expected=f"issued by {issuer}", hint=hint)


def certificate_key(
    promise: Promise,
    surveys: TlsSurveys,
    *,
    keys: tuple[str, ...] = KEYS,
    signatures: tuple[str, ...] = (),
    role: str = EDGE,
) -> Finding:
    """The certificate's key is of an allowed kind and size (RSA: or longer), and so is the signature on it.

    Without `signatures` named, any will do but those with MD5 and SHA-1.
    """
    expected = f"a key of {', '.join(keys)}; signed with {', '.join(signatures) or 'SHA-2 or better'}"

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        leaf = chain.leaf
        wrong = ""
        if not any(_strong(leaf.key, key) for key in keys):
            wrong = f"the certificate of {survey.where} has a key of {leaf.key}"
        elif not _well_signed(leaf, signatures):
            wrong = f"the certificate of {survey.where} is signed with {leaf.signature}"
        return Said(actual=f"{leaf.key}, {leaf.signature}", wrong=wrong)

    hint = "make a new key of an allowed kind and have it certified"
    return over(promise, surveys.of(role), each_chain(judged), expected=expected, hint=hint)


def certificate_chain(promise: Promise, surveys: TlsSurveys, *, role: str = EDGE) -> Finding:
    """The server sends its certificate, then every intermediate in order, all valid and soundly signed."""

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        subjects = [each.subject or ", ".join(each.names) for each in chain.certificates]
        trouble = _chain_trouble(chain, survey)
        return Said(
            actual=" < ".join(subjects),
            wrong=trouble and f"the chain of {survey.where}: {trouble}",
            evidence=tuple(f"{survey.where}: {each.subject}, issued by {each.issuer}" for each in chain.certificates),
        )

    hint = "send the full chain as the issuer gave it: the server's certificate first, each followed by its issuer's"
    expected = "each certificate followed by its issuer's, all valid, none signed with MD5 or SHA-1"
    return over(promise, surveys.of(role), each_chain(judged), expected=expected, hint=hint)


def certificate_revocation(
    promise: Promise, surveys: TlsSurveys, *, stapled: bool = False, role: str = EDGE
) -> Finding:
    """The certificate says where its revocation is told; an answer is stapled where that is promised, or it demands it.

    A certificate that lives a week or less needs neither.
    """

    def judged(survey: TlsSurvey, chain: Chain) -> Said:
        leaf = chain.leaf
        told = (*(f"OCSP {url}" for url in leaf.ocsp), *(f"CRL {url}" for url in leaf.crl))
        actual = f"{shortened(told) or 'nothing'}; {'stapled' if chain.stapled else 'not stapled'}"
        if (stapled or leaf.must_staple) and not chain.stapled:
            why = "demands a stapled OCSP answer and" if leaf.must_staple else "comes without a stapled OCSP answer:"
            end = "comes without one" if leaf.must_staple else "one is promised"
            return Said(actual=actual, wrong=f"the certificate of {survey.where} {why} {end}")
        short = (leaf.not_after - leaf.not_before).days <= SHORT_LIVED_DAYS
        wrong = f"the certificate of {survey.where} does not say where its revocation is told"
        return Said(actual=actual, wrong="" if told or short else wrong)

    hint = "nginx: ssl_stapling on; certificates without OCSP addresses have a CRL address instead"
    expected = "an OCSP or CRL address" + (", and a stapled OCSP answer" if stapled else "")
    return over(promise, surveys.of(role), each_chain(judged), expected=expected, hint=hint)


def _strong(key: str, allowed: str) -> bool:
    """Whether a key is the allowed one; RSA keys may be longer."""
    kind, _, bits = key.partition(" ")
    wanted, _, least = allowed.partition(" ")
    size, smallest = whole_number(bits), whole_number(least)
    if kind == wanted == "RSA" and size is not None and smallest is not None:
        return size >= smallest
    return key == allowed


def _well_signed(certificate: Certificate, signatures: tuple[str, ...]) -> bool:
    if signatures:
        return certificate.signature in signatures
    return not certificate.signature.upper().replace("-", "").endswith(BROKEN_DIGESTS)


def _chain_trouble(chain: Chain, survey: TlsSurvey) -> str:
    """What is wrong with a chain as it was sent, besides the name; a root at its end is superfluous, not wrong."""
    for certificate, issuer in zip(chain.certificates, chain.certificates[1:], strict=False):
        if certificate.issuer != issuer.subject:
            return (
                f"{certificate.subject or 'its first certificate'} is followed by {issuer.subject}, not by its issuer"
            )
    for intermediate in chain.certificates[1:]:
        if not intermediate.not_before <= survey.seen_at <= intermediate.not_after:
            return f"{intermediate.subject} expired on {intermediate.not_after:%Y-%m-%d}"
        if intermediate.subject != intermediate.issuer and not _well_signed(intermediate, ()):
            return f"{intermediate.subject} is signed with {intermediate.signature}"
    return chain.trouble if chain.trouble and "ismatch" not in chain.trouble else ""
