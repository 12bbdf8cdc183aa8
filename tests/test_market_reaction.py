"""Results of the chapter on the market's reaction against published figures and an independent calculation."""

import pytest

from reporting.chapters.market import reaction as market
from reporting.core import claims
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("market.nvda_loss_usd", 593e9, 0.002),  # Reuters, LSEG data
        ("market.nvda_loss_early_quote_usd", 589e9, 0.002),  # Nasdaq, TipRanks
        ("market.nvda_loss_diluted_early_usd", 595e9, 0.002),  # CNBC
        ("market.nvda_rebound_usd", 260e9, 0.01),  # Nasdaq
        ("market.nvda_diluted_shares", 24.8e9, 0.002),  # 72,880 million over 2.94
        ("market.dc_growth_fy26", 0.68, 0.01),  # 193.7 over 115.2 billion, NVIDIA
    ],
)
def test_results_reproduce_published_figures(report, key, published, tolerance):
    assert report.value(key) == pytest.approx(published, rel=tolerance)


@pytest.mark.parametrize(
    ("identifier", "per_cent"),
    [
        ("avgo", -17.4),  # Reuters
        ("orcl", -13.8),  # Reuters
        ("ixic", -3.07),  # Reuters, 612.47 points
        ("gspc", -1.46),  # Reuters, 88.96 points
        ("sox", -9.2),  # Reuters
        ("vst", -28.3),  # the close; CNBC wrote nearly 30
        ("aapl", 3.18),  # close data
    ],
)
def test_returns_are_those_the_press_gave(identifier, per_cent):
    row = facts.row("event_names", identifier)
    assert 100 * row["event_day"] == pytest.approx(per_cent, abs=0.06)
    assert row["close_event"] / row["close_before"] - 1 == pytest.approx(row["event_day"], abs=0.0015)


@pytest.mark.parametrize(
    ("identifier", "beta", "abnormal"),
    [  # an independent calculation against SPY over the same window
        ("nvda", 2.704, -13.30),
        ("avgo", 2.611, -13.80),
        ("mu", 2.269, -8.34),
        ("anet", 2.240, -19.24),
        ("vrt", 2.609, -26.35),
        ("crm", 1.431, 6.00),
        ("msft", 1.193, -0.38),
        ("orcl", 1.404, -11.87),
        ("smh", 2.204, -6.65),
        ("igv", 1.386, 0.34),
        ("dia", 0.742, 1.73),
    ],
)
def test_market_models_agree_with_an_independent_calculation(identifier, beta, abnormal):
    assert facts.row("market_model", f"{identifier}_spy")["beta"] == pytest.approx(beta, abs=0.001)
    assert 100 * market.abnormal(identifier, "spy")[0] == pytest.approx(abnormal, abs=0.011)


def test_a_portfolio_is_the_mean_of_its_names_on_the_day():
    for group in market.GROUPS:
        mean = sum(market.returns(group)) / len(market.returns(group))
        assert market.day_return(group) == pytest.approx(mean, abs=1e-6)


def test_the_spread_is_its_two_legs(report):
    for benchmark in market.BENCHMARKS:
        legs = report.value(f"market.software_ar_{benchmark}") - report.value(f"market.chips_ar_{benchmark}")
        assert report.value(f"market.spread_ar_{benchmark}") == pytest.approx(legs, abs=0.0005)


def test_band_and_less_leave_only_the_deeper(report):
    inside, less = report.value("market.semis_in_band_share"), report.value("market.semis_less_share")
    deeper = sum(-change > 0.20 for change in market.returns("chips")) / report.value("market.semis_count")
    assert inside + less + deeper == pytest.approx(1)


def test_weights_by_value_pull_towards_the_three_largest(report):
    assert report.value("market.chips_value_weighted") < report.value("market.chips_mean")
    three = {"nvda": 24_490e6, "avgo": 4_687.356e6, "tsm": 5_186.547e6}
    rows = {name: facts.row("event_names", name) for name in three}
    before = sum(count * rows[name]["close_before"] for name, count in three.items())
    after = sum(count * rows[name]["close_event"] for name, count in three.items())
    assert after / before - 1 < report.value("market.chips_value_weighted")
    assert len(market.losses(["chips"])) == report.value("market.semis_count")


def test_every_name_of_a_group_has_its_three_market_models():
    known = {row["id"] for row in facts.rows("market_model")}
    for group in market.GROUPS:
        assert {f"{row['id']}_{b}" for row in market.members(group) for b in market.BENCHMARKS} <= known


def test_quarters_add_up_to_filed_years():
    def year(company, year):
        return sum(
            row["usd"] for row in facts.rows("capex_quarters", company=company) if row["quarter_end"].startswith(year)
        )

    for company, ticker in (("Alphabet", "goog"), ("Meta", "meta")):
        for when in ("2024", "2025"):
            assert year(company, when) == pytest.approx(facts.row("capex", f"{ticker}_cash_{when}")["usd"], rel=1e-3)
    assert year("Amazon", "2024") == pytest.approx(facts.row("capex", "amzn_cash_2024")["usd"], rel=1e-3)


def test_the_footing_of_the_assumptions_by_hand(report):
    assert report.value("market.leverage_volume") == pytest.approx(0.746 / (21_869 / 35_082))
    assert report.value("market.leverage_price") == pytest.approx(35_082 / 21_869)
    assert report.value("market.nvda_net_margin") == pytest.approx(0.55, abs=0.001)  # NVIDIA, 54.9% by one report
    assert report.value("market.dc_revenue_share") == pytest.approx(0.878, abs=0.001)


def test_more_leverage_needs_a_smaller_cut():
    base, steeper = Report(), Report({"profit_leverage": 1.6})
    assert steeper.value("market.implied_revenue_cut") < base.value("market.implied_revenue_cut")
    assert steeper.value("market.implied_profit_cut") == base.value("market.implied_profit_cut")


def test_the_implied_growths_price_both_closes(report):
    from analysis import valuation

    for which, value in (
        ("before", report.value("market.nvda_value_before_usd")),
        ("after", report.value("market.nvda_value_before_usd") - report.value("market.nvda_loss_usd")),
    ):
        multiple = valuation.cash_multiple(report.value(f"market.implied_growth_{which}"), 5, 0.10, 0.035)
        ai = 0.55 * report.value("market.dc_annualised_usd") * multiple
        rest = 0.10 * report.value("market.nvda_value_before_usd")
        assert ai + rest == pytest.approx(value)


def test_verdicts_turn_when_the_numbers_do(monkeypatch):
    report = Report()

    def put(key, number):
        monkeypatch.setitem(report._evaluated, key, (number, report.inputs(key)))

    put("market.essay_over_loss", 1.15)
    assert claims.verdict("C01a", report) == "wrong"
    for benchmark in ("spy", "rsp", "qqq"):
        put(f"market.spread_t_{benchmark}", 1.2)
    assert claims.verdict("C34b", report) != "supported"
    put("market.software_up_share", 0.4)
    assert claims.verdict("C03a", report) == claims.verdict("C34a", report) == "wrong"
