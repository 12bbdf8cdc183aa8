"""Memory, against published checkpoints, a worked training case and laws of conservation."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis import memory
from analysis.architecture import Architecture
from analysis.errors import InputError
from analysis.memory import Parallelism
from reporting import DATA

CONFIGS = {p.stem: json.loads(p.read_text())["config"] for p in (DATA / "model_configs").glob("*.json")}
SCHEMES = {
    "gpt-oss-20b": memory.MXFP4_EXPERTS,
    "gpt-oss-120b": memory.MXFP4_EXPERTS,
    "deepseek-v3": memory.FP8_WEIGHTS,
    "deepseek-r1": memory.FP8_WEIGHTS,
    "kimi-k2": memory.FP8_WEIGHTS,
}


def model(name):
    return Architecture.from_hf_config(CONFIGS[name])


def rows():
    with (DATA / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published(model, quantity):
    (row,) = [r for r in rows() if (r["model"], r["quantity"]) == (model, quantity)]
    return float(row["value"])


# Published checkpoints


@pytest.mark.parametrize("name", ["deepseek-v3", "deepseek-r1"])
def test_released_fp8_checkpoint_to_the_element(name):
    elements = memory.checkpoint_elements(model(name), memory.FP8_WEIGHTS)
    for kind in ("F8_E4M3", "BF16", "F32"):
        assert elements[kind] == published(name, f"checkpoint_{kind.lower()}")
    assert sum(elements.values()) == 684_531_386_000
    assert memory.checkpoint_bytes(model(name), memory.FP8_WEIGHTS) == 688_574_839_360


def test_v3_2_checkpoint_to_the_element():
    elements = memory.checkpoint_elements(model("deepseek-v3.2"), memory.FP8_WEIGHTS)
    assert sum(elements.values()) == published("deepseek-v3.2", "checkpoint_elements")


@pytest.mark.parametrize("row", [r for r in rows() if r["quantity"] == "checkpoint_bytes"], ids=lambda r: r["model"])
def test_published_payloads_to_the_byte(row):
    scheme = SCHEMES.get(row["model"], memory.BF16_WEIGHTS)
    assert memory.checkpoint_bytes(model(row["model"]), scheme) == float(row["value"])


@pytest.mark.parametrize("row", [r for r in rows() if r["quantity"] == "file_bytes"], ids=lambda r: r["model"])
def test_published_files_are_the_payload_and_headers(row):
    payload = memory.checkpoint_bytes(model(row["model"]), SCHEMES.get(row["model"], memory.BF16_WEIGHTS))
    # A header names each tensor: about a hundred bytes for each of up to 92,000 tensors.
    assert 0 < float(row["value"]) / payload - 1 < 2e-5


def test_what_of_v3_is_not_fp8():
    a = model("deepseek-v3")
    bf16 = memory.weight_bytes_by_component(a)
    fp8 = memory.weight_bytes_by_component(a, memory.FP8_WEIGHTS)
    for component in ("embedding", "head", "norms"):
        assert fp8[component] == bf16[component]
    assert fp8["router"] == bf16["router"] + 2 * 58 * 256
    for component in ("attention", "dense_ffn", "shared_experts", "routed_experts"):
        assert fp8[component] / bf16[component] == pytest.approx(0.5 * (1 + 4 / 16384), rel=1e-4)
    # So 8 bits save 49.8% of 16 and 74.9% of 32, not quite half and three quarters.
    assert sum(fp8.values()) / sum(bf16.values()) == pytest.approx(0.5016, abs=2e-4)
    assert sum(fp8.values()) / memory.weight_bytes(a, memory.FP32_WEIGHTS) == pytest.approx(0.2508, abs=1e-4)


def test_overhead_of_scales():
    a = model("llama-3.1-70b")
    matrices = a.parameters_by_component()["attention"] + a.parameters_by_component()["dense_ffn"]
    rest = 2 * (a.total_parameters - matrices)
    assert memory.weight_bytes(a, memory.INT4_WEIGHTS) - rest == pytest.approx(matrices * (4 + 20 / 128) / 8)
    assert memory.weight_bytes(a, memory.FP8_WEIGHTS) - rest == matrices * (1 + 4 / 16384)


def test_part_of_a_block_takes_a_whole_scale():
    weight = analysis.architecture.Weight("w", "attention", 129, 300)
    assert memory.FP8_BLOCK.scales(weight) == 2 * 3
    assert memory.FP8_BLOCK.bytes(weight) == 129 * 300 + 4 * 6


@pytest.mark.parametrize("name", CONFIGS)
def test_weights_by_component_sum_and_order(name):
    a = model(name)
    assert memory.weight_bytes(a) == 2 * a.total_parameters
    assert memory.weight_bytes(a, memory.FP32_WEIGHTS) == 4 * a.total_parameters
    sizes = [memory.weight_bytes(a, s) for s in (memory.INT4_WEIGHTS, memory.FP8_WEIGHTS, memory.BF16_WEIGHTS)]
    assert sizes == sorted(sizes)


# Training state


def test_llama_2_70b_worked_case():
    a, split = model("llama-2-70b"), Parallelism(tensor=8, pipeline=8)
    parameters = memory.device_parameters(a, split)
    # The worked case spreads all norms over the stages. The first stage holds no eighth of the final norm.
    assert parameters == published("llama-2-70b", "first_stage_parameters") - 8192 / 8
    state = memory.training_state_bytes(a, memory.BF16_RECIPE, split)
    assert sum(state.values()) == 18 * parameters
    assert sum(state.values()) == pytest.approx(published("llama-2-70b", "first_stage_state_bytes"), rel=1e-6)
    with_sequence = replace(split, sequence=True)
    total = (sum(state.values()) + memory.activation_bytes(a, 4096, with_sequence)) / 1e9
    assert total == pytest.approx(published("llama-2-70b", "first_stage_gb_sequence_parallel"), rel=1e-3)
    total = (sum(state.values()) + memory.activation_bytes(a, 4096, split)) / 1e9
    assert total == pytest.approx(published("llama-2-70b", "first_stage_gb_no_sequence_parallel"), rel=0.006)


def test_recipes_by_parameter():
    a = model("llama-3.1-8b")
    for recipe, size in ((memory.FP32_RECIPE, 16), (memory.BF16_RECIPE, 18)):
        assert sum(memory.training_state_bytes(a, recipe).values()) == size * a.total_parameters
    # V3: 1 byte of FP8 + 4 master + 4 gradient + 2 + 2 of moments, and 14 where weights stay BF16: 28% below
    # BF16.
    v3 = model("deepseek-v3")
    state = memory.training_state_bytes(v3, memory.V3_FP8_RECIPE)
    assert sum(state.values()) / v3.total_parameters == pytest.approx(13.0, abs=0.01)
    assert state["gradients"] == state["master"] == state["moments"] == 4 * v3.total_parameters
    assert state["weights"] == memory.weight_bytes(v3, memory.FP8_WEIGHTS)


@pytest.mark.parametrize("name", ["deepseek-v3", "deepseek-v2-lite", "llama-3.1-405b", "mixtral-8x7b", "qwen2.5-72b"])
@given(pipeline=st.integers(1, 27), tensor=st.sampled_from([1, 2, 4, 8]), expert=st.sampled_from([1, 2, 4, 8]))
def test_division_conserves_parameters(name, pipeline, tensor, expert):
    a = model(name)
    split = Parallelism(tensor=tensor, pipeline=pipeline, data=expert, expert=expert)
    held = 0
    for stage in range(pipeline):
        for weight, count in memory.stage_weights(a, pipeline, stage):
            ways = memory.tensor_ways(a, weight, tensor)
            assert ways in (1, tensor)
            held += weight.total * count
    assert held == a.total_parameters
    # Every device's share, copies counted: whole weights once for each tensor rank, dense ones for each
    # replica.
    devices = sum(memory.device_parameters(a, split, s) for s in range(pipeline)) * tensor * expert
    whole = sum(w.total * n for w, n in a.weights if w.split is None)
    routed = a.parameters_by_component()["routed_experts"]
    assert devices == pytest.approx(routed + expert * (a.total_parameters - routed + (tensor - 1) * whole), rel=1e-12)


@given(
    st.sampled_from(["deepseek-v3", "llama-3.1-8b", "qwen3-235b-a22b"]),
    st.sampled_from([1, 4, 16]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(sorted(memory.RECIPES)),
)
def test_zero_divides_without_loss(name, expert, copies, recipe):
    a, recipe = model(name), memory.RECIPES[recipe]
    data = expert * copies
    alone = memory.training_state_bytes(a, recipe)
    states = [
        memory.training_state_bytes(a, recipe, Parallelism(data=data, expert=expert, zero=stage)) for stage in range(4)
    ]
    totals = [sum(state.values()) for state in states]
    assert totals == sorted(totals, reverse=True)
    for state, divided in zip(
        states, ((), ("master", "moments"), ("master", "moments", "gradients"), alone), strict=True
    ):
        for part in divided:
            assert state[part] * data == pytest.approx(alone[part], rel=1e-12)
    assert states[1]["weights"] == states[0]["weights"]
    assert states[2]["weights"] == states[0]["weights"]


def test_v3_as_it_was_trained():
    # PP16, EP64, ZeRO-1 over 2,048 GPUs of 80 GB (report, section 3.2): the state fits with room for
    # activations.
    v3 = model("deepseek-v3")
    split = Parallelism(pipeline=16, data=128, expert=64, zero=1)
    assert split.devices == 2048
    fp8 = [sum(memory.training_state_bytes(v3, memory.V3_FP8_RECIPE, split, s, mtp=True).values()) for s in range(16)]
    assert max(fp8) < 20e9
    bf16 = [sum(memory.training_state_bytes(v3, memory.BF16_RECIPE, split, s, mtp=True).values()) for s in range(16)]
    assert max(bf16) > max(fp8)
    # Experts on every device would take several times as much: most of an 80 GB GPU before any activation.
    whole = replace(split, expert=1)
    assert sum(memory.training_state_bytes(v3, memory.V3_FP8_RECIPE, whole).values()) > 4 * fp8[0] > 60e9


def test_training_bytes_are_state_and_activations():
    a, split = model("llama-3.1-8b"), Parallelism(tensor=2, data=4, zero=1)
    tokens = np.array([4096.0, 8192.0])
    sizes = memory.training_bytes(a, memory.FP32_RECIPE, tokens, split)
    assert list(sizes) == ["weights", "gradients", "master", "moments", "activations"]
    half = memory.activation_bytes(a, tokens, split, bits=16)
    logits = tokens * a.vocab_size * 4 / 2
    assert np.allclose(sizes["activations"] - logits, 2 * (half - logits))


def test_stages():
    for layers, pipeline in ((61, 16), (80, 8), (7, 7), (5, 1)):
        held = [memory.stage_layers(layers, pipeline, stage) for stage in range(pipeline)]
        assert [layer for run in held for layer in run] == list(range(layers))
        assert max(map(len, held)) - min(map(len, held)) <= 1
    with pytest.raises(InputError, match="16 pipeline stages"):
        memory.stage_layers(15, 16, 0)
    with pytest.raises(InputError, match="stage 8"):
        memory.stage_layers(80, 8, 8)


def test_tied_embedding_is_copied_to_the_last_stage():
    a = model("gemma-2-27b")
    matrix = a.vocab_size * a.hidden_size
    assert memory.device_parameters(a, Parallelism()) == a.total_parameters
    held = sum(memory.device_parameters(a, Parallelism(pipeline=2), stage) for stage in range(2))
    assert held == a.total_parameters + matrix


def test_key_value_heads_are_not_cut():
    a = model("qwen3-235b-a22b")  # four key-value heads
    k = next(w for w in a.attention_weights if w.name == "k_proj")
    assert [memory.tensor_ways(a, k, t) for t in (1, 2, 4, 8)] == [1, 2, 4, 4]


@pytest.mark.parametrize("fields", [{"tensor": 0}, {"data": 2.0}, {"zero": 4}, {"data": 8, "expert": 3}])
def test_impossible_divisions_are_refused(fields):
    with pytest.raises(InputError, match=r"parallelism|ZeRO"):
        Parallelism(**fields)


# Activations


@given(
    st.sampled_from(sorted(CONFIGS)),
    st.integers(1, 10**6),
    st.sampled_from([1, 2, 8]),
    st.integers(1, 4),
    st.booleans(),
)
def test_activation_laws(name, tokens, tensor, pipeline, recompute):
    a = model(name)
    split = Parallelism(tensor=tensor, pipeline=pipeline)
    kept = memory.activation_bytes(a, tokens, split, recompute=recompute)
    assert memory.activation_bytes(a, 3 * tokens, split, recompute=recompute) == pytest.approx(3 * kept)
    assert memory.activation_bytes(a, tokens, split, recompute=True) <= memory.activation_bytes(
        a, tokens, split, recompute=False
    )
    divided = memory.activation_bytes(a, tokens, replace(split, sequence=True), recompute=recompute)
    assert divided <= kept
    if pipeline > 1:
        # Everything but the last stage's logits is divided when the sequence is too.
        alone = memory.activation_bytes(a, tokens, replace(split, tensor=1), recompute=recompute)
        assert divided == pytest.approx(alone / tensor)
        later = memory.activation_bytes(a, tokens, split, recompute=recompute, in_flight=1)
        assert later <= kept


def test_activations_of_a_plain_layer():
    # A GELU-free Llama-2-70B layer comes to 33.5 bytes for each token and unit of width, beside the 34 that
    # Korthikanti and others count for another kind of layer.
    a = model("llama-2-70b")
    whole, divided = memory.layer_activation_elements(a)
    assert (whole, divided) == (4 * 8192, 64 * 256 + 8 * 256 + 3 * 28672)
    assert 2 * (whole + divided) / 8192 == pytest.approx(33.5)
    tokens = np.array([1024.0, 4096.0])
    assert memory.activation_bytes(a, tokens).shape == (2,)


# Serving

CHIP = 141e9 * 0.9


@given(
    st.sampled_from(["deepseek-v3", "deepseek-v3.2", "llama-3.1-8b", "gpt-oss-20b", "gemma-2-27b"]),
    st.integers(1, 200_000),
    st.sampled_from([(8, None), (8, 1), (16, 4)]),
    st.sampled_from([8, 16]),
    st.sampled_from([0.0, 8192.0]),
)
def test_largest_batch_and_context_are_the_largest(name, context, chips_tensor, bits, prefill):
    a = model(name)
    scheme = SCHEMES.get(name, memory.FP8_WEIGHTS)
    chips, tensor = chips_tensor
    more = {"scheme": scheme, "kv_bits": bits, "chips": chips, "tensor": tensor, "prefill_tokens": prefill}

    def fits(context, batch):
        return sum(memory.serving_bytes(a, context, batch, **more).values()) <= CHIP * (1 + 1e-12)

    batch = memory.largest_batch(a, context, CHIP, **more)
    assert batch == np.floor(batch) >= 0
    assert batch == 0 or fits(context, batch)
    assert not fits(context, batch + 1)
    longest = memory.largest_context(a, max(batch, 1), CHIP, **more)
    assert batch == 0 or longest >= context
    assert longest == 0 or fits(longest, max(batch, 1))
    assert not fits(longest + 1, max(batch, 1))


def test_serving_bytes_add_up():
    v3 = model("deepseek-v3")
    one = memory.serving_bytes(v3, 4096, 1, memory.FP8_WEIGHTS)
    assert one["weights"] == memory.weight_bytes(v3, memory.FP8_WEIGHTS)
    assert one["cache"] == 4096 * 70_272
    # Tensor parallelism keeps the latent eight times; data parallelism keeps the rest of the weights eight
    # times.
    tensor = memory.serving_bytes(v3, 4096, 64, memory.FP8_WEIGHTS, chips=8)
    data = memory.serving_bytes(v3, 4096, 64, memory.FP8_WEIGHTS, chips=8, tensor=1)
    assert tensor["cache"] == 64 * one["cache"]
    assert data["cache"] == 8 * one["cache"]
    parts = memory.serving_parts(v3, lambda weight: memory.FP8_WEIGHTS.format(weight).bytes(weight))
    assert sum(parts) == one["weights"]
    assert data["weights"] - tensor["weights"] == pytest.approx(7 / 8 * parts.divided)
    # Eight key-value heads on eight chips: nothing is kept twice.
    llama = model("llama-3.1-70b")
    assert memory.cache_bytes(llama, 4096, 8, chips=8) == 4096 * 327_680
    assert memory.cache_bytes(llama, 4096, 8, chips=16) == 4096 * 327_680
    # Nor less than once, where fewer chips than heads share a copy.
    assert memory.cache_bytes(llama, 4096, 8, chips=8, tensor=2) == 4096 * 327_680


def test_v3_on_eight_chips_to_the_byte():
    # What a token is multiplied with is not all that is held (norms, the routers' biases), and tensor parallelism
    # leaves whole on every chip what has no heads or inner width to divide. By hand, from the report's sizes:
    v3 = model("deepseek-v3")
    norms = 61 * (2 * 7168 + 1536 + 512) + 7168
    down = 61 * (1536 + 576) * 7168
    router = 58 * 256 * (7168 + 1)
    copied = norms + down + router
    parts = memory.serving_parts(v3, lambda weight: weight.size)
    assert (parts.copied, parts.by_heads, sum(parts)) == (copied, 0, v3.total_parameters)
    assert memory.serving_weight_bytes(v3, chips=8) == 2 * ((v3.total_parameters - copied) / 8 + copied)
    assert memory.serving_weight_bytes(v3, chips=8) == 169_560_714_240


def test_key_value_heads_are_not_cut_in_service():
    a = model("qwen3-235b-a22b")  # four key-value heads
    parts = memory.serving_parts(a, lambda weight: weight.size)
    assert parts.by_heads == 94 * 2 * 4 * 128 * 4096
    assert memory.chip_share(parts, 8, 8, 4) - memory.chip_share(parts, 8, 8, 8) == parts.by_heads / 8


def test_r1_does_not_fit_one_node_of_h100():
    # 688 GB of weights: more than 8 x 80 GB, less than 8 x 141 GB.
    r1 = model("deepseek-r1")
    assert memory.largest_batch(r1, 4096, 80e9, memory.FP8_WEIGHTS, chips=8) == 0
    assert memory.largest_context(r1, 1, 80e9, memory.FP8_WEIGHTS, chips=8) == 0
    assert memory.largest_batch(r1, 4096, 141e9, memory.FP8_WEIGHTS, chips=8) > 100


def test_serving_broadcasts():
    v3 = model("deepseek-v3")
    contexts, chips = np.array([[1024, 131_072]]), np.array([[8], [16], [32]])
    batches = memory.largest_batch(v3, contexts, CHIP, memory.FP8_WEIGHTS, chips=chips, tensor=1)
    assert batches.shape == (3, 2)
    assert np.all(np.diff(batches, axis=0) >= 0) and np.all(np.diff(batches, axis=1) <= 0)
    scalar = memory.largest_batch(v3, 131_072, CHIP, memory.FP8_WEIGHTS, chips=32, tensor=1)
    assert batches[2, 1] == scalar
    longest = memory.largest_context(v3, np.array([1, 64]), CHIP, memory.FP8_WEIGHTS, chips=chips, tensor=1)
    assert longest.shape == (3, 2)


def test_all_windows_full_means_any_context():
    config = CONFIGS["gpt-oss-20b"] | {"layer_types": ["sliding_attention"] * 24}
    a = Architecture.from_hf_config(config)
    assert memory.largest_context(a, 1, 80e9) == np.inf
    assert memory.largest_context(a, 1, 1e9) == 0
