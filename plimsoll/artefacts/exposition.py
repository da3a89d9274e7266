"""The metrics in a sample of the text format, or in the code that declares them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plimsoll.artefacts import javascript
from plimsoll.observations.artefacts import Family, Kind, SourceFile

NAME = re.compile(r"[a-zA-Z_:][\w:]*")
TYPE = re.compile(r"#\s*TYPE\s+(?P<name>[a-zA-Z_:][\w:]*)\s+(?P<type>\w+)")
SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})?\s+\S+")
LABEL = re.compile(r'(?P<name>[a-zA-Z_]\w*)\s*=\s*"(?:[^"\\]|\\.)*"')
SUFFIXES = ("_bucket", "_sum", "_count", "_created")
INSTRUMENTS = {"Counter": "counter", "Gauge": "gauge", "Histogram": "histogram", "Summary": "summary"}
"""The classes of prom-client, and what they export."""

DEFAULTS = ("process_", "nodejs_")
"""What `collectDefaultMetrics()` of prom-client exports."""


def families(sources: Iterable[SourceFile]) -> Iterator[Family]:
    """Every metric of the samples and of the code, each once a file."""
    for source in sources:
        yield from _sampled(source) if source.kind is Kind.EXPOSITION else _declared(source)


def _sampled(source: SourceFile) -> Iterator[Family]:
    types: dict[str, tuple[str, int]] = {}
    labels: dict[str, set[str]] = {}
    for number, line in enumerate(source.text.splitlines(), start=1):
        if typed := TYPE.match(line):
            types[typed["name"]] = (typed["type"], number)
        elif not line.startswith("#") and (sample := SAMPLE.match(line)):
            name = _family_of(sample["name"], types)
            types.setdefault(name, ("", number))
            labels.setdefault(name, set()).update(each["name"] for each in LABEL.finditer(sample["labels"] or ""))
    for name, (kind, number) in types.items():
        yield Family(name=name, type=kind, labels=frozenset(labels.get(name, ())), spot=source.spot(number))


def _family_of(series: str, types: dict[str, tuple[str, int]]) -> str:
    """The family that a sample belongs to: that of its name, or of its name without what a histogram adds."""
    bare = next((series.removesuffix(suffix) for suffix in SUFFIXES if series.endswith(suffix)), series)
    return bare if series not in types and types.get(bare, ("",))[0] in ("histogram", "summary") else series


def _declared(source: SourceFile) -> Iterator[Family]:
    if not any(instrument in source.text for instrument in INSTRUMENTS):
        return  # most files declare none, and reading every call takes its time
    calls = tuple(javascript.calls(source))
    common = {key for call in calls if call.name.endswith("setDefaultLabels") for key in call.argument.keys}
    for call in calls:
        kind = INSTRUMENTS.get(call.name.rpartition(".")[2])
        name, stated = call.argument["name"], call.argument["labelNames"]
        if kind and isinstance(name.value, str) and NAME.fullmatch(name.value):
            labels = {*stated.texts, *common} | ({"le"} if kind == "histogram" else set())
            unsaid = bool(stated) and (not stated.is_list or not all(NAME.fullmatch(each) for each in stated.texts))
            yield Family(name=name.value, type=kind, labels=frozenset(labels), spot=name.spot, more=unsaid)
