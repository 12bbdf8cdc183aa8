"""Event study: market models, abnormal returns with their prediction error, and tests that allow for clustering.

Returns are simple ones, as fractions; they add up across the names of a portfolio. Days are counted in trading days
from the event, which is day 0.
"""

from dataclasses import asdict, dataclass

import numpy as np

#: First and last day of the estimation window.
ESTIMATION = (-250, -21)

#: Days with a return that an estimate needs at least.
FEWEST_DAYS = 120


@dataclass(frozen=True)
class MarketModel:
    """What a regression of a return on the market's leaves behind for a test of later days.

    Attributes
    ----------
    days : float
        Days in the regression.
    alpha, beta : float
        Intercept (a day's return) and slope.
    residual_variance : float
        Sum of squared residuals over ``days - 2``.
    market_mean, market_sum_squares : float
        Mean of the market's return, and the sum of its squared deviations from it.
    """

    days: float
    alpha: float
    beta: float
    residual_variance: float
    market_mean: float
    market_sum_squares: float


def simple_returns(prices):
    """Return the change of each price over the one before, NaN where either is missing.

    Parameters
    ----------
    prices : array_like
        Shape (days,).

    Returns
    -------
    numpy.ndarray
        Shape (days,); the first is NaN.
    """
    prices = np.asarray(prices, dtype=float)
    return np.concatenate([[np.nan], prices[1:] / prices[:-1] - 1.0])


def market_model(stock, market):
    """Regress a return on the market's over the days that have both.

    Parameters
    ----------
    stock, market : array_like
        Shape (days,); NaN where there is none.

    Returns
    -------
    MarketModel
    """
    from scipy.stats import linregress

    stock, market = np.asarray(stock, dtype=float), np.asarray(market, dtype=float)
    both = np.isfinite(stock) & np.isfinite(market)
    x, y = market[both], stock[both]
    fit = linregress(x, y)
    left = y - fit.intercept - fit.slope * x
    return MarketModel(
        days=float(len(x)),
        alpha=float(fit.intercept),
        beta=float(fit.slope),
        residual_variance=float(left @ left / (len(x) - 2)),
        market_mean=float(x.mean()),
        market_sum_squares=float(((x - x.mean()) ** 2).sum()),
    )


def abnormal_return(model, stock, market, length=1):
    """Return what a window's return is above what the market model expects.

    Parameters
    ----------
    model : MarketModel
    stock, market : float or array_like
        Sum of the daily returns over the window.
    length : int
        Days in the window.

    Returns
    -------
    float or numpy.ndarray
        In the unit of the returns.
    """
    return stock - length * model.alpha - model.beta * market


def abnormal_variance(model, market, length=1):
    """Return the variance of an abnormal return, the error of the estimated model included.

    Parameters
    ----------
    model : MarketModel
    market : float or array_like
        Sum of the market's daily returns over the window.
    length : int
        Days in the window.

    Returns
    -------
    float or numpy.ndarray

    Notes
    -----
    ``s² (L + L²/n + (Σ r_m - L r̄_m)² / Σ(r_m - r̄_m)²)`` for a window of L days after an estimation of n days whose
    daily errors are independent. The last term grows with the square of the market's move; on 27 January 2025 the
    error of the model adds less than four per cent to the variance.

    References
    ----------
    MacKinlay 1997, Event Studies in Economics and Finance, Journal of Economic Literature 35(1), equation 8.
    """
    apart = market - length * model.market_mean
    return model.residual_variance * (length + length**2 / model.days + apart**2 / model.market_sum_squares)


def abnormal_t(model, stock, market, length=1):
    """Return an abnormal return over its standard error: Student's t with ``days - 2`` degrees of freedom.

    Parameters
    ----------
    model : MarketModel
    stock, market : float
        Sum of the daily returns over the window.
    length : int
        Days in the window.

    Returns
    -------
    float
    """
    error = np.sqrt(abnormal_variance(model, market, length))
    return abnormal_return(model, stock, market, length) / error


def interval_half(model, market, length=1, level=0.95):
    """Return half the width of the prediction interval of an abnormal return.

    Parameters
    ----------
    model : MarketModel
    market : float
        Sum of the market's daily returns over the window.
    length : int
        Days in the window.
    level : float
        Probability that the interval holds the abnormal return of an ordinary window.

    Returns
    -------
    float
        In the unit of the returns.
    """
    from scipy.stats import t

    return t.ppf(0.5 + level / 2, model.days - 2) * np.sqrt(abnormal_variance(model, market, length))


def bmp(standardised):
    """Return the Boehmer-Musumeci-Poulsen statistic of a group's standardised abnormal returns.

    Parameters
    ----------
    standardised : array_like
        Abnormal returns over their standard errors, shape (names,).

    Returns
    -------
    float
        Student's t with ``names - 1`` degrees of freedom.

    Notes
    -----
    Their mean over its cross-sectional standard error: it allows the event to raise the variance, and supposes that
    names are independent, which on one day they are not (`kolari_pynnonen`).

    References
    ----------
    Boehmer, Musumeci and Poulsen 1991, Journal of Financial Economics 30(2).
    """
    standardised = np.asarray(standardised, dtype=float)
    return float(standardised.mean() * np.sqrt(len(standardised)) / standardised.std(ddof=1))


def kolari_pynnonen(standardised, correlation):
    """Return `bmp` corrected for names that move together.

    Parameters
    ----------
    standardised : array_like
        Shape (names,).
    correlation : float
        Mean pairwise correlation of the names' residuals in the estimation window.

    Returns
    -------
    float
        See `bmp`.

    Notes
    -----
    ``t_BMP sqrt((1 - r̄) / (1 + (N - 1) r̄))``

    References
    ----------
    Kolari and Pynnönen 2010, Review of Financial Studies 23(11).
    """
    names = len(standardised)
    return float(bmp(standardised) * np.sqrt((1 - correlation) / (1 + (names - 1) * correlation)))


def kolari_pynnonen_difference(bought, sold, correlations):
    """Return the same test for the difference between two groups' mean standardised abnormal returns.

    Parameters
    ----------
    bought, sold : array_like
        Standardised abnormal returns of each group, shapes (names,).
    correlations : tuple of float
        Mean pairwise residual correlation within the first group, within the second, and between them.

    Returns
    -------
    float

    Notes
    -----
    With s² a group's cross-sectional variance, r its correlation and N its names, a name's variance is
    ``σ² = s² / (1 - r)`` and the group mean's ``σ² (1 + (N - 1) r) / N``; the two means have the covariance ``r_ab
    σ_a σ_b``. For a second group without variance and mean this is `kolari_pynnonen`. The extension to a difference
    is ours.
    """
    within_bought, within_sold, between = correlations
    means, variances, scales = [], [], []
    for scores, within in ((bought, within_bought), (sold, within_sold)):
        scores = np.asarray(scores, dtype=float)
        scale = scores.std(ddof=1) / np.sqrt(1 - within)
        means.append(scores.mean())
        scales.append(scale)
        variances.append(scale**2 * (1 + (len(scores) - 1) * within) / len(scores))
    return float((means[0] - means[1]) / np.sqrt(variances[0] + variances[1] - 2 * between * scales[0] * scales[1]))


def rank_z(ranks, days, rank_sd):
    """Return Corrado's rank statistic of a group on the event day.

    Parameters
    ----------
    ranks : array_like
        Rank of each name's abnormal return among its estimation days and the event day, 1 the lowest; shape (names,).
    days : array_like
        Estimation days of each name, shape (names,).
    rank_sd : float
        Standard deviation over all those days of the group's mean rank, as a fraction of the days less one half
        (`scaled_ranks`).

    Returns
    -------
    float
        A standard normal variable, where nothing happened.

    Notes
    -----
    Because `rank_sd` is that of the group's mean, names that move together do not overstate it.

    References
    ----------
    Corrado 1989, Journal of Financial Economics 23(2).
    """
    scaled = np.asarray(ranks, dtype=float) / (np.asarray(days, dtype=float) + 2) - 0.5
    return float(scaled.mean() / rank_sd)


def scaled_ranks(abnormal):
    """Return the ranks of abnormal returns within their series, from -1/2 to 1/2; NaN where there is none.

    Parameters
    ----------
    abnormal : array_like
        Shape (days,), NaN where there is none.

    Returns
    -------
    numpy.ndarray
        Shape (days,).
    """
    from scipy.stats import rankdata

    abnormal = np.asarray(abnormal, dtype=float)
    there = np.isfinite(abnormal)
    scaled = np.full(abnormal.shape, np.nan)
    scaled[there] = rankdata(abnormal[there]) / (there.sum() + 1) - 0.5
    return scaled


def mean_correlation(residuals, others=None):
    """Return the mean pairwise correlation of residuals, within a group or between two.

    Parameters
    ----------
    residuals, others : array_like
        Shape (names, days); NaN where there is none. A pair is compared over the days it shares.

    Returns
    -------
    float
    """
    if others is None:
        pairs = [(a, b) for i, a in enumerate(residuals) for b in residuals[:i]]
    else:
        pairs = [(a, b) for a in residuals for b in others]
    found = []
    for a, b in pairs:
        both = np.isfinite(a) & np.isfinite(b)
        found.append(np.corrcoef(a[both], b[both])[0, 1])
    return float(np.mean(found))


def value_lost(shares, before, after):
    """Return the fall in the market value of some shares.

    Parameters
    ----------
    shares : float
        Shares outstanding.
    before, after : float
        Prices of one share.

    Returns
    -------
    float
        In the prices' unit; positive for a loss.
    """
    return shares * (before - after)


def estimation_window(event):
    """Return the slice of days before the event on which a model is estimated, cut off at the first day there is.

    Parameters
    ----------
    event : int
        Index of the event day.

    Returns
    -------
    slice
        Of `ESTIMATION`.
    """
    return slice(max(0, event + ESTIMATION[0]), max(0, event + ESTIMATION[1] + 1))


def estimate(stock, market, event):
    """Estimate a name's market model and where the event day stands in it.

    Parameters
    ----------
    stock, market : numpy.ndarray
        Returns by day, shape (days,).
    event : int
        Index of the event day.

    Returns
    -------
    model : MarketModel
    abnormal : numpy.ndarray
        Abnormal returns of the estimation window and, last, of the event day.
    rank : float
        Rank of the event day among them, 1 the lowest.
    """
    window = estimation_window(event)
    model = market_model(stock[window], market[window])
    days = np.r_[np.arange(window.start, window.stop), event]
    abnormal = abnormal_return(model, stock[days], market[days])
    rank = 1.0 + float((abnormal[:-1] < abnormal[-1]).sum())
    return model, abnormal, rank


def unusable(stock, event):
    """Say why a name's returns cannot be used, or return None.

    Parameters
    ----------
    stock : numpy.ndarray
        Returns by day, NaN where there is none, shape (days,).
    event : int

    Returns
    -------
    str or None
    """
    if not np.isfinite(stock[event]):
        return "no price on the event day or the trading day before"
    window = stock[estimation_window(event)]
    there = window[np.isfinite(window)]
    if len(there) < FEWEST_DAYS:
        return f"{len(there)} days with a return in the estimation window, {FEWEST_DAYS} are needed"
    if np.ptp(there) == 0:
        return "a price that does not move in the estimation window"
    return None


def group_statistics(returns, market, event):
    """Return what the tests that allow for clustering need to know of a group.

    Parameters
    ----------
    returns : sequence of numpy.ndarray
        Returns of each name by day, shape (names, days).
    market : numpy.ndarray
        Shape (days,).
    event : int

    Returns
    -------
    dict
        ``correlation`` (mean, within the group), ``rank_sd``, ``residuals`` (names by estimation days).
    """
    abnormal = np.array([estimate(stock, market, event)[1] for stock in returns])
    mean_ranks = _mean_of_those_there([scaled_ranks(row) for row in abnormal])
    residuals = abnormal[:, :-1]
    return {
        "correlation": mean_correlation(residuals),
        "rank_sd": float(np.sqrt(np.mean(mean_ranks**2))),
        "residuals": residuals,
    }


def _mean_of_those_there(rows):
    rows = np.asarray(rows, dtype=float)
    there = np.isfinite(rows)
    count = there.sum(axis=0)
    total = np.where(there, rows, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def study(returns, event, benchmarks, groups, spread=()):
    """Run the whole study of one event day: every name and every group against every benchmark.

    Parameters
    ----------
    returns : mapping of str to numpy.ndarray
        Ticker to returns by day, shape (days,), NaN where there is none.
    event : int
        Index of the event day.
    benchmarks : sequence of str
        Tickers among `returns`, each usable itself (`unusable`).
    groups : mapping of str to sequence of str
        Group name to tickers; those that are not in `returns`, or not usable, are left out, and a group of fewer than
        two is dropped.
    spread : tuple of (str, str), optional
        Two groups: the first is bought and the second sold, if both are there.

    Returns
    -------
    names, portfolios : list of dict
        One entry for each name or portfolio and benchmark: the fields of `MarketModel`, the event day's
        ``event_return``, ``market_return``, ``abnormal_return``, ``t`` and ``rank``. Groups add ``members``,
        ``correlation`` and ``rank_sd``, and the statistics ``bmp``, ``kolari_pynnonen`` and ``rank_z``.
    skipped : dict of str to str
        Ticker to the reason why it has no estimate.
    """
    reasons = {ticker: unusable(stock, event) for ticker, stock in returns.items()}
    usable = {ticker: stock for ticker, stock in returns.items() if reasons[ticker] is None}
    skipped = {ticker: reason for ticker, reason in reasons.items() if reason}
    members = {group: [ticker for ticker in tickers if ticker in usable] for group, tickers in groups.items()}
    members = {group: tickers for group, tickers in members.items() if len(tickers) > 1}
    names, portfolios = [], []
    for benchmark in benchmarks:
        market = usable[benchmark]
        found = {
            ticker: _entry(stock, market, event, ticker=ticker, benchmark=benchmark)
            for ticker, stock in usable.items()
            if ticker != benchmark
        }
        names += found.values()
        statistics = {}
        for group, tickers in members.items():
            stocks = [usable[ticker] for ticker in tickers]
            statistics[group] = group_statistics(stocks, market, event)
            scores = [found[ticker]["t"] for ticker in tickers]
            correlation, rank_sd = statistics[group]["correlation"], statistics[group]["rank_sd"]
            ranks, days = ([found[ticker][field] for ticker in tickers] for field in ("rank", "days"))
            portfolios.append(
                _entry(_mean_of_those_there(stocks), market, event, portfolio=group, benchmark=benchmark)
                | {
                    "members": len(tickers),
                    "correlation": correlation,
                    "rank_sd": rank_sd,
                    "bmp": bmp(scores),
                    "kolari_pynnonen": kolari_pynnonen(scores, correlation),
                    "rank_z": rank_z(ranks, days, rank_sd),
                }
            )
        if spread and all(group in members for group in spread):
            bought, sold = (_mean_of_those_there([usable[ticker] for ticker in members[group]]) for group in spread)
            between = mean_correlation(*(statistics[group]["residuals"] for group in spread))
            scores = [[found[ticker]["t"] for ticker in members[group]] for group in spread]
            correlations = (*(statistics[group]["correlation"] for group in spread), between)
            portfolios.append(
                _entry(bought - sold, market, event, portfolio=" minus ".join(spread), benchmark=benchmark)
                | {
                    "members": sum(len(members[group]) for group in spread),
                    "correlation": between,
                    "kolari_pynnonen": kolari_pynnonen_difference(*scores, correlations),
                }
            )
    return names, portfolios, skipped


def _entry(stock, market, event, **labels):
    model, abnormal, rank = estimate(stock, market, event)
    return (
        labels
        | asdict(model)
        | {
            "event_return": float(stock[event]),
            "market_return": float(market[event]),
            "abnormal_return": float(abnormal[-1]),
            "t": float(abnormal_t(model, stock[event], market[event])),
            "rank": rank,
        }
    )
