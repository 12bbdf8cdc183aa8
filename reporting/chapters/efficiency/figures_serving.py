"""Figures of the chapter on efficiency: speed and hardware."""

import altair as alt
import numpy as np

from analysis import calibration
from reporting.chapters.efficiency import serving as serving_results
from reporting.drawing import typeface
from reporting.drawing.charts import FILL, SHAPE, data, layered, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour, extent
from reporting.inputs import assumptions, facts

#: Group of points to colour, shape and name.
_GROUPS = {
    "batch": ("accent", "circle"),
    "decode": ("ink", "square"),
    "prefill": ("contrast", "diamond"),
    "gb200": ("neutral", "triangle-up"),
}
_SERVICES = {
    "sglang_h100_decode_mtp_plain": "SGLang, H100, decode, drafts",
    "deepseek_profile_decode": "DeepSeek's profile, decode",
    "deepseek_day_decode": "DeepSeek's day, decode",
    "rtp_h800_decode": "RTP-LLM, H800, decode",
    "sglang_h100_prefill_4k_balanced": "SGLang, prefill, 4K balanced",
    "sglang_h100_prefill_1k": "SGLang, H100, prefill, 1K",
    "sglang_h100_prefill_2k": "SGLang, H100, prefill, 2K",
    "sglang_h100_prefill_4k": "SGLang, H100, prefill, 4K",
    "deepseek_profile_prefill": "DeepSeek's profile, prefill",
    "rtp_h800_prefill": "RTP-LLM, H800, prefill",
    "deepseek_day_prefill": "DeepSeek's day, prefill",
    "sglang_gb200_decode_fp4": "SGLang, GB200, decode, FP4",
    "sglang_gb200_decode_fp8": "SGLang, GB200, decode, FP8",
    "sglang_gb200_decode_fp8_june": "SGLang, GB200, decode, June",
    "sglang_gb200_prefill_fp4": "SGLang, GB200, prefill, FP4",
    "sglang_gb200_prefill_fp8": "SGLang, GB200, prefill, FP8",
}


def point_name(point):
    """Return a published point in words."""
    if point.id in _SERVICES:
        return _SERVICES[point.id]
    chip, prompt, output = point.id.split("_")[2:]
    return f"Qwen3, {chip.upper()}, {prompt}/{output}"


def named_points(report):
    """Return the judged points in the order they are shown: name, group, measured and predicted tokens/s a GPU."""
    parts = serving_results.efficiency(assumptions.Values(report.values))
    rows = []
    for point in serving_results.judged():
        rows.append(
            {
                "name": point_name(point),
                "group": serving_results.group_of(point),
                "measured": point.measured,
                "predicted": calibration.predict(point, parts),
            }
        )
    order = list(_GROUPS)
    return sorted(rows, key=lambda row: (order.index(row["group"]), row["predicted"] / row["measured"]))


@figure("fig-efficiency-parity", unit="ratio")
def parity(report, canvas):
    rows = []
    for row in named_points(report):
        fill, shape = _GROUPS[row["group"]]
        ratio = row["predicted"] / row["measured"]
        rows.append(
            row
            | {
                "ratio": 100 * ratio,
                "fill": colour(fill),
                "shape": shape,
                "label": f"{100 * ratio:.0f}%",
                "weight": 600 if row["name"].startswith("DeepSeek's day") else 400,
                "one": 100,
            }
        )
    scale = alt.Scale(type="log", domain=[66, 260] if canvas.narrow else [78, 225], nice=False)
    x = alt.X(
        "ratio:Q",
        title=None,
        scale=scale,
        axis=alt.Axis(
            values=[100, 150, 200] if canvas.narrow else [80, 100, 125, 150, 200], labelExpr="datum.value + '%'"
        ),
    )
    y = alt.Y(
        "name:N",
        sort=None,
        axis=alt.Axis(
            title=None,
            ticks=False,
            domain=False,
            labelColor=colour("ink"),
            labelFontSize=12 if canvas.narrow else 13,
            labelPadding=4,
        ),
    )
    base = data(rows).encode(x=x, y=y)
    band = (
        data([{"low": 85, "high": 115}])
        .mark_rect(color=colour("neutral_soft"))
        .encode(x=alt.X("low:Q", title=None, scale=scale), x2="high:Q")
    )
    one = data([{"ratio": 100}]).mark_rule(color=colour("ink")).encode(x=x)
    stems = base.mark_rule(strokeWidth=1.5, strokeOpacity=0.5).encode(x2="one:Q", color=FILL)
    dots = base.mark_point(filled=True, size=60).encode(color=FILL, shape=SHAPE)
    above = (
        base.transform_filter("datum.ratio >= 100").mark_text(align="left", dx=7, fontSize=12).encode(text="label:N")
    )
    below = (
        base.transform_filter("datum.ratio < 100").mark_text(align="right", dx=-7, fontSize=12).encode(text="label:N")
    )
    return alt.layer(band, one, stems, dots, above, below).properties(height=alt.Step(18))


@figure("fig-efficiency-mtp", unit="ratio")
def mtp(report, canvas):
    a = assumptions.Values(report.values)
    accepted = report.assumption("mtp_acceptance")
    entry = report.register["mtp_acceptance"]
    batch = np.logspace(0, np.log10(512), 37)
    rows = []
    for line, function, fill in (
        ("service", serving_results.mtp_speedup, "accent"),
        ("server", serving_results.mtp_speedup_server, "contrast"),
    ):
        middle, low, high = (function(a, batch, share) for share in (accepted, entry.low, entry.high))
        last = 513 if line == "service" else 129
        for sequences, m, lowest, highest in zip(batch, middle, low, high, strict=True):
            if sequences < last:
                rows.append(
                    {
                        "line": line,
                        "batch": float(sequences),
                        "gain": float(m),
                        "low": float(lowest),
                        "high": float(highest),
                        "fill": colour(fill),
                        "soft": colour(f"{fill}_soft"),
                    }
                )
    x = alt.X(
        "batch:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.9, 560], nice=False),
        axis=alt.Axis(values=[1, 4, 16, 64, 256], format="d"),
    )
    one, same = report.value("efficiency.mtp_speedup_service"), report.value("efficiency.mtp_speedup_same_speed")
    drawn = [min(one, same) - 0.2, *(row[end] for row in rows for end in ("low", "high"))]
    ends, ticks = extent([1, 2.08], drawn, [1, 1.2, 1.4, 1.6, 1.8, 2])
    y = alt.Y(
        "gain:Q",
        title=None,
        scale=alt.Scale(domain=ends, zero=False, nice=False),
        axis=alt.Axis(values=ticks, labelExpr="format(datum.value, '.1f') + '×'"),
    )
    base = data(rows).encode(x=x, detail="line:N")
    bands = base.mark_area(opacity=0.6).encode(
        y=alt.Y("low:Q", title=None), y2="high:Q", fill=alt.Fill("soft:N", scale=None)
    )
    lines = base.mark_line(strokeWidth=2).encode(y=y, stroke=alt.Stroke("fill:N", scale=None))
    served = float(facts.row("throughput", "deepseek_day_decode")["sequences_per_gpu"])
    day = colour("accent")
    dots = [
        {
            "batch": served,
            "gain": one,
            "fill": day,
            "inside": day,
            "shape": "circle",
            "text": f"same batch {report.text('efficiency.mtp_speedup_service')}",
            "dx": -5,
            "dy": 25,
            "align": "right",
        },
        {
            "batch": served,
            "gain": same,
            "fill": day,
            "inside": colour("paper"),
            "shape": "circle",
            "text": f"same speed {report.text('efficiency.mtp_speedup_same_speed')}",
            "dx": -12 if canvas.narrow else 9,
            "dy": -14 if canvas.narrow else 0,
            "align": "left",
        },
    ]
    if same < one:  # the label that hangs below goes with the lower mark
        for name in ("dx", "dy", "align"):
            dots[0][name], dots[1][name] = dots[1][name], dots[0][name]
    for sequences, gain, dx, dy, align in (
        (1.0, facts.value("sglang_mtp_speedup_1"), -4, -14, "left"),
        (32.0, facts.value("sglang_mtp_speedup_32"), 0, -15, "center"),
        (facts.value("sglang_mtp_small_batch"), 1.0 + facts.value("sglang_mtp_small_gain"), 9, 9, "left"),
        (facts.value("sglang_mtp_large_batch"), 1.0 + facts.value("sglang_mtp_large_gain"), 0, 17, "center"),
    ):
        dots.append(
            {
                "batch": sequences,
                "gain": gain,
                "fill": colour("ink"),
                "inside": colour("ink"),
                "shape": "diamond",
                "text": "SGLang",
                "dx": dx,
                "dy": dy,
                "align": align,
            }
        )
    marks = (
        data(dots)
        .mark_point(opacity=1, size=95, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            stroke=alt.Stroke("fill:N", scale=None),
            fill=alt.Fill("inside:N", scale=None),
            shape=SHAPE,
        )
    )
    limits = [
        {
            "gain": facts.value("mtp_published_speedup"),
            "text": f"V3's report {facts.value('mtp_published_speedup'):.1f}×, batch not given",
        },
        {"gain": 2.0, "text": "Twice: the essay, and the limit of one draft"},
    ]
    rules = data(limits).mark_rule(strokeDash=[5, 4], color=colour("ink")).encode(y=y)
    names = data(limits).mark_text(align="right", dy=-8).encode(x=alt.value("width"), y=y, text="text:N")
    above = serving_results.mtp_speedup(a, np.array([6.0]), entry.high)
    below = serving_results.mtp_speedup_server(a, np.array([1.05]), entry.low)
    high = float(above[0]) + 0.05
    if 1.76 < high < 1.92:
        high = 1.94  # clear of the words on the line at 1.8
    words = [
        {
            "batch": 6,
            "gain": round(high, 2),
            "text": f"{facts.value('service_decode_gpus'):.0f} H800",
            "fill": colour("accent"),
        },
        {
            "batch": 1.05,
            "gain": round(max(float(below[0]) - 0.2, ends[0] + 0.04), 2),
            "text": "8 H200",
            "fill": colour("contrast"),
        },
    ]
    labels = written(words, x, y)
    beside = [
        data([dot]).mark_text(align=dot["align"], dx=dot["dx"], dy=dot["dy"]).encode(x=x, y=y, text="text:N")
        for dot in dots
    ]
    return alt.layer(bands, rules, names, lines, marks, labels, *beside).properties(height=300)


@figure("fig-efficiency-links", unit="fraction")
def links(report, canvas):
    many = {phase: f"{facts.value(f'service_{phase}_gpus'):.0f} H800" for phase in ("prefill", "decode")}
    settings = {"server": "8 H200", "prefill": f"prefill, {many['prefill']}", "decode": f"decode, {many['decode']}"}
    kinds = {"h800": ("H800's links", "contrast"), "pcie": ("PCI-Express", "neutral")}
    rows = []
    for setting, words in settings.items():
        for kind, (name, fill) in kinds.items():
            share = 100 * report.value(f"efficiency.links_{setting}_{kind}")
            rows.append(
                {"name": f"{words}: {name}", "share": share, "zero": 0, "label": f"{share:.0f}%", "fill": colour(fill)}
            )
    base = data(rows).encode(
        y=named(canvas, labelLimit=300),
        x=alt.X(
            "share:Q",
            title=None,
            scale=alt.Scale(domain=[0, 115], nice=False),
            axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'"),
        ),
    )
    layers = [
        base.mark_bar(height=13).encode(x="zero:Q", x2="share:Q", color=FILL),
        base.mark_text(align="left", dx=6, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 27, 44)


@figure("fig-efficiency-hardware", unit="USD/million tokens")
def hardware(report, canvas):
    a = assumptions.Values(report.values)
    hosts = [
        ("R1, desk machine, 4 bits", "efficiency.r1_desk_usd", report.value("efficiency.r1_desk_speed"), "ink"),
        (
            f"R1, {serving_results.r1_cards():.0f} RTX 4090, 4 bits",
            "efficiency.r1_4090_usd",
            serving_results.serve_r1_4090(a)[1],
            "ink",
        ),
        ("R1, 8 H200, 8 bits", "efficiency.r1_h200_usd", serving_results.serve_r1_h200(a)[1], "ink"),
        (
            "Distill-Qwen 32B, 1 H200, 8 bits",
            "efficiency.distill_32b_h200_usd",
            serving_results.serve_distilled_h200(a)[1],
            "accent",
        ),
    ]
    for name in reversed(list(serving_results.DISTILLED)):
        words = serving_results.DISTILLED[name][1]
        _, speed, count = serving_results.serve_distilled(a, name)
        hosts.append((f"{words}, {count:.0f} RTX 4090", f"efficiency.distill_{name}_usd", speed, "accent"))
    api = report.value("efficiency.api_usd")
    rows = []
    for name, key, speed, fill in hosts:
        low, high = report.interval(key)
        usd = report.value(key)
        price = report.text(key).partition(" ")[0].replace("\xa0", " ").partition(" ")[0]
        text = f"{price} · {speed:.0f} tokens/s" if not canvas.narrow else f"{price} · {speed:.0f}/s"
        rows.append({"name": name, "usd": usd, "low": low, "high": high, "fill": colour(fill), "label": text})
    drawn = [api, *(row[end] for row in rows for end in ("usd", "low", "high"))]
    ticks = [0.03, 0.1, 0.3, 1, 3, 10]
    wide = canvas.width - (10 if canvas.narrow else 181)
    room = (max(typeface.width(row["label"], 13) for row in rows) + 4) / wide
    ends, ticks = extent([0.02, 60 if canvas.narrow else 40], drawn, ticks, log=True, room=(0.0, room))
    for row in rows:
        # A label to the right of its bar must not cross the line of the API's price, one to the left not leave the plot.
        left = wide * np.log(row["low"] / ends[0]) / np.log(ends[1] / ends[0])
        fits = left - 8 > typeface.width(row["label"], 13)
        row["right"] = bool(row["high"] > api or row["high"] * 12 < api or not fits)
    x = alt.X(
        "usd:Q",
        title=None,
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(values=ticks, labelExpr="'$' + format(datum.value, '~g')"),
    )
    base = data(rows).encode(y=named(canvas, labelLimit=300), x=x)
    rule = data([{"usd": api}]).mark_rule(strokeDash=[5, 4], color=colour("contrast")).encode(x=x)
    word = (
        data([{"usd": api, "text": f"R1's API ${api:.2f}"}])
        .mark_text(dy=-9, color=colour("contrast"), fontWeight=600)
        .encode(x=x, y=alt.value(0), text="text:N")
    )
    after = base.transform_filter("datum.right").mark_text(align="left", dx=8).encode(x="high:Q", text="label:N")
    before = base.transform_filter("!datum.right").mark_text(align="right", dx=-8).encode(x="low:Q", text="label:N")
    layers = [
        rule,
        base.mark_bar(height=9, color=colour("neutral_soft")).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=90).encode(color=FILL),
        after,
        before,
        word,
    ]
    return layered(layers, base, canvas, 30, 44)
