"""Figures of the chapter on application margins: list prices, constant quality, open against closed."""

import altair as alt

from analysis import facts
from analysis.figures import figure
from analysis.figures.theme import colour, dates, row_names, rows_axis
from analysis.results import margins_prices as prices

_USD = "datum.value >= 1 ? '$' + format(datum.value, '~g') : format(datum.value * 100, '~g') + '¢'"


def _words(rows, x, y):
    return alt.Chart(alt.Data(values=rows)).mark_text(align="left").encode(
        x=x, y=y, text="text:N", color=alt.Color("fill:N", scale=None))  # fmt: skip


#: Family to rows of the price table, colour and shape.
FAMILIES = {
    "OpenAI, flagship": ((
        "gpt4_0314", "gpt4_1106", "gpt4o_0513", "gpt4o_0806", "gpt5", "gpt52", "gpt54", "gpt55", "gpt56_sol_cut",
        "gpt6_sol",
    ), "ink", "circle"),
    "Claude Sonnet": (("claude3_sonnet", "sonnet35_0620", "sonnet37", "sonnet4", "sonnet45", "sonnet46", "sonnet5"),
                      "contrast", "diamond"),
    "Gemini Flash": (("gemini15_flash", "gemini15_flash002", "gemini20_flash", "gemini25_flash", "gemini3_flash",
                      "gemini35_flash", "gemini36_flash_cut"), "accent", "square"),
    "DeepSeek": (("v3_promotion", "v3", "deepseek_v31", "deepseek_v32", "v4_pro", "v4_pro_cut", "v4_pro_peak"),
                 "accent_soft", "triangle-up"),
}  # fmt: skip
_LAST = "2026-11-25"


@figure(
    "fig-margins-paths",
    title="The price of a tier is no falling line: OpenAI’s flagship fell {margins.flagship_fall} a year, but rose "
    "{margins.flagship_rise} in between",
    holds="margins.flagship_fall > 1.2 and margins.flagship_rise > 1.5 and margins.flash_rise > 2",
    subtitle="US dollars per million tokens, three parts of input to one of output; list prices, logarithmic scale",
    caption="Each step is a list price as it stood at a date; models change along a line and get better. Prices for "
    "long prompts, batches and thinking modes are left out. DeepSeek’s line follows its general model and then V4-Pro, "
    "at peak hours since August 2026.",
    alt="Step lines on a logarithmic dollar scale, 2023 to 2026. OpenAI’s flagship goes from GPT-4 down to GPT-5, up "
    "{margins.flagship_rise} to GPT-5.5 and down to {margins.flagship_now_usd}. Claude Sonnet stays level for two years. "
    "Gemini Flash rises {margins.flash_rise} from version 1.5 to 3.5. DeepSeek’s V4-Pro rises {margins.deepseek_rise} in "
    "August 2026.",
    unit="USD/million tokens",
)
def paths(report, canvas):
    rows = []
    for family, (identifiers, fill, shape) in FAMILIES.items():
        for identifier in identifiers:
            offer = facts.row("api_prices", identifier)
            rows.append({"family": family, "date": offer["date"], "usd": prices.usd(offer), "fill": colour(fill),
                         "shape": shape})  # fmt: skip
        rows.append(rows[-1] | {"date": _LAST, "shape": "none"})
    x = dates("date", "2023-01-01", "2026-12-31", tickCount="year")
    y = alt.Y("usd:Q", title=None, scale=alt.Scale(type="log", domain=[0.1, 50], nice=False),
              axis=alt.Axis(labelExpr=_USD, values=[0.1, 0.3, 1, 3, 10, 30]))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    lines = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        detail="family:N", stroke=alt.Stroke("fill:N", scale=None))  # fmt: skip
    dots = base.transform_filter("datum.shape !== 'none'").mark_point(filled=True, size=55).encode(
        color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None))  # fmt: skip
    labels = [
        {"date": "2023-04-15", "usd": 44, "text": "OpenAI, flagship", "fill": colour("ink")},
        {"date": "2024-10-01", "usd": 7.6, "text": "Claude Sonnet", "fill": colour("contrast")},
        {
            "date": "2023-11-10" if canvas.narrow else "2024-01-10",
            "usd": 0.3,
            "text": "Gemini Flash",
            "fill": colour("accent"),
        },
        {"date": "2025-10-05", "usd": 0.25, "text": "DeepSeek", "fill": colour("muted")},
    ]
    return alt.layer(lines, dots, _words(labels, x, y)).properties(height=320)


@figure(
    "fig-margins-quality",
    title="At GPT-4o’s quality the lowest price fell {margins.gpt4o_level_fall} in the eight months before the essay, and "
    "{margins.gpt4o_level_fall_since} since",
    holds="margins.gpt4o_level_fall > 4 * margins.gpt4o_level_fall_since",
    subtitle="US dollars per million tokens (3:1), logarithmic; every offer at or above GPT-4o’s score on GPQA Diamond",
    caption="Circles are offers, diamonds the record lows; models are scored by Epoch AI’s own runs, the last in November 2025. "
    "Through the {margins.trend_gpt4o_points} record lows goes a fall of {margins.trend_gpt4o} a year, with an interval (nine in ten) from "
    "{margins.trend_gpt4o_low} to {margins.trend_gpt4o_high}. Record lows can only fall, so the interval is too narrow. "
    "Thinking models write many more tokens for an answer. V3’s price was a promotion that ended in "
    "February 2025, when Gemini 2.0 Flash came at the same price. The last point is an open model at its cheapest host.",
    alt="Dots of prices from May 2024 to June 2026 and a falling staircase of record lows, from "
    "{margins.gpt4o_launch_usd} for GPT-4o in May 2024 to {margins.gpt4o_level_january_usd} for DeepSeek-V3 in December "
    "2024 and {margins.gpt4o_level_now_usd} for gpt-oss-120b in June 2026.",
    unit="USD/million tokens",
)
def quality(report, canvas):
    floor = prices.score(facts.row("api_prices", "gpt4o_0513"))
    kept = prices.lows("gpt4o_0513")
    offers = [{"date": o["date"], "usd": prices.usd(o)} for o in prices.scored() if prices.score(o) >= floor]
    lows = [{"date": o["date"], "usd": prices.usd(o)} for o in kept]
    stairs = [*lows, lows[-1] | {"date": _LAST}]
    x = dates("date", "2024-03-01", "2026-12-31", tickCount="year")
    y = alt.Y("usd:Q", title=None, scale=alt.Scale(type="log", domain=[0.05, 160], nice=False),
              axis=alt.Axis(labelExpr=_USD, values=[0.1, 0.3, 1, 3, 10, 30, 100]))  # fmt: skip
    january = alt.Chart(alt.Data(values=[{"date": prices.ESSAY_DATE}])).mark_rule(
        strokeDash=[5, 4], color=colour("muted")).encode(x=x)  # fmt: skip
    layers = [
        january,
        alt.Chart(alt.Data(values=offers)).mark_point(filled=True, size=40, color=colour("neutral"), opacity=0.8).encode(x=x, y=y),
        alt.Chart(alt.Data(values=stairs)).mark_line(interpolate="step-after", color=colour("contrast")).encode(x=x, y=y),
        alt.Chart(alt.Data(values=lows)).mark_point(filled=True, shape="diamond", size=85, color=colour("contrast")).encode(x=x, y=y),
    ]  # fmt: skip
    labels = [
        {"date": "2024-04-01", "usd": 11, "text": "GPT-4o", "fill": colour("ink")},
        {"date": "2024-10-25" if canvas.narrow else "2025-02-10", "usd": 0.115 if canvas.narrow else 0.225,
         "text": "V3", "fill": colour("ink")},
        {"date": "2025-04-15" if canvas.narrow else "2025-08-20", "usd": 0.095 if canvas.narrow else 0.17,
         "text": "GPT-5 nano", "fill": colour("ink")},
        {"date": "2025-07-25" if canvas.narrow else "2026-06-20", "usd": 0.062 if canvas.narrow else 0.1, "text": "gpt-oss-120b", "fill": colour("ink")},
        {"date": "2025-02-10", "usd": 120, "text": "the essay", "fill": colour("muted")},
    ]  # fmt: skip
    return alt.layer(*layers, _words(labels, x, y)).properties(height=310)


@figure(
    "fig-margins-fits",
    title="How fast prices fell at a given quality depends on test, level and years: from {margins.hedonic_since} to "
    "{price_fits.gpqa_gpt_4o_2024_05|2} a year",
    holds="margins.hedonic_since_low < 1 < margins.hedonic_since < 10 and price_fits.gpqa_gpt_4o_2024_05 > 100",
    subtitle="Factor a year by which price falls, with its interval, nine in ten; logarithmic scale, cut off at 0.5 and 10,000",
    caption="Blue: Epoch AI’s fits up to early 2025, each through the number of prices in brackets; they share most of "
    "their data. Orange: ours, from list prices at their own dates. Circles are fits through record lows, squares "
    "regressions on all makers’ prices with score, thinking and openness held constant.",
    alt="Dots with intervals on a logarithmic scale. Epoch AI’s fits run from {price_fits.mmlu_gpt_3_5_turbo|2} to "
    "{price_fits.gpqa_gpt_4o_2024_05|2} a year. Ours: {margins.trend_gpt4o} at GPT-4o’s score, {margins.hedonic} in the "
    "regression, {margins.hedonic_before} before February 2025 and {margins.hedonic_since} since, with an interval from "
    "{margins.hedonic_since_low} to {margins.hedonic_since_high}.",
    unit="factor/year",
)
def fits(report, canvas):
    rows = []
    shown = ("mmlu_gpt_3_5_turbo", "mmlu_gpt_4_0314", "mmlu_gpt_4_turbo", "gpqa_gpt_4_0314", "gpqa_gpt_4_turbo",
             "gpqa_gpt_4o_2024_05", "arena_gpt_4_0314", "arena_gpt_4o_2024_05", "math500_gpt_4o_2024_05")  # fmt: skip
    for identifier in shown:
        fit = facts.row("price_fits", identifier)
        name = f"{fit['benchmark']}, {fit['threshold']} ({fit['points']:.0f})"
        rows.append({"name": name, "factor": fit["factor_per_year"], "low": fit["low"], "high": fit["high"],
                     "fill": colour("accent"), "shape": "circle"})  # fmt: skip
    ours = [
        ("GPQA, up to January 2025", "hedonic_before", "square"),
        ("GPQA, GPT-4 level", "trend_gpt4", "circle"),
        ("GPQA, GPT-4o level", "trend_gpt4o", "circle"),
        ("GPQA, whole time", "hedonic", "square"),
        ("GPQA, since February 2025", "hedonic_since", "square"),
    ]
    for words, key, shape in ours:
        rows.append({
            "name": f"{words} ({report.value(f'margins.{key}_points'):.0f})", "factor": report.value(f"margins.{key}"),
            "low": report.value(f"margins.{key}_low"), "high": report.value(f"margins.{key}_high"),
            "fill": colour("contrast"), "shape": shape,
        })  # fmt: skip
    for row in rows:
        row |= {"low": max(row["low"], 0.5), "high": min(row["high"], 1e4)}
        row["label"] = f"{row['factor']:.2g}×" if row["factor"] < 100 else f"{row['factor']:.0f}×"
        if canvas.narrow:
            row["name"] += f": {row['label']}"
    x = alt.X("factor:Q", title=None, scale=alt.Scale(type="log", domain=[0.5, 1e4], nice=False),
              axis=alt.Axis(values=[1, 10, 100, 1000], labelExpr="format(datum.value, ',') + '×'"))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("name:N", sort=None, axis=rows_axis(canvas)), x=x)
    layers = [
        alt.Chart(alt.Data(values=[{"factor": 1}])).mark_rule(color=colour("rule" if canvas.narrow else "ink")).encode(x=x),
        base.mark_rule(strokeWidth=3, strokeOpacity=0.55).encode(
            x="low:Q", x2="high:Q", color=alt.Color("fill:N", scale=None)),
        base.mark_point(filled=True, size=85).encode(
            color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(base, "name"))
    else:
        layers.append(base.mark_text(dy=-11, fontWeight=600).encode(text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(42 if canvas.narrow else 29))


@figure(
    "fig-margins-open",
    title="Of {margins.llama_offers} Llama offers up to January 2025, {margins.llama_ten} cost a tenth of Claude 3.5 "
    "Sonnet, and those were of the smaller model",
    holds="margins.llama405b_ten == 0 and margins.llama_ten <= 3",
    subtitle="How many times cheaper than Claude 3.5 Sonnet, by host and date; o1 for R1; logarithmic scale",
    caption="List prices, three parts of input to one of output. Sonnet cost 3 and 15 dollars throughout; GPT-4o cost "
    "more at first and less from August 2024. The 405B is the Llama of GPT-4o’s quality (GPQA Diamond, Epoch AI). R1 is "
    "set against o1, which it was made to match. Below one the open model is the dearer. Prices of R1’s other hosts were "
    "first seen between March and August 2025. The offers are those that archived price files hold, not all there were.",
    alt="Dot plot of price ratios by host with a line at ten. Llama 3.1 405B from {margins.llama405b_dearest} to "
    "{margins.llama405b_cheapest}; Llama 70B up to {margins.llama70b_cheapest}; R1 against o1 {margins.r1_over_o1} at "
    "DeepSeek, {margins.r1_host_dearest} to {margins.r1_host_cheapest} elsewhere.",
    unit="ratio",
)
def open_models(report, canvas):
    groups = [
        (prices.llama_offers("405b"), "ink", "square"),
        (prices.llama_offers("70b", "33"), "accent", "circle"),
    ]
    rows = []
    for offers, fill, shape in groups:
        for offer in sorted(offers, key=prices.usd, reverse=True):
            name = offer["model"].replace(" Turbo (FP8)", "")
            rows.append({"name": f"{name}, {offer['provider']}, {offer['date'][:7]}", "ratio": prices.over_premium(offer),
                         "fill": colour(fill), "shape": shape})  # fmt: skip
    o1 = prices.blended_facts("o1")
    for offer in sorted([*prices.r1_hosts(), facts.row("api_prices", "r1")], key=prices.usd, reverse=True):
        rows.append({"name": f"R1, {offer['provider']}, {offer['date'][:7]}", "ratio": o1 / prices.usd(offer),
                     "fill": colour("contrast"), "shape": "diamond"})  # fmt: skip
    for row in rows:
        row["label"] = f"{row['ratio']:.2g}×"
        row["crossed"] = 4.5 < row["ratio"] < 10  # to the right the line at ten would run through the label
    wanted = facts.value("essay_open_price_ratio")
    x = alt.X("ratio:Q", title=None, scale=alt.Scale(type="log", domain=[0.3, 60], nice=False),
              axis=alt.Axis(values=[0.5, 1, 3, 10, 30], labelExpr="datum.value + '×'"))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("name:N", sort=None, axis=rows_axis(canvas)), x=x)
    layers = [
        alt.Chart(alt.Data(values=[{"ratio": wanted}])).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(x=x),
        base.mark_point(filled=True, size=75).encode(
            color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.transform_filter("!datum.crossed").mark_text(align="left", dx=8, fontWeight=600).encode(text="label:N"),
        base.transform_filter("datum.crossed").mark_text(align="right", dx=-8, fontWeight=600).encode(text="label:N"),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(base, "name", dy=-15))
    return alt.layer(*layers).properties(height=alt.Step(39 if canvas.narrow else 22))
