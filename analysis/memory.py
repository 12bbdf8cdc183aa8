"""What a model needs in memory: stored, in training and in service.

Weights are counted tensor by tensor from `analysis.architecture`, each in the number format that a scheme
gives it. Training adds gradients, master weights, optimizer moments and activations, divided over devices;
serving adds the cache and working space, and asks how much of it fits. All sizes are bytes, 10^9 to the
gigabyte.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from analysis.architecture import BITS_PER_BYTE, Weight
from analysis.errors import InputError

# Formats and schemes


@dataclass(frozen=True)
class Format:
    """How a number is stored.

    Parameters
    ----------
    name : str
        As safetensors or the format's specification spells it.
    bits : int
        Bits of a number.
    block : tuple of (int, int), optional
        Rows and columns of a weight that share one scale; None without scales.
    scale_bits : int
        Bits of one block's scale, its zero point included.
    scale_name : str, optional
        The scale's own format.
    """

    name: str
    bits: int
    block: tuple[int, int] | None = None
    scale_bits: int = 0
    scale_name: str | None = None

    def scales(self, weight: Weight) -> int:
        """Return the number of scales of one copy of a weight; a part of a block takes a whole scale.

        Parameters
        ----------
        weight : Weight

        Returns
        -------
        int
            0 for a format without scales.
        """
        if self.block is None:
            return 0
        rows, columns = self.block
        return -(-weight.rows // rows) * -(-weight.columns // columns)

    def bytes(self, weight: Weight) -> float:
        """Return the bytes of one copy of a weight, scales included.

        Parameters
        ----------
        weight : Weight

        Returns
        -------
        float
        """
        return (weight.size * self.bits + self.scales(weight) * self.scale_bits) / BITS_PER_BYTE


FP32 = Format("F32", 32)
BF16 = Format("BF16", 16)
FP8_BLOCK = Format("F8_E4M3", 8, (128, 128), 32, "F32")
MXFP4 = Format("F4_E2M1", 4, (1, 32), 8, "F8_E8M0")
INT4_GROUP = Format("I4", 4, (1, 128), 20, "F16 scale and 4-bit zero point")

LINEAR_COMPONENTS = frozenset({"attention", "indexer", "dense_ffn", "shared_experts", "routed_experts"})


def quantised(weight, components=LINEAR_COMPONENTS):
    """Say whether a format for matrices applies to a weight: a matrix of one of the components.

    Parameters
    ----------
    weight : Weight
    components : frozenset of str

    Returns
    -------
    bool
    """
    return weight.matrix and weight.component in components


@dataclass(frozen=True)
class Scheme:
    """Which format each weight of a model is stored in.

    Parameters
    ----------
    other : Format
        Of all weights not named below.
    matrices : Format, optional
        Of the matrices in `components`; None for `other`.
    components : frozenset of str
        Components whose matrices are stored in `matrices`.
    by_name : dict of str to Format
        Exceptions, by the weight's name.
    """

    other: Format
    matrices: Format | None = None
    components: frozenset[str] = LINEAR_COMPONENTS
    by_name: dict[str, Format] = field(default_factory=dict)

    def format(self, weight: Weight) -> Format:
        """Return the format of a weight.

        Parameters
        ----------
        weight : Weight

        Returns
        -------
        Format
        """
        if weight.name in self.by_name:
            return self.by_name[weight.name]
        return self.matrices if self.matrices is not None and quantised(weight, self.components) else self.other


# What DeepSeek published: FP8 for what is multiplied in FP8 in training. Embedding, head, router, norms, the
# indexer's head weights and the prediction module's projection stay BF16, the router's correction bias FP32
# (README_WEIGHTS.md; V3 report, section 3.3.1; the element counts of the files).
_KEPT = {"e_score_correction_bias": FP32, "indexer.weights_proj": BF16}
FP32_WEIGHTS = Scheme(FP32)
BF16_WEIGHTS = Scheme(BF16)
FP8_WEIGHTS = Scheme(BF16, FP8_BLOCK, by_name=_KEPT)
MXFP4_EXPERTS = Scheme(BF16, MXFP4, frozenset({"routed_experts"}), _KEPT)
INT4_WEIGHTS = Scheme(BF16, INT4_GROUP, by_name=_KEPT)


def weight_bytes_by_component(architecture, scheme=BF16_WEIGHTS):
    """Return what each component's weights take, scales included.

    Parameters
    ----------
    architecture : Architecture
    scheme : Scheme

    Returns
    -------
    dict of str to float
        Bytes, by the names of `Architecture.parameters_by_component`. Multi-token prediction is not among
        them.
    """
    sizes = dict.fromkeys(architecture.parameters_by_component(), 0.0)
    for weight, layers in architecture.weights:
        sizes[weight.component] += layers * weight.copies * scheme.format(weight).bytes(weight)
    return sizes


def weight_bytes(architecture, scheme=BF16_WEIGHTS):
    """Return what all weights take: the sum of `weight_bytes_by_component`.

    Parameters
    ----------
    architecture : Architecture
    scheme : Scheme

    Returns
    -------
    float
        Bytes.
    """
    return math.fsum(weight_bytes_by_component(architecture, scheme).values())


def checkpoint_elements(architecture, scheme):
    """Return the numbers in a published checkpoint, by format.

    Parameters
    ----------
    architecture : Architecture
    scheme : Scheme

    Returns
    -------
    dict of str to int
        Scales are numbers of their own format. A multi-token-prediction module is published with its own copy
        of embedding and head, as DeepSeek does.

    References
    ----------
    DeepSeek-V3 repository, README_WEIGHTS.md.
    """
    copies = [w for w in architecture.outer_weights if w.component in ("embedding", "head")]
    mtp = (*architecture.mtp_weights, *copies) if architecture.mtp_layers else ()
    counted = [*architecture.weights, *((weight, architecture.mtp_layers) for weight in mtp)]
    elements = {}
    for weight, layers in counted:
        kind = scheme.format(weight)
        elements[kind.name] = elements.get(kind.name, 0) + weight.total * layers
        if kind.block:
            scales = kind.scales(weight) * weight.copies * layers
            elements[kind.scale_name] = elements.get(kind.scale_name, 0) + scales
    return elements


def checkpoint_bytes(architecture, scheme):
    """Return the payload of a published checkpoint: its tensors without file headers.

    Parameters
    ----------
    architecture : Architecture
    scheme : Scheme

    Returns
    -------
    float
        Bytes; see `checkpoint_elements` for what it counts.
    """
    bits = {}
    for kind in (scheme.other, scheme.matrices, *scheme.by_name.values()):
        if kind is not None:
            bits[kind.name] = kind.bits
            if kind.block:
                bits[kind.scale_name] = kind.scale_bits
    return sum(count * bits[name] for name, count in checkpoint_elements(architecture, scheme).items()) / BITS_PER_BYTE


# Training: state


@dataclass(frozen=True)
class Recipe:
    """What a training recipe keeps for every parameter.

    Parameters
    ----------
    weights : Scheme
        The weights that are multiplied.
    gradient_bytes, master_bytes, moment_bytes : float
        Bytes a parameter: accumulated gradients, the optimizer's own copy of the weights (0 where the weights
        themselves are), and both moments of Adam together.
    activation_bits : int
        Bits of a stored activation. DeepSeek-V3 keeps some in 8; 16 is then an upper bound.
    """

    weights: Scheme
    gradient_bytes: float
    master_bytes: float
    moment_bytes: float
    activation_bits: int = 16


# BF16 as Megatron-LM has it, 18 bytes a parameter. DeepSeek-V3: FP32 master weights and gradients, BF16
# moments (report, section 3.3.3); the weights it multiplies are FP8 where `FP8_WEIGHTS` says so.
FP32_RECIPE = Recipe(FP32_WEIGHTS, 4.0, 0.0, 8.0, 32)
BF16_RECIPE = Recipe(BF16_WEIGHTS, 4.0, 4.0, 8.0)
V3_FP8_RECIPE = Recipe(FP8_WEIGHTS, 4.0, 4.0, 4.0)
RECIPES = {"fp32": FP32_RECIPE, "bf16": BF16_RECIPE, "v3_fp8": V3_FP8_RECIPE}


@dataclass(frozen=True)
class Parallelism:
    """How training is divided over ``tensor * pipeline * data`` devices.

    Parameters
    ----------
    tensor, pipeline, data : int
        Ways that matrices, layers and batches are divided.
    expert : int
        Ways that routed experts are divided among the data-parallel replicas; divides `data`.
    zero : {0, 1, 2, 3}
        What replicas divide instead of each keeping it: nothing; master weights and moments; gradients too;
        weights too.
    sequence : bool
        Divide what tensor parallelism leaves whole (norms, layer inputs) along the sequence.
    """

    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    expert: int = 1
    zero: int = 0
    sequence: bool = False

    def __post_init__(self):
        for name in ("tensor", "pipeline", "data", "expert"):
            degree = getattr(self, name)
            if type(degree) is not int or degree < 1:
                raise InputError(f"parallelism '{name}' must be a positive integer, not {degree!r}")
        if self.zero not in (0, 1, 2, 3):
            raise InputError(f"ZeRO stage must be 0, 1, 2 or 3, not {self.zero!r}")
        if self.data % self.expert:
            raise InputError(f"expert parallelism {self.expert} does not divide data parallelism {self.data}")

    @property
    def devices(self) -> int:
        """Devices in all."""
        return self.tensor * self.pipeline * self.data


def stage_layers(layers, pipeline, stage):
    """Return which layers a pipeline stage holds: near-equal runs, earlier stages longer.

    Parameters
    ----------
    layers, pipeline, stage : int
        Layers, stages, and the stage's number from 0.

    Returns
    -------
    range

    Raises
    ------
    InputError
        If there are fewer layers than stages, or no such stage.
    """
    if not 0 <= stage < pipeline:
        raise InputError(f"pipeline stage {stage} does not exist among {pipeline}")
    if pipeline > layers:
        raise InputError(f"{pipeline} pipeline stages cannot divide {layers} layers")
    base, longer = divmod(layers, pipeline)
    first = stage * base + min(stage, longer)
    return range(first, first + base + (stage < longer))


def stage_weights(architecture, pipeline=1, stage=0, mtp=False):
    """Return the weights of one pipeline stage and how many times it holds each.

    Parameters
    ----------
    architecture : Architecture
    pipeline, stage : int
        Stages, and the stage's number from 0.
    mtp : bool
        Put the multi-token-prediction modules on the last stage.

    Returns
    -------
    list of (Weight, int)
        The first stage has the embedding; the last the final norm and the head, with a copy of the embedding
        if the two are tied and the stages are not the same.
    """
    held = stage_layers(architecture.layers, pipeline, stage)
    moe = sum(architecture.moe_layers[held.start : held.stop])
    counted = []
    if stage == 0:
        counted.append((architecture.embedding_weight, 1))
    for kind, count in ((False, len(held) - moe), (True, moe)):
        if count:
            counted += [(weight, count) for weight in architecture.layer_weights(kind)]
    if stage == pipeline - 1:
        outer = [w for w in architecture.outer_weights if w.component != "embedding"]
        if architecture.tied_embeddings and pipeline > 1:
            outer.append(architecture.embedding_weight)
        counted += [(weight, 1) for weight in outer]
        if mtp:
            counted += [(weight, architecture.mtp_layers) for weight in architecture.mtp_weights]
    return counted


def tensor_ways(architecture, weight, tensor):
    """Return into how many parts tensor parallelism divides a weight; key-value heads are copied, not cut.

    Parameters
    ----------
    architecture : Architecture
    weight : Weight
    tensor : int
        Ways that tensor parallelism divides matrices.

    Returns
    -------
    int
        1 for a weight that every rank holds whole.
    """
    if weight.split is None:
        return 1
    return min(tensor, architecture.kv_heads) if weight.split == "kv_heads" else tensor


def device_parameters(architecture, parallelism, stage=0, mtp=False):
    """Return the parameters on one device of a pipeline stage, before ZeRO divides any.

    Parameters
    ----------
    architecture : Architecture
    parallelism : Parallelism
    stage : int
    mtp : bool
        See `stage_weights`.

    Returns
    -------
    float
        Average over the devices of the stage, where a weight does not divide evenly.
    """
    return math.fsum(share for _, share in _device_shares(architecture, parallelism, stage, mtp))


def _device_shares(architecture, parallelism, stage, mtp):
    """Return each weight of a stage with the parameters of it that one device holds."""
    shares = []
    for weight, count in stage_weights(architecture, parallelism.pipeline, stage, mtp):
        ways = tensor_ways(architecture, weight, parallelism.tensor)
        if weight.component == "routed_experts":
            ways *= parallelism.expert
        shares.append((weight, weight.total * count / ways))
    return shares


def training_state_bytes(architecture, recipe, parallelism=None, stage=0, mtp=False):
    """Return weights, gradients, master weights and moments on one device.

    Parameters
    ----------
    architecture : Architecture
    recipe : Recipe
    parallelism : Parallelism, optional
        One device if absent.
    stage : int
        Pipeline stage, from 0.
    mtp : bool
        See `stage_weights`.

    Returns
    -------
    dict of str to float
        Bytes of ``weights``, ``gradients``, ``master``, ``moments``.

    Notes
    -----
    ZeRO divides over the replicas of a weight: `data` of them, of a routed expert ``data / expert``.
    Multiplied by the devices of all stages, state that nobody keeps twice is conserved whatever the division.

    References
    ----------
    Rajbhandari and others (2020), "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models",
    section 5.
    """
    parallelism = parallelism or Parallelism()
    state = dict.fromkeys(("weights", "gradients", "master", "moments"), 0.0)
    for weight, held in _device_shares(architecture, parallelism, stage, mtp):
        replicas = parallelism.data
        if weight.component == "routed_experts":
            replicas //= parallelism.expert
        divided = [replicas if parallelism.zero >= least else 1 for least in (3, 2, 1)]
        weight_byte = recipe.weights.format(weight).bytes(weight) / weight.size
        state["weights"] += held * weight_byte / divided[0]
        state["gradients"] += held * recipe.gradient_bytes / divided[1]
        state["master"] += held * recipe.master_bytes / divided[2]
        state["moments"] += held * recipe.moment_bytes / divided[2]
    return state


# Training: activations


def layer_activation_elements(architecture, moe=False):
    """Return the numbers that the backward pass of one layer needs, per token.

    Parameters
    ----------
    architecture : Architecture
    moe : bool
        Whether the layer's feed-forward part is a mixture of experts.

    Returns
    -------
    tuple of (int, int)
        Those as wide as the residual stream or replicated, which tensor parallelism leaves whole on each
        device, and those it divides.

    Notes
    -----
    Whole: the inputs and outputs of the two norms; latents. Divided: queries, keys, values and attention's
    output; the gate, the upper projection and their product of each feed-forward part a token passes through.
    Of a routed expert also its copy of the input and its output, which the router's weights scale. Scores are
    not stored (attention by blocks recomputes them); their normalisers, one a head, and the router's scores
    are left out as too small to matter. No dropout.

    References
    ----------
    Korthikanti and others (2022), "Reducing Activation Recomputation in Large Transformer Models", section 4,
    whose 34 bytes for each token and unit of width count the same for a GELU layer with dropout.
    """
    whole = 4 * architecture.hidden_size
    divided = architecture.heads * (architecture.qk_head_dim + architecture.v_head_dim)
    if architecture.kv_lora_rank:
        # Normed and not: each latent norm keeps its input, and its output is the next projection's input.
        whole += 2 * (architecture.q_lora_rank + architecture.kv_lora_rank) + architecture.qk_rope_head_dim
        divided += architecture.heads * (architecture.qk_head_dim + architecture.v_head_dim)
    else:
        divided += architecture.kv_heads * (architecture.qk_head_dim + architecture.v_head_dim)
    if moe:
        whole += 2 * architecture.experts_per_token * architecture.hidden_size
        divided += 3 * (architecture.experts_per_token + architecture.shared_experts) * architecture.expert_size
    else:
        divided += 3 * architecture.ffn_size
    return whole, divided


def activation_bytes(architecture, tokens, parallelism=None, stage=0, recompute=True, in_flight=None, bits=16):
    """Return what a device keeps for the backward pass.

    Parameters
    ----------
    architecture : Architecture
    tokens : float or array_like
        Tokens of one micro-batch on one replica: sequence length times sequences.
    parallelism : Parallelism, optional
    stage : int
        Pipeline stage, from 0.
    recompute : bool
        Keep only each layer's input and compute the rest again, one layer at a time.
    in_flight : float, optional
        Micro-batches begun and not yet finished; by default ``pipeline - stage``, as one-forward-one-backward
        schedules have it.
    bits : float
        Bits of an activation.

    Returns
    -------
    float or numpy.ndarray
        Bytes. The last stage also holds one micro-batch of logits, in FP32, divided by tensor parallelism.

    References
    ----------
    Narayanan and others (2021), "Efficient Large-Scale Language Model Training on GPU Clusters Using
    Megatron-LM", section 2.2, for the schedule; Korthikanti and others (2022), section 5, for recomputation.
    """
    parallelism = parallelism or Parallelism()
    held = stage_layers(architecture.layers, parallelism.pipeline, stage)
    if in_flight is None:
        in_flight = parallelism.pipeline - stage
    whole_ways = parallelism.tensor if parallelism.sequence else 1

    def layer(moe):
        whole, divided = layer_activation_elements(architecture, moe)
        return whole / whole_ways + divided / parallelism.tensor

    kinds = architecture.moe_layers[held.start : held.stop]
    if recompute:
        stored = len(kinds) * architecture.hidden_size / whole_ways
        # The layer at work includes its input, which is stored already.
        working = max(layer(moe) for moe in set(kinds)) - architecture.hidden_size / whole_ways
    else:
        stored, working = math.fsum(layer(moe) for moe in kinds), 0.0
    kept = tokens * (stored * in_flight + working) * bits / BITS_PER_BYTE
    if stage == parallelism.pipeline - 1:
        kept = kept + tokens * architecture.vocab_size * 4.0 / parallelism.tensor
    return kept


def training_bytes(architecture, recipe, tokens, parallelism=None, stage=0, recompute=True, mtp=False):
    """Return all that training keeps on one device of a stage.

    Parameters
    ----------
    architecture : Architecture
    recipe : Recipe
    tokens, parallelism, stage, recompute
        See `activation_bytes`.
    mtp : bool
        See `stage_weights`; the modules' own activations are left out.

    Returns
    -------
    dict of str to float or numpy.ndarray
        Bytes of ``weights``, ``gradients``, ``master``, ``moments`` and ``activations``.
    """
    state = training_state_bytes(architecture, recipe, parallelism, stage, mtp)
    kept = activation_bytes(architecture, tokens, parallelism, stage, recompute, bits=recipe.activation_bits)
    return state | {"activations": kept}


# Serving


class Parts(NamedTuple):
    """An amount of weights, in numbers or in bytes, by how the chips that serve them divide it.

    Attributes
    ----------
    divided : float
        Over the chips of a tensor-parallel group.
    by_heads : float
        Projections to keys and values, over no more chips of the group than there are key-value heads.
    copied : float
        Whole on every chip of the group: norms, routers, projections down to a latent.
    routed : float
        Routed experts, over all chips.
    """

    divided: float = 0.0
    by_heads: float = 0.0
    copied: float = 0.0
    routed: float = 0.0


_DIVISION = {"rows": "divided", "columns": "divided", "kv_heads": "by_heads", None: "copied"}


def serving_parts(architecture, size):
    """Return the weights of a model by how the chips that serve them divide them.

    Parameters
    ----------
    architecture : Architecture
    size : callable
        What one copy of a `Weight` amounts to, e.g. its bytes in a format; 0 for one that does not count.

    Returns
    -------
    Parts
        Of one copy of the model, multi-token prediction left out.
    """
    amounts = {name: [] for name in Parts._fields}
    for weight, layers in architecture.weights:
        part = "routed" if weight.component == "routed_experts" else _DIVISION[weight.split]
        amounts[part].append(layers * weight.copies * size(weight))
    return Parts(*(math.fsum(each) for each in amounts.values()))


def chip_share(parts, chips, tensor, kv_heads):
    """Return how much of a model's weights one of the chips that serve it holds.

    Parameters
    ----------
    parts : Parts
    chips, tensor, kv_heads : float or array_like
        Chips that hold one copy of the routed experts, chips of a tensor-parallel group, heads of keys and values.

    Returns
    -------
    float or numpy.ndarray
        In the unit of the parts.

    Notes
    -----
    ``divided / t + by_heads / min(t, kv_heads) + copied + routed / chips``. In training `tensor_ways` says the same of
    each weight.
    """
    share = parts.divided / tensor + parts.routed / chips + parts.copied
    if np.ndim(parts.by_heads) == 0 and parts.by_heads == 0:  # latent attention: no such projections
        return share
    return share + parts.by_heads / np.minimum(tensor, kv_heads)


def serving_weight_bytes(architecture, scheme=BF16_WEIGHTS, chips=1, tensor=None):
    """Return the weights on one chip that serves.

    Parameters
    ----------
    architecture : Architecture
    scheme : Scheme
    chips : float or array_like
        Chips that hold one copy of the routed experts.
    tensor : float or array_like, optional
        Chips that share one copy of everything else; `chips` if absent. Fewer is attention by data
        parallelism, as DeepSeek serves.

    Returns
    -------
    float or numpy.ndarray
        Bytes a chip; see `chip_share` for what tensor parallelism leaves whole.
    """
    parts = serving_parts(architecture, lambda weight: scheme.format(weight).bytes(weight))
    return chip_share(parts, chips, chips if tensor is None else tensor, architecture.kv_heads)


def cache_share(cache_bytes, tensor, cached_heads):
    """Return how much of a cache each chip of a tensor-parallel group keeps.

    Parameters
    ----------
    cache_bytes : float or array_like
        Of one copy, e.g. of a sequence.
    tensor : float or array_like
        Chips of the group.
    cached_heads : float or array_like
        Heads over which the cache can be divided: those of keys and values; 1 with latent attention.

    Returns
    -------
    float or numpy.ndarray
        Bytes a chip.

    Notes
    -----
    Tensor parallelism divides heads. Where it has more chips than there are key-value heads each head is kept
    more than once; a latent, which all heads share, is kept by every chip.
    """
    return cache_bytes / np.minimum(tensor, cached_heads)


def cache_bytes(architecture, context, batch=1.0, kv_bits=16, chips=1, tensor=None):
    """Return the cache on one chip that serves a batch.

    Parameters
    ----------
    architecture : Architecture
    context : float or array_like
        Tokens of a sequence.
    batch : float or array_like
        Sequences on all `chips` together.
    kv_bits : float or array_like
        Bits of a cached number; an indexer's keys stay in their own format.
    chips, tensor : float or array_like
        See `serving_weight_bytes`.

    Returns
    -------
    float or numpy.ndarray
        Bytes a chip; see `cache_share` for what is kept more than once.
    """
    tensor = chips if tensor is None else tensor
    sequence = architecture.kv_cache_bytes(context, kv_bits) + context * architecture.index_cache_bytes_per_token
    return batch * tensor / chips * cache_share(sequence, tensor, _cached_heads(architecture))


def working_bytes(architecture, tokens, sequences, chips=1, tensor=None, bits=16):
    """Return the working space of one step on one chip.

    Parameters
    ----------
    architecture : Architecture
    tokens : float or array_like
        Tokens in the step on all `chips` together, prompts and answers.
    sequences : float or array_like
        Sequences that need logits, on all `chips` together.
    chips, tensor : float or array_like
        See `serving_weight_bytes`.
    bits : float
        Bits of an activation.

    Returns
    -------
    float or numpy.ndarray
        Bytes a chip.

    Notes
    -----
    Layers follow one another and reuse their space, so one layer counts: its input and sum, whole on every
    chip of a tensor-parallel group, and the wider of its two halves, divided. Logits are FP32. Real servers
    reserve more, for graphs and communication.
    """
    tensor = chips if tensor is None else tensor
    hidden, chosen, size = architecture.hidden_size, architecture.experts_per_token, architecture.expert_size
    attention = architecture.heads * (architecture.qk_head_dim + architecture.v_head_dim)
    mixture = (chosen + architecture.shared_experts) * size + chosen * hidden
    kinds = set(architecture.moe_layers)
    ffn = 2 * max(architecture.ffn_size if False in kinds else 0, mixture if True in kinds else 0)
    groups = chips / tensor
    per_token = 2 * hidden + max(attention, ffn) / tensor
    logits = architecture.vocab_size * 4.0 / tensor
    return tokens / groups * per_token * bits / BITS_PER_BYTE + sequences / groups * logits


def serving_bytes(
    architecture, context, batch, scheme=BF16_WEIGHTS, kv_bits=16, chips=1, tensor=None, prefill_tokens=0.0
):
    """Return weights, cache and working space on one chip that serves a batch.

    Parameters
    ----------
    architecture : Architecture
    context, batch, kv_bits, chips, tensor
        See `cache_bytes`.
    scheme : Scheme
        Formats of the weights.
    prefill_tokens : float or array_like
        Prompt tokens that a step takes along with the batch, on all `chips` together.

    Returns
    -------
    dict of str to float or numpy.ndarray
        Bytes a chip of ``weights``, ``cache`` and ``working``.
    """
    return {
        "weights": serving_weight_bytes(architecture, scheme, chips, tensor),
        "cache": cache_bytes(architecture, context, batch, kv_bits, chips, tensor),
        "working": working_bytes(architecture, batch + prefill_tokens, batch, chips, tensor),
    }


def largest_batch(
    architecture,
    context,
    chip_bytes,
    scheme=BF16_WEIGHTS,
    kv_bits=16,
    chips=1,
    tensor=None,
    prefill_tokens=0.0,
):
    """Return the largest batch whose sequences all fit at a context length.

    Parameters
    ----------
    architecture, context, scheme, kv_bits, chips, tensor, prefill_tokens
        See `serving_bytes`.
    chip_bytes : float or array_like
        Memory of one chip that may be used.

    Returns
    -------
    float or numpy.ndarray
        Sequences on all `chips` together, whole; 0 where not even one fits.
    """
    fixed = serving_weight_bytes(architecture, scheme, chips, tensor) + working_bytes(
        architecture, prefill_tokens, 0.0, chips, tensor
    )
    each = cache_bytes(architecture, context, 1.0, kv_bits, chips, tensor) + working_bytes(
        architecture, 1.0, 1.0, chips, tensor
    )
    return whole((chip_bytes - fixed) / each)


def whole(count):
    """Return how many whole things fit where a number of them would: rounded down, and never below 0.

    Parameters
    ----------
    count : float or array_like
        Room over the size of one; negative where there is none.

    Returns
    -------
    float or numpy.ndarray
    """
    return np.maximum(0.0, np.floor(count))


def largest_context(
    architecture, batch, chip_bytes, scheme=BF16_WEIGHTS, kv_bits=16, chips=1, tensor=None, prefill_tokens=0.0
):
    """Return the longest context at which a whole batch fits; the inverse of `largest_batch`.

    Parameters
    ----------
    architecture, batch, scheme, kv_bits, chips, tensor, prefill_tokens
        See `serving_bytes`.
    chip_bytes : float or array_like
        Memory of one chip that may be used.

    Returns
    -------
    float or numpy.ndarray
        Tokens, whole; 0 where not even one fits, infinite where every layer has a window and all windows fit.
        What the model was trained for may be less.
    """
    rest = chip_bytes - serving_weight_bytes(architecture, scheme, chips, tensor)
    rest = rest - working_bytes(architecture, batch + prefill_tokens, batch, chips, tensor)
    # No family has an indexer and windows, so its keys can be spread over the layers.
    number_bytes = architecture.kv_elements_per_layer * kv_bits / BITS_PER_BYTE
    layer_token = number_bytes + architecture.index_cache_bytes_per_token / architecture.layers
    tensor = chips if tensor is None else tensor
    room = rest / (batch * tensor / chips * cache_share(layer_token, tensor, _cached_heads(architecture)))
    return whole(_context_of(architecture, room))


def _cached_heads(architecture):
    return 1 if architecture.kv_lora_rank else architecture.kv_heads


def _context_of(architecture, layer_tokens):
    """Return the context that fills a number of layer-tokens; inverse of `Architecture.kv_cache_tokens`."""
    every = architecture.windows.count(None)
    corners = np.unique([0.0, *(window for window in architecture.windows if window is not None)])
    filled = architecture.kv_cache_tokens(corners)
    # Tokens fill all layers until the widest window is full, then only the layers without one.
    beyond = np.where(layer_tokens < filled[-1], 0.0, np.inf)
    if every:
        beyond = np.maximum(0.0, layer_tokens - filled[-1]) / every
    return np.interp(layer_tokens, filled, corners) + beyond
