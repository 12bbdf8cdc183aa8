"""Results of the chapter on application margins: list prices, at constant quality and not (C30, C35, C38)."""

import math

from analysis import price_trends, token_costs
from reporting.cases import benchmarks
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

#: The essay's date: what was on offer by then counts for it.
ESSAY_DATE = "2025-01-31"
#: Offers of hosts that did not make the model; the hedonic regression takes makers' prices only.
HOSTS = frozenset(
    {
        "AWS Bedrock",
        "Azure AI",
        "Cerebras",
        "Databricks",
        "DeepInfra",
        "Fireworks",
        "Groq",
        "OpenRouter, cheapest route",
        "Perplexity",
        "SambaNova",
        "Together AI",
    }
)


def usd(offer):
    """Return the blended price of a row of the price table, three parts of input to one of output."""
    return price_trends.blended(offer["input_usd"], offer["output_usd"])


def price(identifier):
    return usd(facts.row("api_prices", identifier))


def quality(offer):
    return benchmarks.score(offer["score"])


def scored():
    """Return the offers whose model Epoch AI ran on GPQA Diamond."""
    return facts.rows("api_prices", test="GPQA Diamond")


def blended_facts(model):
    return price_trends.blended(*benchmarks.list_prices(model))


# R1 and its neighbours


@result.rows(
    {
        "r1_over_o1": ("o1's list price over R1's, three parts of input to one of output", "o1"),
        "r1_over_o3_mini": ("o3-mini's list price over R1's", "o3_mini"),
    },
    "ratio",
    digits={"r1_over_o3_mini": 2},
)
def rival_over_r1(rival):
    return blended_facts(rival) / blended_facts("r1")


def r1_hosts():
    hosts = ("azure", "bedrock", "fireworks", "sambanova", "together", "deepinfra")
    return [facts.row("api_prices", f"r1_{host}") for host in hosts]


@result.rows(
    {
        "r1_host_cheapest": ("o1's list price over R1's at its cheapest other host", min),
        "r1_host_dearest": ("o1's list price over R1's at its dearest other host", max),
    },
    "ratio",
    digits=2,
)
def o1_over_host(choose):
    return blended_facts("o1") / choose(usd(offer) for offer in r1_hosts())


# Constant quality


def lows(threshold, until="9999"):
    """Return the record-low offers at or above the score of a row of the price table, by date."""
    offers = [offer for offer in scored() if offer["date"] <= until]
    kept = price_trends.record_lows(
        [price_trends.decimal_year(offer["date"]) for offer in offers],
        [usd(offer) for offer in offers],
        [quality(offer) for offer in offers],
        quality(facts.row("api_prices", threshold)),
    )
    return [offers[i] for i in kept]


def trend(threshold):
    """Return the trend through the record lows at the quality of a row of the price table."""
    kept = lows(threshold)
    years = [price_trends.decimal_year(offer["date"]) for offer in kept]
    return price_trends.log_trend(years, [usd(offer) for offer in kept])


def hedonic(since="0000", until="9999"):
    """Return the hedonic regression over makers' offers of a period: score, thinking and open weights held constant.

    The only open offer of a period would fix the effect of openness alone and say nothing of the fall: it is left out.
    """
    from scipy.special import logit

    offers = [o for o in scored() if o["provider"] not in HOSTS and since <= o["date"] <= until]
    kinds = ["thinking", "open_weights"]
    if len([o for o in offers if o["open_weights"]]) == 1:
        offers, kinds = [o for o in offers if not o["open_weights"]], ["thinking"]
    return price_trends.hedonic(
        [price_trends.decimal_year(o["date"]) for o in offers],
        [usd(o) for o in offers],
        [[logit(quality(o)), *(o[kind] for kind in kinds)] for o in offers],
    )


#: Name, the model whose quality is held, in words.
LEVELS = {"gpt4": ("gpt4_0314", "GPT-4's"), "gpt4o": ("gpt4o_0513", "GPT-4o's"), "r1": ("r1", "R1's")}


#: Of these, levels with more than three prices: of R1's the interval spans more than twenty powers of ten.
BOUNDED = ("gpt4", "gpt4o")
at_level = result.together(LEVELS)


@at_level("trend_{}", "Yearly fall of the lowest price at {1} score", "factor/year", digits=2)
def level_factor(level, part="factor"):
    return trend(LEVELS[level][0])[part]


@at_level("trend_{}_points", "Record lows under the fall at {1} score", "count", digits=1)
def level_points(level):
    return level_factor(level, "points")


@at_level(
    "trend_{}_low",
    "Yearly fall of the lowest price at {1} score, low end of 90%",
    "factor/year",
    digits=2,
    only=BOUNDED,
)
def level_low(level):
    return level_factor(level, "low")


@at_level(
    "trend_{}_high",
    "Yearly fall of the lowest price at {1} score, high end of 90%",
    "factor/year",
    digits=2,
    only=BOUNDED,
)
def level_high(level):
    return level_factor(level, "high")


#: Name, first and last date, in words.
PERIODS = {
    "hedonic": ("0000", "9999", "all makers' prices"),
    "hedonic_before": ("0000", ESSAY_DATE, "prices up to January 2025"),
    "hedonic_since": ("2025-02-01", "9999", "prices since February 2025"),
}


in_period = result.together(PERIODS)


@in_period("{}", "Yearly fall of price at a given score, {2}", "factor/year", digits=2)
def hedonic_factor(period, part="factor"):
    since, until, _ = PERIODS[period]
    return hedonic(since, until)[part]


@in_period("{}_low", "Yearly fall of price at a given score, {2}, low end of 90%", "factor/year", digits=2)
def hedonic_low(period):
    return hedonic_factor(period, "low")


@in_period("{}_high", "Yearly fall of price at a given score, {2}, high end of 90%", "factor/year", digits=2)
def hedonic_high(period):
    return hedonic_factor(period, "high")


@in_period("{}_points", "Prices in the regression, {2}", "count", digits=2)
def hedonic_points(period):
    return hedonic_factor(period, "points")


@result("GPT-4o at its launch, May 2024", "USD/million tokens")
def gpt4o_launch_usd():
    return price("gpt4o_0513")


@result("Lowest price at GPT-4o's score in January 2025", "USD/million tokens")
def gpt4o_level_january_usd():
    return usd(lows("gpt4o_0513", ESSAY_DATE)[-1])


@result("Lowest price at GPT-4o's score, last seen", "USD/million tokens", digits=2)
def gpt4o_level_now_usd():
    return usd(lows("gpt4o_0513")[-1])


@result("Lowest price of an open model at GPT-4o's score, last seen", "USD/million tokens", digits=2)
def open_level_now_usd():
    wanted = quality(facts.row("api_prices", "gpt4o_0513"))
    return min(usd(offer) for offer in scored() if offer["open_weights"] and quality(offer) >= wanted)


@result("Fall of the lowest price at GPT-4o's score, May 2024 to January 2025", "ratio", digits=2)
def gpt4o_level_fall():
    return gpt4o_launch_usd() / gpt4o_level_january_usd()


@result("Fall of the lowest price at GPT-4o's score since January 2025", "ratio", digits=2)
def gpt4o_level_fall_since():
    return gpt4o_level_january_usd() / gpt4o_level_now_usd()


@result("Cheaper of OpenAI's flagship and Claude Sonnet, autumn 2026", "USD/million tokens")
def flagship_now_usd():
    return min(price("gpt61_sol"), price("sonnet55"))


@result("Dearer of GPT-6 Luna and Claude Haiku 5.5, autumn 2026", "USD/million tokens")
def small_now_usd():
    return max(price("haiku55"), price("gpt6_luna"))


# Prices of a tier


def _per_year(first, last):
    """Return the yearly factor by which the blended price fell from one row to another."""
    before, after = (facts.row("api_prices", name) for name in (first, last))
    years = price_trends.decimal_year(after["date"]) - price_trends.decimal_year(before["date"])
    return (usd(before) / usd(after)) ** (1.0 / years)


@result("Yearly fall of OpenAI's flagship, GPT-4 to GPT-6.1", "factor/year", digits=2)
def flagship_fall():
    return _per_year("gpt4_0314", "gpt61_sol")


@result("OpenAI's flagship, GPT-5.5 over GPT-5", "ratio", digits=2)
def flagship_rise():
    return price("gpt55") / price("gpt5")


@result("Yearly fall of Claude Sonnet, February 2024 to September 2026", "factor/year", digits=2)
def sonnet_fall():
    return _per_year("claude3_sonnet", "sonnet55")


@result("Gemini Flash, version 3.5 over version 1.5 after its cut", "ratio", digits=2)
def flash_rise():
    return price("gemini35_flash") / price("gemini15_flash002")


@result("DeepSeek V4-Pro at peak hours since August 2026 over its price before", "ratio", digits=2)
def deepseek_rise():
    return price("v4_pro_peak") / price("v4_pro_cut")


# The mix of a coding agent


def agent_request_usd(identifier):
    offer = facts.row("api_prices", identifier)
    return token_costs.request_usd(
        value("agent_request_fresh_tokens"),
        value("agent_request_cached_tokens"),
        value("agent_request_output_tokens"),
        offer["input_usd"],
        offer["cached_usd"],
        offer["output_usd"],
    )


@result.rows(
    {
        "agent_v4_launch_usd": ("A thousand requests of a coding agent on V4-Pro, at launch", "v4_pro"),
        "agent_v4_cut_usd": (
            "A thousand requests of a coding agent on V4-Pro, after the cut of April 2026",
            "v4_pro_cut",
        ),
        "agent_v4_peak_usd": (
            "A thousand requests of a coding agent on V4-Pro, at peak hours since August 2026",
            "v4_pro_peak",
        ),
    },
    "USD",
)
def agent_thousand_usd(identifier):
    return 1000.0 * agent_request_usd(identifier)


@result("Fall of the agent's bill on V4-Pro in April 2026", "ratio", digits=2)
def agent_cut():
    return agent_request_usd("v4_pro") / agent_request_usd("v4_pro_cut")


@result("Fall of V4-Pro's blended list price in April 2026", "ratio", digits=2)
def list_cut():
    return price("v4_pro") / price("v4_pro_cut")


@result("Cached input in the agent's bill at Sonnet's price of 2025", "fraction", digits=2)
def agent_cached_share():
    offer = facts.row("api_prices", "sonnet45")
    cached = token_costs.usd(value("agent_request_cached_tokens"), offer["cached_usd"])
    return cached / agent_request_usd("sonnet45")


# Dollars an answer: price times length


def answer_usd(model):
    """Return what one answer to a question of GPQA Diamond cost at January 2025 prices, thinking included."""
    return benchmarks.answer_usd(f"epoch_{model}_gpqa", model)


@result.rows(
    {
        "answer_o1_over_gpt4o": ("An answer of o1 over one of GPT-4o, GPQA Diamond", answer_usd, "o1", "gpt4o"),
        "price_o1_over_gpt4o": ("o1's list price over GPT-4o's", blended_facts, "o1", "gpt4o"),
        "answer_o1_over_r1": ("An answer of o1 over one of R1, GPQA Diamond", answer_usd, "o1", "r1"),
        "answer_r1_over_gpt4o": ("An answer of R1 over one of GPT-4o, GPQA Diamond", answer_usd, "r1", "gpt4o"),
    },
    "ratio",
    digits=2,
)
def model_over_model(dollars, model, other):
    return dollars(model) / dollars(other)


# Llama against the premium APIs


#: Offers of Llama 3.1 405B, and of 3.1 and 3.3 70B, up to the essay's date. Groq's preview of
#: the 405B is left out: its price in the file is that of the 70B, so it may be a placeholder.
LLAMA = {
    "405b": ("databricks", "databricks_2025", "azure", "bedrock", "together", "sambanova", "deepinfra"),
    "70b": ("azure", "groq", "cerebras", "perplexity", "together", "sambanova", "bedrock", "databricks", "friendli"),
    "33": ("groq", "groq_specdec", "azure", "bedrock", "databricks"),
}


def llama_offers(*sizes):
    return [facts.row("api_prices", f"llama{size}_{host}") for size in sizes or LLAMA for host in LLAMA[size]]


def over_premium(offer):
    """Return Claude 3.5 Sonnet's list price over an offer's: the dearer of the two premium models the essay had."""
    return price("sonnet35_1022") / usd(offer)


@result("Offers of Llama 3.1 and 3.3 found up to January 2025", "count", digits=2, key="llama_offers")
def llama_offer_count():
    return len(llama_offers())


@result.rows(
    {
        "llama_ten": ("Llama offers ten times cheaper than Claude 3.5 Sonnet", "sonnet35_1022"),
        "llama_ten_opus": ("Llama offers ten times cheaper than Claude 3 Opus", "claude3_opus"),
    },
    "count",
    digits=1,
)
def ten_times_cheaper(premium, *sizes):
    wanted = value("essay_open_price_ratio")
    return sum(price(premium) / usd(offer) >= wanted - 1e-9 for offer in llama_offers(*sizes))


@result("Offers of Llama 3.1 405B found up to January 2025", "count", digits=1, key="llama405b_offers")
def llama405b_offer_count():
    return len(llama_offers("405b"))


@result("Llama 3.1 405B offers ten times cheaper than Claude 3.5 Sonnet", "count", digits=1)
def llama405b_ten():
    return ten_times_cheaper("sonnet35_1022", "405b")


@result("Llama 3.1 405B offers dearer than Claude 3.5 Sonnet", "count", digits=1)
def llama405b_dearer():
    return sum(over_premium(offer) < 1.0 for offer in llama_offers("405b"))


@result.rows(
    {
        "llama405b_dearest": ("Claude 3.5 Sonnet over Llama 3.1 405B at its dearest host", min, "405b"),
        "llama405b_cheapest": ("Claude 3.5 Sonnet over Llama 3.1 405B at its cheapest host", max, "405b"),
        "llama70b_cheapest": ("Claude 3.5 Sonnet over Llama 3.1 70B at its cheapest host", max, "70b"),
    },
    "ratio",
    digits=2,
)
def over_host(choose, size):
    return choose(over_premium(offer) for offer in llama_offers(size))


@result("Claude 3.5 Sonnet over Llama 3.3 70B at Groq, January 2025", "ratio", digits=2)
def llama33_below_sonnet():
    return over_premium(facts.row("api_prices", "llama33_groq"))


@result("GPT-4o over Llama 3.1 70B at Groq, July 2024", "ratio")
def llama70b_july():
    return price("gpt4o_0513") / price("llama70b_groq")


# Open and closed


#: Run of the best closed and of the best open model, in words.
GAPS = {
    "july_2024": ("epoch_claude_3_5_sonnet_20240620_gpqa", "epoch_llama_3_1_405b_instruct_gpqa", "July 2024"),
    "january_2025": ("epoch_o1_high_gpqa", "epoch_r1_gpqa", "January 2025"),
    "november_2025": ("epoch_gpt_5_1_high_gpqa", "epoch_kimi_k2_thinking_turbo_gpqa", "November 2025"),
}


@result.each(GAPS, "gap_{}", "Closed over open model on GPQA Diamond, {2}", "point", digits=2)
def gap(when):
    """Return how far the open model's score lies below the closed one's, percentage points."""
    closed, opened, _ = GAPS[when]
    return benchmarks.points(closed, opened)


@result("Best closed model on GPQA Diamond, November 2025 over January 2025", "point", digits=2)
def frontier_gain():
    return benchmarks.points(GAPS["november_2025"][0], GAPS["january_2025"][0])


@result("R1 over Llama 3.1 405B on GPQA Diamond, Epoch AI's runs", "point", digits=2)
def r1_over_llama():
    return benchmarks.points("epoch_r1_gpqa", "epoch_llama_3_1_405b_instruct_gpqa")


@result("ByteDance among the seven open models at the head of the chat arena, July 2025", "count", digits=1)
def bytedance_leading():
    return value("arena_open_bytedance")


@result("Claude 3.5 Sonnet over Llama 3.1 405B, July 2024", "ratio", digits=2)
def price_gap_july_2024():
    launch = [offer for offer in llama_offers("405b") if offer["date"] <= "2024-07-31"]
    return price("sonnet35_0620") / min(usd(offer) for offer in launch)


@result("Open models behind the best by Epoch AI's index, 2026", "month", digits=1)
def open_lag_months():
    return value("epoch_open_lag_2026_months")


@result.rows(
    {
        "top_three_share": ("Three largest in enterprise spending on models, 2025", "menlo_2025"),
        "top_three_plan": ("The same three by large companies' plans for 2026", "a16z_2026"),
    },
    "fraction",
    digits=2,
)
def three_largest(survey):
    names = ("anthropic", "openai", "google")
    return math.fsum(facts.row("market_shares", f"{survey}_{name}")["share"] for name in names)


@result("Open models in enterprise usage, 2025 over 2024", "fraction", digits=2)
def open_share_change():
    now, before = (facts.row("market_shares", f"menlo_{year}_open")["share"] for year in (2025, 2024))
    return now / before
