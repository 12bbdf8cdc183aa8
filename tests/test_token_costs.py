"""The price of tokens: hand-worked cases and laws."""

import numpy as np
import pytest

from analysis import token_costs


def test_tokens_of_one_kind_by_hand():
    # A million samples of a thousand tokens at 60 dollars a million tokens.
    assert token_costs.usd(1e6 * 1e3, 60.0) == 60_000


def test_a_request_by_hand():
    # One tool's request on DeepSeek V4-Pro at its launch: 750 fresh, 82,000 cached, 290 written.
    usd = token_costs.request_usd(750, 82_000, 290, 1.74, 0.145, 3.48)
    assert usd == pytest.approx((750 * 1.74 + 82_000 * 0.145 + 290 * 3.48) / 1e6)
    assert 1000 * usd == pytest.approx(14.204, abs=0.001)


def test_an_answer_at_list_prices_by_hand():
    # 1,000 tokens in at 15 and 2,000 out at 60 USD a million.
    assert token_costs.answer_usd(1000, 2000, 15, 60) == pytest.approx(0.015 + 0.120)
    assert token_costs.answer_usd(1000, 2000, 15, 60) == token_costs.request_usd(1000, 0, 2000, 15, 7, 60)


def test_a_right_answer_costs_as_many_answers_as_it_takes():
    # A model that is right one time in four is asked four times on average.
    draws = np.random.default_rng(1).geometric(0.25, 200_000)
    assert token_costs.usd_per_solved(0.1, 0.25) == pytest.approx(0.1 * draws.mean(), rel=0.01)
