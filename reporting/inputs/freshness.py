"""How old the inputs are: the oldest, and the series that go on after the report was made."""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from reporting import ROOT
from reporting.inputs import assumptions, facts, yaml_file


@cache
def edition():
    """Return the date of this edition, from ``CITATION.cff``, as `pandas.Timestamp`."""
    return pd.Timestamp(yaml_file.load(ROOT / "CITATION.cff", "CITATION.cff")["date-released"])


def first_day(as_of):
    """Return the first day of a date such as ``"2025"``, ``"2025-01"`` or ``"2025-01-27"``: vague ones count as old."""
    return pd.Period(as_of).start_time


@dataclass(frozen=True)
class Series:
    """A table whose numbers go on changing.

    Attributes
    ----------
    table, title : str
    newest : str
        As-of date of its newest row.
    age_years : float
        From there to this edition; 0 at least.
    half_life_years : float
        Our judgement of the time after which half of such numbers no longer hold; ``data/datapackage.json``.
    """

    table: str
    title: str
    newest: str
    age_years: float
    half_life_years: float

    @property
    def stale(self):
        """Whether the newest row is past the half-life."""
        return self.age_years > self.half_life_years


def series():
    """Return every table that declares a half-life, as a list of `Series`, the most overdue first."""
    found = []
    for table, half_life in facts.half_lives().items():
        newest = max((row["as_of"] for row in facts.rows(table)), key=first_day)
        age = max((edition() - first_day(newest)).days, 0) / 365.25
        found.append(Series(table, facts.title(table), newest, age, half_life))
    return sorted(found, key=lambda each: each.half_life_years - each.age_years)


def accessed():
    """Return the first and last date on which a source was read, as two ISO dates."""
    dates = {entry.accessed for entry in assumptions.register().values()}
    dates |= {row["accessed"] for table in facts.schemas() for row in facts.rows(table)}
    return min(dates), max(dates)


def oldest():
    """Return the input with the oldest as-of date: its place (``table:id``), and the date."""
    dated = {f"assume:{name}": entry.as_of for name, entry in assumptions.register().items()}
    dated |= {f"{table}:{row['id']}": row["as_of"] for table in facts.schemas() for row in facts.rows(table)}
    place = min(dated, key=lambda name: (first_day(dated[name]), name))
    return place, dated[place]
