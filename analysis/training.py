"""What a training run computes, how long it takes and what it costs.

All functions take floats or arrays that broadcast, and return the same.
"""

SECONDS_PER_HOUR = 3600
HOURS_PER_DAY = 24


def dense_flops(parameters, tokens):
    """Return training compute by the 6ND rule.

    Parameters
    ----------
    parameters : float or array_like
        Parameters a token passes through (active ones, for a mixture of experts).
    tokens : float or array_like
        Training tokens.

    Returns
    -------
    float or numpy.ndarray
        FLOP.

    Notes
    -----
    ``C = 6 N D``: two FLOP per weight and token forward, four backward. Attention over the context is
    left out.

    References
    ----------
    Kaplan and others (2020), "Scaling Laws for Neural Language Models", section 2.1.
    """
    return 6.0 * parameters * tokens


def attention_flops_per_token(layers, heads, qk_head_dim, v_head_dim, sequence_length, causal=True):
    """Return the training compute of attention over the context, per token.

    Parameters
    ----------
    layers, heads : float or array_like
        Transformer layers, and attention heads in each.
    qk_head_dim, v_head_dim : float or array_like
        Width of a head's queries and keys, and of its values.
    sequence_length : float or array_like
        Tokens in a training sequence.
    causal : bool
        Count only the half of the score matrix that a causal mask keeps.

    Returns
    -------
    float or numpy.ndarray
        FLOP per token.

    Notes
    -----
    ``6 L H (d_qk + d_v) s``, halved if causal: scores and weighted sum take ``2 s d`` each per head forward,
    and twice that backward.
    """
    full = 6.0 * layers * heads * (qk_head_dim + v_head_dim) * sequence_length
    return full / 2 if causal else full


def flops_per_token(matmul_parameters, attention):
    """Return the training compute of one token: ``6 N_matmul + attention``.

    Parameters
    ----------
    matmul_parameters : float or array_like
        Weights a token is multiplied with; an embedding that is only looked up does not count.
    attention : float or array_like
        FLOP per token from `attention_flops_per_token`.

    Returns
    -------
    float or numpy.ndarray
        FLOP per token.
    """
    return 6.0 * matmul_parameters + attention


def gpu_hours(flops, peak_flops, mfu):
    """Return the GPU-hours a computation takes.

    Parameters
    ----------
    flops : float or array_like
        Model FLOP.
    peak_flops : float or array_like
        Dense peak of one GPU, FLOP/s.
    mfu : float or array_like
        Model FLOP utilisation against that peak, in (0, 1].

    Returns
    -------
    float or numpy.ndarray
    """
    return flops / (peak_flops * mfu) / SECONDS_PER_HOUR


def mfu(flops, hours, peak_flops):
    """Return the model FLOP utilisation that reconciles compute and GPU-hours; inverse of `gpu_hours`."""
    return flops / (hours * SECONDS_PER_HOUR * peak_flops)


def run_cost(hours, gpu_hour_usd):
    """Return the cost of GPU-hours at a price.

    Parameters
    ----------
    hours : float or array_like
        GPU-hours.
    gpu_hour_usd : float or array_like
        USD per GPU-hour.

    Returns
    -------
    float or numpy.ndarray
        USD.
    """
    return hours * gpu_hour_usd


def wall_days(hours, gpus):
    """Return the days that GPU-hours take on a number of GPUs running together."""
    return hours / gpus / HOURS_PER_DAY


def programme_cost(final_run_usd, compute_multiplier, staff_share):
    """Return the cost of developing a model, from the cost of its final run.

    Parameters
    ----------
    final_run_usd : float or array_like
        USD.
    compute_multiplier : float or array_like
        All compute of the programme (experiments, failed runs, data, final run) over the final run's; at least 1.
    staff_share : float or array_like
        Share of staff in the total, in [0, 1).

    Returns
    -------
    float or numpy.ndarray
        USD.

    Notes
    -----
    ``final run x multiplier / (1 - staff share)``: what is not staff is compute.
    """
    return final_run_usd * compute_multiplier / (1.0 - staff_share)


def h100_equivalents(counts, peak_flops, h100_peak_flops):
    """Return a fleet's size in H100 equivalents, by dense BF16 peak.

    Parameters
    ----------
    counts, peak_flops : sequence of float
        Number of chips of each kind, and the peak of one, FLOP/s.
    h100_peak_flops : float
        FLOP/s.

    Returns
    -------
    float
        Peak compute only: memory bandwidth and links, where an H20 is strong and an H800 weak, do not count.
    """
    return sum(count * peak / h100_peak_flops for count, peak in zip(counts, peak_flops, strict=True))
