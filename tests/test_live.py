"""Live expressions: equal to the Python functions, and refused where they could not be."""

import html
import re

import altair as alt
import numpy as np
import pytest

from reporting.core import results, uncertainty
from reporting.core.report import Report
from reporting.drawing import figures, live, theme
from reporting.inputs import assumptions

CLOSED = [key for key, declared in results.registry().items() if declared.kind == "closed"]


def evaluated_by_vega(keys, values):
    """Return what Vega computes for results at some assumption values."""
    chart = (
        alt.Chart(alt.Data(values=[{"i": i} for i in range(len(keys))]))
        .mark_text()
        .transform_calculate(
            text=" : ".join(f"datum.i == {i} ? '{i}=' + {live.step_name(key)}" for i, key in enumerate(keys)) + " : ''"
        )
        .encode(y="i:O", text="text:N")
        .add_params(*live.parameters(keys, (), values))
    )
    drawn = theme.svg(chart.to_dict(), "x", "x")
    found = dict(re.findall(r">(\d+)=([^<]+)<", html.unescape(drawn)))
    return {key: float(found[str(i)]) for i, key in enumerate(keys)}


@pytest.mark.parametrize("draw", range(4))
def test_a_page_computes_what_python_computes(draw):
    base = assumptions.values()
    drawn = uncertainty.draws(base, 4)
    values = base if draw == 0 else {name: float(numbers[draw]) for name, numbers in drawn.items()}
    computed = evaluated_by_vega(CLOSED, values)
    for key in CLOSED:
        assert computed[key] == pytest.approx(results.find(key).function(assumptions.Values(values)), rel=1e-12), key


@pytest.mark.parametrize("key", CLOSED)
def test_every_closed_result_can_be_traced(key):
    assert isinstance(live.trace(key), live.Symbol)


def test_a_shared_part_is_printed_once():
    steps = live.expressions(["cost.v3_r1_owner_usd", "cost.owner_gpu_hour_usd"])
    text = " ".join(expression for _, expression in steps)
    assert text.count("pow(") == 1
    assert text.count("operations_share") == 1


def test_a_result_that_is_not_closed_is_refused():
    with pytest.raises(live.TracingError, match="fixed, not closed"):
        live.trace("cost.v3_gpu_hours")


X = live.Symbol("x")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: 1.0 if X > 1 else 0.0,
        lambda: float(X),
        lambda: int(X),
        lambda: round(X),
        lambda: min(X, 1.0),
        lambda: max(1.0, X),
        lambda: sum([X, X]) and 1.0,
        lambda: np.clip(X, 0, 1),
        lambda: np.sin(X),
        lambda: np.sum(X),
        lambda: np.where(X > 1),
        lambda: X + np.array([1.0, 2.0]),
        lambda: X + float("nan"),
        lambda: X * True,
        lambda: len(X),
        lambda: list(X),
        lambda: X[0],
        lambda: X % 2,
        lambda: X // 2,
    ],
)
def test_what_a_page_could_not_repeat_is_loud(attempt):
    with pytest.raises(TypeError):
        attempt()


def test_where_minimum_and_powers_are_recorded():
    both = np.where(X > 1, np.minimum(X, 3.0) ** 2, -X)
    assert isinstance(both, live.Symbol)
    assert both.template == "({} ? {} : {})"


def test_sliders_stay_within_what_is_allowed_and_start_where_the_report_stands():
    for control in live.sliders(list(assumptions.register()), assumptions.values()):
        entry = assumptions.register()[control.param.name]
        bind = control.param.bind
        assert entry.min <= bind.min <= control.param.value <= bind.max <= entry.max
        assert bind.min <= entry.low
        assert entry.high <= bind.max or entry.max == bind.max or bind.max + bind.step > entry.max


def test_the_live_figure_shows_the_reports_numbers_at_first():
    report = Report()
    drawn = html.unescape(figures.publish("fig-cost-live", report).html())
    assert "$5.576 million" in drawn
    assert "$294,000" in drawn
