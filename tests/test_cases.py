"""Sourced numbers put into models: what they rest on, and that one thing has one number."""

import pytest

from reporting.cases import benchmarks, deepseek_runs, deepseek_service, hardware, models
from reporting.core.report import Report
from reporting.inputs import evidence, facts
from reporting.inputs.assumptions import Values


@pytest.fixture(scope="module")
def a():
    return Values(Report().values)


def test_a_model_by_name_keeps_its_source():
    for _ in range(2):
        with evidence.recording() as inputs:
            assert models.model("deepseek-v3").layers == models.architecture("deepseek-v3").layers == 61
        assert list(inputs.facts) == ["model_configs:deepseek-v3"]


@pytest.mark.parametrize("name", ["a800", "h800", "h100", "h20"])
def test_the_owners_hour_is_the_sum_of_its_parts(a, name):
    parts = (
        hardware.owner_capital_usd(a, name),
        hardware.owner_hosting_usd(a, name),
        hardware.owner_energy_usd(a, name),
        hardware.owner_operations_usd(a, name),
    )
    assert hardware.owner_gpu_hour_usd(a, name) == pytest.approx(sum(parts), rel=1e-15)
    assert all(part > 0 for part in parts)


def test_two_chapters_state_one_owners_hour():
    report = Report({"fleet_utilisation": 0.7, "pue": 1.3})
    assert report.value("export.hour_usd_h800") == report.value("cost.owner_gpu_hour_usd")


def test_an_h20_draws_less_power_and_an_a800_is_an_a100(a):
    assert hardware.gpu_power_kw(a, "h20") < hardware.gpu_power_kw(a)
    assert hardware.peak_flops("a800") == hardware.peak_flops("a100")


def test_v3_and_r1_together_cost_their_sum(a):
    assert deepseek_runs.v3_r1_usd(a) == pytest.approx(deepseek_runs.v3_run_usd(a) + deepseek_runs.r1_rl_usd(a))


def test_causal_attention_counts_half_of_full_attention():
    causal, whole = deepseek_runs.v3_flop(causal=True), deepseek_runs.v3_flop(causal=False)
    without = 6.0 * facts.value("v3_matmul_parameters") * facts.value("v3_pretraining_tokens")
    assert causal - without == pytest.approx((whole - without) / 2)


def test_a_request_of_the_day_has_the_days_proportions():
    prompt, output, hit = deepseek_service.request_tokens()
    assert output / prompt == pytest.approx(168 / 608)  # billions of tokens out and in, DeepSeek's Day 6
    assert hit == pytest.approx(342 / 608)


def test_an_answer_costs_what_its_run_used():
    # 15 and 60 dollars a million tokens in and out: o1's list price.
    given, written = benchmarks.list_prices("o1")
    assert (given, written) == (15.0, 60.0)
    assert benchmarks.answer_usd("epoch_o1_gpqa", "o1") > benchmarks.answer_tokens("epoch_o1_gpqa") * written / 1e6
