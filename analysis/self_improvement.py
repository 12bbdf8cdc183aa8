"""A model that trains on its own answers, where a verifier decides which: when it improves, stops and is fooled.

An answer is of one of three kinds. Right and wrong ones need no word. A fooling one is wrong, and the verifier takes it
for right: a guessed choice, a test that checks too little, a habit that a reward model likes. Each problem has its own
shares of the three. A round samples answers to every problem, keeps those the verifier accepts, and moves the shares of
each problem towards those among the kept answers.
"""

from typing import NamedTuple

import numpy as np

from analysis.errors import InputError

RIGHT, WRONG, FOOLING = range(3)
_SMALLEST = 1e-9


class Loop(NamedTuple):
    """The knobs of the loop.

    Attributes
    ----------
    start_pass : float
        Share of right answers before the first round, mean over problems.
    spread : float
        Standard deviation of the problems' difficulty, in logits.
    samples : int
        Answers to each problem in a round.
    false_accept, false_reject : float
        Share of wrong answers that the verifier accepts by chance, and of right ones that it rejects.
    fooling_share : float
        Share of the wrong answers that fool it, before the first round. It accepts them as it accepts right ones.
    step : float
        How far a round moves the shares of a problem towards those of its kept answers, in [0, 1].
    transfer : float
        How much of the gain on the problems with kept answers, in logits, reaches those without.
    """

    start_pass: float
    spread: float
    samples: int
    false_accept: float
    false_reject: float
    fooling_share: float
    step: float
    transfer: float


class Rounds(NamedTuple):
    """What happened, one entry a round; `right` and `fooling` have one more, for the end.

    Attributes
    ----------
    right, fooling : numpy.ndarray
        Share of answers that are right, and that fool the verifier, mean over problems.
    accepted : numpy.ndarray
        Share of sampled answers that were kept: what the verifier lets one see.
    purity : numpy.ndarray
        Share of the kept answers that are right; NaN where none was kept.
    covered : numpy.ndarray
        Share of problems with at least one kept answer.
    """

    right: np.ndarray
    fooling: np.ndarray
    accepted: np.ndarray
    purity: np.ndarray
    covered: np.ndarray


def acceptance(loop):
    """Return the chance that the verifier accepts an answer of each kind, as an array of three.

    Parameters
    ----------
    loop : Loop

    Returns
    -------
    numpy.ndarray
        Shape (3,): `RIGHT`, `WRONG`, `FOOLING`.
    """
    passes = 1.0 - loop.false_reject
    return np.array([passes, loop.false_accept, passes])


def starting_shares(loop, problems):
    """Return the shares of the three kinds for each problem before the first round.

    Parameters
    ----------
    loop : Loop
    problems : int

    Returns
    -------
    numpy.ndarray
        Of shape ``(problems, 3)``. Difficulties are evenly spaced quantiles of a normal distribution in logits, shifted
        so that the mean share of right answers is ``start_pass``.

    Raises
    ------
    InputError
        If a share or a probability lies outside [0, 1], or the start is 0 or 1.
    """
    from scipy.optimize import brentq
    from scipy.special import expit, ndtri

    if not 0 < loop.start_pass < 1:
        raise InputError("the share of right answers at the start must lie between 0 and 1")
    for name in ("false_accept", "false_reject", "fooling_share", "step"):
        if not 0 <= getattr(loop, name) <= 1:
            raise InputError(f"{name} must lie in [0, 1]")
    ease = loop.spread * ndtri((np.arange(problems) + 0.5) / problems)
    middle = brentq(lambda shift: expit(shift + ease).mean() - loop.start_pass, -60.0, 60.0)
    right = expit(middle + ease)
    fooling = (1.0 - right) * loop.fooling_share
    return np.stack([right, 1.0 - right - fooling, fooling], axis=1)


def expected_acceptance(shares, accept):
    """Return the expected share of answers that are kept, mean over problems.

    Parameters
    ----------
    shares : array_like
        Shape (problems, 3), see `starting_shares`.
    accept : array_like
        Shape (3,), see `acceptance`.

    Returns
    -------
    float
    """
    return float((np.asarray(shares) * np.asarray(accept)).sum(axis=-1).mean())


def expected_coverage(shares, accept, samples):
    """Return the expected share of problems with at least one kept answer: the mean of ``1 - (1 - a)^samples``.

    Parameters
    ----------
    shares, accept : array_like
        See `expected_acceptance`.
    samples : int
        Answers to each problem.

    Returns
    -------
    float
    """
    each = (np.asarray(shares) * np.asarray(accept)).sum(axis=-1)
    return float((1.0 - (1.0 - each) ** samples).mean())


def simulate(loop, problems=300, rounds=12, seed=0):
    """Run the loop.

    Parameters
    ----------
    loop : Loop
    problems, rounds : int
    seed : int
        Of the sampling; the difficulties are not random.

    Returns
    -------
    Rounds

    Notes
    -----
    On problems without a kept answer the logits of right and of fooling answers move by `transfer` times the change of
    the logit of their mean on the problems with one.
    """
    rng = np.random.default_rng(seed)
    accept = acceptance(loop)
    shares = starting_shares(loop, problems)
    samples = round(loop.samples)
    right, fooling, accepted, purity, covered = [], [], [], [], []
    for _ in range(rounds):
        right.append(shares[:, RIGHT].mean())
        fooling.append(shares[:, FOOLING].mean())
        kept = rng.binomial(rng.multinomial(samples, shares), accept)
        each = kept.sum(axis=1)
        trained = each > 0
        accepted.append(each.sum() / (samples * problems))
        purity.append(kept[:, RIGHT].sum() / each.sum() if each.sum() else np.nan)
        covered.append(trained.mean())
        if trained.any():
            before = shares[trained]
            after = before + loop.step * (kept[trained] / each[trained, None] - before)
            shares[~trained] = _transferred(shares[~trained], before, after, loop.transfer)
            shares[trained] = after
    right.append(shares[:, RIGHT].mean())
    fooling.append(shares[:, FOOLING].mean())
    return Rounds(*(np.array(values) for values in (right, fooling, accepted, purity, covered)))


def _transferred(shares, before, after, transfer):
    from scipy.special import logit

    ends = np.clip([before.mean(axis=0), after.mean(axis=0)], _SMALLEST, 1.0 - _SMALLEST)
    moved = transfer * (logit(ends[1]) - logit(ends[0]))
    moved[WRONG] = 0.0
    weighted = shares * np.exp(moved)
    return weighted / weighted.sum(axis=1, keepdims=True)


def settled(right, least=0.01):
    """Return the first round whose gain in right answers falls below `least`, counted from 1.

    Parameters
    ----------
    right : sequence of float
        Share of right answers before each round and after the last.
    least : float

    Returns
    -------
    int
        The number of rounds if none falls below.
    """
    gains = np.diff(right)
    below = np.flatnonzero(gains < least)
    return int(below[0]) + 1 if below.size else len(gains)
