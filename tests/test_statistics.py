"""Statistics of a few points: known answers, the textbook's interval, and how often the interval holds the truth."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from analysis import statistics
from analysis.errors import InputError

# Lines


def test_an_exact_line_is_found_without_doubt():
    fit = statistics.line([1, 2, 3, 4], [3, 5, 7, 9])
    assert fit[:3] == pytest.approx((2, 2, 2))
    amounts = np.array([500, 1000, 2000, 4000, 8000])
    fit = statistics.log_fit(amounts, 10 + 5 * np.log2(amounts / 500))
    assert fit[:3] == pytest.approx((5, 5, 5))
    middle, half = fit.at(np.log2(16_000))
    assert middle == pytest.approx(35.0)
    assert half == pytest.approx(0.0, abs=1e-9)


def test_the_interval_is_that_of_the_textbook():
    # x = 0, 1, 2, 3; y = 1, 3, 2, 4: slope 0.8, s = sqrt(0.9), Sxx = 5, t(2, 0.975) = 4.302653.
    fit = statistics.log_fit([1, 2, 4, 8], [1, 3, 2, 4])
    assert fit.slope == pytest.approx(0.8)
    width = 4.302653 * np.sqrt(0.9) / np.sqrt(5)
    assert (fit.high - fit.low) / 2 == pytest.approx(width, rel=1e-5)
    middle, half = fit.at(1.5)
    assert middle == pytest.approx(2.5)
    assert half == pytest.approx(4.302653 * np.sqrt(0.9 / 4), rel=1e-5)


def test_the_band_is_that_of_statsmodels():
    x, y = np.array([0.0, 1.0, 2.5, 4.0, 7.0]), np.array([1.0, 2.0, 1.5, 4.0, 3.0])
    at = np.array([-1.0, 2.0, 9.0])
    told = sm.OLS(y, sm.add_constant(x)).fit().get_prediction(sm.add_constant(at)).conf_int(alpha=0.1)
    middle, half = statistics.line(x, y, confidence=0.9).at(at)
    assert np.allclose(np.stack([middle - half, middle + half], axis=1), told, rtol=1e-12)


@pytest.mark.parametrize("x", [[10.0, 50, 60, 80], np.log2([500, 1000, 2000, 4000, 5300, 6700, 7300])])
def test_the_interval_holds_the_truth_as_often_as_it_says(x):
    random, x, hits = np.random.default_rng(1), np.asarray(x), 0
    for _ in range(600):
        fit = statistics.line(x, 10 + 3 * x + random.normal(0, 4, x.size))
        hits += fit.low <= 3.0 <= fit.high
    assert 0.92 < hits / 600 < 0.98


@pytest.mark.parametrize(("x", "y"), [([1, 2], [1, 2]), ([1, 2, 4, 8], [0.1, 0.2, 0.3])])
def test_too_few_points_or_unequal_ones_are_refused(x, y):
    for fit in (statistics.line, statistics.log_fit):
        with pytest.raises(InputError, match="at least three points"):
            fit(x, y)


# Noise of scores


def test_errors_of_drawn_scores_are_those_of_many_draws():
    random, x, shares, tries = np.random.default_rng(2), np.array([0.0, 1.0, 2.0, 4.0]), [0.2, 0.5, 0.6, 0.9], 30
    drawn = random.binomial(tries, shares, size=(20_000, 4)) / tries
    slopes = drawn @ (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    assert statistics.slope_error(x, shares, tries) == pytest.approx(slopes.std(), rel=0.03)
    apart = drawn[:, 0] - drawn[:, 3]
    assert statistics.difference_error([0.2, 0.9], [tries, tries]) == pytest.approx(apart.std(), rel=0.03)


# Means that leave their own group out


def test_leaving_one_out_by_hand():
    # The geometric means of (2, 8), (1, 8), (1, 2).
    assert statistics.leave_group_out([1, 2, 8], "abc") == pytest.approx([4, math.sqrt(8), math.sqrt(2)])


def test_a_sister_predicts_nothing():
    # Each 1 is left with 2 and 8, both of them with 1 and 1.
    assert statistics.leave_group_out([1, 1, 2, 8], "aabb") == pytest.approx([4, 4, 1, 1])


def test_leaving_the_only_group_out_is_refused():
    with pytest.raises(InputError, match="at least two"):
        statistics.leave_group_out([1, 2], "aa")
