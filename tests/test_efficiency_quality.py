"""Accuracy against tokens, dollars a solved problem, R1 and its peers: against published figures and known answers."""

import re
from datetime import date

import numpy as np
import pytest

from reporting.chapters.efficiency import quality
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


# Gains


def test_a_gain_for_a_doubling():
    assert quality.gain_per_doubling(0.5, 0.6, 2) == pytest.approx(10)
    assert quality.gain_per_doubling(0.5, 0.8, 8) == pytest.approx(10)


# Published values


def test_the_points_of_s1_are_whole_problems_and_those_of_its_text():
    for test, last in (("aime", 0.567), ("math500", 0.932), ("gpqa", 0.596)):
        rows = [row for row in facts.rows("benchmarks", model="s1-32B") if row["id"].startswith(f"s1_{test}_")]
        for row in rows:
            assert row["score"] * row["tries"] == pytest.approx(round(row["score"] * row["tries"]), abs=0.01)
        assert rows[-1]["score"] == pytest.approx(last, abs=0.001)
    # The abstract: budget forcing takes it from 50 to 57 per cent on AIME 2024.
    assert quality.score("s1_aime_5") == 0.5


def test_what_the_papers_print(report):
    assert report.value("efficiency.r1_contest_tokens") == 8_793
    assert report.value("efficiency.r1_zero_gain") == pytest.approx(71.0 - 15.6)
    assert report.value("efficiency.simpleqa_gap") == pytest.approx(30.1 - 47.0)
    assert report.value("efficiency.writing_gap") == pytest.approx(87.6 - 70.0)
    assert report.value("efficiency.mock_aime_gap") == pytest.approx(53.3 - 73.3)
    assert report.value("efficiency.upgrade_aider") == pytest.approx(71.6 - 53.3)
    assert report.value("efficiency.price_o1_over_r1") == pytest.approx(27.4, abs=0.01)


def test_dollars_follow_from_the_run_as_a_whole(report):
    # Epoch AI's totals: 45 answers, 7,889 tokens in and 485,437 out, 24 right, at $0.55 and $2.19 a million.
    assert report.value("efficiency.solved_r1_usd") == pytest.approx(
        (7_889 * 0.55 + 485_437 * 2.19) / 1e6 / 24, rel=1e-3
    )
    # o1: 8,127 in and 487,905 out, 33 right, at $15 and $60.
    assert report.value("efficiency.solved_o1_usd") == pytest.approx((8_127 * 15 + 487_905 * 60) / 1e6 / 33, rel=1e-3)
    # Aider: $5.4193 for 128 exercises, $186.4958 for 139.
    assert report.value("efficiency.solved_coding_o1_over_r1") == pytest.approx(
        (186.4958 / 139) / (5.4193 / 128), rel=2e-3
    )


def test_o3_mini_against_r1(report):
    # Aider: $8.8599 for 121 exercises against $5.4193 for 128.
    assert report.value("efficiency.solved_coding_o3_mini_over_r1") == pytest.approx(
        (8.8599 / 121) / (5.4193 / 128), rel=2e-3
    )
    # Epoch AI, GPQA Diamond: o3-mini at $1.1 and $4.4, R1 at $0.55 and $2.19 a million.
    o3, r1 = (259.6 * 1.1 + 3106.8 * 4.4) / 0.743, (247.5 * 0.55 + 7594.7 * 2.19) / 0.717
    assert report.value("efficiency.solved_science_o3_mini_over_r1") == pytest.approx(o3 / r1, rel=1e-3)
    assert quality.score("epoch_o3mini_mock_aime") > quality.score("epoch_r1_mock_aime")
    assert quality.score("epoch_o3mini_gpqa") > quality.score("epoch_r1_gpqa")
    assert quality.score("aider_o3mini") < quality.score("aider_r1")
    for test in ("epoch_{}_mock_aime", "epoch_{}_gpqa", "aider_{}"):
        runs = [facts.row("benchmarks", test.format(model)) for model in ("r1", "o3mini")]
        margin = 1.96 * np.sqrt(sum(run["score"] * (1 - run["score"]) / run["tries"] for run in runs))
        assert abs(runs[0]["score"] - runs[1]["score"]) < margin
    assert report.value("efficiency.o3_mini_lag_days") == (date(2025, 1, 31) - date(2025, 1, 20)).days


@pytest.mark.parametrize(
    "runs", [("epoch_r1_gpqa", "epoch_o1_gpqa", "epoch_o1mini_gpqa"), ("aider_r1", "aider_o1_high", "aider_o1mini")]
)
def test_r1_is_nearer_to_o1_than_to_o1_mini(runs):
    r1, o1, mini = (quality.score(run) for run in runs)
    assert mini < r1 < o1
    assert o1 - r1 < r1 - mini


def test_the_gap_on_the_mock_aime_excludes_zero(report):
    assert report.value("efficiency.mock_aime_gap_low") < report.value("efficiency.mock_aime_gap_high") < 0


def test_a_gain_reads_only_the_rows_of_its_test(report):
    read = set(report.inputs("efficiency.thinking_gain").facts)
    assert read == {f"benchmarks:s1_aime_{place}" for place in range(1, 8)}


def test_another_price_of_r1_moves_what_rests_on_it():
    dear = Report({"r1_price_factor": 2})
    assert dear.value("efficiency.solved_r1_usd") == pytest.approx(2 * Report().value("efficiency.solved_r1_usd"))
    assert dear.value("efficiency.solved_o1_usd") == Report().value("efficiency.solved_o1_usd")


def test_scores_of_a_run_fit_its_number_of_answers():
    for row in facts.rows("benchmarks", source="epoch_benchmark_stitching"):
        if row["tries"]:
            right = row["score"] * row["tries"]
            assert abs(right - round(right)) <= 0.0005 * row["tries"] + 1e-9, row["id"]


def test_token_counts_agree_with_the_totals_in_the_note():
    for row in facts.rows("benchmarks", source="epoch_benchmark_stitching"):
        if row["tokens_out"]:
            spent, written, tries = re.search(r"(\d+) in and (\d+) out over (\d+) tries", row["note"]).groups()
            assert float(tries) == row["tries"]
            assert row["tokens_in"] == pytest.approx(float(spent) / row["tries"], abs=0.06)
            assert row["tokens_out"] == pytest.approx(float(written) / row["tries"], abs=0.06)


def test_a_peer_without_a_figure_is_left_out():
    assert "o1" not in quality.peer_scores("alpacaeval")
    assert quality.behind_best("csimpleqa") == ("v3", pytest.approx(63.7 - 68.0))


def test_every_test_of_the_figure_is_judged_once():
    assert len(set(quality.REASONING + quality.ELSEWHERE)) == 20
