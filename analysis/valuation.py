"""What a fall in a company's value says about the sales behind it: a stated, simple model.

A share of the company's value rests on one business. The functions say by how much that business has to disappoint,
in one of several ways, to account for a fall.
"""

import numpy as np


def profit_cut(fall, share):
    """Return the permanent cut in the business's profit that accounts for a fall of the company's value.

    Parameters
    ----------
    fall : float or array_like
        Fall of the company's value, a fraction of it.
    share : float or array_like
        Share of the value that rests on the business.

    Returns
    -------
    float or numpy.ndarray
    """
    return fall / share


def revenue_cut(fall, share, leverage):
    """Return the permanent cut in the business's revenue that accounts for a fall.

    Parameters
    ----------
    fall, share : float or array_like
        As in `profit_cut`.
    leverage : float or array_like
        Per cent of profit lost for each per cent of revenue lost.

    Returns
    -------
    float or numpy.ndarray
    """
    return profit_cut(fall, share) / leverage


def delay_years(fall, share, discount_rate):
    """Return by how many years all of the business's cash has to come later to account for a fall.

    Parameters
    ----------
    fall, share : float or array_like
        As in `profit_cut`.
    discount_rate : float or array_like
        A year.

    Returns
    -------
    float or numpy.ndarray
        Years.

    Notes
    -----
    ``fall = share (1 - (1 + r)^-d)``
    """
    return -np.log(1.0 - fall / share) / np.log(1.0 + discount_rate)


def delay_cost(share, discount_rate, years=1.0):
    """Return the share of the company's value that a delay of the business costs; inverse of `delay_years`.

    Parameters
    ----------
    share : float or array_like
        Share of the value that rests on the business.
    discount_rate : float or array_like
        A year.
    years : float or array_like
        Of the delay.

    Returns
    -------
    float or numpy.ndarray
    """
    return share * (1.0 - (1.0 + discount_rate) ** -years)


def cash_multiple(growth, years, discount_rate, long_run_growth):
    """Return the present value of a cash flow over its present level: growth for some years, then less for ever.

    Parameters
    ----------
    growth : float
        A year, for the first years.
    years : float
        How many they are; need not be whole.
    discount_rate, long_run_growth : float
        A year; the first must be the larger.

    Returns
    -------
    float

    Notes
    -----
    With ``x = (1 + g) / (1 + r)``: ``x (x^N - 1) / (x - 1) + x^N (1 + g_L) / (r - g_L)``
    """
    x = (1.0 + growth) / (1.0 + discount_rate)
    first = years if abs(x - 1.0) < 1e-9 else x * (x**years - 1.0) / (x - 1.0)
    return first + x**years * (1.0 + long_run_growth) / (discount_rate - long_run_growth)


def implied_growth(multiple, years, discount_rate, long_run_growth):
    """Return the growth at which `cash_multiple` is a given multiple.

    Parameters
    ----------
    multiple : float
        Present value of the cash over its present level.
    years, discount_rate, long_run_growth : float
        See `cash_multiple`.

    Returns
    -------
    float
        A year, for the first years.

    Raises
    ------
    ValueError
        If no growth from -95% to 2,000% a year gives the multiple.
    """
    from scipy.optimize import brentq

    return brentq(lambda g: cash_multiple(g, years, discount_rate, long_run_growth) - multiple, -0.95, 20.0)


def implied_discount_rate(multiple, growth, years, long_run_growth):
    """Return the discount rate at which `cash_multiple` is a given multiple.

    Parameters
    ----------
    multiple : float
        Present value of the cash over its present level.
    growth, years, long_run_growth : float
        See `cash_multiple`.

    Returns
    -------
    float
        A year.

    Raises
    ------
    ValueError
        If no rate between the long-run growth and 500% a year gives the multiple.
    """
    from scipy.optimize import brentq

    return brentq(lambda r: cash_multiple(growth, years, r, long_run_growth) - multiple, long_run_growth + 1e-6, 5.0)
