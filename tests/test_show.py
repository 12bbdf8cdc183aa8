"""A result shows the code that gives it, what the code reads, and the number."""

import inspect
import re
import xml.etree.ElementTree

import pytest

from analysis.errors import InputError
from reporting import ROOT, Report, show
from reporting.cases import hardware
from reporting.chapters.cost import results as cost
from reporting.core import results
from reporting.drawing.show import source_of
from reporting.inputs import assumptions, evidence

HOUR = "cost.owner_gpu_hour_usd"
#: A result of facts alone, of a family, of a solver, of a configuration and of rows with several numbers.
KEYS = (
    HOUR,
    "cost.v3_mfu_causal",
    "distillation.flop_32b",
    "market.implied_growth_before",
    "efficiency.memory_bytes_v3",
    "export.v3_gpus_h20",
)


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.fixture(scope="module", params=KEYS)
def shown(request, report):
    return show(request.param, report)


@pytest.mark.parametrize("key", results.registry())
def test_the_code_stands_in_the_package_without_its_decorator(key):
    function = inspect.unwrap(results.find(key).function)
    source = source_of(function)
    assert source.startswith(f"def {function.__name__}(")
    module = (ROOT / (function.__module__.replace(".", "/") + ".py")).read_text("utf-8")
    lines = [line.strip() for line in source.splitlines()]
    assert "\n".join(lines) in "\n".join(line.strip() for line in module.splitlines())


def test_a_result_made_of_a_case_shows_the_case(report):
    shown = show(HOUR, report)
    assert shown.source == source_of(hardware.owner_gpu_hour_usd)
    assert (shown.call, shown.place) == ("owner_gpu_hour_usd(a)", "reporting/cases/hardware.py")


def test_a_member_of_a_family_shows_how_it_is_called(report):
    assert show("distillation.flop_32b", report).call == 'student_flop(a, "32b")'


def test_a_result_is_found_by_its_function(report):
    assert show(cost.v3_flop_causal, report).declared.key == "cost.v3_flop_causal"
    assert show(cost.programme_usd, report).declared.key == "cost.programme_usd"


def test_what_names_no_result_is_an_error(report):
    with pytest.raises(InputError, match="did you mean"):
        show("cost.owner_gpu_hour", report)
    with pytest.raises(InputError, match="gives no result"):
        show(hardware.gpu_power_kw, report)
    with pytest.raises(InputError, match=r"gives \d+ results"):
        show(cost.saving, report)


def test_number_and_range_are_those_of_the_report(shown, report):
    key = shown.declared.key
    for text in (shown.text(), shown.html()):
        assert report.text(key) in text
        assert ("80% range" in text) == bool(shown.span)
    assert not shown.span or shown.span == report.text(key, "range")


def test_every_input_is_listed_with_its_source_and_grade(shown, report):
    read = report.inputs(shown.declared.key)
    assert len(shown.inputs) == len(read.assumptions) + len(read.facts)
    assert {(each.source, each.grade) for each in shown.inputs} == set(report.sources(shown.declared.key))
    for each in shown.inputs:
        assert each.title and each.value
        assert each.name in shown.text()
        assert evidence.short_citation(each.source) in shown.text()


def test_an_assumption_has_value_and_interval(report):
    entry = next(each for each in show(HOUR, report).inputs if each.name == "server_life_years")
    assert (entry.value.replace("\u00a0", " "), entry.span.replace("\u00a0", " ")) == ("5 years", "4 to 6 years")
    assert entry.base == ""


def test_the_html_is_well_formed_and_the_same_each_time(shown, report):
    text = shown.html()
    xml.etree.ElementTree.fromstring(text.replace("<wbr>", ""))
    assert text == show(shown.declared.key, Report()).html()
    assert text.count("<caption>") == 1 and "<figcaption>" in text
    assert not re.search(r"0x[0-9a-f]{6,}|\(/|\"/|<script", text)


def test_a_changed_input_is_marked_with_its_base_value():
    shown = show(HOUR, Report({"cost_of_capital": 0.2}))
    changed = [each for each in shown.inputs if each.base]
    assert [(each.name, each.value, each.base, each.span) for each in changed] == [
        ("cost_of_capital", "20%", "9%", "taken as certain")
    ]
    assert "20% (base 9%)" in shown.text()
    assert "<strong>20%</strong>" in shown.html() and "base 9%" in shown.html()
    assert "own-assumptions@" in shown.html()


def test_another_range_around_the_same_value_is_marked():
    base = next(each for each in show(HOUR, Report()).inputs if each.name == "pue")
    entry = assumptions.register()["pue"]
    narrow = {"low": entry.value, "value": entry.value, "high": entry.high}
    changed = [each for each in show(HOUR, Report({"pue": narrow})).inputs if each.base]
    assert [each.name for each in changed] == ["pue"]
    assert changed[0].base == base.span != changed[0].span
