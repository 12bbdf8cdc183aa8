"""Unit economics of an application on language models: cost of a seat, gross margin, break-even, pass-through.

Everything is closed: operators and ufuncs only, so floats, arrays of draws and symbols pass through. Prices in US
dollars a million tokens, a seat in US dollars a month.
"""


def gross_margin(price, model_cost, other_share):
    """Return the gross margin of a seat, a fraction of its price.

    Parameters
    ----------
    price, model_cost : float
        USD a month.
    other_share : float
        Cost of revenue other than models, a fraction of the price.

    Returns
    -------
    float or numpy.ndarray
    """
    return 1.0 - other_share - model_cost / price


def breakeven_input_usd(price, model_cost, other_share, input_usd):
    """Return the input price at which a seat's gross margin is zero, all prices of the model moving together.

    Parameters
    ----------
    price, model_cost : float
        Of the seat, USD a month; the cost is at `input_usd`.
    other_share : float
    input_usd : float
        USD per million tokens.

    Returns
    -------
    float or numpy.ndarray
        USD per million tokens.
    """
    return input_usd * (1.0 - other_share) * price / model_cost


def cost_after(model_cost, token_growth, price_fall, years):
    """Return the model cost of a seat after some years, when tokens grow and prices fall by constant factors.

    ``cost x (growth / fall)^years``: it rises as long as tokens grow faster than prices fall.

    Parameters
    ----------
    model_cost : float or array_like
        USD a month, now.
    token_growth, price_fall : float or array_like
        Factors a year: tokens over those of the year before, and the price before over the price.
    years : float or array_like

    Returns
    -------
    float or numpy.ndarray
        USD a month.
    """
    return model_cost * (token_growth / price_fall) ** years


def revenue_split(model_share, model_margin, hardware_share, chip_profit_share):
    """Split a dollar of application revenue down the layers, if every layer buys from the next.

    Parameters
    ----------
    model_share : float
        What the application pays for models, a fraction of its revenue.
    model_margin : float
        Gross margin of the model provider.
    hardware_share : float
        Share of machines and buildings in the cost of computing.
    chip_profit_share : float
        Gross profit of the chip maker in the price of machines and buildings.

    Returns
    -------
    dict of str to float
        ``application`` (kept before its other costs), ``models`` (gross profit), ``chips`` (gross profit) and
        ``computing`` (everything else); they add up to one.
    """
    computing = model_share * (1.0 - model_margin)
    chips = computing * hardware_share * chip_profit_share
    return {
        "application": 1.0 - model_share,
        "models": model_share * model_margin,
        "chips": chips,
        "computing": computing - chips,
    }
