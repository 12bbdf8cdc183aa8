"""How fast a model is served on given chips, and what a token costs: a roofline of prefill and decode.

One `step` of a serving engine computes new tokens for many sequences at once. Its time is the sum of what the
chip computes and what it moves (weights, cache, activations), plus what it sends to other chips, plus a fixed
overhead. Compute and memory are added, not raced: kernels of one layer follow each other, and published
throughput says so. A model, a chip, a layout over chips and a set of efficiencies are named tuples of
numbers, so that each number may be an array and all of them broadcast.

All functions take floats or arrays and return the same. Times are in seconds, sizes in bytes unless they say
bits.
"""

from typing import NamedTuple

import numpy as np

from analysis import memory
from analysis.architecture import BITS_PER_BYTE
from analysis.errors import InputError

SECONDS_PER_HOUR = 3600
TOKENS_PER_MILLION = 1e6
ACTIVATION_BYTES = 2
HEAD_BITS = 16
#: A 4-bit weight with its block scale: NVFP4 has one 8-bit scale for 16 weights.
FP4_BITS = 4.5
CHUNK = 32768


class Model(NamedTuple):
    """What serving needs to know of a model; from `model_of`, or by hand.

    Attributes
    ----------
    layers, moe_layers : float
        All layers, and those with routed experts.
    hidden_size : float
        Width of the residual stream.
    dense_parameters : float
        Weights every token is multiplied with, without routed experts and the output head.
    head_parameters : float
        Output head.
    expert_parameters : float
        Weights of one routed expert in one layer; 0 in a dense model.
    experts, experts_per_token : float
        Routed experts in a layer and those a token goes to; 1 and 1 in a dense model.
    kv_heads : float
        Heads over which tensor parallelism can divide the cache: 1 for latent attention, whose latent all
        heads share.
    full_layers, window_layers, window : float
        Layers that attend to the whole context, and those that attend to the last `window` tokens.
    kv_elements : float
        Numbers a token leaves in one layer's cache.
    decode_attention_flops, prefill_attention_flops : float
        FLOP in one layer for one new token and one token it attends to. Latent attention decodes in the
        absorbed form, against the latent itself, and prefills with expanded keys and values.
    stream_elements, inner_elements, latent_elements : float
        Activations that pass through memory for one token, all layers: inputs and outputs of matrix products
        that tensor parallelism does not divide, those that it does, and what absorbed latent attention adds
        at decode.
    draft_share : float
        Cost of one drafted token (multi-token-prediction module and head) as a share of a model step.
    linear : analysis.memory.Parts
        Numbers of the matrices that a layout's widths apply to: `analysis.memory.LINEAR_COMPONENTS`.
    kept_bytes : analysis.memory.Parts
        Bytes of all that stays in 16 bits whatever the layout: embedding, head, norms, routers, biases.
    """

    layers: float
    moe_layers: float
    hidden_size: float
    dense_parameters: float
    head_parameters: float
    expert_parameters: float
    experts: float
    experts_per_token: float
    kv_heads: float
    full_layers: float
    window_layers: float
    window: float
    kv_elements: float
    decode_attention_flops: float
    prefill_attention_flops: float
    stream_elements: float
    inner_elements: float
    latent_elements: float
    draft_share: float
    linear: memory.Parts
    kept_bytes: memory.Parts


class Chip(NamedTuple):
    """One accelerator.

    Attributes
    ----------
    flops_16, flops_8, flops_4 : float
        Dense peak at 16, 8 and 4 bits, FLOP/s. Without units for a width, the rate of the next wider one.
    memory_bytes, memory_bandwidth : float
        Size in bytes, bandwidth in bytes/s.
    link_bandwidth, nic_bandwidth : float
        To chips of the same domain (NVLink, PCIe) and to other domains, bytes/s each way. NaN where unknown:
        harmless as long as nothing is sent over it.
    watts : float
        Board power.
    """

    flops_16: float
    flops_8: float
    flops_4: float
    memory_bytes: float
    memory_bandwidth: float
    link_bandwidth: float
    nic_bandwidth: float
    watts: float


class Layout(NamedTuple):
    """How a model lies on chips, and in which formats.

    Attributes
    ----------
    chips : float
        Chips that hold one copy of the routed experts.
    tensor_parallel : float
        Chips that share one sequence's attention; the copies of attention are `chips / tensor_parallel`.
    expert_parallel : float
        1: each chip holds whole experts and tokens travel to them. 0: each chip holds a slice of every
        expert.
    chips_per_domain : float
        Chips joined by fast links: 8 in a usual server, 72 in an NVL72 rack.
    redundant_experts : float
        Experts held twice to balance load.
    weight_bits, expert_bits, kv_bits : float
        Width of a weight outside and inside routed experts, and of a cached number, scales included. Matrix
        products run at the weights' width.
    attention_bits : float
        Width attention computes in.
    dispatch_bits, combine_bits : float
        Width of an activation on its way to an expert and back.
    micro_batches : float
        2 where a step is split so that one half computes while the other communicates; then every weight is
        read twice. Else 1.
    node_limit : float
        Other domains a token is sent to at most, once each, to be passed on inside (DeepEP's normal mode,
        used for prefill). 0: one copy for each expert (its low-latency mode, used for decode).
    """

    chips: float = 1.0
    tensor_parallel: float = 1.0
    expert_parallel: float = 0.0
    chips_per_domain: float = 8.0
    redundant_experts: float = 0.0
    weight_bits: float = 16.0
    expert_bits: float = 16.0
    kv_bits: float = 16.0
    attention_bits: float = 16.0
    dispatch_bits: float = 16.0
    combine_bits: float = 16.0
    micro_batches: float = 1.0
    node_limit: float = 0.0


class Efficiency(NamedTuple):
    """What real engines reach of a chip's peaks; set in `analysis.calibration`.

    Attributes
    ----------
    compute, compute_fp4 : float
        Fraction of peak FLOP/s in matrix products and attention, and in products on 4-bit units.
    memory : float
        Fraction of memory bandwidth.
    all_reduce, all_to_all : float
        Fraction of link bandwidth in either kind of exchange.
    activation_passes : float
        Times each activation is written or read beyond nothing: 0 would be perfect fusion.
    layer_overhead_s : float
        Seconds a layer and micro-batch costs whatever is in it.
    overlap : float
        Share that two micro-batches hide of the shorter of exchange and everything else, in [0, 1].
    exchange_cores : float
        Share of a chip's cores that sending with a node limit takes from computing while both go on.
    """

    compute: float
    compute_fp4: float
    memory: float
    all_reduce: float
    all_to_all: float
    activation_passes: float
    layer_overhead_s: float
    overlap: float
    exchange_cores: float


class Step(NamedTuple):
    """Seconds of one step of a serving engine.

    Attributes
    ----------
    matmul, attention : float
        Computing: matrix products, and attention's scores and sums.
    weights, kv_cache, activations : float
        Reading and writing memory.
    overhead : float
        Fixed costs of layers.
    all_reduce, all_to_all : float
        Exchange with other chips, by tensor and by expert parallelism.
    seconds : float
        All of it: less than the sum where exchange is hidden.
    """

    matmul: float
    attention: float
    weights: float
    kv_cache: float
    activations: float
    overhead: float
    all_reduce: float
    all_to_all: float
    seconds: float


class Speed(NamedTuple):
    """A phase's result.

    Attributes
    ----------
    step_s : float
        Seconds of one step.
    seconds_per_token : float
        As one user sees it: between output tokens in decode, per prompt token of the whole batch in prefill.
    tokens_per_second_per_chip : float
    """

    step_s: float
    seconds_per_token: float
    tokens_per_second_per_chip: float


def model_of(architecture):
    """Return what serving needs to know of an `analysis.Architecture`.

    Parameters
    ----------
    architecture : analysis.Architecture

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If its attention is of a kind the roofline does not describe: two different windows, or a sparse
        indexer.
    """
    kind = architecture.model_type
    if architecture.index_heads:
        raise InputError(f"{kind}: the serving roofline does not describe attention with a sparse indexer")
    windows = [(window, count) for window, count in architecture.window_counts if window is not None]
    if len(windows) > 1:
        raise InputError(f"{kind}: the serving roofline describes one sliding window, not {len(windows)}")
    window, window_layers = windows[0] if windows else (0, 0)

    layers, hidden, heads = architecture.layers, architecture.hidden_size, architecture.heads
    dense_layers, moe_layers = architecture.dense_layer_count, architecture.moe_layer_count
    chosen, shared = architecture.experts_per_token, architecture.shared_experts
    latent_attention = architecture.attention_kind == "mla"
    outer = architecture.vocab_size * hidden
    expert = 3 * hidden * architecture.expert_size
    dense = architecture.matmul_parameters - outer - moe_layers * chosen * expert
    pair = architecture.qk_head_dim + architecture.v_head_dim
    if latent_attention:
        rope, rank = architecture.qk_rope_head_dim, architecture.kv_lora_rank
        decode_flops = 2 * heads * (2 * rank + rope)
        stream = layers * (3 * hidden + 2 * architecture.q_lora_rank + rank + rope)
        inner = layers * heads * pair
        latent = layers * heads * (architecture.qk_nope_head_dim + 2 * rank + architecture.v_head_dim)
    else:
        decode_flops = 2 * heads * pair
        stream = layers * 2 * hidden
        inner = layers * (heads + architecture.kv_heads) * pair
        latent = 0
    stream += dense_layers * 2 * hidden + moe_layers * (4 if shared else 2) * hidden
    inner += dense_layers * 3 * architecture.ffn_size + moe_layers * (chosen + shared) * 3 * architecture.expert_size
    draft = architecture.mtp_active_parameters / architecture.mtp_layers + outer if architecture.mtp_layers else 0

    def linear(weight):
        return weight.size if memory.quantised(weight) else 0

    def kept(weight):
        return 0 if memory.quantised(weight) else memory.BF16.bytes(weight)

    return Model(
        layers=float(layers),
        moe_layers=float(moe_layers),
        hidden_size=float(hidden),
        dense_parameters=float(dense),
        head_parameters=float(outer),
        expert_parameters=float(expert),
        experts=float(architecture.experts or 1),
        experts_per_token=float(chosen or 1),
        kv_heads=1.0 if latent_attention else float(architecture.kv_heads),
        full_layers=float(layers - window_layers),
        window_layers=float(window_layers),
        window=float(window),
        kv_elements=float(architecture.kv_elements_per_layer),
        decode_attention_flops=float(decode_flops),
        prefill_attention_flops=2.0 * heads * pair,
        stream_elements=float(stream),
        inner_elements=float(inner),
        latent_elements=float(latent),
        draft_share=draft / architecture.matmul_parameters,
        linear=memory.serving_parts(architecture, linear),
        kept_bytes=memory.serving_parts(architecture, kept),
    )


def experts_touched(experts, experts_per_token, tokens):
    """Return how many distinct experts of a layer a batch is expected to need.

    Parameters
    ----------
    experts, experts_per_token : float or array_like
    tokens : float or array_like
        Tokens routed together: those of the whole expert-parallel group.

    Returns
    -------
    float or numpy.ndarray

    Notes
    -----
    ``E (1 - (1 - k/E)^B)``: each token leaves out a given expert with probability ``1 - k/E``, and tokens
    choose independently and evenly.
    """
    return experts * (1.0 - (1.0 - experts_per_token / experts) ** tokens)


def _where(condition, yes, no):
    """Choose like `numpy.where`, but leave one side undone where plain numbers settle the condition."""
    if condition is True or condition is np.True_:
        return yes()
    if condition is False or condition is np.False_:
        return no()
    return np.where(condition, yes(), no())


def reached_flops(chip, efficiency, bits, cores=1.0):
    """Return the rate at which a chip multiplies numbers of some width, FLOP/s.

    Parameters
    ----------
    chip : Chip
    efficiency : Efficiency
    bits : float or array_like
        Width; 4.5 is 4 bits with its scales.
    cores : float or array_like
        Share of the chip's cores that compute.

    Returns
    -------
    float or numpy.ndarray
        The dense peak of the width times what is reached of it: less of a 4-bit unit's.
    """
    compute = efficiency.compute * cores
    fp4 = efficiency.compute_fp4 * cores
    return _where(
        bits > FP4_BITS,
        lambda: compute * _where(bits > 8, lambda: chip.flops_16, lambda: chip.flops_8),
        lambda: _where(chip.flops_4 > chip.flops_8, lambda: fp4, lambda: compute) * chip.flops_4,
    )


def attended_layer_tokens(model, context):
    """Return the tokens that a new token attends to, summed over layers.

    Parameters
    ----------
    model : Model
    context : float or array_like
        Tokens before it.

    Returns
    -------
    float or numpy.ndarray
        Layer-tokens: a sliding window caps what its layers see.
    """
    return model.full_layers * context + model.window_layers * np.minimum(context, model.window)


def kv_bytes_per_sequence(model, layout, context):
    """Return the cache that one sequence takes on each chip that shares it; see `analysis.memory.cache_share`.

    Parameters
    ----------
    model : Model
    layout : Layout
    context : float or array_like
        Tokens in the sequence.

    Returns
    -------
    float or numpy.ndarray
        Bytes.
    """
    return _kv_bytes(model, layout, attended_layer_tokens(model, context))


def _kv_bytes(model, layout, layer_tokens):
    each = model.kv_elements * layout.kv_bits / BITS_PER_BYTE
    return memory.cache_share(each, layout.tensor_parallel, model.kv_heads) * layer_tokens


def weight_bytes_per_chip(model, layout):
    """Return the weights that each chip holds, those of no product included; see `analysis.memory.chip_share`.

    Parameters
    ----------
    model : Model
    layout : Layout

    Returns
    -------
    float or numpy.ndarray
        Bytes. At 16 bits and without redundant experts what `analysis.memory.serving_weight_bytes` counts weight by
        weight; at another width so up to scales, which a layout's widths have within them. `step` reads less: only
        what is multiplied, and all of it divided.
    """
    width, expert_width = layout.weight_bits / BITS_PER_BYTE, layout.expert_bits / BITS_PER_BYTE
    numbers, kept = model.linear, model.kept_bytes
    resident = 1.0 + layout.redundant_experts * layout.expert_parallel / model.experts
    parts = memory.Parts(
        numbers.divided * width + kept.divided,
        numbers.by_heads * width + kept.by_heads,
        numbers.copied * width + kept.copied,
        (numbers.routed * expert_width + kept.routed) * resident,
    )
    return memory.chip_share(parts, layout.chips, layout.tensor_parallel, model.kv_heads)


def largest_batch(model, chip, layout, context, memory_share=0.9):
    """Return the most sequences that fit beside the weights, for each copy of attention.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    context : float or array_like
        Tokens reserved for a sequence: input and output.
    memory_share : float or array_like
        Share of the memory left by the weights that is given to the cache.

    Returns
    -------
    float or numpy.ndarray
        Whole sequences; 0 if the weights do not fit. `analysis.memory.largest_batch` counts working space instead of
        leaving a share for it.

    References
    ----------
    TensorRT-LLM reserves the whole sequence on admission and gives 0.9 of free memory to the cache by
    default.
    """
    free = chip.memory_bytes - weight_bytes_per_chip(model, layout)
    return memory.whole(memory_share * free / kv_bytes_per_sequence(model, layout, context))


def all_reduce_seconds(model, chip, layout, efficiency, tokens):
    """Return the time that tensor parallelism spends summing, for tokens of one copy of attention.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    tokens : float or array_like

    Returns
    -------
    float or numpy.ndarray
        Seconds; 0 without tensor parallelism.

    Notes
    -----
    Two sums a layer (after attention and after the feed-forward part) of one 16-bit residual stream. A ring
    moves ``2 (t - 1) / t`` of it over each chip's link: inside the domain if the group fits there.
    """
    parallel = layout.tensor_parallel
    once = 2.0 * model.layers * model.hidden_size * ACTIVATION_BYTES / efficiency.all_reduce
    bandwidth = _where(parallel <= layout.chips_per_domain, lambda: chip.link_bandwidth, lambda: chip.nic_bandwidth)
    return _where(parallel > 1, lambda: once * tokens * (2.0 - 2.0 / parallel) / bandwidth, lambda: 0.0)


def all_to_all_seconds(model, chip, layout, efficiency, tokens):
    """Return the time that expert parallelism spends sending tokens to experts and back.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    tokens : float or array_like
        Tokens of one copy of attention.

    Returns
    -------
    float or numpy.ndarray
        Seconds; 0 where chips hold slices of experts.

    Notes
    -----
    Each token crosses the network once for every expert elsewhere, or, with a node limit, once for every
    other domain that holds any of them: ``D (1 - (1 - 1/D)^k)`` of D domains hold one, at most the limit. The
    links inside the domain deliver all copies that end in it. Both networks work at once; the slower one
    counts.

    References
    ----------
    Without a node limit and between nodes this is the estimate of Zhao and others (2025), "Insights into
    DeepSeek-V3", section 2.3.2, which takes full bandwidth and also sends to the shared expert.
    """
    used = model.experts_per_token
    inside = np.minimum(layout.chips, layout.chips_per_domain)
    domains = np.maximum(layout.chips / layout.chips_per_domain, 1.0)
    outside = 1.0 - 1.0 / domains
    limited = layout.node_limit > 0
    nic_copies = outside * _where(
        limited, lambda: np.minimum(layout.node_limit, domains - domains * outside**used), lambda: used
    )
    link_copies = used * (inside - 1.0) / _where(limited, lambda: inside, lambda: layout.chips)
    copy_bytes = model.hidden_size * (layout.dispatch_bits + layout.combine_bits) / BITS_PER_BYTE
    once = layout.expert_parallel * model.moe_layers * copy_bytes / efficiency.all_to_all
    nic = _where(nic_copies > 0, lambda: nic_copies / chip.nic_bandwidth, lambda: 0.0)
    link = _where(link_copies > 0, lambda: link_copies / chip.link_bandwidth, lambda: 0.0)
    return once / layout.tensor_parallel * tokens * np.maximum(nic, link)


def step(
    model,
    chip,
    layout,
    efficiency,
    sequences,
    context,
    queries=1.0,
    prefill_tokens=0.0,
    prefill_context=0.0,
):
    """Return the time of one step of a serving engine, by cause.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    sequences : float or array_like
        Sequences that decode, for each copy of attention.
    context : float or array_like
        Tokens in their caches, on average.
    queries : float or array_like
        Tokens each of them computes in this step: 1, or 1 and the drafts it verifies.
    prefill_tokens, prefill_context : float or array_like
        Prompt tokens computed in the same step for each copy of attention, and the tokens they attend to on
        average.

    Returns
    -------
    Step

    Notes
    -----
    With ``n = sequences queries + prefill_tokens``, per chip and before efficiencies:

    - matrix products ``2 n (dense + k expert moe_layers) / t`` and ``2 sequences queries head / t``;
    - attention ``layer-tokens x FLOP`` for queries and prompt tokens, over ``t``; both on the cores that
      exchange leaves;
    - weights ``dense/t + head/t + experts/chips x`` the expected share touched, once for every micro-batch;
    - cache: every sequence's once, whatever the number of queries; prompts are taken to be bound by compute;
    - activations ``n (stream + inner/t)`` in 16 bits, times the passes;
    - exchange: `all_reduce_seconds` and `all_to_all_seconds`.

    The seconds are ``local + exchange - overlap min(local, exchange)`` with two micro-batches, their sum with
    one.
    """
    parallel = layout.tensor_parallel
    split = layout.micro_batches > 1
    decoded = sequences * queries
    tokens = decoded + prefill_tokens
    each = tokens / parallel
    each_decoded = decoded / parallel

    taken = _where(layout.node_limit > 0, lambda: efficiency.exchange_cores, lambda: 0.0)
    cores = 1.0 - _where(split, lambda: taken, lambda: 0.0)
    routed = model.experts_per_token * model.expert_parameters * model.moe_layers
    matmul = each * (
        2.0 * model.dense_parameters / reached_flops(chip, efficiency, layout.weight_bits, cores)
        + 2.0 * routed / reached_flops(chip, efficiency, layout.expert_bits, cores)
    ) + each_decoded * (2.0 * model.head_parameters / (efficiency.compute * cores) / chip.flops_16)
    attended = attended_layer_tokens(model, context)
    attended_prompt = attended_layer_tokens(model, prefill_context)
    scores = each_decoded * attended * model.decode_attention_flops
    scores = scores + prefill_tokens / parallel * attended_prompt * model.prefill_attention_flops
    attention = scores / reached_flops(chip, efficiency, layout.attention_bits, cores)

    bandwidth = chip.memory_bandwidth * efficiency.memory
    # A copy of an expert sees only its share of the expert's tokens.
    resident = model.experts + layout.redundant_experts * layout.expert_parallel
    touched = 1.0 - (1.0 - model.experts_per_token / resident) ** (each * layout.chips / layout.micro_batches)
    dense_bytes = (model.dense_parameters * layout.weight_bits + model.head_parameters * HEAD_BITS) / BITS_PER_BYTE
    expert_bytes = resident * model.expert_parameters * model.moe_layers * layout.expert_bits / BITS_PER_BYTE
    weight_bytes = dense_bytes / parallel + expert_bytes / layout.chips * touched
    weights = layout.micro_batches * weight_bytes / bandwidth
    kv_cache = sequences * _kv_bytes(model, layout, attended) / bandwidth
    passes = ACTIVATION_BYTES * efficiency.activation_passes
    moved = passes * model.stream_elements * tokens + passes * model.inner_elements * each
    activations = (moved + passes * model.latent_elements * each_decoded) / bandwidth
    overhead = model.layers * layout.micro_batches * efficiency.layer_overhead_s

    all_reduce = all_reduce_seconds(model, chip, layout, efficiency, tokens)
    all_to_all = all_to_all_seconds(model, chip, layout, efficiency, tokens)
    local = matmul + attention + weights + kv_cache + activations + overhead
    exchange = all_reduce + all_to_all
    hidden = _where(split, lambda: efficiency.overlap, lambda: 0.0) * np.minimum(local, exchange)
    seconds = local + exchange - hidden
    return Step(matmul, attention, weights, kv_cache, activations, overhead, all_reduce, all_to_all, seconds)


def accepted_tokens(acceptance, drafts=1):
    """Return the tokens a step of speculative decoding yields.

    Parameters
    ----------
    acceptance : float or array_like
        Probability that a drafted token is accepted, given that all before it were; in [0, 1].
    drafts : int
        Tokens drafted in a step.

    Returns
    -------
    float or numpy.ndarray
        Between 1 and ``drafts + 1``.

    Notes
    -----
    ``1 + a + a^2 + ... + a^n``.

    References
    ----------
    Leviathan, Kalman and Matias (2023), "Fast Inference from Transformers via Speculative Decoding", equation
    1.
    """
    total = 1.0 + 0.0 * acceptance
    power = 1.0
    for _ in range(drafts):
        power = power * acceptance
        total = total + power
    return total


def decode(model, chip, layout, efficiency, sequences, context, acceptance=0.0, drafts=0):
    """Return the speed of output tokens where prompts are computed elsewhere.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    sequences : float or array_like
        For each copy of attention.
    context : float or array_like
        Tokens in a sequence's cache, on average.
    acceptance : float or array_like
        See `accepted_tokens`.
    drafts : int
        Tokens drafted in a step; 0 without multi-token prediction.

    Returns
    -------
    Speed
    """
    one = step(model, chip, layout, efficiency, sequences, context, queries=1.0 + drafts)
    seconds = one.seconds * (1.0 + drafts * model.draft_share)
    tokens = accepted_tokens(acceptance, drafts)
    return Speed(seconds, seconds / tokens, sequences * tokens / seconds / layout.tensor_parallel)


def speculative_speedup(model, chip, layout, efficiency, sequences, context, acceptance, drafts=1):
    """Return how many times faster output comes with drafts than without, at the same number of sequences.

    Parameters
    ----------
    model, chip, layout, efficiency, sequences, context, acceptance, drafts
        See `decode`.

    Returns
    -------
    float or numpy.ndarray
        At most ``drafts + 1``; below 1 where verifying costs more than it yields.
    """
    plain = decode(model, chip, layout, efficiency, sequences, context)
    drafted = decode(model, chip, layout, efficiency, sequences, context, acceptance, drafts)
    return plain.seconds_per_token / drafted.seconds_per_token


def prefill(model, chip, layout, efficiency, tokens, prompt, cached_share=0.0):
    """Return the speed of input tokens where output is computed elsewhere.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    tokens : float or array_like
        Prompt tokens computed in one step, for each copy of attention.
    prompt : float or array_like
        Tokens in a prompt, cached ones included.
    cached_share : float or array_like
        Share of prompt tokens whose cache exists already, in [0, 1): they cost nothing here, but the rest
        attends to them.

    Returns
    -------
    Speed
        Cached tokens count as served.
    """
    context = prompt * (1.0 + cached_share) / 2.0
    one = step(model, chip, layout, efficiency, 0.0, 0.0, prefill_tokens=tokens, prefill_context=context)
    served = tokens / (1.0 - cached_share)
    return Speed(one.seconds, one.seconds / served, served / one.seconds / layout.tensor_parallel)


def mixed(model, chip, layout, efficiency, sequences, input_tokens, output_tokens):
    """Return the speed of output tokens where the same chips compute prompts in between (in-flight batching).

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    sequences : float or array_like
        For each copy of attention.
    input_tokens, output_tokens : float or array_like
        Of one request.

    Returns
    -------
    Speed

    Notes
    -----
    In a steady state each output token of a sequence goes with ``input/output`` prompt tokens of those to
    come, computed in the same step; caches hold the input and, on average, half of the output.
    """
    one = step(
        model,
        chip,
        layout,
        efficiency,
        sequences,
        input_tokens + output_tokens / 2.0,
        prefill_tokens=sequences * input_tokens / output_tokens,
        prefill_context=input_tokens / 2.0,
    )
    return Speed(one.seconds, one.seconds, sequences / one.seconds / layout.tensor_parallel)


def batch_job(model, chip, layout, efficiency, requests, slots, input_tokens, output_tokens):
    """Return the output tokens per second of a job of equal requests that start together, all chips.

    Parameters
    ----------
    model : Model
    chip : Chip
    layout : Layout
    efficiency : Efficiency
    requests : float or array_like
        Requests in the job.
    slots : float or array_like
        Sequences served at once by all copies of attention together.
    input_tokens, output_tokens : float or array_like
        Of one request.

    Returns
    -------
    float or numpy.ndarray
        Tokens per second.

    Notes
    -----
    Equal requests run in waves of `slots`, and the last one is not full: that, not the steady state, is what
    a benchmark of a few thousand requests measures.
    """
    copies = layout.chips / layout.tensor_parallel
    slots = np.minimum(slots, requests)
    waves = np.floor(requests / slots)
    rest = requests - waves * slots
    full = mixed(model, chip, layout, efficiency, slots / copies, input_tokens, output_tokens).step_s
    last = mixed(model, chip, layout, efficiency, rest / copies, input_tokens, output_tokens).step_s
    seconds = output_tokens * (waves * full + _where(rest > 0, lambda: last, lambda: 0.0))
    return requests * output_tokens / seconds


def usd_per_million_tokens(tokens_per_second_per_chip, chip_hour_usd):
    """Return what a million tokens cost.

    Parameters
    ----------
    tokens_per_second_per_chip : float or array_like
    chip_hour_usd : float or array_like
        USD per chip and hour.

    Returns
    -------
    float or numpy.ndarray
        USD per million tokens, of the kind whose speed was given.
    """
    return chip_hour_usd / (tokens_per_second_per_chip * SECONDS_PER_HOUR) * TOKENS_PER_MILLION


def chips_needed(tokens_per_day, tokens_per_second_per_chip):
    """Return the chips that a day's tokens keep busy.

    Parameters
    ----------
    tokens_per_day : float or array_like
    tokens_per_second_per_chip : float or array_like
        Or per node, for nodes.

    Returns
    -------
    float or numpy.ndarray
    """
    return tokens_per_day / (24 * SECONDS_PER_HOUR) / tokens_per_second_per_chip


def evaluate_chunked(function, columns, chunk=CHUNK):
    """Evaluate a function over long arrays in pieces, so that what it holds in between stays small.

    Parameters
    ----------
    function : callable
        Takes the columns as keyword arguments and returns a tuple of floats or arrays, e.g. a `Speed`.
    columns : mapping of str to float or array_like
        Floats and arrays of one common length.
    chunk : int
        Configurations in a piece. Pieces that stay in the processor's cache are also faster than one long
        pass.

    Returns
    -------
    tuple of numpy.ndarray
        As many as the function returns, of the common length, and of its named type if it has one.

    Raises
    ------
    InputError
        If the arrays differ in length or have more than one dimension.
    """
    arrays = {name: np.asarray(value, dtype=float) for name, value in columns.items()}
    lengths = {array.size for array in arrays.values() if array.ndim}
    if len(lengths) != 1 or any(array.ndim > 1 for array in arrays.values()):
        raise InputError("columns to evaluate in chunks are floats and arrays of one common length")
    (length,) = lengths
    results = None
    for start in range(0, length, chunk):
        part = slice(start, start + chunk)
        values = function(**{name: array[part] if array.ndim else float(array) for name, array in arrays.items()})
        if results is None:
            kind = type(values)
            results = [np.empty(length) for _ in values]
        for result, value in zip(results, values, strict=True):
            result[part] = value
    return kind._make(results) if hasattr(kind, "_make") else tuple(results)
