"""The valuation model: hand calculations and laws."""

import numpy as np
import pytest

from analysis import valuation


def test_cuts_by_hand():
    assert valuation.profit_cut(0.17, 0.85) == pytest.approx(0.2)
    assert valuation.revenue_cut(0.17, 0.85, 1.25) == pytest.approx(0.16)


def test_a_delay_by_hand():
    # at 100% a year, a year's delay halves what half of the value is worth: a quarter of the whole
    assert valuation.delay_cost(0.5, 1.0) == pytest.approx(0.25)
    assert valuation.delay_years(0.25, 0.5, 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize("years", [0.5, 2.2, 7.0])
def test_delay_and_its_cost_are_inverse(years):
    assert valuation.delay_years(valuation.delay_cost(0.9, 0.1, years), 0.9, 0.1) == pytest.approx(years)


@pytest.mark.parametrize("years", [1.0, 3.7, 10.0])
def test_constant_growth_gives_gordons_formula_whatever_the_horizon(years):
    assert valuation.cash_multiple(0.03, years, 0.1, 0.03) == pytest.approx(1.03 / 0.07)


def test_growth_at_the_discount_rate_is_worth_a_year_each():
    assert valuation.cash_multiple(0.1, 5, 0.1, 0.03) == pytest.approx(5 + 1.03 / 0.07)


def test_the_multiple_is_the_sum_of_discounted_cash():
    cash = [1.25**t / 1.1**t for t in range(1, 6)]
    rest = cash[-1] * sum((1.03 / 1.1) ** t for t in range(1, 2000))
    assert valuation.cash_multiple(0.25, 5, 0.1, 0.03) == pytest.approx(sum(cash) + rest)


@pytest.mark.parametrize("growth", [-0.2, 0.0, 0.1, 0.3, 1.0])
def test_implied_growth_and_rate_invert_the_multiple(growth):
    multiple = valuation.cash_multiple(growth, 5, 0.1, 0.03)
    assert valuation.implied_growth(multiple, 5, 0.1, 0.03) == pytest.approx(growth)
    assert valuation.implied_discount_rate(multiple, growth, 5, 0.03) == pytest.approx(0.1)


def test_arrays_pass_through_the_closed_ones():
    falls = np.array([0.1, 0.2])
    assert valuation.revenue_cut(falls, 0.8, 1.0).shape == (2,)
    assert valuation.delay_years(falls, 0.8, 0.1)[1] > valuation.delay_years(falls, 0.8, 0.1)[0]
