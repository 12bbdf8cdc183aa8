"""Speed and hardware in the efficiency chapter, against published values."""

import numpy as np
import pytest

from reporting.chapters.efficiency import figures_serving as figures
from reporting.chapters.efficiency import serving as chapter
from reporting.core import results
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("day_nodes", 226.9, 0.0005),  # 226.75 on the page
        ("day_cost_usd", 87_072, 0),
        ("day_revenue_usd", 562_027, 0.0005),  # tokens on the page are rounded
        ("day_margin", 0.845, 0.001),
        ("day_profit_over_cost", 5.45, 0.005),
        ("day_hit_share", 0.563, 0.002),
        ("fireflyer_total_price", 0.504, 0.001),
        ("fireflyer_value_node", 1.38, 0.005),
        ("r1_weights_gb", 688.574839360, 1e-9),  # payload of the released checkpoint
        ("exchange_node_ratio", 450 / 200, 1e-9),
    ],
)
def test_published_values_are_met(report, key, published, tolerance):
    assert report.value(f"efficiency.{key}") == pytest.approx(published, rel=tolerance)


def test_the_engine_is_within_its_stated_error(report):
    assert report.value("efficiency.serving_points") == 32
    assert report.value("efficiency.serving_median_error") <= 0.15
    assert report.value("efficiency.serving_error_batch") <= 0.10
    assert report.value("efficiency.serving_error_decode") <= 0.10
    assert report.value("efficiency.deepseek_day_decode_ratio") == pytest.approx(1, abs=0.15)


def test_the_engine_meets_measured_gaming_cards_where_the_card_is_busy(report):
    assert report.value("efficiency.rtx_4090_7b_ratio") == pytest.approx(1, abs=0.15)
    assert report.value("efficiency.rtx_4090_8b_ratio") == pytest.approx(1, abs=0.15)
    assert report.value("efficiency.rtx_4090_1_5b_ratio") > 1.3


def test_the_groups_hold_every_judged_point(report):
    sizes = [len(chapter.judged(group)) for group in chapter.GROUPS]
    assert sum(sizes) == len(chapter.judged()) == 32
    names = [row["name"] for row in figures.named_points(report)]
    assert len(set(names)) == 32
    assert report.value("efficiency.serving_points_v3") + report.value("efficiency.serving_points_batch") == 32


def test_published_acceptance_holds_the_published_speedup():
    low, high = facts.value("mtp_acceptance_low"), facts.value("mtp_acceptance_high")
    draft = chapter.model("deepseek-v3").draft_share
    # Verifying for free leaves only the draft itself to pay for.
    free = [(1 + acceptance) / (1 + draft) for acceptance in (low, high)]
    assert free[0] < facts.value("mtp_published_speedup") < free[1]


def test_drafts_pay_less_in_a_larger_batch(report):
    keys = ("mtp_speedup_one", "mtp_speedup_service", "mtp_speedup_large", "mtp_fleet_gain")
    one, service, large, fleet = (report.value(f"efficiency.{key}") for key in keys)
    assert 1.8 > one > service > large > 1
    assert 1 < fleet < service


def test_drafts_give_more_at_the_same_speed_than_at_the_same_batch(report):
    same_speed = report.value("efficiency.mtp_speedup_same_speed")
    assert report.value("efficiency.mtp_speedup_service") < same_speed < report.value("efficiency.mtp_tokens_per_step")
    assert report.value("efficiency.mtp_fleet_gain") < report.value("efficiency.mtp_fleet_gain_same_speed")


def test_the_engine_is_below_published_gains_of_drafts(report):
    # What the chapter says of it; a better engine would have to change the text.
    assert 1 < report.value("efficiency.mtp_sglang_large") < 1 + facts.value("sglang_mtp_large_gain")
    small = report.value("efficiency.mtp_sglang_small")
    assert 1 < small < 1 + facts.value("sglang_mtp_small_gain_overlap") < 1 + facts.value("sglang_mtp_small_gain")
    accepted, drafts = chapter.small_acceptance(), chapter.SMALL_DRAFTS
    assert sum(accepted**k for k in range(drafts + 1)) == pytest.approx(facts.value("sglang_mtp_small_accepted"))


def test_cut_links_cost_one_server_and_not_many(report):
    assert 0.05 < report.value("efficiency.links_server_loss") < 0.2
    for phase in ("prefill", "decode"):
        assert report.value(f"efficiency.links_{phase}_h800") == pytest.approx(1, abs=1e-9)
        assert report.value(f"efficiency.links_{phase}_pcie") <= 1 + 1e-9


@pytest.mark.parametrize(("sequences", "fact"), [(1.0, "sglang_mtp_speedup_1"), (32.0, "sglang_mtp_speedup_32")])
def test_drafts_on_one_server_are_near_what_sglang_reports(report, sequences, fact):
    key = {1.0: "mtp_server_one", 32.0: "mtp_server_32"}[sequences]
    assert report.value(f"efficiency.{key}") == pytest.approx(facts.value(fact), rel=0.2)


def test_the_requests_have_the_shape_of_the_day():
    prompt, output, hit = chapter.request_tokens()
    assert prompt / output == pytest.approx(608 / 168)
    assert prompt + output / 2 == pytest.approx(4989)
    assert hit == pytest.approx(342 / 608)


def test_counts_of_cards_agree_with_what_engines_recommend(report):
    # SGLang: eight H200, but two servers of H100, for FP8.
    assert report.value("efficiency.r1_h200_count") <= facts.value("sglang_fp8_h200_count")
    assert 8 < report.value("efficiency.r1_h100_count") <= facts.value("sglang_fp8_h100_count")
    assert chapter.cards(chapter.R1, 4, "h100") <= 8


def test_cards_hold_whole_layers():
    # A layer of R1 with its 256 experts is about 6.5 GB at 4.5 bits: three in 24 GB, 58 such layers.
    assert chapter.cards_by_layers(chapter.R1, 4, "rtx_4090") == 20 > chapter.cards(chapter.R1, 4, "rtx_4090")
    assert chapter.cards_by_layers("qwen2.5-32b", 4, "rtx_4090") == 1


def test_gaming_cards_are_bound_by_speed_and_not_by_memory(report):
    assert report.value("efficiency.r1_4090_batch") < report.value("efficiency.r1_4090_fits")
    ratios = [report.value(f"efficiency.r1_4090_over_api{end}") for end in ("_10", "_15", "")]
    assert np.all(np.diff(ratios) > 0)


def test_memory_alone_bounds_what_was_measured_on_unified_memory(report):
    assert report.value("efficiency.r1_m3_ceiling") > facts.value("m3_ultra_speed_high")


@pytest.mark.parametrize("name", chapter.DISTILLED)
def test_a_host_serves_at_the_speed_asked_for_and_within_its_memory(name):
    from reporting.inputs import assumptions

    values = assumptions.Values(assumptions.values())
    rate, speed, count = chapter.serve_distilled(values, name)
    assert count in chapter.COUNTS
    assert speed >= facts.value("day_user_speed_low")
    assert rate > 0


def test_smaller_models_cost_less(report):
    order = ["1_5b", "7b", "8b", "14b", "32b", "70b"]
    usd = [report.value(f"efficiency.distill_{name}_usd") for name in order]
    assert np.all(np.diff(usd) > 0)


def test_another_rent_moves_the_margin_and_not_the_nodes():
    dear = Report({"gpu_hour_usd": 4})
    assert dear.value("efficiency.day_margin") == pytest.approx(1 - 2 * 87_072 / 562_100, abs=1e-4)
    assert dear.value("efficiency.day_nodes") == Report().value("efficiency.day_nodes")


def test_closed_results_hold_no_floor_or_solver():
    keys = ("mtp_speedup_service", "exchange_node_h800_us", "r1_desk_usd", "day_margin")
    assert {results.find(f"efficiency.{key}").kind for key in keys} == {"closed"}
