"""The chapter on application margins: results against published values, tables against each other."""

import pytest

from reporting.chapters.margins import prices
from reporting.core import claims
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("margins.r1_over_o1", 27.34, 0.001),  # 26.25 over 0.96
        ("margins.r1_over_o3_mini", 2.005, 0.001),  # 1.925 over 0.96
        ("margins.agent_v4_launch_usd", 14.20, 0.001),
        ("margins.agent_v4_cut_usd", 0.876, 0.001),
        ("margins.agent_v4_peak_usd", 5.746, 0.001),
        ("margins.volume_growth", 330, 0.001),  # 3.2 quadrillion over 9.7 trillion
        ("margins.top_three_share", 0.88, 1e-9),  # Menlo Ventures' own sum
        ("margins.pool_chips_usd", 153.5e9, 0.001),  # 71.1% of 215.9 billion
        ("margins.lighting_elasticity", 1.2648, 0.001),
        ("margins.iron_output", 30, 1e-9),
    ],
)
def test_results_reproduce_published_figures(report, key, published, tolerance):
    assert report.value(key) == pytest.approx(published, rel=tolerance)


def test_the_price_table_agrees_with_the_scalar_facts():
    pairs = {
        "r1": "r1",
        "v3": "v3",
        "o1": "o1",
        "o1_mini": "o1_mini",
        "o3_mini": "o3_mini",
        "gpt4o": "gpt4o_0806",
        "sonnet": "sonnet35_1022",
    }
    for fact, row in pairs.items():
        offer = facts.row("api_prices", row)
        for side in ("input", "output"):
            assert offer[f"{side}_usd"] == facts.value(f"api_{fact}_{side}_usd"), row


def test_every_scored_offer_has_a_score_of_the_one_test():
    for offer in prices.scored():
        run = facts.row("benchmarks", offer["score"])
        assert run["benchmark"] == "GPQA Diamond"
        assert run["source"] == "epoch_benchmark_stitching"
        assert 0 < run["score"] < 1


def test_the_regression_leaves_hosts_out(report):
    makers = [offer for offer in prices.scored() if offer["provider"] not in prices.HOSTS]
    assert report.value("margins.hedonic_points") == len(makers)
    before, since = (report.value(f"margins.hedonic_{part}_points") for part in ("before", "since"))
    # The only open offer since February 2025 would fix the effect of openness alone.
    late = [offer for offer in makers if offer["date"] >= "2025-02-01" and offer["open_weights"]]
    assert len(late) == 1
    assert before + since == len(makers) - 1


def test_record_lows_of_a_lower_level_are_never_dearer(report):
    for date in ("2025-01-31", "2026-11-25"):
        assert prices.usd(prices.lows("gpt4_0314", date)[-1]) <= prices.usd(prices.lows("gpt4o_0513", date)[-1])


def test_derived_margins_follow_from_their_parts():
    rows = {name: facts.row("demand", f"openai_{name}_2025")["value"] for name in ("cost", "revenue")}
    openai = facts.row("reported_margins", "openai_2025")["margin"]
    assert openai == pytest.approx(1 - rows["cost"] / rows["revenue"], abs=5e-4)
    day = 1 - facts.value("day_published_cost_usd") / facts.value("day_published_revenue_usd")
    assert facts.row("reported_margins", "deepseek_2025")["margin"] == pytest.approx(day, abs=5e-4)
    nodes = facts.value("deepseek_service_average_nodes") / facts.value("deepseek_service_peak_nodes")
    assert facts.row("utilisation", "deepseek_nodes")["value"] == pytest.approx(nodes, abs=5e-4)


def test_the_agents_seat_costs_what_anthropic_reports_of_companies(report):
    low, high = facts.value("claude_code_month_low_usd"), facts.value("claude_code_month_high_usd")
    assert low < report.value("margins.agent_cost_usd") < high


def test_a_seat_sold_at_its_break_even_earns_nothing(report):
    even = report.value("margins.retrieval_breakeven_usd")
    assert Report({"app_input_usd": even}).value("margins.retrieval_margin") == pytest.approx(0, abs=1e-12)


def test_the_assumed_use_of_chat_is_that_of_the_study(report):
    weeks = 365.25 / 12 / 7
    measured = facts.value("chatgpt_messages_week") / facts.value("chatgpt_weekly_users") * weeks
    assert report.assumption("chat_requests") == pytest.approx(measured, rel=0.01)


@pytest.mark.parametrize(
    ("part", "overrides", "verdict"),
    [
        ("C29a", {"training_elasticity": 0.2, "inference_response": 0.0}, "supported"),
        ("C29a", {"training_share": 0.05}, "wrong"),
        ("C25a", {"fleet_utilisation": 0.3}, "open"),
        ("C25b", {"server_life_years": 12}, "open"),
    ],
)
def test_other_assumptions_turn_a_verdict(part, overrides, verdict):
    assert claims.verdict(part, Report(overrides)) == verdict
