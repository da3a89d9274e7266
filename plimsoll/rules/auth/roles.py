"""Who may do what: roles are enforced, and what belongs to one neighbour is closed to the other."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Promise
from plimsoll.observations import Deed, Rights

__all__ = ["resources_guarded", "roles_enforced"]

REFUSALS = (401, 403, 404)
"""Not you, not with your role, and not that you should know it exists (RFC 9110, 15.5)."""


def roles_enforced(
    promise: Promise, rights: Rights, *, roles: tuple[str, ...], may: Mapping[str, tuple[str, ...]]
) -> Finding:
    """People of each role may do what the promise says, and nothing more.

    `roles` are all there are, strongest first. `may` maps a deed to the roles that may do it: "list users",
    "add <role>" for the weakest and the strongest, "change a role", "read another's record", "change another's
    record", "delete another's record".
    """
    expected = "; ".join(f"{what}: {', '.join(who) or 'nobody'}" for what, who in may.items())
    deeds = [deed for deed in rights.deeds if deed.what in may]
    evidence = [deed.where for deed in deeds]
    if missing := [f"{role}: {what}" for role in roles for what in may if not _tried(deeds, role, what)]:
        return promise.unknown(f"nobody tried {missing[0]}", expected=expected, evidence=evidence)
    beyond = [deed for deed in deeds if deed.done and deed.role not in may[deed.what]]
    withheld = [deed for deed in deeds if deed.status in REFUSALS and deed.role in may[deed.what]]
    if beyond or withheld:
        words = [f"{d.role} may {d.what}" for d in beyond] + [f"{d.role} may not {d.what}" for d in withheld]
        return promise.broken(
            expected=expected,
            actual="; ".join(words),
            message=f"roles are not as promised: {'; '.join(words)}",
            hint="check the role of whoever asks on every route, on the server",
            evidence=[deed.where for deed in (*beyond, *withheld)],
        )
    if odd := [deed for deed in deeds if not deed.done and deed.status not in REFUSALS]:
        return promise.unknown(f"neither done nor refused: {odd[0].where}", expected=expected, evidence=evidence)
    if not any(deed.done for deed in deeds) or all(deed.done for deed in deeds):
        message = "nothing was allowed" if deeds and not deeds[0].done else "nothing was refused"
        return promise.unknown(f"{message}: roles made no difference", expected=expected, evidence=evidence)
    actual = f"{len(deeds)} deeds of {len(roles)} roles as promised"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def resources_guarded(promise: Promise, rights: Rights, *, statuses: tuple[int, ...] = (403, 404)) -> Finding:
    """What belongs to a neighbour can be neither read, changed nor deleted; one's own can.

    `statuses` are the promised answers to whoever tries; ids guessed around one's own may also be missing (404).
    """
    expected = f"{' or '.join(map(str, statuses))} on what is another's, and one's own is served"
    evidence = [deed.where for deed in (*rights.own, *rights.foreign, *rights.guessed)]
    opened = [deed for deed in (*rights.foreign, *rights.guessed) if deed.done]
    if opened or rights.unchanged is False:
        words = [f"{d.method} {d.path} -> {d.status}" for d in opened] or ["the neighbour's record has changed"]
        return promise.broken(
            expected=expected,
            actual="; ".join(words),
            message=f"a {rights.roles[-1] if rights.roles else 'user'} gets at what is another's: {'; '.join(words)}",
            hint="compare the owner with whoever asks before anything is read or written",
            evidence=evidence,
        )
    if doubt := _doubt(rights):
        return promise.unknown(doubt, expected=expected, evidence=evidence)
    if other := [deed for deed in rights.foreign if deed.status not in statuses]:
        return promise.broken(
            expected=expected,
            actual="; ".join(f"{d.method} -> {d.status}" for d in other),
            message=f"what is another's is refused with {other[0].status}, not {' or '.join(map(str, statuses))}",
            hint="one answer for all that is another's, the promised one",
            evidence=evidence,
        )
    actual = f"{len(rights.foreign)} deeds and {len(rights.guessed)} guesses refused"
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _doubt(rights: Rights) -> str:
    """Why the refusals say nothing; "" where they do."""
    if not rights.foreign:
        return "nobody tried anything with what is another's"
    if shut := [deed for deed in rights.own if not deed.done]:
        return f"one's own was refused as well: {shut[0].where}"
    if not rights.own:
        return "nobody tried anything with one's own"
    if odd := [deed for deed in (*rights.foreign, *rights.guessed) if deed.status not in REFUSALS]:
        return f"neither done nor refused: {odd[0].where}"
    if rights.unchanged is None:
        return "the neighbour could not see afterwards whether the record is unchanged"
    return ""


def _tried(deeds: list[Deed], role: str, what: str) -> bool:
    return any(deed.role == role and deed.what == what for deed in deeds)
