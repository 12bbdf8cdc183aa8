"""Results of the chapter on application margins: seats, layers, demand and capital (C25, C27, C29, C37)."""

import math

from analysis import demand, price_trends, token_costs, unit_economics
from reporting.cases import hardware
from reporting.cases.openai_compute import openai_epoch_usd, spent_usd
from reporting.chapters.margins import prices
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

#: Horizon of the question what happens when tokens grow faster than prices fall.
YEARS_AHEAD = 2


def amount(identifier):
    return facts.row("demand", identifier)["value"]


def margin(identifier):
    return facts.row("reported_margins", identifier)["margin"]


# A seat

#: Kind of work to what it is called.
WORK = {"chat": "chat", "retrieval": "retrieval", "agent": "a coding agent"}


def request_tokens(a, work):
    """Return fresh input, cached input and output of a request."""
    return {
        "chat": lambda: (a.chat_input_tokens, 0.0, a.chat_output_tokens),
        "retrieval": lambda: (a.retrieval_input_tokens, 0.0, a.retrieval_output_tokens),
        "agent": lambda: (a.agent_fresh_tokens, a.agent_cached_tokens, a.agent_output_tokens),
    }[work]()


of_seat = result.together(WORK)


@of_seat("{}_request_usd", "Models for a request of {}", "USD", digits=2)
def request_cost(a, work, input_usd=None):
    """Return what the tokens of a request cost at the price of input assumed or at another, USD."""
    input_usd = a.app_input_usd if input_usd is None else input_usd
    return token_costs.request_usd(
        *request_tokens(a, work), input_usd, input_usd * a.app_cached_ratio, input_usd * a.app_output_ratio
    )


@of_seat("{}_cost_usd", "Models for a seat of {}", "USD/month")
def seat_cost(a, work, input_usd=None):
    """Return the model cost of a seat, USD a month, at the price of input assumed or at another."""
    requests = {
        "chat": lambda: a.chat_requests,
        "retrieval": lambda: a.retrieval_requests,
        "agent": lambda: a.agent_requests,
    }[work]()
    return requests * request_cost(a, work, input_usd)


@of_seat("{}_margin", "Gross margin of a seat of {}", "fraction", digits=2)
def seat_margin(a, work):
    return unit_economics.gross_margin(a.seat_usd_month, seat_cost(a, work), a.other_cogs_share)


@of_seat("{}_breakeven_usd", "Input price at which a seat of {} breaks even", "USD/million tokens")
def breakeven_usd(a, work):
    return unit_economics.breakeven_input_usd(a.seat_usd_month, seat_cost(a, work), a.other_cogs_share, a.app_input_usd)


@of_seat("{}_margin_later", "Gross margin of a seat of {} in two years", "fraction", digits=2)
def seat_margin_later(a, work):
    grown = unit_economics.cost_after(seat_cost(a, work), a.token_growth, a.app_price_fall, YEARS_AHEAD)
    return unit_economics.gross_margin(a.seat_usd_month, grown, a.other_cogs_share)


@result.rows(
    {
        "agent_task_low_usd": ("Models for a task of SWE-bench Verified, fewest tokens", "agent_task_tokens_low"),
        "agent_task_high_usd": ("Models for a task of SWE-bench Verified, most tokens", "agent_task_tokens_high"),
    },
    "USD",
    digits=2,
)
def task_usd(a, tokens):
    """Return what a task costs, in the mix of the agent's request."""
    fresh, cached, written = request_tokens(a, "agent")
    return value(tokens) * request_cost(a, "agent") / (fresh + cached + written)


@result("Models for a seat of a coding agent at the price of the smallest Claude", "USD/month")
def agent_small_usd(a):
    return seat_cost(a, "agent", facts.row("api_prices", "haiku55")["input_usd"])


@result("Yearly growth of a seat's model cost", "factor/year", digits=2)
def cost_growth(a):
    return a.token_growth / a.app_price_fall


# Layers


def split(a):
    owned = (hardware.owner_capital_usd(a) + hardware.owner_hosting_usd(a)) / hardware.owner_gpu_hour_usd(a)
    return unit_economics.revenue_split(
        a.app_model_share, a.model_margin, owned, value("bernstein_nvidia_profit_share")
    )


_LAYERS = {
    "application": "that the application keeps, before its other costs",
    "models": "that the model provider earns, gross",
    "computing": "that pays for computing, chip maker's profit left out",
    "chips": "that the chip maker earns, gross",
}


@result.each(_LAYERS, "dollar_{}", "Part of an application's revenue {}", "fraction", digits=2)
def layer_share(a, layer):
    return split(a)[layer]


@result("Rise of the application's margin if models cost half as much", "point", digits=2)
def pass_through_models(a):
    return 100.0 * 0.5 * a.app_model_share


@result("Rise of that margin if all of the chip maker's gross profit were passed on", "point", digits=2)
def pass_through_chips(a):
    return 100.0 * layer_share(a, "chips")


@result("Gross profit of NVIDIA, fiscal 2026", "USD")
def pool_chips_usd():
    return margin("nvidia_fy2026") * amount("nvidia_revenue_fy2026")


@result("Gross profit of OpenAI and Anthropic, 2025, as reported", "USD", digits=2)
def pool_models_usd():
    openai = amount("openai_revenue_2025") - amount("openai_cost_2025")
    return openai + margin("anthropic_2025") * amount("anthropic_revenue_2025")


@result("Gross profit of AI applications, 2025: spending at the surveyed margin", "USD", digits=2)
def pool_apps_usd():
    return margin("iconiq_2025") * amount("enterprise_apps_2025")


@result("Applications in the gross profit of the three layers", "fraction", digits=2)
def pool_apps_share():
    return pool_apps_usd() / (pool_apps_usd() + pool_models_usd() + pool_chips_usd())


@result("Enterprise spending on AI applications, 2025, over NVIDIA's gross profit of fiscal 2026", "fraction", digits=2)
def apps_over_chips():
    """Return how much of the chip maker's gross profit applications would have if none of their revenue were cost."""
    return amount("enterprise_apps_2025") / pool_chips_usd()


@result("Gross margin of AI products, 2025 over 2024, survey", "point", digits=2)
def survey_gain():
    return 100.0 * (margin("iconiq_2025") - margin("iconiq_2024"))


@result("AI products below the lowest of three software companies, 2025", "point", digits=2)
def software_gap():
    lowest = min(row["margin"] for row in facts.rows("reported_margins", layer="software"))
    return 100.0 * (lowest - margin("iconiq_2025"))


@result("NVIDIA's gross margin, last quarter of fiscal 2026 against fiscal 2025", "point", digits=2)
def chip_change():
    return 100.0 * (margin("nvidia_fy2026_q4") - margin("nvidia_fy2025"))


@result("Margins of AI applications found published by January 2025", "count", digits=1)
def apps_by_january():
    rows = facts.rows("reported_margins", layer="applications")
    return sum(row["as_of"] <= prices.ESSAY_DATE for row in rows)


# Volume, price, spending


@result("Google's tokens a month, May 2026 over May 2024", "ratio")
def volume_growth():
    return amount("google_2026_05") / amount("google_2024_05")


@result("Growth of Google's tokens a year, May 2024 to May 2026", "factor/year", digits=2)
def volume_per_year():
    before, after = (facts.row("demand", name)["period"] for name in ("google_2024_05", "google_2026_05"))
    years = price_trends.decimal_year(f"{after}-01") - price_trends.decimal_year(f"{before}-01")
    return volume_growth() ** (1.0 / years)


@result.rows(
    {
        "volume_value": ("Google's volume at constant-quality prices, growth a year", "factor"),
        "volume_value_low": ("Google's volume at constant-quality prices, low end", "high"),
        "volume_value_high": ("Google's volume at constant-quality prices, high end", "low"),
    },
    "factor/year",
    digits=2,
)
def volume_value(fall):
    return volume_per_year() / prices.hedonic()[fall]


@result("Revenue of OpenAI and Anthropic, 2025 over 2024", "ratio", digits=2)
def labs_growth():
    before = spent_usd("audited_2026_06", "revenue (memo)") + amount("anthropic_revenue_2024")
    return (amount("openai_revenue_2025") + amount("anthropic_revenue_2025")) / before


@result("OpenAI's over Anthropic's run rate of revenue, summer 2026", "ratio", digits=2)
def first_over_second():
    return value("openai_run_rate_2026_08") / value("anthropic_run_rate_2026_07")


@result("NVIDIA's data-centre revenue, fiscal 2026 over 2025", "ratio")
def nvidia_growth():
    return amount("nvidia_dc_fy2026") / amount("nvidia_dc_fy2025")


@result("Elasticity that the labs' revenue would imply, had only prices moved", "elasticity", digits=2)
def naive_elasticity():
    return demand.implied_elasticity(prices.hedonic()["factor"], labs_growth())


@result("Elasticity measured for one model at different hosts", "elasticity")
def measured_elasticity():
    return -facts.row("elasticities", "llm_hosts")["elasticity"]


@result("Elasticity of the market, users who change hosts taken out", "elasticity", digits=2)
def market_elasticity(a):
    return measured_elasticity() * (1.0 - a.switching_share)


@result("Spending on tokens after a tenfold fall of price at the measured elasticity", "ratio")
def measured_spending():
    return demand.spending_ratio(0.1, measured_elasticity())


@result("Light, 1800 to 2000: elasticity if only the price had moved", "elasticity")
def lighting_elasticity():
    return demand.arc_elasticity(value("lighting_price_ratio"), value("lighting_use_ratio"))


@result("Light a head, 1800 to 2000: elasticity if use also follows income", "elasticity", digits=2)
def lighting_elasticity_adjusted():
    growth = value("lighting_use_per_head_ratio") / value("lighting_income_ratio")
    return demand.arc_elasticity(value("lighting_price_ratio"), growth)


@result("Light: highest elasticity of any period, 1840s to 1890s", "elasticity", digits=2)
def lighting_peak():
    return -facts.row("elasticities", "lighting_peak")["elasticity"]


@result("Scottish iron that Jevons's figures imply, 1863 over 1830", "ratio", digits=2)
def iron_output():
    return value("iron_coal_total_ratio") / value("iron_coal_ratio")


# Capital

_FOUR_2024 = ("goog_cash_2024", "meta_cash_2024", "msft_cash_cy2024", "amzn_cash_2024")
_FOUR_2025 = ("goog_cash_2025", "meta_cash_2025", "msft_cash_cy2025", "amzn_cash_2025")
_FOUR_2026 = ("goog_g2026_apr", "meta_g2026_apr", "msft_g2026_apr", "amzn_g2026_feb")


def capex(rows):
    return math.fsum(facts.row("capex", row)["usd"] for row in rows)


@result("Cash capital expenditure of four companies in 2025", "USD")
def capex_2025_usd():
    return capex(_FOUR_2025)


@result("Cash capital expenditure of four companies, 2025 over 2024", "ratio")
def capex_growth():
    return capex(_FOUR_2025) / capex(_FOUR_2024)


@result("Plans of the four for 2026, as of spring", "USD", digits=2)
def capex_plan_2026_usd():
    return capex(_FOUR_2026)


def rent(row):
    return facts.row("gpu_rental", row)["usd_per_gpu_hour"]


@result("One-year rent of an H100, June 2026 over October 2025", "fraction", digits=2)
def rent_rise():
    return rent("h100_1y_2026_06") / rent("h100_1y_2025_10") - 1.0


@result.rows(
    {
        "rent_over_owner": (
            "One-year rent of an H100, June 2026, over the owner's cost of an H800-hour",
            "h100_1y_2026_06",
        ),
        "rent_low_over_owner": (
            "One-year rent of an H100, October 2025, over the owner's cost of an H800-hour",
            "h100_1y_2025_10",
        ),
    },
    "ratio",
    digits=2,
)
def rent_over_owner(a, row):
    return rent(row) / hardware.owner_gpu_hour_usd(a)


@result("Yearly revenue of OpenAI and Anthropic, spring 2026", "USD/year", digits=2)
def labs_run_rate_usd():
    return 4.0 * amount("openai_revenue_2026q1") + amount("anthropic_run_rate_2026_05")


@result(
    "OpenAI's and Anthropic's revenue over a year's depreciation of two years' capital expenditure",
    "fraction",
    digits=2,
)
def revenue_cover(a):
    return labs_run_rate_usd() / ((capex(_FOUR_2024) + capex(_FOUR_2025)) / a.server_life_years)


# A cut in training cost


@result("Spending on compute after the cut, neither training nor inference responding", "fraction", digits=2)
def compute_static(a):
    return demand.compute_multiple(a.training_share, a.training_cut, 0.0, 0.0)


@result("Spending on compute after the cut, inference growing as we assume, nobody training more", "fraction", digits=2)
def compute_inference(a):
    return demand.compute_multiple(a.training_share, a.training_cut, 0.0, a.inference_response)


@result("Spending on compute after the cut, with our demand", "fraction", digits=2)
def compute_multiple(a):
    return demand.compute_multiple(a.training_share, a.training_cut, a.training_elasticity, a.inference_response)


@result("Elasticity of training at which the cut leaves spending as it was", "elasticity", digits=2)
def breakeven_elasticity(a):
    return demand.breakeven_elasticity(a.training_share, a.training_cut, a.inference_response)


@result("Growth of inference that makes up for the cut without more training", "fraction", digits=2)
def inference_needed(a):
    return a.training_share * a.training_cut / (1.0 - a.training_share)


@result("OpenAI's compute of 2024 saved, if only final runs get cheaper", "fraction", digits=2)
def final_runs_fall():
    share = value("epoch_openai_2024_final_runs_usd") / openai_epoch_usd()
    return value("essay_training_drop") * share


@result("Research and training in OpenAI's compute of 2024, Epoch AI", "fraction", digits=2)
def openai_training_share():
    return spent_usd("epoch_2025_10", "training", "research") / openai_epoch_usd()
