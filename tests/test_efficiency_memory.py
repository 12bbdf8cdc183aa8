"""The memory results of the efficiency chapter against published numbers."""

import pytest

from reporting.chapters.efficiency import memory as chapter
from reporting.core import results
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("efficiency.kv_saving_deployed", 0.933, 0.0005),  # V2 report, abstract
        ("efficiency.kv_saving_equal", 0.822, 0.0005),  # 69,120 of 389,120 bytes
        ("efficiency.kv_67b_kb", 389.12, 1e-9),  # V2 report, Fig. 1(b): 389.1
        ("efficiency.kv_v2_deployed_kb", 25.92, 1e-9),  # V2 report, Fig. 1(b): 25.9
        ("efficiency.kv_llama405b_ratio", 7.34, 0.005),  # ISCA paper, from its own sizes; it prints 7.28
        ("efficiency.kv_qwen72b_ratio", 4.66, 0.005),  # ISCA paper, Table 1
        ("efficiency.memory_bytes_fp32", 16, 1e-9),  # ZeRO paper, section 3.1, without the 16-bit copies
        ("efficiency.memory_bytes_bf16", 18, 1e-9),  # Megatron-LM
        ("efficiency.memory_checkpoint_fp8_gb", 688.574839360, 1e-9),  # the released files' payload
    ],
)
def test_results_reproduce_published_figures(report, key, published, tolerance):
    assert report.value(key) == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(("ours", "published"), [("v3", "v3"), ("qwen72b", "qwen72b"), ("llama405b", "llama405b")])
def test_caches_are_those_of_deepseeks_own_table(report, ours, published):
    assert report.value(f"efficiency.kv_{ours}_kb") == facts.value(f"isca_{published}_kv_kb")


def test_the_three_steps_multiply_to_the_whole(report):
    steps = [report.value(f"efficiency.kv_factor_{step}") for step in ("depth", "latent", "bits")]
    assert steps[0] * steps[1] * steps[2] == pytest.approx(report.value("efficiency.kv_factor_all"))
    assert steps[0] * steps[1] == pytest.approx(1 / (1 - report.value("efficiency.kv_saving_equal")))


def test_v2_with_full_heads_is_what_its_report_counts():
    # V2 report, Table 1: 2 x heads x width x layers elements; 128 heads of width 128.
    assert chapter.multi_head_kilobytes("deepseek-v2") == 2 * 128 * 128 * 60 * 2 / 1000


def test_weights_alone_save_what_the_essay_says(report):
    assert report.value("efficiency.memory_weights_saving_fp32") == pytest.approx(
        facts.value("essay_memory_saving"), abs=0.002
    )


def test_weights_of_the_decode_unit(report):
    # Two experts in 58 layers, one shared, attention, three dense layers, embedding and head on each GPU.
    a = chapter.architecture("deepseek-v3")
    parts = a.parameters_by_component()
    experts = parts["routed_experts"] / 256 * 2
    rest = a.total_parameters - parts["routed_experts"] - parts["embedding"] - parts["head"]
    expected = (experts + rest + 2 * (parts["embedding"] + parts["head"])) / 1e9
    assert report.value("efficiency.kv_weights_gb") == pytest.approx(expected, rel=0.005)


def test_shares_at_their_ends():
    for case in chapter.SERVED.values():
        assert case.share(case.tokens_at_half()) == pytest.approx(0.5)
        assert case.share(case.tokens_that_fit()) == pytest.approx(case.share_when_full())


def test_only_v3s_recipe_fits_an_h800_as_v3_was_divided(report):
    memory = report.value("efficiency.memory_h800_gb")
    assert report.value("efficiency.memory_gpu_v3_gb") < memory < report.value("efficiency.memory_gpu_bf16_gb")


def test_a_batch_of_one_reads_what_is_active():
    for name in chapter.MIXTURES:
        a = chapter.architecture(name)
        assert chapter.read_share(name, 1.0) == pytest.approx(a.active_parameters / a.total_parameters, abs=1e-5)
        assert chapter.read_share(name, 1e5) == pytest.approx(1.0)


def test_half_of_the_weights(report):
    assert chapter.read_share("deepseek-v3", report.value("efficiency.moe_half_batch")) == pytest.approx(0.5)


def test_tokens_held_on_deepseeks_day():
    row = facts.row("throughput", "deepseek_day_decode")
    assert Report().assumption("cached_tokens_per_gpu") == pytest.approx(
        row["sequences_per_gpu"] * row["context_tokens"], rel=1e-3
    )


def test_the_long_context_of_gpt_oss_is_that_of_its_title():
    assert facts.value("kv_long_context") == 32_000
    assert "32,000 tokens" in results.find("efficiency.kv_gpt_oss_long_ratio").title


def test_llamas_cache_outgrows_its_weights_on_larger_chips_only(report):
    assert report.value("efficiency.kv_full_llama405b") < 0.5 < report.value("efficiency.kv_full_llama405b_h200")
    # 405.85e9 parameters, embedding and head in 16 bits, over eight H200.
    weights = chapter.LLAMA_ON_H200.weight_bytes()
    assert weights == chapter.SERVED["llama405b"].weight_bytes()
    assert report.value("efficiency.kv_full_llama405b_h200") == pytest.approx(
        1 - weights / chapter.LLAMA_ON_H200.memory_bytes()
    )


def test_a_wider_copy_of_the_weights_saves_less_but_still_saves(report):
    least, counted = (
        report.value("efficiency.memory_gpu_saving_least"),
        report.value("efficiency.memory_gpu_saving_bf16"),
    )
    assert 0 < least < counted


def test_a_batch_as_large_as_the_experts(report):
    model = chapter.architecture("deepseek-v3")
    assert facts.value("v3_experts") == model.experts
    routed = model.parameters_by_component()["routed_experts"] / model.total_parameters
    missed = (1 - model.experts_per_token / model.experts) ** model.experts
    assert report.value("efficiency.moe_read_full") == pytest.approx(1 - routed * missed)
