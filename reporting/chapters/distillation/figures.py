"""Figures on distillation: what is kept, what it costs, and what the verifier sees."""

import altair as alt
import numpy as np

from analysis import distillation as topic
from reporting.chapters.distillation import bill as bills
from reporting.chapters.distillation import loop as loops
from reporting.chapters.distillation import students
from reporting.core import wording
from reporting.drawing.charts import FILL, SHAPE, data, heading
from reporting.drawing.figures import figure
from reporting.drawing.theme import Box, colour, extent, row_names, rows_axis
from reporting.inputs import facts
from reporting.inputs.assumptions import Values

_DOLLARS_FROM_ONE = (
    "datum.value >= 1e6 ? '$' + format(datum.value / 1e6, '~g') + 'M' : datum.value >= 1000 ? '$' + "
    "format(datum.value / 1000, '~g') + 'k' : '$' + format(datum.value, '~g')"
)
_COUNTS = "datum.value >= 1000 ? format(datum.value / 1000, '~g') + 'k' : datum.value"
_PERCENT = "datum.value + '%'"


def _words(rows, x, y, **options):
    """Return one text layer for each row, with its own alignment and offset."""
    layers = []
    for row in rows:
        layers.append(
            data([row])
            .mark_text(
                align=row.get("align", "left"),
                dx=row.get("dx", 8),
                dy=row.get("dy", 0),
                color=row.get("ink", colour("ink")),
                **options,
            )
            .encode(x=x, y=y, text="text:N")
        )
    return layers


_SHORT = {"1_5b": "1.5B", "7b": "7B", "8b": "Llama 8B", "14b": "14B", "32b": "32B", "70b": "Llama 70B"}


@figure("fig-distillation-kept", unit="fraction")
def kept(report, canvas):
    rows, places = [], {"7b": ("right", -9, -4), "8b": ("left", 9, 5), "32b": ("right", -9, 0), "14b": ("right", -9, 0)}
    for student in students.STUDENTS:
        shares = [100 * students.kept(student, test) for test in students.TESTS]
        align, dx, dy = places.get(student, ("left", 9, 0))
        rows.append(
            {
                "compute": 100 * report.value(f"distillation.compute_{student}"),
                "mean": float(np.mean(shares)),
                "low": min(shares),
                "high": max(shares),
                "text": _SHORT[student],
                "align": align,
                "dx": dx,
                "dy": dy,
                "llama": student in ("8b", "70b"),
                "fill": colour("contrast" if student in ("8b", "70b") else "accent"),
                "shape": "diamond" if student in ("8b", "70b") else "circle",
            }
        )
        if canvas.narrow and student == "70b":
            rows[-1]["text"] = "70B"
    x = alt.X(
        "compute:Q",
        title="Compute a token, R1 = 100%",
        scale=alt.Scale(type="log", domain=[3, 400], nice=False),
        axis=alt.Axis(values=[4, 10, 20, 40, 100, 200], labelExpr=_PERCENT, labelFlush=False),
    )
    y = alt.Y(
        "mean:Q",
        title=None,
        scale=alt.Scale(domain=[20, 106], nice=False),
        axis=alt.Axis(values=[25, 50, 75, 100], labelExpr=_PERCENT),
    )
    base = data(rows).encode(x=x, y=y)
    teacher = [{"compute": 100, "mean": 100, "text": "R1", "align": "left", "dx": 9, "dy": 0}]
    layers = [
        data([{"compute": 100}]).mark_rule(color=colour("rule"), strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=None), y2="high:Q", color=FILL),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        data(teacher).mark_point(filled=True, size=120, color=colour("ink"), shape="square").encode(x=x, y=y),
        *_words(rows + teacher, x, y, fontWeight=600),
    ]
    return alt.layer(*layers).properties(height=300)


_SOURCES = {
    "openr1": ("Hugging Face, Open R1", "accent", "circle"),
    "evalhub": ("EvalHub, two engines", "neutral", "triangle-up"),
    "bespoke": ("Bespoke, single answers", "contrast", "square"),
    "evalchemy": ("Evalchemy", "contrast", "cross"),
    "epoch": ("Epoch AI", "ink", "diamond"),
}


@figure("fig-distillation-reruns", unit="point")
def reruns(report, canvas):
    rows, order, jitter = [], list(students.TESTS.values()), {}
    for run, own in students.reruns():
        who = run["id"].partition("_")[0]
        name, shade, shape = _SOURCES[who]
        rows.append(
            {
                "name": run["benchmark"],
                "gap": 100 * (run["score"] - own["score"]),
                "fill": colour(shade),
                "shape": shape,
                "who": name,
                "student": run["model"].rpartition("-")[2],
            }
        )
    for row in sorted(rows, key=lambda row: (row["name"], row["gap"])):
        # Close marks are spread across the band so that each can be seen.
        slot = jitter.get(row["name"], 0)
        row["offset"] = (slot % 5 - 2) * 0.17
        jitter[row["name"]] = slot + 1
    x = alt.X(
        "gap:Q",
        title=None,
        scale=alt.Scale(domain=[-16, 6], nice=False),
        axis=alt.Axis(
            values=[-15, -10, -5, 0, 5],
            labelExpr=f"datum.value > 0 ? '+' + datum.value : datum.value < 0 ? '{wording.MINUS}' + "
            "(-datum.value) : '0'",
        ),
    )
    y = alt.Y("name:N", sort=order, axis=rows_axis(canvas))
    offset = alt.YOffset("offset:Q", scale=alt.Scale(domain=[-0.5, 0.5]))
    base = data(rows).encode(x=x, y=y)
    layers = [
        data([{"gap": -3, "gap2": 3}]).mark_rect(color=colour("neutral_soft"), opacity=0.6).encode(x=x, x2="gap2:Q"),
        data([{"gap": 0}]).mark_rule(color=colour("muted")).encode(x=x),
        base.mark_point(filled=True, size=62).encode(color=FILL, shape=SHAPE, yOffset=offset),
    ]
    for row in [row for row in rows if row["gap"] < -6.9]:
        text = f"{row['student']}, {row['who'].partition(',')[0]}"
        layers.append(
            data([row | {"text": text}])
            .mark_text(align="right" if row["gap"] > -9 else "left", dx=-9 if row["gap"] > -9 else 9)
            .encode(x=x, y=y, yOffset=offset, text="text:N")
        )
    if canvas.narrow:
        layers.append(row_names(data([{"name": name} for name in order]).encode(y=y), dy=-47))
    step = alt.Step(102 if canvas.narrow else 62)
    beside = 20 if canvas.narrow else 130
    chart = alt.layer(*layers).properties(height=step, width=canvas.width - beside)
    return alt.vconcat(_legend(_SOURCES.values(), canvas, canvas.width - beside), chart, spacing=4)


def _legend(entries, canvas, width):
    """Return marks with their names in rows, as a chart of its own."""
    entries, columns = list(entries), 2 if canvas.narrow else 3
    rows = [
        {"x": i % columns, "y": i // columns, "text": text, "fill": colour(shade), "shape": shape}
        for i, (text, shade, shape) in enumerate(entries)
    ]
    deep = max(row["y"] for row in rows) + 1
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.04, columns], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[deep - 0.5, -0.5], nice=False))
    base = data(rows).encode(x=x, y=y)
    marks = base.mark_point(filled=True, size=62).encode(color=FILL, shape=SHAPE)
    names = base.mark_text(align="left", dx=9).encode(text="text:N")
    return alt.layer(marks, names).properties(height=20 * deep, width=width)


@figure("fig-distillation-solved", unit="USD")
def solved(report, canvas):
    listed, own = [], []
    for student in students.STUDENTS:
        right = 100 * students.own_score(student)
        listed.append(
            {
                "usd": report.value(f"distillation.solved_{student}_list_usd"),
                "score": right,
                "text": _SHORT[student],
                "fill": colour("accent"),
                "shape": "circle",
            }
        )
        own.append(
            {
                "usd": report.value(f"distillation.solved_{student}_own_usd"),
                "score": right,
                "fill": colour("accent"),
                "shape": "circle",
            }
        )
    teacher = 100 * students.score("own_r1_aime2024")
    listed.append(
        {
            "usd": report.value("distillation.solved_r1_list_usd"),
            "score": teacher,
            "text": "R1",
            "fill": colour("contrast"),
            "shape": "diamond",
        }
    )
    own.append(
        {
            "usd": report.value("distillation.solved_r1_own_usd"),
            "score": teacher,
            "fill": colour("contrast"),
            "shape": "diamond",
        }
    )
    for rival, (_, name) in students.RIVALS.items():
        listed.append(
            {
                "usd": report.value(f"distillation.solved_{rival}_list_usd"),
                "score": 100 * students.rival_score(rival),
                "text": name,
                "fill": colour("ink"),
                "shape": "square",
            }
        )
    joins = [
        {"usd": a["usd"], "usd2": b["usd"], "score": a["score"], "score2": b["score"]}
        for a, b in zip([row for row in listed if row["text"] in (*_SHORT.values(), "R1")], own, strict=True)
    ]
    best = [listed[i] for i in topic.frontier([row["usd"] for row in listed], [row["score"] for row in listed])]
    ends, ticks = extent([4e-4, 2.2], [row["usd"] for row in listed + own], [0.001, 0.01, 0.1, 1], log=True)
    x = alt.X(
        "usd:Q",
        title="US dollars for each problem solved",
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(values=ticks, labelExpr=_DOLLARS_FROM_ONE, labelFlush=False),
    )
    y = alt.Y(
        "score:Q",
        title=None,
        scale=alt.Scale(domain=[0, 90], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75], labelExpr=_PERCENT),
    )
    places = {
        "1.5B": ("left", 9, 6),
        "7B": ("left", 9, 0),
        "Llama 8B": ("left", 2, 15),
        "14B": ("right", -8, -6),
        "32B": ("right", -6, -11),
        "Llama 70B": ("left", 6, 14),
        "R1": ("left", 9, -9),
        "o1": ("right", -9, 0),
        "GPT-4o": ("left", 10, 0),
        "Claude 3.5 Sonnet": ("left" if not canvas.narrow else "right", 10 if not canvas.narrow else -10, 0),
        "o1-mini": ("left", 10, 0),
    }
    served = {"align": "right", "dx": -9, "dy": 0}
    if own[-1]["usd"] > next(row["usd"] for row in listed if row["text"] == "R1"):
        # R1's own API is the cheaper one: its two marks have changed sides, and so do their labels.
        places["R1"], served = ("right", -9, -9), {"align": "left", "dx": -4, "dy": -14}
    for row in listed:
        row["align"], row["dx"], row["dy"] = places[row["text"]]
        if canvas.narrow and row["text"] == "Claude 3.5 Sonnet":
            row["text"] = "Sonnet 3.5"
    base, hollow = data(listed).encode(x=x, y=y), data(own).encode(x=x, y=y)
    layers = [
        data(best)
        .mark_line(interpolate="step-after", color=colour("rule"), strokeWidth=6)
        .encode(x=x, y=y, order="usd:Q"),
        data(joins)
        .mark_rule(color=colour("neutral"), strokeWidth=1, strokeDash=[3, 3])
        .encode(x=x, y=y, x2="usd2:Q", y2="score2:Q"),
        hollow.mark_point(filled=False, size=90, strokeWidth=2).encode(
            stroke=alt.Stroke("fill:N", scale=None), shape=SHAPE, fill=alt.value(colour("paper"))
        ),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        *_words(listed, x, y),
        *_words([own[-1] | {"text": "R1 on H200"} | served], x, y),
    ]
    return alt.layer(*layers).properties(height=340)


@figure("fig-distillation-ladder", unit="fraction")
def ladder(report, canvas):
    series = [
        ("32B", "qwen32b", "accent", False),
        ("7B", "qwen7b", "neutral", False),
        ("1.5B", "qwen1_5b", "ink", False),
        ("Nemotron 32B, later", "nemotron32b", "accent", True),
        ("Nemotron 7B, later", "nemotron7b", "neutral", True),
    ]
    teacher = [100 * students.score(f"nvidia_r1_{test}") for test in students.LADDER]
    rows = []
    for name, model, shade, later in series:
        for right, share in zip(teacher, students.ladder(model), strict=True):
            rows.append(
                {
                    "name": name,
                    "teacher": right,
                    "share": 100 * share,
                    "fill": colour(shade),
                    "later": later,
                    "shape": "diamond" if later else "circle",
                }
            )
    x = alt.X(
        "teacher:Q",
        title="R1's score",
        scale=alt.Scale(domain=[86, -8 if canvas.narrow else 2], nice=False),
        axis=alt.Axis(values=[75, 50, 25, 10], labelExpr=_PERCENT),
    )
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[20, 106], nice=False),
        axis=alt.Axis(values=[25, 50, 75, 100], labelExpr=_PERCENT),
    )
    base = data(rows).encode(x=x, y=y, detail="name:N")
    dashed = alt.datum.later == True  # noqa: E712
    notes = []
    for name, _, shade, later in series:
        first = next(row for row in rows if row["name"] == name)
        note = {"teacher": first["teacher"], "share": first["share"], "dx": -3, "dy": 13}
        if later:
            ends = [row for row in rows if row["name"] == name][2:]
            note = {"teacher": ends[1]["teacher"], "share": ends[1]["share"], "dx": 10, "dy": 17, "align": "right"}
            if canvas.narrow:
                note |= {"dx": 4, "dy": -13, "align": "left"}
            if name.startswith("Nemotron 32B"):
                middle = [(ends[0][axis] + ends[1][axis]) / 2.0 for axis in ("teacher", "share")]
                note = {"teacher": middle[0], "share": middle[1], "dx": 4, "dy": -9}
        text = name.replace("Nemotron 7B, later", "7B, later") if canvas.narrow else name
        notes.append(note | {"text": text, "ink": colour("muted" if shade == "neutral" else shade)})
    layers = [
        base.transform_filter(~dashed).mark_line(strokeWidth=2.5).encode(stroke=alt.Stroke("fill:N", scale=None)),
        base.transform_filter(dashed)
        .mark_line(strokeWidth=2, strokeDash=[5, 4])
        .encode(stroke=alt.Stroke("fill:N", scale=None)),
        base.mark_point(filled=True, size=70).encode(color=FILL, shape=SHAPE),
        *_words(notes, x, y, fontWeight=600),
    ]
    return alt.layer(*layers).properties(height=300)


def _ranged(report, canvas, keys, least, ticks, words, room=0.0, also=()):
    """Return rows, ends, encodings and layers of a dot plot with 80% ranges on a logarithmic axis.

    `keys` are (name, key) from above; for `least`, `ticks` and `room`, above the ranges, see `theme.extent`; `words`
    write a tick; `also` is drawn along the axis too.
    """
    rows = []
    for name, key in keys:
        low, high = report.interval(key)
        rows.append({"name": name, "at": report.value(key), "low": low, "high": high, "label": report.text(key)})
    drawn = [row[end] for row in rows for end in ("at", "low", "high")]
    ends, ticks = extent(least, [*drawn, *also], ticks, log=True, room=(0.02, room))
    x = alt.X(
        "at:Q",
        title=None,
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(values=ticks, labelExpr=words),
    )
    y = alt.Y("name:N", sort=[name for name, _ in keys], axis=rows_axis(canvas))
    base = data(rows).encode(x=x, y=y)
    layers = [
        base.mark_bar(height=9, color=colour("accent_soft")).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=90, filled=True, color=colour("accent")),
    ]
    if canvas.narrow:
        layers.append(row_names(data([{"name": name} for name, _ in keys]).encode(y=y)))
    return ends, x, y, base, layers


@figure("fig-distillation-bill", unit="USD")
def bill(report, canvas):
    keys = [
        ("Own teacher", "distillation.bill_own_usd"),
        ("DeepSeek’s API, Nov. 2026", "distillation.bill_today_usd"),
        ("R1’s answers, bought", "distillation.bill_api_usd"),
        ("Own teacher, open software", "distillation.bill_open_usd"),
        ("GPT-4o’s tokens alone", "distillation.teacher_gpt4o_usd"),
        ("o1’s tokens alone", "distillation.teacher_o1_usd"),
    ]
    _, _, _, base, layers = _ranged(report, canvas, keys, [4000, 6e6], [1e4, 1e5, 1e6], _DOLLARS_FROM_ONE, 0.2)
    layers.append(base.mark_text(align="left", dx=8, fontWeight=600).encode(x=alt.X("high:Q"), text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(46 if canvas.narrow else 34))


@figure("fig-distillation-replications", unit="GPU-hour")
def replications(report, canvas):
    names = {
        "s1_32b": "s1, 1,000 answers",
        "s1_59k": "s1, 59,000 answers",
        "sky_t1": "Sky-T1 32B",
        "stratos_32b": "Bespoke-Stratos 32B",
        "openthinker_7b": "OpenThinker 7B",
        "openthinker_32b": "OpenThinker 32B",
        "open_r1_distill_7b": "Open R1’s 7B student",
        "open_r1_data": "Open R1’s teacher",
        "tinyzero_3b": "TinyZero 3B",
        "deepscaler": "DeepScaleR 1.5B",
        "r1_zero": "R1-Zero",
    }
    keys = [(names[run], f"distillation.hours_{run}") for run in names]
    known = []
    for run, name in names.items():
        hours = facts.row("replications", run)["gpu_hours"]
        if hours is not None:
            known.append({"name": name, "at": hours})
    ticks = [10, 100, 1000, 10000, 100000]
    ends, x, y, _, layers = _ranged(
        report, canvas, keys, [3, 400000], ticks, _COUNTS, also=[row["at"] for row in known]
    )
    layers.append(
        data(known)
        .mark_point(filled=True, size=85, shape="diamond", color=colour("contrast"), stroke=colour("paper"))
        .encode(x=x, y=y)
    )
    apart = names["open_r1_data"]
    heads = [
        {
            "name": apart,
            "at": report.value("distillation.hours_open_r1_data"),
            "text": "predicted",
            "ink": colour("accent"),
        },
        {
            "name": apart,
            "at": facts.row("replications", "open_r1_data")["gpu_hours"],
            "text": "published",
            "dx": -9,
            "align": "right",
            "ink": colour("contrast"),
        },
    ]
    wide = canvas.width - (8 if canvas.narrow else 130)
    places = [wide * np.log(head["at"] / ends[0]) / np.log(ends[1] / ends[0]) for head in heads]
    predicted, published = (
        Box.of(head["text"], at + head.get("dx", 8), 0, head.get("align", "left"))
        for head, at in zip(heads, places, strict=True)
    )
    if predicted.covers(published):
        heads[0] |= {"dx": -9, "align": "right"}
    layers += _words(heads, x, y)
    return alt.layer(*layers).properties(height=alt.Step(42 if canvas.narrow else 29))


@figure("fig-distillation-waiting", unit="fraction")
def waiting(report, canvas):
    values = Values(report.values)
    curve = topic.unfinished(
        bills.writing_step(values),
        facts.value("r1_zero_outputs_per_rollout"),
        facts.value("r1_zero_mean_length"),
        facts.value("r1_zero_length_cap"),
    )
    rows = [{"minutes": s / 60.0, "share": 100 * left, "zero": 0} for s, left in zip(*curve, strict=True)]
    total = rows[-1]["minutes"]
    half = report.value("distillation.rollout_half_share") * total
    x = alt.X(
        "minutes:Q", title="Minutes", scale=alt.Scale(domain=[0, total * 1.02], nice=False), axis=alt.Axis(tickCount=6)
    )
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], labelExpr=_PERCENT),
    )
    base = data(rows).encode(x=x, y=y)
    notes = [
        {"minutes": half, "share": 50, "text": "half of the answers done", "dx": 10, "dy": 0},
        {"minutes": total, "share": 0, "text": "the longest ends", "dx": -4, "dy": -16, "align": "right"},
    ]
    idle = {
        "minutes": 0.46 * total,
        "share": 30,
        "text": "GPUs with little to do",
        "align": "left",
        "dx": 0,
        "ink": colour("muted"),
    }
    layers = [
        data([{"minutes": 0, "minutes2": total, "share": 0, "share2": 100}])
        .mark_rect(color=colour("neutral_soft"), opacity=0.6)
        .encode(x=x, x2="minutes2:Q", y=y, y2="share2:Q"),
        base.mark_area(color=colour("accent_soft")).encode(y2="zero:Q"),
        base.mark_line(color=colour("accent"), strokeWidth=2.5),
        data(notes).mark_point(filled=True, size=90, color=colour("contrast"), shape="diamond").encode(x=x, y=y),
        *_words([*notes, idle], x, y, fontWeight=600),
    ]
    return alt.layer(*layers).properties(height=250)


_VERIFIERS = (
    ("A verifier without error", dict(false_accept=0.0, false_reject=0.0, fooling_share=0.0)),
    ("Errors by chance, tenfold", None),
    ("One that can be fooled", {}),
)


@figure("fig-distillation-loop", unit="fraction")
def loop(report, canvas):
    values = Values(report.values)
    panels = []
    for position, (title, changed) in enumerate(_VERIFIERS):
        if changed is None:
            changed = loops.by_chance(values)
        ran = loops.run_loop(values, **changed)
        rows = [{"round": i, "share": 100 * float(right), "kind": "right"} for i, right in enumerate(ran.right)]
        seen = [{"round": i, "share": 100 * float(share), "kind": "seen"} for i, share in enumerate(ran.accepted)]
        x = alt.X(
            "round:Q",
            title="Round" if position == 2 or not canvas.narrow else None,
            scale=alt.Scale(domain=[0, loops.ROUNDS], nice=False),
            axis=alt.Axis(values=[0, 5, 10]),
        )
        y = alt.Y(
            "share:Q",
            title=None,
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(values=[0, 50, 100], labelExpr=_PERCENT),
        )
        end, last = rows[-1]["share"], seen[-1]["share"]
        notes = [
            {
                "round": 10,
                "share": end,
                "text": f"{end:.0f}% right",
                "align": "right",
                "dx": -2,
                "dy": 16 if end > 15 else -10,
                "ink": colour("accent"),
            }
        ]
        if last - end > 8:
            notes.append(
                {
                    "round": 10,
                    "share": last,
                    "text": f"{last:.0f}% accepted",
                    "align": "right",
                    "dx": -2,
                    "dy": -10,
                    "ink": colour("contrast"),
                }
            )
        layers = [
            data(seen).mark_line(color=colour("contrast"), strokeWidth=2, strokeDash=[5, 4]).encode(x=x, y=y),
            data(rows).mark_line(color=colour("accent"), strokeWidth=2.5).encode(x=x, y=y),
            *_words(notes, x, y, fontWeight=600),
        ]
        width = canvas.width - 55 if canvas.narrow else (canvas.width - 160) / 3
        panels.append(
            alt.layer(*layers).properties(width=width, height=150 if canvas.narrow else 210, title=heading(title))
        )
    return alt.vconcat(*panels, spacing=14) if canvas.narrow else alt.hconcat(*panels, spacing=16)


@figure("fig-distillation-imitator", unit="fraction")
def imitator(report, canvas):
    keys = [
        ("Over the whole programme", "distillation.imitator_over_programme"),
        ("Over the runs of V3 and R1", "distillation.imitator_share"),
        ("Over R1’s own stages", "distillation.imitator_over_r1"),
        ("With the base, over the runs", "distillation.imitator_with_base_share"),
    ]
    words = "format(100 * datum.value, '~g') + '%'"
    _, x, _, base, layers = _ranged(report, canvas, keys, [0.0002, 8], [0.001, 0.01, 0.1, 1], words, 0.15)
    layers.insert(0, data([{"at": 1}]).mark_rule(color=colour("rule"), strokeDash=[4, 3]).encode(x=x))
    layers.append(base.mark_text(align="left", dx=8, fontWeight=600).encode(x=alt.X("high:Q"), text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(46 if canvas.narrow else 34))
