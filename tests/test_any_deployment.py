"""Whatever stands in a deployment file, it is read or refused: nothing else happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.deployment import TOP, read_deployment
from plimsoll.errors import BadInput
from plimsoll.model import Limits, Live, Service, Waiver
from plimsoll.promises import PROMISE
from plimsoll.rules import RULES
from tests.toml import dumps

RECORDS = (Service, Live, Limits, Waiver)
KNOWN = {
    *TOP,
    *PROMISE,
    *(f.name for kind in RECORDS for f in fields(kind)),
    *chain(*(r.parameters for r in RULES.values())),
}
KEYS = st.sampled_from(sorted({*KNOWN, "edge", "a.b", "x[1]", ""}))
PLAIN = (
    st.sampled_from(
        ("SH-01", "nginx", "certificate-valid", "http2-offered", "content-security-policy", "tls", "/", "\0")
    )
    | st.text(max_size=5)
    | st.integers()
    | st.booleans()
    | st.floats()
    | st.dates()
    | st.datetimes()
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=6)


@given(document=DOCUMENTS, whole=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_document_raises_anything_else(tmp_path: Path, document: Mapping[str, object], *, whole: bool) -> None:
    """Whatever stands in the file, it is read or refused with a line that the file has."""
    base: Mapping[str, object] = {
        "name": "shop",
        "live": {"url": "https://shop.example"},
        "promise": [{"id": "SH-01", "rule": "certificate-valid", "days_left": 30}],
    }
    text = dumps({**base, **document} if whole else document)
    path = tmp_path / "deployment.toml"
    path.write_text(text, encoding="utf-8")

    try:
        read = read_deployment(path)
    except BadInput as error:
        line = error.line
    else:
        assert read.promises
        line = 1
    assert 1 <= line <= text.count("\n") + 1


@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(('"', "'", '"""', "[", "]", "=", "\n", "a", "{", "}", "#", "\\"))).map("".join)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_raises_anything_else(tmp_path: Path, text: str) -> None:
    """TOML or not, the answer is one clear error."""
    path = tmp_path / "deployment.toml"
    path.write_text(text, encoding="utf-8", newline="")

    with pytest.raises(BadInput):
        read_deployment(path)
