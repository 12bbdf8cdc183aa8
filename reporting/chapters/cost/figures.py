"""Figures of the chapter on cost claims."""

from datetime import date

import altair as alt
import numpy as np

from reporting.chapters.cost import results as cost
from reporting.core import uncertainty, wording
from reporting.drawing import live
from reporting.drawing.charts import FILL, SHAPE, data, layered, named
from reporting.drawing.figures import figure
from reporting.drawing.theme import DOLLARS, Box, clear, colour, dates, extent, row_names, rows_axis
from reporting.inputs import facts


@figure("fig-cost-scopes", unit="USD")
def scopes(report, canvas):
    keys = [
        ("From V3 to R1, rented", "cost.r1_rl_usd"),
        ("V3’s official run, rented", "cost.v3_run_usd"),
        ("V3 and R1, rented", "cost.v3_r1_usd"),
        ("V3 and R1, owner’s cost", "cost.v3_r1_owner_usd"),
        ("With research and staff", "cost.programme_usd"),
        ("Cluster of V3, bought", "cost.v3_cluster_usd"),
    ]
    rows = []
    for name, key in keys:
        low, high = report.interval(key)
        rows.append({"name": name, "usd": report.value(key), "low": low, "high": high, "label": report.text(key)})
    total = facts.value("semianalysis_server_capex_usd")
    rows.append(
        {
            "name": "All servers (SemiAnalysis)",
            "usd": total,
            "low": total,
            "high": total,
            "label": wording.quantity(total, "USD", 2),
        }
    )
    drawn = [row[end] for row in rows for end in ("usd", "low", "high")]
    ends, ticks = extent([1.5e5, 2e10 if canvas.narrow else 1.2e10], drawn, [1e6, 1e7, 1e8, 1e9], log=True)
    base = data(rows).encode(
        y=named(canvas),
        x=alt.X(
            "usd:Q",
            title=None,
            scale=alt.Scale(type="log", domain=ends),
            axis=alt.Axis(labelExpr=DOLLARS, values=ticks),
        ),
    )
    layers = [
        base.mark_bar(height=9, color=colour("accent_soft")).encode(x="low:Q", x2="high:Q"),
        base.mark_point(size=90, color=colour("accent"), fill=colour("accent")),
        base.mark_text(align="left", dx=8, fontWeight=600).encode(x="high:Q", text="label:N"),
    ]
    return layered(layers, base, canvas, 34, 46)


@figure("fig-cost-mfu", unit="fraction")
def mfu(report, canvas):
    published = {
        "gpt3_175b": "GPT-3 175B",
        "falcon_180b": "Falcon-180B",
        "mt_nlg_530b": "Megatron-Turing 530B",
        "glm_130b": "GLM-130B",
        "llama31_405b_16k": "Llama 3.1 405B",
        "nemotron4_340b": "Nemotron-4 340B",
        "llama2_70b": "Llama 2 70B",
        "palm_540b": "PaLM 540B",
        "megascale_production": "MegaScale, production",
    }
    rows = [{"name": name, "mfu": 100 * facts.row("mfu", key)["mfu"], "ours": False} for key, name in published.items()]
    rows += [
        {"name": "V3, 6ND", "mfu": 100 * report.value("cost.v3_mfu_6nd"), "ours": True},
        {"name": "V3, causal attention", "mfu": 100 * report.value("cost.v3_mfu_causal"), "ours": True},
        {
            "name": "V3, full attention",
            "mfu": 100 * report.value("cost.v3_mfu_full"),
            "ours": True,
        },
    ]
    rows.sort(key=lambda row: row["mfu"])
    for row in rows:
        row |= {"label": f"{row['mfu']:.0f}%", "start": 0}
    shade = alt.condition("datum.ours", alt.value(colour("contrast")), alt.value(colour("neutral")))
    base = data(rows).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            axis=rows_axis(canvas)
            if not canvas.narrow
            else alt.Axis(title=None, labelColor=colour("ink"), ticks=False, domain=False),
        ),
        x=alt.X(
            "mfu:Q",
            title=None,
            scale=alt.Scale(domain=[0, 58]),
            axis=alt.Axis(labelExpr="datum.value + '%'", values=[0, 20, 40]),
        ),
    )
    stems = base.mark_rule(strokeWidth=1.5, strokeOpacity=0.6).encode(x="start:Q", x2="mfu:Q", color=shade)
    dots = base.mark_point(size=80, filled=True).encode(
        color=shade, shape=alt.condition("datum.ours", alt.value("diamond"), alt.value("circle"))
    )
    names = base.mark_text(align="left", dx=9).encode(text="label:N")
    return alt.layer(stems, dots, names).properties(height=alt.Step(25))


@figure("fig-cost-owner", unit="USD/GPU-hour")
def owner(report, canvas):
    parts = {
        "Capital": "cost.owner_capital_usd",
        "Hosting": "cost.owner_hosting_usd",
        "Operations": "cost.owner_operations_usd",
        "Electricity": "cost.owner_energy_usd",
    }
    low, high = report.interval("cost.owner_gpu_hour_usd")
    start, bars = 0.0, []
    for name, key in parts.items():
        size = report.value(key)
        bars.append({"name": name, "start": start, "end": start + size, "label": report.text(key), "whole": False})
        start += size
    bars.append({"name": "Owner’s cost", "start": 0.0, "end": start, "label": "", "whole": True})
    rent, theirs = report.assumption("gpu_hour_usd"), facts.value("v3_assumed_gpu_hour_usd")
    owners = {
        "DeepSeek’s rent": theirs,
        **({"Rent taken here": rent} if rent != theirs else {}),
        "SemiAnalysis, hyperscaler": facts.row("ownership", "tco_hyperscaler")["value"],
        "SemiAnalysis, neocloud": facts.row("ownership", "tco_neocloud")["value"],
        "Rent to break even, 2024": facts.row("ownership", "breakeven_market_return")["value"],
    }
    dots = [{"name": name, "start": usd, "label": f"${usd:.2f}"} for name, usd in owners.items()]
    total = [{"name": "Owner’s cost", "start": low, "end": high, "label": report.text("cost.owner_gpu_hour_usd")}]
    right = max(3.6, 1.25 * high, 1.2 * report.assumption("gpu_hour_usd"))
    rows = alt.Y("name:N", sort=[row["name"] for row in bars + dots], axis=rows_axis(canvas))
    x = alt.X(
        "start:Q", title=None, scale=alt.Scale(domain=[0, right], nice=False), axis=alt.Axis(format="$.2f", tickCount=4)
    )
    stack = data(bars).encode(x=x, x2="end:Q", y=rows)
    whole = data(total).encode(x=x, y=rows)
    others = data(dots).encode(x=x, y=rows)
    layers = [
        stack.mark_bar(height=13).encode(
            color=alt.condition("datum.whole", alt.value(colour("accent")), alt.value(colour("accent_soft")))
        ),
        stack.mark_text(align="left", dx=6).encode(x="end:Q", text="label:N"),
        whole.mark_rule(strokeWidth=2, color=colour("ink")).encode(x2="end:Q"),
        whole.mark_text(align="left", dx=6, fontWeight=600).encode(x="end:Q", text="label:N"),
        others.mark_point(filled=True, shape="diamond", size=85, color=colour("contrast")),
        others.mark_text(align="left", dx=9).encode(text="label:N"),
    ]
    if canvas.narrow:
        labels = data([{"name": row["name"]} for row in bars + dots]).encode(y=rows)
        layers.append(row_names(labels))
    return alt.layer(*layers).properties(height=alt.Step(44 if canvas.narrow else 28))


def _h800_list():
    return [facts.row("gpu_rental", f"h800_cr8dl_{date}") for date in ("2024_08", "2025_03")]


@figure("fig-cost-rental", unit="USD/GPU-hour")
def rental(report, canvas):
    names = {
        "list_on_demand_median": ("List, on demand", "neutral", "circle"),
        "monthly_china": ("H100 in China, monthly", "contrast", "diamond"),
        "contract_3y_china": ("H800 in China, 3 years", "ink", "square"),
        "h800_list": ("H800, list abroad", "ink", "cross"),
        "contract_1y": ("H100, 1-year contract", "accent", "triangle-up"),
    }
    points = []
    for series, (name, fill, shape) in names.items():
        for row in _h800_list() if series == "h800_list" else facts.rows("gpu_rental", series=series):
            if len(row["date"]) < 7:
                continue  # dated to the year only: no place on this axis
            points.append(
                {
                    "series": name,
                    "fill": colour(fill),
                    "shape": shape,
                    "usd": row["usd_per_gpu_hour"],
                    "date": row["date"] if len(row["date"]) == 10 else f"{row['date']}-15",
                    "low": row["low"] or row["usd_per_gpu_hour"],
                    "high": min(row["high"] or row["usd_per_gpu_hour"], 8.0),
                }
            )
    rent, theirs, top = report.assumption("gpu_hour_usd"), facts.value("v3_assumed_gpu_hour_usd"), 8.0
    x = dates("date", "2023-01-01", "2026-12-31", tickCount="year")
    y = alt.Y("usd:Q", title=None, scale=alt.Scale(domain=[0, top]), axis=alt.Axis(format="$d", tickCount=5))
    base = data(points).encode(x=x, y=y)
    spans = (
        base.transform_filter("datum.series === 'List, on demand'")
        .mark_rule(strokeWidth=5, color=colour("neutral_soft"))
        .encode(y="low:Q", y2="high:Q")
    )
    lines = base.mark_line(strokeWidth=1.5).encode(detail="series:N", stroke=alt.Stroke("fill:N", scale=None))
    dots = base.mark_point(filled=True, size=75).encode(color=FILL, shape=SHAPE)
    rents = [theirs] if rent == theirs or rent > top else [theirs, rent]
    rule = data([{"usd": usd} for usd in rents]).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(y="usd:Q")
    labels = [
        {"date": "2023-04-20", "usd": 5.3, "text": "List, on demand", "fill": colour("muted")},
        {"date": "2024-05-15", "usd": 1.2, "text": "H100 in China,", "fill": colour("contrast")},
        {"date": "2024-05-15", "usd": 0.75, "text": "by the month", "fill": colour("contrast")},
        {"date": "2023-01-20", "usd": 3.25, "text": "H800 in China,", "fill": colour("ink")},
        {"date": "2023-01-20", "usd": 2.8, "text": "three years", "fill": colour("ink")},
        # Over its marks, or under them where the line of the assumed rent would run through it.
        {
            "date": "2025-07-15",
            "usd": 1.3 if 2.65 < rent < 3.25 else 2.95,
            "text": "H100, one year",
            "fill": colour("accent"),
        },
        {"date": "2025-04-10", "usd": 4.15, "text": "H800, list abroad", "fill": colour("ink")},
        {
            "date": "2023-01-20",
            "usd": theirs - 0.32,
            "fill": colour("ink"),
            "text": f"${theirs:.2f} assumed" if canvas.narrow else f"DeepSeek assumed ${theirs:.2f}",
        },
    ]
    high = 300.0

    def place(row):
        """Return where a row stands in the plot, in px."""
        days = (date.fromisoformat(row["date"]) - date(2023, 1, 1)).days
        return days / 1460 * (canvas.width - 27), (1 - row["usd"] / top) * high

    taken = [Box.of(row["text"], *place(row)) for row in labels]
    taken += [Box(x - 5, y - 5, x + 5, y + 5) for x, y in map(place, points)]
    words = [data(labels).mark_text(align="left")]
    if rent != theirs:
        text = f"${rent:.2f} here" if canvas.narrow else f"Taken here: ${rent:.2f}"
        tries = []
        for day, align, usd in (
            ("2023-01-20", "left", rent - 0.32),
            ("2023-01-20", "left", rent + 0.32),
            ("2026-12-20", "right", rent + 0.32),
            ("2026-12-20", "right", rent - 0.32),
        ):
            own = {"date": day, "usd": usd, "text": text, "fill": colour("ink")}
            if 0.2 < usd < top:
                tries.append((Box.of(text, *place(own), align), (own, align)))
        if rent > top:  # cut off, and said so
            own = {"date": "2026-12-20", "usd": top - 0.3, "text": f"{text} ↑", "fill": colour("ink")}
            tries = [(Box.of(text, *place(own), "right"), (own, "right"))]
        own, align = clear(tries, taken)
        words.append(data([own]).mark_text(align=align))
    words = [each.encode(x=x, y=y, text="text:N", color=FILL) for each in words]
    return alt.layer(spans, rule, lines, dots, *words).properties(height=high)


@figure("fig-cost-like", unit="fraction")
def like(report, canvas):
    bases = [
        ("rented", "final run, rented", "accent", "circle"),
        ("amortised", "hardware and power, amortised", "contrast", "diamond"),
        ("cluster", "cluster, bought", "ink", "square"),
    ]
    rows = []
    for name, model in cost.RUNS.items():
        for basis, words, fill, shape in bases:
            key = f"cost.saving_{basis}_{name}"
            low, high = report.interval(key)
            rows.append(
                {
                    "row": f"{model}: {words}",
                    "saving": 100 * report.value(key),
                    "low": 100 * low,
                    "high": 100 * high,
                    "fill": colour(fill),
                    "shape": shape,
                    "label": report.text(key),
                }
            )
    key = "cost.saving_amortised_sonnet"
    low, high = report.interval(key)
    rows.append(
        {
            "row": "Claude 3.5 Sonnet: hardware and power, amortised",
            "saving": 100 * report.value(key),
            "low": 100 * low,
            "high": 100 * high,
            "fill": colour("contrast"),
            "shape": "diamond",
            "label": report.text(key),
        }
    )
    mark = data([{"saving": 100 * facts.value("essay_training_drop")}])
    drawn = [row[end] for row in rows for end in ("saving", "low", "high")]
    ends, ticks = extent([72, 101], [*drawn, 100], [80, 85, 90, 95, 100], room=(0.15, 0.034))
    x = alt.X(
        "saving:Q",
        title=None,
        scale=alt.Scale(domain=ends, nice=False, zero=False),
        axis=alt.Axis(labelExpr="replace(datum.value, '-', '−') + '%'", values=ticks),
    )
    base = data(rows).encode(y=named(canvas, "row", labelLimit=330), x=x)
    layers = [
        mark.mark_rule(strokeDash=[5, 4]).encode(x=x),
        base.mark_rule(strokeWidth=7, color=colour("neutral_soft")).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=85).encode(color=FILL, shape=SHAPE),
        base.mark_text(align="right", dx=-9, fontWeight=600).encode(x="low:Q", text="label:N"),
    ]
    return layered(layers, base, canvas, 27, 44, "row")


@figure("fig-cost-llama", unit="ratio")
def llama(report, canvas):
    rows = [
        {"name": "GPU-hours", "key": "cost.llama_hours_ratio", "fill": "accent"},
        {"name": "FLOP per token", "key": "cost.llama_flop_per_token_ratio", "fill": "accent_soft"},
        {"name": "Training tokens", "key": "cost.llama_tokens_ratio", "fill": "accent_soft"},
        {"name": "GPU-hours per FLOP", "key": "cost.llama_hours_per_flop_ratio", "fill": "contrast"},
    ]
    for row in rows:
        row.update(ratio=report.value(row["key"]), start=1, label=report.text(row["key"]), fill=colour(row["fill"]))
    x = alt.X(
        "ratio:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.8, 18], nice=False),
        axis=alt.Axis(values=[1, 2, 5, 10], labelExpr="datum.value + '×'"),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        base.mark_bar(height=15).encode(x="start:Q", x2="ratio:Q", color=FILL),
        data([{"ratio": 1}]).mark_rule(color=colour("ink")).encode(x=x),
        base.transform_filter("datum.ratio >= 1").mark_text(align="left", dx=6, fontWeight=600).encode(text="label:N"),
        base.transform_filter("datum.ratio < 1").mark_text(align="left", dx=14, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 34, 48, x=32)


@figure("fig-cost-programme", unit="USD")
def programme(report, canvas):
    drawn = uncertainty.sample(report, "cost.programme_usd")
    low, high = report.interval("cost.programme_usd")
    middle = report.value("cost.programme_usd")
    held = [middle, low, high, *np.quantile(drawn, (0.002, 0.998)).tolist()]
    ends, ticks = extent([10**6.4, 10**8.8], held, [3e6, 1e7, 3e7, 1e8, 3e8], log=True)
    first, last = (20 * np.log10(end) for end in ends)  # twenty bars to a decade
    first, last = round(np.floor(first + 1e-6)), round(np.ceil(last - 1e-6))
    edges = np.logspace(first / 20, last / 20, last - first + 1)
    share, _ = np.histogram(drawn, bins=edges)
    rows = [
        {
            "left": float(left),
            "right": float(right),
            "share": float(count / len(drawn)),
            "bottom": 0,
            "inside": bool(low <= np.sqrt(left * right) <= high),
        }
        for left, right, count in zip(edges[:-1], edges[1:], share, strict=True)
    ]
    top = max(row["share"] for row in rows)
    x = alt.X(
        "left:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[edges[0], edges[-1]], nice=False),
        axis=alt.Axis(labelExpr=DOLLARS, values=ticks),
    )
    bars = (
        data(rows)
        .mark_bar(stroke=colour("paper"), strokeWidth=0.5)
        .encode(
            x=x,
            x2="right:Q",
            y=alt.Y("share:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.34 * top])),
            y2="bottom:Q",
            color=alt.condition("datum.inside", alt.value(colour("accent")), alt.value(colour("accent_soft"))),
        )
    )
    essay = facts.value("essay_r1_cost_usd")
    marks = [
        {"usd": essay, "bottom": 0, "top": 1.06 * top, "text": f"Essay {wording.quantity(essay, 'USD', 2)}"},
        {
            "usd": middle,
            "bottom": 0,
            "top": 1.24 * top,
            "text": f"Central estimate {report.text('cost.programme_usd')}",
        },
    ]
    wide = canvas.width - 10.0

    def place(usd):
        return wide * np.log(usd / edges[0]) / np.log(edges[-1] / edges[0])

    words = [Box.of(mark["text"], place(mark["usd"]) + 5, 0) for mark in marks]
    if words[0].left < place(middle) + 2 < words[0].right + 4:
        # The line of the estimate would run through the essay's label: the two change heights.
        marks[0]["top"], marks[1]["top"] = marks[1]["top"], marks[0]["top"]
    marked = data(marks)
    rules = marked.mark_rule(color=colour("ink")).encode(x="usd:Q", y="bottom:Q", y2="top:Q")
    texts = []
    for left in (True, False):
        kept = [mark for mark, box in zip(marks, words, strict=True) if (box.right <= wide) == left]
        if kept:
            texts.append(
                data(kept)
                .mark_text(align="left" if left else "right", dx=5 if left else -5, dy=4)
                .encode(x="usd:Q", y="top:Q", text="text:N")
            )
    return alt.layer(bars, rules, *texts).properties(height=230)


@figure("fig-cost-fleets", unit="GPU")
def fleets(report, canvas):
    a100 = facts.value("a100_bf16_flops") / facts.value("h100_bf16_flops")
    rows = [
        {"name": "V3’s cluster", "count": facts.value("v3_gpu_count"), "ours": True},
        {"name": "10,000 A100", "count": a100 * facts.value("fireflyer_a100_count"), "ours": True},
        {"name": "SemiAnalysis on DeepSeek", "count": report.value("cost.semianalysis_h100e"), "ours": True},
        {"name": "The essay, if all H100", "count": report.value("cost.essay_h100e"), "ours": True},
    ]
    for key, name in (
        ("xai_colossus_100k", "xAI, one cluster"),
        ("microsoft_h100e_mid2024", "Microsoft, NVIDIA only"),
        ("meta_h100e_end2024", "Meta, plan for end of 2024"),
        ("google_h100e_mid2024", "Google, TPU included"),
    ):
        rows.append({"name": name, "count": facts.row("fleets", key)["count"], "ours": False})
    for row in rows:
        row |= {"label": wording.number(row["count"], 4 if row["count"] < 1e4 else 3), "start": 1e3}
    shade = alt.condition("datum.ours", alt.value(colour("contrast")), alt.value(colour("accent")))
    base = data(rows).encode(
        y=named(canvas),
        x=alt.X(
            "count:Q",
            title=None,
            scale=alt.Scale(type="log", domain=[1e3, 8e6], nice=False),
            axis=alt.Axis(values=[1e3, 1e4, 1e5, 1e6], format="~s"),
        ),
    )
    layers = [
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(x="start:Q", x2="count:Q", color=shade),
        base.mark_point(filled=True, size=90).encode(
            color=shade, shape=alt.condition("datum.ours", alt.value("diamond"), alt.value("circle"))
        ),
        base.mark_text(align="left", dx=9, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 29, 44)


@figure("fig-cost-capex", unit="USD")
def capex(report, canvas):
    companies = {
        "Meta": ("meta_lease_2024", "meta_g2025_jan", "meta_lease_2025"),
        "Alphabet": ("goog_cash_2024", "goog_g2025_feb", "goog_cash_2025"),
        "Microsoft": ("msft_lease_fy2024", "msft_gfy2025_jan", "msft_lease_fy2025"),
    }
    kinds = [
        ("2024", "neutral", "circle"),
        ("Plan for 2025", "contrast", "diamond"),
        ("2025", "accent", "square"),
    ]
    rows = []
    for company, keys in companies.items():
        for (kind, fill, shape), key in zip(kinds, keys, strict=True):
            row = facts.row("capex", key)
            usd = row["usd"] / 1e9
            rows.append(
                {
                    "company": company,
                    "kind": kind,
                    "usd": usd,
                    "low": (row["low"] or row["usd"]) / 1e9,
                    "high": (row["high"] or row["usd"]) / 1e9,
                    "fill": colour(fill),
                    "shape": shape,
                    "label": f"{row['low'] / 1e9:.0f}–{row['high'] / 1e9:.0f}" if row["low"] else f"{usd:.0f}",
                }
            )
    scale = {
        "title": None,
        "scale": alt.Scale(domain=[30, 102], nice=False, zero=False),
        "axis": alt.Axis(format="$d", values=[40, 60, 80, 100]),
    }
    band = [{"low": facts.value("essay_capex_low_usd") / 1e9, "high": facts.value("essay_capex_high_usd") / 1e9}]
    base = data(rows).encode(
        y=alt.Y(
            "company:N",
            sort=None,
            axis=rows_axis(canvas)
            if not canvas.narrow
            else alt.Axis(title=None, labelColor=colour("ink"), ticks=False, domain=False),
        ),
        x=alt.X("usd:Q", **scale),
    )
    layers = [
        data(band).mark_rect(color=colour("neutral_soft")).encode(x=alt.X("low:Q", **scale), x2="high:Q"),
        base.mark_line(strokeWidth=1.5, color=colour("muted")).encode(detail="company:N"),
        base.mark_point(filled=True, size=110, opacity=1).encode(color=FILL, shape=SHAPE),
        base.mark_text(dy=-15).encode(text="label:N"),
    ]
    return alt.layer(*layers).properties(height=alt.Step(64))


@figure("fig-cost-live", unit="USD")
def live_scopes(report, canvas):
    rows = {
        "From V3 to R1, rented": "cost.r1_rl_usd",
        "V3’s official run, rented": "cost.v3_run_usd",
        "V3 and R1, rented": "cost.v3_r1_usd",
        "With research and staff": "cost.programme_usd",
    }
    moved = ("gpu_hour_usd", "compute_multiplier", "staff_share")
    pick, parameters = live.rows(rows, moved, report)
    shown = [report.value(key) for key in rows.values()]
    ends, ticks = extent([1e4, 2e10], shown, [1e5, 1e6, 1e7, 1e8, 1e9], log=True)
    words = (
        "datum.usd >= 1e9 ? format(datum.usd / 1e9, '.3r') + ' billion' : datum.usd >= 1e6 ? "
        "format(datum.usd / 1e6, '.4r') + ' million' : format(datum.usd, ',.0f')"
    )
    base = (
        data([{"name": name} for name in rows])
        .transform_calculate(usd=pick, label="''")
        .transform_calculate(label=f"'$' + ({words})")
        .encode(
            y=named(canvas),
            x=alt.X(
                "usd:Q",
                title=None,
                scale=alt.Scale(type="log", domain=ends, nice=False, clamp=True),
                axis=alt.Axis(labelExpr=DOLLARS, values=ticks),
            ),
        )
    )
    layers = [
        base.mark_point(size=110, color=colour("accent"), fill=colour("accent")),
        base.mark_text(align="left", dx=10, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 34, 46).add_params(*parameters)
