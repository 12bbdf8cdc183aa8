"""Figures on distillation: what is kept, what it costs, and what the verifier sees."""

import altair as alt
import numpy as np

from analysis import distillation as topic
from analysis import facts, wording
from analysis.assumptions import Values
from analysis.figures import figure
from analysis.figures.theme import Box, colour, extent, row_names, rows_axis
from analysis.results import distillation_bill as bills
from analysis.results import distillation_loop as loops
from analysis.results import distillation_students as students

_DOLLARS = (
    "datum.value >= 1e6 ? '$' + format(datum.value / 1e6, '~g') + 'M' : datum.value >= 1000 ? '$' + "
    "format(datum.value / 1000, '~g') + 'k' : '$' + format(datum.value, '~g')"
)
_COUNTS = "datum.value >= 1000 ? format(datum.value / 1000, '~g') + 'k' : datum.value"
_PERCENT = "datum.value + '%'"
FILL, SHAPE = alt.Color("fill:N", scale=None), alt.Shape("shape:N", scale=None)


def _data(rows):
    return alt.Chart(alt.Data(values=rows))


def _words(rows, x, y, **options):
    """Return one text layer for each row, with its own alignment and offset."""
    layers = []
    for row in rows:
        layers.append(
            _data([row]).mark_text(align=row.get("align", "left"), dx=row.get("dx", 8), dy=row.get("dy", 0),
                                   color=row.get("ink", colour("ink")), **options)
            .encode(x=x, y=y, text="text:N")
        )  # fmt: skip
    return layers


def _heading(text):
    return alt.TitleParams(text, anchor="start", frame="group", fontSize=13, fontWeight=600, color=colour("ink"),
                           font="Source Sans Pro", offset=8)  # fmt: skip


_SHORT = {"1_5b": "1.5B", "7b": "7B", "8b": "Llama 8B", "14b": "14B", "32b": "32B", "70b": "Llama 70B"}


@figure(
    "fig-distillation-kept",
    title="The 14B student keeps {distillation.retention_14b} of the scores with {distillation.compute_14b} of the compute; the "
    "32B needs nearly as much as its teacher",
    holds="distillation.retention_14b > 0.8 and distillation.compute_14b < 0.5 and distillation.compute_32b > 0.75 and "
    "distillation.compute_70b > 1.5",
    subtitle="Share of R1's score that a student keeps (mean, and range over four tests), by compute a token relative to R1",
    caption="Scores are DeepSeek's own: AIME 2024, MATH-500, GPQA Diamond and LiveCodeBench. Compute is the weights that a token "
    "is multiplied with; R1, a mixture of experts, passes each token through {distillation.active_share} of its weights, a student through "
    "all of its own. The upper end of each range is MATH-500, where nearly everybody scores high.",
    alt="Scatter plot. Mean retention and compute a token relative to R1: 1.5B {distillation.retention_1_5b} at "
    "{distillation.compute_1_5b}, 7B {distillation.retention_7b} at {distillation.compute_7b}, Llama 8B "
    "{distillation.retention_8b} at {distillation.compute_8b}, 14B {distillation.retention_14b} at {distillation.compute_14b}, "
    "32B {distillation.retention_32b} at {distillation.compute_32b}, Llama 70B {distillation.retention_70b} at "
    "{distillation.compute_70b}.",
    unit="fraction",
)
def kept(report, canvas):
    rows, places = [], {"7b": ("right", -9, -4), "8b": ("left", 9, 5), "32b": ("right", -9, 0), "14b": ("right", -9, 0)}
    for student in students.STUDENTS:
        shares = [100 * students.kept(student, test) for test in students.TESTS]
        align, dx, dy = places.get(student, ("left", 9, 0))
        rows.append({
            "compute": 100 * report.value(f"distillation.compute_{student}"), "mean": float(np.mean(shares)),
            "low": min(shares), "high": max(shares), "text": _SHORT[student], "align": align, "dx": dx, "dy": dy,
            "llama": student in ("8b", "70b"), "fill": colour("contrast" if student in ("8b", "70b") else "accent"),
            "shape": "diamond" if student in ("8b", "70b") else "circle",
        })  # fmt: skip
        if canvas.narrow and student == "70b":
            rows[-1]["text"] = "70B"
    x = alt.X("compute:Q", title="Compute a token, R1 = 100%", scale=alt.Scale(type="log", domain=[3, 400], nice=False),
              axis=alt.Axis(values=[4, 10, 20, 40, 100, 200], labelExpr=_PERCENT, labelFlush=False))  # fmt: skip
    y = alt.Y("mean:Q", title=None, scale=alt.Scale(domain=[20, 106], nice=False),
              axis=alt.Axis(values=[25, 50, 75, 100], labelExpr=_PERCENT))  # fmt: skip
    base = _data(rows).encode(x=x, y=y)
    teacher = [{"compute": 100, "mean": 100, "text": "R1", "align": "left", "dx": 9, "dy": 0}]
    layers = [
        _data([{"compute": 100}]).mark_rule(color=colour("rule"), strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=None), y2="high:Q", color=FILL),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        _data(teacher).mark_point(filled=True, size=120, color=colour("ink"), shape="square").encode(x=x, y=y),
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


@figure(
    "fig-distillation-reruns",
    title="Others mostly reproduce the scores; where they do not, they mostly score lower",
    holds="distillation.rerun_within > 0.7 and distillation.rerun_worst < -6 and distillation.rerun_gap < 0",
    subtitle="Independent minus DeepSeek's own score, percentage points, for each test and student",
    caption="{distillation.rerun_count} scores; {distillation.rerun_within} lie within three points. Runs differ in prompts, in the "
    "number of answers and in how an answer is read. AIME has thirty problems: one of them is more than three points. Epoch AI asks "
    "GPQA in its own way, and its lowest scores are not confirmed by Hugging Face's runs of the same models.",
    alt="Dot plot of independent minus published scores by test. Median {distillation.rerun_gap}, on AIME 2024 "
    "{distillation.rerun_aime_gap}; {distillation.rerun_within} within three points; lowest {distillation.rerun_worst}, Epoch "
    "AI's run of the 14B model on GPQA Diamond.",
    unit="point",
)
def reruns(report, canvas):
    rows, order, jitter = [], list(students.TESTS.values()), {}
    for run, own in students.reruns():
        who = run["id"].partition("_")[0]
        name, shade, shape = _SOURCES[who]
        rows.append({"name": run["benchmark"], "gap": 100 * (run["score"] - own["score"]), "fill": colour(shade), "shape": shape,
                     "who": name, "student": run["model"].rpartition("-")[2]})  # fmt: skip
    for row in sorted(rows, key=lambda row: (row["name"], row["gap"])):
        # Close marks are spread across the band so that each can be seen.
        slot = jitter.get(row["name"], 0)
        row["offset"] = (slot % 5 - 2) * 0.17
        jitter[row["name"]] = slot + 1
    x = alt.X("gap:Q", title=None, scale=alt.Scale(domain=[-16, 6], nice=False), axis=alt.Axis(
        values=[-15, -10, -5, 0, 5], labelExpr=f"datum.value > 0 ? '+' + datum.value : datum.value < 0 ? '{wording.MINUS}' + "
        "(-datum.value) : '0'"))  # fmt: skip
    y = alt.Y("name:N", sort=order, axis=rows_axis(canvas))
    offset = alt.YOffset("offset:Q", scale=alt.Scale(domain=[-0.5, 0.5]))
    base = _data(rows).encode(x=x, y=y)
    layers = [
        _data([{"gap": -3, "gap2": 3}]).mark_rect(color=colour("neutral_soft"), opacity=0.6).encode(x=x, x2="gap2:Q"),
        _data([{"gap": 0}]).mark_rule(color=colour("muted")).encode(x=x),
        base.mark_point(filled=True, size=62).encode(color=FILL, shape=SHAPE, yOffset=offset),
    ]
    for row in [row for row in rows if row["gap"] < -6.9]:
        text = f"{row['student']}, {row['who'].partition(',')[0]}"
        layers.append(
            _data([row | {"text": text}]).mark_text(align="right" if row["gap"] > -9 else "left", dx=-9 if row["gap"] > -9 else 9)
            .encode(x=x, y=y, yOffset=offset, text="text:N")
        )  # fmt: skip
    if canvas.narrow:
        layers.append(row_names(_data([{"name": name} for name in order]).encode(y=y), dy=-47))
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
    base = _data(rows).encode(x=x, y=y)
    marks = base.mark_point(filled=True, size=62).encode(color=FILL, shape=SHAPE)
    names = base.mark_text(align="left", dx=9).encode(text="text:N")
    return alt.layer(marks, names).properties(height=20 * deep, width=width)


@figure(
    "fig-distillation-solved",
    title="Served on the same chips, by our model, the 32B student solves a problem for {distillation.solved_32b_own_usd}, R1 itself for "
    "{distillation.solved_r1_own_usd}",
    holds="within(distillation.r1_over_32b_own, 0.5, 1.5) and distillation.r1_over_7b_own > 1.5 and "
    "distillation.o1_over_32b_list > 20",
    subtitle="Share of AIME 2024 solved, by US dollars for each problem solved (logarithmic scale)",
    caption="Filled: list prices, of January 2025 for R1 and its rivals and of 2025 at one host, Nscale, for students; R1 counts at {assume.r1_price_factor} DeepSeek's. Hollow: our engine on rented H200 at "
    "{assume.h200_hour_usd}, always busy, R1 on eight of them and each student on one, 8-bit weights, {fact.day_user_speed_low} or more "
    "for each user. Scores are DeepSeek's table, o1's from OpenAI. Tokens: Epoch AI's on a mock AIME for R1 and its rivals (o1-mini's "
    "derived; GPT-4o's tokens and price are its August version's, its score the May version's), NVIDIA's on AIME 2024 for 1.5B and 7B; none were found for larger students, which are taken to write "
    "{assume.student_tokens} R1's. The line joins what nothing beats at these prices.",
    alt="Scatter plot. At the prices asked a solved problem costs {distillation.solved_o1_list_usd} with o1, "
    "{distillation.solved_o1_mini_list_usd} with o1-mini, {distillation.solved_gpt4o_list_usd} with GPT-4o, "
    "{distillation.solved_sonnet_list_usd} with Claude 3.5 Sonnet, {distillation.solved_r1_list_usd} with R1, "
    "{distillation.solved_32b_list_usd} with the 32B student, {distillation.solved_14b_list_usd} with the 14B. On rented H200: R1 "
    "{distillation.solved_r1_own_usd}, 70B {distillation.solved_70b_own_usd}, 32B {distillation.solved_32b_own_usd}, 14B "
    "{distillation.solved_14b_own_usd}, 7B {distillation.solved_7b_own_usd}.",
    unit="USD",
)
def solved(report, canvas):
    listed, own = [], []
    for student in students.STUDENTS:
        right = 100 * students.own_score(student)
        listed.append({"usd": report.value(f"distillation.solved_{student}_list_usd"), "score": right, "text": _SHORT[student],
                       "fill": colour("accent"), "shape": "circle"})  # fmt: skip
        own.append({"usd": report.value(f"distillation.solved_{student}_own_usd"), "score": right, "fill": colour("accent"),
                    "shape": "circle"})  # fmt: skip
    teacher = 100 * students.score("own_r1_aime2024")
    listed.append({"usd": report.value("distillation.solved_r1_list_usd"), "score": teacher, "text": "R1", "fill": colour("contrast"),
                   "shape": "diamond"})  # fmt: skip
    own.append(
        {
            "usd": report.value("distillation.solved_r1_own_usd"),
            "score": teacher,
            "fill": colour("contrast"),
            "shape": "diamond",
        }
    )
    for rival, (_, name) in students.RIVALS.items():
        listed.append({"usd": report.value(f"distillation.solved_{rival}_list_usd"), "score": 100 * students.rival_score(rival),
                       "text": name, "fill": colour("ink"), "shape": "square"})  # fmt: skip
    joins = [{"usd": a["usd"], "usd2": b["usd"], "score": a["score"], "score2": b["score"]} for a, b in
             zip([row for row in listed if row["text"] in (*_SHORT.values(), "R1")], own, strict=True)]  # fmt: skip
    best = [listed[i] for i in topic.frontier([row["usd"] for row in listed], [row["score"] for row in listed])]
    ends, ticks = extent([4e-4, 2.2], [row["usd"] for row in listed + own], [0.001, 0.01, 0.1, 1], log=True)
    x = alt.X("usd:Q", title="US dollars for each problem solved", scale=alt.Scale(type="log", domain=ends, nice=False),
              axis=alt.Axis(values=ticks, labelExpr=_DOLLARS, labelFlush=False))  # fmt: skip
    y = alt.Y("score:Q", title=None, scale=alt.Scale(domain=[0, 90], nice=False),
              axis=alt.Axis(values=[0, 25, 50, 75], labelExpr=_PERCENT))  # fmt: skip
    places = {
        "1.5B": ("left", 9, 6), "7B": ("left", 9, 0), "Llama 8B": ("left", 2, 15), "14B": ("right", -8, -6), "32B": ("right", -6, -11),
        "Llama 70B": ("left", 6, 14), "R1": ("left", 9, -9), "o1": ("right", -9, 0), "GPT-4o": ("left", 10, 0),
        "Claude 3.5 Sonnet": ("left" if not canvas.narrow else "right", 10 if not canvas.narrow else -10, 0), "o1-mini": ("left", 10, 0),
    }  # fmt: skip
    served = {"align": "right", "dx": -9, "dy": 0}
    if own[-1]["usd"] > next(row["usd"] for row in listed if row["text"] == "R1"):
        # R1's own API is the cheaper one: its two marks have changed sides, and so do their labels.
        places["R1"], served = ("right", -9, -9), {"align": "left", "dx": -4, "dy": -14}
    for row in listed:
        row["align"], row["dx"], row["dy"] = places[row["text"]]
        if canvas.narrow and row["text"] == "Claude 3.5 Sonnet":
            row["text"] = "Sonnet 3.5"
    base, hollow = _data(listed).encode(x=x, y=y), _data(own).encode(x=x, y=y)
    layers = [
        _data(best).mark_line(interpolate="step-after", color=colour("rule"), strokeWidth=6).encode(x=x, y=y, order="usd:Q"),
        _data(joins).mark_rule(color=colour("neutral"), strokeWidth=1, strokeDash=[3, 3]).encode(x=x, y=y, x2="usd2:Q", y2="score2:Q"),
        hollow.mark_point(filled=False, size=90, strokeWidth=2).encode(stroke=alt.Stroke("fill:N", scale=None), shape=SHAPE,
                                                                       fill=alt.value(colour("paper"))),
        base.mark_point(filled=True, size=95).encode(color=FILL, shape=SHAPE),
        *_words(listed, x, y),
        *_words([own[-1] | {"text": "R1 on H200"} | served], x, y),
    ]  # fmt: skip
    return alt.layer(*layers).properties(height=340)


@figure(
    "fig-distillation-ladder",
    title="Least is left of the teacher on the hardest test: the 32B student keeps {distillation.rung_32b_aime2024} on AIME "
    "2024 and {distillation.rung_32b_hle} there",
    holds="distillation.ladder_slope > 0 and distillation.rung_32b_hle < 0.7 * distillation.rung_32b_aime2024 and "
    "distillation.later_32b > 0.85",
    subtitle="Share of R1's score that a student keeps, by R1's own score on the test (harder tests to the right)",
    caption="NVIDIA's runs, mean of 64 answers; from left to right AIME 2024, AIME 2025, HMMT and the mathematics of Humanity's Last "
    "Exam. Dashed: OpenMath-Nemotron, students of the same sizes trained months later on more answers of R1 and QwQ-32B. On the hardest "
    "test a point is a tenth of R1's score. A student that fell behind there as on the other three would keep "
    "{distillation.rung_32b_hle_even}.",
    alt="Line chart over four tests on which R1 scores {benchmarks.nvidia_r1_aime2024|3}, {benchmarks.nvidia_r1_aime2025|3}, "
    "{benchmarks.nvidia_r1_hmmt|3} and {benchmarks.nvidia_r1_hle|3}. The distilled 32B keeps {distillation.rung_32b_aime2024} at first and "
    "{distillation.rung_32b_hle} at last, the 7B {distillation.rung_7b_aime2024} and {distillation.rung_7b_hle}, the 1.5B "
    "{distillation.rung_1_5b_aime2024} and {distillation.rung_1_5b_hle}. The later 32B keeps {distillation.later_32b} on average.",
    unit="fraction",
)
def ladder(report, canvas):
    series = [
        ("32B", "qwen32b", "accent", False), ("7B", "qwen7b", "neutral", False), ("1.5B", "qwen1_5b", "ink", False),
        ("Nemotron 32B, later", "nemotron32b", "accent", True), ("Nemotron 7B, later", "nemotron7b", "neutral", True),
    ]  # fmt: skip
    teacher = [100 * students.score(f"nvidia_r1_{test}") for test in students.LADDER]
    rows = []
    for name, model, shade, later in series:
        for right, share in zip(teacher, students.ladder(model), strict=True):
            rows.append({"name": name, "teacher": right, "share": 100 * share, "fill": colour(shade), "later": later,
                         "shape": "diamond" if later else "circle"})  # fmt: skip
    x = alt.X("teacher:Q", title="R1's score", scale=alt.Scale(domain=[86, -8 if canvas.narrow else 2], nice=False),
              axis=alt.Axis(values=[75, 50, 25, 10], labelExpr=_PERCENT))  # fmt: skip
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[20, 106], nice=False),
              axis=alt.Axis(values=[25, 50, 75, 100], labelExpr=_PERCENT))  # fmt: skip
    base = _data(rows).encode(x=x, y=y, detail="name:N")
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
    x = alt.X("at:Q", title=None, scale=alt.Scale(type="log", domain=ends, nice=False),
              axis=alt.Axis(values=ticks, labelExpr=words))  # fmt: skip
    y = alt.Y("name:N", sort=[name for name, _ in keys], axis=rows_axis(canvas))
    base = _data(rows).encode(x=x, y=y)
    layers = [
        base.mark_bar(height=9, color=colour("accent_soft")).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=90, filled=True, color=colour("accent")),
    ]
    if canvas.narrow:
        layers.append(row_names(_data([{"name": name} for name, _ in keys]).encode(y=y)))
    return ends, x, y, base, layers


@figure(
    "fig-distillation-bill",
    title="Distilling R1 into a 32B model costs {distillation.bill_own_usd} to its maker and {distillation.bill_api_usd} to a buyer",
    holds="distillation.bill_own_usd < distillation.bill_api_usd < 0.5 * distillation.bill_open_usd and distillation.bill_api_usd < 2e5",
    subtitle="US dollars for the teacher's answers and the student's training, logarithmic scale; bars span the 80% range",
    caption="{distillation.written_tokens} written for {distillation.kept_tokens} kept, plus {distillation.student_hours_32b} of training. "
    "Own teacher: the speed of DeepSeek's service at {assume.gpu_hour_usd}. Open R1's pace: what Hugging Face reached with open software in "
    "February 2025, {distillation.open_pace_tokens} from a GPU. The last two rows price as many tokens of GPT-4o and o1, teacher alone; "
    "o1 does not sell its reasoning.",
    alt="Dot plot on a logarithmic scale. Own teacher {distillation.bill_own_usd}; a DeepSeek API of November 2026 "
    "{distillation.bill_today_usd}; R1's answers bought {distillation.bill_api_usd}; own teacher at Open R1's pace "
    "{distillation.bill_open_usd}; as many tokens of GPT-4o {distillation.teacher_gpt4o_usd}, of o1 {distillation.teacher_o1_usd}.",
    unit="USD",
)
def bill(report, canvas):
    keys = [
        ("Own teacher", "distillation.bill_own_usd"), ("DeepSeek’s API, Nov. 2026", "distillation.bill_today_usd"),
        ("R1’s answers, bought", "distillation.bill_api_usd"), ("Own teacher, open software", "distillation.bill_open_usd"),
        ("GPT-4o’s tokens alone", "distillation.teacher_gpt4o_usd"), ("o1’s tokens alone", "distillation.teacher_o1_usd"),
    ]  # fmt: skip
    _, _, _, base, layers = _ranged(report, canvas, keys, [4000, 6e6], [1e4, 1e5, 1e6], _DOLLARS, 0.2)
    layers.append(base.mark_text(align="left", dx=8, fontWeight=600).encode(x=alt.X("high:Q"), text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(46 if canvas.narrow else 34))


@figure(
    "fig-distillation-replications",
    title="Arithmetic comes within a factor of {distillation.miss_worst|n2} of the published hours, except for a teacher on open software",
    holds="distillation.miss_worst < 3 and distillation.ratio_open_r1_data < 0.1",
    subtitle="GPU-hours predicted (circles, with 80% range) and published (diamonds), logarithmic scale",
    caption="Chips: H100, but A100 for DeepScaleR and H800 for R1-Zero. Fine-tuning is predicted at {assume.finetune_mfu} of the chips' "
    "peak, reinforcement learning at {assume.rl_utilisation}, the teacher at the speed of DeepSeek's service. Our values for both were set with these "
    "runs in view, so the test is whether one share fits all: predicted from other makers' runs, a fine-tuning run is missed by "
    "{distillation.leave_one_out} in the middle and {distillation.leave_one_out_worst} at worst. Open R1's student and TinyZero "
    "published no hours; TinyZero is one pass of its data with answers at their longest.",
    alt="Dot plot of predicted and published GPU-hours. Sky-T1 {distillation.hours_sky_t1|n2} against 152, Bespoke-Stratos "
    "{distillation.hours_stratos_32b|n2} against 216, s1 {distillation.hours_s1_32b|n2} against 6.9, s1 on all answers "
    "{distillation.hours_s1_59k|n2} against 394, OpenThinker-7B {distillation.hours_openthinker_7b|n2} against 640, OpenThinker-32B "
    "{distillation.hours_openthinker_32b|n2} against 2,880, Open R1's teacher {distillation.hours_open_r1_data|n2} against 54,613, "
    "DeepScaleR {distillation.hours_deepscaler|n2} against 3,800, R1-Zero {distillation.hours_r1_zero|n2} against 101,000; Open R1's "
    "student {distillation.hours_open_r1_distill_7b|n2} and TinyZero {distillation.hours_tinyzero_3b|n2} without a published figure.",
    unit="GPU-hour",
)
def replications(report, canvas):
    names = {
        "s1_32b": "s1, 1,000 answers", "s1_59k": "s1, 59,000 answers", "sky_t1": "Sky-T1 32B", "stratos_32b": "Bespoke-Stratos 32B",
        "openthinker_7b": "OpenThinker 7B", "openthinker_32b": "OpenThinker 32B", "open_r1_distill_7b": "Open R1’s 7B student",
        "open_r1_data": "Open R1’s teacher", "tinyzero_3b": "TinyZero 3B", "deepscaler": "DeepScaleR 1.5B", "r1_zero": "R1-Zero",
    }  # fmt: skip
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
        _data(known).mark_point(filled=True, size=85, shape="diamond", color=colour("contrast"), stroke=colour("paper"))
        .encode(x=x, y=y)
    )  # fmt: skip
    apart = names["open_r1_data"]
    heads = [{"name": apart, "at": report.value("distillation.hours_open_r1_data"), "text": "predicted", "ink": colour("accent")},
             {"name": apart, "at": facts.row("replications", "open_r1_data")["gpu_hours"], "text": "published", "dx": -9,
              "align": "right", "ink": colour("contrast")}]  # fmt: skip
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


@figure(
    "fig-distillation-waiting",
    title="If lengths spread exponentially, half of R1-Zero's answers took {distillation.rollout_half_share} of the time, and 512 GPUs "
    "waited for the rest",
    holds="distillation.rollout_half_share < 0.3 and distillation.r1_zero_waiting_share > 2 * distillation.r1_zero_busy_share",
    subtitle="Share of a batch of 8,192 answers still being written, by minutes since it began; our engine on DeepSeek's layout",
    caption="A calculation, not a measurement: lengths are taken to be exponentially distributed with the published mean of {fact.r1_zero_mean_length|n2} tokens and cut at "
    "the published cap. The batch takes {distillation.rollout_minutes|2}; training on it is not shown. The hours disclosed allow "
    "{distillation.batch_minutes|2} for each batch, everything included. DeepSeek says that it used multi-token prediction to shorten the "
    "longest answers; the curve has it.",
    alt="Falling curve. Half of the answers are finished after {distillation.rollout_half_share} of {distillation.rollout_minutes|2}, the "
    "rest trail off until the longest reaches the cap. If chips were busy as in the service, R1-Zero would have taken "
    "{distillation.r1_zero_hours_busy}; with this waiting {distillation.r1_zero_hours_waiting}; disclosed were "
    "{fact.r1_zero_gpu_hours|3}.",
    unit="fraction",
)
def waiting(report, canvas):
    values = Values(report.values)
    curve = topic.unfinished(
        bills.writing_step(values), facts.value("r1_zero_outputs_per_rollout"), facts.value("r1_zero_mean_length"),
        facts.value("r1_zero_length_cap"),
    )  # fmt: skip
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
    base = _data(rows).encode(x=x, y=y)
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
        _data([{"minutes": 0, "minutes2": total, "share": 0, "share2": 100}]).mark_rect(color=colour("neutral_soft"), opacity=0.6)
        .encode(x=x, x2="minutes2:Q", y=y, y2="share2:Q"),
        base.mark_area(color=colour("accent_soft")).encode(y2="zero:Q"),
        base.mark_line(color=colour("accent"), strokeWidth=2.5),
        _data(notes).mark_point(filled=True, size=90, color=colour("contrast"), shape="diamond").encode(x=x, y=y),
        *_words([*notes, idle], x, y, fontWeight=600),
    ]  # fmt: skip
    return alt.layer(*layers).properties(height=250)


_VERIFIERS = (
    ("A verifier without error", dict(false_accept=0.0, false_reject=0.0, fooling_share=0.0)),
    ("Errors by chance, tenfold", None),
    ("One that can be fooled", {}),
)


@figure(
    "fig-distillation-loop",
    title="Errors of the verifier end the loop early; one that can be fooled stops at {distillation.loop_end} and reports "
    "{distillation.loop_seen}",
    holds="distillation.loop_perfect_end > distillation.loop_end + 0.1 and distillation.loop_perfect_end > "
    "distillation.loop_chance_end + 0.1 and distillation.loop_seen > distillation.loop_end + 0.1",
    subtitle="Per cent of answers that are right (solid) and that the verifier accepts (dashed), by round of training on own answers",
    caption="A simulation with {assume.loop_samples|n} answers for each problem in a round, not a model of DeepSeek's run. It starts where R1-Zero "
    "started, at {benchmarks.own_r1zero_aime2024_start|3} right. Left: no errors. Middle: ten times {assume.loop_false_accept} of wrong answers "
    "accepted by accident. Right: {assume.loop_false_accept} by accident and {assume.loop_fooling_share} of the wrong answers of a kind that always "
    "passes, at the start. Selection breeds that kind as well as the right one, most on problems whose right answers are rarest.",
    alt="Three panels over ten rounds. Without errors the share of right answers rises from {benchmarks.own_r1zero_aime2024_start|3} to "
    "{distillation.loop_perfect_end}. With ten times the errors by chance it reaches {distillation.loop_chance_end}. With a few answers that "
    "fool the verifier it stops at {distillation.loop_end} while the verifier accepts {distillation.loop_seen}; "
    "{distillation.loop_fooled} of the answers then fool it.",
    unit="fraction",
)
def loop(report, canvas):
    values = Values(report.values)
    panels = []
    for position, (title, changed) in enumerate(_VERIFIERS):
        if changed is None:
            changed = loops.by_chance(values)
        ran = loops.run_loop(values, **changed)
        rows = [{"round": i, "share": 100 * float(right), "kind": "right"} for i, right in enumerate(ran.right)]
        seen = [{"round": i, "share": 100 * float(share), "kind": "seen"} for i, share in enumerate(ran.accepted)]
        x = alt.X("round:Q", title="Round" if position == 2 or not canvas.narrow else None,
                  scale=alt.Scale(domain=[0, loops.ROUNDS], nice=False), axis=alt.Axis(values=[0, 5, 10]))  # fmt: skip
        y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(
            values=[0, 50, 100], labelExpr=_PERCENT))  # fmt: skip
        end, last = rows[-1]["share"], seen[-1]["share"]
        notes = [{"round": 10, "share": end, "text": f"{end:.0f}% right", "align": "right", "dx": -2,
                  "dy": 16 if end > 15 else -10, "ink": colour("accent")}]  # fmt: skip
        if last - end > 8:
            notes.append({"round": 10, "share": last, "text": f"{last:.0f}% accepted", "align": "right", "dx": -2, "dy": -10,
                          "ink": colour("contrast")})  # fmt: skip
        layers = [
            _data(seen).mark_line(color=colour("contrast"), strokeWidth=2, strokeDash=[5, 4]).encode(x=x, y=y),
            _data(rows).mark_line(color=colour("accent"), strokeWidth=2.5).encode(x=x, y=y),
            *_words(notes, x, y, fontWeight=600),
        ]
        width = canvas.width - 55 if canvas.narrow else (canvas.width - 160) / 3
        panels.append(
            alt.layer(*layers).properties(width=width, height=150 if canvas.narrow else 210, title=_heading(title))
        )
    return alt.vconcat(*panels, spacing=14) if canvas.narrow else alt.hconcat(*panels, spacing=16)


@figure(
    "fig-distillation-imitator",
    title="An imitator pays {distillation.imitator_share} of the pioneer's runs, as long as somebody gives him the base for nothing",
    holds="high(distillation.imitator_share) < 0.05 and distillation.imitator_with_base_share > 0.4",
    subtitle="A bought distillation into a 32B model over what the pioneer spent, per cent on a logarithmic scale; bars span the 80% range",
    caption="The imitator buys R1's answers at the API price of January 2025 and trains Qwen2.5-32B on them. The pioneer's programme is our "
    "estimate from the chapter on cost. In the last row he also trains the base, up to {fact.qwen25_pretraining_tokens|2}: "
    "{distillation.base_over_v3} the compute of V3's pre-training.",
    alt="Dot plot. The imitator's bill is {distillation.imitator_over_programme} of the pioneer's programme, {distillation.imitator_share} of "
    "the runs of V3 and R1, {distillation.imitator_over_r1} of R1's own stages, and {distillation.imitator_with_base_share} of the runs if he "
    "trains the base himself.",
    unit="fraction",
)
def imitator(report, canvas):
    keys = [
        ("Over the whole programme", "distillation.imitator_over_programme"), ("Over the runs of V3 and R1", "distillation.imitator_share"),
        ("Over R1’s own stages", "distillation.imitator_over_r1"), ("With the base, over the runs", "distillation.imitator_with_base_share"),
    ]  # fmt: skip
    words = "format(100 * datum.value, '~g') + '%'"
    _, x, _, base, layers = _ranged(report, canvas, keys, [0.0002, 8], [0.001, 0.01, 0.1, 1], words, 0.15)
    layers.insert(0, _data([{"at": 1}]).mark_rule(color=colour("rule"), strokeDash=[4, 3]).encode(x=x))
    layers.append(base.mark_text(align="left", dx=8, fontWeight=600).encode(x=alt.X("high:Q"), text="label:N"))
    return alt.layer(*layers).properties(height=alt.Step(46 if canvas.narrow else 34))
