"""Figures of the chapter on efficiency that are about memory."""

import math

import altair as alt
import numpy as np

from reporting.chapters.efficiency import memory
from reporting.core import wording
from reporting.drawing.charts import FILL, data, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour, extent, row_names
from reporting.inputs import facts


@figure("fig-efficiency-kv-parts", unit="kB/token")
def kv_parts(report, canvas):
    start, latent = report.value("efficiency.kv_67b_kb"), report.value("efficiency.kv_v2_kb")
    depth = start / report.value("efficiency.kv_factor_depth")
    bits = report.value("efficiency.kv_v2_deployed_kb")
    layers = [memory.architecture(name).layers for name in ("deepseek-llm-67b", "deepseek-v2")]
    steps = [
        ("DeepSeek 67B, 16 bits", start, "", "accent_soft"),
        (f"{layers[1]} layers, not {layers[0]}", depth, "efficiency.kv_factor_depth", "accent_soft"),
        ("Latent attention: V2, 16 bits", latent, "efficiency.kv_factor_latent", "accent_soft"),
        (f"{facts.value('v2_kv_bits'):.0f} bits: V2 as deployed", bits, "efficiency.kv_factor_bits", "accent"),
        ("V3 and R1, 16 bits", report.value("efficiency.kv_v3_kb"), "", "contrast"),
    ]
    rows, before = [], start
    for name, size, key, fill in steps:
        label = wording.number(size, 3 if size >= 100 else 2) + " kB"
        if key:
            label += f"  (÷ {wording.number(report.value(key), 3)})"
        rows.append(
            {
                "name": name,
                "start": 0,
                "kb": size,
                "before": before if key else size,
                "fill": colour(fill),
                "label": label,
            }
        )
        before = size
    x = alt.X(
        "kb:Q",
        title=None,
        scale=alt.Scale(domain=[0, 470], nice=False),
        axis=alt.Axis(values=[0, 100, 200, 300, 400], labelExpr="datum.value + ' kB'"),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        base.mark_bar(height=16, color=colour("neutral_soft")).encode(x2="before:Q"),
        base.mark_bar(height=16).encode(x="start:Q", x2="kb:Q", color=FILL),
        base.mark_text(align="left", dx=6, fontWeight=600).encode(x="before:Q", text="label:N"),
    ]
    if canvas.narrow:
        # The longest bar leaves no room on a phone: its label stands inside.
        layers[2] = (
            base.transform_filter("datum.before <= 300")
            .mark_text(align="left", dx=6, fontWeight=600)
            .encode(x="before:Q", text="label:N")
        )
        layers.append(
            base.transform_filter("datum.before > 300")
            .mark_text(align="right", dx=-6, fontWeight=600)
            .encode(x="before:Q", text="label:N")
        )
        layers.append(row_names(base, "name"))
    return alt.layer(*layers).properties(height=alt.Step(46 if canvas.narrow else 31))


@figure("fig-efficiency-kv-models", unit="kB/token", rests_on=["efficiency.kv_v3_kb"])
def kv_models(report, canvas):
    context = facts.value("kv_long_context")
    rows = []
    for name, title in memory.CACHED.items():
        model = memory.architecture(name)
        size = memory.kv_kilobytes(name)
        windowed = any(window is not None for window in model.windows)
        rows.append(
            {
                "name": title,
                "start": 0.0,
                "kb": size,
                "windowed": windowed,
                "long": float(model.kv_cache_bytes(context) / context / memory.KILO),
                "label": wording.number(size, 3 if size >= 100 else 2),
                "fill": colour("contrast" if model.attention_kind == "mla" else "accent"),
            }
        )
    rows.sort(key=lambda row: -row["kb"])
    x = alt.X(
        "kb:Q",
        title=None,
        scale=alt.Scale(domain=[0, 580], nice=False),
        axis=alt.Axis(
            values=[0, 200, 400] if canvas.narrow else [0, 100, 200, 300, 400, 500], labelExpr="datum.value + ' kB'"
        ),
    )
    base = data(rows).encode(
        y=alt.Y("name:N", sort=None, axis=alt.Axis(title=None, ticks=False, domain=False, labelColor=colour("ink"))),
        x=x,
    )
    windowed = base.transform_filter("datum.windowed")
    return alt.layer(
        base.mark_bar(height=13).encode(x="start:Q", x2="kb:Q", color=FILL),
        windowed.mark_point(
            shape="diamond", size=80, filled=True, color=colour("paper"), stroke=colour("ink"), strokeWidth=1.5
        ).encode(x="long:Q"),
        base.mark_text(align="left", dx=6).encode(text="label:N"),
    ).properties(height=alt.Step(24))


@figure("fig-efficiency-kv-share", unit="fraction")
def kv_share(report, canvas):
    looks = {"v3": "contrast", "multi_head": "neutral", "qwen72b": "accent", "llama405b": "ink"}
    first, last = 1e3, 4e6
    lines, ends = [], []
    for key, case in memory.SERVED.items():
        full = case.tokens_that_fit()
        for tokens in np.logspace(np.log10(first), np.log10(full), 60):
            lines.append(
                {"case": key, "tokens": float(tokens), "share": float(case.share(tokens)), "fill": colour(looks[key])}
            )
        ends.append({"case": key, "tokens": float(full), "share": float(case.share(full)), "fill": colour(looks[key])})
    day = report.assumption("cached_tokens_per_gpu")
    seen = report.value("efficiency.kv_share_v3")
    beyond = day > last  # more than any of these memories holds: the mark stands at the edge, with an arrow
    span, ticks = [first, last], [1e3, 1e4, 1e5, 1e6]
    if not beyond:
        span, ticks = extent(span, [day], ticks, log=True, room=(0.0, 0.24 if canvas.narrow else 0.0))
    x = alt.X(
        "tokens:Q",
        title=None,
        scale=alt.Scale(type="log", domain=span, nice=False, clamp=True),
        axis=alt.Axis(
            values=ticks,
            labelExpr="datum.value >= 1e6 ? format(datum.value / 1e6, '~g') + ' million' : format(datum.value, ',')",
        ),
    )
    shares, ticks = extent([0, 0.8], [seen], [0, 0.25, 0.5, 0.75], room=(0.0, 0.05))
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=shares), axis=alt.Axis(format=".0%", values=ticks))
    half = data([{"share": 0.5}]).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(y=y)
    base = data(lines).encode(x=x, y=y)
    drawn = base.mark_line(strokeWidth=2.5).encode(detail="case:N", stroke=alt.Stroke("fill:N", scale=None))
    stops = data(ends).mark_point(filled=True, size=60, shape="square").encode(x=x, y=y, color=FILL)
    dot = [{"tokens": day, "share": seen}]
    marked = (
        data(dot)
        .mark_point(
            filled=True, size=130, shape="diamond", color=colour("contrast"), stroke=colour("paper"), strokeWidth=1
        )
        .encode(x=x, y=y)
    )
    day_words = f"DeepSeek's day {report.text('efficiency.kv_share_v3')}"

    def beside(factor):
        return (last / factor, "right", " →") if beyond else (factor * day, "left", "")

    at, hangs, sign = beside(1.2)
    wide = [
        ("V3 with full heads", 1.9e4, 0.72, "muted", "left"),
        ("Qwen2.5 72B, 4 H100", 1.3e5, 0.575, "accent", "right"),
        ("Llama 405B, 8 H100", 5.6e4, 0.42, "ink", "right"),
        ("V3, 144 H800", 7.6e5, 0.725, "contrast", "right"),
        (day_words + sign, at, seen, "contrast", hangs),
    ]
    at, hangs, sign = beside(1.35)
    labelled = max(seen, 0.06)  # two lines keep clear of the axis
    narrow = [
        ("V3, full heads", 2.1e4, 0.72, "muted", "left"),
        ("Qwen2.5 72B", 1.25e5, 0.58, "accent", "right"),
        ("Llama 405B", 5.3e4, 0.425, "ink", "right"),
        ("V3", 7.2e5, 0.73, "contrast", "right"),
        ("DeepSeek's", at, labelled + 0.015, "contrast", hangs),
        (f"day{sign}", at, labelled - 0.03, "contrast", hangs),
    ]
    layers = [half, drawn, stops, marked]
    for side in ("left", "right"):
        words = [
            {"text": text, "tokens": tokens, "share": share, "fill": colour(fill)}
            for text, tokens, share, fill, align in (narrow if canvas.narrow else wide)
            if align == side
        ]
        layers.append(written(words, x, y, align=side, fontWeight=600))
    return alt.layer(*layers).properties(height=300)


@figure(
    "fig-efficiency-recipe",
    unit="GB",
    rests_on=[f"efficiency.memory_gpu_{recipe}_gb" for recipe in ("fp32", "bf16", "v3")],
)
def recipe(report, canvas):
    parts = {"total": "All together"} | memory.STATE | {"activations": "Activations"}
    looks = {"fp32": ("FP32", "neutral"), "bf16": ("BF16", "accent_soft"), "v3_fp8": ("V3", "contrast")}
    limit = report.value("efficiency.memory_h800_gb")
    groups = []
    for part, name in parts.items():
        group = []
        for key, (title, fill) in looks.items():
            sizes = memory.trained_gpu_bytes(key)
            size = (math.fsum(sizes.values()) if part == "total" else sizes[part]) / memory.GIGA
            number = "none" if size == 0 else wording.number(size, 3 if size >= 100 else 2)
            group.append(
                {
                    "row": f"{part} {key}",
                    "name": "",
                    "start": 0.0,
                    "gb": size,
                    "fill": colour(fill),
                    "label": f"{title} {number}" + (" GB" if part == "total" else ""),
                }
            )
        if part == "total":
            group.append(
                {
                    "row": "limit",
                    "name": "",
                    "start": 0.0,
                    "gb": limit,
                    "fill": colour("neutral_soft"),
                    "label": f"An H800 holds {wording.number(limit, 3)} GB",
                }
            )
        group[0]["name"] = name
        groups.append(group)
    order = [place for index, group in enumerate(groups) for place in (*(row["row"] for row in group), f"gap {index}")]
    y = alt.Y("row:N", sort=None, scale=alt.Scale(domain=order[:-1]), axis=None)
    x = alt.X(
        "gb:Q",
        title=None,
        scale=alt.Scale(domain=[0, 228 if canvas.narrow else 205], nice=False),
        axis=alt.Axis(values=[0, 50, 100, 150], labelExpr="datum.value + ' GB'"),
    )
    base = data([row for group in groups for row in group]).encode(x=x, y=y)
    names = base.transform_filter("datum.name !== ''")
    layers = [
        base.mark_bar(height=12).encode(x="start:Q", x2="gb:Q", color=FILL),
        base.mark_text(align="left", dx=6).encode(text="label:N"),
    ]
    if canvas.narrow:
        layers.append(names.mark_text(align="left", dy=-16, fontWeight=600).encode(x=alt.value(0), text="name:N"))
        return alt.layer(*layers).properties(height=alt.Step(17))
    layers.append(names.mark_text(align="right", dx=-10, dy=16, fontWeight=600).encode(x=alt.value(0), text="name:N"))
    return alt.layer(*layers).properties(height=alt.Step(16))


@figure("fig-efficiency-experts", unit="fraction", rests_on=["efficiency.moe_read_full"])
def experts(report, canvas):
    looks = {"deepseek-v3": ("contrast", 3.0), "mixtral-8x7b": ("accent", 2.5)}
    rows = []
    for name, title in memory.MIXTURES.items():
        fill, width = looks.get(name, ("neutral", 1.2))
        rows += [
            {
                "name": title,
                "batch": float(batch),
                "share": memory.read_share(name, float(batch)),
                "fill": colour(fill),
                "width": width,
            }
            for batch in np.geomspace(1, 512, 55)
        ]
    x = alt.X(
        "batch:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[1, 512], nice=False),
        axis=alt.Axis(values=[1, 4, 16, 64, 256]),
    )
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    half = [{"batch": report.value("efficiency.moe_half_batch"), "share": 0.5}]
    words = [
        {"text": "Mixtral 8x7B", "batch": 1.1, "share": 0.8, "fill": colour("accent")},
        {"text": "V3 and R1", "batch": 45, "share": 0.42, "fill": colour("contrast")},
        {"text": "gpt-oss, Qwen3,", "batch": 45, "share": 0.3, "fill": colour("muted")},
        {"text": "V2, Kimi K2", "batch": 45, "share": 0.22, "fill": colour("muted")},
    ]
    base = data(rows).encode(x=x, y=y)
    texts = written(words, x, y, fontWeight=600)
    return alt.layer(
        data(half).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(y=y),
        base.mark_line().encode(
            detail="name:N", stroke=alt.Stroke("fill:N", scale=None), strokeWidth=alt.StrokeWidth("width:Q", scale=None)
        ),
        data(half)
        .mark_point(
            filled=True, size=110, shape="diamond", color=colour("contrast"), stroke=colour("paper"), strokeWidth=1
        )
        .encode(x=x, y=y),
        texts,
    ).properties(height=260)
