"""Tipping points and robustness of verdicts, against cases with known answers."""

import numpy as np
import pytest

from reporting.core import claims, ledger, robustness
from reporting.core.claims import Judgement
from reporting.core.report import Report
from reporting.inputs import assumptions


@pytest.fixture(scope="module")
def report():
    return Report()


def judgement(*rules):
    rules = [{"verdict": verdict, "when": when} for verdict, when in rules]
    return Judgement(verdict=rules[0]["verdict"], because="", rules=rules)


def test_a_flip_lies_where_arithmetic_puts_it(report):
    # 2,788,000 GPU-hours reach $6 million at 6,000,000 / 2,788,000 dollars an hour.
    found = robustness.tipping_points(judgement(("supported", "cost.v3_run_usd < 6e6"), ("wrong", "True")), report)
    assert [(flip.assumption, flip.side, flip.verdict) for flip in found] == [("gpu_hour_usd", "above", "wrong")]
    assert found[0].value == pytest.approx(6e6 / 2_788_000, rel=1e-6)
    assert found[0].likely  # 2.15 lies in 1.6 to 3.5


def test_tipping_points_are_found_on_both_sides_and_the_likely_come_first(report):
    rules = judgement(
        ("supported", "within(assume.gpu_hour_usd, 1, 3)"), ("wrong", "assume.gpu_hour_usd > 3"), ("partly", "True")
    )
    found = robustness.tipping_points(rules, report)
    assert [(flip.side, flip.verdict, flip.likely) for flip in found] == [
        ("above", "wrong", True),
        ("below", "partly", False),
    ]
    assert [flip.value for flip in found] == pytest.approx([3, 1], rel=1e-6)


def test_a_flip_counts_what_is_moved_as_certain(report):
    # With the one uncertain input known, the range of the run is a point.
    found = robustness.tipping_points(
        judgement(("supported", "high(cost.v3_run_usd) < 2e7"), ("wrong", "True")), report
    )
    assert found[0].value == pytest.approx(2e7 / 2_788_000, rel=1e-6)


def test_a_verdict_on_facts_has_no_flip_and_says_why(report):
    facts = judgement(("supported", "fact.v3_gpu_count > 2000"), ("wrong", "True"))
    assert robustness.tipping_points(facts, report) == []
    assert "facts alone" in robustness.unmoved(facts, report)
    assert robustness.robustness(facts, report) == 1


def test_a_verdict_that_nothing_allowed_can_change_says_so(report):
    firm = judgement(("supported", "assume.gpu_hour_usd > 0"), ("wrong", "True"))
    assert robustness.tipping_points(firm, report) == []
    assert "No assumption" in robustness.unmoved(firm, report)


@pytest.mark.parametrize(("bound", "share"), [("2.0", 0.5), ("3.5", 0.9), ("1.6", 0.1)])
def test_robustness_is_the_probability_of_the_draws(report, bound, share):
    # The register gives the 10th, 50th and 90th percentile of the price: 1.6, 2.0 and 3.5.
    rules = judgement(("supported", f"assume.gpu_hour_usd < {bound}"), ("wrong", "True"))
    kept = robustness.robustness(rules, report)
    base = claims.verdict(rules, report)
    assert kept == pytest.approx(share if base == "supported" else 1 - share, abs=0.015)


def test_an_override_is_certain(report):
    rules = judgement(("supported", "cost.v3_run_usd < 6e6"), ("wrong", "True"))
    assert robustness.robustness(rules, Report({"gpu_hour_usd": 2})) == 1
    assert robustness.tipping_points(rules, Report({"gpu_hour_usd": 2})) == []


@pytest.mark.parametrize("identifier", claims.claims())
def test_many_draws_judge_as_one_report_does(identifier, report):
    now = claims.find(identifier).now
    moved = robustness.moving(now, report)
    if not moved:
        return
    register = assumptions.register()
    drawn = robustness.Draws(report, {name: [register[name].low, register[name].high] for name in moved})
    ends = [Report({name: getattr(register[name], end) for name in moved}) for end in ("low", "high")]
    assert list(claims.verdicts(now, drawn)) == [claims.verdict(now, end) for end in ends]


@pytest.mark.parametrize("identifier", claims.claims())
def test_a_verdict_flips_where_the_ledger_says(identifier, report):
    entry = ledger.entry(identifier, report)
    now = claims.find(identifier).now
    assert bool(entry["flips"]) != bool(entry["no_flips"])
    assert 0 <= entry["robustness"] <= 1
    for flip in entry["flips"]:
        known, step = assumptions.register()[flip["assumption"]], 1e-5 * abs(flip["value"])
        sign = 1 if flip["side"] == "above" else -1
        inside, outside = (
            float(np.clip(flip["value"] + direction * sign * step, known.min, known.max)) for direction in (-1, 1)
        )
        assert claims.verdict(now, Report({flip["assumption"]: inside})) == entry["verdict"]
        assert claims.verdict(now, Report({flip["assumption"]: outside})) == flip["verdict"]


def test_ranges_in_rules_are_those_of_closed_results():
    # A flip recomputes a range some hundred times; that of a numeric result takes four hundred calls.
    import re

    from reporting.core import results

    for identifier, claim in claims.claims().items():
        for rule in claim.now.rules:
            for key in re.findall(r"(?:low|high|contains)\(([\w.]+)", rule.when):
                assert results.find(key).kind != "numeric", identifier


def test_the_ledger_as_csv_has_a_row_for_each_claim(report):
    import csv
    import io

    entries = [ledger.entry(identifier, report) for identifier in ("C09", "C12")]
    rows = list(csv.DictReader(io.StringIO(ledger.as_csv(entries))))
    assert [row["id"] for row in rows] == ["C09", "C12"]
    assert float(rows[1]["value"]) == 5_576_000
    assert "gpu_hour_usd above 2.4" in rows[1]["flips"]
    assert "facts alone" in rows[0]["flips"]


def test_a_verdict_that_hangs_on_the_width_of_a_range_is_searched_without_a_crash():
    price = {"low": 0.3, "value": 2, "high": 3.5}
    wide = Report({"gpu_hour_usd": price, "compute_multiplier": 2.5, "staff_share": 0.3})
    assert isinstance(robustness.tipping_points(claims.find("C24").now, wide), list)
