"""Distillation arithmetic: hand-worked cases, laws, and published figures."""

import itertools
import math

import numpy as np
import pytest

from analysis import distillation
from analysis.errors import InputError


def test_the_frontier_drops_what_is_dearer_and_worse():
    costs, scores = [1.0, 2.0, 3.0, 0.5, 3.0], [0.5, 0.4, 0.9, 0.1, 0.8]
    assert distillation.frontier(costs, scores) == [3, 0, 2]


def test_the_frontier_keeps_one_of_two_equals():
    assert distillation.frontier([1.0, 1.0], [0.5, 0.5]) == [0]


def test_half_accepted_means_twice_as_many_written():
    assert distillation.written_tokens(800_000, 5_000, 0.5) == 8e9


def test_the_published_table_of_answers_makes_the_published_mean():
    # R1, version 2, Table 5: five domains, 804,745 answers of 5,355.3 tokens on average.
    table = [(395285, 6094.2), (211129, 7435.7), (10124, 4928.8), (10395, 2739.0), (177812, 1419.8)]
    tokens = sum(answers * length for answers, length in table)
    assert tokens / sum(answers for answers, _ in table) == pytest.approx(5355.3, rel=1e-4)


def test_writing_a_billion_tokens_by_hand():
    # A thousand tokens a second is 3.6 million an hour.
    assert distillation.writing_gpu_hours(3.6e9, 1000) == pytest.approx(1000)


def test_fine_tuning_is_6nd_for_a_model_without_attention():
    assert distillation.finetuning_flops(6 * 7e9, 1e5, 5e3, 2) == pytest.approx(6 * 7e9 * 1e9)


def test_reinforcement_counts_six_forward_passes_for_a_token():
    # One to write, two to score, three to train, at 2N each: 12N.
    assert distillation.reinforcement_flops(6 * 1e9, 1e6) == pytest.approx(12 * 1e9 * 1e6)


def test_reinforcement_without_scoring_is_writing_and_training():
    assert distillation.reinforcement_flops(6.0, 1.0, scoring_passes=0) == pytest.approx(8.0)


@pytest.mark.parametrize("answers", [10, 1000, 8192])
def test_the_longest_answer_is_the_mean_of_simulated_maxima(answers):
    longest = np.random.default_rng(2).exponential(4000, (400, answers)).max(axis=1)
    assert distillation.longest_answer(answers, 4000, 1e9) == pytest.approx(longest.mean(), rel=0.04)


def test_one_answer_is_as_long_as_the_mean_and_none_longer_than_the_cap():
    assert distillation.longest_answer(1, 4000, 1e9) == pytest.approx(4000, rel=0.08)
    assert distillation.longest_answer(8192, 4000, 32_768) == 32_768


def test_at_a_constant_pace_a_batch_takes_as_long_as_its_longest_answer():
    ran = distillation.rollout(lambda answers, length: 0.02 + 0 * answers, 8192, 4000, 32_768)
    assert ran.seconds == pytest.approx(32_768 * 0.02)
    # Half of exponentially distributed answers are done at mean x ln 2.
    assert ran.half_seconds == pytest.approx(4000 * math.log(2) * 0.02)


def test_a_pace_that_follows_the_load_integrates_to_the_load():
    # Seconds for a token proportional to the answers: the integral is rate x answers x mean x (1 - e^(-cap / mean)).
    ran = distillation.rollout(lambda answers, length: 1e-6 * answers, 1000, 4000, 20_000, grid=4001)
    expected = 1e-6 * 1000 * 4000 * (1 - math.exp(-5))
    assert ran.seconds == pytest.approx(expected, rel=1e-3)


def test_the_course_of_a_batch_ends_where_the_batch_ends():
    pace = lambda answers, length: 0.01 + 1e-6 * answers  # noqa: E731
    seconds, left = distillation.unfinished(pace, 8192, 4000, 32_768)
    assert seconds[-1] == distillation.rollout(pace, 8192, 4000, 32_768).seconds
    assert left[0] == 1.0
    assert all(later <= earlier for earlier, later in itertools.pairwise(left))


@pytest.mark.parametrize("bad", [(0, 4000, 10), (10, 0, 10), (10, 4000, -1)])
def test_a_rollout_of_nothing_is_refused(bad):
    with pytest.raises(InputError, match="above zero"):
        distillation.rollout(lambda answers, length: answers, *bad)


def test_retention_at_an_unchanged_gap_by_hand():
    # Odds of 1 against 1/3: a third. A teacher at 0.2 has odds of 1/4, the student of 1/12, a score of 1/13.
    assert distillation.retention_at_gap([0.25, 0.25], [0.5, 0.5], 0.2) == pytest.approx(5 / 13)


def test_retention_falls_towards_the_ratio_of_odds_as_a_test_gets_harder():
    kept = [distillation.retention_at_gap([0.6], [0.75], teacher) for teacher in (0.99, 0.75, 0.3, 1e-6)]
    assert kept == sorted(kept, reverse=True)
    assert kept[1] == pytest.approx(0.8)
    assert kept[-1] == pytest.approx(0.5, rel=1e-5)
