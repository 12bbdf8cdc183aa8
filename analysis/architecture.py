"""What a language model is made of, counted to the last parameter from its published configuration.

`Architecture.from_hf_config` reads a Hugging Face ``config.json``. Everything else follows from one inventory
of weights: what the model holds, what a token passes through, what it multiplies with, and what it leaves in
the cache. Counts are Python integers, so nothing rounds or wraps.
"""

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.errors import InputError

BITS_PER_BYTE = 8

COMPONENTS = (
    "embedding",
    "head",
    "attention",
    "indexer",
    "dense_ffn",
    "shared_experts",
    "routed_experts",
    "router",
    "norms",
)


@dataclass(frozen=True)
class Weight:
    """One tensor of a layer, or several alike.

    Parameters
    ----------
    name : str
        The tensor's name in the public implementations, e.g. ``"q_b_proj"``.
    component : str
        One of `COMPONENTS`, or ``"mtp_projection"``.
    rows, columns : int
        Output and input features; a vector has one column.
    copies : int
        How many the layer holds: the experts, else 1.
    used : int
        How many of them one token passes through.
    split : {"rows", "columns", "kv_heads", None}
        How tensor parallelism divides it; None means that every rank holds a copy.
    matrix : bool
        Whether tokens are multiplied with it. Biases and norms are added or scaled, embeddings looked up.
    """

    name: str
    component: str
    rows: int
    columns: int = 1
    copies: int = 1
    used: int = 1
    split: str | None = None
    matrix: bool = True

    @property
    def size(self) -> int:
        """Parameters of one copy."""
        return self.rows * self.columns

    @property
    def total(self) -> int:
        """Parameters of all copies."""
        return self.size * self.copies

    @property
    def active(self) -> int:
        """Parameters that one token passes through."""
        return self.size * self.used

    @property
    def multiplied(self) -> int:
        """Parameters that one token is multiplied with."""
        return self.active if self.matrix else 0


@dataclass(frozen=True)
class Architecture:
    """The shape of a decoder-only transformer.

    Parameters
    ----------
    model_type : str
        Hugging Face name of the family.
    vocab_size, hidden_size, layers, heads : int
        Tokens in the vocabulary, width of the residual stream, layers, query heads.
    kv_heads : int
        Heads of keys and values. Latent attention has none of its own in the cache; see `attention_kind`.
    qk_head_dim, v_head_dim : int
        Width of a head's queries and keys, and of its values.
    tied_embeddings : bool
        Whether the output head is the input embedding.
    q_lora_rank, kv_lora_rank, qk_nope_head_dim, qk_rope_head_dim : int
        Multi-head latent attention: ranks of the compressed queries (0: not compressed) and of the cached
        latent (0: no latent attention), and the parts of a head without and with rotary position.
    qkv_bias, output_bias, qk_norm, sinks : bool
        Biases on the projections into and out of attention, norms on queries and keys, one learned sink a
        head.
    windows : tuple of int or None
        For each layer the number of latest tokens it attends to; None for all.
    moe_layers : tuple of bool
        For each layer whether its feed-forward part is a mixture of experts.
    ffn_size : int
        Inner width of a dense feed-forward layer; 0 where every layer is a mixture.
    experts, experts_per_token, expert_size : int
        Routed experts in a layer, those a token is sent to, and the inner width of one; 0 in dense models.
    shared_experts : int
        Experts that every token passes through, each of `expert_size`.
    router_bias : {None, "correction", "linear"}
        A bias that only corrects the choice of experts (DeepSeek-V3), or one that is part of the scores
        (gpt-oss).
    ffn_bias, expert_bias : bool
        Biases in dense and shared feed-forward layers, and in routed experts.
    norms_per_layer : int
        Norms of the residual stream in a layer.
    index_heads, index_head_dim, index_topk : int
        Sparse attention's indexer: heads, width of one, tokens selected; 0 without one.
    mtp_layers : int
        Modules for multi-token prediction that are trained and published with the model.
    """

    model_type: str
    vocab_size: int
    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    qk_head_dim: int
    v_head_dim: int
    tied_embeddings: bool
    windows: tuple[int | None, ...]
    moe_layers: tuple[bool, ...]
    q_lora_rank: int = 0
    kv_lora_rank: int = 0
    qk_nope_head_dim: int = 0
    qk_rope_head_dim: int = 0
    qkv_bias: bool = False
    output_bias: bool = False
    qk_norm: bool = False
    sinks: bool = False
    ffn_size: int = 0
    experts: int = 0
    experts_per_token: int = 0
    expert_size: int = 0
    shared_experts: int = 0
    router_bias: str | None = None
    ffn_bias: bool = False
    expert_bias: bool = False
    norms_per_layer: int = 2
    index_heads: int = 0
    index_head_dim: int = 0
    index_topk: int = 0
    mtp_layers: int = 0

    @classmethod
    def from_hf_config(cls, config: Mapping) -> "Architecture":
        """Read the mapping of a Hugging Face ``config.json``.

        Parameters
        ----------
        config : mapping
            As published; fields that do not shape the model are ignored.

        Returns
        -------
        Architecture

        Raises
        ------
        InputError
            If the ``model_type`` is not known, or a field is missing, contradicts another or is no such
            number. A size is never filled in; a switch that the family's own class leaves off (a bias, a
            window) may be absent.
        """
        if not isinstance(config, Mapping):
            raise InputError(f"a model configuration is a mapping of fields, not {type(config).__name__}")
        if "model_type" not in config:
            raise InputError(f"field 'model_type' is missing; supported: {', '.join(sorted(_READERS))}")
        model_type = config["model_type"]
        reader = _READERS.get(model_type) if isinstance(model_type, str) else None
        if reader is None:
            raise InputError(f"unknown model_type {model_type!r}; supported: {', '.join(sorted(_READERS))}")
        return cls(model_type=model_type, **reader(_Fields(config, model_type)))

    # Attention and cache

    @property
    def attention_kind(self) -> str:
        """``"mla"``, ``"mqa"``, ``"gqa"`` or ``"mha"``: latent, or by the number of key-value heads."""
        if self.kv_lora_rank:
            return "mla"
        if self.kv_heads == self.heads:
            return "mha"
        return "mqa" if self.kv_heads == 1 else "gqa"

    @property
    def kv_elements_per_layer(self) -> int:
        """Numbers that one token leaves in one layer's cache.

        Latent attention keeps one latent and one rotary key, shared by all heads, and no values; the other
        kinds keep a key and a value for each key-value head.
        """
        if self.kv_lora_rank:
            return self.kv_lora_rank + self.qk_rope_head_dim
        return self.kv_heads * (self.qk_head_dim + self.v_head_dim)

    @property
    def kv_elements_per_token(self) -> int:
        """Numbers that one token leaves in all layers' caches while every layer still keeps it."""
        return self.layers * self.kv_elements_per_layer

    def kv_cache_bytes_per_token(self, bits=16):
        """Return the cache that one token takes while every layer still keeps it.

        Parameters
        ----------
        bits : float or array_like
            Bits of a cached number.

        Returns
        -------
        int or float or numpy.ndarray
            Bytes; an integer if `bits` is one and the bytes are whole. Layers with a sliding window count as
            if the context were shorter than it: use `kv_cache_bytes` for a given context. The indexer's keys
            are apart: `index_cache_bytes_per_token`.
        """
        total = self.kv_elements_per_token * bits
        if isinstance(total, int) and total % BITS_PER_BYTE == 0:
            return total // BITS_PER_BYTE
        return total / BITS_PER_BYTE

    def kv_cache_tokens(self, context):
        """Return the tokens that all layers together keep of one sequence: each at most its window.

        Parameters
        ----------
        context : float or array_like
            Tokens in the sequence.

        Returns
        -------
        float or numpy.ndarray
            Layer-tokens.
        """
        visible = (count * _visible(context * 1.0, window) for window, count in self.window_counts)
        return functools.reduce(operator.add, visible)

    def kv_cache_bytes(self, context, bits=16):
        """Return the cache of one sequence.

        Parameters
        ----------
        context : float or array_like
            Tokens in the sequence.
        bits : float or array_like
            Bits of a cached number; broadcasts against `context`.

        Returns
        -------
        float or numpy.ndarray
            Bytes. A layer with a window keeps at most that many tokens.
        """
        return self.kv_cache_tokens(context) * self.kv_elements_per_layer * bits / BITS_PER_BYTE

    @property
    def index_cache_bytes_per_token(self) -> float:
        """Bytes that the indexer's keys of one token take in all layers; 0 without an indexer.

        Published code keeps them in FP8 with one FP32 scale for 128 numbers.

        References
        ----------
        DeepSeek-V3.2-Exp, ``inference/model.py``, class ``Indexer``.
        """
        return self.layers * (self.index_head_dim + 4.0 * -(-self.index_head_dim // 128))

    @cached_property
    def window_counts(self) -> tuple[tuple[int | None, int], ...]:
        """Each window that occurs, and the number of layers with it."""
        return tuple((window, self.windows.count(window)) for window in dict.fromkeys(self.windows))

    # Layers

    @property
    def moe_layer_count(self) -> int:
        """Layers with a mixture of experts."""
        return sum(self.moe_layers)

    @property
    def dense_layer_count(self) -> int:
        """Layers with a dense feed-forward part."""
        return self.layers - self.moe_layer_count

    # The inventory

    @cached_property
    def attention_weights(self) -> tuple[Weight, ...]:
        """The weights of one layer's attention, its norms on queries, keys and latents included."""
        parts = self._latent_attention() if self.kv_lora_rank else self._head_attention()
        if self.sinks:
            parts.append(Weight("sinks", "attention", self.heads, split="rows", matrix=False))
        if self.index_heads:
            parts += [
                Weight("indexer.wq_b", "indexer", self.index_heads * self.index_head_dim, self.q_lora_rank),
                Weight("indexer.wk", "indexer", self.index_head_dim, self.hidden_size),
                Weight("indexer.weights_proj", "indexer", self.index_heads, self.hidden_size),
                Weight("indexer.k_norm.weight", "indexer", self.index_head_dim, matrix=False),
                Weight("indexer.k_norm.bias", "indexer", self.index_head_dim, matrix=False),
            ]
        return tuple(parts)

    def _latent_attention(self):
        hidden, heads = self.hidden_size, self.heads
        queries = heads * self.qk_head_dim
        latent = self.kv_lora_rank + self.qk_rope_head_dim
        if self.q_lora_rank:
            parts = [
                Weight("q_a_proj", "attention", self.q_lora_rank, hidden),
                Weight("q_a_layernorm", "norms", self.q_lora_rank, matrix=False),
                Weight("q_b_proj", "attention", queries, self.q_lora_rank, split="rows"),
            ]
        else:
            parts = [Weight("q_proj", "attention", queries, hidden, split="rows")]
        expanded = heads * (self.qk_nope_head_dim + self.v_head_dim)
        parts += [
            Weight("kv_a_proj_with_mqa", "attention", latent, hidden),
            Weight("kv_a_layernorm", "norms", self.kv_lora_rank, matrix=False),
            Weight("kv_b_proj", "attention", expanded, self.kv_lora_rank, split="rows"),
            Weight("o_proj", "attention", hidden, heads * self.v_head_dim, split="columns"),
        ]
        if self.qkv_bias:
            if self.q_lora_rank:
                parts.append(Weight("q_a_proj.bias", "attention", self.q_lora_rank, matrix=False))
            parts.append(Weight("kv_a_proj_with_mqa.bias", "attention", latent, matrix=False))
        if self.output_bias:
            parts.append(Weight("o_proj.bias", "attention", hidden, matrix=False))
        return parts

    def _head_attention(self):
        hidden = self.hidden_size
        queries, keys = self.heads * self.qk_head_dim, self.kv_heads * self.qk_head_dim
        values = self.kv_heads * self.v_head_dim
        parts = [
            Weight("q_proj", "attention", queries, hidden, split="rows"),
            Weight("k_proj", "attention", keys, hidden, split="kv_heads"),
            Weight("v_proj", "attention", values, hidden, split="kv_heads"),
            Weight("o_proj", "attention", hidden, self.heads * self.v_head_dim, split="columns"),
        ]
        if self.qkv_bias:
            parts += [
                Weight("q_proj.bias", "attention", queries, split="rows", matrix=False),
                Weight("k_proj.bias", "attention", keys, split="kv_heads", matrix=False),
                Weight("v_proj.bias", "attention", values, split="kv_heads", matrix=False),
            ]
        if self.output_bias:
            parts.append(Weight("o_proj.bias", "attention", hidden, matrix=False))
        if self.qk_norm:
            parts += [
                Weight("q_norm", "norms", self.qk_head_dim, matrix=False),
                Weight("k_norm", "norms", self.qk_head_dim, matrix=False),
            ]
        return parts

    @cached_property
    def dense_ffn_weights(self) -> tuple[Weight, ...]:
        """The weights of one dense feed-forward layer."""
        return self._ffn("dense_ffn", self.ffn_size, self.ffn_bias)

    @cached_property
    def moe_ffn_weights(self) -> tuple[Weight, ...]:
        """The weights of one mixture of experts: router, routed and shared experts."""
        parts = [Weight("router", "router", self.experts, self.hidden_size)]
        if self.router_bias == "linear":
            parts.append(Weight("router.bias", "router", self.experts, matrix=False))
        if self.router_bias == "correction":
            # Chooses experts and never enters what a token becomes: held, not passed through.
            parts.append(Weight("e_score_correction_bias", "router", self.experts, used=0, matrix=False))
        routed = self._ffn("routed_experts", self.expert_size, self.expert_bias, self.experts, self.experts_per_token)
        # One wide layer, as published code builds it: so a bias on its output exists once.
        shared_size = self.shared_experts * self.expert_size
        shared = self._ffn("shared_experts", shared_size, self.ffn_bias) if shared_size else ()
        return (*parts, *routed, *shared)

    def _ffn(self, component, inner, bias, copies=1, used=1):
        hidden = self.hidden_size
        parts = [
            Weight("gate_proj", component, inner, hidden, copies, used, "rows"),
            Weight("up_proj", component, inner, hidden, copies, used, "rows"),
            Weight("down_proj", component, hidden, inner, copies, used, "columns"),
        ]
        if bias:
            parts += [
                Weight("gate_proj.bias", component, inner, 1, copies, used, "rows", matrix=False),
                Weight("up_proj.bias", component, inner, 1, copies, used, "rows", matrix=False),
                Weight("down_proj.bias", component, hidden, 1, copies, used, matrix=False),
            ]
        return tuple(parts)

    def layer_weights(self, moe: bool) -> tuple[Weight, ...]:
        """Return the weights of one layer.

        Parameters
        ----------
        moe : bool
            Whether its feed-forward part is a mixture of experts.

        Returns
        -------
        tuple of Weight
        """
        count = self.norms_per_layer
        norms = (Weight("layernorm", "norms", self.hidden_size, copies=count, used=count, matrix=False),)
        return norms + self.attention_weights + (self.moe_ffn_weights if moe else self.dense_ffn_weights)

    @cached_property
    def embedding_weight(self) -> Weight:
        """The input embedding."""
        return Weight(
            "embed_tokens",
            "embedding",
            self.vocab_size,
            self.hidden_size,
            split="rows",
            matrix=self.tied_embeddings,
        )

    @cached_property
    def outer_weights(self) -> tuple[Weight, ...]:
        """The weights outside the layers: embedding, final norm and, unless tied, output head."""
        norm = Weight("norm", "norms", self.hidden_size, matrix=False)
        head = Weight("lm_head", "head", self.vocab_size, self.hidden_size, split="rows")
        return (self.embedding_weight, norm) if self.tied_embeddings else (self.embedding_weight, norm, head)

    @cached_property
    def mtp_weights(self) -> tuple[Weight, ...]:
        """The weights of one multi-token-prediction module of its own; it borrows embedding and head.

        A layer like the last one, a projection that joins the stream with the next token's embedding, and
        three norms (on both of these and before the head).

        References
        ----------
        DeepSeek-V3 technical report, section 2.2; README_WEIGHTS.md of the weights.
        """
        if not self.mtp_layers:
            return ()
        hidden = self.hidden_size
        return (
            *self.layer_weights(self.moe_layers[-1]),
            Weight("eh_proj", "mtp_projection", hidden, 2 * hidden),
            Weight("mtp_norms", "norms", hidden, copies=3, used=3, matrix=False),
        )

    @cached_property
    def weights(self) -> tuple[tuple[Weight, int], ...]:
        """Every weight of the model and how many layers hold it, without multi-token prediction."""
        counted = [(weight, 1) for weight in self.outer_weights]
        for moe, count in ((False, self.dense_layer_count), (True, self.moe_layer_count)):
            if count:
                counted += [(weight, count) for weight in self.layer_weights(moe)]
        return tuple(counted)

    # Counts

    @cached_property
    def total_parameters(self) -> int:
        """Parameters that the model holds: a tied head once, the router's bias included, MTP not."""
        return sum(weight.total * count for weight, count in self.weights)

    @cached_property
    def active_parameters(self) -> int:
        """Weights that one token passes through, input embedding and head included.

        The router's correction bias is not among them: it chooses experts and is in no token's path.
        """
        return sum(weight.active * count for weight, count in self.weights)

    def parameters(self, active=False, embedding=True, head=True) -> int:
        """Return a count in the convention of a publisher.

        Parameters
        ----------
        active : bool
            Count what one token passes through, not all that the model holds.
        embedding, head : bool
            Count the input embedding, and the output head. A tied matrix counts, once, if either is asked
            for.

        Returns
        -------
        int

        Notes
        -----
        Publishers differ. OpenAI leaves out the input embedding of gpt-oss; DeepSeek rounds to 37 billion,
        which both `embedding` and not `embedding` give.
        """
        count = self.active_parameters if active else self.total_parameters
        matrix = self.vocab_size * self.hidden_size
        if self.tied_embeddings:
            return count if embedding or head else count - matrix
        return count - (0 if embedding else matrix) - (0 if head else matrix)

    @cached_property
    def matmul_parameters(self) -> int:
        """Weights that one token is multiplied with: active matrices and the head, no looked-up embedding."""
        return sum(weight.multiplied * count for weight, count in self.weights)

    @property
    def mtp_parameters(self) -> int:
        """Parameters of the multi-token-prediction modules alone, without the borrowed embedding and head.

        Their routers' correction biases are not counted, as in the figures in circulation.
        """
        return self.mtp_layers * sum(w.total for w in self.mtp_weights if w.name != "e_score_correction_bias")

    @property
    def mtp_active_parameters(self) -> int:
        """Weights of the multi-token-prediction modules alone that one token passes through."""
        return self.mtp_layers * sum(weight.active for weight in self.mtp_weights)

    def parameters_by_component(self, active=False) -> dict[str, int]:
        """Return the parameters of each component.

        Parameters
        ----------
        active : bool
            Count what one token passes through.

        Returns
        -------
        dict of str to int
            By the names in `COMPONENTS`; they sum to `total_parameters` (or `active_parameters`). Norms are
            all norms, those on queries, keys and latents included; a tied head is 0.
        """
        counts = dict.fromkeys(COMPONENTS, 0)
        for weight, layers in self.weights:
            counts[weight.component] += layers * (weight.active if active else weight.total)
        return counts


def _visible(context, window):
    """Return the tokens a layer keeps of a context: all, or at most its window."""
    return context if window is None else np.minimum(context, float(window))


# Reading configurations. One function a family returns the fields of `Architecture`; what a family leaves
# open follows the rule of its own class, and sizes have no default anywhere.


class _Fields:
    """A configuration's fields, each checked as it is read."""

    def __init__(self, config, model_type):
        self.config = config
        self.model_type = model_type

    def fail(self, message):
        return InputError(f"{self.model_type} configuration: {message}")

    def value(self, *names):
        """Return a field under the first of its names; two that disagree are an error."""
        present = [name for name in names if name in self.config]
        if not present:
            also = f" (or '{names[1]}')" if len(names) > 1 else ""
            raise self.fail(f"field '{names[0]}'{also} is missing")
        values = [self.config[name] for name in present]
        if any(value != values[0] for value in values[1:]):
            raise self.fail(f"fields {' and '.join(map(repr, present))} contradict each other")
        return present[0], values[0]

    def _integer(self, name, value, least):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            kind = "a positive integer" if least == 1 else "an integer of 0 or more"
            raise self.fail(f"field '{name}' must be {kind}, not {value!r}")
        return value

    def size(self, *names):
        return self._integer(*self.value(*names), least=1)

    def count(self, *names):
        """Return an integer that may be 0; null means none."""
        name, value = self.value(*names)
        return 0 if value is None else self._integer(name, value, least=0)

    def optional_size(self, name):
        """Return a size, or None where the field is absent or null and the family has a rule for it."""
        value = self.config.get(name)
        return None if value is None else self._integer(name, value, least=1)

    def flag(self, name, default):
        value = self.config.get(name, default)
        if not isinstance(value, bool):
            raise self.fail(f"field '{name}' must be true or false, not {value!r}")
        return value

    def layer_list(self, name, layers, allowed):
        """Return a list with one entry a layer, or None where it is absent or null."""
        value = self.config.get(name)
        if value is None:
            return None
        if not isinstance(value, list | tuple) or len(value) != layers:
            raise self.fail(f"field '{name}' must list {layers} layers")
        for entry in value:
            if entry not in allowed:
                raise self.fail(f"field '{name}' has {entry!r}; known: {', '.join(sorted(allowed))}")
        return list(value)


def _common(fields, tied=False):
    """Return the fields that every family has."""
    layers = fields.size("num_hidden_layers")
    return {
        "vocab_size": fields.size("vocab_size"),
        "hidden_size": fields.size("hidden_size"),
        "layers": layers,
        "heads": fields.size("num_attention_heads"),
        "tied_embeddings": fields.flag("tie_word_embeddings", tied),
        "windows": (None,) * layers,
        "moe_layers": (False,) * layers,
    }


def _heads(fields, shape, kv_heads_rule=False, head_dim_rule=True):
    """Add key-value heads and head width.

    `kv_heads_rule`: an absent count means one for each query head. `head_dim_rule`: an absent width means
    hidden size over heads. Elsewhere the family's class has a bare number for a default, and absence is an
    error.
    """
    heads = shape["heads"]
    if not kv_heads_rule or "num_key_value_heads" in fields.config:
        fields.value("num_key_value_heads")
    kv_heads = fields.optional_size("num_key_value_heads") or heads
    if heads % kv_heads:
        raise fields.fail(f"num_attention_heads {heads} is not a multiple of num_key_value_heads {kv_heads}")
    if not head_dim_rule:
        fields.size("head_dim")
    head_dim = fields.optional_size("head_dim")
    if head_dim is None:
        if shape["hidden_size"] % heads:
            raise fields.fail(f"no head_dim, and hidden_size {shape['hidden_size']} does not divide by {heads} heads")
        head_dim = shape["hidden_size"] // heads
    shape |= {"kv_heads": kv_heads, "qk_head_dim": head_dim, "v_head_dim": head_dim}


def _window_all(fields, shape):
    """Set the same window, if there is one, on every layer."""
    shape["windows"] = (fields.optional_size("sliding_window"),) * shape["layers"]


def _window_by_type(fields, shape, default_types):
    """Set windows on the layers that ``layer_types`` calls sliding."""
    types = fields.layer_list("layer_types", shape["layers"], {"sliding_attention", "full_attention"})
    sliding = [kind == "sliding_attention" for kind in types] if types else default_types
    window = fields.size("sliding_window") if any(sliding) else None
    shape["windows"] = tuple(window if slides else None for slides in sliding)


def _window_qwen(fields, shape):
    """Set Qwen's windows: off unless switched on, then on layers from ``max_window_layers``."""
    layers = shape["layers"]
    if fields.flag("use_sliding_window", False):
        first = layers if fields.config.get("layer_types") is not None else fields.count("max_window_layers")
        _window_by_type(fields, shape, [layer >= first for layer in range(layers)])
    elif "sliding_attention" in (fields.layer_list("layer_types", layers, _QWEN_TYPES) or ()):
        raise fields.fail("field 'layer_types' has sliding layers, but 'use_sliding_window' is false")


_QWEN_TYPES = frozenset({"sliding_attention", "full_attention"})


def _experts(fields, shape, names, used_names, size_name, moe_layers):
    """Add routed experts."""
    experts, used = fields.size(*names), fields.size(*used_names)
    if used > experts:
        raise fields.fail(f"{used_names[0]} {used} exceeds {names[0]} {experts}")
    shape |= {
        "experts": experts,
        "experts_per_token": used,
        "expert_size": fields.size(size_name),
        "moe_layers": tuple(moe_layers),
    }


def _llama(fields):
    shape = _common(fields)
    _heads(fields, shape, kv_heads_rule=True)
    bias = fields.flag("attention_bias", False)
    return shape | {
        "ffn_size": fields.size("intermediate_size"),
        "qkv_bias": bias,
        "output_bias": bias,
        "ffn_bias": fields.flag("mlp_bias", False),
    }


def _mistral(fields):
    shape = _common(fields)
    _heads(fields, shape)
    fields.value("sliding_window")
    _window_all(fields, shape)
    return shape | {"ffn_size": fields.size("intermediate_size")}


def _qwen2(fields):
    shape = _common(fields)
    _heads(fields, shape)
    _window_qwen(fields, shape)
    return shape | {"ffn_size": fields.size("intermediate_size"), "qkv_bias": True}


def _qwen3(fields):
    shape = _common(fields)
    _heads(fields, shape, head_dim_rule=False)
    _window_qwen(fields, shape)
    bias = fields.flag("attention_bias", False)
    return shape | {
        "ffn_size": fields.size("intermediate_size"),
        "qkv_bias": bias,
        "output_bias": bias,
        "qk_norm": True,
    }


def _qwen3_moe(fields):
    shape = _common(fields)
    _heads(fields, shape)
    if fields.flag("use_sliding_window", False):
        fields.size("sliding_window")
        _window_all(fields, shape)
    layers = shape["layers"]
    step = fields.optional_size("decoder_sparse_step") or 1
    dense = fields.config.get("mlp_only_layers") or ()
    if not isinstance(dense, list | tuple) or not all(type(layer) is int for layer in dense):
        raise fields.fail(f"field 'mlp_only_layers' must list layer numbers, not {dense!r}")
    moe_layers = [layer not in dense and (layer + 1) % step == 0 for layer in range(layers)]
    _experts(
        fields,
        shape,
        ("num_experts", "num_local_experts"),
        ("num_experts_per_tok",),
        "moe_intermediate_size",
        moe_layers,
    )
    bias = fields.flag("attention_bias", False)
    return shape | {
        "ffn_size": 0 if all(moe_layers) else fields.size("intermediate_size"),
        "qkv_bias": bias,
        "output_bias": bias,
        "qk_norm": True,
    }


def _mixtral(fields):
    shape = _common(fields)
    _heads(fields, shape)
    _window_all(fields, shape)
    _experts(
        fields,
        shape,
        ("num_local_experts", "num_experts"),
        ("num_experts_per_tok",),
        "intermediate_size",
        [True] * shape["layers"],
    )
    return shape


def _gpt_oss(fields):
    shape = _common(fields)
    _heads(fields, shape, head_dim_rule=False)
    # Even layers slide where the file does not say, in every published version of the class.
    _window_by_type(fields, shape, [layer % 2 == 0 for layer in range(shape["layers"])])
    _experts(
        fields,
        shape,
        ("num_local_experts", "num_experts"),
        ("num_experts_per_tok", "experts_per_token"),
        "intermediate_size",
        [True] * shape["layers"],
    )
    bias = fields.flag("attention_bias", True)
    return shape | {
        "qkv_bias": bias,
        "output_bias": bias,
        "sinks": True,
        "expert_bias": True,
        "router_bias": "linear",
    }


def _gemma2(fields):
    shape = _common(fields, tied=True)
    _heads(fields, shape, head_dim_rule=False)
    _window_by_type(fields, shape, [layer % 2 == 0 for layer in range(shape["layers"])])
    bias = fields.flag("attention_bias", False)
    return shape | {
        "ffn_size": fields.size("intermediate_size"),
        "qkv_bias": bias,
        "output_bias": bias,
        "norms_per_layer": 4,
    }


def _deepseek(fields, moe_layers=None):
    """Read what DeepSeek's latent-attention families share."""
    shape = _common(fields)
    layers, heads = shape["layers"], shape["heads"]
    frequency = fields.config.get("moe_layer_freq", 1)
    if frequency != 1:
        # DeepSeek's code would alternate dense and sparse layers, transformers ignores the field.
        raise fields.fail(f"field 'moe_layer_freq' is {frequency!r}; public code disagrees on all but 1")
    if moe_layers is None:
        first = fields.count("first_k_dense_replace")
        moe_layers = [layer >= first for layer in range(layers)]
    nope, rope = fields.size("qk_nope_head_dim"), fields.size("qk_rope_head_dim")
    bias = fields.flag("attention_bias", False)
    shape |= {
        "kv_heads": fields.optional_size("num_key_value_heads") or heads,
        "qk_head_dim": nope + rope,
        "v_head_dim": fields.size("v_head_dim"),
        "q_lora_rank": fields.count("q_lora_rank"),
        "kv_lora_rank": fields.size("kv_lora_rank"),
        "qk_nope_head_dim": nope,
        "qk_rope_head_dim": rope,
        "qkv_bias": bias,
        "output_bias": bias,
        "ffn_size": 0 if all(moe_layers) else fields.size("intermediate_size"),
    }
    if any(moe_layers):
        _experts(
            fields,
            shape,
            ("n_routed_experts", "num_local_experts", "num_experts"),
            ("num_experts_per_tok",),
            "moe_intermediate_size",
            moe_layers,
        )
        shape["shared_experts"] = fields.count("n_shared_experts")
    return shape


def _deepseek_v2(fields):
    method = fields.config.get("topk_method", "greedy")
    if method not in ("greedy", "group_limited_greedy"):
        raise fields.fail(f"field 'topk_method' is {method!r}; known: greedy, group_limited_greedy")
    return _deepseek(fields) | {"ffn_bias": fields.flag("mlp_bias", False)}


def _deepseek_v3(fields, moe_layers=None):
    names = [name for name in ("num_nextn_predict_layers", "num_mtp_layers") if name in fields.config]
    return _deepseek(fields, moe_layers) | {
        "router_bias": "correction",
        "mtp_layers": fields.count(*names) if names else 0,
    }


def _deepseek_v32(fields):
    types = fields.layer_list("mlp_layer_types", fields.size("num_hidden_layers"), {"dense", "sparse"})
    fields.size("q_lora_rank")
    return _deepseek_v3(fields, [kind == "sparse" for kind in types] if types else None) | {
        "index_heads": fields.size("index_n_heads"),
        "index_head_dim": fields.size("index_head_dim"),
        "index_topk": fields.size("index_topk"),
    }


_READERS = {
    "deepseek_v2": _deepseek_v2,
    "deepseek_v3": _deepseek_v3,
    "deepseek_v32": _deepseek_v32,
    "gemma2": _gemma2,
    "gpt_oss": _gpt_oss,
    "kimi_k2": _deepseek_v3,
    "llama": _llama,
    "mistral": _mistral,
    "mixtral": _mixtral,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "qwen3_moe": _qwen3_moe,
}
