"""From ranges to distributions: how an assumption is drawn, and what that does to a result.

The drawing rule, shared by ranges, robustness and sweeps: an assumption's ``value`` is its median, ``low``
and ``high`` are its 10th and 90th percentile, and each half of the distribution is half a normal
(``normal``), half a normal in logarithms (``lognormal``) or half a normal in log-odds (``logitnormal``).
What would fall outside ``min`` or ``max`` is cut off and the rest stretched over the same probability. Assumptions are
independent, but for the pairs in ``data/correlations.yml``.
"""

import itertools
import os
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from reporting.core import results
from reporting.inputs import assumptions

#: Draws behind an 80% range in the report. Closed results take arrays; numeric ones loop.
DRAWS = {"closed": 20_000, "numeric": 400}
SEED = 20250127
#: Draws evaluated at once: their arrays stay in the processor's cache.
CHUNK = 32_768

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
    entry : reporting.inputs.assumptions.Assumption
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
    if entry.low == entry.high:
        return np.full(probability.shape, entry.value)
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


def _uniform(identifier, n, seed, start):
    stream = np.random.PCG64([seed, zlib.crc32(identifier.encode())])
    stream.advance(start)  # one step of the stream is one draw
    return np.random.Generator(stream).random(n)


def _correlated(identifier, n, seed, start):
    """Return uniform draws that have the register's rank correlations with those of other assumptions."""
    names, weights = assumptions.correlated_with(identifier)
    if len(names) == 1:
        return _uniform(identifier, n, seed, start)
    from scipy.special import ndtr, ndtri

    own = weights[names.index(identifier)]
    parts = [weight * ndtri(_uniform(name, n, seed, start)) for name, weight in zip(names, own, strict=True) if weight]
    return ndtr(sum(parts))


def draws(identifiers, n, seed=SEED, fixed=None, register=None, start=0):
    """Draw assumptions, independently but for the pairs in ``data/correlations.yml``.

    Parameters
    ----------
    identifiers : iterable of str
    n : int
        Number of draws.
    seed : int
        Each assumption has its own stream under it, so adding one leaves the others' draws as they were.
    fixed : mapping of str to float, optional
        Values that are not drawn.
    register : mapping of str to Assumption, optional
        Another than the project's, e.g. ``report.register``.
    start : int
        Draws to skip: pieces drawn one by one make up what one call would have drawn.

    Returns
    -------
    dict of str to numpy.ndarray
        Each of shape (n,).

    Notes
    -----
    A rank correlation ``r`` is that of a Gaussian copula whose normal scores correlate by ``2 sin(pi r / 6)``. An
    assumption that is fixed leaves the distribution of its partners as it was.
    """
    register = register or assumptions.register()
    fixed = fixed or {}
    drawn = {}
    for identifier in identifiers:
        if identifier in fixed:
            drawn[identifier] = np.full(n, float(fixed[identifier]))
        else:
            drawn[identifier] = quantile(register[identifier], _correlated(identifier, n, seed, start))
    return drawn


def evaluate(report, keys, columns, n):
    """Evaluate results over rows of assumption values.

    Parameters
    ----------
    report : reporting.core.report.Report
        Gives what the columns leave out.
    keys : iterable of str
    columns : mapping of str to numpy.ndarray
        By assumption id, each of shape (n,).
    n : int

    Returns
    -------
    dict of str to numpy.ndarray
        Each of shape (n,), in the result's unit. Numeric results loop over the rows.
    """
    together = assumptions.Values(report.values | columns)
    evaluated = {}
    for key in keys:
        declared = results.find(key)
        if not columns.keys() & report.inputs(key).assumptions.keys():
            evaluated[key] = np.full(n, report.value(key))
        elif declared.kind == "numeric":
            rows = ({identifier: float(drawn[i]) for identifier, drawn in columns.items()} for i in range(n))
            evaluated[key] = np.array(
                [float(declared.function(assumptions.Values(report.values | row))) for row in rows]
            )
        else:
            number = declared.function(together)
            evaluated[key] = np.broadcast_to(np.asarray(number, dtype=float), (n,))
    return evaluated


def sample(report, key, n=None, seed=SEED):
    """Evaluate a result over draws of the assumptions under it.

    Parameters
    ----------
    report : reporting.core.report.Report
    key : str
    n : int, optional
        Number of draws; `DRAWS` by kind otherwise.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the result's unit.
    """
    n = n or DRAWS.get(results.find(key).kind, 1)
    drawn = draws(report.inputs(key).assumptions, n, seed, register=report.register)
    return evaluate(report, [key], drawn, n)[key]


def interval(report, key, level=0.8):
    """Return the central interval of a result: two floats in its unit."""
    tail = (1 - level) / 2
    low, high = np.quantile(sample(report, key), [tail, 1 - tail])
    return float(low), float(high)


def tornado(report, key):
    """Return what each assumption alone does to a result, the largest first.

    Returns
    -------
    list of (str, float, float)
        Assumption id, and the result with that assumption at its ``low`` and at its ``high``.
    """
    declared = results.find(key)
    register = report.register

    def at(identifier, value):
        return float(declared.function(assumptions.Values(report.values | {identifier: value})))

    alone = [(name, at(name, register[name].low), at(name, register[name].high)) for name in report.moved(key)]
    return sorted(alone, key=lambda swing: -abs(swing[2] - swing[1]))


def quantiles(report, keys, probabilities, n, seed=SEED):
    """Return quantiles of several results over the same draws, in memory that does not grow with their number.

    Parameters
    ----------
    report : reporting.core.report.Report
    keys : sequence of str
        Closed or fixed results.
    probabilities : sequence of float
    n : int
        Number of draws.
    seed : int

    Returns
    -------
    dict of str to (numpy.ndarray, numpy.ndarray)
        Quantiles and their standard errors, each of the shape of `probabilities`.

    Notes
    -----
    The draws are taken in pieces of at most `CHUNK`, shared by every result and spread over the processor's cores. A
    quantile is the mean of the pieces' quantiles, its standard error their standard deviation over the root of their
    number. One piece alone gives the quantile of the draws, and no error (NaN).
    """
    used = sorted({name for key in keys for name in report.inputs(key).assumptions})
    edges = np.linspace(0, n, -(-n // CHUNK) + 1).astype(int)

    def piece(bounds):
        start, stop = (int(bound) for bound in bounds)
        drawn = draws(used, stop - start, seed, register=report.register, start=start)
        evaluated = evaluate(report, keys, drawn, stop - start)
        return np.array([np.quantile(evaluated[key], probabilities) for key in keys])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pieces = np.array(list(pool.map(piece, itertools.pairwise(edges))))
    means = pieces.mean(axis=0)
    count = len(pieces)
    errors = pieces.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full_like(means, np.nan)
    return {key: (means[i], errors[i]) for i, key in enumerate(keys)}


def sobol(report, key, n, seed=SEED):
    """Return each assumption's Sobol indices for a result, the largest total first.

    Parameters
    ----------
    report : reporting.core.report.Report
    key : str
    n : int
        Base sample, a power of two; the result is evaluated ``n * (assumptions + 2)`` times.
    seed : int

    Returns
    -------
    list of (str, float, float, float, float)
        Assumption id; first-order index and the half-width of its 95% interval; total index and half-width. Empty if
        nothing moves the result.

    Notes
    -----
    Saltelli's scheme on scrambled Sobol points, by SALib. The indices are those of independent assumptions: stated
    correlations are left out.
    """
    from SALib.analyze import sobol as indices
    from SALib.sample import sobol as scheme

    names = report.moved(key)
    if not names:
        return []
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    points = scheme.sample(problem, n, calc_second_order=False, seed=seed)
    tiny = np.finfo(float).eps
    columns = {
        name: quantile(report.register[name], np.clip(points[:, i], tiny, 1 - tiny)) for i, name in enumerate(names)
    }
    evaluated = evaluate(report, [key], columns, len(points))[key]
    if np.ptp(evaluated) == 0:
        return []
    found = indices.analyze(problem, evaluated, calc_second_order=False, print_to_console=False, seed=seed)
    parts = zip(names, *(found[part].tolist() for part in ("S1", "S1_conf", "ST", "ST_conf")), strict=True)
    return sorted(parts, key=lambda row: -row[3])
