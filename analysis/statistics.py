"""Statistics of a few points: a straight line and its interval, the noise of scores, a mean without its own group.

Numbers in, numbers out; least squares and Student's t are SciPy's.
"""

from typing import NamedTuple

import numpy as np

from analysis.errors import InputError


class Line(NamedTuple):
    """A straight line through points by least squares.

    Attributes
    ----------
    slope, low, high : float
        Slope, and the ends of its confidence interval.
    mean_x, mean_y : float
        The point that the line goes through.
    variance_x : float
        Mean squared distance of the points' x from their mean.
    """

    slope: float
    low: float
    high: float
    mean_x: float
    mean_y: float
    variance_x: float

    def at(self, x):
        """Return the line and the half-width of its confidence interval.

        Parameters
        ----------
        x : float or array_like

        Returns
        -------
        (float or numpy.ndarray, float or numpy.ndarray)

        Notes
        -----
        ``t s sqrt(1/n + (x - mean)^2 / S)`` is the half-width of the slope's interval, ``t s / sqrt(S)``, times
        ``sqrt(S/n + (x - mean)^2)``, with ``S`` the sum of squared distances from the mean.
        """
        distance = np.asarray(x, dtype=float) - self.mean_x
        half = (self.high - self.low) / 2.0 * np.sqrt(self.variance_x + distance**2)
        return self.mean_y + self.slope * distance, half


def line(x, y, confidence=0.95):
    """Fit a straight line by least squares.

    Parameters
    ----------
    x, y : array_like
        Shape (n,), n at least three.
    confidence : float
        Of the interval of the slope, by Student's t with n - 2 degrees of freedom.

    Returns
    -------
    Line

    Raises
    ------
    InputError
        With fewer than three points, as a line through two has no interval, or with a point without x or y.
    """
    from scipy.special import stdtrit
    from scipy.stats import linregress

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.size < 3:
        raise InputError("a line with an interval needs at least three points, each with x and y")
    fit = linregress(x, y)
    half = stdtrit(x.size - 2, 0.5 + confidence / 2.0) * fit.stderr
    ends = float(fit.slope), float(fit.slope - half), float(fit.slope + half)
    return Line(*ends, float(x.mean()), float(y.mean()), float(x.var()))


def log_fit(amounts, values, confidence=0.95):
    """Fit a straight line of values over the binary logarithm of amounts, so that the slope is the gain of a doubling.

    Parameters
    ----------
    amounts, values : array_like
        Shape (n,), n at least three; amounts above 0.
    confidence : float
        See `line`.

    Returns
    -------
    Line
        Its x is ``log2(amount)``.

    Raises
    ------
    InputError
        See `line`.
    """
    return line(np.log2(np.asarray(amounts, dtype=float)), values, confidence)


def slope_error(x, shares, tries):
    """Return the standard error of a slope if every y is a share of tries that came out right, drawn anew.

    Parameters
    ----------
    x, shares : array_like
        Shape (n,); shares in [0, 1].
    tries : float or array_like
        Tries behind each share.

    Returns
    -------
    float
        In shares a unit of x.

    Notes
    -----
    ``sqrt(sum(w^2 p (1 - p) / n))`` with the weights of least squares, ``w = (x - mean) / sum((x - mean)^2)``.
    """
    x, shares = np.asarray(x, dtype=float), np.asarray(shares, dtype=float)
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    return float(np.sqrt((weights**2 * shares * (1.0 - shares) / tries).sum()))


def difference_error(shares, tries):
    """Return the standard error of a difference, or a sum, of shares of independent tries.

    Parameters
    ----------
    shares, tries : array_like
        Shape (n,): shares in [0, 1], and the tries behind each.

    Returns
    -------
    float

    Notes
    -----
    ``sqrt(sum(p (1 - p) / n))``.
    """
    shares = np.asarray(shares, dtype=float)
    return float(np.sqrt((shares * (1.0 - shares) / np.asarray(tries, dtype=float)).sum()))


def leave_group_out(values, groups):
    """Return for each of several positive numbers the geometric mean of those of other groups, in their order.

    Parameters
    ----------
    values : sequence of float
    groups : sequence
        Numbers of one group are not independent, so none of them may predict another.

    Returns
    -------
    list of float

    Raises
    ------
    InputError
        If there are fewer than two groups.
    """
    from scipy.stats import gmean

    pairs = list(zip(values, groups, strict=True))
    if len(set(groups)) < 2:
        raise InputError("leaving a group out needs at least two groups")
    return [float(gmean([value for value, other in pairs if other != group])) for group in groups]
