"""What a verdict is called in words: the same on the page, in the terminal and in JUnit."""

from __future__ import annotations

from plimsoll.model import Finding, Outcome, Verdict

OUTCOME_WORDS = {
    Outcome.FAIL: "broken",
    Outcome.UNKNOWN: "could not tell",
    Outcome.PASS: "kept",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""In the order in which people need them: what is broken first."""

OUT_OF_REACH = "out of reach of this run"

_BIDI_CONTROLS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_VISIBLE = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"},
    **{code: f"\\u{code:04x}" for code in (*_BIDI_CONTROLS, 0xFFFE, 0xFFFF)},
}


def visible(text: str) -> str:
    """The text with control characters spelt out, so that they are seen and do nothing."""
    return text.translate(_VISIBLE)


def headline(verdict: Verdict) -> str:
    """The verdict in a few words."""
    broken = len(deciding(verdict, Outcome.FAIL))
    if verdict.outcome is Outcome.FAIL:
        return f"{broken} {'promise' if broken == 1 else 'promises'} broken"
    if verdict.outcome is Outcome.UNKNOWN:
        return "Could not tell"
    return "Every judged promise kept" + (" or waived" if waived(verdict) else "")


def explanation(verdict: Verdict) -> str:
    """What the headline rests on, in one sentence."""
    counts = verdict.counts
    judged = counts[Outcome.PASS] + counts[Outcome.FAIL]
    if not judged:
        return "No promise was judged, so nothing can be said."
    unknown = len(deciding(verdict, Outcome.UNKNOWN))
    if verdict.outcome is Outcome.UNKNOWN:
        return f"No promise was seen broken, but of {unknown} nobody could tell."
    sentence = f"{counts[Outcome.PASS]} of {judged} judged {'promise was' if judged == 1 else 'promises were'} kept."
    return sentence + (f" Of {unknown} more nobody could tell." if unknown else "")


def tally(verdict: Verdict) -> str:
    """The counts in one line, those that do not decide the run named as such."""
    counts, far, excused, aside = verdict.counts, len(out_of_reach(verdict)), len(waived(verdict)), []
    if counts[Outcome.NOT_APPLICABLE]:
        aside.append(f"{counts[Outcome.NOT_APPLICABLE]} not applicable")
    return ", ".join(
        (
            f"{counts[Outcome.PASS]} kept",
            f"{counts[Outcome.FAIL]} broken" + (f" ({excused} waived)" if excused else ""),
            f"{counts[Outcome.UNKNOWN]} could not tell" + (f" ({far} {OUT_OF_REACH})" if far else ""),
            *aside,
        )
    )


def deciding(verdict: Verdict, outcome: Outcome) -> tuple[Finding, ...]:
    """The findings of one outcome that decide the run."""
    today = verdict.run.finished.date()
    return tuple(f for f in verdict.findings if f.outcome is outcome and not verdict.excuses(f, today))


def waived(verdict: Verdict) -> tuple[Finding, ...]:
    """The failures that an unexpired waiver covers."""
    today = verdict.run.finished.date()
    return tuple(f for f in verdict.findings if f.is_waived(today))


def out_of_reach(verdict: Verdict) -> tuple[Finding, ...]:
    """The findings that this run could not have shown."""
    return tuple(f for f in verdict.findings if f.out_of_reach)


def waiver_words(verdict: Verdict, finding: Finding) -> str:
    """What somebody agreed to, or that the agreement is over; empty without a waiver."""
    waiver = finding.promise.waiver
    if waiver is None:
        return ""
    verb = "expired on" if verdict.run.finished.date() > waiver.expires else "until"
    return f"waived {verb} {waiver.expires.isoformat()} by {waiver.owner}: {waiver.reason}"


def duration(seconds: float) -> str:
    """A length of time for people: "740 ms", "3.2 s", "2 min 5 s"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
