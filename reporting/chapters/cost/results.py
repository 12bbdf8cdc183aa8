"""Results of the chapter on cost claims (C09, C10, C12-C14, C24, C26, C28, C40, C41)."""

import math
from datetime import date

import numpy as np

from analysis import ownership, training
from reporting.cases import deepseek_runs as runs
from reporting.cases import hardware, models, openai_compute
from reporting.cases.openai_compute import spent_usd
from reporting.core.results import Chapter, product
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value


# The run: hours, price, and the arithmetic that checks them

v3_gpu_hours = result("GPU-hours of V3's official run", "GPU-hour", digits=4)(runs.v3_gpu_hours)
v3_run_usd = result("V3's official run, rented", "USD", digits=4)(runs.v3_run_usd)
r1_gpu_hours = result("GPU-hours from V3 to R1", "GPU-hour")(runs.r1_gpu_hours)
r1_rl_usd = result("From V3 to R1, rented", "USD")(runs.r1_rl_usd)
v3_r1_usd = result("V3 and R1 together, rented", "USD")(runs.v3_r1_usd)


@result("Share of R1's own stages in the two runs together", "fraction", digits=2)
def r1_share():
    return r1_gpu_hours() / (v3_gpu_hours() + r1_gpu_hours())


@result("The essay's figure over V3's run", "ratio")
def essay_over_run(a):
    return value("essay_r1_cost_usd") / v3_run_usd(a)


@result("The essay's figure over V3 and R1 together, rented", "ratio")
def essay_over_v3_r1(a):
    return value("essay_r1_cost_usd") / v3_r1_usd(a)


v3_days = result("Days of V3's pre-training on its cluster", "day")(runs.v3_days)


@result("The same days from the throughput in a later paper", "day")
def v3_days_from_throughput():
    return value("v3_pretraining_tokens") / value("v3_tokens_per_day")


@result("Gap between the two documents", "fraction", digits=2)
def v3_hours_disagreement():
    return v3_days_from_throughput() / v3_days() - 1.0


v3_flop_6nd = result("V3's pre-training compute by 6ND", "FLOP")(runs.v3_flop_6nd)
v3_flop_causal = result("V3's pre-training compute with causal attention", "FLOP")(runs.v3_flop_causal)


def v3_flop_full():
    return runs.v3_flop(causal=False)


@result.rows(
    {
        "v3_mfu_6nd": ("Utilisation that reconciles 6ND with the hours", v3_flop_6nd),
        "v3_mfu_causal": ("Utilisation that reconciles causal FLOP with the hours", v3_flop_causal),
        "v3_mfu_full": ("The same with attention counted in full, as most publish it", v3_flop_full),
        "v3_mfu_fp8": ("The same utilisation against the FP8 peak", v3_flop_causal, "h800_fp8_flops"),
    },
    "fraction",
)
def v3_mfu(flop, peak="h800_bf16_flops"):
    return training.mfu(flop(), value("v3_pretraining_gpu_hours"), value(peak))


@result("GPU-hours V3 would take at an ordinary utilisation", "GPU-hour")
def v3_hours_expected(a, flop=v3_flop_causal, chip="h800"):
    return training.gpu_hours(flop(), value(f"{chip}_bf16_flops"), a.training_mfu)


@result("Disclosed pre-training hours over expected hours", "ratio")
def v3_hours_over_expected(a):
    return value("v3_pretraining_gpu_hours") / v3_hours_expected(a)


@result("The same with attention counted in full", "ratio")
def v3_hours_over_expected_full(a):
    return value("v3_pretraining_gpu_hours") / v3_hours_expected(a, v3_flop_full)


@result("Ablations printed in V3's report, over the run", "fraction", digits=2)
def v3_ablation_share():
    return value("multiplier_v3_disclosed_ablations") - 1.0


# What a GPU-hour costs its owner

owner_capital_usd = result("Owner's capital per used GPU-hour", "USD/GPU-hour")(hardware.owner_capital_usd)
owner_hosting_usd = result("Owner's hosting per used GPU-hour", "USD/GPU-hour")(hardware.owner_hosting_usd)
owner_energy_usd = result("Owner's electricity per used GPU-hour", "USD/GPU-hour")(hardware.owner_energy_usd)
owner_operations_usd = result("Owner's operations per used GPU-hour", "USD/GPU-hour")(hardware.owner_operations_usd)
owner_gpu_hour_usd = result("Owner's cost of a used H800-hour", "USD/GPU-hour")(hardware.owner_gpu_hour_usd)


@result("Share of electricity in the owner's cost", "fraction", digits=2)
def owner_energy_share(a):
    return owner_energy_usd(a) / owner_gpu_hour_usd(a)


@result("Owner's cost over the rent assumed", "ratio")
def owner_over_rent(a):
    return owner_gpu_hour_usd(a) / a.gpu_hour_usd


@result("V3 and R1 together at owner's cost", "USD")
def v3_r1_owner_usd(a):
    return training.run_cost(v3_gpu_hours() + r1_gpu_hours(), owner_gpu_hour_usd(a))


v3_cluster_usd = result("Purchase price of the cluster that trained V3", "USD")(runs.v3_cluster_usd)


# The programme around the run

programme_usd = result("Whole programme: research compute and staff around V3 and R1", "USD", digits=2)(
    runs.programme_usd
)


@result("Whole programme over the essay's figure", "ratio", digits=2)
def programme_over_essay(a):
    return programme_usd(a) / value("essay_r1_cost_usd")


@result("A year of 10,000 H800 at owner's cost", "USD", digits=2)
def fleet_year_usd(a):
    used_hours = value("semianalysis_h800_count") * ownership.HOURS_PER_YEAR * a.fleet_utilisation
    return used_hours * owner_gpu_hour_usd(a)


@result("Whole programme at Epoch AI's median ratio", "USD", digits=2)
def programme_epoch_usd(a):
    return training.programme_cost(v3_r1_usd(a), value("multiplier_epoch_prior_median"), a.staff_share)


# Like with like

BASES = {"rented": "final run rented", "amortised": "hardware and energy amortised", "cluster": "cluster bought"}
RUNS = {"llama": "Llama 3.1 405B", "gpt4": "GPT-4", "gemini": "Gemini 1.0 Ultra"}


def run(model, quantity):
    return facts.only("training_runs", model=model, quantity=quantity)["value"]


def over_v3(model, quantity):
    return run(model, quantity) / run("DeepSeek-V3", quantity)


def v3_amortised_usd(a):
    """V3 and nothing else, at the owner's capital and electricity: Epoch AI's basis for other models."""
    return v3_gpu_hours() * (owner_capital_usd(a) + owner_energy_usd(a))


@result.each(product(BASES, RUNS), "saving_{}_{}", "V3 cheaper than {1}: {0}", "fraction", digits=2)
def saving(a, basis, name):
    spent = {"rented": v3_run_usd, "amortised": v3_amortised_usd, "cluster": v3_cluster_usd}[basis]
    return 1.0 - spent(a) / run(RUNS[name], f"{basis}_usd")


@result("Llama 3.1 405B's hours at the same rent", "USD")
def llama_same_price_usd(a):
    return training.run_cost(run("Llama 3.1 405B", "gpu_hours"), a.gpu_hour_usd)


@result("Llama 3.1 405B's GPU-hours over V3's", "ratio")
def llama_hours_ratio():
    return run("Llama 3.1 405B", "gpu_hours") / v3_gpu_hours()


def flop_per_token(model):
    """Training FLOP of a token with causal attention, from the model's configuration."""
    return training.model_flops_per_token(models.architecture(model), value("v3_sequence_length"))


@result("… of which tokens", "ratio")
def llama_tokens_ratio():
    return over_v3("Llama 3.1 405B", "training_tokens")


@result("… of which FLOP for each token", "ratio")
def llama_flop_per_token_ratio():
    return flop_per_token("llama-3.1-405b") / flop_per_token("deepseek-v3")


@result("… of which GPU-hours for each FLOP", "ratio")
def llama_hours_per_flop_ratio():
    return llama_hours_ratio() / llama_tokens_ratio() / llama_flop_per_token_ratio()


@result("Llama 3.1 405B's training compute over V3's", "ratio", digits=2)
def llama_flop_ratio():
    return llama_tokens_ratio() * llama_flop_per_token_ratio()


@result("V3 cheaper than Llama 3.1 405B: per run, same rent", "fraction", digits=2)
def saving_llama_same_price():
    return 1.0 - 1.0 / llama_hours_ratio()


@result("V3 cheaper than Llama 3.1 405B: per training token", "fraction", digits=2)
def saving_llama_per_token():
    return 1.0 - llama_tokens_ratio() / llama_hours_ratio()


@result("V3 cheaper than Llama 3.1 405B: per parameter stored", "fraction", digits=2)
def saving_llama_per_parameter():
    return 1.0 - over_v3("Llama 3.1 405B", "total_parameters") / llama_hours_ratio()


@result("V3 cheaper than Llama 3.1 405B: per FLOP", "fraction", digits=1)
def saving_llama_per_flop():
    return 1.0 - 1.0 / llama_hours_per_flop_ratio()


result.rows(
    {
        "gpt4_flop_ratio": ("GPT-4's training compute over V3's, Epoch AI's estimate", "GPT-4", "training_flop"),
        "gemini_flop_ratio": ("Gemini 1.0 Ultra's over V3's, Epoch AI's estimate", "Gemini 1.0 Ultra", "training_flop"),
    },
    "ratio",
    digits=2,
)(over_v3)


@result("V3 cheaper than Claude 3.5 Sonnet: hardware and energy amortised", "fraction", digits=2)
def saving_amortised_sonnet(a):
    return 1.0 - v3_amortised_usd(a) / run("Claude 3.5 Sonnet", "amortised_usd")


@result("gpt-oss-120b's hours at the same rent", "USD")
def gpt_oss_same_price_usd(a):
    return training.run_cost(run("gpt-oss-120b", "gpu_hours"), a.gpu_hour_usd)


def progress(identifier, column="factor_per_year"):
    return facts.row("progress", identifier)[column]


@result.rows(
    {
        "trend_measured": ("Fall of training compute from GPT-4 to V3 at the measured trend", "algorithms_ho_2024"),
        "trend_insider": (
            "Fall of training cost from GPT-4 to V3 at the trend an insider gives",
            "training_cost_curve_amodei",
        ),
    },
    "ratio",
    digits=2,
)
def trend_since_gpt4(rate):
    return progress(rate) ** (value("v3_release_year") - value("gpt4_release_year"))


@result("V3 cheaper than Llama 3.1 405B: per FLOP as published", "fraction", digits=2)
def saving_llama_per_published_flop():
    llama = run("Llama 3.1 405B", "gpu_hours") / run("Llama 3.1 405B", "training_flop")
    return 1.0 - v3_gpu_hours() / run("DeepSeek-V3", "training_flop") / llama


# The fleets


def _holding(claim, chip):
    return facts.only("holdings", claim=claim, chip=chip)["count"]


@result("Most Hopper that a document of DeepSeek's shows at once", "GPU", digits=4)
def fleet_documented():
    return max(row["count"] for row in facts.rows("holdings", claimant="DeepSeek", chip="H800"))


def semianalysis_hopper_h100e():
    """Return SemiAnalysis's 50,000 Hopper in H100 equivalents, without the older A100."""
    chips = ("H800", "H100", "H20")
    counts = [_holding("semianalysis_breakdown", chip) for chip in chips]
    peaks = [value(f"{chip.lower()}_bf16_flops") for chip in chips]
    return training.h100_equivalents(counts, peaks, value("h100_bf16_flops"))


@result("SemiAnalysis's fleet in H100 equivalents", "GPU")
def semianalysis_h100e():
    a100 = training.h100_equivalents(
        [value("fireflyer_a100_count")], [value("a100_bf16_flops")], value("h100_bf16_flops")
    )
    return semianalysis_hopper_h100e() + a100


@result("The essay's fleet in H100 equivalents, every Hopper an H100", "GPU")
def essay_h100e():
    counts = [value("essay_hopper_count"), value("essay_a100_count")]
    peaks = [value("h100_bf16_flops"), value("a100_bf16_flops")]
    return training.h100_equivalents(counts, peaks, value("h100_bf16_flops"))


@result("V3's cluster as a share of 50,000 GPUs", "fraction", digits=2)
def v3_cluster_share():
    return value("v3_gpu_count") / value("semianalysis_hopper_count")


@result("Days of V3's pre-training on 10,000 A100", "day")
def v3_days_a100(a):
    return training.wall_days(v3_hours_expected(a, chip="a100"), value("essay_a100_count"))


@result("Days of V3's pre-training on 50,000 H100", "day")
def v3_days_50000_h100(a):
    return training.wall_days(v3_hours_expected(a, chip="h100"), value("wang_h100_count"))


@result("Days of V3's pre-training on SemiAnalysis's 50,000 Hopper", "day")
def v3_days_semianalysis(a):
    return training.wall_days(v3_hours_expected(a, chip="h100"), semianalysis_hopper_h100e())


@result("10,000 A100 at the launch price of servers", "USD", digits=2)
def fleet_a100_usd(a):
    return value("essay_a100_count") * hardware.gpu_capex_usd(a, "a800")


@result("SemiAnalysis's 50,000 Hopper, our prices", "USD", digits=2)
def fleet_semianalysis_usd(a):
    h20 = _holding("semianalysis_breakdown", "H20")
    others = value("semianalysis_hopper_count") - h20
    return others * hardware.gpu_capex_usd(a) + h20 * hardware.gpu_capex_usd(a, "h20")


@result("50,000 H100 at the price of H800 servers", "USD", digits=2)
def fleet_h100_usd(a):
    return value("wang_h100_count") * hardware.gpu_capex_usd(a)


@result("V3 and R1 as a share of a year of 50,000 GPUs", "fraction", digits=2)
def v3_share_of_fleet_year():
    year = value("semianalysis_hopper_count") * ownership.HOURS_PER_YEAR
    return (v3_gpu_hours() + r1_gpu_hours()) / year


@result.rows(
    {
        "fleet_over_xai": ("SemiAnalysis's fleet over xAI's cluster of 2024", semianalysis_h100e, "xai_colossus_100k"),
        "fleet_over_meta": (
            "SemiAnalysis's fleet over Meta's at the end of 2024",
            semianalysis_h100e,
            "meta_h100e_end2024",
        ),
        "essay_fleet_over_xai": ("The essay's fleet over xAI's cluster of 2024", essay_h100e, "xai_colossus_100k"),
        "essay_fleet_over_meta": (
            "The essay's fleet over Meta's at the end of 2024",
            essay_h100e,
            "meta_h100e_end2024",
        ),
        "essay_fleet_over_microsoft": (
            "The essay's fleet over Microsoft's in mid-2024, Epoch AI's estimate",
            essay_h100e,
            "microsoft_h100e_mid2024",
        ),
    },
    "fraction",
    digits=2,
)
def over_fleet(ours, other):
    return ours() / facts.row("fleets", other)["count"]


# OpenAI's $7B


@result("OpenAI's compute in 2024, projection of July 2024", "USD", digits=2)
def openai_information_usd():
    return spent_usd("information_2024_07", "training", "inference")


openai_epoch_usd = result("OpenAI's compute in 2024, Epoch AI", "USD", digits=2)(openai_compute.openai_epoch_usd)


@result("OpenAI's compute in 2024, Epoch AI's research with Azure's inference", "USD", digits=2)
def openai_high_usd():
    return spent_usd("epoch_2025_10", "training", "research") + spent_usd("azure_2025_11", "inference")


@result("Accounts of OpenAI's compute in 2024 published between the year's end and 31 January 2025", "count", digits=1)
def openai_accounts_by_january():
    accounts = facts.rows("openai_compute", component="inference")
    return sum("2024-12-31" < account["as_of"] <= "2025-01-31" for account in accounts)


@result("Final runs in OpenAI's research and training compute of 2024", "fraction", digits=2)
def openai_final_runs_share():
    return value("epoch_openai_2024_final_runs_usd") / value("epoch_openai_2024_rd_compute_usd")


@result("OpenAI's total costs in 2024, accounts reported in June 2026", "USD")
def openai_costs_usd():
    return spent_usd("audited_2026_06", "total costs and expenses")


@result("Highest over lowest figure for OpenAI's inference in 2024", "ratio", digits=2)
def openai_inference_spread():
    return spent_usd("information_2024_07", "inference") / spent_usd("epoch_2025_10", "inference")


@result.rows(
    {
        "run_over_openai_total": ("V3 and R1 over OpenAI's compute of 2024", "essay_openai_2024_usd"),
        "run_over_openai_final_runs": (
            "V3 and R1 over OpenAI's final runs of 2024",
            "epoch_openai_2024_final_runs_usd",
        ),
    },
    "fraction",
    digits=2,
)
def run_over_openai(a, spent):
    return v3_r1_usd(a) / value(spent)


@result("DeepSeek's programme over OpenAI's research and training compute of 2024", "fraction", digits=2)
def programme_over_openai_rd(a):
    return programme_usd(a) / value("epoch_openai_2024_rd_compute_usd")


@result("V3 and R1 over Claude 3.5 Sonnet, middle of what its maker said", "fraction", digits=2)
def run_over_sonnet(a):
    middle = np.sqrt(run("Claude 3.5 Sonnet", "stated_low_usd") * run("Claude 3.5 Sonnet", "stated_high_usd"))
    return v3_r1_usd(a) / middle


# Capital expenditure


def guidance(identifier):
    return facts.row("capex", identifier)["usd"]


#: The first plans of the three for 2025.
PLANS = ("meta_g2025_jan", "msft_gfy2025_jan", "goog_g2025_feb")
#: What the three spent in cash, by calendar year.
CASH = {
    2025: ("goog_cash_2025", "meta_cash_2025", "msft_cash_cy2025"),
    2024: ("goog_cash_2024", "meta_cash_2024", "msft_cash_cy2024"),
}


@result.each(list(CASH), "capex_three_cash_{}_usd", "Cash capital expenditure of the three in calendar {}", "USD")
def capex_three_cash_usd(year):
    return math.fsum(guidance(row) for row in CASH[year])


@result("Growth of the three's cash capital expenditure, 2024 to 2025", "fraction")
def capex_three_growth():
    return capex_three_cash_usd(2025) / capex_three_cash_usd(2024) - 1.0


@result.rows(
    {
        "capex_plans_in_band": "Companies whose plan for 2025 lay within the essay's band",
        "capex_plans_by_january": ("Plans in the band that were published by 31 January 2025", "2025-01-31"),
    },
    "count",
    digits=1,
)
def capex_plans_in_band(until="9999"):
    plans = [facts.row("capex", row) for row in PLANS]
    low, high = value("essay_capex_low_usd"), value("essay_capex_high_usd")
    return sum(low <= plan["usd"] <= high and plan["stated"] <= until for plan in plans)


@result.rows(
    {
        "capex_plans_in_band_share": "Share of the three plans for 2025 within the essay's band",
        "capex_plans_by_january_share": ("Share in the band and published by 31 January 2025", "2025-01-31"),
    },
    "fraction",
    digits=2,
)
def capex_plans_share(until="9999"):
    return capex_plans_in_band(until) / len(PLANS)


@result("Alphabet's 2025 over its plan of February 2025", "ratio")
def capex_alphabet_overshoot():
    return guidance("goog_cash_2025") / guidance("goog_g2025_feb")


# Progress that remained


@result.rows(
    {
        "algorithms_factor": ("Algorithmic progress per year, language models to 2023", "algorithms_ho_2024"),
        "catch_up_factor": ("Fall of training compute to a fixed index score per year", "catch_up_lesswrong_2025"),
        "catch_up_factor_low": ("… low end of its range", "catch_up_lesswrong_2025", "low"),
    },
    "factor/year",
    digits=2,
)
def progress_factor(row, column="factor_per_year"):
    return progress(row, column)


@result.rows(
    {
        "algorithms_decade_years": "Years to an order of magnitude at the measured pace of algorithms",
        "algorithms_decade_years_slow": ("Years to an order of magnitude at the low end of the interval", "low"),
    },
    "year",
    digits=2,
)
def algorithms_decade_years(column="factor_per_year"):
    return 1.0 / np.log10(progress("algorithms_ho_2024", column))


@result.rows(
    {
        "nanogpt_speedup": ("Speed-up of the NanoGPT record, 2024 to 2026", "nanogpt_first_minutes"),
        "nanogpt_speedup_since": ("Speed-up of the NanoGPT record since the essay", "nanogpt_essay_minutes"),
    },
    "ratio",
    digits=2,
)
def nanogpt_speedup(minutes):
    return value(minutes) / value("nanogpt_latest_minutes")


@result("GPU-hours of V3 and R1 over gpt-oss-20b's", "ratio", digits=2)
def gpt_oss_20b_hours_ratio():
    hours = run("gpt-oss-120b", "gpu_hours") / value("gpt_oss_20b_hours_factor")
    return (v3_gpu_hours() + r1_gpu_hours()) / hours


@result("GPU-hours per token, DeepSeek 67B over V3", "ratio", digits=2)
def deepseek_67b_ratio():
    return value("deepseek_67b_gpu_hours_per_trillion") / value("v3_gpu_hours_per_trillion")


# Stargate

#: The four years that Stargate announced, in days.
STARGATE_DAYS = 1461


@result("Stargate, announced over four years", "USD", digits=2)
def stargate_announced_usd():
    return value("stargate_announced_usd")


@result("Stargate, US capacity secured by April 2026", "GW", digits=2)
def stargate_secured_gw():
    return value("stargate_secured_gw_2026_04")


@result("Stargate, capacity secured by April 2026 over capacity announced", "fraction", digits=2)
def stargate_secured_share():
    return stargate_secured_gw() / value("stargate_announced_gw")


@result("Share of Stargate's four years that had passed by then", "fraction", digits=2)
def stargate_elapsed_share():
    announced, counted = (
        date.fromisoformat(facts.row("facts", row)["as_of"])
        for row in ("stargate_announced_usd", "stargate_secured_gw_2026_04")
    )
    return (counted - announced).days / STARGATE_DAYS
