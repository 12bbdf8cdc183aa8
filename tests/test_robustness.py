"""Tipping points and robustness of the words on parts, against cases with known answers."""

import csv
import io
import re

import numpy as np
import pytest
from test_claims import made

from reporting.core import claims, ledger, results, robustness
from reporting.core.report import Report
from reporting.inputs import assumptions


@pytest.fixture(scope="module")
def report():
    return Report()


def test_a_flip_lies_where_arithmetic_puts_it(report):
    # 2,788,000 GPU-hours reach $6 million at 6,000,000 / 2,788,000 dollars an hour.
    found = robustness.tipping_points(made([("yes", "cost.v3_run_usd < 6e6"), ("no", "True")]), report)
    assert [(flip.assumption, flip.side, flip.verdict) for flip in found] == [("gpu_hour_usd", "above", "wrong")]
    assert found[0].value == pytest.approx(6e6 / 2_788_000, rel=1e-6)
    assert found[0].likely  # 2.15 lies in 1.6 to 3.5


def test_tipping_points_are_found_on_both_sides_and_the_likely_come_first(report):
    part = made(
        [("yes", "within(assume.gpu_hour_usd, 1, 3)"), ("no", "assume.gpu_hour_usd > 3"), ("not shown", "True")]
    )
    found = robustness.tipping_points(part, report)
    assert [(flip.side, flip.verdict, flip.likely) for flip in found] == [
        ("above", "wrong", True),
        ("below", "open", False),
    ]
    assert [flip.value for flip in found] == pytest.approx([3, 1], rel=1e-6)


def test_a_flip_counts_what_is_moved_as_certain(report):
    # With the one uncertain input known, the range of the run is a point.
    found = robustness.tipping_points(made([("yes", "high(cost.v3_run_usd) < 2e7"), ("no", "True")]), report)
    assert found[0].value == pytest.approx(2e7 / 2_788_000, rel=1e-6)


def test_a_verdict_on_facts_has_no_flip_and_says_what_is_weakest(report):
    part = made([("yes", "fact.v3_gpu_count > 2000 and fact.wang_h100_count > 0"), ("no", "True")])
    assert robustness.tipping_points(part, report) == []
    assert robustness.unmoved(part, report) == "The verdict rests on facts."
    assert robustness.robustness(part, report) is None
    weakest = robustness.weakest(part, report)
    assert (weakest["space"], weakest["id"], weakest["grade"]) == ("facts", "wang_h100_count", "secondary")


def test_a_verdict_that_nothing_allowed_can_change_says_so(report):
    firm = made([("yes", "assume.gpu_hour_usd > 0"), ("no", "True")])
    assert robustness.tipping_points(firm, report) == []
    assert "No assumption" in robustness.unmoved(firm, report)
    assert robustness.robustness(firm, report) == 1


def test_what_the_essay_draws_is_drawn_too(report):
    part = made(
        [("yes", "fact.v3_gpu_count > 2000"), ("no", "True")], [("yes", "assume.gpu_hour_usd < 2"), ("no", "True")]
    )
    assert robustness.robustness(part, report) == pytest.approx(0.5, abs=0.015)


@pytest.mark.parametrize(("bound", "share"), [("2.0", 0.5), ("3.5", 0.9), ("1.6", 0.1)])
def test_robustness_is_the_probability_of_the_draws(report, bound, share):
    # The register gives the 10th, 50th and 90th percentile of the price: 1.6, 2.0 and 3.5.
    part = made([("yes", f"assume.gpu_hour_usd < {bound}"), ("no", "True")])
    kept = robustness.robustness(part, report)
    base = claims.judge(part, report).verdict
    assert kept == pytest.approx(share if base == "supported" else 1 - share, abs=0.015)


def test_an_override_is_certain(report):
    part, certain = made([("yes", "cost.v3_run_usd < 6e6"), ("no", "True")]), Report({"gpu_hour_usd": 2})
    assert robustness.robustness(part, certain) is None
    assert robustness.tipping_points(part, certain) == []
    assert robustness.unmoved(part, certain) == "Every assumption under the verdict is taken as certain."


@pytest.mark.parametrize("identifier", claims.parts())
def test_many_draws_judge_as_one_report_does(identifier, report):
    part = claims.part(identifier)
    moved = robustness.moving(part, report)
    if not moved:
        return
    register = assumptions.register()
    drawn = robustness.Draws(report, {name: [register[name].low, register[name].high] for name in moved})
    ends = [Report({name: getattr(register[name], end) for name in moved}) for end in ("low", "high")]
    assert list(claims.verdicts(part, drawn)) == [claims.judge(part, end).verdict for end in ends]


@pytest.mark.parametrize("identifier", claims.claims())
def test_a_verdict_flips_where_the_ledger_says(identifier, report):
    for entry in ledger.entry(identifier, report)["parts"]:
        part = claims.part(entry["id"])
        assert bool(entry["flips"]) != bool(entry["no_flips"])
        assert entry["robustness"] == ledger.ON_FACTS or 0 <= entry["robustness"] <= 1
        for flip in entry["flips"]:
            known, step = assumptions.register()[flip["assumption"]], 1e-5 * abs(flip["value"])
            sign = 1 if flip["side"] == "above" else -1
            inside, outside = (
                float(np.clip(flip["value"] + direction * sign * step, known.min, known.max)) for direction in (-1, 1)
            )
            assert claims.judge(part, Report({flip["assumption"]: inside})).verdict == entry["verdict"]
            assert claims.judge(part, Report({flip["assumption"]: outside})).verdict == flip["verdict"]


def test_ranges_in_rules_are_those_of_closed_results():
    # A flip recomputes a range some hundred times; that of a numeric result takes four hundred calls.
    for identifier, (_, part) in claims.parts().items():
        for rule in part.now.rules():
            for key in re.findall(r"(?:low|high|contains)\(([\w.]+)", rule.when):
                assert results.find(key).kind != "numeric", identifier


def test_the_ledger_as_csv_has_a_row_for_each_part(report):
    entries = [ledger.entry(identifier, report) for identifier in ("C09", "C12")]
    rows = list(csv.DictReader(io.StringIO(ledger.as_csv(entries))))
    assert [row["id"] for row in rows] == [part["id"] for entry in entries for part in entry["parts"]]
    first = next(row for row in rows if row["id"] == "C12a")
    assert float(first["value"]) == 5_576_000
    assert first["robustness"] == ledger.ON_FACTS
    assert first["flips"] == "The verdict rests on facts."


def test_a_verdict_that_hangs_on_the_width_of_a_range_is_searched_without_a_crash():
    price = {"low": 0.3, "value": 2, "high": 3.5}
    wide = Report({"gpu_hour_usd": price, "compute_multiplier": 2.5, "staff_share": 0.3})
    part = made([("yes", "low(cost.programme_over_essay) > 1.2"), ("no", "True")])
    assert isinstance(robustness.tipping_points(part, wide), list)
