"""Figures of the chapter on application margins: seats, layers, demand, a cut in training cost."""

import altair as alt
import numpy as np

from analysis import demand, unit_economics
from reporting.chapters.margins import economics
from reporting.drawing import live
from reporting.drawing.charts import FILL, SHAPE, data, layered, named, written
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour
from reporting.inputs import facts
from reporting.inputs.assumptions import Values

_CENTS = "datum.value >= 1 ? '$' + format(datum.value, '~g') : format(datum.value * 100, '~g') + '¢'"
_PERCENT = "replace(datum.value, '-', '−') + '%'"
#: Kind of work to its label, colour, dash.
SEATS = {
    "chat": ("Chat", "accent", [1, 0]),
    "retrieval": ("Retrieval", "ink", [6, 3]),
    "agent": ("Coding agent", "contrast", [2, 2]),
}


@figure("fig-margins-seat", unit="fraction")
def seat(report, canvas):
    a = Values(report.values)
    curve, marks = [], []
    models = {"Haiku 5.5": "haiku55", "GPT-6.1 Sol": "gpt61_sol", "Sonnet 3.5": "sonnet35_1022"}

    def percent(work, usd):
        return 100.0 * unit_economics.gross_margin(
            a.seat_usd_month, economics.seat_cost(a, work, usd), a.other_cogs_share
        )

    for work, (name, fill, dash) in SEATS.items():
        for usd in np.geomspace(0.02, 60, 90):
            curve.append(
                {
                    "work": name,
                    "usd": float(usd),
                    "margin": max(percent(work, float(usd)), -110.0),
                    "fill": colour(fill),
                    "dash": dash,
                }
            )
        for model, row in models.items():
            usd = facts.row("api_prices", row)["input_usd"]
            marks.append({"model": model, "usd": usd, "margin": percent(work, usd), "fill": colour(fill)})
    x = alt.X(
        "usd:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.02, 60], nice=False),
        axis=alt.Axis(labelExpr=_CENTS, values=[0.03, 0.1, 0.3, 1, 3, 10, 30] if not canvas.narrow else [0.1, 1, 10]),
    )
    y = alt.Y(
        "margin:Q",
        title=None,
        scale=alt.Scale(domain=[-100, 100], nice=False),
        axis=alt.Axis(labelExpr=_PERCENT, values=[-100, -50, 0, 50, 100]),
    )
    layers = [data([{"margin": 0}]).mark_rule(color=colour("ink")).encode(y=y)]
    for _, (name, fill, dash) in SEATS.items():
        layers.append(
            data([point for point in curve if point["work"] == name])
            .mark_line(strokeWidth=2.2, color=colour(fill), strokeDash=dash, clip=True)
            .encode(x=x, y=y)
        )
    dots = data([mark for mark in marks if mark["margin"] > -100])
    layers.append(dots.mark_point(filled=True, shape="diamond", size=75).encode(x=x, y=y, color=FILL))

    def beside(usd, work, margin, crossing):
        """Return a price beside a curve, moved as far as the curve itself from where it crosses a margin in our case."""
        crosses = (1.0 - a.other_cogs_share - margin) * a.seat_usd_month / economics.seat_cost(a, work, 1.0)
        if 0.98 < crosses / crossing < 1.02:
            return usd
        return float(np.clip(usd * crosses / crossing, 0.022, 7 if canvas.narrow else 20))

    words = [
        {"usd": beside(9, "chat", 0.6, 10.2), "margin": 78, "text": "Chat", "fill": colour("accent")},
        {
            "usd": beside(0.75 if canvas.narrow else 2.0, "retrieval", 0.2, 5.0),
            "margin": 20,
            "text": "Retrieval",
            "fill": colour("ink"),
        },
        {
            "usd": beside(0.022 if canvas.narrow else 0.12, "agent", -0.4, 0.42),
            "margin": -40,
            "text": "Coding agent",
            "fill": colour("contrast"),
        },
    ]
    layers.append(written(words, x, y))
    names = [
        {"usd": facts.row("api_prices", models[model])["input_usd"], "margin": 96, "text": model}
        for model in ("Haiku 5.5", "Sonnet 3.5")
    ]
    layers.append(data(names).mark_text(color=colour("muted")).encode(x=x, y=y, text="text:N"))
    return alt.layer(*layers).properties(height=310)


@figure("fig-margins-live", unit="fraction")
def live_seat(report, canvas):
    rows = {
        "Chat": "margins.chat_margin",
        "Chat, in two years": "margins.chat_margin_later",
        "Retrieval": "margins.retrieval_margin",
        "Retrieval, in two years": "margins.retrieval_margin_later",
        "Coding agent": "margins.agent_margin",
        "Coding agent, in two years": "margins.agent_margin_later",
    }
    moved = ("app_input_usd", "seat_usd_month", "agent_requests", "token_growth", "app_price_fall")
    margin, parameters = live.rows(rows, moved, report)
    base = (
        data([{"name": name} for name in rows])
        .transform_calculate(margin=f"100 * ({margin})")
        .transform_calculate(
            shown="max(-100, min(100, datum.margin))",
            start="0",
            label="(datum.margin < 0 ? '−' : '') + format(abs(datum.margin), ',.0f') + '%'",
            later="indexof(datum.name, 'two years') >= 0",
        )
        .encode(
            y=named(canvas),
            x=alt.X(
                "shown:Q",
                title=None,
                scale=alt.Scale(domain=[-100, 130], nice=False),
                axis=alt.Axis(labelExpr=_PERCENT, values=[-100, -50, 0, 50, 100]),
            ),
        )
    )
    layers = [
        base.mark_bar(height=14).encode(
            x2="start:Q",
            color=alt.condition("datum.later", alt.value(colour("accent_soft")), alt.value(colour("accent"))),
        ),
        base.mark_text(align="left", dx=6, fontWeight=600)
        .encode(x=alt.X("end:Q"), text="label:N")
        .transform_calculate(end="max(0, datum.shown)"),
    ]
    return layered(layers, base, canvas, 30, 42, x=150).add_params(*parameters)


@figure("fig-margins-reported", unit="fraction")
def reported(report, canvas):
    order = [
        ("adobe_fy2024", "Adobe, fiscal 2024"),
        ("servicenow_2025", "ServiceNow, 2025"),
        ("salesforce_fy2025", "Salesforce, fiscal 2025"),
        ("nvidia_fy2025", "NVIDIA, fiscal 2025"),
        ("nvidia_fy2026", "NVIDIA, fiscal 2026"),
        ("nvidia_fy2026_q4", "NVIDIA, its last quarter"),
        ("deepseek_2025", "DeepSeek, a day in 2025, theoretical"),
        ("openai_2025", "OpenAI, 2025"),
        ("anthropic_2024", "Anthropic, 2024"),
        ("anthropic_2025", "Anthropic, 2025"),
        ("iconiq_2024", "AI products, 2024, survey"),
        ("iconiq_2025", "AI products, 2025, survey"),
        ("iconiq_2026", "AI products, 2026, projected"),
        ("bessemer_steady", "Steady AI start-ups, 2025"),
        ("bessemer_fast", "Fast AI start-ups, 2025"),
        ("cursor_2025", "Cursor, 2025"),
    ]
    fills = {
        "software": ("neutral", "square"),
        "chips": ("ink", "circle"),
        "models": ("accent", "triangle-up"),
        "applications": ("contrast", "diamond"),
    }
    rows = []
    for identifier, name in order:
        row = facts.row("reported_margins", identifier)
        fill, shape = fills[row["layer"]]
        percent = 100 * row["margin"]
        filed = row["kind"] == "filed"
        rows.append(
            {
                "name": name,
                "margin": max(percent, -40.0),
                "fill": colour(fill) if filed else colour("paper"),
                "line": colour(fill),
                "shape": shape,
                "label": f"{percent:.0f}%".replace("-", "−"),
            }
        )
    x = alt.X(
        "margin:Q",
        title=None,
        scale=alt.Scale(domain=[-42, 104], nice=False),
        axis=alt.Axis(labelExpr=_PERCENT, values=[-25, 0, 25, 50, 75, 100]),
    )
    base = data(rows).encode(y=named(canvas), x=x)
    layers = [
        data([{"margin": 0}]).mark_rule(color=colour("rule" if canvas.narrow else "ink")).encode(x=x),
        base.mark_point(filled=True, size=85, strokeWidth=2).encode(
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("line:N", scale=None),
            shape=SHAPE,
        ),
        base.mark_text(align="left", dx=9, fontWeight=600).encode(text="label:N"),
    ]
    return layered(layers, base, canvas, 25, 38, dy=-14)


@figure("fig-margins-jevons", unit="factor/year")
def jevons(report, canvas):
    rows = [
        ("Volume: Google’s tokens", "volume_per_year", None, "accent", "circle"),
        ("Price: fall at a given score", "hedonic", ("hedonic_low", "hedonic_high"), "contrast", "diamond"),
        ("Volume at such prices", "volume_value", ("volume_value_low", "volume_value_high"), "neutral", "triangle-up"),
        ("Spending: OpenAI and Anthropic", "labs_growth", None, "ink", "square"),
        ("Spending: NVIDIA’s data centres", "nvidia_growth", None, "ink", "square"),
        ("Spending: four companies’ capital", "capex_growth", None, "ink", "square"),
    ]
    points = []
    for name, key, ends, fill, shape in rows:
        middle = report.value(f"margins.{key}")
        low, high = (report.value(f"margins.{end}") for end in ends) if ends else (middle, middle)
        points.append(
            {
                "name": name,
                "factor": middle,
                "low": low,
                "high": high,
                "fill": colour(fill),
                "shape": shape,
                "label": report.text(f"margins.{key}", digits=2),
            }
        )
    x = alt.X(
        "factor:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.25, 130], nice=False),
        axis=alt.Axis(values=[0.5, 1, 2, 5, 10, 20, 50], labelExpr="datum.value + '×'"),
    )
    base = data(points).encode(y=named(canvas), x=x)
    layers = [
        data([{"factor": 1}]).mark_rule(color=colour("rule" if canvas.narrow else "ink")).encode(x=x),
        base.mark_rule(strokeWidth=5, strokeOpacity=0.45).encode(x="low:Q", x2="high:Q", color=FILL),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        base.mark_text(align="left", dx=9, fontWeight=600).encode(x="high:Q", text="label:N"),
    ]
    return layered(layers, base, canvas, 33, 46)


@figure("fig-margins-cut", unit="fraction", rests_on=["margins.compute_multiple"])
def cut(report, canvas):
    depth, response = report.assumption("training_cut"), report.assumption("inference_response")
    share, elasticity = report.assumption("training_share"), report.assumption("training_elasticity")
    kinds = [
        ("70%", 0.70, response, "contrast", [1, 0]),
        ("50%", 0.50, response, "accent", [1, 0]),
        ("25%", 0.25, response, "ink", [1, 0]),
        ("50%, inference as before", 0.50, 0.0, "accent", [5, 4]),
    ]
    x = alt.X(
        "elasticity:Q",
        title="elasticity of training",
        scale=alt.Scale(domain=[0, 1.5], nice=False),
        axis=alt.Axis(values=[0, 0.5, 1, 1.5]),
    )
    low, high, right = 0.25, 2.5, 1.5
    y = alt.Y(
        "multiple:Q",
        title=None,
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(labelExpr="100 * datum.value + '%'", values=[0.5, 1, 1.5, 2, 2.5]),
    )
    layers = [data([{"multiple": 1}]).mark_rule(color=colour("ink")).encode(y=y)]
    for _, part, grows, fill, dash in kinds:
        points = [
            {"elasticity": float(e), "multiple": float(demand.compute_multiple(part, depth, float(e), grows))}
            for e in np.linspace(0, 1.5, 61)
        ]
        layers.append(
            data(points).mark_line(strokeWidth=2, color=colour(fill), strokeDash=dash, clip=True).encode(x=x, y=y)
        )
    multiple = demand.compute_multiple(share, depth, elasticity, response)
    own = [{"elasticity": min(elasticity, right), "multiple": min(max(multiple, low), high)}]
    layers.append(data(own).mark_point(filled=True, shape="diamond", size=110, color=colour("ink")).encode(x=x, y=y))
    if (elasticity, multiple) != tuple(own[0].values()):
        # The lines of this chart are cut at its edges, and so is our case; it says where it would be.
        sign = "↑" if multiple > high else "↓" if multiple < low else "→"
        percent = f"{100 * multiple:,.0f}%" if multiple < 100 else f"{multiple:,.0f}×"
        at = f"{percent} at {elasticity:.2g} {sign}" if elasticity > right else f"{percent} {sign}"
        layers.append(
            data([own[0] | {"text": at}])
            .mark_text(
                align="right" if own[0]["elasticity"] > 0.75 else "left",
                dy=14 if own[0]["multiple"] > 1 else -14,
                dx=-9 if own[0]["elasticity"] > 0.75 else 9,
            )
            .encode(x=x, y=y, text="text:N")
        )
    words = []
    for at, part, grows, off, text, fill in (
        (0.03, 0.25, response, 0.139, "training 25%", "ink"),
        (0.03, 0.50, response, 0.108, "training 50%", "accent"),
        (0.03, 0.70, response, -0.063, "training 70%", "contrast"),
        (0.62, 0.50, 0.0, -0.26, "50%, inference as before", "accent"),
    ):
        beside = round(float(demand.compute_multiple(part, depth, at, grows)) + off, 2)
        if low + 0.04 < beside < high:  # the name of a line that is in the plot
            words.append({"elasticity": at, "multiple": beside, "text": text, "fill": colour(fill)})
    layers.append(written(words, x, y))
    return alt.layer(*layers).properties(height=310)
