"""What the fall implied, by a stated valuation model (C01, and the size of the market's fear)."""

from functools import lru_cache

from analysis import facts, valuation
from analysis.results import market_reaction as market
from analysis.results import result

#: The last quarter known on the event day, four times: what a year of AI sales came to.
LAST_KNOWN_QUARTER = "FY25Q3"
#: Years from the middle of that quarter to the middle of the latest with a data-centre figure.
YEARS_TO_LATEST = 1.5


def annual_sales_usd():
    return 4.0 * market.data_centre(LAST_KNOWN_QUARTER)


@result(
    "market.dc_annualised_usd", "Data-centre revenue of the last known quarter, four times", "USD/year", kind="fixed"
)
def dc_annualised_usd(a):
    return annual_sales_usd()


def operating_margin():
    return facts.value("nvda_operating_income_q3fy25_usd") / total_sales_usd()


def total_sales_usd():
    return facts.only("nvidia_revenue", segment="Total", quarter=LAST_KNOWN_QUARTER)["usd"]


@result(
    "market.dc_revenue_share",
    "Data centres' share of NVIDIA's revenue, last known quarter",
    "fraction",
    kind="fixed",
    digits=2,
)
def dc_revenue_share(a):
    return market.data_centre(LAST_KNOWN_QUARTER) / total_sales_usd()


@result("market.leverage_volume", "Profit lost for revenue lost if fewer chips are sold", "ratio", kind="fixed")
def leverage_volume(a):
    return facts.value("nvda_gross_margin_q3fy25") / operating_margin()


@result("market.leverage_price", "Profit lost for revenue lost if chips are sold for less", "ratio", kind="fixed")
def leverage_price(a):
    return 1.0 / operating_margin()


@result("market.nvda_net_margin", "NVIDIA's net income over revenue, last known quarter", "fraction", kind="fixed")
def nvda_net_margin(a):
    return facts.value("nvda_net_income_q3fy25_usd") / total_sales_usd()


@result("market.implied_profit_cut", "Permanent cut in NVIDIA's AI profit that explains the fall", "fraction", digits=2)
def implied_profit_cut(a):
    return valuation.profit_cut(market.nvda_fall(a), a.ai_value_share)


@result("market.implied_revenue_cut", "Permanent cut in NVIDIA's AI revenue that explains it", "fraction", digits=2)
def implied_revenue_cut(a):
    return valuation.revenue_cut(market.nvda_fall(a), a.ai_value_share, a.profit_leverage)


@result("market.implied_revenue_cut_usd", "The same cut on a year of sales as known", "USD/year", digits=2)
def implied_revenue_cut_usd(a):
    return implied_revenue_cut(a) * annual_sales_usd()


@result("market.implied_delay_years", "Delay of all of NVIDIA's AI cash that explains it", "year", digits=2)
def implied_delay_years(a):
    return valuation.delay_years(market.nvda_fall(a), a.ai_value_share, a.equity_discount_rate)


@result("market.one_year_delay_cost", "Share of NVIDIA's value that a delay of one year costs", "fraction", digits=2)
def one_year_delay_cost(a):
    return valuation.delay_cost(a.ai_value_share, a.equity_discount_rate)


@lru_cache(maxsize=4096)
def _growth(multiple, years, discount_rate, long_run_growth):
    return valuation.implied_growth(multiple, years, discount_rate, long_run_growth)


def multiple(a, fallen):
    """Return the value that rests on AI over a year of its cash, before or after the fall."""
    value = a.ai_value_share * market.nvda_value_before_usd(a)
    if fallen:
        value = value - market.nvda_loss_usd(a)
    return value / (a.nvda_cash_margin * annual_sales_usd())


def growth(a, fallen):
    return _growth(multiple(a, fallen), a.nvda_growth_years, a.equity_discount_rate, a.long_run_growth)


@result(
    "market.implied_growth_before",
    "Growth of AI sales a year that the close of 24 January needs",
    "fraction/year",
    kind="numeric",
    digits=2,
)
def implied_growth_before(a):
    return growth(a, fallen=False)


@result(
    "market.implied_growth_after",
    "Growth a year that the close of 27 January needs",
    "fraction/year",
    kind="numeric",
    digits=2,
)
def implied_growth_after(a):
    return growth(a, fallen=True)


@result(
    "market.implied_horizon_cut", "Cut in AI sales at the end of the growth years", "fraction", kind="numeric", digits=2
)
def implied_horizon_cut(a):
    ratio = (1.0 + growth(a, fallen=True)) / (1.0 + growth(a, fallen=False))
    return 1.0 - ratio**a.nvda_growth_years


@result(
    "market.implied_rate_rise",
    "Rise of the discount rate that explains the fall instead",
    "fraction/year",
    kind="numeric",
    digits=2,
)
def implied_rate_rise(a):
    higher = valuation.implied_discount_rate(
        multiple(a, fallen=True), growth(a, fallen=False), a.nvda_growth_years, a.long_run_growth
    )
    return higher - a.equity_discount_rate


@result(
    "market.path_before", "Quarter to April 2026 on the path of 24 January, over October 2024", "ratio", kind="numeric"
)
def path_before(a):
    return (1.0 + growth(a, fallen=False)) ** YEARS_TO_LATEST


@result("market.path_after", "The same on the path of 27 January", "ratio", kind="numeric")
def path_after(a):
    return (1.0 + growth(a, fallen=True)) ** YEARS_TO_LATEST


@result(
    "market.actual_over_path",
    "Actual sales to April 2026 over the path before the fall",
    "ratio",
    kind="numeric",
    digits=2,
)
def actual_over_path(a):
    return market.dc_latest_over_event(a) / path_before(a)
