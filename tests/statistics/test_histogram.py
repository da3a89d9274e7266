"""Counts of many workers add up to what one would have counted."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.statistics.histogram import Histogram, NoHistogram, bounds_of, from_json, index_of, merged, rank_of

values = st.integers(0, 2**63)
lists = st.lists(values, max_size=60)


def of(latencies: list[int]) -> Histogram:
    """All of them."""
    histogram = Histogram()
    for each in latencies:
        histogram.add(each)
    return histogram


@given(value=values)
def test_bucket_holds_its_value(value: int) -> None:
    """And is no wider than 1/1024 of it; the next one begins where it ends."""
    index = index_of(value)
    low, high = bounds_of(index)
    assert low <= value <= high
    assert (high - low) * 1024 <= low
    assert bounds_of(index + 1)[0] == high + 1
    assert index_of(high + 1) == index + 1


@given(parts=st.lists(lists, max_size=6), seed=st.integers())
def test_order_of_merging_is_nothing(parts: list[list[int]], seed: int) -> None:
    """Any order and any grouping gives what one histogram of all values is."""
    whole = of([each for part in parts for each in part])
    mixed = [of(part) for part in parts]
    Random(seed).shuffle(mixed)  # noqa: S311 - no secret
    half = len(mixed) // 2
    assert merged(mixed) == whole
    assert merged([merged(mixed[:half]), merged(mixed[half:])]) == whole
    assert merged(mixed).to_json() == whole.to_json()


@given(latencies=lists)
def test_stored_and_read_it_is_the_same(latencies: list[int]) -> None:
    """Exactly."""
    histogram = of(latencies)
    assert from_json(histogram.to_json()) == histogram
    assert sum(bucket.count for bucket in histogram) == histogram.count == len(latencies)
    assert histogram.total == sum(latencies)


@given(latencies=st.lists(values, min_size=1, max_size=60), share=st.floats(0, 1))
def test_percentile_is_that_of_the_values(latencies: list[int], share: float) -> None:
    """The bucket of the value itself."""
    bucket = of(latencies).percentile(share)
    true = sorted(latencies)[max(1, rank_of(share, len(latencies))) - 1]
    assert bucket is not None
    assert bucket.low <= true <= bucket.high


@given(latencies=lists, limit=values)
def test_above_is_enclosed(latencies: list[int], limit: int) -> None:
    """Exact where no bucket is cut."""
    least, most = of(latencies).above(limit)
    true = sum(each > limit for each in latencies)
    assert least <= true <= most
    assert of(latencies).above(bounds_of(index_of(limit))[1])[0] == sum(
        index_of(v) > index_of(limit) for v in latencies
    )


def test_ranks_are_not_off_by_a_float() -> None:
    """95 % of 100 are 95, and 0.7 of 10 are 7, though 0.7 * 10 is more than 7 in binary."""
    assert [rank_of(0.95, 100), rank_of(0.7, 10), rank_of(0.999, 1000), rank_of(0.5, 5)] == [95, 7, 999, 3]


def test_counted_several_times() -> None:
    """Is added as often."""
    histogram = Histogram()
    histogram.add(200_000_000, 5)
    assert histogram == of([200_000_000] * 5)
    assert histogram.mean == 200_000_000
    assert Histogram().mean is None
    assert Histogram().percentile(0.5) is None


@pytest.mark.parametrize(("value", "times"), [(-1, 1), (1, 0)])
def test_no_latency(value: int, times: int) -> None:
    """Before it began, or never."""
    with pytest.raises(NoHistogram, match="zero or more"):
        Histogram().add(value, times)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format":"plimsoll-histogram-1"}',
        '{"format":"plimsoll-histogram-1","total":1,"least":1,"most":1,"counts":[[1]]}',
        '{"format":"plimsoll-histogram-1","total":1,"least":1,"most":1,"counts":[[1,1],[1,1]]}',
        '{"format":"plimsoll-histogram-1","total":1,"least":1,"most":1,"counts":[[1,0]]}',
        '{"format":"plimsoll-histogram-1","total":1,"least":null,"most":1,"counts":[[1,1]]}',
        '{"format":"plimsoll-histogram-1","total":1,"least":1,"most":9,"counts":[[1,1]]}',
    ],
)
def test_no_histogram(text: str) -> None:
    """What is no histogram says what is wrong."""
    with pytest.raises(NoHistogram, match="no histogram: "):
        from_json(text)
