"""Parameter counts and caches: what transformers builds, what publishers released, what must hold."""

import csv
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.architecture import COMPONENTS, Architecture
from analysis.errors import InputError
from reporting import DATA, ROOT

CONFIGS = {p.stem: json.loads(p.read_text())["config"] for p in (DATA / "model_configs").glob("*.json")}
# Built by transformers 5.23.0 on the meta device from random configurations; nothing but its counts is kept.
ODD = json.loads((ROOT / "tests" / "odd_configs.json").read_text())


def published():
    with (DATA / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def model(name):
    return Architecture.from_hf_config(CONFIGS[name])


def qk_and_latent_norms(a):
    return a.parameters_by_component()["norms"] - (a.norms_per_layer * a.layers + 1) * a.hidden_size


COUNTS = {
    "total_parameters": lambda a: a.total_parameters,
    "active_parameters": lambda a: a.active_parameters,
    "active_without_embedding": lambda a: a.parameters(active=True, embedding=False),
    "active_without_embedding_and_head": lambda a: a.parameters(active=True, embedding=False, head=False),
    "embedding": lambda a: a.parameters_by_component()["embedding"],
    "head": lambda a: a.parameters_by_component()["head"],
    "attention_with_qk_norms": lambda a: a.parameters_by_component()["attention"] + qk_and_latent_norms(a),
    "routed_experts": lambda a: a.parameters_by_component()["routed_experts"],
    "router_without_correction_bias": lambda a: (
        a.parameters_by_component()["router"] - (a.router_bias == "correction") * a.moe_layer_count * a.experts
    ),
    "norms": lambda a: a.parameters_by_component()["norms"],
    "mtp_parameters": lambda a: a.mtp_parameters,
    "mtp_active_parameters": lambda a: a.mtp_active_parameters,
    "kv_elements_per_token": lambda a: a.kv_elements_per_token,
}
YARDSTICKS = [row for row in published() if row["quantity"] in COUNTS]


@pytest.mark.parametrize("row", YARDSTICKS, ids=lambda row: row["id"])
def test_counts_are_exact(row):
    count = COUNTS[row["quantity"]](model(row["model"]))
    assert type(count) is int
    assert count == int(row["value"])


def test_yardsticks_cover_every_quantity():
    assert {row["quantity"] for row in YARDSTICKS} == set(COUNTS)
    assert len(YARDSTICKS) > 120


@pytest.mark.parametrize("case", ODD, ids=lambda case: case["config"]["model_type"])
def test_configurations_nobody_listed(case):
    a = Architecture.from_hf_config(case["config"])
    assert a.total_parameters == case["total"]
    assert a.active_parameters == case["active"]
    assert {k: v for k, v in a.parameters_by_component().items() if v} == {
        k: v for k, v in case["components"].items() if v
    }
    assert list(a.windows) == case["windows"]


def test_odd_configurations_are_odd():
    fields = {field for case in ODD for field in case["config"]}
    assert {
        "attention_bias",
        "mlp_bias",
        "decoder_sparse_step",
        "mlp_only_layers",
        "layer_types",
        "index_topk",
        "use_sliding_window",
        "n_shared_experts",
        "q_lora_rank",
    } <= fields
    assert any(case["config"].get("q_lora_rank", 1) is None for case in ODD)
    assert any(case["config"].get("tie_word_embeddings") for case in ODD)


def test_promised_command():
    code = (
        "import json,sys,analysis; a=analysis.Architecture.from_hf_config(json.load(sys.stdin));"
        "print(a.total_parameters,a.active_parameters,a.kv_cache_bytes_per_token(16));"
        "print([m for m in ('pandas','pydantic','scipy','altair') if m in sys.modules])"
    )
    config = json.dumps(CONFIGS["deepseek-v3"])
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=config,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert run.stdout.splitlines() == ["671026419200 37552282624 70272", "[]"]


@pytest.mark.parametrize("name", CONFIGS)
def test_components_sum_to_the_total(name):
    a = model(name)
    assert tuple(a.parameters_by_component()) == COMPONENTS
    assert sum(a.parameters_by_component().values()) == a.total_parameters
    assert sum(a.parameters_by_component(active=True).values()) == a.active_parameters
    assert a.matmul_parameters < a.active_parameters <= a.total_parameters
    assert (a.active_parameters == a.total_parameters) == (a.moe_layer_count == 0)


def test_kimi_and_v3_2_against_their_publishers():
    # Kimi-K2's README says 1 trillion, 32 billion active; its files hold 1.026 trillion (test_memory).
    kimi = model("kimi-k2")
    assert kimi.total_parameters == 1_026_408_232_448
    assert kimi.active_parameters == pytest.approx(32e9, rel=0.03)
    # The indexer is all that V3.2 adds to V3.
    v3, v32 = model("deepseek-v3"), model("deepseek-v3.2")
    added = 61 * (64 * 128 * 1536 + 128 * 7168 + 64 * 7168 + 2 * 128)
    assert v32.parameters_by_component()["indexer"] == added == v32.total_parameters - v3.total_parameters
    assert v32.index_cache_bytes_per_token == 61 * 132
    assert v32.kv_cache_bytes_per_token() == v3.kv_cache_bytes_per_token()


def test_publishers_conventions():
    oss = model("gpt-oss-120b")
    # gpt-oss README: 117 and 21 billion, 5.1 and 3.6 billion active; only without the input embedding.
    assert round(oss.total_parameters / 1e9) == 117
    assert round(oss.parameters(active=True, embedding=False) / 1e9, 1) == 5.1
    assert round(model("gpt-oss-20b").total_parameters / 1e9) == 21
    assert round(model("gpt-oss-20b").parameters(active=True, embedding=False) / 1e9, 1) == 3.6
    assert round(model("gpt-oss-20b").active_parameters / 1e9, 1) == 4.2
    gemma = model("gemma-2-27b")
    assert gemma.tied_embeddings and gemma.parameters_by_component()["head"] == 0
    assert gemma.parameters(embedding=False) == gemma.parameters(head=False) == gemma.total_parameters
    assert gemma.total_parameters - gemma.parameters(embedding=False, head=False) == 256000 * 4608
    # A tied matrix is looked up once and multiplied once.
    untied = replace(gemma, tied_embeddings=False)
    assert untied.matmul_parameters == gemma.matmul_parameters
    assert untied.total_parameters == gemma.total_parameters + 256000 * 4608


# The cache


def test_cache_reductions_that_deepseek_claims():
    # V2 paper, Fig. 1(b): 93.3% below DeepSeek 67B with 6-bit numbers; 82.2% at equal precision.
    v2, dense = model("deepseek-v2"), model("deepseek-llm-67b")
    assert dense.kv_cache_bytes_per_token(16) == 389_120
    assert v2.kv_cache_bytes_per_token(6) == 25_920
    assert 1 - v2.kv_cache_bytes_per_token(6) / 389_120 == pytest.approx(0.933, abs=5e-4)
    assert 1 - v2.kv_cache_bytes_per_token(16) / 389_120 == pytest.approx(0.822, abs=5e-4)
    # ISCA paper, Table 1: 70.272, 327.680 and 516.096 KB.
    sizes = [model(n).kv_cache_bytes_per_token() for n in ("deepseek-v3", "qwen2.5-72b", "llama-3.1-405b")]
    assert sizes == [70_272, 327_680, 516_096]


def test_attention_kinds():
    assert model("deepseek-v3").attention_kind == "mla"
    assert model("llama-3.1-8b").attention_kind == "gqa"
    llama = CONFIGS["llama-3.1-8b"]
    assert Architecture.from_hf_config(llama | {"num_key_value_heads": 1}).attention_kind == "mqa"
    without = {k: v for k, v in llama.items() if k != "num_key_value_heads"}
    assert Architecture.from_hf_config(without).attention_kind == "mha"
    assert Architecture.from_hf_config(without).kv_elements_per_layer == 2 * 4096


def test_sliding_layers_stop_growing():
    oss = model("gpt-oss-20b")
    per_layer = 2 * 8 * 64 * 2
    assert oss.kv_cache_bytes(100) == 24 * 100 * per_layer
    assert oss.kv_cache_bytes(1000) == 12 * (1000 + 128) * per_layer
    assert oss.kv_cache_bytes(131_072) < 0.51 * 131_072 * oss.kv_cache_bytes_per_token()


@given(
    st.sampled_from(sorted(CONFIGS)),
    st.integers(1, 10**6),
    st.integers(1, 10**5),
    st.sampled_from([4, 8, 16]),
)
def test_cache_laws(name, context, more, bits):
    a = model(name)
    size = a.kv_cache_bytes(context, bits)
    assert a.kv_cache_bytes(context + more, bits) > size
    assert a.kv_cache_bytes(context, 2 * bits) == 2 * size
    assert size <= context * a.kv_cache_bytes_per_token(bits)
    if set(a.windows) == {None}:
        assert size == context * a.kv_cache_bytes_per_token(bits)


def test_cache_broadcasts():
    a = model("gemma-2-27b")
    contexts, bits = np.array([[100, 5000, 100_000]]), np.array([[8], [16]])
    sizes = a.kv_cache_bytes(contexts, bits)
    assert sizes.shape == (2, 3)
    assert sizes[1, 2] == a.kv_cache_bytes(100_000, 16)


# What a change of shape must do

SMALL = {
    "model_type": "deepseek_v3",
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "kv_lora_rank": 8,
    "q_lora_rank": 6,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 4,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "n_shared_experts": 1,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 12,
    "first_k_dense_replace": 1,
    "num_nextn_predict_layers": 1,
}


@given(st.integers(2, 300), st.integers(0, 5), st.integers(1, 64))
def test_experts_add_weights_but_not_work(experts, shared, width):
    fields = {"n_routed_experts": experts, "n_shared_experts": shared, "moe_intermediate_size": width}
    a = Architecture.from_hf_config(SMALL | fields)
    double = Architecture.from_hf_config(SMALL | fields | {"n_routed_experts": 2 * experts})
    assert a.parameters_by_component()["routed_experts"] == 2 * experts * 3 * 32 * width
    assert a.parameters_by_component()["shared_experts"] == 2 * shared * 3 * 32 * width
    # Only the router's matrix grows with the number of experts; its correction is in no token's path.
    assert double.active_parameters - a.active_parameters == 2 * experts * 32
    assert double.kv_elements_per_token == a.kv_elements_per_token


@given(st.integers(1, 40), st.integers(0, 40))
def test_layers_split_into_dense_and_sparse(layers, dense):
    a = Architecture.from_hf_config(SMALL | {"num_hidden_layers": layers, "first_k_dense_replace": dense})
    assert a.dense_layer_count == min(layers, dense)
    assert a.dense_layer_count + a.moe_layer_count == layers
    assert a.kv_elements_per_token == layers * 12


# Refusals


def required(config):
    """Yield the fields without which a configuration must be refused."""
    optional = {
        "tie_word_embeddings",
        "attention_bias",
        "mlp_bias",
        "layer_types",
        "num_nextn_predict_layers",
        "decoder_sparse_step",
        "mlp_only_layers",
        "use_sliding_window",
        "moe_layer_freq",
        "topk_method",
        "max_position_embeddings",
        "mlp_layer_types",
        "n_group",
        "topk_group",
        "max_window_layers",
    }
    kind = config["model_type"]
    if kind.startswith("deepseek"):
        optional.add("num_key_value_heads")  # latent attention has none
        if config["first_k_dense_replace"] == 0 or config.get("mlp_layer_types"):
            optional |= {"intermediate_size", "first_k_dense_replace"}
        if config["first_k_dense_replace"] >= config["num_hidden_layers"]:
            optional |= {
                "n_routed_experts",
                "num_experts_per_tok",
                "moe_intermediate_size",
                "n_shared_experts",
            }
    if kind == "llama":
        optional.add("num_key_value_heads")  # its class: one for each query head
    if kind in ("llama", "mistral", "mixtral", "qwen2", "qwen3_moe"):
        optional.add("head_dim")  # its class: hidden size over heads
    if kind == "mixtral" or (kind.startswith("qwen") and not config.get("use_sliding_window")):
        optional.add("sliding_window")
    if kind in ("gpt_oss", "gemma2") and "sliding_attention" not in config.get("layer_types", "sliding_attention"):
        optional.add("sliding_window")
    if kind == "qwen3_moe":
        optional.add("intermediate_size")
    return [field for field in config if field not in optional and field != "model_type"]


@pytest.mark.parametrize("case", ODD, ids=lambda case: case["config"]["model_type"])
def test_a_missing_field_is_named(case):
    config = case["config"]
    for field in required(config):
        with pytest.raises(InputError, match=f"'{field}'"):
            Architecture.from_hf_config({k: v for k, v in config.items() if k != field})


def test_unknown_model_type_lists_the_known():
    with pytest.raises(InputError, match=r"'mamba2'.*deepseek_v3.*gemma2.*qwen3_moe"):
        Architecture.from_hf_config({"model_type": "mamba2"})
    with pytest.raises(InputError, match=r"'model_type' is missing.*llama"):
        Architecture.from_hf_config({"hidden_size": 1})
    for nonsense in (None, [], "deepseek_v3"):
        with pytest.raises(InputError, match="mapping"):
            Architecture.from_hf_config(nonsense)
    with pytest.raises(ValueError, match="unknown model_type"):
        Architecture.from_hf_config({"model_type": ["llama"]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", -32),
        ("hidden_size", 32.0),
        ("hidden_size", "32"),
        ("num_hidden_layers", True),
        ("num_hidden_layers", None),
        ("vocab_size", [100]),
        ("first_k_dense_replace", -1),
        ("q_lora_rank", -1),
        ("tie_word_embeddings", "false"),
        ("attention_bias", 1),
        ("moe_layer_freq", 2),
        ("num_experts_per_tok", 5),
    ],
)
def test_a_wrong_value_is_named(field, value):
    with pytest.raises(InputError, match=field):
        Architecture.from_hf_config(SMALL | {field: value})


def test_contradictions_are_refused():
    oss = CONFIGS["gpt-oss-20b"]
    with pytest.raises(InputError, match="contradict"):
        Architecture.from_hf_config(oss | {"experts_per_token": 2})
    with pytest.raises(InputError, match="layer_types"):
        Architecture.from_hf_config(oss | {"layer_types": ["full_attention"]})
    with pytest.raises(InputError, match="chunked_attention"):
        Architecture.from_hf_config(oss | {"layer_types": ["chunked_attention"] * 24})
    llama = CONFIGS["llama-3.1-8b"]
    with pytest.raises(InputError, match="num_key_value_heads"):
        Architecture.from_hf_config(llama | {"num_key_value_heads": 5})
    with pytest.raises(InputError, match="head_dim"):
        Architecture.from_hf_config(llama | {"hidden_size": 4097})
