"""The owner's cost of a GPU-hour against textbook values and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import ownership

rate = st.floats(0.001, 0.5)
years = st.integers(1, 15)


@given(rate=rate, years=years)
def test_payments_at_the_recovery_factor_repay_one_dollar(rate, years):
    payment = ownership.capital_recovery_factor(rate, years)
    assert sum(payment / (1 + rate) ** year for year in range(1, years + 1)) == pytest.approx(1.0)


def test_recovery_factor_of_a_textbook():
    # 10% over 5 years: 0.2638 in any annuity table.
    assert ownership.capital_recovery_factor(0.10, 5) == pytest.approx(0.2638, abs=5e-5)


def test_without_interest_capital_is_written_off_evenly():
    assert ownership.capital_recovery_factor(1e-9, 5) == pytest.approx(0.2, rel=1e-5)


@given(rate=rate, years=years, residual=st.floats(0.0, 0.9))
def test_capital_repays_the_price_less_what_is_left(rate, years, residual):
    hourly = ownership.capital_usd_per_hour(1000.0, rate, years, residual)
    yearly = hourly * ownership.HOURS_PER_YEAR
    repaid = sum(yearly / (1 + rate) ** year for year in range(1, years + 1))
    assert repaid + residual * 1000.0 / (1 + rate) ** years == pytest.approx(1000.0)


def test_energy_is_kilowatts_times_price():
    assert ownership.energy_usd_per_hour(1.275, 1.0, 1.0, 0.10) == pytest.approx(0.1275)


def test_hosting_for_a_year_is_twelve_months():
    assert ownership.hosting_usd_per_hour(2.0, 100.0) * ownership.HOURS_PER_YEAR == pytest.approx(2 * 100 * 12)


def test_operations_for_a_year_is_the_stated_share():
    assert ownership.operations_usd_per_hour(50_000.0, 0.03) * ownership.HOURS_PER_YEAR == pytest.approx(1500.0)


def test_half_the_use_doubles_the_cost_of_a_used_hour():
    assert ownership.per_used_hour(1.0, 0.5) == 2.0


def test_arrays_broadcast():
    assert ownership.capital_usd_per_hour(np.array([1.0, 2.0]), 0.1, 5, 0.0).shape == (2,)
