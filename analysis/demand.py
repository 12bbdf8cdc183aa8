"""Price, quantity and spending: elasticities, and what a cut in training cost does to spending on compute.

Elasticities are positive numbers here: quantity ~ price^(-elasticity). Closed functions take floats, arrays and
symbols.
"""

import numpy as np


def spending_ratio(price_ratio, elasticity):
    """Return new over old spending when the price changes: ``price_ratio^(1 - elasticity)``.

    Spending rises with a falling price exactly if the elasticity is above one.

    Parameters
    ----------
    price_ratio : float or array_like
        New over old price.
    elasticity : float or array_like

    Returns
    -------
    float or numpy.ndarray
    """
    return price_ratio ** (1.0 - elasticity)


def arc_elasticity(price_ratio, quantity_ratio):
    """Return the constant elasticity that would join two points: ``-ln(quantity) / ln(price)``.

    It is an elasticity of demand only if nothing but the price moved in between.

    Parameters
    ----------
    price_ratio, quantity_ratio : float or array_like
        New over old price, and new over old quantity.

    Returns
    -------
    float or numpy.ndarray
    """
    return -np.log(quantity_ratio) / np.log(price_ratio)


def implied_elasticity(price_fall, spending_growth):
    """Return the elasticity that a rise of spending over a fall of price implies, nothing else having moved.

    ``1 + ln(spending growth) / ln(price fall)``, both factors over the same time.

    Parameters
    ----------
    price_fall, spending_growth : float or array_like
        Old over new price, and new over old spending.

    Returns
    -------
    float or numpy.ndarray
    """
    return 1.0 + np.log(spending_growth) / np.log(price_fall)


def compute_multiple(training_share, cut, elasticity, inference_response):
    """Return new over old spending on compute after a cut in the cost of training.

    ``f (1 - c)^(1 - e) + (1 - f) (1 + g)``.

    Parameters
    ----------
    training_share : float
        f, training's share of spending before.
    cut : float
        c, the fall of the cost of a given training result.
    elasticity : float
        e, of training results demanded to their cost.
    inference_response : float
        g, the growth of spending on inference that follows.

    Returns
    -------
    float or numpy.ndarray
    """
    training = spending_ratio(1.0 - cut, elasticity)
    return training_share * training + (1.0 - training_share) * (1.0 + inference_response)


def breakeven_elasticity(training_share, cut, inference_response):
    """Return the elasticity of training at which a cut leaves spending on compute as it was.

    ``1 - ln(n / f) / ln(1 - c)`` with ``n = 1 - (1 - f)(1 + g)``, the spending that is left for training. Without a
    response of inference it is one, whatever f and c. It is zero where inference alone makes up for the cut.
    See `compute_multiple` for the symbols.

    Parameters
    ----------
    training_share, cut, inference_response : float or array_like
        See `compute_multiple`.

    Returns
    -------
    float or numpy.ndarray
    """
    left = 1.0 - (1.0 - training_share) * (1.0 + inference_response)
    # Below (1 - c) f not even a demand that does not move is needed.
    needed = np.maximum(left / training_share, 1.0 - cut)
    return 1.0 - np.log(needed) / np.log(1.0 - cut)
