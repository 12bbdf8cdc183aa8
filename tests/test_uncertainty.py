"""The drawing rule: stated percentiles, hard bounds, reproducible and separate streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.core import results, uncertainty
from reporting.core.report import Report
from reporting.inputs import assumptions

REGISTER = assumptions.register()


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize("identifier", REGISTER)
def test_stated_percentiles_are_met(identifier):
    entry = REGISTER[identifier]
    low, middle, high = uncertainty.quantile(entry, [0.1, 0.5, 0.9])
    # min and max may cut off a little; a tenth of the half-interval is the most that may shift.
    assert low == pytest.approx(entry.low, abs=0.1 * (entry.value - entry.low) + 1e-12)
    assert middle == pytest.approx(entry.value, abs=0.1 * (entry.high - entry.low))
    assert high == pytest.approx(entry.high, abs=0.1 * (entry.high - entry.value) + 1e-12)


@pytest.mark.parametrize("identifier", REGISTER)
def test_draws_stay_within_the_bounds(identifier):
    entry = REGISTER[identifier]
    drawn = uncertainty.draws([identifier], 50_000)[identifier]
    assert drawn.min() >= entry.min
    assert drawn.max() <= entry.max


def test_exactness_where_nothing_is_cut_off():
    entry = REGISTER["gpu_hour_usd"].model_copy(update={"min": 1e-9, "max": 1e9})
    assert uncertainty.quantile(entry, [0.1, 0.5, 0.9]) == pytest.approx([1.6, 2.0, 3.5])


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
@settings(max_examples=50)
def test_quantiles_rise_with_probability(one, other):
    entry = REGISTER["compute_multiplier"]
    first, second = uncertainty.quantile(entry, sorted((one, other)))
    assert first <= second


def test_a_degenerate_interval_is_a_constant():
    entry = REGISTER["pue"].model_copy(update={"low": 1.25, "high": 1.25})
    assert uncertainty.quantile(entry, [0.01, 0.5, 0.99]) == pytest.approx([1.25] * 3)


def test_the_same_seed_gives_the_same_draws_and_another_gives_others():
    one = uncertainty.draws(["pue"], 10)["pue"]
    assert (one == uncertainty.draws(["pue"], 10)["pue"]).all()
    assert (one != uncertainty.draws(["pue"], 10, seed=1)["pue"]).any()


def test_an_assumptions_draws_do_not_depend_on_which_others_are_drawn():
    alone = uncertainty.draws(["pue"], 10)["pue"]
    together = uncertainty.draws(["gpu_hour_usd", "pue"], 10)["pue"]
    assert (alone == together).all()


def test_assumptions_are_drawn_independently():
    drawn = uncertainty.draws(["pue", "gpu_hour_usd"], 20_000)
    assert abs(np.corrcoef(drawn["pue"], drawn["gpu_hour_usd"])[0, 1]) < 0.03


def test_the_range_of_a_result_linear_in_one_assumption_is_that_assumptions_interval(report):
    low, high = report.interval("cost.v3_run_usd")
    entry = REGISTER["gpu_hour_usd"]
    assert low == pytest.approx(2_788_000 * entry.low, rel=0.02)
    assert high == pytest.approx(2_788_000 * entry.high, rel=0.02)


def test_a_replaced_assumption_counts_as_certain():
    low, high = Report({"gpu_hour_usd": 3}).interval("cost.v3_run_usd")
    assert low == high == 3 * 2_788_000


def test_arrays_give_what_single_values_give(report):
    for key, declared in results.registry().items():
        if declared.kind != "closed":
            continue
        used = report.inputs(key).assumptions
        drawn = uncertainty.draws(used, 5)
        together = np.broadcast_to(declared.function(assumptions.Values(report.values | drawn)), 5)
        for i in range(5):
            one = {name: float(values[i]) for name, values in drawn.items()}
            assert declared.function(assumptions.Values(report.values | one)) == pytest.approx(together[i]), key


def test_a_tornado_is_ranked_and_brackets_the_value(report):
    swings = uncertainty.tornado(report, "cost.programme_usd")
    sizes = [abs(high - low) for _, low, high in swings]
    assert sizes == sorted(sizes, reverse=True)
    assert all(low <= report.value("cost.programme_usd") <= high for _, low, high in swings)
