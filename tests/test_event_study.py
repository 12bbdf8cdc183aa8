"""The event study: against statsmodels, hand calculations, simulations with known answers, and published returns."""

import numpy as np
import pytest
import statsmodels.api as sm

from analysis import event_study

RANDOM = np.random.default_rng(20250127)


@pytest.fixture(scope="module")
def sample():
    market = RANDOM.normal(0.0005, 0.01, 230)
    return market, 0.001 + 1.4 * market + RANDOM.normal(0, 0.02, 230)


def test_the_model_is_that_of_least_squares(sample):
    market, stock = sample
    fit = sm.OLS(stock, sm.add_constant(market)).fit()
    model = event_study.market_model(stock, market)
    assert [model.alpha, model.beta] == pytest.approx(list(fit.params))
    assert model.residual_variance == pytest.approx(fit.mse_resid)
    assert model.days == 230


@pytest.mark.parametrize("move", [-0.08, -0.014, 0.0005, 0.03])
def test_the_variance_of_a_day_is_that_of_a_prediction(sample, move):
    market, stock = sample
    fit = sm.OLS(stock, sm.add_constant(market)).fit()
    predicted = fit.get_prediction([[1.0, move]])
    model = event_study.market_model(stock, market)
    assert event_study.abnormal_variance(model, move) == pytest.approx(float(predicted.se_obs[0]) ** 2)
    low, high = predicted.conf_int(obs=True, alpha=0.05)[0]
    assert event_study.interval_half(model, move) == pytest.approx((high - low) / 2)


@pytest.mark.parametrize("length", [2, 5, 10])
def test_the_variance_of_a_window_counts_the_error_of_the_model_once_for_all_days(sample, length):
    market, stock = sample
    fit = sm.OLS(stock, sm.add_constant(market)).fit()
    x = np.array([length, -0.03])
    expected = length * fit.mse_resid + x @ fit.cov_params() @ x
    assert event_study.abnormal_variance(event_study.market_model(stock, market), -0.03, length) == pytest.approx(
        expected
    )


def test_days_without_a_return_are_left_out(sample):
    market, stock = sample
    holed = stock.copy()
    holed[[3, 50]] = np.nan
    kept = np.delete(np.arange(230), [3, 50])
    assert event_study.market_model(holed, market) == event_study.market_model(stock[kept], market[kept])


def test_t_keeps_its_level_on_a_day_on_which_nothing_happens():
    rejected = 0
    for _ in range(800):
        market = RANDOM.normal(0, 0.01, 31)
        stock = 1.2 * market + RANDOM.normal(0, 0.02, 31)
        model = event_study.market_model(stock[:30], market[:30])
        rejected += abs(event_study.abnormal_t(model, stock[30], market[30])) > 2.048  # t with 28 degrees of freedom
    assert 0.03 < rejected / 800 < 0.075


def test_bmp_by_hand():
    assert event_study.bmp([1.0, 2.0, 3.0]) == pytest.approx(2 * np.sqrt(3))


def test_kolari_pynnonen_by_hand():
    assert event_study.kolari_pynnonen([1.0, 2.0, 3.0], 0.0) == pytest.approx(event_study.bmp([1.0, 2.0, 3.0]))
    assert event_study.kolari_pynnonen([1.0, 2.0, 3.0], 0.5) == pytest.approx(np.sqrt(3))


def equicorrelated(names, correlation):
    common = RANDOM.normal(size=1)
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * RANDOM.normal(size=names)


def test_clustering_misleads_bmp_and_not_kolari_pynnonen():
    draws = [equicorrelated(15, 0.3) for _ in range(1500)]
    naive = np.mean([abs(event_study.bmp(draw)) > 2.145 for draw in draws])
    corrected = np.mean([abs(event_study.kolari_pynnonen(draw, 0.3)) > 2.145 for draw in draws])
    assert naive > 0.3
    assert 0.03 < corrected < 0.07


def test_the_difference_of_two_groups_keeps_its_level():
    rejected = 0
    for _ in range(1500):
        shared = RANDOM.normal(size=2)
        one = np.sqrt(0.3) * shared[0] + np.sqrt(0.7) * RANDOM.normal(size=14)
        # correlation 0.2 within the second group and sqrt(0.3 * 0.2) * 0.5 between the two
        factor = 0.5 * shared[0] + np.sqrt(0.75) * shared[1]
        other = np.sqrt(0.2) * factor + np.sqrt(0.8) * RANDOM.normal(size=15)
        correlations = (0.3, 0.2, 0.5 * np.sqrt(0.06))
        rejected += abs(event_study.kolari_pynnonen_difference(one, other, correlations)) > 2.05
    assert 0.03 < rejected / 1500 < 0.075


def test_a_difference_from_a_group_that_does_not_move_is_the_single_test():
    scores, still = [1.0, 2.0, 4.0], [0.0, 0.0]
    difference = event_study.kolari_pynnonen_difference(scores, still, (0.2, 0.1, 0.3))
    assert difference == pytest.approx(event_study.kolari_pynnonen(scores, 0.2))


def test_scaled_ranks_are_symmetric_and_skip_gaps():
    ranks = event_study.scaled_ranks([0.3, np.nan, -1.0, 0.1])
    assert ranks[[0, 2, 3]] == pytest.approx([0.25, -0.25, 0.0])
    assert np.isnan(ranks[1])


def test_the_rank_statistic_by_hand():
    # two names, 8 days each: the lowest of nine ranks 1/10, the middle 5/10
    assert event_study.rank_z([1, 5], [8, 8], 0.1) == pytest.approx((-0.4 + 0.0) / 2 / 0.1)


def test_the_rank_statistic_keeps_its_level_under_clustering():
    rejected = 0
    for _ in range(300):
        rows = np.sqrt(0.4) * RANDOM.normal(size=(1, 121)) + np.sqrt(0.6) * RANDOM.normal(size=(12, 121))
        scaled = np.array([event_study.scaled_ranks(row) for row in rows])
        rank_sd = np.sqrt(np.mean(scaled.mean(axis=0) ** 2))
        ranks = (scaled[:, -1] + 0.5) * 122
        rejected += abs(event_study.rank_z(ranks, np.full(12, 120), rank_sd)) > 1.96
    assert 0.02 < rejected / 300 < 0.09


def test_mean_correlation():
    common = RANDOM.normal(size=4000)
    rows = np.sqrt(0.3) * common + np.sqrt(0.7) * RANDOM.normal(size=(6, 4000))
    assert event_study.mean_correlation(rows) == pytest.approx(0.3, abs=0.04)
    assert event_study.mean_correlation(rows[:3], -rows[3:]) == pytest.approx(-0.3, abs=0.04)
    assert event_study.mean_correlation([rows[0], 2 * rows[0]]) == pytest.approx(1.0)


def test_returns_and_losses():
    assert event_study.simple_returns([100.0, 110.0, 99.0])[1:] == pytest.approx([0.1, -0.1])
    assert event_study.value_lost(24_490e6, 142.62, 118.42) == pytest.approx(592.658e9)


def made_up(days=300, event=270, shock=-0.1):
    """One market and four names; the first two fall by a known amount on the event day."""
    market = RANDOM.normal(0.0004, 0.008, days)
    returns = {"SPY": market}
    for number, name in enumerate(("A", "B", "C", "D")):
        returns[name] = (1 + 0.2 * number) * market + RANDOM.normal(0, 0.01, days)
        returns[name][event] += shock if name in "AB" else 0.0
    return returns


def test_a_study_finds_the_shock_that_was_put_in():
    returns = made_up()
    names, portfolios, skipped = event_study.study(
        returns, 270, ["SPY"], {"hit": ["A", "B"], "spared": ["C", "D"]}, spread=("spared", "hit")
    )
    found = {entry["ticker"]: entry for entry in names}
    assert found["A"]["abnormal_return"] == pytest.approx(-0.1, abs=0.035)
    assert found["A"]["t"] < -6
    assert found["A"]["rank"] == 1
    assert abs(found["C"]["t"]) < 4
    spread = next(entry for entry in portfolios if entry["portfolio"] == "spared minus hit")
    assert spread["abnormal_return"] == pytest.approx(0.1, abs=0.035)
    assert spread["rank"] == 231
    assert skipped == {}


def test_a_name_that_cannot_be_used_is_skipped_with_the_reason():
    returns = made_up()
    returns["A"] = np.where(np.arange(300) < 200, np.nan, returns["A"])
    returns["B"] = np.where(np.arange(300) == 270, np.nan, returns["B"])
    returns["E"] = np.zeros(300)
    names, portfolios, skipped = event_study.study(returns, 270, ["SPY"], {"hit": ["A", "B"]})
    assert {entry["ticker"] for entry in names} == {"C", "D"}
    assert skipped["E"] == "a price that does not move in the estimation window"
    assert portfolios == []
    assert skipped["A"] == "50 days with a return in the estimation window, 120 are needed"
    assert skipped["B"] == "no price on the event day or the trading day before"


def test_the_estimation_window_is_trading_days_250_to_21_before():
    window = event_study.estimation_window(393)
    assert (window.start - 393, window.stop - 1 - 393) == (-250, -21)
    assert window.stop - window.start == 230
