"""Figures of the chapter on the market's reaction."""

import math
import statistics

import altair as alt

from reporting.chapters.market import reaction as market
from reporting.chapters.market import valuation
from reporting.core import wording
from reporting.drawing import live
from reporting.drawing.charts import FILL, SHAPE, data, layered, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour, dates, extent
from reporting.inputs import facts

_PERCENT = "(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '') + abs(datum.value) + '%'"
_SHAPES = {
    "chips": ("accent", "circle"),
    "networking": ("ink", "square"),
    "power": ("contrast", "diamond"),
    "software": ("neutral", "triangle-up"),
    "index": ("muted", "cross"),
}


def _signed(fraction):
    text = f"{100 * fraction:+.1f}%"
    return text.replace("-", wording.MINUS)


@figure("fig-market-loss", unit="USD", rests_on=["market.nvda_loss_usd"])
def loss(report, canvas):
    rows = []
    for row, usd in market.losses(("chips", "networking", "power", "megacap")):
        if abs(usd) > 10e9:
            rows.append(
                {
                    "name": row["name"],
                    "usd": usd / 1e9,
                    "start": 0,
                    "fill": colour("neutral" if row["group"] == "megacap" else "accent"),
                    "label": wording.number(usd / 1e9, 3 if abs(usd) >= 100e9 else 2),
                    "gain": usd < 0,
                }
            )
    rows.sort(key=lambda row: -row["usd"])
    base = data(rows).encode(
        y=alt.Y("name:N", sort=None, axis=alt.Axis(title=None, labelColor=colour("ink"), ticks=False, domain=False)),
        x=alt.X(
            "usd:Q",
            title=None,
            scale=alt.Scale(domain=[-60, 690 if canvas.narrow else 650], nice=False),
            axis=alt.Axis(values=[0, 200, 400, 600], format="$d"),
        ),
    )
    return alt.layer(
        base.mark_bar(height=13).encode(x="start:Q", x2="usd:Q", color=FILL),
        base.transform_filter("!datum.gain").mark_text(align="left", dx=5).encode(text="label:N"),
        base.transform_filter("datum.gain").mark_text(align="left", dx=5).encode(x="start:Q", text="label:N"),
    ).properties(height=alt.Step(22))


def _lanes(points, gap):
    """Give points that lie closer than `gap` lanes of their own: 0, 1, -1, 2, -2, ..."""
    ends = {}
    for point in sorted(points, key=lambda point: point["x"]):
        lane = next(n for n in (0, 1, -1, 2, -2, 3, -3, 4, -4) if point["x"] - ends.get(n, -1e9) >= gap)
        ends[lane] = point["x"]
        point["lane"] = lane


def _strip(groups, points, canvas, x, gap, shown, behind):
    """Draw one row of points a group, with its median, and the names of a few (`shown`: align, dx, dy)."""
    step = 96 if canvas.narrow else 80
    height = step * len(groups)
    medians, heads, lines = [], [], []
    for place, (group, text) in enumerate(groups.items()):
        middle = (place + 0.62) * step
        fill, shape = _SHAPES[group]
        own = [point for point in points if point["group"] == group]
        _lanes(own, gap)
        for point in own:
            point |= {"y": middle + 9.5 * point["lane"], "fill": colour(fill), "shape": shape}
        if group != "index":
            medians.append({"x": statistics.median(point["x"] for point in own), "y": middle - 22, "y2": middle + 22})
        heads.append({"text": text, "y": place * step + 11})
        lines.append({"y": place * step})
    pixel = alt.Scale(domain=[height, 0], range=[height, 0], nice=False, zero=False)
    y = alt.Y("y:Q", axis=None, scale=pixel)
    base = data(points).encode(x=x, y=y)
    layers = [
        data(lines[1:]).mark_rule(color=colour("rule"), strokeWidth=0.7).encode(y=y),
        *behind,
        data(medians).mark_rule(color=colour("ink"), strokeWidth=1.5).encode(x=x, y=y, y2="y2:Q"),
        base.mark_point(filled=True, size=50).encode(color=FILL, shape=SHAPE),
        data(heads)
        .mark_text(align="left", fontWeight=600, color=colour("ink"))
        .encode(x=alt.value(0), y=y, text="text:N"),
    ]
    for point in points:
        if point["id"] in shown:
            align, dx, dy = shown[point["id"]]
            name = data([point]).mark_text(align=align, dx=dx, dy=dy, fontSize=12)
            layers.append(name.encode(x=x, y=y, text="label:N"))
    return alt.layer(*layers).properties(height=height)


_ROWS = {
    "chips": "Chips",
    "networking": "Networking and servers",
    "power": "Power and equipment",
    "software": "Application software",
    "index": "Indices and funds",
}


@figure("fig-market-distribution", unit="fraction")
def distribution(report, canvas):
    short = {"sox": "SOX", "smh": "SMH", "soxx": "SOXX", "qqq": "QQQ", "gspc": "S&P 500", "rsp": "RSP", "igv": "IGV"}
    shorter = short | {"txn": "TI"}
    points = [
        {
            "id": row["id"],
            "group": group,
            "x": 100 * row["event_day"],
            "label": f"{shorter.get(row['id'], row['name'])} {_signed(row['event_day'])}",
        }
        for group in _ROWS
        for row in market.members(group)
        if group != "index" or row["id"] in short
    ]
    above, below = ("center", 0, -14), ("center", 0, 15)
    shown = {
        "alab": above,
        "nvda": below,
        "txn": ("left", -4, -14),
        "crdo": below,
        "dell": ("left", 8, 0),
        "vrt": above,
        "hubb": above,
        "pltr": ("right", -9, 0),
        "sox": ("right", -9, 3),
        "gspc": ("right", -6, -24),
        "rsp": ("left", 9, 0),
        "igv": ("center", 0, 15 if canvas.narrow else 25),
    }
    x = alt.X(
        "x:Q",
        title=None,
        scale=alt.Scale(domain=[-37, 11] if canvas.narrow else [-34, 8], nice=False),
        axis=alt.Axis(values=[-30, -20, -10, 0], labelExpr=_PERCENT),
    )
    shade = [{"x": -100 * facts.value("essay_chip_fall_high"), "x2": -100 * facts.value("essay_chip_fall_low")}]
    behind = [
        data(shade).mark_rect(color=colour("neutral_soft")).encode(x=x, x2="x2:Q"),
        data([{"x": 0}]).mark_rule(color=colour("muted"), strokeDash=[2, 2]).encode(x=x),
    ]
    return _strip(_ROWS, points, canvas, x, 1.35 if canvas.narrow else 0.85, shown, behind)


@figure("fig-market-benchmarks", unit="fraction")
def benchmarks(report, canvas):
    names = {"nvda": "NVIDIA", **market.GROUPS, "spread": "Software minus chips"}
    looks = {"spy": ("neutral", "circle"), "rsp": ("accent", "diamond"), "qqq": ("ink", "square")}
    rows, step = [], 70 if canvas.narrow else 54
    for place, (group, name) in enumerate(names.items()):
        for lane, benchmark in enumerate(market.BENCHMARKS):
            found = market.abnormal if group == "nvda" else market.group_abnormal
            change, _, half = found(group, benchmark)
            fill, shape = looks[benchmark]
            rows.append(
                {
                    "name": name,
                    "x": 100 * change,
                    "low": 100 * (change - half),
                    "high": 100 * (change + half),
                    "y": place * step + (34 if canvas.narrow else 13) + 14 * lane,
                    "fill": colour(fill),
                    "shape": shape,
                    "label": f"{benchmark.upper()} {_signed(change)}",
                }
            )
    # Labels of a row through which the line at zero would run all start at that line.
    width = 14 if canvas.narrow else 9
    crossed = {row["name"] for row in rows if -width < row["high"] < 0}
    for row in rows:
        row["tag"] = 0.0 if row["name"] in crossed else row["high"]
    height = step * len(names)
    pixel = alt.Scale(domain=[height, 0], range=[height, 0], nice=False, zero=False)
    y = alt.Y("y:Q", axis=None, scale=pixel)
    left = -32 if canvas.narrow else -46
    x = alt.X(
        "x:Q",
        title=None,
        scale=alt.Scale(domain=[left, 32 if canvas.narrow else 26], nice=False),
        axis=alt.Axis(values=[-20, -10, 0, 10], labelExpr=_PERCENT),
    )
    base = data(rows).encode(x=x, y=y)
    heads = [
        {"text": name, "y": place * step + (17 if canvas.narrow else 27)} for place, name in enumerate(names.values())
    ]
    lines = [{"y": place * step} for place in range(1, len(names))]
    return alt.layer(
        data(lines).mark_rule(color=colour("rule"), strokeWidth=0.7).encode(y=y),
        data([{"x": 0}]).mark_rule(color=colour("muted")).encode(x=x),
        base.mark_rule(strokeWidth=1.6).encode(x="low:Q", x2="high:Q", color=FILL),
        base.mark_point(filled=True, size=60).encode(color=FILL, shape=SHAPE),
        base.mark_text(align="left", dx=6, fontSize=12).encode(x="tag:Q", text="label:N"),
        data(heads).mark_text(align="left", fontWeight=600).encode(x=alt.value(0), y=y, text="text:N"),
    ).properties(height=height)


@figure("fig-market-path", unit="fraction")
def path(report, canvas):
    days = range(-4, 11)
    rows = []
    for group in market.GROUPS:
        fitted = market.model(facts.row("event_portfolios", f"{group}_rsp"))
        fill, _ = _SHAPES[group]
        daily = {}
        for day in days:
            stock, base = market.day_return(group, day), market.day_return("rsp", day)
            daily[day] = stock - fitted.alpha - fitted.beta * base
        start = -math.fsum(daily[day] for day in days if day < 0)
        running = {-5: start}
        for day in days:
            running[day] = running[day - 1] + daily[day]
        rows += [{"group": group, "day": day, "y": 100 * running[day], "fill": colour(fill)} for day in running]
    chips = [market.group_abnormal("chips", "rsp", 0, day)[2] for day in range(0, 11)]
    cone = [{"day": -1, "low": 0, "high": 0}] + [
        {"day": day, "low": -100 * half, "high": 100 * half} for day, half in enumerate(chips)
    ]
    dates = {int(row["day"]): row["date"] for row in facts.rows("event_path", series="rsp")}
    words = {day: f"{int(date[8:])} {'Jan' if date[5:7] == '01' else 'Feb'}" for day, date in dates.items()}
    ticks = [-4, 0, 4, 9] if canvas.narrow else [-4, 0, 2, 4, 6, 9]
    expression = " : ".join(f"datum.value == {day} ? '{words[day]}'" for day in ticks) + " : ''"
    right = 14.5 if canvas.narrow else 13.2
    x = alt.X(
        "day:Q",
        title=None,
        scale=alt.Scale(domain=[-5, right], nice=False),
        axis=alt.Axis(values=ticks, labelExpr=expression, grid=False),
    )
    y = alt.Y(
        "y:Q",
        title=None,
        scale=alt.Scale(domain=[-26, 34], nice=False),
        axis=alt.Axis(values=[-20, -10, 0, 10], labelExpr=_PERCENT),
    )
    marks = {}
    for row in facts.rows("event_calendar"):
        marks.setdefault(int(row["day"]), []).append(row["label"])
    rules, tops, height = [{"day": 0, "y": 33, "y2": -26}], [], 31.0
    for day, lines in marks.items():
        rules.append({"day": day, "y": height + 1.5, "y2": -26})
        tops += [{"day": day, "y": height - 2.7 * place, "text": text} for place, text in enumerate(lines)]
        # What came before the event stands clear of what came after it.
        height = 31.0 if day == max(past for past in marks if past < 0) else height - 2.7 * len(lines) - 0.6
    ends = {row["group"]: row["y"] for row in rows if row["day"] == 10}
    nudges = {"networking": 0.9, "power": -0.9}
    names = {"chips": "Chips", "networking": "Networking", "power": "Power", "software": "Software"}
    tags = [
        {
            "day": 10.2,
            "y": ends[group] + nudges.get(group, 0),
            "text": text,
            "fill": colour(_SHAPES[group][0] if group != "software" else "muted"),
        }
        for group, text in names.items()
    ]
    line = data(rows).encode(x=x, y=y, detail="group:N")
    return alt.layer(
        data(cone).mark_area(color=colour("neutral_soft")).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        data([{"y": 0}]).mark_rule(color=colour("muted")).encode(y=y),
        data(rules).mark_rule(strokeDash=[3, 3], color=colour("neutral")).encode(x=x, y=y, y2="y2:Q"),
        line.mark_line(strokeWidth=2).encode(
            stroke=alt.Stroke("fill:N", scale=None),
            strokeDash=alt.condition("datum.group === 'power'", alt.value([6, 3]), alt.value([1, 0])),
        ),
        line.mark_point(filled=True, size=18).encode(color=FILL),
        data(tops).mark_text(align="left", dx=3, fontSize=12).encode(x=x, y=y, text="text:N"),
        written(tags, x, y, fontWeight=600),
    ).properties(height=330)


@figure("fig-market-implied", unit="fraction")
def implied(report, canvas):
    rows = {
        "Cut in AI profit, for ever": "market.implied_profit_cut",
        "Cut in AI revenue, for ever": "market.implied_revenue_cut",
        "Cost of a year’s delay": "market.one_year_delay_cost",
    }
    delay, first, last = "market.implied_delay_years", "The day’s fall", list(rows)[-1]
    moved = ("ai_value_share", "profit_leverage", "equity_discount_rate")
    pick, parameters = live.rows(rows, moved, report, also=[delay])
    shown = [100 * report.value(key) for key in ("market.nvda_fall", *rows.values())]
    ends, ticks = extent([0, 36], shown, [0, 10, 20, 30])
    pick = f"datum.name === {first!r} ? {report.value('market.nvda_fall')!r} : {pick}"
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=ends, nice=False, clamp=True),
        axis=alt.Axis(values=ticks, labelExpr="datum.value + '%'"),
    )
    base = (
        data([{"name": name, "start": 0} for name in (first, *rows)])
        .transform_calculate(share=f"100 * ({pick})", label="''")
        .transform_calculate(
            label=f"format(datum.share, '.0f') + '%' + (datum.name === {last!r} ? "
            f"'; the fall equals ' + format({live.step_name(delay)}, '.1f') + ' years' : '')"
        )
        .encode(y=named(canvas), x=x)
    )
    ours = f"datum.name === {first!r}"
    shade = alt.condition(ours, alt.value(colour("contrast")), alt.value(colour("accent")))
    layers = [
        base.mark_rule(strokeWidth=2, strokeOpacity=0.5).encode(x="start:Q", x2="share:Q", color=shade),
        base.mark_point(size=110, filled=True).encode(
            color=shade, shape=alt.condition(ours, alt.value("diamond"), alt.value("circle"))
        ),
        base.mark_text(align="left", dx=10, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 36, 48).add_params(*parameters)


@figure("fig-market-revenue", unit="USD")
def revenue(report, canvas):
    found = facts.rows("nvidia_revenue", segment="Data centre")
    rows = [
        {
            "end": row["quarter_end"],
            "usd": row["usd"] / 1e9,
            "start": 0,
            "before": row["quarter"] <= "FY25Q3",
            "label": f"{row['usd'] / 1e9:.0f}",
        }
        for row in found
    ]
    first = facts.only("nvidia_revenue", segment="Data centre", quarter=valuation.LAST_KNOWN_QUARTER)
    starts = [row for row in found if row["quarter"] >= valuation.LAST_KNOWN_QUARTER]
    lines = []
    for name, key, fill in (
        ("needed on 24 January", "market.implied_growth_before", "ink"),
        ("needed on 27 January", "market.implied_growth_after", "contrast"),
    ):
        growth = report.value(key)
        for quarters, row in enumerate(starts):
            usd = first["usd"] * (1 + growth) ** (quarters / 4) / 1e9
            lines.append({"name": name, "end": row["quarter_end"], "usd": usd, "fill": colour(fill)})
    expected = facts.value("nvda_dc_consensus_fy26_usd") / 4 / 1e9
    lines += [
        {"name": "expected", "end": row["quarter_end"], "usd": expected, "fill": colour("accent")}
        for row in found
        if row["quarter"].startswith("FY26")
    ]
    x = alt.X(
        "end:O",
        title=None,
        axis=alt.Axis(
            labelExpr="slice(datum.value, 5, 7) == '01' ? slice(datum.value, 0, 4) : ''", ticks=False, labelAngle=0
        ),
    )
    ends, ticks = extent([0, 82], [row["usd"] for row in rows + lines], [0, 20, 40, 60, 80], room=(0.0, 0.05))
    y = alt.Y("usd:Q", title=None, scale=alt.Scale(domain=ends), axis=alt.Axis(values=ticks, format="$d"))
    bars = data(rows).encode(x=x, y=y)
    drawn = data(lines).encode(x=x, y=y, detail="name:N")
    tags = [
        {
            "end": "2023-04-30",
            "usd": usd if ends[1] == 82 else usd * ends[1] / 82,
            "text": name,
            "fill": colour(fill),
        }
        for usd, name, fill in (
            (64, "Growth needed on 24 January", "ink"),
            (58.5, "Growth needed on 27 January", "contrast"),
            (53, "Analysts for fiscal 2026, a quarter", "accent"),
        )
    ]
    return alt.layer(
        bars.mark_bar().encode(
            y2="start:Q",
            color=alt.condition("datum.before", alt.value(colour("neutral")), alt.value(colour("accent_soft"))),
        ),
        bars.mark_text(dy=-8, fontSize=12).encode(text="label:N"),
        drawn.mark_line(strokeWidth=2.5).encode(stroke=alt.Stroke("fill:N", scale=None)),
        written(tags, x, y, dx=-8, fontWeight=600),
    ).properties(height=290)


@figure("fig-market-capex", unit="USD", rests_on=["market.capex_three_growth"])
def capex(report, canvas):
    looks = {
        "Alphabet": ("accent", [1, 0]),
        "Amazon": ("contrast", [6, 3]),
        "Microsoft": ("ink", [1, 0]),
        "Meta": ("neutral", [1, 0]),
        "Oracle": ("muted", [2, 2]),
    }
    rows = [
        {
            "company": row["company"],
            "end": row["quarter_end"],
            "usd": row["usd"] / 1e9,
            "fill": colour(looks[row["company"]][0]),
        }
        for row in facts.rows("capex_quarters")
    ]
    x = dates(
        "end",
        "2024-02-01",
        "2027-06-30" if canvas.narrow else "2027-02-28",
        values=["2024-07-01", "2025-07-01", "2026-07-01"],
        ticks=False,
    )
    y = alt.Y(
        "usd:Q", title=None, scale=alt.Scale(domain=[0, 50]), axis=alt.Axis(format="$d", values=[0, 10, 20, 30, 40])
    )
    last = {row["company"]: row for row in rows}
    tags = [
        {
            "name": name,
            "end": row["end"],
            "usd": row["usd"] + (-1.6 if name == "Oracle" else 0),
            "fill": colour("muted") if name == "Meta" else row["fill"],
            "text": f"{name} {row['usd']:.0f}",
        }
        for name, row in last.items()
    ]
    base = data(rows).encode(x=x, y=y)
    layers = [data([{"end": "2025-01-27"}]).mark_rule(strokeDash=[4, 3]).encode(x=x)]
    for name, (fill, dash) in looks.items():
        one = base.transform_filter(f"datum.company === '{name}'")
        layers.append(one.mark_line(strokeWidth=2, strokeDash=dash, stroke=colour(fill)))
    layers += [
        base.mark_point(filled=True, size=22).encode(color=FILL),
    ]
    for name, align, dx, dy in (("!==", "left", 7, 0), ("===", "right", -6, -8)):
        layers.append(
            data(tags)
            .transform_filter(f"datum.name {name} 'Amazon'")
            .mark_text(align=align, dx=dx, dy=dy, fontWeight=600)
            .encode(x=x, y=y, text="text:N", color=FILL)
        )
    return alt.layer(*layers).properties(height=300)


@figure("fig-market-back", unit="fraction")
def back(report, canvas):
    rows = []
    looks = {"chips": ("accent", [1, 0]), "networking": ("ink", [2, 2]), "power": ("contrast", [6, 3])}
    for group, (fill, _) in looks.items():
        days = sorted(row["recovery_days"] for row in market.members(group))
        rows += [
            {"group": group, "day": day, "share": 100 * (place + 1) / len(days), "fill": colour(fill)}
            for place, day in enumerate(days)
        ]
        rows += [{"group": group, "day": 310, "share": 100, "fill": colour(fill)}]
        rows += [{"group": group, "day": -0.01, "share": 0, "fill": colour(fill)}]
    nvda = report.value("market.nvda_days_back")
    x = alt.X(
        "day:Q",
        title="Trading days since 27 January 2025",
        scale=alt.Scale(domain=[0, 310], nice=False),
        axis=alt.Axis(values=[0, 50, 100, 150, 200, 250, 300]),
    )
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 104], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'"),
    )
    base = data(rows).encode(x=x, y=y)
    layers = [
        base.transform_filter(f"datum.group === '{group}'").mark_line(
            interpolate="step-after", strokeWidth=2, stroke=colour(fill), strokeDash=dash
        )
        for group, (fill, dash) in looks.items()
    ]
    places = {"chips": (20, 63, "Chips"), "networking": (128, 70, "Networking"), "power": (30, 18, "Power")}
    tags = [
        {"day": day, "share": share, "text": text, "fill": colour(looks[group][0])}
        for group, (day, share, text) in places.items()
    ]
    mark = [{"day": nvda, "share": 4, "text": f"NVIDIA, day {nvda:.0f}"}]
    layers += [
        written(tags, x, y, fontWeight=600),
        data(mark).mark_rule(strokeDash=[3, 3]).encode(x=x),
        data(mark).mark_text(align="left", dx=5).encode(x=x, y=y, text="text:N"),
    ]
    return alt.layer(*layers).properties(height=260)


@figure("fig-market-since", unit="ratio", rests_on=["market.chips_since_median", "market.software_since_median"])
def since(report, canvas):
    groups = {group: text for group, text in _ROWS.items() if group != "index"}
    points = []
    for group in groups:
        for row in market.members(group):
            ratio = 1.0 + row["to_2026_08_03"]
            points.append(
                {"id": row["id"], "group": group, "x": math.log(ratio), "label": f"{row['name']} {ratio:.1f}×"}
            )
    above = ("center", 0, -14)
    shown = {
        "qcom": ("right", -8, 0),
        "nvda": ("right", -4, -12),
        "mu": above,
        "lite": above,
        "smci": ("right", -8, 0),
        "smr": above,
        "be": above,
        "hubs": above,
        "net": above,
    }
    ticks = [0.25, 0.5, 1, 2, 4, 8]
    names = " : ".join(f"abs(datum.value - {math.log(tick)}) < 0.01 ? '{tick}×'" for tick in ticks) + " : ''"
    x = alt.X(
        "x:Q",
        title=None,
        scale=alt.Scale(domain=[math.log(0.2), math.log(16 if canvas.narrow else 11)], nice=False),
        axis=alt.Axis(values=[math.log(tick) for tick in ticks], labelExpr=names),
    )
    one = [data([{"x": 0}]).mark_rule(color=colour("muted"), strokeDash=[2, 2]).encode(x=x)]
    return _strip(groups, points, canvas, x, 0.15 if canvas.narrow else 0.08, shown, one)
