"""Figures of the chapter on export controls."""

from datetime import date

import altair as alt
import numpy as np

from reporting.chapters.export import results as export
from reporting.core import wording
from reporting.drawing.charts import FILL, SHAPE, data, layered, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import DOLLARS, colour, dates, extent, row_names, rows_axis
from reporting.inputs import assumptions, facts

#: Row of the table of chips to its name on the timeline.
SHOWN = {
    "a100_sxm_80": "A100",
    "a800_sxm": "A800",
    "h100_sxm": "H100",
    "h800_sxm": "H800",
    "h200_nvl": "H200",
    "h20": "H20",
    "l20": "L20",
    "b200": "B200",
    "mi300x": "AMD MI300X",
    "mi308x": "AMD MI308X",
    "rtx_4090": "RTX 4090",
    "rtx_4090_d": "RTX 4090 D",
    "rtx_5090_d_v2": "RTX 5090 D V2",
}
#: What the rules say, to colour and height of the bar.
_STATES = {
    "open": ("Open", "accent", 15),
    "unknown": ("Not decidable", "accent_soft", 15),
    "letter": ("Letter", "contrast", 6),
    "review": ("Case by case", "contrast_soft", 6),
    "rule": ("Rule", "neutral", 6),
}


def state(row, day):
    """Return a key of `_STATES` for a chip on a day."""
    said = export.status(row, day)
    if said.controlled is None:
        return "unknown"
    if not said.controlled:
        return "open"
    if said.by in export.letters(row["chip"]):
        return "letter"
    return "review" if said.review else "rule"


def segments(identifier):
    """Return the stretches of days on which what the rules say of a chip stays the same, from its launch on."""
    row = export.chip(identifier)
    start = date.fromisoformat(row["launch_date"])
    changes = {day for test in export.tests() for day in (test.in_force, test.until) if day}
    changes |= {letter.in_force for letter in export.letters(row["chip"])}
    days = [start, *sorted(day for day in changes if start < day < export.DOCUMENTED_TO)]
    found = []
    for day, following in zip(days, [*days[1:], export.DOCUMENTED_TO], strict=True):
        now = state(row, day)
        if found and found[-1]["state"] == now:
            found[-1]["end"] = following.isoformat()
        else:
            found.append({"state": now, "start": day.isoformat(), "end": following.isoformat()})
    return found


def _stems(base, x, canvas):
    """Return named rows with a mark at `x`, a stem from `start` to it and its label."""
    layers = [
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(x="start:Q", x2=f"{x}:Q", color=FILL),
        base.mark_point(filled=True, size=90).encode(color=FILL, shape=SHAPE),
        base.mark_text(align="left", dx=9, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 28, 43)


@figure("fig-export-timeline", unit="day")
def timeline(report, canvas):
    rows = []
    for identifier, name in SHOWN.items():
        for part in segments(identifier):
            words, fill, size = _STATES[part["state"]]
            rows.append(part | {"name": name, "words": words, "fill": colour(fill), "size": size})
    ruled = {test.rule: test.in_force for test in export.tests() if test.item == "circuit"}
    short = "%b %y" if canvas.narrow else "%b %Y"
    lines = [{"day": day.isoformat(), "text": f"{day:{short}}"} for day in ruled.values()]
    span = {"first": "2020-11-01", "last": "2026-12-01", "nice": False, "tickCount": "year", "grid": False}
    x = dates("start", **span)
    marked = data(lines).encode(x=dates("day", **span))
    base = data(rows).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            axis=rows_axis(canvas)
            if not canvas.narrow
            else alt.Axis(
                title=None, ticks=False, domain=False, labelColor=colour("ink"), labelFontSize=12, labelPadding=3
            ),
        ),
    )
    layers = [
        marked.mark_rule(strokeDash=[2, 3], color=colour("muted")),
        marked.mark_text(dy=-8, color=colour("muted")).encode(y=alt.value(0), text="text:N"),
    ]
    for size in sorted({row["size"] for row in rows}):
        layers.append(
            base.transform_filter(f"datum.size == {size}").mark_bar(height=size).encode(x=x, x2="end:T", color=FILL)
        )
    if not canvas.narrow:
        # Each state is named once, where its stretch is long enough.
        labelled = {"open": "A100", "rule": "A100", "review": "A100", "letter": "H20", "unknown": "AMD MI308X"}
        for key, name in labelled.items():
            one = next(row for row in rows if row["name"] == name and row["words"] == _STATES[key][0])
            thick = one["size"] > 10
            label = {"name": name, "start": one["start"], "text": one["words"].lower()}
            layers.append(
                data([label])
                .mark_text(
                    align="left",
                    dx=4,
                    dy=0 if thick else -10,
                    fontSize=12,
                    color=colour("paper" if key == "open" else "ink"),
                )
                .encode(x=x, y=alt.Y("name:N", sort=None), text="text:N")
            )
    return alt.layer(*layers).properties(height=alt.Step(27))


@figure("fig-export-lines", unit="fraction")
def lines(report, canvas):
    words = {"io_gbs": "transfer rate, 2022", "tpp": "processing, 2023", "performance_density": "density, 2023"}
    rows = []
    for identifier, (quantity, _, _) in export.UNDER.items():
        share = 100 * report.value(f"export.under_{identifier}")
        fill = colour("contrast" if quantity == "io_gbs" else "accent")
        name = f"{export.chip(identifier)['chip'].removeprefix('GeForce ')}: {words[quantity]}"
        rows.append({"name": name, "share": share, "label": f"{share:.1f}%", "end": 100, "fill": fill})
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[70, 103.5], nice=False, zero=False),
        axis=alt.Axis(values=[70, 80, 90, 100], labelExpr="datum.value + '%'"),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        data([{"share": 100}]).mark_rule(color=colour("ink")).encode(x=x),
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(x2="end:Q", color=FILL),
        base.mark_point(filled=True, size=85).encode(color=FILL),
        base.mark_text(align="right", dx=-9, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 30, 44)


@figure("fig-export-training", unit="count")
def trained(report, canvas):
    when = {
        "h100": "H100: closed since August 2022",
        "a800": "A800: open to October 2023",
        "h800": "H800: open to October 2023",
        "h20": "H20: open to April 2025",
    }
    rows = []
    for name, words in when.items():
        key = f"export.v3_gpus_{name}"
        low, high = report.interval(key)
        run, fleet = report.text(f"export.v3_run_usd_{name}"), report.text(f"export.v3_fleet_usd_{name}")
        count = report.value(key)
        rows.append(
            {
                "name": words,
                "gpus": count,
                "low": low,
                "high": high,
                "fill": colour("neutral" if name == "h100" else "accent"),
                "label": wording.number(count, 4 if low == high else 3),
                "cost": f"run {run}, chips {fleet}",
                "shape": "circle",
            }
        )
    count = report.value("export.v3_gpus_l20")
    rows.append(
        {
            "name": "L20: open",
            "gpus": count,
            "low": count,
            "high": count,
            "fill": colour("contrast"),
            "label": f"over {wording.number(count, 2)}",
            "cost": "no price of a server seen",
            "shape": "triangle-right",
        }
    )
    drawn = [row[end] for row in rows for end in ("gpus", "low", "high")]
    least, room = ([1e3, 9e4], 0.2) if canvas.narrow else ([1e3, 1.4e5], 0.42)
    ends, ticks = extent(least, drawn, [1e3, 3e3, 1e4, 3e4], log=True, room=(0.0, room))
    base = data(rows).encode(
        y=named(canvas, labelLimit=220),
        x=alt.X(
            "gpus:Q",
            title=None,
            scale=alt.Scale(type="log", domain=ends, nice=False),
            axis=alt.Axis(values=ticks, format="~s"),
        ),
    )
    layers = [
        base.mark_bar(height=8, color=colour("accent_soft")).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        base.mark_text(align="left", dx=10, dy=-8 if not canvas.narrow else 0, fontWeight=600).encode(
            x="high:Q", text="label:N"
        ),
    ]
    if canvas.narrow:
        layers += [
            row_names(base),
            base.mark_text(align="left", dy=17, color=colour("muted")).encode(x=alt.value(0), text="cost:N"),
        ]
    else:
        layers.append(
            base.mark_text(align="left", dx=10, dy=8, color=colour("muted")).encode(x="high:Q", text="cost:N")
        )
    return alt.layer(*layers).properties(height=alt.Step(62 if canvas.narrow else 44))


@figure("fig-export-serving", unit="fraction")
def served(report, canvas):
    a = assumptions.Values(report.values)
    chips = export.SERVER.chips
    rows = []
    for line, ratios, most, fill, dash in (
        ("R1", lambda batch: export.decode_ratio(a, batch), 256, "accent", False),
        ("Llama 70B", lambda batch: export.dense_ratio(a, chips * batch), 32, "contrast", True),
    ):
        batch = np.geomspace(1, most, 33)
        for sequences, ratio in zip(batch, ratios(batch), strict=True):
            rows.append(
                {
                    "line": line,
                    "batch": float(sequences),
                    "ratio": 100 * float(ratio),
                    "fill": colour(fill),
                    "dash": dash,
                }
            )
    load = facts.row("throughput", "deepseek_day_decode")["sequences_per_gpu"]
    x = alt.X(
        "batch:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.95, 270], nice=False),
        axis=alt.Axis(values=[1, 4, 16, 64, 256], format="d"),
    )
    y = alt.Y(
        "ratio:Q",
        title=None,
        scale=alt.Scale(domain=[0, 120], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'"),
    )
    base = data(rows).encode(x=x, y=y, detail="line:N")
    one = data([{"ratio": 100}]).mark_rule(color=colour("muted"), strokeDash=[5, 4]).encode(y=y)
    drawn = base.mark_line(strokeWidth=2.5).encode(
        stroke=alt.Stroke("fill:N", scale=None),
        strokeDash=alt.condition("datum.dash", alt.value([6, 3]), alt.value([1, 0])),
    )
    marks = [
        {
            "batch": load,
            "ratio": 100 * report.value("export.h20_decode"),
            "shape": "circle",
            "fill": colour("accent"),
            "text": f"engine {report.text('export.h20_decode')}",
            "dy": 18,
        },
        {
            "batch": load,
            "ratio": 100 * report.value("export.h20_decode_measured"),
            "shape": "diamond",
            "fill": colour("ink"),
            "text": f"published {report.text('export.h20_decode_measured')}",
            "dy": -16,
        },
    ]
    names = [
        {"batch": 3, "ratio": 71, "text": "R1", "fill": colour("accent")},
        {"batch": 12, "ratio": 88, "text": "Llama 70B", "fill": colour("contrast")},
    ]
    points = data(marks).mark_point(filled=True, size=100).encode(x=x, y=y, shape=SHAPE, color=FILL)
    words = [data([mark]).mark_text(dy=mark["dy"]).encode(x=x, y=y, text="text:N") for mark in marks]
    labels = written(names, x, y, fontWeight=600)
    return alt.layer(one, drawn, points, labels, *words).properties(height=270)


@figure("fig-export-caps", unit="count")
def caps(report, canvas):
    rows = [
        ("One buyer, a year, no licence", report.value("export.cap_small_h100e"), True),
        ("V3’s cluster", report.value("export.v3_cluster_h100e"), False),
        ("GPT-4’s run, estimate", report.value("export.gpt4_run_h100e"), False),
        ("Llama 3.1 405B’s run", facts.row("fleets", "meta_llama3_405b_run")["count"], False),
        ("A country, 2025 to 2027", report.value("export.cap_country_h100e"), True),
        ("Approved company, 2025", report.value("export.cap_company_2025_h100e"), True),
        ("xAI’s cluster, 2024", facts.row("fleets", "xai_colossus_100k")["count"], False),
        ("Approved company, 2027", report.value("export.cap_company_2027_h100e"), True),
    ]
    values = [
        {
            "name": name,
            "count": count,
            "start": 1e3,
            "label": wording.number(count, 2 if name.endswith("estimate") else 4 if count < 1e4 else 3),
            "fill": colour("contrast" if cap else "accent"),
            "shape": "square" if cap else "circle",
        }
        for name, count, cap in rows
    ]
    base = data(values).encode(
        y=named(canvas),
        x=alt.X(
            "count:Q",
            title=None,
            scale=alt.Scale(type="log", domain=[1e3, 1.2e6], nice=False),
            axis=alt.Axis(values=[1e3, 1e4, 1e5], format="~s"),
        ),
    )
    return _stems(base, "count", canvas)


#: Estimate to its name, without the years.
ESTIMATES = {
    "smuggled_cnas_2023": "CNAS 2023: one path, a year",
    "smuggled_cnas_2024": "CNAS 2025: chips in 2024",
    "smuggled_epoch_2025": "Epoch AI 2026: H100e in 2025",
    "smuggled_epoch_total": "Epoch AI 2026: H100e to 2025",
}


@figure("fig-export-smuggling", unit="GPU")
def smuggling(report, canvas):
    one = facts.value("v3_gpu_count")
    rows = [
        {
            "name": "For scale: V3’s cluster",
            "value": one,
            "low": one,
            "high": one,
            "open": False,
            "label": wording.number(one, 4),
            "fill": colour("contrast"),
            "shape": "diamond",
        }
    ]
    for identifier, name in ESTIMATES.items():
        row = export.estimate(identifier)
        rows.append(
            {
                "name": name,
                "value": row["value"],
                "low": row["low"],
                "high": row["high"] or row["value"],
                "open": row["high"] is None,
                "label": wording.number(row["value"], 3),
                "fill": colour("accent"),
                "shape": "circle",
            }
        )
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[1e3, 3e6], nice=False),
        axis=alt.Axis(values=[1e3, 1e4, 1e5, 1e6], format="~s"),
    )
    base = data(rows).encode(y=named(canvas, labelLimit=240), x=x)
    layers = [
        base.mark_rule(strokeWidth=7, color=colour("accent_soft")).encode(x="low:Q", x2="high:Q"),
        base.transform_filter("datum.open")
        .mark_point(filled=True, size=90, shape="triangle-right", color=colour("accent_soft"))
        .encode(xOffset=alt.value(18)),
        base.mark_point(filled=True, size=80).encode(color=FILL, shape=SHAPE),
        base.mark_text(dy=-14, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 42, 62, dy=-31)


@figure("fig-export-distillation", unit="USD")
def distillation(report, canvas):
    items = [
        ("Written by R1’s API", "export.sampling_usd_r1", False),
        ("Claude: ascribed to DeepSeek", "export.claude_usd_deepseek", False),
        ("Written by GPT-4o’s API", "export.sampling_usd_gpt4o", False),
        ("Written by o1’s API", "export.sampling_usd_o1", False),
        ("One server of eight H800", "h800_server_usd", True),
        ("Claude: ascribed to all three", "export.claude_usd_all", False),
        ("V3’s pre-training, owner’s cost", "export.v3_run_usd_h800", True),
        ("V3’s cluster, bought", "export.v3_fleet_usd_h800", True),
    ]
    rows = []
    for name, key, chips in items:
        usd = report.value(key) if "." in key else report.assumption(key)
        rows.append(
            {
                "name": name,
                "usd": usd,
                "start": 5e3,
                "label": wording.quantity(usd, "USD", 2),
                "fill": colour("accent" if chips else "contrast"),
                "shape": "square" if chips else "circle",
            }
        )
    ends, ticks = extent([5e3, 2e9], [row["usd"] for row in rows], [1e4, 1e5, 1e6, 1e7, 1e8], log=True, room=(0.0, 0.2))
    for row in rows:
        row["start"] = ends[0]
    base = data(rows).encode(
        y=named(canvas),
        x=alt.X(
            "usd:Q",
            title=None,
            scale=alt.Scale(type="log", domain=ends, nice=False),
            axis=alt.Axis(values=ticks, labelExpr=DOLLARS),
        ),
    )
    return _stems(base, "usd", canvas)
