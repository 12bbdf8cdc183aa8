"""Every figure stays in its axes and its texts apart, in every time zone and under other assumptions."""

import copy
import json
import os
import subprocess
import sys
from functools import cache

import pytest
from drawing import Drawing, drawn

from reporting.core import scenarios
from reporting.core.report import Report
from reporting.drawing import figures, theme
from reporting.inputs import assumptions

ENDS = ("low", "high", "min", "max")

#: Figure, assumption and end at which a mark once left its plot or a text met another.
WORST = [
    ("fig-cost-scopes", "gpu_hour_usd", "min"),
    ("fig-cost-rental", "gpu_hour_usd", "min"),
    ("fig-cost-rental", "gpu_hour_usd", "high"),
    ("fig-cost-rental", "gpu_hour_usd", "max"),
    ("fig-cost-like", "gpu_hour_usd", "max"),
    ("fig-cost-like", "fleet_utilisation", "min"),
    ("fig-cost-programme", "compute_multiplier", "max"),
    ("fig-cost-programme", "gpu_hour_usd", "min"),
    ("fig-cost-live", "gpu_hour_usd", "min"),
    ("fig-distillation-bill", "cloud_h100_hour_usd", "max"),
    ("fig-distillation-bill", "gpu_hour_usd", "min"),
    ("fig-distillation-imitator", "gpu_hour_usd", "max"),
    ("fig-distillation-replications", "finetune_mfu", "max"),
    ("fig-distillation-solved", "h200_hour_usd", "min"),
    ("fig-distillation-solved", "h200_hour_usd", "max"),
    ("fig-distillation-loop", "loop_false_reject", "max"),
    ("fig-efficiency-kv-share", "cached_tokens_per_gpu", "min"),
    ("fig-efficiency-kv-share", "cached_tokens_per_gpu", "high"),
    ("fig-efficiency-kv-share", "cached_tokens_per_gpu", "max"),
    ("fig-efficiency-mtp", "mtp_acceptance", "min"),
    ("fig-efficiency-mtp", "mtp_acceptance", "max"),
    ("fig-efficiency-hardware", "consumer_gpu_hour_usd", "min"),
    ("fig-efficiency-hardware", "server_life_years", "min"),
    ("fig-margins-seat", "agent_requests", "min"),
    ("fig-export-training", "h20_relative_utilisation", "min"),
    ("fig-margins-cut", "inference_response", "max"),
    ("fig-market-revenue", "nvda_growth_years", "min"),
]


@cache
def base(key):
    """Return a figure's specifications in the report as it is, and the assumptions that it reads."""
    return drawn(key, scenarios.report_of("base"))


_seen = {}


def faults(key, specs):
    """Return what is wrong with the drawings of a figure, in words; drawings that were seen are not laid out again."""
    found = []
    for name, spec in specs.items():
        seen = json.dumps(spec, sort_keys=True)
        if seen not in _seen:
            drawing = Drawing(spec)
            _seen[seen] = drawing.outside[:3] + drawing.collisions()
        found += [f"{key}, {name}: {fault}" for fault in _seen[seen]]
    return found


def _encodings(part):
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "encoding":
                yield from ((channel, one) for channel, one in inner.items() if isinstance(one, dict))
            yield from _encodings(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _encodings(inner)


def _temporal(key):
    wide = base(key)[0]["wide"]
    return any(one.get("type") == "temporal" for _, one in _encodings(wide))


@pytest.mark.parametrize("key", figures.registry())
def test_dates_are_on_scales_in_utc(key):
    for name, spec in base(key)[0].items():
        for channel, one in _encodings(spec):
            if one.get("type") == "temporal" and channel not in ("x2", "y2"):
                assert one.get("scale", {}).get("type") == "utc", f"{key}, {name}: {channel} of {one['field']}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows reads no zone from TZ")
def test_a_drawing_is_the_same_in_every_time_zone():
    specs = [spec for key in figures.registry() if _temporal(key) for spec in base(key)[0].values()]
    assert specs
    program = (
        "import sys, json; from reporting.drawing.figures import theme;"
        "json.dump([theme.svg(spec, 'x', 'x') for spec in json.load(sys.stdin)], sys.stdout)"
    )
    done = {}
    for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
        ran = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(specs),
            capture_output=True,
            check=True,
            text=True,
            env=os.environ | {"TZ": zone, "PYTHONUTF8": "1"},
        )
        done[zone] = json.loads(ran.stdout)
    assert done["Asia/Kolkata"] == done["UTC"]
    assert done["America/New_York"] == done["UTC"]


@pytest.mark.parametrize("name", scenarios.shipped())
def test_every_figure_stays_in_its_axes_and_its_texts_apart(name):
    report = scenarios.report_of(name)
    found = []
    for key in figures.registry():
        specs, read = base(key)
        if name == "base":
            found += faults(key, specs)
        elif read & set(report.overrides):
            found += faults(key, drawn(key, report)[0])
    assert not found, f"{name}:\n" + "\n".join(found)


@pytest.mark.parametrize(("key", "identifier", "end"), WORST)
def test_the_worst_ends(key, identifier, end):
    report = Report({identifier: getattr(assumptions.register()[identifier], end)})
    found = faults(key, drawn(key, report)[0])
    assert not found, "\n".join(found)


@pytest.mark.deep
@pytest.mark.parametrize("identifier", assumptions.register())
def test_at_every_end_of_every_assumption(identifier):
    keys = [key for key in figures.registry() if identifier in base(key)[1]]
    found = []
    for end in ENDS:
        report = Report({identifier: getattr(assumptions.register()[identifier], end)})
        found += [f"{identifier} at its {end}: {fault}" for key in keys for fault in faults(key, drawn(key, report)[0])]
    assert not found, "\n".join(found)


def test_a_mark_outside_its_plot_is_found():
    spec = copy.deepcopy(base("fig-cost-llama")[0]["wide"])
    for layer in spec["layer"]:
        layer["encoding"]["x"]["scale"] = {"type": "log", "domain": [0.8, 5], "nice": False}
    found = "\n".join(Drawing(spec).outside)
    assert "domain 0.8 to 5" in found and "'11.1×'" in found


def test_a_text_over_another_is_found():
    spec = {
        "data": {"values": [{"x": 1, "t": "one label"}, {"x": 1.01, "t": "another"}]},
        "width": 200,
        "height": 40,
        "mark": "text",
        "encoding": {"x": {"field": "x", "type": "quantitative"}, "text": {"field": "t"}},
        "config": theme.config(),
    }
    assert "'one label' over 'another'" in Drawing(spec).collisions()


def test_an_axis_grows_only_when_it_must():
    least, ticks = [1, 1000], [1, 10, 100, 1000]
    assert theme.extent(least, [2, 900], ticks, log=True) == (least, ticks)
    ends, longer = theme.extent(least, [2, 20000], ticks, log=True, room=(0.0, 0.2))
    assert ends[0] == 1 and ends[1] > 20000 and longer == [1, 10, 100, 1000, 10000, 100000]
    ends, longer = theme.extent([0, 100], [-30, 60], [0, 50, 100])
    assert ends == [-30, 100] and longer == [0, 50, 100]
