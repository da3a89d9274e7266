"""What becomes of TLS sessions, and whether anybody is served without one."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import TlsSurvey, TlsSurveys
from plimsoll.rules.tls.surveys import Said, over, silent

__all__ = ["tls_compression", "tls_renegotiation", "tls_resumption", "traffic_encrypted"]

EDGE = "edge"


def tls_resumption(
    promise: Promise,
    surveys: TlsSurveys,
    *,
    by: tuple[str, ...] = (),
    not_by: tuple[str, ...] = (),
    role: str = EDGE,
) -> Finding:
    """A client that comes back takes up its session by each of the promised ways, and by none that is ruled out.

    The ways are `TLSv1.2 ids`, `TLSv1.2 tickets` and `TLSv1.3 tickets`; without any named, one is enough.
    """
    ways = [*([f"by {', '.join(by)}"] if by else []), *([f"not by {', '.join(not_by)}"] if not_by else [])]
    expected = f"sessions are resumed {' and '.join(ways)}".strip()

    def judged(survey: TlsSurvey) -> Said:
        told = survey.resumed
        actual = ", ".join(f"{way}: {'yes' if works else 'no'}" for way, works in told.items())
        evidence = tuple(
            f"{survey.where}: {way}: {'resumed' if works else 'not resumed'}" for way, works in told.items()
        )
        untold = [way for way in by if way not in told]
        wrong = unsure = ""
        if missing := [way for way in by if told.get(way) is False]:
            wrong = f"{survey.where} does not resume sessions by {', '.join(missing)}"
        elif excess := [way for way in not_by if told.get(way)]:
            wrong = f"{survey.where} resumes sessions by {', '.join(excess)}"
        elif not by and not not_by and told and not any(told.values()):
            wrong = f"{survey.where} resumes no session"
        elif untold or not told:
            which = ", ".join(untold) or "any way"
            unsure = f"{survey.where}: nobody could tell whether sessions are resumed by {which}"
        return Said(actual=actual, wrong=wrong, unsure=unsure, evidence=evidence)

    hint = "nginx: ssl_session_cache shared:SSL:10m; ssl_session_tickets on or off"
    return over(promise, surveys.of(role), judged, expected=expected, hint=hint)


def tls_renegotiation(promise: Promise, surveys: TlsSurveys, *, role: str = EDGE) -> Finding:
    """Renegotiation is secure, and no client can ask for it (RFC 5746; CVE-2009-3555, CVE-2011-1473)."""

    def judged(survey: TlsSurvey) -> Said:
        secure, asked = survey.secure_renegotiation, survey.renegotiates
        words = {True: "yes", False: "no", None: "not measured"}
        actual = f"secure: {words[secure]}; begun by clients: {words[asked]}"
        only13 = survey.accepted == ("TLSv1.3",)
        if secure is False:
            return Said(actual=actual, wrong=f"{survey.where} does not speak RFC 5746: its renegotiation is insecure")
        if asked:
            return Said(actual=actual, wrong=f"{survey.where} renegotiates whenever a client asks")
        if only13:
            return Said(actual="TLS 1.3 has no renegotiation")
        if secure is None or asked is None:
            return Said(actual=actual, unsure=f"{survey.where}: nobody could tell whether it renegotiates ({actual})")
        return Said(actual=actual)

    hint = "update the TLS library, or forbid it there (OpenSSL: NoRenegotiation)"
    expected = "renegotiation secure, and refused to clients"
    return over(promise, surveys.of(role), judged, expected=expected, hint=hint)


def tls_compression(promise: Promise, surveys: TlsSurveys, *, role: str = EDGE) -> Finding:
    """TLS itself compresses nothing (CRIME, CVE-2012-4929)."""

    def judged(survey: TlsSurvey) -> Said:
        if survey.compressed is None:
            return Said(unsure=f"{survey.where}: nobody could tell whether it compresses")
        wrong = f"{survey.where} compresses inside TLS" if survey.compressed else ""
        return Said(actual="DEFLATE chosen" if wrong else "no compression", wrong=wrong)

    hint = "switch it off in the TLS library (OpenSSL: -Compression)"
    return over(promise, surveys.of(role), judged, expected="no compression chosen", hint=hint)


def traffic_encrypted(
    promise: Promise,
    surveys: TlsSurveys,
    *,
    roles: tuple[str, ...] = (EDGE,),
    versions: tuple[str, ...] = (),
    required: bool = True,
) -> Finding:
    """Each of these services speaks TLS, of these versions only where they are named, and serves nobody without.

    With `required = false` it is enough that TLS is offered.
    """
    kind = ", ".join(versions) or "TLS"
    expected = f"{kind} {'and nothing else' if required else 'offered'} at {', '.join(roles)}"

    def judged(survey: TlsSurvey) -> Said:
        plain = {True: "served", False: "refused", None: "not measured"}[survey.plaintext]
        actual = f"{survey.role}: {', '.join(survey.accepted) or 'no TLS'}; without encryption: {plain}"
        wrong = unsure = ""
        if excess := [version for version in survey.accepted if versions and version not in versions]:
            wrong = f"{survey.where} still speaks {', '.join(excess)}"
        elif required and survey.plaintext:
            wrong = f"{survey.where} also serves without encryption"
        elif required and survey.plaintext is None:
            unsure = f"{survey.where}: nobody could tell whether it serves without encryption"
        return Said(actual=actual, wrong=wrong, unsure=unsure, evidence=(f"{survey.where}: {actual}",))

    def bare(survey: TlsSurvey) -> Said:
        wrong = f"{survey.where} speaks no TLS and serves without encryption"  # over HTTP as well: here TLS is promised
        return Said(wrong=wrong) if survey.plaintext else silent(survey)

    seen = [survey for role in roles for survey in surveys.of(role)]
    if unseen := [role for role in roles if not surveys.of(role)]:
        return promise.unknown(f"{', '.join(unseen)}: no port was looked at", expected=expected)
    hint = "PostgreSQL: ssl = on and only hostssl lines; Redis: port 0 and tls-port; nginx: listen … ssl"
    return over(promise, seen, judged, expected=expected, hint=hint, without=bare)
