"""Access tokens and sessions: what they say, how long they live, and that forged ones are refused."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.model import Finding, Promise
from plimsoll.observations import Attempt, Forgeries, LoggedIn, SignedToken, Trial

__all__ = ["session_expires", "session_is_signed", "signing_key_strength", "tokens_pinned", "tokens_short_lived"]

BITS_PER_BYTE = 8
ROUNDING = 5
"""Seconds by which a lifetime read from a date may be off: the answer travelled, and dates have whole seconds."""

CHECKS = {
    "signature": "verify the signature of every token, and refuse the algorithm none in every spelling",
    "algorithm": "give the verifier the list of algorithms, algorithms=[…], not whatever the token's header names",
    "key confusion": "bind every key to its algorithm: a public key is no secret for an HMAC (CVE-2016-10555)",
    "embedded key": "take keys from the configuration, never from a token's jwk, jku or x5u header (CVE-2018-0114)",
    "key id": "refuse a kid that no configured key has",
    "issuer": "give the verifier the issuer and require the claim iss",
    "audience": "give the verifier the audience and require the claim aud",
    "expiry": "require the claim exp and check it",
    "not before": "check the claim nbf",
    "critical header": "refuse tokens whose crit header names an extension not understood (RFC 7515, 4.1.11)",
    "kind": "accept access tokens only: tell them from refresh tokens by a claim or by their form",
}
"""What refuses a forgery that lacks this."""


def tokens_pinned(
    promise: Promise, forgeries: Forgeries, *, algorithms: tuple[str, ...] = (), lacking: tuple[str, ...] = ()
) -> Finding:
    """The genuine access token is accepted, and every forgery of it is refused.

    `algorithms` are those that may sign with the right key; `lacking` the checks whose forgeries are meant (signature,
    algorithm, key confusion, embedded key, key id, issuer, audience, expiry, not before, critical header, kind): all
    of them unless it is given.
    """
    if forgeries.token is None:
        expected = "forged access tokens are refused"
        return promise.unknown("the login gives no signed access token", expected=expected)
    return _trial(promise, forgeries.token, "access token", algorithms=algorithms, lacking=lacking)


def tokens_short_lived(
    promise: Promise, login: LoggedIn, *, algorithm: str, seconds: int, issuer: str = "", audience: str = ""
) -> Finding:
    """The access token is signed with the algorithm, lives no longer than promised, names issuer and audience."""
    named = [f"{claim} {value}" for claim, value in (("iss", issuer), ("aud", audience)) if value]
    expected = ", ".join([algorithm, f"at most {seconds} s", *named])
    token = login.token
    if token is None:
        return promise.unknown("the login gives no signed access token", expected=expected)
    wrong = []
    if token.algorithm != algorithm:
        wrong.append(f"the token is signed with {token.algorithm or 'no algorithm'}, not {algorithm}")
    wrong += _too_long(token, seconds)
    if issuer and token.claims.get("iss") != issuer:
        wrong.append(f"the issuer is {token.claims.get('iss', 'missing')}, not {issuer}")
    if audience and audience not in token.audience:
        wrong.append(f"the audience is {', '.join(token.audience) or 'missing'}, not {audience}")
    actual = _shown(token)
    if wrong:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the access token is not as promised: {'; '.join(wrong)}",
            hint=f"what signs tokens sets alg, iss, aud, and exp to iat + {seconds}",
        )
    return promise.kept(expected=expected, actual=actual)


def signing_key_strength(promise: Promise, login: LoggedIn, *, kind: str = "RSA", bits: int = 2048) -> Finding:
    """Tokens are signed with a key of that kind that has at least so many bits.

    An RSA signature is as long as its key, so any token tells.
    """
    expected = f"{kind}, at least {bits} bit"
    session = login.session()
    token = login.token or (session.token if session else None)
    if token is None:
        return promise.unknown("the login gives no signed token", expected=expected)
    found = "RSA" if token.algorithm[:2] in {"RS", "PS"} else "EC" if token.algorithm.startswith("ES") else "secret"
    size = token.signature_bytes * BITS_PER_BYTE // (1 if found == "RSA" else 2)
    if token.key:
        found, _, said = token.key.partition(" ")
        size = int(said) if said.isascii() and said.isdigit() else size
    actual = f"{token.algorithm}: {found}, {size} bit" if found != "secret" else f"{token.algorithm}: a shared secret"
    if found != kind or size < bits:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"tokens are signed with {actual.partition(': ')[2]}, not with {expected}",
            hint=f"openssl genpkey -algorithm {kind} -pkeyopt rsa_keygen_bits:{bits}",
        )
    return promise.kept(expected=expected, actual=actual)


def session_expires(
    promise: Promise, login: LoggedIn, forgeries: Forgeries | None, *, seconds: int, cookie: str = ""
) -> Finding:
    """The session ends after so many seconds at most, for the browser and for the server.

    `cookie` is the session cookie's name; without it, the first cookie that holds a token.
    """
    expected = f"the session ends after at most {seconds} s"
    given = login.session(cookie)
    if given is None:
        return promise.broken(
            expected=expected,
            actual=", ".join(c.name for c in login.cookies) or "no cookie",
            message=f"the login sets no session cookie{f' {cookie}' if cookie else ''}",
            hint=f"Set-Cookie: …; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax",
        )
    actual = f"{given.name}: {f'{given.seconds:.0f} s' if given.seconds is not None else 'until the browser closes'}"
    wrong = []
    if given.seconds is not None and given.seconds > seconds + ROUNDING:
        wrong.append(f"the browser keeps {given.name} for {given.seconds:.0f} s")
    if given.token:
        actual += f"; its token: {_shown(given.token)}"
        wrong += _too_long(given.token, seconds)
    expired = [a for a in _attempts(forgeries.session if forgeries else None) if a.lacks == "expiry" and a.let_in]
    wrong += [
        f"the server accepts a session that {'has' if a.name.startswith('no ') else 'is'} {a.name}" for a in expired
    ]
    if wrong:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"sessions outlive the promise: {'; '.join(wrong)}",
            hint=f"Max-Age={seconds} on the cookie, and exp or a server-side expiry of the same length",
            evidence=[a.where for a in expired],
        )
    if given.token is None:
        hint = "a session without a token in it ends when the server forgets it: no one outside can see that"
        return promise.unknown(f"{given.name} holds no token that tells its end", expected=expected, hint=hint)
    return promise.kept(expected=expected, actual=actual)


def session_is_signed(
    promise: Promise,
    login: LoggedIn,
    forgeries: Forgeries,
    *,
    cookie: str = "",
    algorithms: tuple[str, ...] = (),
    lacking: tuple[str, ...] = ("signature", "key confusion", "embedded key"),
) -> Finding:
    """The session cookie holds a signed token, and forged ones are refused; parameters as for tokens-pinned."""
    expected = "a signed token in the session cookie; forged ones are refused"
    given = login.session(cookie)
    if given is None or given.token is None:
        others = ", ".join(other.name for other in login.cookies)
        sets = f"the login sets no cookie {cookie}".rstrip() + (f", only {others}" if others else "")
        return promise.broken(
            expected=expected,
            actual=given.name if given else others or "no cookie",
            message=f"the session cookie holds no signed token: {given.name}" if given else sets,
            hint="put the session into a signed token (RFC 7519), or promise something else",
        )
    if not given.token.signature_bytes or given.token.guessed:
        how = "with a well-known example secret" if given.token.guessed else "by nobody"
        return promise.broken(
            expected=expected,
            actual=_shown(given.token),
            message=f"the session token is signed {how}",
            hint="openssl rand -base64 48 makes a secret that nobody guesses",
        )
    if forgeries.session is None:
        return promise.unknown("no forged session was tried", expected=expected)
    return _trial(promise, forgeries.session, "session", algorithms=algorithms, lacking=lacking)


def _trial(
    promise: Promise, trial: Trial, what: str, *, algorithms: tuple[str, ...], lacking: tuple[str, ...]
) -> Finding:
    expected = f"the genuine {what} is accepted, every forgery refused"
    attempts = [a for a in trial.attempts if _counts(a, algorithms, lacking)]
    accepted = [a for a in attempts if a.let_in]
    evidence = [a.where for a in (trial.anonymous, trial.genuine, *accepted, *attempts)]
    evidence = list(dict.fromkeys(evidence))
    if not trial.genuine.let_in:
        message = f"the genuine {what} was not accepted by {trial.url}, so that refusing others says nothing"
        return promise.unknown(message, expected=expected, actual=trial.genuine.where, evidence=evidence)
    if trial.anonymous.let_in:
        return promise.broken(
            expected=expected,
            actual=trial.anonymous.where,
            message=f"{trial.url} is served without any {what}",
            hint="ask for a credential on every private route",
            evidence=evidence,
        )
    if accepted or trial.lured:
        names = [f"{a.name} ({a.lacks})" for a in accepted] or ["the server fetched a key from where the token pointed"]
        first = accepted[0].lacks if accepted else "embedded key"
        return promise.broken(
            expected=expected,
            actual=f"{len(accepted)} of {len(attempts)} forgeries accepted: {', '.join(names)}",
            message=f"forged {what}s are accepted: {', '.join(names)}",
            hint=CHECKS.get(first, ""),
            evidence=evidence,
        )
    return _unless_untold(promise, trial, attempts, what, expected=expected, lacking=lacking)


def _unless_untold(
    promise: Promise, trial: Trial, attempts: list[Attempt], what: str, *, expected: str, lacking: tuple[str, ...]
) -> Finding:
    """Kept, if nothing made the refusals doubtful and nothing that was meant went untried."""
    evidence = [a.where for a in (trial.anonymous, trial.genuine, *attempts)]
    silent = [a for a in attempts if not a.refused and a.status != trial.anonymous.status]
    actual = f"{len(attempts) - len(silent)} of {len(attempts)} forgeries refused"
    untried = [name for name in trial.untried if not lacking or name in lacking]
    doubt, hint, beyond = "", "", False
    if not trial.afterwards.let_in:
        doubt = f"after the forgeries the genuine {what} was not accepted either: {trial.afterwards.where}"
    elif trial.resigned is not None and not trial.resigned.let_in:
        doubt = f"our own signature over the genuine claims was not accepted: {trial.resigned.where}"
    elif silent:
        doubt = f"a forgery was neither refused nor accepted: {silent[0].where}"
        hint = "a forged credential is answered with 401 (RFC 6750, 3.1); look at the application's log"
    elif untried:
        doubt = f"not every forgery could be tried: {untried[0]} ({trial.untried[untried[0]]})"
        hint = f"not tried: {', '.join(untried)}; the others were refused; `lacking` promises those that can be tried"
        beyond = True
    elif not attempts:
        doubt = "no forgery was tried"
    if doubt:
        return promise.unknown(
            doubt, expected=expected, actual=actual, hint=hint, evidence=evidence, out_of_reach=beyond
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _counts(attempt: Attempt, algorithms: tuple[str, ...], lacking: tuple[str, ...]) -> bool:
    """Whether the promise speaks of that forgery."""
    if attempt.lacks == "algorithm" and attempt.algorithm in algorithms:
        return False
    return not lacking or attempt.lacks in lacking


def _attempts(trial: Trial | None) -> Iterable[Attempt]:
    return trial.attempts if trial else ()


def _too_long(token: SignedToken, seconds: int) -> list[str]:
    """What is wrong with the token's lifetime."""
    lives = token.seconds
    if lives is None:
        return (
            ["the token says no exp and iat: it never ends"] if "exp" not in token.claims else ["the token has no iat"]
        )
    return [f"the token lives {lives:.0f} s, not {seconds} s"] if not 0 < lives <= seconds else []


def _shown(token: SignedToken) -> str:
    lives = token.seconds
    parts = [token.algorithm or "no algorithm", f"{lives:.0f} s" if lives is not None else "without a stated lifetime"]
    parts += [f"{claim} {token.claims[claim]}" for claim in ("iss", "aud") if claim in token.claims]
    return ", ".join(parts)
