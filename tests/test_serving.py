"""The serving roofline: laws it obeys, published values it gives, and how far it lies from measurements."""

import csv
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis
from analysis import calibration, memory, serving
from analysis.calibration import REFERENCE
from analysis.errors import InputError
from analysis.serving import Chip, Layout
from reporting import DATA
from reporting.drawing import live

TEXT = {
    "id",
    "chip",
    "form",
    "model",
    "precision",
    "phase",
    "unit",
    "era",
    "part",
    "as_of",
    "accessed",
    "source",
    "locator",
    "grade",
    "note",
}
EXPERT_PARALLEL = Layout(
    chips=144.0,
    expert_parallel=1.0,
    redundant_experts=32.0,
    weight_bits=8.0,
    expert_bits=8.0,
    dispatch_bits=8.0,
)


def table(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {key: value if key in TEXT else float(value) if value else None for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


@cache
def model(name):
    config = json.loads((DATA / "model_configs" / f"{name}.json").read_text("utf-8"))["config"]
    return serving.model_of(analysis.Architecture.from_hf_config(config))


@cache
def chips():
    return {row["id"]: calibration.chip_of(row) for row in table("chips")}


@cache
def points():
    rows = table("throughput")
    models = {name: model(name) for name in {row["model"] for row in rows}}
    return [calibration.measurement_of(row, models, chips()) for row in rows]


def judged(**equal):
    chosen = [point for point in points() if point.part == "judge"]
    return [point for point in chosen if all(getattr(point, name) == value for name, value in equal.items())]


def v3_decode(sequences, context=4989.0, layout=EXPERT_PARALLEL, **more):
    return serving.decode(model("deepseek-v3"), chips()["h800"], layout, REFERENCE, sequences, context, **more)


# Published values


@pytest.mark.parametrize(("tokens", "touched"), [(1, 8), (4, 30.5), (16, 102), (64, 222), (256, 256)])
def test_distinct_experts_of_v3(tokens, touched):
    assert serving.experts_touched(256.0, 8.0, float(tokens)) == pytest.approx(touched, abs=0.5)


def test_deepseeks_day_closes_on_itself():
    nodes = serving.chips_needed(608e9, 73_700) + serving.chips_needed(168e9, 14_800)
    assert nodes == pytest.approx(226.86, abs=0.005)
    assert nodes == pytest.approx(226.75, rel=1e-3)


def test_all_to_all_against_deepseeks_own_estimate():
    # Section 2.3.2 of the ISCA paper: 120.96 us for 32 tokens of 7,000 numbers and nine copies, there and
    # back, at the full 50 GB/s.
    ideal = REFERENCE._replace(all_to_all=1.0)
    moved = model("deepseek-v3")._replace(hidden_size=7000.0, experts_per_token=9.0, moe_layers=1.0)
    far = EXPERT_PARALLEL._replace(chips=1e9)
    seconds = serving.all_to_all_seconds(moved, chips()["h800"], far, ideal, 32.0)
    assert seconds == pytest.approx(120.96e-6, rel=1e-6)


def test_cache_of_published_models():
    one = Layout()
    assert serving.kv_bytes_per_sequence(model("deepseek-v3"), one, 1.0) == 70_272
    assert serving.kv_bytes_per_sequence(model("llama-3.1-405b"), one, 1.0) == 516_096
    # Half of gpt-oss's layers stop at 128 tokens: 2 x 8 heads x 64 numbers x 2 bytes in each.
    expected = 12 * 2048 * 10_000 + 12 * 2048 * 128
    assert serving.kv_bytes_per_sequence(model("gpt-oss-20b"), one, 10_000.0) == expected


def test_weights_that_fit_and_do_not():
    llama = model("llama-3.1-70b")
    eight_bits = Layout(weight_bits=8.0, kv_bits=8.0)
    assert serving.largest_batch(llama, chips()["h200"], eight_bits, 3000.0) > 100
    assert serving.largest_batch(llama, chips()["h100"], Layout(), 3000.0) == 0
    assert serving.weight_bytes_per_chip(llama, Layout()) == 2 * 70_553_706_496


@pytest.mark.parametrize(
    "name", ["deepseek-v3", "deepseek-v2-lite", "gpt-oss-120b", "llama-3.1-70b", "qwen3-235b-a22b"]
)
@pytest.mark.parametrize(("count", "tensor"), [(1, 1), (8, 8), (8, 1), (32, 16)])
def test_weights_and_caches_are_those_of_memory(name, count, tensor):
    config = json.loads((DATA / "model_configs" / f"{name}.json").read_text("utf-8"))["config"]
    a, on = analysis.Architecture.from_hf_config(config), {"chips": count, "tensor": tensor}
    layout = Layout(chips=float(count), tensor_parallel=float(tensor))
    assert serving.weight_bytes_per_chip(model(name), layout) == memory.serving_weight_bytes(a, **on)
    cached = serving.kv_bytes_per_sequence(model(name), layout, 5000.0)
    assert cached * count / tensor == memory.cache_bytes(a, 5000.0, (count / tensor) ** 2, **on)
    # In 8 bits with their scales: up to blocks that are not full, and the correction biases, which stay in 32 bits.
    eight = layout._replace(weight_bits=8 + 32 / 128**2, expert_bits=8 + 32 / 128**2)
    by_weight = memory.serving_weight_bytes(a, memory.FP8_WEIGHTS, **on)
    assert serving.weight_bytes_per_chip(model(name), eight) == pytest.approx(by_weight, rel=2e-5)


def test_experts_held_twice_take_their_place():
    spread = EXPERT_PARALLEL._replace(redundant_experts=0.0)
    more = serving.weight_bytes_per_chip(model("deepseek-v3"), EXPERT_PARALLEL) - serving.weight_bytes_per_chip(
        model("deepseek-v3"), spread
    )
    assert more == pytest.approx(32 * 58 * 3 * 7168 * 2048 / 144)


# Accuracy


def test_reference_is_what_the_fit_gives():
    fitted = calibration.fit(points())
    for name, value in fitted._asdict().items():
        assert getattr(REFERENCE, name) == pytest.approx(value, rel=5e-3), name


def test_fit_is_deterministic():
    assert calibration.fit(points()) == calibration.fit(points())


def test_accuracy_target_on_points_never_fitted():
    assert len(judged()) >= 30
    assert {"deepseek_day_decode", "deepseek_profile_decode", "sglang_gb200_decode_fp4"} <= {p.id for p in judged()}
    assert calibration.median_absolute_error(judged(), REFERENCE) <= 0.15


def test_accuracy_by_kind():
    assert calibration.median_absolute_error(judged(phase="batch"), REFERENCE) <= 0.10
    assert calibration.median_absolute_error(judged(phase="decode"), REFERENCE) <= 0.15
    fitted = [point for point in points() if point.part == "fit"]
    assert calibration.median_absolute_error(fitted, REFERENCE) <= 0.08


def test_deepseeks_decode_within_a_tenth():
    (day,) = [point for point in judged() if point.id == "deepseek_day_decode"]
    assert calibration.predict(day, REFERENCE) == pytest.approx(14_800 / 8, rel=0.10)


def test_where_the_roofline_is_known_to_fail():
    # Prefill of real, unbalanced traffic is slower than balanced chips at full load; if one of these comes
    # within a fifth, the text that explains them is wrong.
    ratio = dict(zip([p.id for p in judged()], calibration.ratios(judged(), REFERENCE), strict=True))
    assert ratio["deepseek_day_prefill"] > 1.5
    assert ratio["rtp_h800_prefill"] > 1.3
    assert ratio["sglang_gb200_decode_fp8_june"] > 1.2


def test_points_of_the_fit_are_dense_jobs_and_the_overlap_ablation():
    fitted = [point for point in points() if point.part == "fit"]
    assert all(point.model.moe_layers == 0 for point in fitted if point.phase == "batch")
    assert [point.layout.micro_batches for point in fitted if point.phase == "decode"] == [2.0, 2.0]


# Laws


def test_throughput_rises_with_batch_and_saturates():
    batch = np.geomspace(1, 1e7, 200)
    rate = v3_decode(batch).tokens_per_second_per_chip
    assert np.all(np.diff(rate) > 0)
    assert rate[-1] / rate[-2] < 1.0001
    assert np.all(np.diff(v3_decode(batch).seconds_per_token) > 0)


def test_cost_is_linear_in_price_and_inverse_in_speed():
    rate = v3_decode(88.0).tokens_per_second_per_chip
    once = serving.usd_per_million_tokens(rate, 2.0)
    assert serving.usd_per_million_tokens(rate, 6.0) == pytest.approx(3 * once)
    assert serving.usd_per_million_tokens(2 * rate, 2.0) == pytest.approx(once / 2)
    assert serving.usd_per_million_tokens(1e6 / 3600, 2.0) == pytest.approx(2.0)


def test_no_context_no_cache_traffic():
    one = serving.step(model("deepseek-v3"), chips()["h800"], EXPERT_PARALLEL, REFERENCE, 64.0, 0.0)
    assert one.kv_cache == 0
    assert one.attention == 0


def test_parts_add_up_unless_exchange_is_hidden():
    where = (model("deepseek-v3"), chips()["h800"])
    plain = serving.step(*where, EXPERT_PARALLEL, REFERENCE, 128.0, 4000.0)
    assert sum(plain[:-1]) == pytest.approx(plain.seconds)
    hidden = serving.step(*where, EXPERT_PARALLEL._replace(micro_batches=2.0), REFERENCE, 128.0, 4000.0)
    assert hidden.seconds < sum(hidden[:-1])
    exchange = hidden.all_reduce + hidden.all_to_all
    assert hidden.seconds >= max(exchange, sum(hidden[:-1]) - exchange)


@given(acceptance=st.floats(0, 1), drafts=st.integers(1, 5), sequences=st.floats(1, 512))
def test_speculation_is_bounded(acceptance, drafts, sequences):
    tokens = serving.accepted_tokens(acceptance, drafts)
    assert 1 <= tokens <= drafts + 1
    speedup = serving.speculative_speedup(
        model("deepseek-v3"),
        chips()["h800"],
        EXPERT_PARALLEL,
        REFERENCE,
        sequences,
        4000.0,
        acceptance,
        drafts,
    )
    assert 0 < speedup <= tokens


def test_multi_token_prediction_at_a_small_batch_comes_near_the_published_gain():
    # 1.8 times the tokens a second at 80 to 90% acceptance.
    small = EXPERT_PARALLEL._replace(chips=8.0, redundant_experts=0.0, weight_bits=8.0)
    roomy = chips()["h800"]._replace(memory_bytes=1e12)
    gain = serving.speculative_speedup(model("deepseek-v3"), roomy, small, REFERENCE, 8.0, 2000.0, 0.85)
    assert 1.4 < gain < 1.85


def test_cached_prompts_cost_only_attention():
    where = (
        model("deepseek-v3"),
        chips()["h800"],
        EXPERT_PARALLEL._replace(chips=32.0, node_limit=4.0),
        REFERENCE,
    )
    none = serving.prefill(*where, 8192.0, 4096.0)
    half = serving.prefill(*where, 8192.0, 4096.0, 0.5)
    gain = half.tokens_per_second_per_chip / none.tokens_per_second_per_chip
    assert 1.7 < gain < 2.0


def test_the_limit_on_nodes_saves_network_traffic():
    where = (model("deepseek-v3"), chips()["h800"])
    layout = EXPERT_PARALLEL._replace(chips=64.0)
    every = serving.all_to_all_seconds(*where, layout, REFERENCE, 1000.0)
    limited = serving.all_to_all_seconds(*where, layout._replace(node_limit=4.0), REFERENCE, 1000.0)
    assert limited == pytest.approx(every * 4 / 8)


def test_slower_links_make_slower_exchange():
    layout = EXPERT_PARALLEL._replace(chips=8.0)
    h100, h800 = (
        serving.all_to_all_seconds(model("deepseek-v3"), chips()[name], layout, REFERENCE, 1000.0)
        for name in ("h100", "h800")
    )
    assert h800 == pytest.approx(h100 * 450 / 200)
    dense = Layout(chips=8.0, tensor_parallel=8.0)
    reduced = [
        serving.all_reduce_seconds(model("llama-3.1-70b"), chips()[name], dense, REFERENCE, 100.0)
        for name in ("h100", "h800")
    ]
    assert reduced[1] == pytest.approx(reduced[0] * 450 / 200)


def test_latent_attention_gains_no_cache_from_tensor_parallelism():
    split = Layout(chips=8.0, tensor_parallel=8.0)
    alone = serving.kv_bytes_per_sequence(model("deepseek-v3"), Layout(), 1000.0)
    assert serving.kv_bytes_per_sequence(model("deepseek-v3"), split, 1000.0) == alone
    llama = model("llama-3.1-70b")
    assert serving.kv_bytes_per_sequence(llama, split, 8.0) == serving.kv_bytes_per_sequence(llama, Layout(), 1.0)


def test_a_job_of_full_waves_runs_at_the_steady_speed():
    where = (model("llama-3.1-8b"), chips()["h100"], Layout(), REFERENCE)
    steady = serving.mixed(*where, 100.0, 1000.0, 1000.0).tokens_per_second_per_chip
    assert serving.batch_job(*where, 500.0, 100.0, 1000.0, 1000.0) == pytest.approx(steady)
    assert serving.batch_job(*where, 510.0, 100.0, 1000.0, 1000.0) < steady


def test_four_bits_have_an_efficiency_of_their_own_only_where_there_are_units_for_them():
    h100, b200 = chips()["h100"], chips()["b200"]
    assert serving.reached_flops(h100, REFERENCE, 4.5) == serving.reached_flops(h100, REFERENCE, 8.0)
    assert serving.reached_flops(b200, REFERENCE, 4.5) == pytest.approx(9e15 * REFERENCE.compute_fp4)


def test_unknown_links_matter_only_when_used():
    card = chips()["gb200"]
    assert np.isnan(card.nic_bandwidth)
    inside = EXPERT_PARALLEL._replace(chips=48.0, chips_per_domain=72.0)
    assert np.isfinite(serving.decode(model("deepseek-v3"), card, inside, REFERENCE, 64.0, 2000.0).step_s)
    outside = inside._replace(chips=144.0)
    assert np.isnan(serving.decode(model("deepseek-v3"), card, outside, REFERENCE, 64.0, 2000.0).step_s)


def test_attention_kinds_out_of_reach_are_refused():
    config = json.loads((DATA / "model_configs" / "deepseek-v3.2.json").read_text("utf-8"))["config"]
    with pytest.raises(InputError, match="indexer"):
        serving.model_of(analysis.Architecture.from_hf_config(config))


@pytest.mark.parametrize("field", ["unit", "phase"])
def test_a_point_that_cannot_be_read_says_so(field):
    row = table("throughput")[0] | {field: "furlong"}
    with pytest.raises(InputError, match="furlong"):
        calibration.measurement_of(row, {row["model"]: model(row["model"])}, chips())


# Arrays


@settings(max_examples=30)
@given(
    sequences=st.lists(st.floats(1, 1000), min_size=3, max_size=3),
    context=st.lists(st.floats(1, 1e5), min_size=3, max_size=3),
    chips_=st.lists(st.sampled_from([1.0, 8.0, 64.0, 144.0]), min_size=3, max_size=3),
    micro=st.lists(st.sampled_from([1.0, 2.0]), min_size=3, max_size=3),
    limit=st.lists(st.sampled_from([0.0, 4.0]), min_size=3, max_size=3),
    bits=st.lists(st.sampled_from([4.5, 8.0, 16.0]), min_size=3, max_size=3),
)
def test_array_equals_scalar(sequences, context, chips_, micro, limit, bits):
    def evaluate(sequences, context, count, micro, limit, bits):
        layout = EXPERT_PARALLEL._replace(
            chips=count,
            micro_batches=micro,
            node_limit=limit,
            weight_bits=bits,
            expert_bits=bits,
            kv_bits=bits,
        )
        where = (model("deepseek-v3"), chips()["b200"], layout, REFERENCE)
        return (
            serving.step(*where, sequences, context, 2.0, sequences * 3, context / 2)
            + serving.decode(*where, sequences, context, 0.8, 1)
            + (
                serving.largest_batch(*where[:3], context),
                serving.batch_job(*where, sequences * 7, 64.0, 100.0, context),
            )
        )

    columns = (sequences, context, chips_, micro, limit, bits)
    together = evaluate(*map(np.array, columns))
    apart = [evaluate(*row) for row in zip(*columns, strict=True)]
    for index, value in enumerate(together):
        np.testing.assert_allclose(np.broadcast_to(value, 3), [row[index] for row in apart], rtol=1e-12)


@pytest.mark.parametrize("varied", ["efficiency", "chip", "layout", "batch"])
def test_every_number_may_be_a_symbol(varied):
    def symbols(kind):
        return kind._make(live.Symbol(name) for name in kind._fields)

    layout = symbols(Layout) if varied == "layout" else EXPERT_PARALLEL._replace(micro_batches=2.0)
    chip = symbols(Chip) if varied == "chip" else chips()["b200"]
    efficiency = symbols(serving.Efficiency) if varied == "efficiency" else REFERENCE
    batch = live.Symbol("batch") if varied == "batch" else 88.0
    where = (model("deepseek-v3"), chip, layout, efficiency)
    for speed in (
        serving.decode(*where, batch, 4989.0, 0.85, 1),
        serving.prefill(*where, batch, 4096.0, 0.5),
        serving.mixed(*where, batch, 1000.0, 500.0),
    ):
        rate = serving.usd_per_million_tokens(speed.tokens_per_second_per_chip, 2.0)
        assert isinstance(rate, live.Symbol)


def test_scalars_give_floats():
    assert all(isinstance(float(value), float) and np.ndim(value) == 0 for value in v3_decode(88.0))


def test_chunks_change_nothing():
    batch = np.linspace(1, 500, 1000)
    whole = v3_decode(batch)
    pieces = serving.evaluate_chunked(lambda sequences: v3_decode(sequences), {"sequences": batch}, chunk=64)
    assert isinstance(pieces, serving.Speed)
    np.testing.assert_array_equal(np.array(pieces), np.array(whole))
    with pytest.raises(InputError, match="common length"):
        serving.evaluate_chunked(max, {"a": np.ones(3), "b": np.ones(4)})


# Data


def test_chips_are_dense_rates_and_one_direction():
    known = chips()
    assert known["h100"].flops_8 == 1979e12
    assert known["h800"].link_bandwidth == 200e9
    assert known["rtx_4090"].flops_16 == 165.2e12
    assert known["a100"].flops_8 == known["a100"].flops_16
    assert isinstance(known["b200"], Chip)
