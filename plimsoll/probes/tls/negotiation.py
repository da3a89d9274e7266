"""Every version, suite and group that a server accepts, found by offering all but those it has already chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from plimsoll.observations.tls import VERSIONS, Handshake
from plimsoll.probes.tls.flight import Flight
from plimsoll.probes.tls.handshake import RESET, Answer, Hand
from plimsoll.probes.tls.hello import Hello
from plimsoll.probes.tls.suites import GROUPS, SUITES, groups_of, suites_of

STRANDS = 4
"""Hellos that look for suites of one version at once: a server far away is asked as often, and waited for less."""

NUMBERS: Mapping[str, int] = {name: number for number, name in (*SUITES.items(), *GROUPS.items())}
"""Suites and groups by the names that observations give them."""

STRAYED = "the server chose what was not offered"
TLS13 = VERSIONS[-1]
BOTH_WAYS = 2
"""Suites whose order shows who decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiation:
    """Looks at one virtual host of one endpoint; whatever can be asked side by side is, by `pool`."""

    hand: Hand
    pool: Executor

    def versions(self) -> dict[str, Answer]:
        """The answer to a hello of each version alone, with every suite and group of it."""
        hellos = [self._hello(version) for version in VERSIONS]
        answers = dict(zip(VERSIONS, self.pool.map(self.hand.ask, hellos), strict=True))
        spoken = any(answer.accepted for answer in answers.values())
        return {version: refused(answer) if spoken else answer for version, answer in answers.items()}

    def suites(self, answers: Mapping[str, Answer]) -> list[tuple[Handshake, Flight]]:
        """Every suite of every accepted version, and what the server sent with it."""
        strands = [
            (version, strand)
            for version, answer in answers.items()
            if answer.accepted
            for strand in _dealt(suites_of(version))
        ]
        found = self.pool.map(self._strand, *zip(*strands, strict=True)) if strands else ()
        return sorted((each for part in found for each in part), key=lambda each: VERSIONS.index(each[0].version))

    def groups(self, suites: Sequence[Handshake]) -> tuple[Handshake, ...]:
        """Every key exchange group: of TLS 1.3, and of the newest version before with its elliptic curve suites."""
        modern = [h.suite for h in suites if h.version == TLS13 and h.outcome == "accepted"]
        curves = [h for h in suites if h.outcome == "accepted" and h.suite.startswith(("ECDHE", "AECDH"))]
        newest = curves[-1].version if curves else ""
        asked = [(TLS13, modern)] * bool(modern) + [(newest, [h.suite for h in curves if h.version == newest])] * bool(
            newest
        )
        primes = {(h.version, h.group) for h in suites if h.outcome == "accepted" and h.group.startswith("DH ")}
        found = self.pool.map(self._groups, *zip(*asked, strict=True)) if asked else ()
        return (
            *(each for part in found for each in part),
            *(Handshake(version=version, outcome="accepted", group=group) for version, group in sorted(primes)),
        )

    def orders(self, suites: Iterable[Handshake]) -> dict[str, str]:
        """Whose order of suites decides, by version: two suites are offered both ways round."""
        taken: dict[str, list[str]] = {}
        for each in suites:
            if each.outcome == "accepted":
                taken.setdefault(each.version, []).append(each.suite)
        told = self.pool.map(self._order, taken, taken.values())
        return {version: order for version, order in zip(taken, told, strict=True) if order}

    def fallback_refused(self, answers: Mapping[str, Answer]) -> bool | None:
        """Whether a client that tries again with less is told off (RFC 7507); None with fewer than two versions."""
        spoken = [version for version, answer in answers.items() if answer.accepted]
        if len(spoken) < BOTH_WAYS:
            return None
        answer = self.hand.ask(replace(self._hello(spoken[-2]), fallback=True))
        return None if answer.outcome == "unmeasured" else answer.outcome == "refused"

    def _hello(self, version: str, suites: Sequence[int] = (), groups: Sequence[int] = ()) -> Hello:
        """An offer of all of a version, or of these suites or groups of it; without groups named, as browsers do."""
        return Hello(
            version=version,
            suites=tuple(suites) or suites_of(version),
            groups=tuple(groups) or groups_of(version),
            host=self.hand.host,
            share=not groups,
        )

    def _strand(self, version: str, suites: Sequence[int]) -> list[tuple[Handshake, Flight]]:
        """What becomes of these suites: all are offered, then all but those chosen, until none is taken."""
        left, found = list(suites), list[tuple[Handshake, Flight]]()
        while left:
            answer = refused(self.hand.ask(self._hello(version, left)))
            flight, chosen = answer.flight, NUMBERS.get(answer.flight.suite)
            if not answer.accepted or chosen not in left:
                rest = replace(answer, outcome="unmeasured", detail=STRAYED) if answer.accepted else answer
                return [*found, *((rest.seen(version, suite=SUITES[number]), flight) for number in left)]
            left.remove(chosen)
            found.append((answer.seen(version, suite=flight.suite, group=flight.group), flight))
        return found

    def _groups(self, version: str, suites: Sequence[str]) -> list[Handshake]:
        """What becomes of every group, offered with suites that need one.

        A certificate with an elliptic curve key can only be shown to clients that know its curve (RFC 8422, 5.1). So
        before TLS 1.3 the groups left are offered again beside the last one chosen: without it nothing was, and those
        that the server ranks below it are never used.
        """
        left, found = list(groups_of(version)), list[Handshake]()
        for needed in (False, True) if version != TLS13 else (False,):
            last = [NUMBERS[found[-1].group]] if found and needed else []
            while left and (last or not needed):
                answer = refused(self._offer(version, suites, [*left, *last]))
                chosen = NUMBERS.get(answer.flight.group)
                if not answer.accepted or chosen not in left:
                    break
                left.remove(chosen)
                found.append(answer.seen(version, group=answer.flight.group))
        if not found:  # it speaks this version, so what it refuses is the way it was asked
            answer = replace(answer, outcome="unmeasured", detail=f"without key share: {answer.detail or STRAYED}")
        elif answer.accepted and chosen in last:
            answer = replace(answer, outcome="refused", detail=f"{answer.flight.group} was chosen")
        elif answer.accepted:
            answer = replace(answer, outcome="unmeasured", detail=STRAYED)
        return [*found, *(answer.seen(version, group=GROUPS[number]) for number in left)]

    def _offer(self, version: str, suites: Sequence[str], groups: Sequence[int]) -> Answer:
        return self.hand.ask(self._hello(version, [NUMBERS[suite] for suite in suites], groups))

    def _order(self, version: str, taken: Sequence[str]) -> str:
        """Some servers move ChaCha20 up for clients that do (OpenSSL's PrioritizeChaCha), so others are compared."""
        plain = [suite for suite in taken if "CHACHA20" not in suite]
        pair = [NUMBERS[suite] for suite in (plain if len(plain) >= BOTH_WAYS else taken)]
        if len(pair) < BOTH_WAYS:
            return ""
        there, back = (
            self.hand.ask(self._hello(version, order)).flight.suite
            for order in (pair[:: len(pair) - 1], pair[:: 1 - len(pair)])
        )
        if not there or not back:
            return ""
        return "server" if there == back else "client"


def refused(answer: Answer) -> Answer:
    """The answer of a server that is known to speak TLS: a reset is then how it refuses."""
    return replace(answer, outcome="refused") if answer.detail == RESET else answer


def _dealt(suites: Sequence[int]) -> Iterator[list[int]]:
    """The suites in as many strands as are looked through at once; neighbours are often accepted together."""
    strands = STRANDS if len(suites) > STRANDS * STRANDS else 1
    for number in range(strands):
        yield list(suites[number::strands])
