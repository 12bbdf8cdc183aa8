"""Price trends: laws, hand-made cases, and regressions whose answer is known beforehand."""

import numpy as np
import pytest

from analysis import price_trends as trends


def test_the_blend_is_three_parts_of_input():
    assert trends.blended(15, 60) == 26.25  # o1, as Epoch AI prints it
    assert trends.blended(0.55, 2.19) == pytest.approx(0.96)
    assert trends.blended(7, 7) == 7
    assert trends.blended(1, 5, input_parts=0) == 5


def test_dates_become_years():
    assert trends.decimal_year("2000-01-01") == 2000
    assert trends.decimal_year("2004-01-01") == 2004
    assert trends.decimal_year("2025-01-20") == pytest.approx(2025 + 19 / 365, abs=0.003)


def test_record_lows_fall_and_keep_to_the_quality():
    years = [2024.0, 2024.1, 2024.2, 2024.3, 2024.4]
    prices = [10.0, 12.0, 1.0, 8.0, 8.0]
    scores = [0.5, 0.6, 0.3, 0.5, 0.9]
    # The third is too weak, the second too dear, the fifth no cheaper than the fourth.
    assert trends.record_lows(years, prices, scores, 0.5) == [0, 3]
    assert trends.record_lows(years, prices, scores, 0.0) == [0, 2]
    assert trends.record_lows(years, prices, scores, 0.95) == []


def test_of_one_day_the_cheapest_counts_and_order_does_not_matter():
    assert trends.record_lows([2024.0, 2024.0], [5.0, 3.0], [1, 1], 0) == [1]
    assert trends.record_lows([2025.0, 2024.0], [1.0, 3.0], [1, 1], 0) == [1, 0]


def test_an_exact_trend_is_found_exactly():
    years = np.array([2023.0, 2023.5, 2024.2, 2025.0])
    fit = trends.log_trend(years, 37.5 * 10.0 ** (2023.0 - years))
    for part in ("factor", "low", "high"):
        assert fit[part] == pytest.approx(10.0, rel=1e-6)
    assert fit["points"] == 4
    assert fit["r_squared"] == pytest.approx(1)


def test_a_trend_agrees_with_scipy():
    from scipy import stats

    years, prices = np.array([2023.2, 2023.9, 2024.2, 2024.6, 2024.8]), np.array([37.5, 15.0, 6.0, 0.3, 0.13])
    fit, line = trends.log_trend(years, prices), stats.linregress(years, np.log(prices))
    half = stats.t.ppf(0.95, 3) * line.stderr
    assert fit["factor"] == pytest.approx(np.exp(-line.slope))
    assert fit["low"] == pytest.approx(np.exp(-line.slope - half))
    assert fit["high"] == pytest.approx(np.exp(-line.slope + half))


def test_two_prices_make_no_trend():
    with pytest.raises(ValueError, match="at least three"):
        trends.log_trend([2024, 2025], [10, 1])


def test_the_interval_of_a_trend_holds_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        years = rng.uniform(2023, 2025, 8)
        fit = trends.log_trend(years, np.exp(3 - np.log(5) * (years - 2023) + rng.normal(0, 0.7, 8)))
        held += fit["low"] <= 5 <= fit["high"]
    assert 0.85 < held / 400 < 0.95


def market(rng, n, fall=6.0, per_log_odds=1.2, thinking=2.0, scatter=0.0):
    """Invent offers that follow the hedonic equation, better ones later."""
    years = rng.uniform(2023, 2026, n)
    odds = (years - 2024.5) + rng.normal(0, 0.8, n)
    kind = rng.integers(0, 2, n)
    price = np.exp(1 - np.log(fall) * (years - 2023) + per_log_odds * odds + np.log(thinking) * kind)
    return years, price * np.exp(rng.normal(0, scatter, n)), np.column_stack([odds, kind])


def test_the_regression_finds_what_was_put_in():
    fit = trends.hedonic(*market(np.random.default_rng(1), 40))
    assert fit["factor"] == pytest.approx(6, rel=1e-6)
    assert fit["effects"] == pytest.approx([np.exp(1.2), 2.0], rel=1e-6)


def test_better_models_hide_the_fall_from_a_trend_but_not_from_the_regression():
    years, prices, columns = market(np.random.default_rng(2), 200)
    assert trends.log_trend(years, prices)["factor"] < 3 < trends.hedonic(years, prices, columns)["factor"]


def test_the_interval_of_the_regression_holds_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(3)
    fits = [trends.hedonic(*market(rng, 40, scatter=0.8)) for _ in range(300)]
    assert 0.85 < np.mean([fit["low"] <= 6 <= fit["high"] for fit in fits]) < 0.96


def test_a_regression_needs_more_models_than_coefficients():
    with pytest.raises(ValueError, match="more models"):
        trends.hedonic([2023, 2024, 2025], [3, 2, 1], [[0.1], [0.2], [0.3]])


def test_a_model_alone_of_its_kind_is_refused():
    years, prices, columns = market(np.random.default_rng(4), 20, scatter=0.5)
    columns[:, 1] = 0
    columns[3, 1] = 1
    with pytest.raises(ValueError, match="only one of its kind"):
        trends.hedonic(years, prices, columns)
    columns[5, 1] = 1
    assert np.isfinite(trends.hedonic(years, prices, columns)["high"])
