"""How old the inputs are."""

import pandas as pd
import pytest

from reporting.inputs import facts, freshness


@pytest.mark.parametrize(
    ("as_of", "first"), [("2025", "2025-01-01"), ("2025-02", "2025-02-01"), ("2025-01-27", "2025-01-27")]
)
def test_a_vague_date_counts_from_its_first_day(as_of, first):
    assert freshness.first_day(as_of) == pd.Timestamp(first)


def test_a_series_is_stale_once_its_newest_row_is_past_the_half_life():
    assert freshness.Series("t", "T", "2025", 1.1, 1.0).stale
    assert not freshness.Series("t", "T", "2025", 0.9, 1.0).stale


def test_every_half_life_belongs_to_a_table_and_ages_are_counted_to_the_edition():
    found = {each.table: each for each in freshness.series()}
    assert found.keys() == facts.half_lives().keys()
    rental = found["gpu_rental"]
    newest = max(freshness.first_day(row["as_of"]) for row in facts.rows("gpu_rental"))
    assert rental.age_years == pytest.approx(max((freshness.edition() - newest).days, 0) / 365.25)


def test_nothing_was_read_after_the_edition():
    first, last = freshness.accessed()
    assert first <= last <= freshness.edition().date().isoformat()


def test_the_oldest_input_is_older_than_the_essay():
    place, as_of = freshness.oldest()
    assert ":" in place
    assert freshness.first_day(as_of) < pd.Timestamp("2025-01-27")
