"""What a training run computes, how long it takes and what it costs.

All functions take floats or arrays that broadcast, and return the same.
"""

import functools
import operator

import numpy as np

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


def mean_attended_tokens(sequence_length, window=None, causal=True):
    """Return the tokens that one token attends to, averaged over a training sequence.

    Parameters
    ----------
    sequence_length : float or array_like
        Tokens in a sequence.
    window : float, optional
        Most tokens that one attends to: a sliding window, or the number a sparse indexer selects. None for
        all.
    causal : bool
        Count what the causal mask keeps; else every token sees the whole sequence or a whole window.

    Returns
    -------
    float or numpy.ndarray
        Tokens.

    Notes
    -----
    ``w`` for all but the first ``w`` tokens, which see half of it on average: ``w - w^2 / (2 s)``, with
    ``w = min(window, s)``. Without a window that is ``s / 2``.
    """
    seen = sequence_length * 1.0 if window is None else np.minimum(sequence_length * 1.0, window)
    return seen - seen * seen / (2.0 * sequence_length) if causal else seen


def context_flops_per_token(architecture, sequence_length, causal=True):
    """Return the training compute of attention over the context of one model, per token.

    Parameters
    ----------
    architecture : Architecture
        See `analysis.architecture`; latent attention is counted as trained, with keys and values expanded.
    sequence_length : float or array_like
        Tokens in a training sequence.
    causal : bool
        Count only what a causal mask keeps.

    Returns
    -------
    float or numpy.ndarray
        FLOP per token.

    Notes
    -----
    `attention_flops_per_token` with each layer's own attended tokens in the place of ``s / 2``. A sparse
    indexer scores every earlier token, ``6 L H_i d_i s`` halved if causal, and the layer attends to those it
    selects.
    """
    widths = {window: count for window, count in architecture.window_counts}
    if architecture.index_heads:
        widths = {architecture.index_topk: architecture.layers}
    attended = (count * mean_attended_tokens(sequence_length, window, causal) for window, count in widths.items())
    # Not the builtin sum, which adds floats otherwise from Python 3.12 on, nor math.fsum, which takes no arrays.
    layer_tokens = functools.reduce(operator.add, attended)
    indexed = architecture.layers * mean_attended_tokens(sequence_length, None, causal)
    scored = architecture.heads * (architecture.qk_head_dim + architecture.v_head_dim) * layer_tokens
    return 6.0 * (scored + architecture.index_heads * architecture.index_head_dim * indexed)


def model_flops_per_token(architecture, sequence_length, causal=True, mtp=False):
    """Return the training compute of one token of one model.

    Parameters
    ----------
    architecture : Architecture
        See `analysis.architecture`.
    sequence_length : float or array_like
        Tokens in a training sequence.
    causal : bool
        Count only the part of the score matrix that a causal mask keeps.
    mtp : bool
        Add the multi-token-prediction modules, each of which runs the head once more.

    Returns
    -------
    float or numpy.ndarray
        FLOP per token.

    Notes
    -----
    ``6 N_matmul + attention``: of a mixture of experts only the experts that a token is sent to, of the
    embeddings only the head. Norms, softmax and activation functions are left out, and so is anything
    computed twice to save memory: it is the model's compute, not the hardware's.

    References
    ----------
    Chowdhery and others (2022), "PaLM: Scaling Language Modeling with Pathways", appendix B.
    """
    context = context_flops_per_token(architecture, sequence_length, causal)
    if not mtp:
        return flops_per_token(architecture.matmul_parameters, context)
    head = architecture.vocab_size * architecture.hidden_size
    module = sum(weight.multiplied for weight in architecture.mtp_weights) + head
    depth = architecture.mtp_layers
    return flops_per_token(
        architecture.matmul_parameters + depth * module, context * (1.0 + depth / architecture.layers)
    )


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
    """Return the model FLOP utilisation that reconciles compute and GPU-hours; inverse of `gpu_hours`.

    Parameters
    ----------
    flops : float or array_like
        Model FLOP.
    hours : float or array_like
        GPU-hours.
    peak_flops : float or array_like
        Dense peak of one GPU, FLOP/s.

    Returns
    -------
    float or numpy.ndarray
        Share of the peak.
    """
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


def scaled_hours(hours, peak_flops, other_peak_flops, relative_utilisation=1.0):
    """Return the GPU-hours of a run on another chip.

    Parameters
    ----------
    hours : float or array_like
        GPU-hours on the first chip.
    peak_flops, other_peak_flops : float or array_like
        Dense peak of the first and of the other chip, FLOP/s.
    relative_utilisation : float or array_like
        Model FLOP utilisation on the other chip over that on the first, each against its own peak.

    Returns
    -------
    float or numpy.ndarray
    """
    return hours * peak_flops / other_peak_flops / relative_utilisation


def wall_days(hours, gpus):
    """Return the days that GPU-hours take on a number of GPUs running together.

    Parameters
    ----------
    hours, gpus : float or array_like
        GPU-hours, and GPUs.

    Returns
    -------
    float or numpy.ndarray
        Days.
    """
    return hours / gpus / HOURS_PER_DAY


def gpus_for_days(hours, days):
    """Return the GPUs that finish some GPU-hours in some days; the other way round than `wall_days`.

    Parameters
    ----------
    hours, days : float or array_like
        GPU-hours, and days.

    Returns
    -------
    float or numpy.ndarray
        GPUs.
    """
    return hours / (days * HOURS_PER_DAY)


def programme_cost(final_run_usd, compute_multiplier, staff_share):
    """Return the cost of developing a model, from the cost of its final run.

    Parameters
    ----------
    final_run_usd : float or array_like
        USD.
    compute_multiplier : float or array_like
        All compute of the programme (experiments, failed runs, data, final run) over the final run's; at
        least 1.
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
    fleets = (count * peak / h100_peak_flops for count, peak in zip(counts, peak_flops, strict=True))
    return functools.reduce(operator.add, fleets)


def tokens_per_day(flops_per_token, peak_flops, mfu, gpus):
    """Return the tokens that a cluster trains on in a day.

    Parameters
    ----------
    flops_per_token : float or array_like
        Model FLOP of one token.
    peak_flops : float or array_like
        Dense peak of one GPU, FLOP/s.
    mfu : float or array_like
        Model FLOP utilisation against that peak.
    gpus : float or array_like
        GPUs.

    Returns
    -------
    float or numpy.ndarray
        Tokens per day.
    """
    return peak_flops * mfu * gpus * SECONDS_PER_HOUR * HOURS_PER_DAY / flops_per_token
