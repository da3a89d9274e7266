"""Signing in with an account that somebody else keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from plimsoll.model import Finding, Promise
from plimsoll.observations import Attempt, SignIn, SignInTrial

__all__ = ["sign_in_registered", "sign_in_works"]

REDIRECTS = (301, 302, 303, 307, 308)


def sign_in_registered(promise: Promise, seen: SignIn, *, provider: str, callback: str, pkce: bool = True) -> Finding:
    """The provider is listed, and a browser is sent there with our own callback over HTTPS, a fresh state, and PKCE.

    `callback` is the path that was registered with the provider. Without `pkce` none is asked for (RFC 9700, 2.1.1).
    """
    expected = f"{provider} with its callback at {callback}"
    if seen.status is None or seen.status >= 500:  # noqa: PLR2004 - RFC 9110, 15.6
        return promise.unknown(f"no list of providers was seen: {seen.trouble or seen.status}", expected=expected)
    evidence = [f"listed: {', '.join(seen.providers)}", f"callback: {seen.callback}"]
    evidence += [f"sent to: {_place(place)}" for place in seen.sent_to]
    wrong = list(_wrong(seen, provider, callback, pkce=pkce))
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=f"signing in with {provider} is not as registered: {wrong[0]}",
            hint="the public URL and the provider's settings in the application's environment; register the callback",
            evidence=evidence,
        )
    if not all(seen.sent_to) or not seen.sent_to:
        return promise.unknown(f"a browser is not sent to {provider}", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=seen.callback, evidence=evidence)


def sign_in_works(promise: Promise, trial: SignInTrial, *, provider: str) -> Finding:
    """Whoever comes back from the provider is signed in; whoever comes back wrongly is not."""
    expected = f"in by {provider}, and not with another's state, an old or an invented code"
    evidence = [step.where for step in (trial.outside, trial.returned, trial.inside, *trial.attempts)]
    if trial.outside.let_in:
        message = "the private page is open to everyone: no session is needed there"
        return promise.unknown(message, expected=expected, evidence=evidence)
    accepted = [step for step in trial.attempts if _goes_on(step)]
    if accepted:
        words = ", ".join(step.where for step in accepted)
        return promise.broken(
            expected=expected,
            actual=words,
            message=f"signing in with {provider} goes on with {words}",
            hint="bind the state to the browser, use every code once, register exact addresses (RFC 9700, 2.1 and 4.7)",
            evidence=evidence,
        )
    lost = trial.returned.status is not None and 400 <= trial.returned.status < 500  # noqa: PLR2004 - RFC 9110, 15.5
    if trial.inside.refused or lost:
        stumble = trial.returned if lost else trial.inside
        return promise.broken(
            expected=expected,
            actual=stumble.where,
            message=f"signing in with {provider} does not work: {stumble.where}",
            hint="the provider's client id, secret and addresses in the application's environment; its log says more",
            evidence=evidence,
        )
    if not trial.inside.let_in:
        return promise.unknown(
            f"whether one is in did not show: {trial.inside.where}", expected=expected, evidence=evidence
        )
    silent = [step.where for step in trial.attempts if not step.refused and step.status != trial.outside.status]
    if silent or not trial.attempts:
        words = silent[0] if silent else "no wrong way was tried"
        return promise.unknown(f"neither refused nor let in: {words}", expected=expected, evidence=evidence)
    return promise.kept(expected=expected, actual=f"in; {len(trial.attempts)} wrong ways refused", evidence=evidence)


def _goes_on(step: Attempt) -> bool:
    """Whether a wrong way led in; a provider's goes on by sending the browser where nobody registered."""
    return step.let_in or (step.lacks == "redirect_uri" and step.status in REDIRECTS)


def _place(url: str) -> str:
    """Where a URL leads, without its query: it holds the state."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "no URL"
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path


def _wrong(seen: SignIn, provider: str, callback: str, *, pkce: bool) -> Iterator[str]:
    """What is not as registered, in the order of the steps."""
    if provider not in seen.providers:
        listed = ", ".join(seen.providers) or f"the list is answered with {seen.status}"
        yield f"{provider} is not among the providers: {listed}"
        return
    yield from _callback(seen.callback, "the callback listed", callback, seen.hosts)
    asked = [_query(place) for place in seen.sent_to if place]
    for query in asked[:1]:
        yield from _callback(query.get("redirect_uri", ""), "the redirect_uri sent", callback, seen.hosts)
        if query.get("response_type") != "code":
            yield f"response_type is {query.get('response_type', 'missing')}, not code"
        if not query.get("client_id"):
            yield "client_id is missing"
        if not query.get("state"):
            yield "state is missing: whoever lures a browser to the callback signs it in as somebody else"
        if pkce and (not query.get("code_challenge") or query.get("code_challenge_method") != "S256"):
            yield "there is no code_challenge by S256 (PKCE, RFC 7636)"
    states = [query.get("state") for query in asked]
    if len(states) > 1 and states[0] and len(set(states)) < len(states):
        yield "two browsers were given the same state"


def _callback(url: str, what: str, path: str, hosts: tuple[str, ...]) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        yield f"{what} is no URL"
        return
    if parts.path != path:
        yield f"{what} is {_place(url) or 'missing'}, not {path}"
    elif parts.scheme != "https":
        yield f"{what} speaks {parts.scheme or 'nothing'}, not https"
    elif hosts and host not in hosts:
        yield f"{what} is at {host}, which is none of {', '.join(hosts)}"


def _query(url: str) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query))
    except ValueError:
        return {}
