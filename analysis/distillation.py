"""What a distillation costs and keeps: answers of a teacher, training of a student, and reinforcement learning.

All functions take floats; those that are plain arithmetic take arrays that broadcast as well.
"""

import math
from typing import NamedTuple

import numpy as np

from analysis.errors import InputError
from analysis.training import SECONDS_PER_HOUR

#: Training a token costs three forward passes: one forward, and two's worth backward.
FORWARD_PASSES_PER_TRAINING = 3.0


def retention(student, teacher):
    """Return the share of the teacher's score that the student keeps: ``student / teacher``.

    Parameters
    ----------
    student, teacher : float or array_like
        Scores on one test, in one unit.

    Returns
    -------
    float or numpy.ndarray
    """
    return student / teacher


def retention_at_gap(students, teachers, teacher):
    """Return what a student would keep of a teacher's score if it fell behind as far as on other tests.

    Parameters
    ----------
    students, teachers : sequence of float
        Scores on the other tests, in (0, 1), in one order.
    teacher : float
        The teacher's score on this test, in (0, 1).

    Returns
    -------
    float
        Share of the teacher's score.

    Notes
    -----
    The gap is the mean difference of log-odds, as in a model of Rasch. At a gap that does not change, the share kept
    falls as a test gets harder: near one where both score high, the ratio of the odds where both score low.
    """
    from scipy.special import expit, logit

    gap = np.mean(logit(np.asarray(teachers, dtype=float)) - logit(np.asarray(students, dtype=float)))
    return float(expit(logit(teacher) - gap) / teacher)


def frontier(costs, scores):
    """Return which options no other beats at once in cost and in score.

    Parameters
    ----------
    costs, scores : sequence of float

    Returns
    -------
    list of int
        Positions, cheapest first. Of two equal options the first is kept.
    """
    best, kept = -math.inf, []
    for position in sorted(range(len(costs)), key=lambda i: (costs[i], -scores[i])):
        if scores[position] > best:
            best = scores[position]
            kept.append(position)
    return kept


def written_tokens(kept_answers, tokens_per_answer, acceptance):
    """Return the tokens a teacher writes so that enough answers pass verification.

    Parameters
    ----------
    kept_answers : float or array_like
        Answers that are trained on.
    tokens_per_answer : float or array_like
        Tokens of one; rejected answers are taken to be as long, which is too low where long ones fail more.
    acceptance : float or array_like
        Share of answers that pass, in (0, 1].

    Returns
    -------
    float or numpy.ndarray
        Tokens.
    """
    return kept_answers * tokens_per_answer / acceptance


def writing_gpu_hours(tokens, tokens_per_second_per_gpu):
    """Return the GPU-hours in which a model writes some tokens at a speed.

    Parameters
    ----------
    tokens : float or array_like
    tokens_per_second_per_gpu : float or array_like

    Returns
    -------
    float or numpy.ndarray
        GPU-hours.
    """
    return tokens / tokens_per_second_per_gpu / SECONDS_PER_HOUR


def finetuning_flops(training_flops_per_token, answers, tokens_per_answer, epochs):
    """Return the compute of training a student on a teacher's answers.

    Parameters
    ----------
    training_flops_per_token : float or array_like
        See `analysis.training.model_flops_per_token`.
    answers, tokens_per_answer, epochs : float or array_like
        Answers, their length and the passes over them. Questions are short beside the answers and left out.

    Returns
    -------
    float or numpy.ndarray
        FLOP.
    """
    return training_flops_per_token * answers * tokens_per_answer * epochs


def reinforcement_flops(training_flops_per_token, tokens, scoring_passes=2.0):
    """Return the compute of a campaign of reinforcement learning with sampled answers.

    Parameters
    ----------
    training_flops_per_token : float or array_like
        FLOP of training on one token.
    tokens : float or array_like
        Tokens of all sampled answers; each is trained on once.
    scoring_passes : float
        Forward passes over finished answers: under the policy that wrote them and under the reference. A
        critic as large as the policy, as PPO has it, adds one pass here and one more training.

    Returns
    -------
    float or numpy.ndarray
        FLOP.

    Notes
    -----
    ``tokens x training x (1 + (1 + scoring) / 3)``: writing an answer is one forward pass over each of its
    tokens, scoring it one more each, and training on it three.

    References
    ----------
    Shao and others (2024), "DeepSeekMath", section 4.1, for group relative policy optimisation.
    """
    return tokens * training_flops_per_token * (1.0 + (1.0 + scoring_passes) / FORWARD_PASSES_PER_TRAINING)


def longest_answer(answers, mean_tokens, cap_tokens):
    """Return the length of the longest of many answers.

    Parameters
    ----------
    answers : float
        Answers written side by side; at least one.
    mean_tokens, cap_tokens : float
        Their mean length, and the length at which they are cut.

    Returns
    -------
    float
        Tokens.

    Notes
    -----
    For exponentially distributed lengths the longest of ``n`` has an expectation of ``mean x H_n``, with the
    ``n``-th harmonic number; here ``ln n + 0.5772 + 1/(2 n)``.
    """
    harmonic = math.log(answers) + np.euler_gamma + 0.5 / answers
    return min(mean_tokens * harmonic, cap_tokens)


class Rollout(NamedTuple):
    """The time in which a batch of answers is written.

    Attributes
    ----------
    seconds : float
        Until the last answer ends.
    half_seconds : float
        Until half of the answers have ended.
    """

    seconds: float
    half_seconds: float


def _rollout(step_seconds, answers, mean_tokens, cap_tokens, grid):
    """Return lengths, answers still being written and seconds spent at each point of a rollout."""
    if min(answers, mean_tokens, cap_tokens) <= 0:
        raise InputError("a rollout needs answers, a mean length and a cap above zero")
    length = np.linspace(0.0, longest_answer(answers, mean_tokens, cap_tokens), grid)
    writing = np.maximum(answers * np.exp(-length / mean_tokens), 1.0)
    pace = np.asarray(step_seconds(writing, length), dtype=float)
    spent = np.concatenate([[0.0], np.cumsum(np.diff(length) * (pace[1:] + pace[:-1]) / 2.0)])
    return length, writing, spent


def rollout(step_seconds, answers, mean_tokens, cap_tokens, grid=64):
    """Return how long a batch of answers takes if everybody waits for the longest.

    Parameters
    ----------
    step_seconds : callable
        Seconds for each token, given arrays of the answers still being written and of their length so far.
    answers : float
        Answers in the batch.
    mean_tokens, cap_tokens : float
        See `longest_answer`.
    grid : int
        Points of the integral over the length.

    Returns
    -------
    Rollout

    Raises
    ------
    InputError
        If a length or the number of answers is not positive.

    Notes
    -----
    Lengths are exponentially distributed and cut at the cap: ``answers x exp(-t / mean)`` are still being
    written when the others are ``t`` tokens long, and at least one. The batch takes the integral of the step's
    time from zero to the longest answer.
    """
    length, _, spent = _rollout(step_seconds, answers, mean_tokens, cap_tokens, grid)
    half = min(mean_tokens * math.log(2.0), length[-1])
    return Rollout(float(spent[-1]), float(np.interp(half, length, spent)))


def unfinished(step_seconds, answers, mean_tokens, cap_tokens, grid=64):
    """Return the course of a `rollout`: seconds since its start, and the share of answers not yet finished.

    Parameters
    ----------
    step_seconds, answers, mean_tokens, cap_tokens, grid
        See `rollout`.

    Returns
    -------
    (list of float, list of float)
    """
    _, writing, spent = _rollout(step_seconds, answers, mean_tokens, cap_tokens, grid)
    return spent.tolist(), (writing / answers).tolist()
