"""Unit economics and demand: hand-calculated cases, laws, published values."""

import numpy as np
import pytest

from analysis import demand, unit_economics


def test_a_seat_breaks_even_where_the_margin_is_zero():
    price, cost, other, at = 20.0, 7.2, 0.2, 3.0
    even = unit_economics.breakeven_input_usd(price, cost, other, at)
    assert unit_economics.gross_margin(price, cost * even / at, other) == pytest.approx(0)
    assert unit_economics.gross_margin(price, 0.0, other) == pytest.approx(1 - other)
    assert unit_economics.gross_margin(20, 10, 0.25) == 0.25


def test_cost_grows_as_long_as_tokens_outgrow_the_price():
    assert unit_economics.cost_after(10, 2, 2, 5) == 10
    assert unit_economics.cost_after(10, 4, 2, 3) == 80
    assert unit_economics.cost_after(10, 2, 4, 1) == 5
    assert unit_economics.cost_after(10, 7, 3, 0) == 10


@pytest.mark.parametrize("share", [0.0, 0.23, 1.4])
def test_the_parts_of_a_dollar_add_up(share):
    parts = unit_economics.revenue_split(share, 0.4, 0.9, 0.29)
    assert sum(parts.values()) == pytest.approx(1)
    assert parts["chips"] == pytest.approx(share * 0.6 * 0.9 * 0.29)
    assert parts["application"] == pytest.approx(1 - share)


def test_spending_rises_with_a_falling_price_only_above_one():
    assert demand.spending_ratio(0.05, 1.0) == pytest.approx(1)
    assert demand.spending_ratio(0.05, 1.2) > 1 > demand.spending_ratio(0.05, 0.8)
    assert demand.spending_ratio(0.05, 0.0) == 0.05
    # Quantity times price.
    assert demand.spending_ratio(0.1, 1.5) == pytest.approx(0.1 * 0.1**-1.5)


def test_the_arc_between_two_points_of_a_demand_curve_is_its_elasticity():
    assert demand.arc_elasticity(0.2, 0.2**-1.7) == pytest.approx(1.7)
    assert demand.arc_elasticity(0.5, 1.0) == pytest.approx(0)
    # Light in Britain, 1800 to 2000: 25,000 times the use at a three-thousandth of the price.
    assert demand.arc_elasticity(1 / 3000, 25_000) == pytest.approx(10.1266 / 8.0064, rel=1e-4)


def test_the_elasticity_implied_by_spending_undoes_the_spending():
    assert demand.implied_elasticity(10, demand.spending_ratio(0.1, 1.4)) == pytest.approx(1.4)
    assert demand.implied_elasticity(10, 1.0) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("cut", [0.3, 0.95])
def test_alone_training_breaks_even_at_one(share, cut):
    assert demand.breakeven_elasticity(share, cut, 0.0) == pytest.approx(1)
    assert demand.compute_multiple(share, cut, 1.0, 0.0) == pytest.approx(1)
    assert demand.compute_multiple(share, cut, 0.0, 0.0) == pytest.approx(1 - share * cut)


@pytest.mark.parametrize("response", [-0.3, 0.0, 0.25, 0.6])
def test_at_the_break_even_spending_is_as_before(response):
    even = demand.breakeven_elasticity(0.5, 0.95, response)
    assert demand.compute_multiple(0.5, 0.95, even, response) == pytest.approx(1)


def test_the_break_even_is_the_root_that_a_solver_finds():
    from scipy.optimize import brentq

    root = brentq(lambda e: demand.compute_multiple(0.4, 0.9, e, 0.3) - 1, 0, 3)
    assert demand.breakeven_elasticity(0.4, 0.9, 0.3) == pytest.approx(root)


def test_where_inference_makes_up_for_the_cut_no_response_is_needed():
    assert demand.breakeven_elasticity(0.5, 0.95, 0.95) == pytest.approx(0)
    assert demand.breakeven_elasticity(0.5, 0.95, 5.0) == pytest.approx(0)
    assert demand.compute_multiple(0.5, 0.95, 0.0, 5.0) > 1


def test_arrays_pass_through():
    shares = np.array([0.2, 0.5, 0.8])
    assert demand.breakeven_elasticity(shares, 0.95, 0.0) == pytest.approx([1, 1, 1])
    assert demand.compute_multiple(shares, 0.95, 0.5, 0.1).shape == (3,)
