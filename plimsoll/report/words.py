"""What a verdict is called in words: the same on the page, in the terminal and in JUnit."""

from __future__ import annotations

import html
from pathlib import PurePath

from plimsoll.model import EXPIRED, Finding, Outcome, Verdict

OUTCOME_WORDS = {
    Outcome.FAIL: "broken",
    Outcome.UNKNOWN: "could not tell",
    Outcome.PASS: "kept",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""In the order in which people need them: what is broken first."""

OUT_OF_REACH = "out of reach of this run"
KNOWN = "known since the baseline was written"

_BIDI_CONTROLS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_VISIBLE = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"},
    **{code: f"\\u{code:04x}" for code in (*_BIDI_CONTROLS, 0xFFFE, 0xFFFF)},
}


def visible(text: str) -> str:
    """The text with control characters spelt out, so that they are seen and do nothing."""
    return text.translate(_VISIBLE)


def escaped(text: str) -> str:
    """The text as HTML shows it: markup escaped, control characters drawn."""
    return html.escape(visible(text))


def headline(verdict: Verdict) -> str:
    """The verdict in a few words."""
    if verdict.outcome is Outcome.FAIL:
        broken = [finding.promise.rule != EXPIRED for finding in deciding(verdict, Outcome.FAIL)]
        parts = (counted(sum(broken), "promise", "broken"), counted(broken.count(False), "waiver", "expired"))
        return ", ".join(filter(None, parts))
    if verdict.outcome is Outcome.UNKNOWN:
        return "Could not tell"
    aside = [word for word, those in (("waived", waived(verdict)), ("known", known(verdict))) if those]
    return " or ".join(["Every judged promise kept", *aside])


def counted(number: int, noun: str, verb: str) -> str:
    """So many of something and what became of them: "2 promises broken"; "" for none."""
    return f"{number} {noun}{'' if number == 1 else 's'} {verb}" if number else ""


def explanation(verdict: Verdict) -> str:
    """What the headline rests on, in one sentence."""
    counts = verdict.counts
    judged = counts[Outcome.PASS] + counts[Outcome.FAIL]
    if not judged:
        return "No promise was judged, so nothing can be said."
    unknown = len(deciding(verdict, Outcome.UNKNOWN))
    if verdict.outcome is Outcome.UNKNOWN and not unknown:
        return "Every broken promise is waived or known, and none was seen kept: that is no reason to call it safe."
    if verdict.outcome is Outcome.UNKNOWN:
        return f"No promise was seen broken, but of {unknown} nobody could tell."
    sentence = f"{counts[Outcome.PASS]} of {judged} judged {'promise was' if judged == 1 else 'promises were'} kept."
    return sentence + (f" Of {unknown} more nobody could tell." if unknown else "")


def tally(verdict: Verdict) -> str:
    """The counts in one line, those that do not decide the run named as such."""
    counts, far = verdict.counts, len(out_of_reach(verdict))
    excused = excuses(verdict)
    parts = (
        f"{counts[Outcome.PASS]} kept",
        f"{counts[Outcome.FAIL]} broken" + (f" ({excused})" if excused else ""),
        f"{counts[Outcome.UNKNOWN]} could not tell" + (f" ({far} {OUT_OF_REACH})" if far else ""),
        f"{counts[Outcome.NOT_APPLICABLE]} not applicable" if counts[Outcome.NOT_APPLICABLE] else "",
    )
    return ", ".join(filter(None, parts))


def excuses(verdict: Verdict) -> str:
    """How many failures do not decide the run, and why: "1 waived, 2 known"."""
    both = {"waived": len(waived(verdict)), "known": len(known(verdict))}
    return ", ".join(f"{count} {word}" for word, count in both.items() if count)


def notes(verdict: Verdict) -> tuple[str, ...]:
    """What whoever keeps the waivers and the baseline should know."""
    idle = [f.promise.id for f in verdict.findings if f.needs_no_waiver(verdict.run.finished.date())]
    there = sum(hole.known for finding in verdict.findings for hole in finding.holes)
    return tuple(
        filter(
            None,
            (
                f"{counted(len(idle), 'waiver', 'no longer needed')}: {', '.join(idle)}" if idle else "",
                f"{counted(there, 'hole', 'known')} since {PurePath(verdict.baseline).name} was written"
                if there
                else "",
                f"{counted(len(verdict.gone), 'known hole', 'gone')}: write the baseline again" if verdict.gone else "",
            ),
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


def known(verdict: Verdict) -> tuple[Finding, ...]:
    """The failures with nothing new in them, that no waiver covers."""
    return tuple(f for f in verdict.findings if f.known and f not in waived(verdict))


def out_of_reach(verdict: Verdict) -> tuple[Finding, ...]:
    """The findings that this run could not have shown."""
    return tuple(f for f in verdict.findings if f.out_of_reach)


def waiver_words(verdict: Verdict, finding: Finding) -> str:
    """What somebody agreed to, or that the agreement is over; empty without a waiver."""
    waiver = finding.promise.waiver
    if waiver is None:
        return ""
    today = verdict.run.finished.date()
    verb = "expired on" if today > waiver.expires else "until"
    if finding.needs_no_waiver(today):
        return f"waiver no longer needed, by {waiver.owner}: {waiver.reason}"
    return f"waived {verb} {waiver.expires.isoformat()} by {waiver.owner}: {waiver.reason}"


def duration(seconds: float) -> str:
    """A length of time for people: "740 ms", "3.2 s", "2 min 5 s", "6 h 1 min"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{minutes} min {rest} s"
