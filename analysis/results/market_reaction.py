"""Results of the chapter on the market's reaction: values, returns, abnormal returns (C01-C03, C34)."""

import statistics

from analysis import events, facts
from analysis.results import result

value = facts.value

BENCHMARKS = ("spy", "rsp", "qqq")
GROUPS = {
    "chips": "Chips",
    "networking": "Networking and servers",
    "power": "Power and equipment",
    "software": "Application software",
}
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


def loss_usd(identifier):
    row = name_of(identifier)
    shares = facts.row("event_shares", identifier)["shares"]
    return events.value_lost(shares, row["close_before"], row["close_event"])


def losses(groups):
    """Return ``(row of event_names, US dollars lost)`` of every name of some groups whose share count is known."""
    counted = {row["id"] for row in facts.rows("event_shares")}
    return [(row, loss_usd(row["id"])) for group in groups for row in members(group) if row["id"] in counted]


@result("market.nvda_loss_usd", "NVIDIA's market value lost on 27 January 2025", "USD", kind="fixed", digits=4)
def nvda_loss_usd(a):
    return loss_usd("nvda")


def _declare_loss(identifier, name):
    @result(f"market.{identifier}_loss_usd", f"{name}: market value lost on 27 January 2025", "USD", kind="fixed")
    def lost(a):
        return loss_usd(identifier)


for _identifier, _name in {"avgo": "Broadcom", "tsm": "TSMC", "googl": "Alphabet"}.items():
    _declare_loss(_identifier, _name)


@result("market.nvda_value_before_usd", "NVIDIA's market value on 24 January 2025", "USD", kind="fixed", digits=4)
def nvda_value_before_usd(a):
    return facts.row("event_shares", "nvda")["shares"] * name_of("nvda")["close_before"]


@result("market.nvda_fall", "NVIDIA's fall on 27 January 2025", "fraction", kind="fixed", digits=4)
def nvda_fall(a):
    row = name_of("nvda")
    return 1.0 - row["close_event"] / row["close_before"]


@result("market.nvda_two_day_fall", "NVIDIA's fall from the close of 23 January", "fraction", kind="fixed")
def nvda_two_day_fall(a):
    return 1.0 - name_of("nvda")["close_event"] / value("nvda_close_2025_01_23")


@result("market.nvda_rebound_usd", "NVIDIA's market value gained on 28 January 2025", "USD", kind="fixed")
def nvda_rebound_usd(a):
    row = name_of("nvda")
    return -events.value_lost(facts.row("event_shares", "nvda")["shares"], row["close_event"], row["close_after"])


@result("market.nvda_diluted_shares", "NVIDIA's diluted share count, fiscal 2025", "count", kind="fixed")
def nvda_diluted_shares(a):
    return value("nvda_net_income_fy25_usd") / value("nvda_eps_diluted_fy25_usd")


@result("market.nvda_loss_diluted_usd", "The same loss on the diluted count", "USD", kind="fixed", digits=4)
def nvda_loss_diluted_usd(a):
    row = name_of("nvda")
    return events.value_lost(nvda_diluted_shares(a), row["close_before"], row["close_event"])


@result(
    "market.nvda_loss_early_quote_usd", "The same loss at the price of early reports", "USD", kind="fixed", digits=4
)
def nvda_loss_early_quote_usd(a):
    before = name_of("nvda")["close_before"]
    return events.value_lost(facts.row("event_shares", "nvda")["shares"], before, value("nvda_early_close_usd"))


@result("market.nvda_shares_behind_nasdaq", "Shares that Nasdaq's figure implies", "count", kind="fixed", digits=4)
def nvda_shares_behind_nasdaq(a):
    row = name_of("nvda")
    return value("nvda_loss_nasdaq_usd") / (row["close_before"] - row["close_event"])


@result("market.essay_over_loss", "The essay's loss over ours", "ratio", kind="fixed")
def essay_over_loss(a):
    return value("essay_nvda_loss_usd") / nvda_loss_usd(a)


@result("market.hardware_loss_usd", "Value lost by hardware and power names with a share count", "USD", kind="fixed")
def hardware_loss_usd(a):
    return sum(usd for _, usd in losses(HARDWARE))


@result("market.hardware_counted", "Hardware and power names with a share count", "count", kind="fixed", digits=2)
def hardware_counted(a):
    return float(len(losses(HARDWARE)))


@result("market.nvda_share_of_loss", "NVIDIA's share of that loss", "fraction", kind="fixed", digits=2)
def nvda_share_of_loss(a):
    return nvda_loss_usd(a) / hardware_loss_usd(a)


@result("market.nvda_over_record", "NVIDIA's loss over the largest before it", "ratio", kind="fixed", digits=2)
def nvda_over_record(a):
    return nvda_loss_usd(a) / value("nvda_record_loss_before_usd")


# The distribution


def returns(group):
    return [row["event_day"] for row in members(group)]


@result("market.semis_count", "Chip names in the sample", "count", kind="fixed", digits=2)
def semis_count(a):
    return float(len(returns("chips")))


@result(
    "market.semis_in_band_share", "Share of chip names that fell within the essay's band", "fraction", kind="fixed",
    digits=2,
)  # fmt: skip
def semis_in_band_share(a):
    low, high = value("essay_chip_fall_low"), value("essay_chip_fall_high")
    return sum(low <= -change <= high for change in returns("chips")) / semis_count(a)


@result("market.semis_less_share", "Share of chip names that fell less", "fraction", kind="fixed", digits=2)
def semis_less_share(a):
    return sum(-change < value("essay_chip_fall_low") for change in returns("chips")) / semis_count(a)


@result("market.hardware_deeper_count", "Names of all hardware groups that fell more", "count", kind="fixed", digits=2)
def hardware_deeper_count(a):
    falls = [-change for group in HARDWARE for change in returns(group)]
    return float(sum(fall > value("essay_chip_fall_high") for fall in falls))


@result("market.chips_value_weighted", "Chips: return of 27 January weighted by market value", "fraction", kind="fixed")
def chips_value_weighted(a):
    held = losses(["chips"])
    before = sum(facts.row("event_shares", row["id"])["shares"] * row["close_before"] for row, _ in held)
    return -sum(usd for _, usd in held) / before


for _group, _title in GROUPS.items():

    def _distribution(group, title):
        @result(f"market.{group}_mean", f"{title}: mean return of 27 January", "fraction", kind="fixed")
        def mean(a):
            return statistics.fmean(returns(group))

        @result(f"market.{group}_median", f"{title}: median return of 27 January", "fraction", kind="fixed")
        def median(a):
            return statistics.median(returns(group))

    _distribution(_group, _title)


@result("market.software_count", "Application names in the sample", "count", kind="fixed", digits=2)
def software_count(a):
    return float(len(returns("software")))


@result("market.software_up_count", "Application names that rose", "count", kind="fixed", digits=2)
def software_up_count(a):
    return float(sum(change > 0 for change in returns("software")))


@result("market.software_up_share", "Share of application names that rose", "fraction", kind="fixed", digits=2)
def software_up_share(a):
    return software_up_count(a) / software_count(a)


@result("market.spy_fall_from_nvda", "Part of SPY's fall that NVIDIA alone makes", "fraction", kind="fixed", digits=2)
def spy_fall_from_nvda(a):
    return value("nvda_spy_weight") * name_of("nvda")["event_day"] / name_of("spy")["event_day"]


# Abnormal returns


def model(row):
    """Return the market model that a row of ``market_model`` or ``event_portfolios`` holds."""
    return events.MarketModel(**{field: row[field] for field in events.MarketModel.__dataclass_fields__})


def day_return(series, day=0):
    return facts.only("event_path", series=series, day=float(day))["daily_return"]


def window_return(series, first, last):
    return sum(day_return(series, day) for day in range(first, last + 1))


def abnormal(identifier, benchmark):
    """Return a name's abnormal return on the event day, its t and half its 95% interval."""
    fitted = model(facts.row("market_model", f"{identifier}_{benchmark}"))
    stock, market = name_of(identifier)["event_day"], name_of(benchmark)["event_day"]
    return (
        events.abnormal_return(fitted, stock, market),
        events.abnormal_t(fitted, stock, market),
        events.interval_half(fitted, market),
    )


def group_abnormal(group, benchmark, first=0, last=0):
    """Return a portfolio's abnormal return over a window, its t and half its 95% interval."""
    fitted = model(facts.row("event_portfolios", f"{group}_{benchmark}"))
    length = last - first + 1
    market = window_return(benchmark, first, last)
    if group == "spread":
        stock = window_return("software", first, last) - window_return("chips", first, last)
    else:
        stock = window_return(group, first, last)
    return (
        events.abnormal_return(fitted, stock, market, length),
        events.abnormal_t(fitted, stock, market, length),
        events.interval_half(fitted, market, length),
    )


def scores(group, benchmark):
    """Return the standardised abnormal returns of a group's names on the event day."""
    return [abnormal(row["id"], benchmark)[1] for row in members(group)]


def bmp(group, benchmark):
    return events.bmp(scores(group, benchmark))


def kolari_pynnonen(group, benchmark):
    within = {
        name: facts.row("event_portfolios", f"{name}_{benchmark}")["correlation"]
        for name in ("software", "chips", "spread", group)
    }
    if group == "spread":
        correlations = (within["software"], within["chips"], within["spread"])
        return events.kolari_pynnonen_difference(
            scores("software", benchmark), scores("chips", benchmark), correlations
        )
    return events.kolari_pynnonen(scores(group, benchmark), within[group])


def rank_z(group, benchmark):
    rows = [facts.row("market_model", f"{row['id']}_{benchmark}") for row in members(group)]
    rank_sd = facts.row("event_portfolios", f"{group}_{benchmark}")["rank_sd"]
    return events.rank_z([row["event_rank"] for row in rows], [row["days"] for row in rows], rank_sd)


def _declare(group, title, benchmark):
    against = benchmark.upper()

    @result(f"market.{group}_ar_{benchmark}", f"{title}: abnormal return against {against}", "fraction", kind="fixed")
    def ar(a):
        return group_abnormal(group, benchmark)[0]

    @result(f"market.{group}_t_{benchmark}", f"{title}: its t, portfolio against {against}", "count", kind="fixed")
    def t(a):
        return group_abnormal(group, benchmark)[1]

    @result(f"market.{group}_kp_{benchmark}", f"{title}: Kolari-Pynnönen statistic, {against}", "count", kind="fixed")
    def kp(a):
        return kolari_pynnonen(group, benchmark)

    if group != "spread":

        @result(
            f"market.{group}_rank_{benchmark}", f"{title}: Corrado's rank statistic, {against}", "count", kind="fixed"
        )
        def rank(a):
            return rank_z(group, benchmark)


for _group, _title in (GROUPS | {"spread": "Software minus chips"}).items():
    for _benchmark in BENCHMARKS:
        _declare(_group, _title, _benchmark)


def _declare_nvda(benchmark):
    against = benchmark.upper()

    @result(f"market.nvda_ar_{benchmark}", f"NVIDIA: abnormal return against {against}", "fraction", kind="fixed")
    def ar(a):
        return abnormal("nvda", benchmark)[0]

    @result(f"market.nvda_t_{benchmark}", f"NVIDIA: its t against {against}", "count", kind="fixed")
    def t(a):
        return abnormal("nvda", benchmark)[1]


for _benchmark in BENCHMARKS:
    _declare_nvda(_benchmark)


def _declare_window(group, title, window):
    first, last, words = WINDOWS[window]

    @result(
        f"market.{group}_car_{window}", f"{title}: cumulative abnormal return, {words}, RSP", "fraction", kind="fixed"
    )
    def car(a):
        return group_abnormal(group, "rsp", first, last)[0]

    @result(f"market.{group}_car_t_{window}", f"{title}: its t", "count", kind="fixed")
    def t(a):
        return group_abnormal(group, "rsp", first, last)[1]


for _group in ("chips", "software", "spread"):
    for _window in WINDOWS:
        _declare_window(_group, (GROUPS | {"spread": "Software minus chips"})[_group], _window)


@result("market.spread_return", "Software minus chips, return of 27 January", "fraction", kind="fixed")
def spread_return(a):
    return day_return("software") - day_return("chips")


@result(
    "market.spread_chips_share", "Share of the abnormal spread that the chips make, RSP", "fraction", kind="fixed",
    digits=2,
)  # fmt: skip
def spread_chips_share(a):
    return -group_abnormal("chips", "rsp")[0] / group_abnormal("spread", "rsp")[0]


@result("market.spread_days", "Days before the event that the day's spread is held against", "count", kind="fixed")
def spread_days(a):
    return facts.row("event_portfolios", "spread_rsp")["days"]


@result(
    "market.spread_wider_days",
    "Of these, days with a spread as wide, on any benchmark",
    "count",
    kind="fixed",
    digits=1,
)
def spread_wider_days(a):
    rows = [facts.row("event_portfolios", f"spread_{benchmark}") for benchmark in BENCHMARKS]
    return max(row["days"] + 1.0 - row["event_rank"] for row in rows)


# What happened after


def _declare_after(group, title):
    @result(
        f"market.{group}_since", f"{title}: mean return from 24 January 2025 to August 2026", "fraction", kind="fixed"
    )
    def since(a):
        return statistics.fmean(row["to_2026_08_03"] for row in members(group))

    @result(f"market.{group}_since_median", f"{title}: the median of it", "fraction", kind="fixed")
    def since_median(a):
        return statistics.median(row["to_2026_08_03"] for row in members(group))

    if group in HARDWARE:

        @result(
            f"market.{group}_days_back",
            f"{title}: median trading days until the old close",
            "day",
            kind="fixed",
            digits=2,
        )
        def days_back(a):
            return statistics.median(row["recovery_days"] for row in members(group))


for _group, _title in GROUPS.items():
    _declare_after(_group, _title)


@result("market.nvda_days_back", "Trading days until NVIDIA's old close", "day", kind="fixed", digits=2)
def nvda_days_back(a):
    return name_of("nvda")["recovery_days"]


@result("market.hardware_count", "Hardware and power names in the sample", "count", kind="fixed", digits=2)
def hardware_count(a):
    return float(sum(len(members(group)) for group in HARDWARE))


@result("market.hardware_back_count", "Of these, back at the old close by August 2026", "count", kind="fixed", digits=2)
def hardware_back_count(a):
    return float(sum(row["recovered"] != "" for group in HARDWARE for row in members(group)))


@result(
    "market.software_lower_count",
    "Application names below their old close in August 2026",
    "count",
    kind="fixed",
    digits=1,
)
def software_lower_count(a):
    return float(sum(row["to_2026_08_03"] < 0 for row in members("software")))


def data_centre(quarter):
    return facts.only("nvidia_revenue", segment="Data centre", quarter=quarter)["usd"]


def data_centre_year(year):
    return sum(data_centre(f"{year}Q{quarter}") for quarter in range(1, 5))


@result(
    "market.dc_growth_fy26", "Growth of NVIDIA's data-centre revenue, fiscal 2026", "fraction", kind="fixed", digits=2
)
def dc_growth_fy26(a):
    return data_centre_year("FY26") / data_centre_year("FY25") - 1.0


@result(
    "market.dc_over_consensus", "Data-centre revenue of fiscal 2026 above the consensus of February 2025", "fraction",
    kind="fixed", digits=1,
)  # fmt: skip
def dc_over_consensus(a):
    return data_centre_year("FY26") / value("nvda_dc_consensus_fy26_usd") - 1.0


@result(
    "market.dc_latest_over_event", "Data-centre revenue to April 2026 over that to October 2024", "ratio", kind="fixed"
)
def dc_latest_over_event(a):
    return data_centre("FY27Q1") / data_centre("FY25Q3")


@result(
    "market.capex_three_growth",
    "Capex of Microsoft, Alphabet and Meta, April to June 2026 over October to December 2024",
    "ratio", kind="fixed",
)  # fmt: skip
def capex_three_growth(a):
    def total(end):
        return sum(
            facts.only("capex_quarters", company=company, quarter_end=end)["usd"]
            for company in ("Microsoft", "Alphabet", "Meta")
        )

    return total("2026-06-30") / total("2024-12-31")
