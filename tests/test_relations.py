"""Numbers of the tables that follow from others: a bound finds a wrong power of ten, these find a wrong digit."""

import re
from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from reporting.inputs import facts

TABLES = list(facts.schemas())
fact = facts.value


def near(value, rel=1e-3, absolute=0.0):
    return pytest.approx(value, rel=rel, abs=absolute)


def number(text):
    return float(text.replace(",", ""))


def measured(table):
    """Yield the rows of a table, each with the number it states."""
    for row in facts.rows(table):
        yield row, facts.quantity(table, row["id"])[0]


def noted(pattern):
    """Yield table, row, number and match of every row whose note holds a pattern."""
    for table in TABLES:
        for row, value in measured(table):
            if found := re.search(pattern, row["note"]):
                yield table, row, value, found


def grouped(rows, *columns):
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def cell(path):
    table, identifier, *column = path.split(":")
    return facts.row(table, identifier)[column[0]] if column else facts.quantity(table, identifier)[0]


def test_what_is_counted_is_whole():
    """A count is no fraction, nor are a yes and the bits of a format, unless it is a mean or has scales of its own."""
    whole = {"GPU", "layer", "bit", "day", "boolean", "parameter", "element", "byte"}
    columns = {
        "throughput": ("chips", "tensor_parallel", "expert_parallel", "chips_per_domain", "redundant_experts", "drafts",
                       "micro_batches", "node_limit", "input_tokens", "output_tokens", "requests", "kv_bits"),
        "benchmarks": ("tries",),
        "export_chips": ("datacentre", "pcie_generation"),
        "export_letters": ("lead_days",),
        "api_prices": ("open_weights", "thinking"),
        "server_prices": ("gpus",),
        "price_fits": ("points",),
        "market_model": ("days", "event_rank"),
        "event_portfolios": ("days", "event_rank", "members"),
        "event_names": ("recovery_days",),
        "event_shares": ("shares",),
        "replications": ("answers", "epochs", "gpus"),
    }  # fmt: skip
    for table in TABLES:
        for row, value in measured(table):
            counted = [row[column] for column in columns.get(table, ()) if row[column] is not None]
            if facts.quantity(table, row["id"])[1] in whole:
                counted.append(value)
            assert all(number.is_integer() for number in counted if number is not None), f"{table}: {row['id']}"


def test_low_value_and_high_are_in_order():
    for table in TABLES:
        if {"low", "high"} <= set(facts.schemas()[table]):
            for row, value in measured(table):
                low = row["low"] if row["low"] is not None else value
                high = row["high"] if row["high"] is not None else value
                assert low <= value <= high, f"{table}: {row['id']}"


@pytest.mark.parametrize("table", ["facts", "training_runs", "ownership", "mfu"])
def test_the_low_end_of_a_pair_is_below_the_high(table):
    values = {row["id"]: value for row, value in measured(table)}
    for name, low in values.items():
        high = values.get(re.sub("(^|_)low($|_)", r"\1high\2", name), low)
        assert low <= high, name


def test_the_middle_of_a_stated_range_is_its_mean():
    middles = [row for row in facts.rows("capex") if row["kind"] == "guidance" and row["low"]]
    middles += [row for row in facts.rows("gpu_rental") if re.search("[Mm]idpoint of", row["note"])]
    middles += [row for row in facts.rows("elasticities") if row["note"].startswith("Middle of")]
    assert len(middles) >= 14
    for row in middles:
        value = row.get("usd", row.get("usd_per_gpu_hour", row.get("elasticity")))
        assert value == near((row["low"] + row["high"]) / 2, 2e-3), row["id"]


def test_the_middle_of_a_range_of_factors_is_its_geometric_mean():
    rows = facts.rows("price_fits")
    rows += [row for row in facts.rows("progress") if row["note"].startswith(("Geometric mean", "10^"))]
    assert len(rows) >= 12
    for row in rows:
        assert row["factor_per_year"] == near((row["low"] * row["high"]) ** 0.5, 3e-3), row["id"]


# What a note says about its number.

SCALE = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01, "": 1.0, "bn": 1e9}


def test_a_number_is_as_its_note_says_it_is_printed():
    found = list(noted(r"^Printed (?:as )?(?:around |over |up to )*([\d.]+)(K|B|T|%)(?! to)"))
    assert len(found) >= 15
    for _, row, value, match in found:
        printed = number(match[1]) * SCALE[match[2]]
        assert value == near(4096 if match[1] + match[2] == "4K" else printed, 1e-9), row["id"]


def test_a_sum_in_a_note_gives_the_number():
    found = list(noted(r"(?:^|: )([\d.]+(?:bn)?(?: \+ [\d.]+)+) ?bn(, and ([\d.]+) bn)?"))
    assert len(found) >= 14
    for _, row, value, match in found:
        parts = [*match[1].replace("bn", "").split(" + "), match[3] or "0"]
        assert value == near(sum(map(number, parts)) * 1e9, 1e-6), row["id"]


def test_a_quotient_in_a_note_gives_the_number():
    found = list(noted(r"^([\d.,]+) / ([\d.,]*\d)( - 1)?(?= tokens/s a GPU|\.$|;)"))
    assert len(found) >= 13
    for table, row, value, match in found:
        if table != "export_chips":  # a rate, not the memory that is the measure there
            result = number(match[1]) / number(match[2]) - (1 if match[3] else 0)
            assert value == near(result, 2e-3), row["id"]


def test_a_share_is_the_count_that_its_note_gives():
    found = list(noted(r"(\d+) of (\d+) (?:right|exercises)"))
    assert len(found) >= 25
    for _, row, value, match in found:
        assert row["tries"] == int(match[2]), row["id"]
        # aider cuts 139 of 225, 61.78 per cent, to 61.7
        assert value == near(int(match[1]) / int(match[2]), 0, 1e-3), row["id"]


def test_days_between_two_dates_of_a_note():
    def day(text):
        return datetime.strptime(text, "%d %B %Y").date()

    full = r"\d+ [A-Z][a-z]+ \d{4}"
    found = list(noted(rf"({full})(?: \(\w+\))? - ({full})"))
    assert len(found) >= 6
    for _, row, value, match in found:
        assert value == (day(match[1]) - day(match[2])).days, row["id"]
    assert fact("seed_oss_days") == (date(2025, 8, 20) - date(2025, 1, 31)).days
    assert fact("export_affiliates_days") == (date(2025, 11, 9) - date(2025, 9, 29)).days + 1
    assert fact("nvidia_three_laws_lead_days") == (date(2025, 1, 20) - date(2025, 1, 7)).days


def test_a_price_in_yuan_is_converted_at_the_rate_of_its_note():
    found = list(noted(r"RMB ([\d.]+)m.*?(?:/ |at )(7\.\d+)"))
    assert len(found) >= 5
    for table, row, value, match in found:
        if table == "server_prices":
            assert value == near(number(match[1]) * 1e6 / number(match[2])), row["id"]
    for _, row, value, match in noted(r"RMB ([\d.,]+)m = USD ([\d.]+)m"):
        assert value == near(number(match[1]) / number(match[2]), 1e-4), row["id"]
    monthly = list(noted(r"RMB (\d+,\d+)(?:-(\d+,\d+))? .*/ 8 / 730 h / (7\.\d+)"))
    assert len(monthly) == 3
    for _, row, value, match in monthly:
        rate = 8 * 730 * number(match[3])
        assert value == near((number(match[1]) + number(match[2] or match[1])) / 2 / rate), row["id"]
    assert cell("gpu_rental:h100_month_china_2025_03") == near(10_333 / 8 / 730)
    assert cell("gpu_rental:h100_month_china_peak") == near(180 / 75 * 10_333 / 8 / 730)


def test_a_blended_price_in_a_note_is_of_three_parts_input_and_one_output():
    found = list(noted(r"[Bb]lended(?: price)? ([\d.]*\d)"))
    assert len(found) >= 8
    for _, row, _, match in found:
        assert (3 * row["input_usd"] + row["output_usd"]) / 4 == near(number(match[1]), 2e-3), row["id"]


def test_a_rate_over_a_peak_is_the_share_of_it():
    found = [(row, re.match(r"([\d.]+) TFLOP/s / ([\d.]+)", row["basis"])) for row in facts.rows("mfu")]
    found = [(row, match) for row, match in found if match]
    assert len(found) >= 3
    for row, match in found:
        assert row["mfu"] == near(number(match[1]) / number(match[2]), 1e-3), row["id"]


# One quantity in two places, or a number that follows from others by arithmetic.

SAME = {
    "facts:v3_total_parameters": "training_runs:v3_total_parameters",
    "facts:v3_active_parameters": "training_runs:v3_active_parameters",
    "facts:v3_pretraining_tokens": "training_runs:v3_training_tokens",
    "facts:v3_published_cost_usd": "training_runs:v3_rented_usd",
    "facts:qwen25_pretraining_tokens": "training_runs:qwen25_72b_training_tokens",
    "facts:v3_matmul_parameters": "parameters:deepseek_v3_active_without_embedding",
    "facts:v3_tokens_per_day": "parameters:deepseek_v3_tokens_per_day",
    "facts:v3_published_mfu_causal": "mfu:v3_bf16_causal",
    "facts:v3_gpu_count": "holdings:v3_cluster_h800",
    "facts:r1_gpu_count": "holdings:r1_cluster_h800",
    "replications:r1_zero:gpus": "holdings:r1_cluster_h800",
    "facts:fireflyer_a100_count": "holdings:fireflyer_paper_a100",
    "facts:wang_h100_count": "holdings:wang_h100",
    "facts:amodei_hopper_count": "holdings:amodei_hopper",
    "facts:semianalysis_hopper_count": "holdings:semianalysis_hopper",
    "facts:semianalysis_h800_count": "holdings:semianalysis_h800",
    "facts:semianalysis_h100_count": "holdings:semianalysis_h100",
    "holdings:fireflyer_paper_a100": "holdings:semianalysis_a100",
    "facts:essay_a100_count": "facts:fireflyer_a100_count",
    "facts:essay_hopper_count": "facts:wang_h100_count",
    "facts:essay_meta_stargate_usd": "facts:stargate_announced_usd",
    "facts:v3_assumed_gpu_hour_usd": "gpu_rental:h800_assumed_v3",
    "gpu_rental:h800_assumed_v3": "gpu_rental:h800_assumed_day6",
    "gpu_rental:h100_3y_model_2026": "ownership:tco_hyperscaler",
    "facts:export_r1_samples": "facts:r1_sft_samples",
    "facts:export_claude_exchanges_deepseek": "facts:anthropic_deepseek_exchanges",
    "facts:export_claude_exchanges_all": "facts:anthropic_all_exchanges",
    "facts:epoch_openai_2024_final_runs_usd": "openai_compute:epoch_final_runs_memo",
    "openai_compute:info_training": "openai_compute:epoch_training",
    "facts:epoch_energy_share_low": "ownership:cost_share_energy_low",
    "facts:epoch_energy_share_high": "ownership:cost_share_energy_high",
    "facts:api_o1_input_usd": "api_prices:o1:input_usd",
    "facts:api_o1_output_usd": "api_prices:o1:output_usd",
    "facts:api_o1_mini_input_usd": "api_prices:o1_mini:input_usd",
    "facts:api_o1_mini_output_usd": "api_prices:o1_mini:output_usd",
    "facts:api_o3_mini_input_usd": "api_prices:o3_mini:input_usd",
    "facts:api_o3_mini_output_usd": "api_prices:o3_mini:output_usd",
    "facts:api_gpt4o_input_usd": "api_prices:gpt4o_0806:input_usd",
    "facts:api_gpt4o_output_usd": "api_prices:gpt4o_0806:output_usd",
    "facts:api_sonnet_input_usd": "api_prices:sonnet35_1022:input_usd",
    "facts:api_sonnet_output_usd": "api_prices:sonnet35_1022:output_usd",
    "facts:api_r1_input_usd": "api_prices:r1:input_usd",
    "facts:api_r1_cached_input_usd": "api_prices:r1:cached_usd",
    "facts:api_r1_output_usd": "api_prices:r1:output_usd",
    "facts:api_v3_input_usd": "api_prices:v3:input_usd",
    "facts:api_v3_cached_input_usd": "api_prices:v3:cached_usd",
    "facts:api_v3_output_usd": "api_prices:v3:output_usd",
    "facts:day_prefill_node_rate": "throughput:deepseek_day_prefill",
    "facts:day_decode_node_rate": "throughput:deepseek_day_decode",
    "facts:service_decode_gpus": "throughput:deepseek_day_decode:chips",
    "facts:service_prefill_gpus": "throughput:deepseek_day_prefill:chips",
    "facts:day_cache_length": "throughput:deepseek_day_decode:context_tokens",
    "facts:mtp_acceptance_low": "throughput:deepseek_day_decode:acceptance",
    "facts:mtp_acceptance_high": "facts:isca_mtp_acceptance_high",
    "facts:openthoughts_verified": "replications:openthinker_7b:answers",
    "facts:openthoughts_trace_tokens": "replications:openthinker_7b:tokens",
    "facts:open_r1_traces": "replications:open_r1_data:answers",
    "facts:open_r1_gpus": "replications:open_r1_data:gpus",
    "facts:r1_zero_gpu_hours": "replications:r1_zero:gpu_hours",
    "facts:h800_fp8_flops": "chips:h800:fp8_flops",
    "benchmarks:aider_o1_high": "benchmarks:own_o1_aider",
    "ownership:util_uptime": "utilisation:uptime_operational",
}


@pytest.mark.parametrize("one", SAME)
def test_one_quantity_stated_twice_is_one_number(one):
    assert cell(one) == near(cell(SAME[one]), 1e-9)


def test_models_are_as_their_configurations_say():
    config = facts.model_config("deepseek-v3")
    assert fact("v3_layers") == config["num_hidden_layers"]
    assert fact("v3_attention_heads") == config["num_attention_heads"]
    assert fact("v3_qk_head_dim") == config["qk_nope_head_dim"] + config["qk_rope_head_dim"]
    assert fact("v3_v_head_dim") == config["v_head_dim"]
    assert fact("v3_experts") == config["n_routed_experts"]
    # two bytes an element, a thousand bytes a kB
    latent = config["kv_lora_rank"] + config["qk_rope_head_dim"]
    assert fact("isca_v3_kv_kb") == near(config["num_hidden_layers"] * latent * 2 / 1000, 1e-9)
    for model, name in (("qwen2.5-72b", "isca_qwen72b_kv_kb"), ("llama-3.1-405b", "isca_llama405b_kv_kb")):
        config = facts.model_config(model)
        width = config["hidden_size"] / config["num_attention_heads"] * config["num_key_value_heads"]
        assert fact(name) == near(config["num_hidden_layers"] * width * 2 * 2 / 1000, 1e-9)


def test_parts_of_models_add_up():
    for (_,), rows in grouped(facts.rows("parameters"), "model").items():
        part = {row["quantity"]: row["value"] for row in rows}
        model = rows[0]["model"]
        if "total_parameters" not in part:
            continue
        assert part["active_without_embedding"] == part["active_parameters"] - part["embedding"], model
        assert part["active_without_embedding_and_head"] == part["active_without_embedding"] - part["head"], model
        assert part["head"] == part["embedding"], model  # both are vocabulary times width
        assert part["active_parameters"] <= part["total_parameters"]
        if part["routed_experts"] == 0:
            assert part["active_parameters"] == part["total_parameters"], model
        elements = [part.get(f"checkpoint_{kind}") for kind in ("f8_e4m3", "bf16", "f32")]
        if all(elements):
            main = part["total_parameters"] + part["mtp_parameters"]
            assert main <= sum(elements) <= main * 1.01, model
        if "checkpoint_bytes" in part and model not in ("deepseek-v3", "gpt-oss-20b", "gpt-oss-120b"):
            assert part["checkpoint_bytes"] == 2 * part["total_parameters"], model  # BF16
        if "file_bytes" in part and model != "deepseek-v3":
            assert part["file_bytes"] == near(2 * part["total_parameters"], 1e-3), model  # and headers


def test_two_models_of_one_shape_have_the_same_parts():
    of = {row["quantity"]: row["value"] for row in facts.rows("parameters", model="deepseek-v3")}
    for row in facts.rows("parameters", model="deepseek-r1"):
        assert row["value"] == of[row["quantity"]], row["id"]
    assert of["checkpoint_bytes"] == of["checkpoint_f8_e4m3"] + 2 * of["checkpoint_bf16"] + 4 * of["checkpoint_f32"]
    assert of["file_bytes"] == near(of["checkpoint_bytes"], 1e-4)


def test_disclosed_hours_tokens_and_dollars_agree():
    hours = fact("v3_pretraining_gpu_hours")
    seconds = 24 * 3600 * fact("v3_gpu_count")
    assert fact("v3_published_cost_usd") == 2_788_000 * fact("v3_assumed_gpu_hour_usd")
    assert cell("training_runs:v3_gpu_hours") == 2_788_000
    assert fact("r1_published_cost_usd") == 147_000 * fact("v3_assumed_gpu_hour_usd")
    # Two papers: the hours of the report, and the tokens a day that the later one measured.
    assert hours == near(24 * fact("v3_gpu_count") * fact("v3_pretraining_tokens") / fact("v3_tokens_per_day"), 2e-3)
    rate = fact("v3_tokens_per_day") * fact("v3_published_flop_per_token") / seconds
    assert fact("v3_published_flops_causal") == near(rate, 5e-3)
    assert fact("v3_published_flops_causal") == cell("parameters:deepseek_v3_tflops_causal") * 1e12
    assert fact("v3_published_flop_per_token") == cell("parameters:deepseek_v3_training_gflop_per_token") * 1e9
    causal, full = cell("parameters:deepseek_v3_tflops_causal"), cell("parameters:deepseek_v3_tflops_full")
    peak, half = fact("h800_bf16_flops") / 1e12, fact("h800_fp8_flops") / 1e12
    assert cell("mfu:v3_bf16_causal") == near(causal / peak, 2e-3)
    assert cell("mfu:v3_bf16_noncausal") == near(full / peak, 2e-3)
    assert cell("mfu:v3_fp8_causal") == near(causal / half, 2e-3)
    sixnd = 6 * fact("v3_active_parameters") * fact("v3_pretraining_tokens")
    assert cell("mfu:v3_6nd") == near(sixnd / (hours * 3600 * peak * 1e12))
    assert fact("r1_zero_gpu_hours") == near(fact("r1_gpu_count") * 198, 5e-3)
    assert fact("r1_gpu_hours") == near(fact("r1_gpu_count") * 80, 5e-3)


def test_training_compute_is_six_operations_a_parameter_and_token():
    runs = {row["id"]: row["value"] for row in facts.rows("training_runs")}
    for model in ("llama31_405b", "llama2_70b", "qwen25_72b"):
        size, tokens = runs[f"{model}_total_parameters"], runs[f"{model}_training_tokens"]
        assert runs[f"{model}_training_flop"] == near(6 * size * tokens, 0.04), model
    assert runs["v3_training_flop"] == near(fact("v3_published_flop_per_token") * fact("v3_pretraining_tokens"))
    assert runs["grok3_gpu_hours"] == 100_000 * 2400
    assert runs["gpt4_gpu_hours"] == cell("fleets:openai_gpt4_run") * 2280
    # of the H100, 4e14 operations a second in large runs
    assert 0.3 < runs["llama31_405b_training_flop"] / (runs["llama31_405b_gpu_hours"] * 3600 * 989.4e12) < 0.45
    assert 0.3 < runs["llama2_70b_training_flop"] / (runs["llama2_70b_gpu_hours"] * 3600 * 312e12) < 0.45
    for row, value in measured("parameters"):  # at 4,096 tokens attention adds little
        if row["quantity"] == "training_gflop_per_token" and row["model"] in ("deepseek-v3", "deepseek-v2"):
            active = cell(f"parameters:{row['model'].replace('-', '_')}_active_without_embedding")
            assert 1.0 < value * 1e9 / (6 * active) < 1.3, row["id"]
        if row["id"].startswith("llama_3_1_405b_training"):
            assert value * 1e9 == near(6 * cell("parameters:llama_3_1_405b_active_without_embedding"), 0.03)


def test_a_run_costs_less_amortised_than_rented_and_less_than_its_cluster():
    runs = {row["id"]: row["value"] for row in facts.rows("training_runs")}
    models = [name.removesuffix("_amortised_usd") for name in runs if name.endswith("_amortised_usd")]
    for model in models:
        rented = runs.get(f"{model}_rented_usd", float("inf"))
        assert runs[f"{model}_amortised_usd"] < rented < runs.get(f"{model}_cluster_usd", float("inf")) or (
            rented == float("inf")
        ), model
        if f"{model}_gpu_hours" in runs and model != "gemini_ultra":  # its hours are those of TPU v4
            assert 1 < runs[f"{model}_rented_usd"] / runs[f"{model}_gpu_hours"] < 6, model
    low, high = runs["claude35_sonnet_stated_low_usd"], runs["claude35_sonnet_stated_high_usd"]
    assert low <= runs["claude35_sonnet_amortised_usd"] <= high


def test_the_other_multipliers_follow_from_their_parts():
    for who in ("minimax", "zai"):
        assert fact(f"multiplier_{who}") == near(1 / fact(f"multiplier_{who}_final_run_share"))
    bloom = fact("multiplier_bloom_project_gpu_hours") / fact("multiplier_bloom_final_gpu_hours")
    assert fact("multiplier_bloom_by_gpu_hours") == near(bloom)
    # thermal design power, 0.4 kW, times hours
    assert fact("multiplier_bloom_final_kwh") == near(0.4 * fact("multiplier_bloom_final_gpu_hours"), 1e-5)
    r1 = (fact("r1_zero_gpu_hours") + fact("r1_sft_data_gpu_hours") + fact("r1_gpu_hours")) / fact("r1_gpu_hours")
    assert fact("multiplier_r1_disclosed") == near(r1)
    assert fact("v3_ablation_small_tokens") == near((2 * 1.33 * 3 + 0.3) * 1e12)
    assert fact("v3_ablation_large_tokens") == near((2 * 540 + 2 * 578 + 2 * 900) * 1e9)
    small = fact("v3_ablation_small_active_parameters") * fact("v3_ablation_small_tokens")
    large = fact("v3_ablation_large_active_parameters") * fact("v3_ablation_large_tokens")
    run = fact("v3_active_parameters") * fact("v3_pretraining_tokens")
    assert fact("multiplier_v3_disclosed_ablations") == near(1 + (small + large) / run)
    low, mid, high = (fact(f"multiplier_epoch_prior_{end}") for end in ("low", "median", "high"))
    assert mid == near((low * high) ** 0.5, 0.01)  # log-normal


def test_rates_of_progress_follow_from_their_ends():
    hours = [fact(f"{model}_gpu_hours_per_trillion") for model in ("deepseek_67b", "v2", "v3")]
    rate = {row["id"]: row["factor_per_year"] for row in facts.rows("progress")}
    assert rate["deepseek_67b_to_v2"] == near((hours[0] / hours[1]) ** (1 / 0.31), 5e-3)
    assert rate["deepseek_67b_to_v3"] == near((hours[0] / hours[2]) ** (1 / 0.95), 5e-3)
    assert rate["deepseek_v2_to_v3"] == near((hours[1] / hours[2]) ** (1 / 0.64), 5e-3)
    first, essay, latest = (fact(f"nanogpt_{when}_minutes") for when in ("first", "essay", "latest"))
    assert rate["nanogpt_records"] == near((first / latest) ** (1 / 2.136), 5e-3)
    assert rate["nanogpt_since_essay"] == near((essay / latest) ** (1 / 1.47), 5e-3)
    assert rate["nanogpt_tokens"] == near((fact("nanogpt_first_tokens") / fact("nanogpt_latest_tokens")) ** (1 / 2.136))
    assert rate["algorithms_image_2020"] == near(2 ** (12 / 16))
    assert rate["algorithms_origin_2025"] == near(22_000 ** (1 / 11))
    assert rate["algorithms_ho_2024"] == near(2 ** (12 / 8))
    halving = facts.row("progress", "algorithms_ho_2024")  # in 14 to 5 months
    assert (halving["low"], halving["high"]) == (near(2 ** (12 / 14)), near(2 ** (12 / 5)))


def test_the_day_of_the_service_adds_up():
    nodes = fact("deepseek_service_average_nodes")
    gpus = fact("deepseek_service_gpus_per_node")
    assert fact("day_published_cost_usd") == near(nodes * gpus * 24 * fact("v3_assumed_gpu_hour_usd"), 1e-6)
    fresh = fact("day_input_tokens") - fact("day_cached_input_tokens")
    revenue = fresh * fact("api_r1_input_usd") + fact("day_cached_input_tokens") * fact("api_r1_cached_input_usd")
    revenue += fact("day_output_tokens") * fact("api_r1_output_usd")
    assert fact("day_published_revenue_usd") == near(revenue / 1e6, 1e-3)
    share = fact("day_published_cost_usd") / fact("day_published_revenue_usd")
    assert fact("day_published_profit_over_cost") == near(1 / share - 1, 1e-3)
    assert cell("reported_margins:deepseek_2025") == near(1 - share)
    # The nodes at work on input and those on output are all of them.
    busy = fact("day_input_tokens") / fact("day_prefill_node_rate")
    busy += fact("day_output_tokens") / fact("day_decode_node_rate")
    assert busy / 86_400 == near(nodes, 1e-3)
    used = nodes / fact("deepseek_service_peak_nodes")
    assert cell("ownership:util_deepseek_nodes") == near(used)
    assert cell("utilisation:deepseek_nodes") == near(used)
    assert cell("holdings:service_peak_h800") == fact("deepseek_service_peak_nodes") * gpus
    assert cell("holdings:service_average_h800") == nodes * gpus
    cached = fact("day_cached_input_tokens") / fact("day_input_tokens")
    assert cell("throughput:deepseek_day_prefill:cached_share") == near(cached)
    speed = (fact("day_user_speed_low") + fact("day_user_speed_high")) / 2
    for name in ("deepseek_day_decode", "rtp_h800_decode"):
        sequences = cell(f"throughput:{name}") / gpus / speed
        assert cell(f"throughput:{name}:sequences_per_gpu") == near(sequences, 0.05), name
    assert fact("service_decode_gpus") == 18 * gpus and fact("service_prefill_gpus") == 4 * gpus


def test_r1s_samples_and_steps_add_up():
    domains = ("math", "code", "stem", "logic", "general")
    samples = [fact(f"r1_sft_{domain}_samples") for domain in domains]
    tokens = [fact(f"r1_sft_{domain}_tokens") for domain in domains]
    assert sum(samples) == fact("r1_sft_samples") == near(fact("distill_published_samples"), 0.01)
    mean = sum(count * length for count, length in zip(samples, tokens, strict=True)) / sum(samples)
    assert fact("export_r1_sample_tokens") == near(mean, 0.02)
    batch = fact("r1_zero_questions_per_step") * fact("r1_zero_group")
    assert fact("r1_zero_outputs_per_rollout") == 16 * batch
    assert cell("replications:r1_zero:answers") == fact("r1_zero_steps") * batch
    assert cell("replications:r1_zero:usd") == fact("r1_zero_gpu_hours") * fact("v3_assumed_gpu_hour_usd")
    assert fact("r1_zero_length_cap_late") == 2 * fact("r1_zero_length_cap") == 2**16
    assert fact("r1_zero_cap_step") < fact("r1_zero_figure_steps") < fact("r1_zero_steps")
    assert fact("r1_preference_steps") < fact("r1_second_rl_steps") < fact("r1_zero_steps")
    assert fact("r1_rl_general_questions") == fact("r1_helpful_pairs") + 12_000
    assert fact("openthoughts_verified") < fact("openthoughts_raw")
    assert fact("open_r1_kept") < fact("open_r1_problems") == fact("open_r1_traces") / 2  # two answers each
    days = fact("open_r1_traces") / fact("open_r1_traces_per_day")
    assert cell("replications:open_r1_data:gpu_hours") == near(days * 24 * fact("open_r1_gpus"))


def test_a_run_of_a_few_days_takes_its_gpus_times_its_hours():
    hours = {"sky_t1": 19, "stratos_32b": 27, "s1_32b": 26 / 60, "openthinker_7b": 20, "openthinker_32b": 90}
    for name, wall in hours.items():
        row = facts.row("replications", name)
        assert row["gpu_hours"] == near(row["gpus"] * wall, 2e-3), name
    assert cell("replications:deepscaler:answers") == 1040 * 128 * 8 + (1750 - 1040) * 128 * 16
    for row in facts.rows("replications"):
        if row["usd"] and row["gpu_hours"]:
            assert 1 <= row["usd"] / row["gpu_hours"] <= 3, row["id"]  # the rent of an hour


def test_small_measurements_follow_from_their_parts():
    assert fact("rtx_4090_7b_measured") == near(5.96 * 600)
    assert fact("rtx_4090_8b_measured") == near(3.96 * 600)
    assert fact("rtx_4090_1_5b_measured") == near(13.85 * 600)
    assert fact("m3_ultra_prefill_speed") == near(fact("m3_ultra_long_prompt") / 221, 3e-3)
    assert fact("sglang_mtp_small_gain") == near(82.0 / 51.0 - 1)
    assert fact("v2_kv_reduction") == near(1 - 25.9 / 389.1, 1e-3)
    assert fact("essay_kv_compression") == near(fact("v2_kv_reduction"), 0.01)
    assert fact("essay_memory_saving") == 1 - fact("essay_bits_after") / fact("essay_bits_before")
    assert fact("fireflyer_relative_performance") == near(fact("fireflyer_fp16_tflops") / fact("dgx_fp16_tflops"), 0.01)
    assert fact("fireflyer_relative_node_price") == near(11_250 / 19_000, 0.02)
    assert fact("fireflyer_total_price") == 11_250 + 350 and fact("dgx_total_price") == 19_000 + 4_000
    assert cell("throughput:sglang_h100_decode_plain") == near(cell("throughput:sglang_h100_decode_overlap") / 1.255)
    assert fact("o1_rerank1000_aime") == near(13.9 / 15, 0.01)
    assert fact("o1_mini_contest_tokens") == near(cell("benchmarks:epoch_o1_mock_aime:tokens_out") * 1587.3 / 3111.1)
    assert fact("arena_r1_elo") - fact("arena_o1_elo") == near(9)
    assert fact("price_v4_pro_output_2026_08") == near(cell("api_prices:v4_pro_peak:output_usd") / 2)
    assert fact("stargate_abilene_buildings_planned") == fact("stargate_abilene_buildings_complete_2026_03") + 6


def test_an_owners_parts_follow_from_each_other():
    server = cell("server_prices:h800_server_lotus_2023_09")
    network = 8 * cell("ownership:network_endpoint_2layer")
    assert cell("ownership:network_share_derived_2layer") == near(network / (network + server), 5e-3)
    assert 2048 * cell("ownership:network_endpoint_2layer") == near(9e6, 5e-3)
    assert cell("ownership:network_endpoint_3layer") > cell("ownership:network_endpoint_2layer")
    assert cell("ownership:opex_semianalysis_deepseek") == near(944 / 1600 / 4)
    assert cell("ownership:opex_coreweave_cost_of_revenue") == near(575.1e6 * 2 / 14.47e9, 2e-3)
    assert cell("ownership:colo_us_2024h2") > cell("ownership:colo_us_2024h1")
    assert cell("ownership:colo_us_2025h2") > cell("ownership:colo_us_2024h2")
    square = 2690.7e6 / 3 / 453_094 / cell("ownership:fx_2024_12")
    assert cell("ownership:colo_china_gds_2024q4") == near(square)
    lines = [cell(f"ownership:coc_coreweave_{line}") for line in ("revolver", "oem", "ddtl2", "ddtl1")]
    assert lines == sorted(lines)
    assert lines[0] < cell("ownership:coc_coreweave_weighted_2025") < lines[-1]
    assert cell("ownership:coc_china_business_loans") > cell("ownership:coc_china_lpr")
    assert cell("ownership:tco_neocloud") > cell("ownership:tco_hyperscaler")
    assert cell("ownership:breakeven_market_return") > cell("ownership:breakeven_capital")


def test_an_eight_gpu_price_is_shared_by_eight():
    assert cell("gpu_rental:h100_aws_2025_03") == near(98.32 / 8)
    assert cell("gpu_rental:a100_china_2024_09") == 6 / 8
    assert cell("gpu_rental:a100_us_2024_09") == 10 / 8


# Chips.


def test_halving_the_bits_doubles_the_rate():
    # Volta and some chips of AMD and Intel have no faster 8-bit products; these do a little less than double or more.
    other = {("gaudi2", 8): 1.92, ("b300", 4): 3.11, ("rtx_5090_chips", 4): 4.0}
    for row in facts.rows("export_chips"):
        for bits, wide, narrow in ((8, row["tops_16"], row["tops_8"]), (4, row["tops_8"], row["tops_4"])):
            if wide and narrow:
                ratio = 1 if row["id"] in ("mi210", "mi250x", "gaudi3") else other.get((row["id"], bits), 2)
                assert narrow / wide == near(ratio, 5e-3), row["id"]
    for row in facts.rows("chips"):
        for bits, wide, narrow in ((8, row["bf16_flops"], row["fp8_flops"]), (4, row["fp8_flops"], row["fp4_flops"])):
            if wide and narrow:
                assert narrow / wide == near(other.get((f"{row['id']}_chips", bits), 2), 5e-3), row["id"]


SERVED = {
    "a100": "a100_sxm_80",
    "h100": "h100_sxm",
    "h800": "h800_sxm",
    "h200": "h200_sxm",
    "h20": "h20",
    "b200": "b200",
    "gb200": "gb200",
    "rtx_4090": "rtx_4090",
    "rtx_5090": "rtx_5090",
    "l40s": "l40s",
    "mi300x": "mi300x",
}


@pytest.mark.parametrize("name", SERVED)
def test_a_chip_has_one_set_of_numbers(name):
    """The chips that serve and those that the rules count are two tables from two sources."""
    served, ruled = facts.row("chips", name), facts.row("export_chips", SERVED[name])
    half = 2 if name.startswith("rtx") else 1  # inference accumulates in FP32 at half the rate
    for ours, theirs, scale in (
        ("bf16_flops", "tops_16", 1e12 / half),
        ("fp8_flops", "tops_8", 1e12 / half),
        ("fp4_flops", "tops_4", 1e12),
        ("mem_bw_bytes_s", "memory_gbs", 1e9),
        ("link_bytes_s_each_way", "links_gbs", 0.5e9),
    ):
        if served[ours] and ruled[theirs]:
            assert served[ours] == near(ruled[theirs] * scale, 1e-3), ours
    size = re.search(r"(\d+)GB", ruled["form"])
    if size:  # gigabytes as marketed are binary
        assert served["mem_bytes"] == int(size[1]) * 2**30


def test_chips_of_one_die_share_what_the_die_gives():
    cut = {"A800": "A100", "H800": "H100", "H200": "H100", "H20": "H100"}
    rows = [row | {"die": cut.get(row["chip"], row["chip"])} for row in facts.rows("export_chips")]
    for key, group in grouped(rows, "die").items():
        assert len({row["die_area_mm2"] for row in group}) == 1, key
    for key, group in grouped(rows, "chip").items():
        assert len({row["pcie_generation"] for row in group}) == 1, key
        assert len({row["datacentre"] for row in group}) == 1, key
    for key, group in grouped(rows, "die").items():
        if key[0] == "A100":
            assert len({row["tops_16"] for row in group}) == 1
    for name in ("pcie_40", "pcie_80"):
        assert cell(f"export_chips:a800_{name}") == cell(f"export_chips:a100_{name}")
    assert cell("export_chips:a800_sxm") == cell("export_chips:a100_sxm_80")
    for one, other in (("h800_pcie", "h100_pcie"), ("h800_sxm", "h100_sxm"), ("h200_sxm", "h800_sxm")):
        assert cell(f"export_chips:{one}:tops_16") == near(cell(f"export_chips:{other}:tops_16"))
    for one, other in (("h800_pcie", "h100_pcie"), ("h800_sxm", "h100_sxm"), ("h200_nvl", "h200_sxm")):
        assert cell(f"export_chips:{one}") == cell(f"export_chips:{other}")
    for row in rows:  # what was cut for China
        if row["chip"] in ("A800", "H800"):
            assert row["links_gbs"] == 400, row["id"]
    # multiprocessors at the same clock
    assert cell("export_chips:rtx_4090_d:tops_16") == near(cell("export_chips:rtx_4090:tops_16") * 114 / 128)


def test_caps_are_whole_steps_of_the_first_quarter():
    caps = {row["id"]: row["tpp"] for row in facts.rows("export_caps")}
    company = [value for name, value in caps.items() if name.startswith("company")]
    steps = [value / company[0] for value in company]
    assert steps == [1, 1.5, 2, 2.5, 3, 4.25, 5.5, 6.75, 8]
    assert caps["country_assured"] == 2 * caps["country"]
    assert company[0] < caps["country"] < company[1]


def test_a_line_of_a_rule_is_one_number_wherever_it_is_drawn():
    """Where one paragraph ends another begins, and an exception ends where the control begins."""
    line = {row["id"].removeprefix("oct2023_"): row["value"] for row in facts.rows("export_rules")}
    assert line["a1_tpp"] == line["b1_tpp_high"] == line["note2_tpp"] == line["nac_a_tpp"] == line["nac_b_tpp"]
    assert line["a1_tpp"] == line["oct2022_tpp"] == 2 * line["b1_tpp_low"] == 3 * line["a2_tpp"]
    assert line["a2_tpp"] == line["b2_tpp"]
    assert line["a2_pd"] == line["b1_pd_high"] == line["b2_pd_high"] == line["nac_b_pd"]
    assert line["b2_pd_low"] == 2 * line["b1_pd_low"]
    assert cell("export_chips:a100_sxm_80:links_gbs") == line["oct2022_io"]  # the line of 2022 was drawn at the A100
    assert line["jan2026_tpp"] > line["a1_tpp"]


# Throughput.


def test_settings_of_a_measurement_are_those_that_its_words_and_name_say():
    bits = ("weight_bits", "expert_bits", "kv_bits", "attention_bits", "dispatch_bits")
    for precision, group in grouped(facts.rows("throughput"), "precision").items():
        assert len({tuple(row[column] for column in bits) for row in group}) == 1, precision
    rows = [row for row in facts.rows("throughput") if row["id"].startswith("trt10")]
    assert len(rows) > 70
    for row in rows:
        asked, written = re.search(r"_(\d+)_(\d+)$", row["id"]).groups()
        assert (row["input_tokens"], row["output_tokens"]) == (int(asked), int(written)), row["id"]
        assert row["chips"] == row["tensor_parallel"], row["id"]
    for key, group in grouped(rows, "input_tokens", "output_tokens").items():
        assert len({row["requests"] for row in group}) == 1, key
    for key, group in grouped(rows, "model", "chip").items():
        assert len({row["chips"] for row in group}) == 1, key
    for row in facts.rows("throughput"):
        assert row["tensor_parallel"] <= row["chips"], row["id"]
        assert row["chips_per_domain"] == (72 if row["chip"] == "gb200" and row["expert_parallel"] else 8), row["id"]


def test_a_newer_chip_serves_more():
    order = ("h100", "h200", "b200", "gb200")
    rows = [row for row in facts.rows("throughput") if row["id"].startswith("trt10")]
    for key, group in grouped(rows, "model", "input_tokens", "output_tokens").items():
        speed = {row["chip"]: row["value"] / row["chips"] for row in group}
        ordered = [speed[chip] for chip in order if chip in speed]
        assert ordered == sorted(ordered), key


def test_longer_input_slows_prefill_and_overlap_helps():
    speed = {row["id"]: row["value"] for row in facts.rows("throughput")}
    inputs = [speed[f"sglang_h100_prefill_{size}"] for size in ("1k", "2k", "4k")]
    assert inputs == sorted(inputs, reverse=True)
    assert speed["sglang_h100_prefill_4k_balanced"] > speed["sglang_h100_prefill_4k"]
    assert speed["sglang_h100_decode_mtp_overlap"] > speed["sglang_h100_decode_mtp_plain"]
    for stage in ("decode", "prefill"):
        assert speed[f"sglang_gb200_{stage}_fp4"] > speed[f"sglang_gb200_{stage}_fp8"]
    assert speed["sglang_gb200_decode_fp8"] > speed["sglang_gb200_decode_fp8_june"]


# Prices, shares and scores.


def test_a_cached_token_is_cheaper_than_a_fresh_one_and_that_than_a_written_one():
    for row in facts.rows("api_prices"):
        assert row["input_usd"] <= row["output_usd"] <= 10 * row["input_usd"], row["id"]
        if row["cached_usd"]:
            assert row["cached_usd"] < row["input_usd"], row["id"]


def test_makers_list_prices_are_simple_multiples():
    """Output over input and input over cached input; a new multiple is added here when a maker sets one."""
    written = {2, 3, 4, 5, 6, 8}
    kept = {2, 4, 10, 20}
    odd = {"gemini25_flash": 2.5 / 0.3}
    for maker in ("OpenAI", "Anthropic", "Google"):
        for row in facts.rows("api_prices", provider=maker):
            ratio = row["output_usd"] / row["input_usd"]
            assert any(ratio == near(one) for one in written | {odd.get(row["id"], 2)}), row["id"]
            if row["cached_usd"]:
                cached = row["input_usd"] / row["cached_usd"]
                assert any(cached == near(one, 0.01) for one in kept), row["id"]


def test_an_answer_is_right_or_wrong():
    """A score over a few hundred answers is a whole number of them, as far as its digits show."""
    for row in facts.rows("benchmarks"):
        if row["tries"] and row["tries"] <= 1000 and row["metric"] != "pass@1":  # which may average over more
            right = row["score"] * row["tries"]
            assert right == near(round(right), 0, 1e-3 * row["tries"]), row["id"]
        if row["benchmark"].startswith("AIME 20") and row["metric"].startswith(("majority", "single")):
            right = 30 * row["score"]  # questions
            assert right == near(round(right), 0, 0.03), row["id"]


# Two documents on one model: what thirty questions, or the way of asking, make them differ.
SPREAD = {"AIME 2024": 0.08, "AIME 2025": 0.08, "MATH-500": 0.06, "LiveCodeBench": 0.03, "Aider Polyglot": 0.04}


def test_two_documents_on_one_model_and_test_agree():
    rows = [row for row in facts.rows("benchmarks") if row["benchmark"] in SPREAD and row["model"] != "s1-32B"]
    pairs = 0
    for key, group in grouped([row for row in rows if "majority" not in row["metric"]], "model", "benchmark").items():
        scores = [row["score"] for row in group]
        pairs += len(scores) > 1
        assert max(scores) - min(scores) <= SPREAD[key[1]], key
    assert pairs > 20


def test_a_vote_is_no_worse_than_an_answer_and_more_thinking_no_worse_than_less():
    rows = facts.rows("benchmarks", benchmark="AIME 2024")
    for row in rows:
        if row["metric"].startswith("majority"):
            single = facts.row("benchmarks", row["id"].removesuffix("_votes64"))
            assert row["score"] > single["score"], row["id"]
    for key, group in grouped(facts.rows("benchmarks", model="s1-32B"), "benchmark").items():
        series = [(row["tokens_out"], row["score"]) for row in sorted(group, key=lambda row: row["tokens_out"])]
        assert [score for _, score in series] == sorted(score for _, score in series), key
        assert [row["tokens_out"] for row in group] == [tokens for tokens, _ in series], key  # as numbered
    for model in ("r1", "qwen32b", "qwen7b", "qwen1_5b"):
        scores = [cell(f"benchmarks:geogram_{model}_{level}") for level in ("easy", "middle", "hard")]
        assert scores == sorted(scores, reverse=True), model


def test_one_prompt_takes_one_length():
    """The same questions in the tokenizers of several makers differ by a fifth at most."""
    for key, group in grouped([row for row in facts.rows("benchmarks") if row["tokens_in"]], "benchmark").items():
        lengths = [row["tokens_in"] for row in group]
        assert max(lengths) <= 1.2 * min(lengths), key
        makers = [row["tokens_in"] for row in group if row["model"].startswith("DeepSeek")]
        assert len(set(makers)) == 1, key


@pytest.mark.parametrize(("table", "keys"), [("market_shares", ("market", "period"))])
def test_shares_of_one_market_are_at_most_all_of_it(table, keys):
    rows = [row for row in facts.rows(table) if not row["id"].startswith("menlo_2025_open")]
    for key, group in grouped(rows, *keys).items():
        assert sum(row["share"] for row in group) <= 1, key
    shares = ("epoch_staff_share", "epoch_hardware_share", "epoch_energy_share")
    assert sum(fact(f"{share}_low") for share in shares) < 1 < sum(fact(f"{share}_high") for share in shares)
    assert fact("paged_kv_share") + fact("paged_weights_share") <= 1


# Companies.


def test_parts_and_totals_of_openai_agree():
    of = {row["id"]: row["usd"] for row in facts.rows("openai_compute")}
    assert of["audited_operating_loss"] == near(of["audited_total_costs"] - of["audited_revenue"], 1e-6)
    assert fact("epoch_openai_2024_rd_compute_usd") == of["epoch_training"] + of["epoch_research_amortised"]
    assert fact("essay_openai_2024_usd") == of["info_training"] + of["info_inference"]
    assert of["azure_inference"] == near(of["info_inference"], 0.06)
    assert of["epoch_final_runs_memo"] < of["epoch_training"]
    assert of["audited_net_loss"] < of["audited_operating_loss"]
    assert fact("multiplier_openai_final_run_share") == near(0.48e9 / fact("epoch_openai_2024_rd_compute_usd"))
    cost, revenue = cell("demand:openai_cost_2025"), cell("demand:openai_revenue_2025")
    assert cell("reported_margins:openai_2025") == near(1 - cost / revenue)
    growing = [
        of["audited_revenue"],
        revenue,
        4 * cell("demand:openai_revenue_2026q1"),
        fact("openai_run_rate_2026_08"),
    ]
    assert growing == sorted(growing)
    growing = [cell(f"demand:anthropic_{what}") for what in ("revenue_2024", "revenue_2025", "run_rate_2026_05")]
    assert growing == sorted(growing) and growing[-1] < fact("anthropic_run_rate_2026_07")


def test_a_filed_margin_is_a_share():
    """A loss on every sale can be reported of a start-up; those that file earn more than they spend to serve."""
    for row in facts.rows("reported_margins"):
        if row["kind"] == "filed" or row["layer"] == "software":
            assert 0.5 < row["margin"] < 1, row["id"]
    survey = [cell(f"reported_margins:iconiq_{year}") for year in (2024, 2025, 2026)]
    assert survey == sorted(survey)
    assert cell("reported_margins:bessemer_fast") < cell("reported_margins:bessemer_steady")
    assert cell("reported_margins:nvidia_fy2026") < cell("reported_margins:nvidia_fy2026_q4")
    assert cell("reported_margins:anthropic_2024") < 0 < cell("reported_margins:anthropic_2025")  # as both articles say


def test_volumes_of_one_service_grow():
    for key, group in grouped(facts.rows("demand", series="volume"), "entity", "quantity").items():
        ordered = sorted(group, key=lambda row: row["period"])
        assert [row["value"] for row in ordered] == sorted(row["value"] for row in group), key


@pytest.mark.parametrize("year", ["24", "25", "26"])
def test_nvidias_quarters_add_up_to_its_years(year):
    quarters = [
        row["usd"] for row in facts.rows("nvidia_revenue", segment="Data centre") if f"FY{year}" in row["quarter"]
    ]
    assert len(quarters) == 4
    assert sum(quarters) == near(cell(f"demand:nvidia_dc_fy20{year}"), 1e-6)


def test_nvidias_accounts_agree():
    rows = facts.rows("nvidia_revenue", segment="Data centre")
    assert [row["usd"] for row in rows] == sorted(row["usd"] for row in rows)  # it grew in every quarter here
    for total in facts.rows("nvidia_revenue", segment="Total"):
        part = [row for row in rows if row["quarter"] == total["quarter"]] or rows[-1:]
        assert part[0]["usd"] < total["usd"] < 1.3 * part[0]["usd"], total["id"]
    quarter = facts.row("nvidia_revenue", "nvidia_total_fy25q3")["usd"]
    gross = fact("nvda_gross_margin_q3fy25") * quarter
    assert fact("nvda_net_income_q3fy25_usd") < fact("nvda_operating_income_q3fy25_usd") < gross
    assert 0.6 < fact("nvda_operating_income_q3fy25_usd") / quarter < 0.65
    assert 0.53 < fact("nvda_net_income_q3fy25_usd") / quarter < 0.57
    assert (
        cell("demand:nvidia_dc_fy2026") < cell("demand:nvidia_revenue_fy2026") < 1.2 * cell("demand:nvidia_dc_fy2026")
    )
    shares = cell("event_shares:nvda")
    assert fact("nvda_net_income_fy25_usd") / fact("nvda_eps_diluted_fy25_usd") == near(shares, 0.02)  # diluted
    assert fact("nvda_gross_margin_q3fy25") == near(cell("reported_margins:nvidia_fy2025"), 0.01)
    assert 0.2 < cell("export_estimates:singapore_billed_q3fy2025") < 0.28


def test_nvidias_loss_is_the_fall_times_the_shares():
    row, shares = facts.row("event_names", "nvda"), cell("event_shares:nvda")
    loss = shares * (row["close_before"] - row["close_event"])
    for who in ("nasdaq", "reuters", "epochtimes", "cnbc", "nearly"):
        assert fact(f"nvda_loss_{who}_usd") == near(loss, 0.015), who
    assert fact("essay_nvda_loss_usd") == near(loss, 0.015)
    assert fact("nvda_gain_nasdaq_usd") == near(shares * (row["close_after"] - row["close_event"]), 0.01)
    assert fact("nvda_early_close_usd") == near(row["close_event"], 5e-3)
    assert fact("nvda_close_2025_01_23") == near(row["close_before"], 0.04)
    # its weight after the fall, by the note
    moved = fact("nvda_spy_weight") * (1 + row["event_day"]) / (1 + facts.row("event_names", "spy")["event_day"])
    assert moved == near(0.0594, 0.02)


def test_capital_spending_adds_up_over_quarters_halves_and_kinds():
    def filed(company, *ends):
        rows = facts.rows("capex_quarters", company=company)
        return sum(row["usd"] for row in rows if row["quarter_end"][:7] in ends)

    def months(year, *names):
        return [f"{year}-{name}" for name in names]

    for company, ticker in (("Alphabet", "goog"), ("Meta", "meta"), ("Microsoft", "msft"), ("Amazon", "amzn")):
        for year in ("2024", "2025"):
            name = f"capex:{ticker}_cash_{'cy' if ticker == 'msft' else ''}{year}"
            assert filed(company, *months(year, "03", "06", "09", "12")) == near(cell(name), 1e-4), name
        if ticker != "amzn":
            assert filed(company, *months("2026", "03", "06")) == near(cell(f"capex:{ticker}_cash_2026h1"), 1e-4)
    assert filed("Amazon", "2026-03") == cell("capex:amzn_cash_2026q1")
    for year in (2025, 2026):
        fiscal = months(year - 1, "09", "12") + months(year, "03", "06")
        assert filed("Microsoft", *fiscal) == near(cell(f"capex:msft_cash_fy{year}"), 1e-4)
    for cash in facts.rows("capex", measure="cash_ppe"):
        for lease in facts.rows("capex", measure="incl_finance_leases", company=cash["company"], period=cash["period"]):
            assert cash["usd"] < lease["usd"] < 1.5 * cash["usd"], lease["id"]
    for year, principal in (("2023", 1.058e9), ("2024", 1.969e9), ("2025", 2.524e9)):
        assert cell(f"capex:meta_lease_{year}") == near(cell(f"capex:meta_cash_{year}") + principal, 2e-4)
    spent = {row["company"]: row["usd"] for row in facts.rows("capex", period="CY2025", measure="cash_ppe")}
    last = {row["company"]: row["usd"] for row in facts.rows("capex", period="CY2025", kind="guidance")}
    for company, plan in last.items():  # the last guidance of a year, given in its tenth month
        if company in spent:
            assert plan == near(spent[company], 0.06), company


def test_guidance_is_raised_in_the_order_it_was_stated():
    for key, group in grouped(facts.rows("capex", kind="guidance"), "company", "period").items():
        stated = [row["stated"] for row in group]
        assert stated == sorted(stated), key
        assert [row["usd"] for row in group] == sorted(row["usd"] for row in group), key


@pytest.mark.parametrize("table", ["capex_quarters", "nvidia_revenue"])
def test_quarters_follow_each_other(table):
    key = "company" if table == "capex_quarters" else "segment"
    for name, group in grouped(facts.rows(table), key).items():
        ends = [date.fromisoformat(row["quarter_end"]) for row in group]
        assert ends == sorted(set(ends)), name
        for row in group:
            assert row["quarter_end"] == row["as_of"], row["id"]
        steps = pairwise(group)
        if name != ("Total",):
            assert all(80 < (after - before).days < 100 for before, after in pairwise(ends)), name
            assert all(0.5 < after["usd"] / before["usd"] < 2.5 for before, after in steps), name


def test_smaller_fleets_are_inside_of_larger():
    of = {row["id"]: row["count"] for row in facts.rows("fleets")}
    assert of["meta_llama3_405b_run"] < of["meta_24k_cluster"] < of["meta_h100_end2024"] < of["meta_h100e_end2024"]
    assert of["xai_colossus_200k"] == 2 * of["xai_colossus_100k"]
    assert of["meta_hopper_2024"] < of["meta_h100_end2024"]
    assert of["meta_24k_cluster"] == 24 * 1024 and of["meta_llama3_405b_run"] == 16 * 1024
    assert cell("export_estimates:smuggled_epoch_2025") < cell("export_estimates:smuggled_epoch_total")
    assert cell("export_estimates:singapore_billed_q3fy2024") == near(2.7 / 18.12, 0.01)


# The event.

#: Days on which New York did not trade, from the week before the event to the last day of the table.
CLOSED = [
    "2025-01-20",
    "2025-02-17",
    "2025-04-18",
    "2025-05-26",
    "2025-06-19",
    "2025-07-04",
    "2025-09-01",
    "2025-11-27",
    "2025-12-25",
    "2026-01-01",
    "2026-01-19",
    "2026-02-16",
    "2026-04-03",
    "2026-05-25",
    "2026-06-19",
    "2026-07-03",
]


def trading_day(when):
    return int(np.busday_count("2025-01-27", when, holidays=CLOSED))


def test_days_are_counted_in_trading_days():
    for table in ("event_path", "event_calendar"):
        for row in facts.rows(table):
            assert row["day"] == trading_day(row["date"]) or row["id"] == "r1_release", row["id"]
    for row in facts.rows("event_names"):
        if row["recovered"][:2] == "20":
            assert row["recovery_days"] == trading_day(row["recovered"]), row["id"]
        elif row["recovered"] == "never below":
            assert row["recovery_days"] == 0 and row["event_day"] > 0, row["id"]
        else:
            assert row["recovery_days"] is None, row["id"]


def test_returns_follow_from_closes():
    for row in facts.rows("event_names"):
        # closes have two digits, and a dividend-adjusted one may be off in the last
        change = row["close_event"] / row["close_before"] - 1
        assert row["event_day"] == near(change, 0, 5e-5), row["id"]
        assert abs(row["close_after"] / row["close_event"] - 1) < 0.12, row["id"]


def test_groups_are_the_means_of_their_names():
    names = facts.rows("event_names")
    for series in {row["series"] for row in facts.rows("event_path")}:
        members = [row for row in names if row["group"] == series] or [facts.row("event_names", series)]
        for day, of, to in ((0, "close_before", "close_event"), (1, "close_event", "close_after")):
            mean = sum(row[to] / row[of] - 1 for row in members) / len(members)
            path = facts.row("event_path", f"{series}_d{day}")["daily_return"]
            assert path == near(mean, 0, 5e-5), (series, day)


def test_an_index_fund_moves_as_its_index():
    change = {row["id"]: row["event_day"] for row in facts.rows("event_names")}
    for fund, index in (("spy", "gspc"), ("qqq", "ndx")):
        assert change[fund] == near(change[index], 0, 1e-3)
    for fund in ("smh", "soxx"):
        assert change[fund] == near(change["sox"], 0, 0.02)


@pytest.mark.parametrize("table", ["market_model", "event_portfolios"])
def test_three_market_models_of_one_name_fit_the_same_returns(table):
    """Least squares go through the means, and split one sum of squares, whatever the benchmark."""
    key = {"market_model": "ticker", "event_portfolios": "portfolio"}[table]
    for name, group in grouped(facts.rows(table), key).items():
        means = [row["alpha"] + row["beta"] * row["market_mean"] for row in group]
        squares = [
            row["beta"] ** 2 * row["market_sum_squares"] + row["residual_variance"] * (row["days"] - 2) for row in group
        ]
        assert len(group) == 3, name
        assert max(means) - min(means) < 2e-9, name
        assert max(squares) == near(min(squares), 1e-6), name


def test_a_benchmark_has_one_mean_and_one_sum_of_squares_in_a_window():
    rows = facts.rows("market_model") + facts.rows("event_portfolios")
    for key, group in grouped(rows, "benchmark", "days").items():
        assert len({(row["market_mean"], row["market_sum_squares"]) for row in group}) == 1, key


def test_a_portfolio_is_the_mean_of_its_names():
    for row in facts.rows("event_portfolios"):
        own = {part["portfolio"]: part for part in facts.rows("event_portfolios", benchmark=row["benchmark"])}
        members = [name for name in facts.rows("event_names") if name["group"] == row["portfolio"]]
        if row["portfolio"] == "spread":
            assert row["members"] == own["software"]["members"] + own["chips"]["members"]
            for column in ("alpha", "beta"):
                assert row[column] == near(own["software"][column] - own["chips"][column], 0, 1e-6), row["id"]
            continue
        assert row["members"] == len(members), row["id"]
        models = [facts.row("market_model", f"{name['id']}_{row['benchmark'].lower()}") for name in members]
        same = all(model["days"] == row["days"] for model in models)  # some names were not listed for all of it
        beta = sum(model["beta"] for model in models) / len(models)
        assert row["beta"] == near(beta, 0, 1e-6 if same else 0.012), row["id"]
        # The residuals of the mean: variances over n squared, and every pair at the mean correlation.
        sd = [model["residual_variance"] ** 0.5 for model in models]
        pairs = sum(sd) ** 2 - sum(one**2 for one in sd)
        variance = (sum(one**2 for one in sd) + row["correlation"] * pairs) / len(sd) ** 2
        assert 0.8 < row["residual_variance"] / variance < 1.02, row["id"]


def test_a_rank_is_where_the_abnormal_return_lies():
    change = {row["ticker"]: row["event_day"] for row in facts.rows("event_names")}
    path = {row["series"]: row["daily_return"] for row in facts.rows("event_path", day=0)}
    path["spread"] = path["software"] - path["chips"]
    for row in facts.rows("market_model") + facts.rows("event_portfolios"):
        day = change[row["ticker"]] if "ticker" in row else path[row["portfolio"]]
        expected = row["alpha"] + row["beta"] * change[row["benchmark"]]
        scaled = (day - expected) / row["residual_variance"] ** 0.5
        share = row["event_rank"] / (row["days"] + 1)
        assert row["event_rank"] <= row["days"] + 1
        if abs(scaled) > 3:  # beyond three standard deviations there are two or three days in a year
            assert share < 0.015 if scaled < 0 else share > 0.985, row["id"]
        else:  # ranks and a normal distribution with fatter tails: off by a fifth at most
            assert share == near(NormalDist().cdf(scaled), 0, 0.2), row["id"]


def test_the_losses_of_groups_are_in_the_order_that_the_press_gave():
    assert fact("essay_chip_fall_low") < fact("essay_chip_fall_high")
    assert fact("siemens_energy_fall") < 0
    assert fact("nvda_record_loss_before_usd") < fact("nvda_loss_nasdaq_usd") < fact("reuters_combined_loss_usd")
