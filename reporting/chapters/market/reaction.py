"""Results of the chapter on the market's reaction: values, returns, abnormal returns (C01-C03, C34, C48)."""

import math
import statistics

from analysis import event_study
from reporting.core.results import Chapter, product
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

BENCHMARKS = {"spy": "SPY", "rsp": "RSP", "qqq": "QQQ"}
GROUPS = {
    "chips": "Chips",
    "networking": "Networking and servers",
    "power": "Power and equipment",
    "software": "Application software",
}
PORTFOLIOS = GROUPS | {"spread": "Software minus chips"}
#: Window to its first and last day, in trading days from the event, and its name.
WINDOWS = {
    "before": (-4, -1, "21 to 24 January"),
    "two_days": (0, 1, "27 and 28 January"),
    "week": (0, 4, "27 to 31 January"),
    "fortnight": (0, 9, "27 January to 7 February"),
}
HARDWARE = ("chips", "networking", "power")


def name_of(identifier):
    return facts.row("event_names", identifier)


def members(group):
    return facts.rows("event_names", group=group)


# Value lost per company


def losses(groups):
    """Return ``(row of event_names, US dollars lost)`` of every name of some groups whose share count is known."""
    counted = {row["id"] for row in facts.rows("event_shares")}
    return [(row, loss_usd(row["id"])) for group in groups for row in members(group) if row["id"] in counted]


def shares_of(identifier):
    return facts.row("event_shares", identifier)["shares"]


@result.rows(
    {
        "nvda_loss_usd": ("NVIDIA's market value lost on 27 January 2025", "nvda"),
        "avgo_loss_usd": ("Broadcom: market value lost on 27 January 2025", "avgo"),
        "tsm_loss_usd": ("TSMC: market value lost on 27 January 2025", "tsm"),
        "googl_loss_usd": ("Alphabet: market value lost on 27 January 2025", "googl"),
    },
    "USD",
    digits={"nvda_loss_usd": 4},
)
def loss_usd(identifier):
    row = name_of(identifier)
    return event_study.value_lost(shares_of(identifier), row["close_before"], row["close_event"])


@result("NVIDIA's market value on 24 January 2025", "USD", digits=4)
def nvda_value_before_usd():
    return shares_of("nvda") * name_of("nvda")["close_before"]


@result("NVIDIA's fall on 27 January 2025", "fraction", digits=4)
def nvda_fall():
    row = name_of("nvda")
    return 1.0 - row["close_event"] / row["close_before"]


@result("NVIDIA's fall from the close of 23 January", "fraction")
def nvda_two_day_fall():
    return 1.0 - name_of("nvda")["close_event"] / value("nvda_close_2025_01_23")


@result("NVIDIA's market value gained on 28 January 2025", "USD")
def nvda_rebound_usd():
    row = name_of("nvda")
    return -event_study.value_lost(shares_of("nvda"), row["close_event"], row["close_after"])


@result("NVIDIA's diluted share count, fiscal 2025", "count")
def nvda_diluted_shares():
    return value("nvda_net_income_fy25_usd") / value("nvda_eps_diluted_fy25_usd")


def nvda_lost_usd(shares, close):
    """Return NVIDIA's market value lost by another count of its shares, or at another close."""
    return event_study.value_lost(shares, name_of("nvda")["close_before"], close)


@result("The same loss on the diluted count", "USD", digits=4)
def nvda_loss_diluted_usd():
    return nvda_lost_usd(nvda_diluted_shares(), name_of("nvda")["close_event"])


@result("The same loss at the price of early reports", "USD", digits=4)
def nvda_loss_early_quote_usd():
    return nvda_lost_usd(shares_of("nvda"), value("nvda_early_close_usd"))


@result("The same loss on the diluted count at that price", "USD", digits=4)
def nvda_loss_diluted_early_usd():
    return nvda_lost_usd(nvda_diluted_shares(), value("nvda_early_close_usd"))


@result("Shares that Nasdaq's figure implies", "count", digits=4)
def nvda_shares_behind_nasdaq():
    row = name_of("nvda")
    return value("nvda_loss_nasdaq_usd") / (row["close_before"] - row["close_event"])


@result("The essay's loss over ours", "ratio")
def essay_over_loss():
    return value("essay_nvda_loss_usd") / loss_usd("nvda")


@result("Value lost by hardware and power names with a share count", "USD")
def hardware_loss_usd():
    return math.fsum(usd for _, usd in losses(HARDWARE))


@result("Hardware and power names with a share count", "count", digits=2)
def hardware_counted():
    return len(losses(HARDWARE))


@result("NVIDIA's share of that loss", "fraction", digits=2)
def nvda_share_of_loss():
    return loss_usd("nvda") / hardware_loss_usd()


@result("NVIDIA's loss over the largest before it", "ratio", digits=2)
def nvda_over_record():
    return loss_usd("nvda") / value("nvda_record_loss_before_usd")


# The distribution


def returns(group, column="event_day"):
    return [row[column] for row in members(group)]


@result("Chip names in the sample", "count", digits=2)
def semis_count():
    return len(members("chips"))


@result("Chip names that fell within the essay's band", "count", digits=1)
def semis_in_band_count():
    low, high = value("essay_chip_fall_low"), value("essay_chip_fall_high")
    return sum(low <= -change <= high for change in returns("chips"))


@result("Share of chip names that fell within the essay's band", "fraction", digits=2)
def semis_in_band_share():
    return semis_in_band_count() / semis_count()


@result("Share of chip names that fell less", "fraction", digits=2)
def semis_less_share():
    return sum(-change < value("essay_chip_fall_low") for change in returns("chips")) / semis_count()


@result("Names of all hardware groups that fell more", "count", digits=2)
def hardware_deeper_count():
    falls = [-change for group in HARDWARE for change in returns(group)]
    return sum(fall > value("essay_chip_fall_high") for fall in falls)


@result("Chips: return of 27 January weighted by market value", "fraction")
def chips_value_weighted():
    held = losses(["chips"])
    before = math.fsum(shares_of(row["id"]) * row["close_before"] for row, _ in held)
    return -math.fsum(usd for _, usd in held) / before


of_group = result.together(GROUPS)


@of_group("{}_mean", "{}: mean return of 27 January", "fraction")
def mean_return(group):
    return statistics.fmean(returns(group))


@of_group("{}_median", "{}: median return of 27 January", "fraction")
def median_return(group):
    return statistics.median(returns(group))


@result("Application names in the sample", "count", digits=2)
def software_count():
    return len(members("software"))


@result("Application names that rose", "count", digits=2)
def software_up_count():
    return sum(change > 0 for change in returns("software"))


@result("Share of application names that rose", "fraction", digits=2)
def software_up_share():
    return software_up_count() / software_count()


@result("Part of SPY's fall that NVIDIA alone makes", "fraction", digits=2)
def spy_fall_from_nvda():
    return value("nvda_spy_weight") * name_of("nvda")["event_day"] / name_of("spy")["event_day"]


# Abnormal returns


def model(row):
    """Return the market model that a row of ``market_model`` or ``event_portfolios`` holds."""
    return event_study.MarketModel(**{field: row[field] for field in event_study.MarketModel.__dataclass_fields__})


def day_return(series, day=0):
    return facts.only("event_path", series=series, day=float(day))["daily_return"]


def window_return(series, first, last):
    if series == "spread":
        return window_return("software", first, last) - window_return("chips", first, last)
    return math.fsum(day_return(series, day) for day in range(first, last + 1))


def abnormal(identifier, benchmark):
    """Return a name's abnormal return on the event day, its t and half its 95% interval."""
    fitted = model(facts.row("market_model", f"{identifier}_{benchmark}"))
    stock, market = name_of(identifier)["event_day"], name_of(benchmark)["event_day"]
    return (
        event_study.abnormal_return(fitted, stock, market),
        event_study.abnormal_t(fitted, stock, market),
        event_study.interval_half(fitted, market),
    )


def group_abnormal(group, benchmark, first=0, last=0):
    """Return a portfolio's abnormal return over a window, its t and half its 95% interval."""
    fitted = model(facts.row("event_portfolios", f"{group}_{benchmark}"))
    length = last - first + 1
    stock, market = (window_return(series, first, last) for series in (group, benchmark))
    return (
        event_study.abnormal_return(fitted, stock, market, length),
        event_study.abnormal_t(fitted, stock, market, length),
        event_study.interval_half(fitted, market, length),
    )


def scores(group, benchmark):
    """Return the standardised abnormal returns of a group's names on the event day."""
    return [abnormal(row["id"], benchmark)[1] for row in members(group)]


def bmp(group, benchmark):
    return event_study.bmp(scores(group, benchmark))


against = result.together(product(PORTFOLIOS, BENCHMARKS))


@against("{}_ar_{}", "{}: abnormal return against {}", "fraction")
def day_abnormal(group, benchmark):
    return group_abnormal(group, benchmark)[0]


@against("{}_t_{}", "{}: its t, portfolio against {}", "count")
def day_t(group, benchmark):
    return group_abnormal(group, benchmark)[1]


@against("{}_kp_{}", "{}: Kolari-Pynnönen statistic, {}", "count")
def kolari_pynnonen(group, benchmark):
    within = {
        name: facts.row("event_portfolios", f"{name}_{benchmark}")["correlation"]
        for name in ("software", "chips", "spread", group)
    }
    if group == "spread":
        correlations = (within["software"], within["chips"], within["spread"])
        return event_study.kolari_pynnonen_difference(
            scores("software", benchmark), scores("chips", benchmark), correlations
        )
    return event_study.kolari_pynnonen(scores(group, benchmark), within[group])


@against("{}_rank_{}", "{}: Corrado's rank statistic, {}", "count", only=product(GROUPS, BENCHMARKS))
def rank_z(group, benchmark):
    rows = [facts.row("market_model", f"{row['id']}_{benchmark}") for row in members(group)]
    rank_sd = facts.row("event_portfolios", f"{group}_{benchmark}")["rank_sd"]
    return event_study.rank_z([row["event_rank"] for row in rows], [row["days"] for row in rows], rank_sd)


nvda_against = result.together(BENCHMARKS)


@nvda_against("nvda_ar_{}", "NVIDIA: abnormal return against {}", "fraction")
def nvda_abnormal(benchmark):
    return abnormal("nvda", benchmark)[0]


@nvda_against("nvda_t_{}", "NVIDIA: its t against {}", "count")
def nvda_t(benchmark):
    return abnormal("nvda", benchmark)[1]


in_window = result.together(product({group: PORTFOLIOS[group] for group in ("chips", "software", "spread")}, WINDOWS))


@in_window("{}_car_{}", "{0}: cumulative abnormal return, {1[2]}, RSP", "fraction")
def window_abnormal(group, window, part=0):
    first, last, _ = WINDOWS[window]
    return group_abnormal(group, "rsp", first, last)[part]


@in_window("{}_car_t_{}", "{}: its t", "count")
def window_t(group, window):
    return window_abnormal(group, window, 1)


@result("Software minus chips, return of 27 January", "fraction")
def spread_return():
    return window_return("spread", 0, 0)


@result("Share of the abnormal spread that the chips make, RSP", "fraction", digits=2)
def spread_chips_share():
    return -group_abnormal("chips", "rsp")[0] / group_abnormal("spread", "rsp")[0]


@result("Days before the event that the day's spread is held against", "count")
def spread_days():
    return facts.row("event_portfolios", "spread_rsp")["days"]


@result("Of these, days with a spread as wide, on any benchmark", "count", digits=1)
def spread_wider_days():
    rows = [facts.row("event_portfolios", f"spread_{benchmark}") for benchmark in BENCHMARKS]
    return max(row["days"] + 1.0 - row["event_rank"] for row in rows)


@result("Place of DeepSeek's app among free apps in the US App Store, 26 January 2025", "count", digits=1)
def deepseek_app_rank():
    return value("deepseek_app_store_us_rank")


# What happened after


of_group_since = result.together(GROUPS)


@of_group_since("{}_since", "{}: mean return from 24 January 2025 to August 2026", "fraction")
def mean_since(group):
    return statistics.fmean(returns(group, "to_2026_08_03"))


@of_group_since("{}_since_median", "{}: the median of it", "fraction")
def median_since(group):
    return statistics.median(returns(group, "to_2026_08_03"))


@of_group_since("{}_days_back", "{}: median trading days until the old close", "day", digits=2, only=HARDWARE)
def days_back(group):
    return statistics.median(returns(group, "recovery_days"))


@result("Trading days until NVIDIA's old close", "day", digits=2)
def nvda_days_back():
    return name_of("nvda")["recovery_days"]


@result("Hardware and power names in the sample", "count", digits=2)
def hardware_count():
    return sum(len(members(group)) for group in HARDWARE)


@result("Of these, back at the old close by August 2026", "count", digits=2)
def hardware_back_count():
    return sum(row["recovered"] != "" for group in HARDWARE for row in members(group))


@result("Application names below their old close in August 2026", "count", digits=1)
def software_lower_count():
    return sum(change < 0 for change in returns("software", "to_2026_08_03"))


def data_centre(quarter):
    return facts.only("nvidia_revenue", segment="Data centre", quarter=quarter)["usd"]


def data_centre_year(year):
    return math.fsum(data_centre(f"{year}Q{quarter}") for quarter in range(1, 5))


@result("Growth of NVIDIA's data-centre revenue, fiscal 2026", "fraction", digits=2)
def dc_growth_fy26():
    return data_centre_year("FY26") / data_centre_year("FY25") - 1.0


@result("Data-centre revenue of fiscal 2026 above the consensus of February 2025", "fraction", digits=1)
def dc_over_consensus():
    return data_centre_year("FY26") / value("nvda_dc_consensus_fy26_usd") - 1.0


@result("Data-centre revenue to July 2026 over that to October 2024", "ratio")
def dc_latest_over_event():
    return data_centre("FY27Q2") / data_centre("FY25Q3")


@result("Capex of Microsoft, Alphabet and Meta, April to June 2026 over October to December 2024", "ratio")
def capex_three_growth():
    def total(end):
        return math.fsum(
            facts.only("capex_quarters", company=company, quarter_end=end)["usd"]
            for company in ("Microsoft", "Alphabet", "Meta")
        )

    return total("2026-06-30") / total("2024-12-31")
