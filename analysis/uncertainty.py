"""From ranges to distributions: how an assumption is drawn, and what that does to a result.

The drawing rule, shared by ranges, robustness and sweeps: an assumption's ``value`` is its median, ``low``
and ``high`` are its 10th and 90th percentile, and each half of the distribution is half a normal
(``normal``), half a normal in logarithms (``lognormal``) or half a normal in log-odds (``logitnormal``).
What would fall outside ``min`` or ``max`` is cut off and the rest stretched over the same probability.
"""

import zlib

import numpy as np

from analysis import assumptions, results

#: Draws behind an 80% range in the report. Closed results take arrays; numeric ones loop.
DRAWS = {"closed": 20_000, "numeric": 400}
SEED = 20250127

#: Standard normal quantile of 0.9.
Z90 = 1.2815515655446004


def _identity(x):
    return x


def _logit(p):
    return np.log(p) - np.log1p(-p)


def _expit(x):
    return 1 / (1 + np.exp(-x))


_SCALES = {"normal": (_identity, _identity), "lognormal": (np.log, np.exp), "logitnormal": (_logit, _expit)}


def quantile(entry, probability):
    """Return quantiles of an assumption's distribution.

    Parameters
    ----------
    entry : analysis.assumptions.Assumption
    probability : array_like
        In (0, 1).

    Returns
    -------
    numpy.ndarray
        In the assumption's unit, same shape as `probability`.

    Notes
    -----
    With T the scale of the distribution (identity, log or log-odds) and z the standard normal quantile,

    ``T(x) = T(value) + z(p) / z(0.9) * (T(value) - T(low) if p < 1/2 else T(high) - T(value))``

    so the three stated percentiles are met exactly where ``min`` and ``max`` cut nothing off.
    """
    from scipy.special import ndtr, ndtri

    probability = np.asarray(probability, dtype=float)
    transform, inverse = _SCALES[entry.distribution]
    with np.errstate(divide="ignore"):  # a bound of 0 or 1 lies at infinity on its scale
        low, middle, high, floor, ceiling = (
            transform(np.float64(x)) for x in (entry.low, entry.value, entry.high, entry.min, entry.max)
        )
    below, above = middle - low, high - middle
    p_floor = ndtr((floor - middle) / below * Z90) if below > 0 else 0.0
    p_ceiling = ndtr((ceiling - middle) / above * Z90) if above > 0 else 1.0
    z = ndtri(p_floor + probability * (p_ceiling - p_floor))
    drawn = inverse(middle + z / Z90 * np.where(z < 0, below, above))
    return np.clip(drawn, entry.min, entry.max)  # rounding only: the cut above keeps draws inside


def draws(identifiers, n, seed=SEED, fixed=None):
    """Draw assumptions independently.

    Parameters
    ----------
    identifiers : iterable of str
    n : int
        Number of draws.
    seed : int
        Each assumption has its own stream under it, so adding one leaves the others' draws as they were.
    fixed : mapping of str to float, optional
        Values that are not drawn.

    Returns
    -------
    dict of str to numpy.ndarray
        Each of shape (n,).
    """
    register = assumptions.register()
    fixed = fixed or {}
    drawn = {}
    for identifier in identifiers:
        if identifier in fixed:
            drawn[identifier] = np.full(n, float(fixed[identifier]))
            continue
        stream = np.random.Generator(np.random.PCG64([seed, zlib.crc32(identifier.encode())]))
        drawn[identifier] = quantile(register[identifier], stream.random(n))
    return drawn


def sample(report, key, n=None, seed=SEED):
    """Evaluate a result over draws of the assumptions under it.

    Parameters
    ----------
    report : analysis.report.Report
    key : str
    n : int, optional
        Number of draws; `DRAWS` by kind otherwise.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the result's unit.
    """
    declared = results.find(key)
    used = report.inputs(key).assumptions
    n = n or DRAWS.get(declared.kind, 1)
    drawn = draws(used, n, seed, report.overrides)
    if declared.kind == "numeric":
        rows = ({identifier: float(drawn[identifier][i]) for identifier in used} for i in range(n))
        return np.array([float(declared.function(assumptions.Values(report.values | row))) for row in rows])
    number = declared.function(assumptions.Values(report.values | drawn))
    return np.broadcast_to(np.asarray(number, dtype=float), (n,))


def interval(report, key, level=0.8):
    """Return the central interval of a result: two floats in its unit."""
    tail = (1 - level) / 2
    low, high = np.quantile(sample(report, key), [tail, 1 - tail])
    return float(low), float(high)


def swings(report, key):
    """Return what each assumption alone does to a result, the largest first.

    Returns
    -------
    list of (str, float, float)
        Assumption id, and the result with that assumption at its ``low`` and at its ``high``.
    """
    declared = results.find(key)
    register = assumptions.register()

    def at(identifier, value):
        return float(declared.function(assumptions.Values(report.values | {identifier: value})))

    moved = [
        (identifier, at(identifier, register[identifier].low), at(identifier, register[identifier].high))
        for identifier in report.inputs(key).assumptions
        if identifier not in report.overrides
    ]
    return sorted(moved, key=lambda swing: -abs(swing[2] - swing[1]))
