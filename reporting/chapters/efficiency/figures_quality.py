"""Figures on reasoning: accuracy against tokens, dollars a solved problem, R1 and its peers."""

import altair as alt
import numpy as np

from reporting.chapters.efficiency import quality
from reporting.core import wording
from reporting.drawing.charts import FILL, SHAPE, data, heading
from reporting.drawing.figures import figure
from reporting.drawing.theme import colour
from reporting.inputs import facts

_TOKENS = "datum.value >= 1000 ? format(datum.value / 1000, '~g') + 'k' : datum.value"
_CENTS = "datum.value >= 1 ? '$' + datum.value : '$' + format(datum.value, '~g')"


def _tokens_axis(title):
    return alt.X(
        "tokens:Q",
        title=title,
        scale=alt.Scale(type="log", domain=[420, 17000], nice=False),
        axis=alt.Axis(values=[500, 1000, 2000, 4000, 8000, 16000], labelExpr=_TOKENS, labelFlush=False),
    )


_SCORE = alt.Y(
    "score:Q",
    title=None,
    scale=alt.Scale(domain=[0, 100]),
    axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'"),
)


@figure("fig-efficiency-tokens", unit="fraction")
def tokens(report, canvas):
    size = {"width": canvas.width - 58, "height": 200 if canvas.narrow else 220}
    fits, dots = [], []
    for test, name, shade, shape in (
        ("aime", "AIME 2024", "accent", "circle"),
        ("gpqa", "GPQA", "contrast", "diamond"),
    ):
        spent, scores = quality.s1_points(test)
        fit = quality.s1_fit(test)
        for at in np.geomspace(spent[0], spent[-1], 25):
            middle, half = fit.at(np.log2(at))
            fits.append(
                {
                    "test": name,
                    "tokens": at,
                    "score": middle,
                    "low": max(0.0, middle - half),
                    "high": middle + half,
                    "fill": colour(shade),
                    "soft": colour(f"{shade}_soft"),
                }
            )
        dots += [
            {"tokens": t, "score": 100 * s, "fill": colour(shade), "shape": shape}
            for t, s in zip(spent, scores, strict=True)
        ]
    x = _tokens_axis(None)
    line = data(fits).encode(x=x, y=_SCORE, detail="test:N")
    point = data(dots).encode(x=x, y=_SCORE)
    names = [
        {"tokens": 7900, "score": 56.7, "text": "AIME 2024", "fill": colour("accent")},
        {"tokens": 5050, "score": 66, "text": "GPQA Diamond", "fill": colour("contrast")},
    ]
    if canvas.narrow:
        names[0] |= {"tokens": 7000, "score": 45}
    words = data(names).mark_text(align="left", fontWeight=600).encode(x=x, y=_SCORE, text="text:N", color=FILL)
    above = alt.layer(
        line.mark_area(opacity=0.75).encode(y=alt.Y("low:Q"), y2="high:Q", color=alt.Color("soft:N", scale=None)),
        line.mark_line(strokeWidth=1.5).encode(stroke=alt.Stroke("fill:N", scale=None)),
        point.mark_point(filled=True, size=60).encode(color=FILL, shape=SHAPE),
        words,
    ).properties(**size, title=heading("One model, s1-32B, thinking longer"))
    models = {
        "gpt4o": ("GPT-4o", "left", 8, 9),
        "sonnet": ("Sonnet", "left", 2, -13),
        "v3": ("V3", "left", 9, 0),
        "r1": ("R1", "left", 9, 3),
        "o1": ("o1", "left", 9, 6),
        "o3mini": ("o3-mini, medium", "right", -9, 4),
        "o3mini_high": ("o3-mini, high", "right", -6, -12),
    }
    seen = []
    for key, (name, align, dx, dy) in models.items():
        run = facts.row("benchmarks", f"epoch_{key}_mock_aime")
        seen.append(
            {
                "tokens": run["tokens_out"],
                "score": 100 * run["score"],
                "name": name,
                "align": align,
                "dx": dx,
                "dy": dy,
                "fill": colour({"r1": "contrast", "o3mini": "accent", "o3mini_high": "accent"}.get(key, "neutral")),
                "shape": "diamond" if key == "r1" else "circle",
            }
        )
    base = data(seen).encode(x=_tokens_axis("Tokens per problem"), y=_SCORE)
    pair = {row["name"]: row for row in seen}
    low, high = pair["o3-mini, medium"], pair["o3-mini, high"]
    arrow = [{"tokens": low["tokens"], "score": low["score"], "tokens2": high["tokens"], "score2": high["score"]}]
    below = [
        data(arrow)
        .mark_rule(strokeWidth=1.5, color=colour("accent"))
        .encode(x=_tokens_axis("Tokens per problem"), y=_SCORE, x2="tokens2:Q", y2="score2:Q"),
        base.mark_point(filled=True, size=75).encode(color=FILL, shape=SHAPE),
    ]
    for row in seen:
        below.append(
            data([row])
            .mark_text(align=row["align"], dx=row["dx"], dy=row["dy"])
            .encode(x=_tokens_axis("Tokens per problem"), y=_SCORE, text="name:N")
        )
    return alt.vconcat(
        above, alt.layer(*below).properties(**size, title=heading("Seven runs on a mock AIME (Epoch AI)")), spacing=22
    )


@figure("fig-efficiency-solved", unit="USD")
def solved(report, canvas):
    models = {
        "o1": "o1",
        "gpt4o": "GPT-4o",
        "sonnet": "Claude 3.5 Sonnet",
        "o1mini": "o1-mini",
        "o3mini_high": "o3-mini, high effort",
        "o3mini": "o3-mini",
        "r1": "DeepSeek-R1",
        "v3": "DeepSeek-V3",
    }
    factor = report.assumption("r1_price_factor")
    rows, boxes = [], []
    for key, name in models.items():
        scale = factor if key == "r1" else 1.0
        for test, shade, shape in (("mock_aime", "accent", "circle"), ("gpqa", "contrast", "diamond")):
            if key == "o1mini" and test == "mock_aime":
                continue
            usd = scale * quality.dollars_per_solved(key, test)
            rows.append(
                {
                    "name": name,
                    "usd": usd,
                    "fill": colour(shade),
                    "shape": shape,
                    "label": wording.quantity(usd, "USD", 2) if test == "mock_aime" else "",
                }
            )
        usd = scale * quality.dollars_per_exercise("o1_high" if key == "o1" else key)
        boxes.append({"name": name, "usd": usd})
    spans = [
        {
            "name": name,
            "low": min(row["usd"] for row in rows + boxes if row["name"] == name),
            "high": max(row["usd"] for row in rows + boxes if row["name"] == name),
        }
        for name in models.values()
    ]
    axis = alt.Axis(title=None, ticks=False, domain=False, labelColor=colour("ink"), labels=not canvas.narrow)
    y = alt.Y("name:N", sort=list(models.values()), axis=axis)
    x = alt.X(
        "usd:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[0.0008, 4], nice=False),
        axis=alt.Axis(values=[0.001, 0.01, 0.1, 1], labelExpr=_CENTS),
    )
    base = data(rows).encode(x=x, y=y)
    ends = {row["shape"]: row["usd"] for row in rows if row["name"] == "o1"}
    keys = [
        (ends["diamond"], "science", "contrast", "end" if canvas.narrow else "center"),
        (ends["circle"], "maths", "accent", "right"),
        (next(box["usd"] for box in boxes if box["name"] == "o1"), "coding", "ink", "left"),
    ]
    labels = [
        {
            "name": row["name"],
            "usd": next(span["high"] for span in spans if span["name"] == row["name"]),
            "text": row["label"],
        }
        for row in rows
        if row["label"]
    ]
    layers = [
        data(spans).mark_rule(strokeWidth=1, color=colour("rule")).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        base.mark_point(filled=True, size=85).encode(color=FILL, shape=SHAPE),
        data(boxes)
        .mark_point(filled=False, shape="square", size=130, stroke=colour("ink"), fill="transparent")
        .encode(x=x, y=y),
        data(labels)
        .mark_text(align="left", dx=10, color=colour("accent"), fontWeight=600)
        .encode(x=x, y=y, text="text:N"),
    ]
    for usd, text, shade, align in keys:
        layers.append(
            data([{"name": "o1", "usd": usd, "text": text}])
            .mark_text(
                dy=-16,
                align="right" if align == "end" else align,
                color=colour(shade),
                dx={"right": 8, "left": -5, "center": 0, "end": 2}[align],
            )
            .encode(x=x, y=y, text="text:N")
        )
    if canvas.narrow:
        labelled = data([{"name": name} for name in models.values()]).encode(y=y)
        layers.append(
            labelled.mark_text(align="left", dy=-15, color=colour("ink")).encode(x=alt.value(0), text="name:N")
        )
    return alt.layer(*layers).properties(height=alt.Step(44 if canvas.narrow else 36))


_TESTS = {
    "aime2024": "AIME 2024",
    "math500": "MATH-500",
    "cnmo": "CNMO 2024",
    "livecodebench": "LiveCodeBench",
    "codeforces": "Codeforces",
    "gpqa": "GPQA Diamond",
    "mmlu": "MMLU",
    "mmlu_redux": "MMLU-Redux",
    "mmlu_pro": "MMLU-Pro",
    "drop": "DROP",
    "frames": "FRAMES",
    "simpleqa": "SimpleQA",
    "ifeval": "IF-Eval",
    "alpacaeval": "AlpacaEval",
    "arenahard": "ArenaHard",
    "swe": "SWE-bench",
    "aider": "Aider",
    "cluewsc": "CLUEWSC",
    "ceval": "C-Eval",
    "csimpleqa": "C-SimpleQA",
}


@figure("fig-efficiency-peers", unit="point")
def peers(report, canvas):
    groups = {"Reasoning": quality.REASONING, "Elsewhere": quality.ELSEWHERE}
    independent = {
        "Reasoning": (("GPQA, Epoch AI", "gpqa_gap"), ("Mock AIME, Epoch", "mock_aime_gap")),
        "Elsewhere": (("Aider, its own run", "aider_gap"),),
    }
    rows, order, heads = [], [], []

    def add(name, gap, rival, shade, shape):
        sign = wording.MINUS if gap < 0 else "+"
        rows.append(
            {
                "name": name,
                "gap": gap,
                "fill": colour(shade),
                "shape": shape,
                "label": f"{sign}{abs(gap):.1f} {rival}",
                "start": 0,
            }
        )
        order.append(name)

    for head, tests in groups.items():
        heads.append(head)
        order.append(head)
        found = {test: quality.behind_best(test) for test in tests}
        for test in sorted(found, key=lambda test: -found[test][1]):
            rival, gap = found[test]
            add(_TESTS[test], gap, quality.PEERS[rival], "accent", "circle")
        for name, key in independent[head]:
            add(name, report.value(f"efficiency.{key}"), "o1", "contrast", "diamond")
    bold = {"condition": {"test": f"indexof({heads!r}, datum.value) >= 0", "value": 600}, "value": "normal"}
    y = alt.Y(
        "name:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(
            title=None, ticks=False, domain=False, labelColor=colour("ink"), labelFontWeight=bold, labelLimit=120
        ),
    )
    right = 42 if canvas.narrow else 26
    left = -42 if canvas.narrow else -26
    x = alt.X(
        "gap:Q",
        title=None,
        scale=alt.Scale(domain=[left, right], nice=False),
        axis=alt.Axis(
            values=[-20, -10, 0, 10, 20],
            labelExpr=f"datum.value > 0 ? '+' + datum.value : datum.value < 0 ? '{wording.MINUS}' + "
            "(-datum.value) : '0'",
        ),
    )
    base = data(rows).encode(y=y, x=x)
    ahead = alt.datum.gap >= 0
    layers = [
        data([{"gap": 0}]).mark_rule(color=colour("muted")).encode(x=x),
        base.mark_rule(strokeWidth=1.5, strokeOpacity=0.6).encode(
            x=alt.X("start:Q", scale=alt.Scale(domain=[left, right], nice=False)),
            x2="gap:Q",
            color=FILL,
        ),
        base.mark_point(filled=True, size=75).encode(color=FILL, shape=SHAPE),
        base.transform_filter(ahead).mark_text(align="left", dx=8).encode(text="label:N"),
        base.transform_filter(~ahead).mark_text(align="right", dx=-8).encode(text="label:N"),
    ]
    return alt.layer(*layers).properties(height=alt.Step(22))
