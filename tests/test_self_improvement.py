"""The self-improving loop against cases whose answer is known."""

import numpy as np
import pytest

from analysis import self_improvement
from analysis.errors import InputError
from analysis.self_improvement import FOOLING, RIGHT, Loop

#: Away from every special case.
PLAIN = Loop(0.156, 2.5, 16, 0.02, 0.05, 0.005, 0.5, 0.5)
PERFECT = PLAIN._replace(false_accept=0.0, false_reject=0.0, fooling_share=0.0)


def test_the_problems_start_where_they_are_told():
    shares = self_improvement.starting_shares(PLAIN, 500)
    assert shares.sum(axis=1) == pytest.approx(np.ones(500))
    assert shares[:, RIGHT].mean() == pytest.approx(0.156)
    assert shares[:, FOOLING] == pytest.approx(0.005 * (1 - shares[:, RIGHT]))


def test_a_wide_spread_has_more_hopeless_problems():
    narrow, wide = (
        self_improvement.starting_shares(PLAIN._replace(spread=spread), 500)[:, RIGHT] for spread in (0.5, 3.0)
    )
    assert (wide < 0.01).mean() > (narrow < 0.01).mean()


def test_a_perfect_verifier_keeps_right_answers_only():
    ran = self_improvement.simulate(PERFECT)
    assert ran.purity == pytest.approx(np.ones(12))
    assert (np.diff(ran.right) >= 0).all()
    assert ran.fooling == pytest.approx(np.zeros(13))


def test_a_verifier_at_chance_teaches_nothing():
    # It accepts all kinds alike, so that what it keeps is a random sample of what was written.
    ran = self_improvement.simulate(
        PLAIN._replace(false_accept=0.3, false_reject=0.7, fooling_share=0.0), problems=2000
    )
    assert ran.accepted == pytest.approx(np.full(12, 0.3), abs=0.01)
    assert ran.right == pytest.approx(np.full(13, 0.156), abs=0.02)


def test_a_verifier_that_accepts_nothing_changes_nothing():
    ran = self_improvement.simulate(PERFECT._replace(false_reject=1.0))
    assert ran.right == pytest.approx(np.full(13, 0.156))
    assert np.isnan(ran.purity).all()
    assert ran.covered.max() == 0


def test_the_first_round_yields_what_expectation_says():
    shares = self_improvement.starting_shares(PLAIN, 300)
    accept = self_improvement.acceptance(PLAIN)
    rounds = [self_improvement.simulate(PLAIN, 300, 1, seed) for seed in range(60)]
    accepted = np.mean([one.accepted[0] for one in rounds])
    assert accepted == pytest.approx(self_improvement.expected_acceptance(shares, accept), rel=0.01)
    covered = np.mean([one.covered[0] for one in rounds])
    assert covered == pytest.approx(self_improvement.expected_coverage(shares, accept, 16), rel=0.01)


def test_expected_yield_by_hand():
    # Half right accepted at 0.9, half wrong at 0.1: 0.5; with two samples 1 - 0.5^2 of the problems.
    shares, accept = np.array([[0.5, 0.5, 0.0]]), np.array([0.9, 0.1, 0.9])
    assert self_improvement.expected_acceptance(shares, accept) == pytest.approx(0.5)
    assert self_improvement.expected_coverage(shares, accept, 2) == pytest.approx(0.75)


def test_with_full_steps_and_many_samples_the_loop_is_the_replicator_equation():
    loop = PLAIN._replace(step=1.0, samples=200_000, spread=0.5, fooling_share=0.05)
    shares, accept = self_improvement.starting_shares(loop, 40), self_improvement.acceptance(loop)
    expected = [shares]
    for _ in range(3):
        # So odds change by the ratio of acceptances, and what fools the verifier keeps its odds against what is right.
        kept = expected[-1] * accept
        expected.append(kept / kept.sum(axis=1, keepdims=True))
    ran = self_improvement.simulate(loop, 40, 3)
    assert ran.right == pytest.approx([step[:, RIGHT].mean() for step in expected], abs=0.003)
    assert ran.fooling == pytest.approx([step[:, FOOLING].mean() for step in expected], abs=0.003)


def test_without_transfer_an_unsolved_problem_stays_unsolved():
    loop = PERFECT._replace(start_pass=0.01, spread=6.0, samples=1, transfer=0.0)
    ran = self_improvement.simulate(loop, rounds=30)
    helped = self_improvement.simulate(loop._replace(transfer=1.0), rounds=30)
    assert ran.right[-1] < 0.15 < helped.right[-1]


def test_more_fooling_answers_at_the_start_mean_fewer_right_ones_at_the_end():
    ends = [
        self_improvement.simulate(PLAIN._replace(fooling_share=share)).right[-1] for share in (0.0, 0.002, 0.02, 0.2)
    ]
    assert ends == sorted(ends, reverse=True)


def test_the_verifier_cannot_see_that_it_is_fooled():
    ran = self_improvement.simulate(PLAIN._replace(fooling_share=0.05))
    assert ran.accepted[-1] > ran.right[-1] + 0.2


def test_the_end_hardly_depends_on_the_seed():
    ends = [self_improvement.simulate(PLAIN, 1000, seed=seed).right[-1] for seed in range(8)]
    assert np.std(ends) < 0.02
    assert self_improvement.simulate(PLAIN, 1000, seed=1).right[-1] == ends[1]


def test_settling_is_the_first_small_gain():
    assert self_improvement.settled([0.1, 0.3, 0.4, 0.405, 0.5]) == 3
    assert self_improvement.settled([0.1, 0.3, 0.5]) == 2


@pytest.mark.parametrize("field", ["false_accept", "false_reject", "fooling_share", "step"])
def test_a_share_outside_its_bounds_is_refused(field):
    with pytest.raises(InputError, match=field):
        self_improvement.simulate(PLAIN._replace(**{field: 1.5}))


@pytest.mark.parametrize("start", [0.0, 1.0])
def test_a_start_without_doubt_is_refused(start):
    with pytest.raises(InputError, match="between 0 and 1"):
        self_improvement.simulate(PLAIN._replace(start_pass=start))
