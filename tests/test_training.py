"""Training arithmetic against published values and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import training

positive = st.floats(1e-3, 1e15)
share = st.floats(0.01, 0.99)

# DeepSeek-V3's published shape: 61 layers, 128 heads, query and key 192 wide, value 128, sequences of 4,096.
V3_ATTENTION = {"layers": 61, "heads": 128, "qk_head_dim": 192, "v_head_dim": 128, "sequence_length": 4096}
V3_MATMUL_PARAMETERS = 36_625_603_584


def test_v3_flop_per_token_matches_the_published_250_gflop():
    attention = training.attention_flops_per_token(**V3_ATTENTION)
    assert training.flops_per_token(V3_MATMUL_PARAMETERS, attention) == pytest.approx(250e9, rel=0.003)


def test_full_attention_explains_the_gap_between_the_two_published_rates():
    # The hardware paper prints 385 TFLOP/s causal and 432 with full attention for the same run.
    causal = training.attention_flops_per_token(**V3_ATTENTION)
    full = training.attention_flops_per_token(**V3_ATTENTION, causal=False)
    ratio = training.flops_per_token(V3_MATMUL_PARAMETERS, full) / training.flops_per_token(
        V3_MATMUL_PARAMETERS, causal
    )
    assert ratio == pytest.approx(432 / 385, rel=0.002)


def test_published_throughput_and_flop_give_the_published_mfu():
    per_second = 272.8e9 / 86_400 / 2048 * 250e9
    assert training.mfu(per_second * 3600, 1.0, 989.5e12) == pytest.approx(0.3894, abs=2e-4)


def test_six_nd_for_llama_matches_the_papers_compute():
    assert training.dense_flops(405e9, 15.6e12) == pytest.approx(3.8e25, rel=0.005)


def test_wall_days_of_v3():
    assert training.wall_days(2_664_000, 2048) == pytest.approx(54.2, abs=0.05)


@given(flops=positive, peak=positive, utilisation=share)
def test_mfu_inverts_gpu_hours(flops, peak, utilisation):
    hours = training.gpu_hours(flops, peak, utilisation)
    assert training.mfu(flops, hours, peak) == pytest.approx(utilisation)


@given(hours=positive, price=positive, factor=st.floats(0.1, 10))
def test_cost_is_linear_in_price(hours, price, factor):
    assert training.run_cost(hours, factor * price) == pytest.approx(factor * training.run_cost(hours, price))


@given(usd=positive, multiplier=st.floats(1, 100), staff=st.floats(0, 0.9))
def test_a_programme_costs_at_least_its_final_run(usd, multiplier, staff):
    assert training.programme_cost(usd, multiplier, staff) >= usd


def test_a_programme_of_one_run_without_staff_is_the_run():
    assert training.programme_cost(5.0, 1.0, 0.0) == 5.0


def test_staff_share_is_the_share_of_staff_in_the_total():
    total = training.programme_cost(10.0, 3.0, 0.4)
    assert total - 10.0 * 3.0 == pytest.approx(0.4 * total)


def test_an_h100_is_one_h100_equivalent_and_an_h20_about_a_seventh():
    assert training.h100_equivalents([7], [989.4e12], 989.4e12) == 7
    assert training.h100_equivalents([1], [148e12], 989.4e12) == pytest.approx(1 / 6.7, rel=0.01)


def test_arrays_and_floats_agree():
    prices = np.array([1.0, 2.0, 3.0])
    assert list(training.run_cost(2.788e6, prices)) == [training.run_cost(2.788e6, float(p)) for p in prices]


def test_the_same_chip_takes_the_same_hours_and_half_the_peak_twice():
    assert training.scaled_hours(100.0, 5.0, 5.0) == 100.0
    assert training.scaled_hours(100.0, 5.0, 2.5) == 200.0
    assert training.scaled_hours(100.0, 5.0, 2.5, 2.0) == 100.0


def test_gpus_times_days_are_the_hours():
    assert training.gpus_for_days(2_664_000, 54.199) * 54.199 * 24 == pytest.approx(2_664_000)
