"""Price trends at constant quality: record lows, a log-linear trend, a hedonic regression.

Prices in US dollars a million tokens, dates in decimal years, scores as fractions.
"""

import datetime

import numpy as np


def blended(input_usd, output_usd, input_parts=3.0):
    """Return one price for a mix of input and output tokens.

    Parameters
    ----------
    input_usd, output_usd : float
        Prices, USD per million tokens.
    input_parts : float
        Input tokens to each output token; three by the industry's habit.

    Returns
    -------
    float
        USD per million tokens of the mix.
    """
    return (input_parts * input_usd + output_usd) / (input_parts + 1.0)


def decimal_year(date):
    """Return a date ``"2025-01-20"`` as a decimal year, in years of 365.25 days from 2000.

    Parameters
    ----------
    date : str
        ISO 8601.

    Returns
    -------
    float
    """
    return 2000.0 + (datetime.date.fromisoformat(date) - datetime.date(2000, 1, 1)).days / 365.25


def record_lows(years, prices, scores, threshold):
    """Pick the offers that were cheaper than all before them among those of a quality.

    Parameters
    ----------
    years, prices, scores : array_like
        Shape (n,): date, price and score of each offer.
    threshold : float
        Offers below this score are left out.

    Returns
    -------
    list of int
        Positions of the record lows, by date; of offers on one day the cheapest counts.
    """
    order = sorted(range(len(years)), key=lambda i: (years[i], prices[i]))
    lowest, kept = np.inf, []
    for i in order:
        if scores[i] >= threshold and prices[i] < lowest:
            lowest = prices[i]
            kept.append(i)
    return kept


def log_trend(years, prices, level=0.9):
    """Fit a constant yearly factor to prices by least squares on their logarithm.

    Parameters
    ----------
    years, prices : array_like
        Shape (n,), n at least three.
    level : float
        Of the interval, by Student's t.

    Returns
    -------
    dict
        ``factor``, by which prices fall in a year, its ``low`` and ``high``, ``points`` and ``r_squared``.

    Raises
    ------
    ValueError
        With fewer than three points: a line through two has no interval.
    """
    import statsmodels.api as sm

    years, prices = np.asarray(years, dtype=float), np.asarray(prices, dtype=float)
    if years.size != prices.size or years.size < 3:
        raise ValueError("a trend needs at least three dated prices")
    fit = sm.OLS(np.log(prices), sm.add_constant(years - years.mean())).fit()
    return _falls(fit, 1, level) | {"points": int(years.size), "r_squared": float(fit.rsquared)}


def hedonic(years, prices, columns, level=0.9):
    """Fit a yearly factor of price, given what the models are (a hedonic regression).

    ``ln(price) = a - t ln(factor) + b1 x1 + b2 x2 + ...``, with standard errors that allow for unequal scatter (HC3).

    Parameters
    ----------
    years, prices : array_like
        Shape (n,).
    columns : array_like
        Shape (n, k): the log-odds of a score, zero or one for a kind of model.
    level : float
        Of the interval, by Student's t.

    Returns
    -------
    dict
        As `log_trend`, and ``effects``, shape (k,): the factor on price of one unit of each column.

    Raises
    ------
    ValueError
        With no more models than coefficients, or with a model that alone fixes a coefficient: HC3 divides by its
        leverage's distance from one.
    """
    import statsmodels.api as sm

    years, prices = np.asarray(years, dtype=float), np.asarray(prices, dtype=float)
    columns = np.asarray(columns, dtype=float).reshape(years.size, -1)
    if years.size <= columns.shape[1] + 2:
        raise ValueError("a hedonic regression needs more models than coefficients")
    model = sm.OLS(np.log(prices), np.column_stack([np.ones(years.size), years - years.mean(), columns]))
    if model.fit().get_influence().hat_matrix_diag.max() > 1.0 - 1e-9:
        raise ValueError("a model that is the only one of its kind has no place in a hedonic regression")
    fit = model.fit(cov_type="HC3", use_t=True)
    return _falls(fit, 1, level) | {
        "points": int(years.size),
        "r_squared": float(fit.rsquared),
        "effects": np.exp(fit.params[2:]),
    }


def _falls(fit, position, level):
    low, high = np.asarray(fit.conf_int(1.0 - level))[position]
    return {
        "factor": float(np.exp(-fit.params[position])),
        "low": float(np.exp(-high)),
        "high": float(np.exp(-low)),
    }
