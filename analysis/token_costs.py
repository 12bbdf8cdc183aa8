"""What tokens cost: a bill, an answer, a solved problem.

Everything is closed: operators only, so floats, arrays of draws and symbols pass through. Prices in US dollars a
million tokens.
"""

MILLION = 1e6


def usd(tokens, usd_per_million):
    """Return the price of tokens of one kind, USD.

    Parameters
    ----------
    tokens : float or array_like
    usd_per_million : float or array_like

    Returns
    -------
    float or numpy.ndarray
        USD.
    """
    return tokens * usd_per_million / MILLION


def request_usd(fresh, cached, output, input_usd, cached_usd, output_usd):
    """Return the price of a request.

    Parameters
    ----------
    fresh, cached, output : float or array_like
        Tokens of input, of input found in the cache, and of output with its thinking.
    input_usd, cached_usd, output_usd : float or array_like
        Prices, USD per million tokens.

    Returns
    -------
    float or numpy.ndarray
        USD.
    """
    return (fresh * input_usd + cached * cached_usd + output * output_usd) / MILLION


def answer_usd(tokens_in, tokens_out, input_usd, output_usd):
    """Return the price of an answer to a prompt of which nothing is in the cache; see `request_usd`.

    Parameters
    ----------
    tokens_in, tokens_out : float or array_like
        Tokens of the prompt, and of the answer with its thinking.
    input_usd, output_usd : float or array_like
        Prices, USD per million tokens.

    Returns
    -------
    float or numpy.ndarray
        USD.
    """
    return (tokens_in * input_usd + tokens_out * output_usd) / MILLION


def usd_per_solved(answer_usd, score):
    """Return what a right answer costs: the price of an answer over the share that is right.

    Parameters
    ----------
    answer_usd : float or array_like
        USD for each answer, right or wrong.
    score : float or array_like
        Share of answers that are right, in (0, 1].

    Returns
    -------
    float or numpy.ndarray
        USD. If answers are drawn until one is right, and rightness is recognised at no cost, this is the
        expected bill; a problem that a model never solves has no finite price and is hidden in the mean.
    """
    return answer_usd / score
