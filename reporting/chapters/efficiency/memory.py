"""Results of the chapter on efficiency that are about memory (C07, C15, C16) and about who uses what (C43)."""

import math

from analysis import memory, serving
from analysis.architecture import BITS_PER_BYTE
from analysis.memory import Parallelism
from reporting.cases.hardware import chip
from reporting.cases.models import architecture
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

KILO, GIGA = 1e3, 1e9
KV_BITS = 16

#: Models whose cache is shown, and what they are called.
CACHED = {
    "llama-3.1-405b": "Llama 3.1 405B",
    "deepseek-llm-67b": "DeepSeek 67B",
    "gemma-2-27b": "Gemma 2 27B",
    "qwen2.5-72b": "Qwen2.5 72B",
    "llama-3.1-70b": "Llama 3.1 70B",
    "qwen2.5-32b": "Qwen2.5 32B",
    "mixtral-8x22b": "Mixtral 8x22B",
    "qwen3-235b-a22b": "Qwen3 235B",
    "llama-3.1-8b": "Llama 3.1 8B",
    "gpt-oss-120b": "gpt-oss 120B",
    "deepseek-v3": "DeepSeek V3 and R1",
    "kimi-k2": "Kimi K2",
    "deepseek-v2": "DeepSeek V2",
}

#: Mixtures of experts whose active share is shown.
MIXTURES = {
    "mixtral-8x7b": "Mixtral 8x7B",
    "gpt-oss-120b": "gpt-oss 120B",
    "qwen3-235b-a22b": "Qwen3 235B",
    "deepseek-v2": "DeepSeek V2",
    "deepseek-v3": "DeepSeek V3 and R1",
    "kimi-k2": "Kimi K2",
}


def multi_head_kilobytes(name):
    """The cache if every query head kept its own key and value: 2 x heads x width of a head, each layer."""
    model = architecture(name)
    return 2 * model.layers * model.heads * model.v_head_dim * KV_BITS / BITS_PER_BYTE / KILO


# The 93.3%, taken apart


@result.rows(
    {
        "kv_67b_kb": ("Cache of DeepSeek 67B for a token, 16 bits", "deepseek-llm-67b"),
        "kv_v2_kb": ("Cache of DeepSeek-V2 for a token, 16 bits", "deepseek-v2"),
    },
    "kB/token",
)
def kv_kilobytes(name, bits=KV_BITS):
    return architecture(name).kv_cache_bytes_per_token(bits) / KILO


@result("Cache of DeepSeek-V2 for a token, as deployed", "kB/token")
def kv_v2_deployed_kb():
    return kv_kilobytes("deepseek-v2", value("v2_kv_bits"))


@result("DeepSeek-V2's cache below DeepSeek 67B's, as deployed", "fraction")
def kv_saving_deployed():
    return 1.0 - kv_v2_deployed_kb() / kv_kilobytes("deepseek-llm-67b")


@result("DeepSeek-V2's cache below DeepSeek 67B's, equal precision", "fraction")
def kv_saving_equal():
    return 1.0 - kv_kilobytes("deepseek-v2") / kv_kilobytes("deepseek-llm-67b")


@result("… of which fewer layers", "ratio")
def kv_factor_depth():
    return architecture("deepseek-llm-67b").layers / architecture("deepseek-v2").layers


@result("… of which latent for grouped attention", "ratio")
def kv_factor_latent():
    return architecture("deepseek-llm-67b").kv_elements_per_layer / architecture("deepseek-v2").kv_elements_per_layer


@result("… of which fewer bits for a number", "ratio")
def kv_factor_bits():
    return KV_BITS / value("v2_kv_bits")


@result("DeepSeek 67B's cache over DeepSeek-V2's, as deployed", "ratio")
def kv_factor_all():
    return kv_kilobytes("deepseek-llm-67b") / kv_v2_deployed_kb()


# V3 and R1 against peers, 16 bits each


result.rows(
    {
        "kv_v3_kb": ("Cache of V3 and R1 for a token, 16 bits", "deepseek-v3"),
        "kv_qwen72b_kb": ("Cache of Qwen2.5 72B for a token, 16 bits", "qwen2.5-72b"),
        "kv_llama405b_kb": ("Cache of Llama 3.1 405B for a token, 16 bits", "llama-3.1-405b"),
    },
    "kB/token",
)(kv_kilobytes)


@result.rows(
    {
        "kv_qwen72b_ratio": ("Qwen2.5 72B's cache over V3's", "qwen2.5-72b"),
        "kv_llama405b_ratio": ("Llama 3.1 405B's cache over V3's", "llama-3.1-405b"),
        "kv_qwen32b_ratio": ("Qwen2.5 32B's cache over V3's", "qwen2.5-32b"),
        "kv_r1_ratio": ("R1's cache over V3's", "deepseek-r1"),
    },
    "ratio",
)
def cache_over_v3(name):
    return kv_kilobytes(name) / kv_kilobytes("deepseek-v3")


@result.rows(
    {
        "kv_saving_qwen72b": ("V3's cache below Qwen2.5 72B's", "qwen2.5-72b"),
        "kv_saving_llama405b": ("V3's cache below Llama 3.1 405B's", "llama-3.1-405b"),
        "kv_saving_67b": ("V3's cache below DeepSeek 67B's", "deepseek-llm-67b"),
    },
    "fraction",
)
def v3_cache_below(name):
    return 1.0 - 1.0 / cache_over_v3(name)


@result("V3's cache below that of its own heads uncompressed", "fraction")
def kv_saving_multi_head():
    return 1.0 - kv_kilobytes("deepseek-v3") / multi_head_kilobytes("deepseek-v3")


@result("gpt-oss 120B's cache over V3's at a context of 32,000 tokens", "ratio", digits=2)
def kv_gpt_oss_long_ratio():
    context = value("kv_long_context")
    ours = architecture("deepseek-v3").kv_cache_bytes(context)
    return architecture("gpt-oss-120b").kv_cache_bytes(context) / ours


# The cache's share of GPU memory


class Serving:
    """A model on the GPUs that serve it.

    Parameters
    ----------
    title : str
    model : str
        Name of its configuration.
    chip : str
        Row of ``data/chips.csv``.
    layout : analysis.serving.Layout
    multi_head : bool
        Whether the cache keeps every head uncompressed: what it would be without latent attention.
    """

    def __init__(self, title, model, chip, layout, multi_head=False):
        self.title, self.model, self.chip, self.layout, self.multi_head = title, model, chip, layout, multi_head

    def weight_bytes(self):
        """Weights on one GPU."""
        return serving.weight_bytes_per_chip(serving.model_of(architecture(self.model)), self.layout)

    def token_bytes(self):
        """Cache of one token that a GPU holds: tokens are counted over all GPUs and divided by them."""
        kilobytes = multi_head_kilobytes(self.model) if self.multi_head else kv_kilobytes(self.model)
        return kilobytes * KILO

    def memory_bytes(self):
        """Memory of one GPU."""
        return chip(self.chip).memory_bytes

    def share(self, tokens):
        """Cache as a share of weights and cache, at a number of tokens held by a GPU."""
        cached = tokens * self.token_bytes()
        return cached / (cached + self.weight_bytes())

    def tokens_at_half(self):
        """Tokens held by a GPU at which the cache is as large as the weights."""
        return self.weight_bytes() / self.token_bytes()

    def tokens_that_fit(self):
        """Tokens that a GPU can hold beside the weights, nothing kept back."""
        return max(0.0, self.memory_bytes() - self.weight_bytes()) / self.token_bytes()

    def share_when_full(self):
        """Cache as a share of a GPU that is filled to the last byte."""
        return max(0.0, 1.0 - self.weight_bytes() / self.memory_bytes())


# DeepSeek's decode unit: 144 H800, attention by data parallelism, 32 experts held twice.
_EXPERT_PARALLEL = serving.Layout(
    chips=144, tensor_parallel=1, expert_parallel=1, redundant_experts=32, weight_bits=8, expert_bits=8
)
_EIGHT_GPUS = serving.Layout(chips=8, tensor_parallel=8, weight_bits=8, expert_bits=8)
SERVED = {
    "v3": Serving("V3 on 144 H800", "deepseek-v3", "h800", _EXPERT_PARALLEL),
    "multi_head": Serving("V3 with full heads", "deepseek-v3", "h800", _EXPERT_PARALLEL, multi_head=True),
    "qwen72b": Serving("Qwen2.5 72B on 4 H100", "qwen2.5-72b", "h100", serving.Layout(chips=4, tensor_parallel=4)),
    "llama405b": Serving("Llama 405B on 8 H100", "llama-3.1-405b", "h100", _EIGHT_GPUS),
}
#: The same server with the chip that has more memory; in the text, not in the figure.
LLAMA_ON_H200 = Serving("Llama 405B on 8 H200", "llama-3.1-405b", "h200", _EIGHT_GPUS)


@result("V3's weights on a GPU of DeepSeek's decode unit", "GB")
def kv_weights_gb():
    return SERVED["v3"].weight_bytes() / GIGA


@result("V3's cache on that GPU", "GB", digits=2)
def kv_cache_gb(a):
    return a.cached_tokens_per_gpu * SERVED["v3"].token_bytes() / GIGA


@result("The cache's share of what V3 keeps on that GPU", "fraction", digits=2)
def kv_share_v3(a):
    return SERVED["v3"].share(a.cached_tokens_per_gpu)


@result("The cache's share of that GPU's memory", "fraction", digits=2)
def kv_share_v3_memory(a):
    return a.cached_tokens_per_gpu * SERVED["v3"].token_bytes() / SERVED["v3"].memory_bytes()


@result("Tokens on that GPU at which V3's cache equals its weights", "token", digits=2)
def kv_tokens_half_v3():
    return SERVED["v3"].tokens_at_half()


result.rows(
    {
        "kv_tokens_fit_multi_head": ("Tokens that fit on that GPU with full heads", SERVED["multi_head"]),
        "kv_tokens_fit_v3": ("Tokens that fit on that GPU", SERVED["v3"]),
    },
    "token",
    digits=2,
)(Serving.tokens_that_fit)
result.rows(
    {
        "kv_full_v3": ("The cache's largest share, V3 on 144 H800", SERVED["v3"]),
        "kv_full_qwen72b": ("The cache's largest share, Qwen2.5 72B on 4 H100", SERVED["qwen72b"]),
        "kv_full_llama405b": ("The cache's largest share, Llama 3.1 405B on 8 H100", SERVED["llama405b"]),
        "kv_full_llama405b_h200": ("The cache's largest share, Llama 3.1 405B on 8 H200", LLAMA_ON_H200),
    },
    "fraction",
    digits=2,
)(Serving.share_when_full)


# 8 bits instead of 32: training state for each parameter

RECIPES = {"fp32": "FP32", "bf16": "BF16 mixed", "v3_fp8": "V3's FP8"}
STATE = {"weights": "Weights", "gradients": "Gradients", "master": "Master weights", "moments": "Optimizer moments"}


def state_per_parameter(recipe):
    """Bytes of each kind of training state for a parameter of V3, undivided."""
    model = architecture("deepseek-v3")
    state = memory.training_state_bytes(model, memory.RECIPES[recipe])
    return {part: size / model.total_parameters for part, size in state.items()}


@result.rows(
    {
        "memory_bytes_fp32": ("Training state for a parameter, FP32", "fp32"),
        "memory_bytes_bf16": ("Training state for a parameter, BF16 mixed", "bf16"),
        "memory_bytes_v3": ("Training state for a parameter, V3's recipe", "v3_fp8"),
    },
    "byte/parameter",
)
def memory_bytes(recipe):
    return math.fsum(state_per_parameter(recipe).values())


@result.rows(
    {
        "memory_saving_fp32": ("V3's training state below FP32's", "fp32"),
        "memory_saving_bf16": ("V3's training state below BF16's", "bf16"),
    },
    "fraction",
)
def memory_saving(recipe):
    return 1.0 - memory_bytes("v3_fp8") / memory_bytes(recipe)


@result("Share of V3's training state kept in 16 or 32 bits", "fraction", digits=2)
def memory_wide_share():
    model = architecture("deepseek-v3")
    eight = sum(
        weight.total * layers
        for weight, layers in model.weights
        if memory.FP8_WEIGHTS.format(weight) is memory.FP8_BLOCK
    )
    return 1.0 - eight / model.total_parameters / memory_bytes("v3_fp8")


@result("Share of the optimizer's moments in that saving against BF16", "fraction", digits=2)
def memory_moment_share():
    usual, ours = state_per_parameter("bf16"), state_per_parameter("v3_fp8")
    return (usual["moments"] - ours["moments"]) / (memory_bytes("bf16") - memory_bytes("v3_fp8"))


# The weights alone: what is stored and served


@result.rows(
    {
        "memory_weights_saving_fp32": ("V3's weights in 8 bits below 32 bits", memory.FP32_WEIGHTS),
        "memory_weights_saving_bf16": ("V3's weights in 8 bits below 16 bits", memory.BF16_WEIGHTS),
    },
    "fraction",
)
def weights_saving(scheme):
    model = architecture("deepseek-v3")
    return 1.0 - memory.weight_bytes(model, memory.FP8_WEIGHTS) / memory.weight_bytes(model, scheme)


@result.rows(
    {
        "memory_checkpoint_fp8_gb": ("V3's checkpoint as released", memory.FP8_WEIGHTS),
        "memory_checkpoint_bf16_gb": ("V3's checkpoint in BF16", memory.BF16_WEIGHTS),
        "memory_checkpoint_fp32_gb": ("V3's checkpoint in FP32", memory.FP32_WEIGHTS),
    },
    "GB",
    digits=4,
)
def checkpoint_gb(scheme):
    return memory.checkpoint_bytes(architecture("deepseek-v3"), scheme) / GIGA


# V3 as trained: one GPU in the middle of the pipeline

#: Stages that hold four mixture layers each, and that DualPipe puts on the same GPU.
_STAGE = 3


def as_trained():
    """V3's division over its GPUs: 16 stages, experts over 64, ZeRO-1 over the replicas."""
    pipeline, expert = int(value("v3_pipeline_stages")), int(value("v3_expert_parallel"))
    return Parallelism(pipeline=pipeline, data=int(value("v3_gpu_count")) // pipeline, expert=expert, zero=1)


def kept_bytes(recipe):
    """Bytes that a layer keeps of a token for its backward pass, by what V3's report says is kept.

    Norms, the up-projections of latent attention and SwiGLU's output are computed again (sections 3.2.3 and
    3.3.3). What stays is the stream before attention and before the experts, the latents, attention's output,
    the copy of the input that each expert receives, and SwiGLU's inputs. V3 keeps the last two in 8 bits and
    attention's output in 12 (E5M6). The experts' outputs are not mentioned and not counted.
    """
    model = architecture("deepseek-v3")
    stream = 2 * model.hidden_size + model.q_lora_rank + model.kv_lora_rank + model.qk_rope_head_dim
    attended = model.heads * model.v_head_dim
    through = model.experts_per_token + model.shared_experts
    experts = model.experts_per_token * model.hidden_size + 2 * through * model.expert_size
    bits = {"fp32": (32, 32, 32), "bf16": (16, 16, 16), "v3_fp8": (16, 12, 8)}[recipe]
    sizes = (stream, attended, experts)
    return sum(size * width for size, width in zip(sizes, bits, strict=True)) / BITS_PER_BYTE


def in_flight_tokens():
    """Tokens whose activations a GPU keeps, times the layers of a stage.

    One sequence a micro-batch, the least there is, and one micro-batch more than stages (report, Table 2).
    """
    layers = len(memory.stage_layers(architecture("deepseek-v3").layers, as_trained().pipeline, _STAGE))
    return value("v3_sequence_length") * layers * (as_trained().pipeline + 1)


def trained_gpu_bytes(recipe):
    """Bytes of each kind on one GPU as V3 was trained, under a recipe.

    DualPipe keeps two stages on a GPU, so weights and gradients of both; the replicas that divide master
    weights and moments are twice as many, so of these as much as for one stage.
    """
    model, division = architecture("deepseek-v3"), as_trained()
    pair = [
        memory.training_state_bytes(model, memory.RECIPES[recipe], division, stage)
        for stage in (_STAGE, division.pipeline - 1 - _STAGE)
    ]
    state = {part: pair[0][part] + pair[1][part] for part in STATE}
    for part in ("master", "moments"):
        state[part] /= 2
    return state | {"activations": in_flight_tokens() * kept_bytes(recipe)}


@result.rows(
    {
        "memory_gpu_fp32_gb": ("A GPU of V3's run, had all been FP32", "fp32"),
        "memory_gpu_bf16_gb": ("A GPU of V3's run, had it been BF16 mixed", "bf16"),
        "memory_gpu_v3_gb": ("A GPU of V3's run, V3's recipe", "v3_fp8"),
    },
    "GB",
    digits={"memory_gpu_bf16_gb": 2, "memory_gpu_v3_gb": 2},
)
def gpu_gb(recipe):
    return math.fsum(trained_gpu_bytes(recipe).values()) / GIGA


@result.rows(
    {
        "memory_gpu_saving_fp32": ("A GPU of V3's run, below FP32", "fp32"),
        "memory_gpu_saving_bf16": ("A GPU of V3's run, below BF16", "bf16"),
    },
    "fraction",
    digits=2,
)
def gpu_saving(recipe):
    return 1.0 - gpu_gb("v3_fp8") / gpu_gb(recipe)


@result("A GPU of V3's run, below BF16, if the working copy of the weights had 16 bits", "fraction", digits=2)
def memory_gpu_saving_least():
    wider = (trained_gpu_bytes("bf16")["weights"] - trained_gpu_bytes("v3_fp8")["weights"]) / GIGA
    return 1.0 - (gpu_gb("v3_fp8") + wider) / gpu_gb("bf16")


@result("Activations in BF16 with nothing computed again", "GB", digits=2)
def memory_activations_all_gb():
    whole, divided = memory.layer_activation_elements(architecture("deepseek-v3"), moe=True)
    return in_flight_tokens() * (whole + divided) * 16 / BITS_PER_BYTE / GIGA


@result.rows(
    {
        "memory_activations_bf16_gb": ("Activations in BF16, V3's recomputation", "bf16"),
        "memory_activations_v3_gb": ("Activations in V3's formats", "v3_fp8"),
    },
    "GB",
    digits=2,
)
def activations_gb(recipe):
    return trained_gpu_bytes(recipe)["activations"] / GIGA


@result("Memory of an H800", "GB")
def memory_h800_gb():
    return SERVED["v3"].memory_bytes() / GIGA


# Mixture of experts: what a token passes through, and what a batch reads


def routed_share(model):
    return model.parameters_by_component()["routed_experts"] / model.total_parameters


def read_share(name, tokens):
    """Share of a model's weights that a batch of tokens is expected to need."""
    model = architecture(name)
    routed = routed_share(model)
    touched = serving.experts_touched(model.experts, model.experts_per_token, tokens) / model.experts
    return 1.0 - routed + routed * touched


@result.rows(
    {
        "moe_active_v3": ("Share of V3's parameters that a token passes through", "deepseek-v3"),
        "moe_active_mixtral": ("Share of Mixtral 8x7B's parameters that a token passes through", "mixtral-8x7b"),
    },
    "fraction",
    digits=2,
)
def active_share(name):
    model = architecture(name)
    return model.active_parameters / model.total_parameters


@result("Batch that needs half of V3's weights", "token", digits=2)
def moe_half_batch():
    model = architecture("deepseek-v3")
    return math.log(0.5 / routed_share(model)) / math.log(1.0 - model.experts_per_token / model.experts)


@result("Share of V3's weights that a batch as large as its number of experts needs", "fraction", digits=4)
def moe_read_full():
    return read_share("deepseek-v3", value("v3_experts"))


# What US makers of open models use


@result("US makers whose open models have experts and weights of 8 bits or fewer", "count", digits=1)
def us_makers_with_both():
    """Return how many of Meta, OpenAI and NVIDIA released such a model: Llama 4, gpt-oss, Nemotron 3 Super."""
    meta = value("llama4_maverick_experts") > 1 and value("llama4_maverick_bits") <= value("v3_product_bits")
    openai = architecture("gpt-oss-120b").experts > 1 and value("gpt_oss_expert_bits") <= value("v3_product_bits")
    sparse = value("nemotron3_super_active") < value("nemotron3_super_parameters")
    nvidia = sparse and value("nemotron3_super_bits") <= value("v3_product_bits")
    return sum((meta, openai, nvidia))


@result("Large US labs on record in January 2025 as at work on DeepSeek's techniques", "count", digits=1)
def us_labs_on_record():
    return value("us_labs_january_2025")


@result("Large US labs whose reports name DeepSeek as the source of a technique", "count", digits=1)
def us_labs_crediting():
    return value("us_labs_crediting_deepseek")
