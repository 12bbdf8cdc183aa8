"""Figures of the chapter on application margins: list prices, constant quality, open against closed."""

import altair as alt

from reporting.chapters.margins import prices
from reporting.drawing.charts import FILL, SHAPE, data, layered, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour, dates, row_names
from reporting.inputs import facts

_USD = "datum.value >= 1 ? '$' + format(datum.value, '~g') : format(datum.value * 100, '~g') + '¢'"


#: Family to rows of the price table, colour and shape.
FAMILIES = {
    "OpenAI, flagship": (
        (
            "gpt4_0314",
            "gpt4_1106",
            "gpt4o_0513",
            "gpt4o_0806",
            "gpt5",
            "gpt52",
            "gpt54",
            "gpt55",
            "gpt56_sol_cut",
            "gpt6_sol",
        ),
        "ink",
        "circle",
    ),
    "Claude Sonnet": (
        ("claude3_sonnet", "sonnet35_0620", "sonnet37", "sonnet4", "sonnet45", "sonnet46", "sonnet5"),
        "contrast",
        "diamond",
    ),
    "Gemini Flash": (
        (
            "gemini15_flash",
            "gemini15_flash002",
            "gemini20_flash",
            "gemini25_flash",
            "gemini3_flash",
            "gemini35_flash",
            "gemini36_flash_cut",
        ),
        "accent",
        "square",
    ),
    "DeepSeek": (
        ("v3_promotion", "v3", "deepseek_v31", "deepseek_v32", "v4_pro", "v4_pro_cut", "v4_pro_peak"),
        "accent_soft",
        "triangle-up",
    ),
}
_LAST = "2026-11-25"


@figure("fig-margins-paths", unit="USD/million tokens")
def paths(report, canvas):
    rows = []
    for family, (identifiers, fill, shape) in FAMILIES.items():
        for identifier in identifiers:
            offer = facts.row("api_prices", identifier)
            rows.append(
                {
                    "family": family,
                    "date": offer["date"],
                    "usd": prices.usd(offer),
                    "fill": colour(fill),
                    "shape": shape,
                }
            )
        rows.append(rows[-1] | {"date": _LAST, "shape": "none"})
    x = dates("date", "2023-01-01", "2026-12-31", tickCount="year")
    y = alt.Y(
        "usd:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.1, 50], nice=False),
        axis=alt.Axis(labelExpr=_USD, values=[0.1, 0.3, 1, 3, 10, 30]),
    )
    base = data(rows).encode(x=x, y=y)
    lines = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        detail="family:N", stroke=alt.Stroke("fill:N", scale=None)
    )
    dots = (
        base.transform_filter("datum.shape !== 'none'").mark_point(filled=True, size=55).encode(color=FILL, shape=SHAPE)
    )
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
    return alt.layer(lines, dots, written(labels, x, y)).properties(height=320)


@figure("fig-margins-quality", unit="USD/million tokens")
def quality(report, canvas):
    floor = prices.quality(facts.row("api_prices", "gpt4o_0513"))
    kept = prices.lows("gpt4o_0513")
    offers = [{"date": o["date"], "usd": prices.usd(o)} for o in prices.scored() if prices.quality(o) >= floor]
    lows = [{"date": o["date"], "usd": prices.usd(o)} for o in kept]
    stairs = [*lows, lows[-1] | {"date": _LAST}]
    x = dates("date", "2024-03-01", "2026-12-31", tickCount="year")
    y = alt.Y(
        "usd:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.05, 160], nice=False),
        axis=alt.Axis(labelExpr=_USD, values=[0.1, 0.3, 1, 3, 10, 30, 100]),
    )
    january = data([{"date": prices.ESSAY_DATE}]).mark_rule(strokeDash=[5, 4], color=colour("muted")).encode(x=x)
    layers = [
        january,
        data(offers).mark_point(filled=True, size=40, color=colour("neutral"), opacity=0.8).encode(x=x, y=y),
        data(stairs).mark_line(interpolate="step-after", color=colour("contrast")).encode(x=x, y=y),
        data(lows).mark_point(filled=True, shape="diamond", size=85, color=colour("contrast")).encode(x=x, y=y),
    ]
    labels = [
        {"date": "2024-04-01", "usd": 11, "text": "GPT-4o", "fill": colour("ink")},
        {
            "date": "2024-10-25" if canvas.narrow else "2025-02-10",
            "usd": 0.115 if canvas.narrow else 0.225,
            "text": "V3",
            "fill": colour("ink"),
        },
        {
            "date": "2025-04-15" if canvas.narrow else "2025-08-20",
            "usd": 0.095 if canvas.narrow else 0.17,
            "text": "GPT-5 nano",
            "fill": colour("ink"),
        },
        {
            "date": "2025-07-25" if canvas.narrow else "2026-06-20",
            "usd": 0.062 if canvas.narrow else 0.1,
            "text": "gpt-oss-120b",
            "fill": colour("ink"),
        },
        {"date": "2025-02-10", "usd": 120, "text": "the essay", "fill": colour("muted")},
    ]
    return alt.layer(*layers, written(labels, x, y)).properties(height=310)


@figure("fig-margins-fits", unit="factor/year")
def fits(report, canvas):
    rows = []
    shown = (
        "mmlu_gpt_3_5_turbo",
        "mmlu_gpt_4_0314",
        "mmlu_gpt_4_turbo",
        "gpqa_gpt_4_0314",
        "gpqa_gpt_4_turbo",
        "gpqa_gpt_4o_2024_05",
        "arena_gpt_4_0314",
        "arena_gpt_4o_2024_05",
        "math500_gpt_4o_2024_05",
    )
    for identifier in shown:
        fit = facts.row("price_fits", identifier)
        name = f"{fit['benchmark']}, {fit['threshold']} ({fit['points']:.0f})"
        rows.append(
            {
                "name": name,
                "factor": fit["factor_per_year"],
                "low": fit["low"],
                "high": fit["high"],
                "fill": colour("accent"),
                "shape": "circle",
            }
        )
    ours = [
        ("GPQA, up to January 2025", "hedonic_before", "square"),
        ("GPQA, GPT-4 level", "trend_gpt4", "circle"),
        ("GPQA, GPT-4o level", "trend_gpt4o", "circle"),
        ("GPQA, whole time", "hedonic", "square"),
        ("GPQA, since February 2025", "hedonic_since", "square"),
    ]
    for words, key, shape in ours:
        rows.append(
            {
                "name": f"{words} ({report.value(f'margins.{key}_points'):.0f})",
                "factor": report.value(f"margins.{key}"),
                "low": report.value(f"margins.{key}_low"),
                "high": report.value(f"margins.{key}_high"),
                "fill": colour("contrast"),
                "shape": shape,
            }
        )
    for row in rows:
        row |= {"low": max(row["low"], 0.5), "high": min(row["high"], 1e4)}
        row["label"] = f"{row['factor']:.2g}×" if row["factor"] < 100 else f"{row['factor']:.0f}×"
        if canvas.narrow:
            row["name"] += f": {row['label']}"
    x = alt.X(
        "factor:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.5, 1e4], nice=False),
        axis=alt.Axis(values=[1, 10, 100, 1000], labelExpr="format(datum.value, ',') + '×'"),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        data([{"factor": 1}]).mark_rule(color=colour("rule" if canvas.narrow else "ink")).encode(x=x),
        base.mark_rule(strokeWidth=3, strokeOpacity=0.55).encode(x="low:Q", x2="high:Q", color=FILL),
        base.mark_point(filled=True, size=85).encode(color=FILL, shape=SHAPE),
    ]
    if canvas.narrow:
        layers.append(row_names(base, "name"))
    else:
        layers.append(base.mark_text(dy=-11, fontWeight=600).encode(text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(42 if canvas.narrow else 29))


@figure("fig-margins-open", unit="ratio")
def open_models(report, canvas):
    groups = [
        (prices.llama_offers("405b"), "ink", "square"),
        (prices.llama_offers("70b", "33"), "accent", "circle"),
    ]
    rows = []
    for offers, fill, shape in groups:
        for offer in sorted(offers, key=prices.usd, reverse=True):
            name = offer["model"].replace(" Turbo (FP8)", "")
            rows.append(
                {
                    "name": f"{name}, {offer['provider']}, {offer['date'][:7]}",
                    "ratio": prices.over_premium(offer),
                    "fill": colour(fill),
                    "shape": shape,
                }
            )
    o1 = prices.blended_facts("o1")
    for offer in sorted([*prices.r1_hosts(), facts.row("api_prices", "r1")], key=prices.usd, reverse=True):
        rows.append(
            {
                "name": f"R1, {offer['provider']}, {offer['date'][:7]}",
                "ratio": o1 / prices.usd(offer),
                "fill": colour("contrast"),
                "shape": "diamond",
            }
        )
    for row in rows:
        row["label"] = f"{row['ratio']:.2g}×"
        row["crossed"] = 4.5 < row["ratio"] < 10  # to the right the line at ten would run through the label
    wanted = facts.value("essay_open_price_ratio")
    x = alt.X(
        "ratio:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.3, 60], nice=False),
        axis=alt.Axis(values=[0.5, 1, 3, 10, 30], labelExpr="datum.value + '×'"),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        data([{"ratio": wanted}]).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(x=x),
        base.mark_point(filled=True, size=75).encode(color=FILL, shape=SHAPE),
        base.transform_filter("!datum.crossed").mark_text(align="left", dx=8, fontWeight=600).encode(text="label:N"),
        base.transform_filter("datum.crossed").mark_text(align="right", dx=-8, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 22, 39, dy=-15)
