"""Figures of the chapter on export controls."""

from datetime import date

import altair as alt
import numpy as np

from analysis import assumptions, facts, wording
from analysis.figures import figure
from analysis.figures.theme import colour, dates, extent, row_names, rows_axis
from analysis.results import export_controls as export

_DOLLARS = "datum.value >= 1e9 ? '$' + format(datum.value / 1e9, '~g') + 'B' : datum.value >= 1e6 ? '$' + " \
    "format(datum.value / 1e6, '~g') + 'M' : '$' + format(datum.value / 1e3, '~g') + 'k'"  # fmt: skip

#: Row of the table of chips to its name on the timeline.
SHOWN = {
    "a100_sxm_80": "A100", "a800_sxm": "A800", "h100_sxm": "H100", "h800_sxm": "H800", "h200_nvl": "H200",
    "h20": "H20", "l20": "L20", "b200": "B200", "mi300x": "AMD MI300X", "mi308x": "AMD MI308X",
    "rtx_4090": "RTX 4090", "rtx_4090_d": "RTX 4090 D", "rtx_5090_d_v2": "RTX 5090 D V2",
}  # fmt: skip
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
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(
            x="start:Q", x2=f"{x}:Q", color=alt.Color("fill:N", scale=None)),
        base.mark_point(filled=True, size=90).encode(
            color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(align="left", dx=9, fontWeight=600).encode(text="label:N"),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(base))
    return alt.layer(*layers).properties(height=alt.Step(43 if canvas.narrow else 28))


@figure(
    "fig-export-timeline",
    title="The rules of 2022 and 2023 were each followed by parts that fit under their lines",
    holds="export.open_tpp_2022 < export.open_tpp_2023 and export.open_tpp_2024 < export.open_tpp_2023 and "
    "export.under_h800_sxm < 1 and within(export.under_h20, 0.95, 1)",
    subtitle="From launch: thick, open to sale to China without a licence; thin, a licence needed. Computed from the rules",
    caption="Dotted: the rules of October 2022, October 2023 and January 2026. Orange: a letter to the supplier, which named the part; the letter "
    "on the H20 had no rule behind it. Pale orange: a licence is needed, and requests are reviewed case by case. Pale blue: "
    "published figures do not suffice. For the RTX 4090, which is not for data centres, an exception may be open after notice. Licences may be granted: for the H20 since August 2025, for the H200 since 2026. Whether "
    "China lets a part in is another question.",
    alt="Timeline of thirteen chips. A100 open until August 2022; A800 and H800 open from launch until October 2023, then "
    "closed by letter and rule; H100 never open after the letter of August 2022; H20 open from November 2023 to April 2025, then closed by "
    "letter; L20, RTX 4090 D and RTX 5090 D V2 open throughout; RTX 4090 closed from November 2023; H200 and MI300X closed, case by case from January 2026; B200 closed. The highest processing "
    "performance open was {export.open_tpp_2023} in June 2023 and {export.open_tpp_2024} a year later.",
    unit="day",
)
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
    marked = alt.Chart(alt.Data(values=lines)).encode(x=dates("day", **span))
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=None, axis=rows_axis(canvas) if not canvas.narrow else alt.Axis(
            title=None, ticks=False, domain=False, labelColor=colour("ink"), labelFontSize=12, labelPadding=3)),
    )  # fmt: skip
    layers = [
        marked.mark_rule(strokeDash=[2, 3], color=colour("muted")),
        marked.mark_text(dy=-8, color=colour("muted")).encode(y=alt.value(0), text="text:N"),
    ]  # fmt: skip
    for size in sorted({row["size"] for row in rows}):
        layers.append(
            base.transform_filter(f"datum.size == {size}").mark_bar(height=size).encode(
                x=x, x2="end:T", color=alt.Color("fill:N", scale=None))
        )  # fmt: skip
    if not canvas.narrow:
        # Each state is named once, where its stretch is long enough.
        named = {"open": "A100", "rule": "A100", "review": "A100", "letter": "H20", "unknown": "AMD MI308X"}
        for key, name in named.items():
            one = next(row for row in rows if row["name"] == name and row["words"] == _STATES[key][0])
            thick = one["size"] > 10
            label = {"name": name, "start": one["start"], "text": one["words"].lower()}
            layers.append(alt.Chart(alt.Data(values=[label])).mark_text(
                align="left", dx=4, dy=0 if thick else -10, fontSize=12,
                color=colour("paper" if key == "open" else "ink")).encode(
                x=x, y=alt.Y("name:N", sort=None), text="text:N"))  # fmt: skip
    return alt.layer(*layers).properties(height=alt.Step(27))


@figure(
    "fig-export-lines",
    title="Parts made for China stay under a line; those made after the rule of 2023 reach {export.under_rtx_4090_d} of it or more",
    holds="within(export.under_rtx_4090_d, 0.95, 1) and within(export.under_h20, export.under_rtx_4090_d, 1) and "
    "within(export.under_l20, export.under_rtx_4090_d, 1) and within(export.under_rtx_5090_d_v2, export.under_rtx_4090_d, 1) and export.under_h800_sxm < 1 and export.under_a800_sxm < 1",
    subtitle="The part’s value over the threshold that it stays below, per cent",
    caption="The A800 and the H800 kept all their processing power and lost links: the rule of 2022 asked for both. The rule of "
    "2023 dropped the links and added performance density. The two gaming cards stay below the line from which such a part is controlled. "
    "The links of A800 and H800 include sixteen lanes of PCI-Express.",
    alt="Dot plot. A800 transfer rate {export.under_a800_sxm} of the line of 600 GB/s, H800 {export.under_h800_sxm}; H20 "
    "processing performance {export.under_h20} of 2,400; L20 performance density {export.under_l20} of 3.2; RTX 4090 D "
    "{export.under_rtx_4090_d} of 4,800; RTX 5090 D V2 {export.under_rtx_5090_d_v2} of 4,800.",
    unit="fraction",
)
def lines(report, canvas):
    words = {"io_gbs": "transfer rate, 2022", "tpp": "processing, 2023", "performance_density": "density, 2023"}
    rows = []
    for identifier, (quantity, _, _) in export.UNDER.items():
        share = 100 * report.value(f"export.under_{identifier}")
        fill = colour("contrast" if quantity == "io_gbs" else "accent")
        name = f"{export.chip(identifier)['chip'].removeprefix('GeForce ')}: {words[quantity]}"
        rows.append({"name": name, "share": share, "label": f"{share:.1f}%", "end": 100, "fill": fill})
    x = alt.X("share:Q", title=None, scale=alt.Scale(domain=[70, 103.5], nice=False, zero=False),
              axis=alt.Axis(values=[70, 80, 90, 100], labelExpr="datum.value + '%'"))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("name:N", sort=None, axis=rows_axis(canvas)), x=x)
    layers = [
        alt.Chart(alt.Data(values=[{"share": 100}])).mark_rule(color=colour("ink")).encode(x=x),
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(x2="end:Q", color=alt.Color("fill:N", scale=None)),
        base.mark_point(filled=True, size=85).encode(color=alt.Color("fill:N", scale=None)),
        base.mark_text(align="right", dx=-9, fontWeight=600).encode(text="label:N"),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(base))
    return alt.layer(*layers).properties(height=alt.Step(44 if canvas.narrow else 30))


@figure(
    "fig-export-training",
    title="The rule of 2022 cost V3 no computing power; on H20 its run takes {export.v3_gpus_ratio_h20} the chips",
    holds="export.h800_compute_share > 0.98 and export.v3_gpus_ratio_h20 > 5",
    subtitle="Chips that finish V3’s pre-training in the {export.v3_days_h800|2} it took, logarithmic scale; bars span the 80% range",
    caption="Beside the dots: the run at its owner’s cost, and the chips bought. H800: DeepSeek’s own hours. H100 and H20: scaled by the dense 16-bit peak, with FP8 "
    "as in V3. A800: no FP8, so the same computation in 16 bits at {assume.training_mfu|2} utilisation, at the launch price of an A100 server. L20: "
    "at the H800’s utilisation, which cards without links will not reach. Of the H20 the utilisation is our assumption.",
    alt="Dot plot on a logarithmic scale. H100, no controls: {export.v3_gpus_h100|n} chips, run {export.v3_run_usd_h100}. A800: "
    "{export.v3_gpus_a800|n}, run {export.v3_run_usd_a800}. H800: {export.v3_gpus_h800|n}, run {export.v3_run_usd_h800}. H20: {export.v3_gpus_h20|n}, run "
    "{export.v3_run_usd_h20}, chips bought {export.v3_fleet_usd_h20}. L20: at least {export.v3_gpus_l20|n}.",
    unit="count",
)
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
        rows.append({
            "name": words, "gpus": count, "low": low, "high": high, "fill": colour("neutral" if name == "h100" else "accent"),
            "label": wording.number(count, 4 if low == high else 3), "cost": f"run {run}, chips {fleet}", "shape": "circle",
        })  # fmt: skip
    count = report.value("export.v3_gpus_l20")
    rows.append({"name": "L20: open", "gpus": count, "low": count, "high": count, "fill": colour("contrast"),
                 "label": f"over {wording.number(count, 2)}", "cost": "no price of a server seen", "shape": "triangle-right"})  # fmt: skip
    drawn = [row[end] for row in rows for end in ("gpus", "low", "high")]
    least, room = ([1e3, 9e4], 0.2) if canvas.narrow else ([1e3, 1.4e5], 0.42)
    ends, ticks = extent(least, drawn, [1e3, 3e3, 1e4, 3e4], log=True, room=(0.0, room))
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=None, axis=rows_axis(canvas, labelLimit=220)),
        x=alt.X("gpus:Q", title=None, scale=alt.Scale(type="log", domain=ends, nice=False),
                axis=alt.Axis(values=ticks, format="~s")),
    )  # fmt: skip
    layers = [
        base.mark_bar(height=8, color=colour("accent_soft")).encode(x="low:Q", x2="high:Q"),
        base.mark_point(filled=True, size=95).encode(
            color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(align="left", dx=10, dy=-8 if not canvas.narrow else 0, fontWeight=600).encode(x="high:Q", text="label:N"),
    ]  # fmt: skip
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


@figure(
    "fig-export-serving",
    title="With one sequence on a GPU an H20 writes R1’s answer as fast as an H800; under DeepSeek’s load at {export.h20_decode} to {export.h20_decode_measured}",
    holds="within(export.h20_decode_one, 0.9, 1.15) and export.h20_decode < 0.6 and export.h20_decode_measured < 0.6 and "
    "export.h20_dense_64 > export.h20_decode",
    subtitle="Output of an H20 as a share of an H800’s, by the sequences that a GPU writes at a time",
    caption="Lines: our serving engine. Blue: R1 in DeepSeek’s layout, drafts on. Orange: a dense 70B model in one server of eight, up to what its memory holds. Diamond: as "
    "published, Ant Group’s test of R1 on H20 in September 2025, with an 8-bit cache, over the average of DeepSeek’s day on H800 in February; other software, so "
    "compare with care. Latent attention is what hurts: it trades bandwidth for arithmetic, and arithmetic is what the H20 lost.",
    alt="Lines of the ratio over batch. R1: {export.h20_decode_one} at one sequence, {export.h20_decode} at DeepSeek’s batch; "
    "published rates give {export.h20_decode_measured}. Llama 70B on a server: {export.h20_dense_one} at one sequence, {export.h20_dense_64} at 64, which is eight on a GPU.",
    unit="fraction",
)
def served(report, canvas):
    a = assumptions.Values(report.values)
    chips = export.SERVER.chips
    rows = []
    for line, ratios, most, fill, dash in (
        ("R1", lambda batch: export.decode_ratio(a, batch), 256, "accent", False),
        ("Llama 70B", lambda batch: export.dense_ratio(a, chips * batch), 32, "contrast", True),
    ):  # fmt: skip
        batch = np.geomspace(1, most, 33)
        for sequences, ratio in zip(batch, ratios(batch), strict=True):
            rows.append({"line": line, "batch": float(sequences), "ratio": 100 * float(ratio), "fill": colour(fill),
                         "dash": dash})  # fmt: skip
    load = facts.row("throughput", "deepseek_day_decode")["sequences_per_gpu"]
    x = alt.X("batch:Q", title=None, scale=alt.Scale(type="log", domain=[0.95, 270], nice=False),
              axis=alt.Axis(values=[1, 4, 16, 64, 256], format="d"))  # fmt: skip
    y = alt.Y("ratio:Q", title=None, scale=alt.Scale(domain=[0, 120], nice=False),
              axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'"))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y, detail="line:N")
    one = alt.Chart(alt.Data(values=[{"ratio": 100}])).mark_rule(color=colour("muted"), strokeDash=[5, 4]).encode(y=y)
    drawn = base.mark_line(strokeWidth=2.5).encode(
        stroke=alt.Stroke("fill:N", scale=None),
        strokeDash=alt.condition("datum.dash", alt.value([6, 3]), alt.value([1, 0])),
    )
    marks = [
        {"batch": load, "ratio": 100 * report.value("export.h20_decode"), "shape": "circle", "fill": colour("accent"),
         "text": f"engine {report.text('export.h20_decode')}", "dy": 18},
        {"batch": load, "ratio": 100 * report.value("export.h20_decode_measured"), "shape": "diamond", "fill": colour("ink"),
         "text": f"published {report.text('export.h20_decode_measured')}", "dy": -16},
    ]  # fmt: skip
    names = [
        {"batch": 3, "ratio": 71, "text": "R1", "fill": colour("accent")},
        {"batch": 12, "ratio": 88, "text": "Llama 70B", "fill": colour("contrast")},
    ]
    points = alt.Chart(alt.Data(values=marks)).mark_point(filled=True, size=100).encode(
        x=x, y=y, shape=alt.Shape("shape:N", scale=None), color=alt.Color("fill:N", scale=None))  # fmt: skip
    words = [
        alt.Chart(alt.Data(values=[mark])).mark_text(dy=mark["dy"]).encode(x=x, y=y, text="text:N") for mark in marks
    ]
    labels = alt.Chart(alt.Data(values=names)).mark_text(align="left", fontWeight=600).encode(
        x=x, y=y, text="text:N", color=alt.Color("fill:N", scale=None))  # fmt: skip
    return alt.layer(one, drawn, points, labels, *words).properties(height=270)


@figure(
    "fig-export-caps",
    title="A country’s cap for three years was half of xAI’s cluster, and {export.cap_country_over_v3} V3’s",
    holds="within(export.cap_country_over_xai, 0.4, 0.6) and export.cap_country_over_v3 > 10",
    subtitle="Caps of the framework of January 2025 (squares) and training clusters (circles), in H100 by total processing performance, logarithmic",
    caption="The rule counts total processing performance; one H100 is {export.h100_tpp|5}. The caps did not hold for China, for which a licence is "
    "needed in any case, nor for eighteen listed countries. Enforcement was given up two days before most of it would have applied.",
    alt="Dot plot. Caps: a buyer without licence in a year {export.cap_small_h100e|n}; a country for 2025 to 2027 "
    "{export.cap_country_h100e|n}; an approved company in one country {export.cap_company_2025_h100e|n} by the end of 2025 and "
    "{export.cap_company_2027_h100e|n} by 2027. Clusters: V3 {export.v3_cluster_h100e|n}, GPT-4 {export.gpt4_run_h100e|n}, Llama 3.1 405B "
    "{fleets.meta_llama3_405b_run|n}, xAI {fleets.xai_colossus_100k|n}.",
    unit="count",
)
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
        {"name": name, "count": count, "start": 1e3, "label": wording.number(count, 2 if name.endswith("estimate") else 4 if count < 1e4 else 3),
         "fill": colour("contrast" if cap else "accent"), "shape": "square" if cap else "circle"}
        for name, count, cap in rows
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("name:N", sort=None, axis=rows_axis(canvas)),
        x=alt.X("count:Q", title=None, scale=alt.Scale(type="log", domain=[1e3, 1.2e6], nice=False),
                axis=alt.Axis(values=[1e3, 1e4, 1e5], format="~s")),
    )  # fmt: skip
    return _stems(base, "count", canvas)


#: Estimate to its name, without the years.
ESTIMATES = {
    "smuggled_cnas_2023": "CNAS 2023: one path, a year",
    "smuggled_cnas_2024": "CNAS 2025: chips in 2024",
    "smuggled_epoch_2025": "Epoch AI 2026: H100e in 2025",
    "smuggled_epoch_total": "Epoch AI 2026: H100e to 2025",
}


@figure(
    "fig-export-smuggling",
    title="Chips smuggled in 2024: {export.smuggled_low_over_v3} V3’s cluster at the low end of the estimate, {export.smuggled_over_v3} in the middle",
    holds="export.smuggled_low_over_v3 > 2 and export.smuggled_over_v3 > 5 * export.smuggled_low_over_v3",
    subtitle="Medians and intervals as published, chips or H100 equivalents (H100e), logarithmic scale",
    caption="Four estimates, never to be averaged: one path into China in any year; chips of all kinds in 2024; H100 equivalents in 2025; "
    "H100 equivalents over all years. The upper end for 2024 was printed only as several hundred thousand: its bar is left open. The interval of 2023 holds nineteen draws in twenty, Epoch AI's nine in ten; for 2024 no level is stated where we read it.",
    alt="Intervals on a logarithmic scale. CNAS 2023, one path: {export_estimates.smuggled_cnas_2023|n} a year, 1,600 to "
    "200,000. CNAS 2025: {export_estimates.smuggled_cnas_2024|n} chips in 2024, from 10,000. Epoch AI: "
    "{export_estimates.smuggled_epoch_2025|n} H100 equivalents in 2025, 176,000 to 565,000; {export_estimates.smuggled_epoch_total|n} through "
    "2025, 290,000 to 1,600,000. V3’s cluster had {fact.v3_gpu_count|n}.",
    unit="GPU",
)
def smuggling(report, canvas):
    one = facts.value("v3_gpu_count")
    rows = [{"name": "For scale: V3’s cluster", "value": one, "low": one, "high": one, "open": False,
             "label": wording.number(one, 4), "fill": colour("contrast"), "shape": "diamond"}]  # fmt: skip
    for identifier, name in ESTIMATES.items():
        row = export.estimate(identifier)
        rows.append({
            "name": name, "value": row["value"], "low": row["low"], "high": row["high"] or row["value"],
            "open": row["high"] is None, "label": wording.number(row["value"], 3), "fill": colour("accent"), "shape": "circle",
        })  # fmt: skip
    x = alt.X("value:Q", title=None, scale=alt.Scale(type="log", domain=[1e3, 3e6], nice=False),
              axis=alt.Axis(values=[1e3, 1e4, 1e5, 1e6], format="~s"))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=None, axis=rows_axis(canvas, labelLimit=240)), x=x
    )
    layers = [
        base.mark_rule(strokeWidth=7, color=colour("accent_soft")).encode(x="low:Q", x2="high:Q"),
        base.transform_filter("datum.open").mark_point(filled=True, size=90, shape="triangle-right", color=colour("accent_soft")).encode(
            xOffset=alt.value(18)),
        base.mark_point(filled=True, size=80).encode(color=alt.Color("fill:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(dy=-14, fontWeight=600).encode(text="label:N"),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(base, dy=-31))
    return alt.layer(*layers).properties(height=alt.Step(62 if canvas.narrow else 42))


@figure(
    "fig-export-distillation",
    title="A training set like R1’s, bought from o1, would have cost {export.sampling_usd_o1} at least: about one H800 server",
    holds="0.5 < export.sampling_over_server < 1.5 and export.sampling_over_cluster < 0.05",
    subtitle="US dollars, logarithmic scale: circles what an API charges, squares what chips cost",
    caption="{fact.export_r1_samples|n6} samples of {fact.export_r1_sample_tokens|n4} tokens, at list prices of output in January 2025; prompts and answers thrown away, which an API bills too, are left out. "
    "R1’s own samples were written by DeepSeek’s models; this is a measure of size, not a claim that they were bought. Anthropic’s counts are its "
    "accusation, priced at Claude 3.5 Sonnet’s output and R1’s length of an answer.",
    alt="Dot plot on a logarithmic scale. Written by R1 {export.sampling_usd_r1}; the exchanges that Anthropic ascribes to DeepSeek "
    "{export.claude_usd_deepseek}; written by GPT-4o {export.sampling_usd_gpt4o}; written by o1 {export.sampling_usd_o1}; one H800 server "
    "{assume.h800_server_usd}; exchanges ascribed to three laboratories {export.claude_usd_all}; V3’s pre-training {export.v3_run_usd_h800}; V3’s cluster "
    "{export.v3_fleet_usd_h800}.",
    unit="USD",
)
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
        rows.append({
            "name": name, "usd": usd, "start": 5e3, "label": wording.quantity(usd, "USD", 2),
            "fill": colour("accent" if chips else "contrast"), "shape": "square" if chips else "circle",
        })  # fmt: skip
    ends, ticks = extent([5e3, 2e9], [row["usd"] for row in rows], [1e4, 1e5, 1e6, 1e7, 1e8], log=True, room=(0.0, 0.2))
    for row in rows:
        row["start"] = ends[0]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=None, axis=rows_axis(canvas)),
        x=alt.X("usd:Q", title=None, scale=alt.Scale(type="log", domain=ends, nice=False),
                axis=alt.Axis(values=ticks, labelExpr=_DOLLARS)),
    )  # fmt: skip
    return _stems(base, "usd", canvas)
