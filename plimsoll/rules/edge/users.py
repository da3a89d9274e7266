"""What a user may ask for, wherever he asks from."""

from __future__ import annotations

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations import EdgeBurst, UserBurst
from plimsoll.rules.edge.rates import BAD, TOO_MANY, request_rate_limited, tally

__all__ = ["user_limited"]


def user_limited(
    promise: Promise,
    seen: UserBurst,
    flood: EdgeBurst,
    *,
    limit: int,
    role: str = "app",
    status: int = TOO_MANY,
    rate: float = 0,
    burst: int = 0,
) -> Finding:
    """One user gets so many answers wherever he asks from; another user at his address has an allowance of his own.

    The role counts its users. With a rate, every address has a limit at the edge as well, as `request-rate-limited`
    has it.
    """
    expected = f"{limit} requests per user of {role}, then {status}, from any address; none of it from another user's"
    passed = sum(s is not None and s < BAD for s in seen.statuses)
    actual = (
        f"{passed} of {len(seen.statuses)} passed, then the user got {seen.elsewhere or 'no answer'} from another "
        f"address, and another user at his {seen.neighbour or 'no answer'}"
    )
    evidence = [f"statuses: {tally(seen.statuses)}", *([seen.refusal.where] if seen.refusal else [])]
    unanswered = len(seen.statuses) - seen.amount
    if not passed or unanswered or seen.elsewhere is None or seen.neighbour is None:
        why = "no request of the user passed" if not passed else "not every request was answered"
        return promise.unknown(why, expected=expected, actual=actual, evidence=evidence)
    if passed != limit:
        trouble = f"{passed} requests of one user were answered where {limit} may"
    elif wrong := {s for s in seen.statuses if s is not None and s >= BAD} - {status}:
        trouble = f"refused with {', '.join(map(str, sorted(wrong)))} instead of {status}"
    elif seen.elsewhere < BAD:
        trouble = "a user who was refused is served again from another address: the limit is not his"
    elif seen.neighbour >= BAD:
        trouble = f"another user at the same address was refused with {seen.neighbour}: the limit is the address's"
    else:
        kept = promise.kept(expected=expected, actual=actual, evidence=evidence)
        by_address = request_rate_limited(promise, flood, rate=rate, burst=burst, status=status) if rate else kept
        return by_address if by_address.outcome is not Outcome.PASS else kept
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"users are not limited as promised: {trouble}",
        hint="count by the token's subject once it is verified, beside the count by address",
        evidence=evidence,
    )
