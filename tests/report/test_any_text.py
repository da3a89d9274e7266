"""Whatever a server sends: the files stay well formed, nothing in them acts, a stored run reads back the same."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st

from plimsoll.model import (
    Advice,
    FileSeen,
    Finding,
    Hole,
    KnownHole,
    Outcome,
    Promise,
    RunIdentity,
    Severity,
    Spot,
    Verdict,
    Waiver,
)
from plimsoll.redact import Redactor
from plimsoll.report import read, write
from plimsoll.report.clean import clean
from plimsoll.report.html import render
from tests.report.any_drill import drill_of, drills_of, history_of, remembered
from tests.report.any_load import load_of, loads_of

HOSTILE = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="pwned=1">',
    "' onfocus=pwned=1 autofocus='",
    "]]>",
    "</script><script>pwned=1</script>",
    "</title></style>",
    "<!-- ",
    "&lt;script&gt;&#x3c;",
    "\x00\x1b[31m\x7f\x9b",
    "\ud800 \udcff \ufffe",
    "\u202eright to left\u202c \u05d0\u05d1",
    "$title ${script} %s {0}",
    "javascript:pwned=1",
    "",
)

EPOCH = datetime(1990, 1, 1, tzinfo=UTC)

texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=40))
pairs = st.dictionaries(texts, texts, max_size=2)
zones = st.sampled_from([UTC, timezone(timedelta(hours=9))])
moments = st.builds(
    lambda microseconds, zone: (EPOCH + timedelta(microseconds=microseconds)).astimezone(zone),
    st.integers(min_value=0, max_value=10**15),
    zones,
)
waivers = st.none() | st.builds(Waiver, reason=texts, owner=texts, expires=st.dates())
promises = st.builds(Promise, id=texts, rule=texts, area=texts, title=texts, source=texts, waiver=waivers)
spots = st.builds(Spot, texts, st.integers(min_value=0, max_value=10**6))
holes = st.builds(
    Hole, spot=spots, what=texts, fix=texts, beside=st.lists(spots, max_size=2).map(tuple), known=st.booleans()
)
advices = st.builds(
    Advice, scanner=texts, rule=texts, severity=st.sampled_from(Severity), spot=spots, message=texts, link=texts
)
files = st.builds(FileSeen, name=texts, kind=texts, spot=spots, trouble=texts)
gone = st.builds(KnownHole, fingerprint=texts, promise=texts, rule=texts, spot=spots, what=texts)
findings = st.builds(
    Finding,
    promise=promises,
    outcome=st.sampled_from(Outcome),
    expected=texts,
    actual=texts,
    message=texts,
    hint=texts,
    evidence=st.lists(texts, max_size=3).map(tuple),
    seconds=st.floats(min_value=0, max_value=1e6),
    out_of_reach=st.booleans(),
    holes=st.lists(holes, max_size=2).map(tuple),
    known=st.booleans(),
)
runs = st.builds(
    RunIdentity,
    id=texts,
    started=moments,
    finished=moments,
    deployment=texts,
    stack=texts,
    images=pairs,
    tool_versions=pairs,
    root=texts,
)
verdicts = st.builds(
    Verdict,
    run=runs,
    findings=st.lists(findings, max_size=3).map(tuple),
    strict=st.booleans(),
    advice=st.lists(advices, max_size=2).map(tuple),
    files=st.lists(files, max_size=2).map(tuple),
    baseline=texts,
    gone=st.lists(gone, max_size=2).map(tuple),
    journals=drills_of(texts),
    history=history_of(texts),
    loads=loads_of(texts),
)


def everywhere(text: str) -> Verdict:
    """A verdict of every outcome in which every text is this one."""
    waiver = Waiver(reason=text, owner=text, expires=datetime(2030, 1, 1, tzinfo=UTC).date())
    promise = Promise(id=text, rule=text, area=text, title=text, source=text, waiver=waiver)
    finding = Finding(
        promise=promise,
        outcome=Outcome.FAIL,
        expected=text,
        actual=text,
        message=text,
        hint=text,
        evidence=(text, text),
        holes=(Hole(spot=Spot(text, 1), what=text, fix=text, beside=(Spot(text, 0),)),),
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    run = RunIdentity(
        id=text,
        started=now,
        finished=now,
        deployment=text,
        stack=text,
        images={text: text},
        tool_versions={text: text},
        root=text,
    )
    spot = Spot(text, 3)
    return Verdict(
        run=run,
        findings=tuple(replace(finding, outcome=outcome) for outcome in Outcome),
        advice=(
            Advice(scanner=text, rule=text, severity=Severity.LOW, spot=spot, message=text, link=text),
            Advice(scanner=text, rule=text, severity=Severity.LOW, spot=spot, message=text, link=f"https://x/{text}"),
        ),
        files=(FileSeen(name=text, kind=text, spot=spot, trouble=text), FileSeen(name=text, kind=text, spot=spot)),
        baseline=text,
        gone=(KnownHole(fingerprint=text, promise=text, rule=text, spot=spot, what=text),),
        journals=(drill_of(text),),
        history=remembered(text),
        loads=(load_of(text),),
    )


def hostile_examples(test: Callable[..., None]) -> Callable[..., None]:
    """The test, also tried with every hostile text everywhere."""
    for text in HOSTILE:
        test = example(verdict=everywhere(text))(test)
    return test


@hostile_examples
@given(verdict=verdicts)
@settings(max_examples=60, deadline=None)
def test_stored_run_reads_back_the_same(verdict: Verdict) -> None:
    """What was written is what is read, and writing that again gives the same files."""
    with tempfile.TemporaryDirectory() as folder:
        write(verdict, Path(folder) / "one", redact=Redactor())
        again = read(Path(folder) / "one" / "verdict.json")
        assert again == clean(verdict, redact=Redactor())
        write(again, Path(folder) / "two", redact=Redactor())
        for name in ("verdict.json", "report.html", "junit.xml"):
            assert (Path(folder) / "one" / name).read_bytes() == (Path(folder) / "two" / name).read_bytes()


@hostile_examples
@given(verdict=verdicts)
@settings(max_examples=60, deadline=None)
def test_junit_is_well_formed(verdict: Verdict) -> None:
    """Any XML reader takes it, and finds one case per finding."""
    with tempfile.TemporaryDirectory() as folder:
        write(verdict, Path(folder), redact=Redactor())
        root = ET.parse(Path(folder) / "junit.xml").getroot()  # noqa: S314 - a file this test wrote
        assert len(root.findall("testsuite/testcase")) == len(verdict.findings)


class Page(HTMLParser):
    """What a browser would find: elements opened and not closed, scripts, handlers, addresses, ids."""

    VOID = frozenset({"meta", "input", "link", "br", "path", "circle", "rect", "use"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more element."""
        self.seen[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself, as SVG has."""
        self.seen[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """The element closed must be the one opened last."""
        assert self.open.pop() == tag


@hostile_examples
@given(verdict=verdicts)
@settings(max_examples=60, deadline=None)
def test_page_holds_nothing_that_acts_but_its_own_script(verdict: Verdict) -> None:
    """One script, no handler, no address but a scanner's plain help page, every element closed, every id once."""
    text = render(clean(verdict, redact=Redactor()))
    assert not set(text) & set("\x00\x1b\x7f\x9b\u202e\ufffe")
    page = Page(text)
    assert page.open == []
    assert page.seen["script"] == 1
    assert page.seen["article"] == len(verdict.findings)
    assert not page.seen.keys() & {"img", "iframe", "object", "embed", "base", "link"}
    assert [name for name, _ in page.attributes if name.startswith("on") or name in {"style", "src"}] == []
    outside = {value for name, value in page.attributes if name == "href" and not value.startswith("#")}
    assert outside <= {advice.link for advice in verdict.advice}
    assert [link for link in outside if not re.fullmatch(r"https://[\w.-]+(/[\w./?=&%#~+-]*)?", link, re.ASCII)] == []
    ids = Counter(value for name, value in page.attributes if name == "id")
    assert max(ids.values()) == 1
    assert all(not set(value) & set(" \t\n") for value in ids)
