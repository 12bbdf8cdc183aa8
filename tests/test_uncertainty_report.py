"""Correlated draws, quantiles of many results at once, Sobol indices, and what the command line prints of them."""

import json
import tracemalloc

import numpy as np
import pytest
from scipy.stats import kstest, spearmanr

from analysis import calibration
from analysis.errors import InputError
from reporting.chapters.efficiency import serving as efficiency_serving
from reporting.core import results, uncertainty, uncertainty_report
from reporting.core.report import Report
from reporting.inputs import assumptions


@pytest.fixture(scope="module")
def report():
    return Report()


# Correlations


@pytest.mark.parametrize("each", assumptions.correlations(), ids=lambda each: "-".join(each.pair))
def test_draws_have_the_stated_rank_correlation_and_their_own_distributions(each):
    drawn = uncertainty.draws(each.pair, 40_000)
    one, other = (drawn[name] for name in each.pair)
    assert spearmanr(one, other).statistic == pytest.approx(each.rank, abs=0.02)
    for name in each.pair:
        entry = assumptions.register()[name]
        expected = uncertainty.quantile(entry, (np.arange(2000) + 0.5) / 2000)
        assert np.quantile(drawn[name], [0.1, 0.5, 0.9]) == pytest.approx(
            np.quantile(expected, [0.1, 0.5, 0.9]), rel=0.03
        )


def test_a_correlated_draw_does_not_depend_on_which_others_are_drawn():
    for name in ("serving_compute", "serving_activation_passes"):
        together = uncertainty.draws(["serving_activation_passes", "pue", "serving_compute"], 50)
        assert np.array_equal(uncertainty.draws([name], 50)[name], together[name])


def test_normal_scores_of_correlated_draws_are_uniform():
    uniform = uncertainty._correlated("serving_layer_overhead_us", 20_000, uncertainty.SEED, 0)
    assert kstest(uniform, "uniform").pvalue > 0.001


def test_the_stated_correlations_are_those_of_the_fit_on_resampled_points():
    points = [point for point in efficiency_serving.points() if point.part == "fit" and point.phase == "batch"]
    groups = {}
    for point in points:
        groups.setdefault((point.model, point.chip), []).append(point)
    groups = list(groups.values())
    random = np.random.default_rng(1)
    fits = []
    for _ in range(12):
        chosen = [point for i in random.integers(len(groups), size=len(groups)) for point in groups[i]]
        fits.append(calibration._fit(chosen, calibration.DENSE_COEFFICIENTS, calibration.REFERENCE))
    names = {"serving_layer_overhead_us": "layer_overhead_s"}
    for each in assumptions.correlations():
        one, other = ([getattr(fit, names.get(name, name[8:])) for fit in fits] for name in each.pair)
        if each.rank > 0.7:  # a dozen resamples can tell only the strong ones
            assert spearmanr(one, other).statistic > 0.4, each.pair


PAIR = """- pair: [pue, gpu_hour_usd]
  rank: 0.5
  source: somewhere
  locator: page 1
  grade: judgement
  reason: As an example.
"""


def read(tmp_path, text):
    path = tmp_path / "correlations.yml"
    path.write_text(text, encoding="utf-8")
    return assumptions.read_correlations(path, assumptions.register())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PAIR.replace("rank: 0.5", "rank: 1.5"), "field rank"),
        (PAIR.replace("pue", "puee"), "did you mean 'pue'"),
        (PAIR.replace("gpu_hour_usd", "pue"), "a pair is two assumptions"),
        (PAIR + PAIR, "stands once"),
        (PAIR.replace("  reason: As an example.\n", ""), "field reason"),
        (
            PAIR.replace("0.5", "0.9")
            + PAIR.replace("gpu_hour_usd", "staff_share").replace("0.5", "0.9")
            + PAIR.replace("[pue, ", "[staff_share, ").replace("0.5", "-0.9"),
            "no distribution has all the correlations",
        ),
    ],
)
def test_broken_correlations_are_one_plain_line(tmp_path, text, words):
    assert len(read(tmp_path, PAIR)) == 1
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)
    assert "correlations.yml" in str(caught.value)


# Many results at once


def test_pieces_drawn_one_by_one_make_up_the_whole():
    whole = uncertainty.draws(["pue", "serving_compute"], 1000)
    pieces = [uncertainty.draws(["pue", "serving_compute"], n, start=start) for start, n in ((0, 300), (300, 700))]
    for name, drawn in whole.items():
        assert np.array_equal(drawn, np.concatenate([piece[name] for piece in pieces]))


def closed():
    return [key for key, declared in results.registry().items() if declared.kind == "closed"]


def test_one_piece_gives_the_quantiles_of_the_draws(report):
    found = uncertainty.quantiles(report, closed(), (0.1, 0.9), uncertainty.DRAWS["closed"])
    for key in closed():
        assert found[key][0] == pytest.approx(report.interval(key)), key
        assert np.isnan(found[key][1]).all()


def test_many_pieces_give_the_known_quantiles_within_their_errors(report):
    # Hours times the rent: its quantiles are the rent's, times the hours.
    values, errors = uncertainty.quantiles(report, ["cost.v3_run_usd"], (0.05, 0.5, 0.95), 400_000)["cost.v3_run_usd"]
    known = 2_788_000 * uncertainty.quantile(assumptions.register()["gpu_hour_usd"], [0.05, 0.5, 0.95])
    assert (np.abs(values - known) < 4 * errors + 1e-4 * known).all()
    assert (errors < 0.002 * known).all()


def test_the_same_seed_gives_the_same_quantiles_and_another_gives_others(report):
    one, same, other = (
        uncertainty.quantiles(report, ["cost.programme_usd"], (0.5,), 100_000, seed)["cost.programme_usd"][0]
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_memory_does_not_grow_with_the_number_of_draws(report):
    def peak(n):
        tracemalloc.start()
        uncertainty.quantiles(report, closed()[:20], (0.5,), n)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(70_000)
    assert peak(400_000) < 1.5 * peak(100_000)


# Sobol indices


@pytest.fixture
def known(monkeypatch):
    """Two results whose indices can be worked out: a sum, and a product of what does not vary much together."""

    def add(key, function):
        monkeypatch.setitem(results.registry(), key, results.Result(key, "Known", "USD", "closed", function))

    add("test.sum", lambda a: 3 * a.electricity_usd_per_kwh + a.facility_usd_per_kw_month / 1000)
    add("test.product", lambda a: (a.gpu_hour_usd - 2.2) * (a.facility_usd_per_kw_month - 115))


def variance(name):
    points = uncertainty.quantile(assumptions.register()[name], (np.arange(200_000) + 0.5) / 200_000)
    return points.var(), points.mean()


def test_sobol_indices_of_a_sum_are_the_shares_of_variance(known):
    parts = {
        "electricity_usd_per_kwh": 9 * variance("electricity_usd_per_kwh")[0],
        "facility_usd_per_kw_month": variance("facility_usd_per_kw_month")[0] / 1e6,
    }
    found = uncertainty.sobol(Report(), "test.sum", 4096)
    assert {name for name, *_ in found} == set(parts)
    for name, first, _, total, _ in found:
        share = parts[name] / sum(parts.values())
        assert first == pytest.approx(share, abs=0.02)
        assert total == pytest.approx(share, abs=0.02)
    assert found[0][3] >= found[1][3]


def test_sobol_indices_of_a_product_are_those_worked_out(known):
    (v1, m1), (v2, m2) = variance("gpu_hour_usd"), variance("facility_usd_per_kw_month")
    m1, m2 = m1 - 2.2, m2 - 115
    whole = v1 * m2**2 + v2 * m1**2 + v1 * v2
    expected = {
        "gpu_hour_usd": (v1 * m2**2 / whole, (v1 * m2**2 + v1 * v2) / whole),
        "facility_usd_per_kw_month": (v2 * m1**2 / whole, (v2 * m1**2 + v1 * v2) / whole),
    }
    for name, first, _, total, _ in uncertainty.sobol(Report(), "test.product", 16_384):
        assert (first, total) == pytest.approx(expected[name], abs=0.06)


def test_one_assumption_alone_has_all_the_variance_and_a_certain_one_none(report):
    ((name, first, _, total, _),) = uncertainty.sobol(report, "cost.v3_run_usd", 1024)
    assert name == "gpu_hour_usd"
    assert (first, total) == pytest.approx((1, 1), abs=0.02)
    assert uncertainty.sobol(Report({"gpu_hour_usd": 2}), "cost.v3_run_usd", 1024) == []


# What is printed


@pytest.mark.parametrize("key", ["cost.programme_usd", "efficiency.r1_h200_usd", "cost.v3_gpu_hours"])
def test_what_is_printed_is_what_was_found(report, key):
    found = uncertainty_report.of_one(report, key, 3000)
    assert json.loads(json.dumps(found)) == found
    text = uncertainty_report.one_as_text(found)
    assert key in text
    assert "\u00a0" not in text
    if results.find(key).kind == "fixed":
        assert "facts alone" in text
        return
    used = set(report.moved(key))
    assert {row["assumption"] for row in found["swings"]} == used
    assert {row["assumption"] for row in found["sobol"]} == used
    assert all(name in text for name in used)
    values = [row["value"] for row in found["quantiles"]]
    assert values == sorted(values)


def test_every_result_with_a_range_is_listed_with_its_number_of_draws(report, monkeypatch):
    monkeypatch.setitem(uncertainty.DRAWS, "numeric", 5)
    found = uncertainty_report.of_all(report, 2000)["results"]
    assert set(found) == {key for key in results.registry() if report.moved(key)}
    for row in found.values():
        assert row["low"] <= row["median"] <= row["high"]
        assert row["draws"] == (2000 if row["kind"] == "closed" else 5)
    assert "[5 draws]" in uncertainty_report.all_as_text({"scenario": "base", "seed": 1, "results": found})
