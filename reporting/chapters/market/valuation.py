"""What the fall implied, by a stated valuation model (C01, and the size of the market's fear)."""

from functools import lru_cache

from analysis import valuation
from reporting.chapters.market import reaction as market
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

#: The last quarter known on the event day, four times: what a year of AI sales came to.
LAST_KNOWN_QUARTER = "FY25Q3"
#: Years from the middle of that quarter to the middle of the latest with a data-centre figure.
YEARS_TO_LATEST = 1.75


@result("Data-centre revenue of the last known quarter, four times", "USD/year")
def dc_annualised_usd():
    return 4.0 * market.data_centre(LAST_KNOWN_QUARTER)


def operating_margin():
    return facts.value("nvda_operating_income_q3fy25_usd") / total_sales_usd()


def total_sales_usd():
    return facts.only("nvidia_revenue", segment="Total", quarter=LAST_KNOWN_QUARTER)["usd"]


@result("Data centres' share of NVIDIA's revenue, last known quarter", "fraction", digits=2)
def dc_revenue_share():
    return market.data_centre(LAST_KNOWN_QUARTER) / total_sales_usd()


@result("Profit lost for revenue lost if fewer chips are sold", "ratio")
def leverage_volume():
    return facts.value("nvda_gross_margin_q3fy25") / operating_margin()


@result("Profit lost for revenue lost if chips are sold for less", "ratio")
def leverage_price():
    return 1.0 / operating_margin()


@result("NVIDIA's net income over revenue, last known quarter", "fraction")
def nvda_net_margin():
    return facts.value("nvda_net_income_q3fy25_usd") / total_sales_usd()


@result("Permanent cut in NVIDIA's AI profit that explains the fall", "fraction", digits=2)
def implied_profit_cut(a):
    return valuation.profit_cut(market.nvda_fall(), a.ai_value_share)


@result("Permanent cut in NVIDIA's AI revenue that explains it", "fraction", digits=2)
def implied_revenue_cut(a):
    return valuation.revenue_cut(market.nvda_fall(), a.ai_value_share, a.profit_leverage)


@result("The same cut on a year of sales as known", "USD/year", digits=2)
def implied_revenue_cut_usd(a):
    return implied_revenue_cut(a) * dc_annualised_usd()


@result("Delay of all of NVIDIA's AI cash that explains it", "year", digits=2)
def implied_delay_years(a):
    return valuation.delay_years(market.nvda_fall(), a.ai_value_share, a.equity_discount_rate)


@result("Share of NVIDIA's value that a delay of one year costs", "fraction", digits=2)
def one_year_delay_cost(a):
    return valuation.delay_cost(a.ai_value_share, a.equity_discount_rate)


@lru_cache(maxsize=4096)
def _growth(multiple, years, discount_rate, long_run_growth):
    return valuation.implied_growth(multiple, years, discount_rate, long_run_growth)


def multiple(a, fallen):
    """Return the value that rests on AI over a year of its cash, before or after the fall."""
    value = a.ai_value_share * market.nvda_value_before_usd()
    if fallen:
        value = value - market.loss_usd("nvda")
    return value / (a.nvda_cash_margin * dc_annualised_usd())


@result.rows(
    {
        "implied_growth_before": ("Growth of AI sales a year that the close of 24 January needs", False),
        "implied_growth_after": ("Growth a year that the close of 27 January needs", True),
    },
    "fraction/year",
    "numeric",
    digits=2,
)
def growth(a, fallen):
    return _growth(multiple(a, fallen), a.nvda_growth_years, a.equity_discount_rate, a.long_run_growth)


@result("Cut in AI sales at the end of the growth years", "fraction", "numeric", digits=2)
def implied_horizon_cut(a):
    ratio = (1.0 + growth(a, fallen=True)) / (1.0 + growth(a, fallen=False))
    return 1.0 - ratio**a.nvda_growth_years


@result("Rise of the discount rate that explains the fall instead", "fraction/year", "numeric", digits=2)
def implied_rate_rise(a):
    higher = valuation.implied_discount_rate(
        multiple(a, fallen=True), growth(a, fallen=False), a.nvda_growth_years, a.long_run_growth
    )
    return higher - a.equity_discount_rate


@result.rows(
    {
        "path_before": ("Quarter to April 2026 on the path of 24 January, over October 2024", False),
        "path_after": ("The same on the path of 27 January", True),
    },
    "ratio",
    "numeric",
)
def path(a, fallen):
    return (1.0 + growth(a, fallen)) ** YEARS_TO_LATEST


@result("Actual sales to April 2026 over the path before the fall", "ratio", "numeric", digits=2)
def actual_over_path(a):
    return market.dc_latest_over_event() / path(a, fallen=False)
