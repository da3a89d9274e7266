"""Drills of any shape with any text in them, for what has to hold whatever was found."""

from __future__ import annotations

from hypothesis import strategies as st

from plimsoll.observations.drills import Attempt, Difference, DrillRecord, Entry, History, Journal, Phase, Rehearsal
from plimsoll.observations.drills.record import Gone, Regained, Slot
from plimsoll.observations.drills.rollouts import CLOSED, KEPT, KILLED, REFUSED, SHARED
from plimsoll.observations.drills.served import Harm, Move, Served, Stretch, Voice
from tests.report.drilled import STARTED

moments = st.floats(min_value=0, max_value=1e6)
counts = st.integers(min_value=0, max_value=10**12)
ranges = st.lists(st.tuples(counts, counts), max_size=2).map(tuple)


def drills_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[DrillRecord, ...]]:
    """A few drills."""
    several = st.lists(texts, max_size=2).map(tuple)
    phases = st.builds(Phase, name=texts, started=moments, finished=moments)
    codes = st.none() | st.integers(min_value=-15, max_value=255)
    entries = st.builds(
        Entry,
        at=moments,
        kind=st.sampled_from(("command", "act", "mark", "note")),
        what=texts,
        destructive=st.booleans(),
        code=codes,
        output=texts,
        seconds=moments,
    )
    journals = st.builds(
        Journal,
        drill=texts,
        says=texts,
        started=st.just(STARTED),
        phases=st.lists(phases, max_size=3).map(tuple),
        entries=st.lists(entries, max_size=3).map(tuple),
        medium=texts,
        data_bytes=counts,
        trouble=texts,
    )
    differences = st.lists(st.builds(Difference, what=texts, before=texts, after=texts), max_size=2).map(tuple)
    attempts = st.builds(
        Attempt,
        name=texts,
        command=texts,
        code=codes,
        output=texts,
        landed=texts,
        changed=differences,
        left=several,
        told=several,
        seconds=moments,
        trouble=texts,
    )
    slots = st.builds(Slot, at=moments, kept=counts, lost=counts, refused=counts, undone=counts)
    gone = st.builds(
        Gone,
        confirmed=counts,
        missing=ranges,
        since=st.none() | moments,
        early=counts,
        unconfirmed=ranges,
        strangers=ranges,
        newest=st.none() | counts,
        seconds=moments,
    )
    regained = st.builds(
        Regained,
        disaster=moments,
        seconds=moments,
        backup=texts,
        backup_bytes=counts,
        backup_at=st.none() | moments,
        outage=st.none() | st.tuples(moments, moments),
        moment=st.none() | moments,
        undone=counts,
        later=counts,
        gone=st.none() | gone,
        changed=differences,
        whole=st.booleans(),
        lagging=several,
        healthy=st.booleans(),
        fastest=st.dictionaries(texts, moments, max_size=2),
        points=st.lists(st.tuples(counts.map(lambda n: n + 1), moments), max_size=3).map(tuple),
        target=counts,
        slots=st.lists(slots, max_size=3).map(tuple),
        width=moments,
    )
    drill = st.builds(
        DrillRecord,
        served=st.none() | served_of(texts),
        journal=journals,
        regained=st.none() | regained,
        attempts=st.lists(attempts, max_size=2).map(tuple),
        promises=several,
        trouble=texts,
    )
    return st.lists(drill, max_size=2).map(tuple)


def served_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Served]:
    """What clients were served, whatever was done."""
    tallies = st.dictionaries(texts, counts, max_size=3)
    steps = st.builds(
        Move,
        name=texts,
        began=moments,
        ended=moments,
        settled=moments,
        command=texts,
        code=st.none() | st.integers(min_value=-15, max_value=255),
        meant=st.sampled_from(("", REFUSED, KILLED, SHARED, KEPT, CLOSED)),
        wanted=texts,
        before=texts,
        after=texts,
        reached=st.none() | moments,
        met=st.dictionaries(texts, moments, max_size=2),
        versions=tallies,
        asked=counts,
        failed=counts,
        reasons=tallies,
        silence=moments,
        trouble=texts,
    )
    harms = st.builds(
        Harm,
        name=texts,
        what=texts,
        roles=st.lists(texts, max_size=2).map(tuple),
        landed=texts,
        trouble=texts,
        began=moments,
        ended=moments,
        healed=moments,
        asked=counts,
        failed=counts,
        reasons=tallies,
        silence=moments,
        voices=st.lists(st.builds(Voice, question=texts, asked=counts, well=counts, said=texts), max_size=2).map(tuple),
    )
    stretches = st.builds(Stretch, at=moments, answered=tallies, failed=counts, meant=counts)
    return st.builds(
        Served,
        changes=st.lists(steps, max_size=3).map(tuple),
        faults=st.lists(harms, max_size=3).map(tuple),
        control_at=st.none() | moments,
        control=counts,
        confirmed=counts,
        missing=st.none() | ranges,
        doubled=ranges,
        astray=counts,
        queued=counts,
        vanished=counts,
        skipped=st.dictionaries(texts, texts, max_size=2),
        stretches=st.lists(stretches, max_size=3).map(tuple),
        width=moments,
    )


def history_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[History | None]:
    """A few earlier drills."""
    figures = st.none() | moments
    rehearsals = st.builds(
        Rehearsal,
        run=texts,
        at=st.just(STARTED),
        deployment=texts,
        stack=texts,
        drill=texts,
        good=st.booleans(),
        outcome=texts,
        rto=figures,
        rpo_seconds=figures,
        rpo_rows=st.none() | counts,
        data_bytes=st.none() | counts,
        medium=texts,
    )
    return st.none() | st.builds(
        History,
        rehearsals=st.lists(rehearsals, max_size=3).map(tuple),
        seen_at=st.just(STARTED),
        unread=st.lists(st.tuples(counts, texts), max_size=2).map(tuple),
        trouble=texts,
    )


def drill_of(text: str) -> DrillRecord:
    """A drill in which every text is this one."""
    change = Difference(what=text, before=text, after=text)
    entry = Entry(at=1.0, kind="command", what=text, destructive=True, code=1, output=text, seconds=1.0)
    return DrillRecord(
        journal=Journal(
            drill=text,
            says=text,
            started=STARTED,
            phases=(Phase(name=text, started=0.0, finished=2.0),),
            entries=(entry, Entry(at=1.5, kind="note", what=text)),
            medium=text,
            data_bytes=5,
            trouble=text,
        ),
        regained=Regained(
            disaster=1.0,
            seconds=1.0,
            backup=text,
            changed=(change,),
            lagging=(text,),
            fastest={text: 1.0},
            gone=Gone(confirmed=3, missing=((1, 2),)),
        ),
        attempts=(
            Attempt(
                name=text,
                command=text,
                code=1,
                output=text,
                landed=text,
                changed=(change,),
                left=(text,),
                told=(text,),
                trouble=text,
            ),
        ),
        promises=(text,),
        trouble=text,
        served=served_with(text),
    )


def served_with(text: str) -> Served:
    """What clients were served, every text of it this one."""
    step = Move(
        name=text,
        began=0.5,
        ended=1.0,
        command=text,
        code=1,
        meant=REFUSED,
        wanted=text,
        before=text,
        after=text,
        met={text: 0.7},
        versions={text: 5, "another": 4},
        failed=1,
        asked=2,
        reasons={text: 1},
        trouble=text,
    )
    harm = Harm(
        name=text,
        what=text,
        roles=(text,),
        landed=text,
        trouble=text,
        began=1.0,
        ended=2.0,
        failed=1,
        reasons={text: 1},
        voices=(Voice(question=text, asked=2, well=1, said=text),),
    )
    stretches = (Stretch(at=0.1, answered={text: 3, "another": 1}, failed=1, meant=1),)
    return Served(changes=(step,), faults=(harm,), skipped={text: text}, stretches=stretches, width=0.1, control_at=1.9)


def remembered(text: str) -> History:
    """A history in which every text is this one."""
    earlier = Rehearsal(
        run=text, at=STARTED, deployment=text, stack=text, drill=text, good=False, outcome=text, rto=1.0, medium=text
    )
    return History(rehearsals=(earlier,), seen_at=STARTED, unread=((3, text),), trouble=text)
