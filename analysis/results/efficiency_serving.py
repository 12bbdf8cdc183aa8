"""Results of the chapter on efficiency: speed and hardware (C17, C19, C20, C21, C36)."""

from functools import cache

import numpy as np

from analysis import architecture, calibration, facts, memory, ownership, serving
from analysis.results import result
from analysis.serving import Layout

value = facts.value

SECONDS_PER_DAY = 86_400.0
MILLION = 1e6
#: Share of a card that the engine keeps for its own work when it is asked what a model needs.
WORKING_SHARE = 0.05
#: Batches that are tried on a host.
MOST_SEQUENCES = 1000

DISTILLED = {
    "1_5b": ("qwen2.5-1.5b", "Distill-Qwen 1.5B"),
    "7b": ("qwen2.5-7b", "Distill-Qwen 7B"),
    "8b": ("llama-3.1-8b", "Distill-Llama 8B"),
    "14b": ("qwen2.5-14b", "Distill-Qwen 14B"),
    "32b": ("qwen2.5-32b", "Distill-Qwen 32B"),
    "70b": ("llama-3.1-70b", "Distill-Llama 70B"),
}
R1 = "deepseek-r1"


# Models, chips and efficiencies


@cache
def _read(name):
    config = facts.model_config(name)
    return architecture.Architecture.from_hf_config(config)


@cache
def _model(name):
    return serving.model_of(_read(name))


def model(name):
    """Return a model as serving sees it, noting the configuration as an input."""
    facts.model_config(name)
    return _model(name)


def chip(name):
    return calibration.chip_of(facts.row("chips", name))


def weight_only(card):
    """Return a card that multiplies 4-bit weights in 16 bits, as the usual 4-bit formats of 2025 do."""
    return card._replace(flops_4=card.flops_16)


def efficiency(a):
    """Return the serving efficiencies under a set of assumptions."""
    return serving.Efficiency(
        compute=a.serving_compute,
        compute_fp4=a.serving_compute_fp4,
        memory=a.serving_memory,
        all_reduce=a.serving_all_reduce,
        all_to_all=a.serving_all_to_all,
        activation_passes=a.serving_activation_passes,
        layer_overhead_s=a.serving_layer_overhead_us * 1e-6,
        overlap=a.serving_overlap,
        exchange_cores=calibration.EXCHANGE_CORES,
    )


# The engine against published throughput


def points():
    """Return every published point of the throughput table."""
    rows = facts.rows("throughput")
    models = {row["model"]: model(row["model"]) for row in rows}
    chips = {row["chip"]: chip(row["chip"]) for row in rows}
    return [calibration.point_of(row, models, chips) for row in rows]


def judged(group=None):
    """Return the points that no coefficient was fitted on; `group` as in `group_of`."""
    chosen = [point for point in points() if point.part == "judge"]
    return [point for point in chosen if group is None or group_of(point) == group]


def group_of(point):
    if "gb200" in point.id:
        return "gb200"
    return "batch" if point.phase == "batch" else point.phase


@result(
    "efficiency.serving_median_error",
    "Median error of the serving engine on points it was not fitted on",
    "fraction",
    kind="numeric",
)
def serving_median_error(a):
    return calibration.median_absolute_error(judged(), efficiency(a))


@result("efficiency.serving_points", "Points that judge the serving engine", "count", kind="fixed", digits=2)
def serving_points(a):
    return float(len(judged()))


@result("efficiency.serving_points_within", "… of which within 25%", "count", kind="numeric", digits=2)
def serving_points_within(a):
    return float(np.sum(np.abs(calibration.ratios(judged(), efficiency(a)) - 1.0) <= 0.25))


GROUPS = {
    "batch": "mixture of experts in one server (Qwen3-235B)",
    "decode": "decode over many Hopper servers",
    "prefill": "prefill over many Hopper servers",
    "gb200": "GB200",
}


def _group_error(group, words):
    @result(f"efficiency.serving_error_{group}", f"Median error: {words}", "fraction", kind="numeric")
    def error(a):
        return calibration.median_absolute_error(judged(group), efficiency(a))


for _group, _words in GROUPS.items():
    _group_error(_group, _words)


def _ratio(identifier, words):
    @result(f"efficiency.{identifier}_ratio", f"Predicted over measured: {words}", "ratio", kind="numeric")
    def ratio(a):
        (point,) = [point for point in points() if point.id == identifier]
        return calibration.ratios([point], efficiency(a))[0]


_ratio("deepseek_day_decode", "DeepSeek's day, decode")
_ratio("deepseek_day_prefill", "DeepSeek's day, prefill")

#: Published requests of 100 tokens in and 600 out on one RTX 4090, 300 at once.
CARD_CHECKS = {"7b": "Distill-Qwen 7B", "8b": "Distill-Llama 8B", "1_5b": "Distill-Qwen 1.5B"}


def _card_check(name, words):
    @result(
        f"efficiency.rtx_4090_{name}_ratio",
        f"Predicted over measured: {words} on one RTX 4090, 16 bits",
        "ratio",
        kind="numeric",
    )
    def ratio(a):
        served, card, layout = model(DISTILLED[name][0]), chip("rtx_4090"), Layout()
        slots = np.minimum(serving.largest_batch(served, card, layout, 700.0), 300.0)
        predicted = serving.batch_job(served, card, layout, efficiency(a), 300.0, slots, 100.0, 600.0)
        return float(predicted) / value(f"rtx_4090_{name}_measured")


for _name, _words in CARD_CHECKS.items():
    _card_check(_name, _words)


# Multi-token prediction


def day_layout(phase):
    """Return chip, layout and sequences or tokens of DeepSeek's service in one phase."""
    row = facts.row("throughput", f"deepseek_day_{phase}")
    point = calibration.point_of(row, {row["model"]: model(row["model"])}, {row["chip"]: chip(row["chip"])})
    return point


def mtp_speedup(a, sequences, acceptance=None):
    """Return the speed-up of decode in DeepSeek's layout at some sequences per GPU."""
    point = day_layout("decode")
    accepted = a.mtp_acceptance if acceptance is None else acceptance
    return serving.speculative_speedup(
        point.model, point.chip, point.layout, efficiency(a), sequences, point.setting["context_tokens"], accepted
    )


#: One server of eight H200 with tensor parallelism, the setting SGLang publishes speed-ups for.
TP8 = Layout(chips=8.0, tensor_parallel=8.0, weight_bits=8.0, expert_bits=8.0)


def mtp_speedup_server(a, sequences, acceptance=None):
    """Return the speed-up of decode on one H200 server at some sequences and 1,000 tokens of context."""
    accepted = a.mtp_acceptance if acceptance is None else acceptance
    return serving.speculative_speedup(model(R1), chip("h200"), TP8, efficiency(a), sequences, 1000.0, accepted)


@result("efficiency.mtp_tokens_per_step", "Tokens a step yields with one draft", "ratio")
def mtp_tokens_per_step(a):
    return serving.accepted_tokens(a.mtp_acceptance)


@result("efficiency.mtp_free_speedup", "… over the draft's own cost, if checking it were free", "ratio")
def mtp_free_speedup(a):
    return mtp_tokens_per_step(a) / (1.0 + model("deepseek-v3").draft_share)


@result("efficiency.mtp_speedup_one", "Multi-token prediction at decode, one sequence a GPU", "ratio")
def mtp_speedup_one(a):
    return mtp_speedup(a, 1.0)


@result("efficiency.mtp_speedup_service", "Multi-token prediction at decode, DeepSeek's batch", "ratio")
def mtp_speedup_service(a):
    return mtp_speedup(a, day_layout("decode").setting["sequences_per_gpu"])


@result("efficiency.mtp_speedup_large", "Multi-token prediction at decode, 256 sequences a GPU", "ratio")
def mtp_speedup_large(a):
    return mtp_speedup(a, 256.0)


@result("efficiency.mtp_server_one", "Multi-token prediction on one H200 server, one sequence", "ratio")
def mtp_server_one(a):
    return mtp_speedup_server(a, 1.0)


@result("efficiency.mtp_server_32", "Multi-token prediction on one H200 server, 32 sequences", "ratio")
def mtp_server_32(a):
    return mtp_speedup_server(a, 32.0)


def _whole_fleet(speedup):
    before = day_prefill_nodes(None) + day_decode_nodes(None) * speedup
    return before / (day_prefill_nodes(None) + day_decode_nodes(None))


@result("efficiency.mtp_fleet_gain", "… over the whole service, prefill included", "ratio")
def mtp_fleet_gain(a):
    return _whole_fleet(mtp_speedup_service(a))


@result(
    "efficiency.mtp_fleet_gain_published",
    "… over the whole service at the published speed-up",
    "ratio",
    kind="fixed",
)
def mtp_fleet_gain_published(a):
    return _whole_fleet(value("mtp_published_speedup"))


# DeepSeek's serving day


@result("efficiency.day_prefill_nodes", "Nodes that the day's input keeps busy", "count", kind="fixed", digits=3)
def day_prefill_nodes(a):
    return serving.chips_needed(value("day_input_tokens"), value("day_prefill_node_rate"))


@result("efficiency.day_decode_nodes", "Nodes that the day's output keeps busy", "count", kind="fixed", digits=4)
def day_decode_nodes(a):
    return serving.chips_needed(value("day_output_tokens"), value("day_decode_node_rate"))


@result("efficiency.day_nodes", "Nodes in all, from tokens and rates", "count", kind="fixed", digits=4)
def day_nodes(a):
    return day_prefill_nodes(a) + day_decode_nodes(a)


@result("efficiency.day_nodes_gap", "… over the published average", "fraction", kind="fixed", digits=1)
def day_nodes_gap(a):
    return day_nodes(a) / value("deepseek_service_average_nodes") - 1.0


@result("efficiency.day_hit_share", "Input served from the cache on disk", "fraction", kind="fixed")
def day_hit_share(a):
    return value("day_cached_input_tokens") / value("day_input_tokens")


def _gpu_hours():
    return value("deepseek_service_average_nodes") * value("deepseek_service_gpus_per_node") * 24.0


@result("efficiency.day_cost_usd", "Rent of the day's GPUs", "USD", digits=5)
def day_cost_usd(a):
    return _gpu_hours() * a.gpu_hour_usd


def revenue(prefix):
    """Return a day's revenue if every token is paid at a price list, USD."""
    hit = value("day_cached_input_tokens")
    miss = value("day_input_tokens") - hit
    usd = (
        hit * value(f"{prefix}_cached_input_usd")
        + miss * value(f"{prefix}_input_usd")
        + value("day_output_tokens") * value(f"{prefix}_output_usd")
    )
    return usd / MILLION


@result("efficiency.day_revenue_usd", "The day's tokens at R1's list price", "USD", kind="fixed", digits=4)
def day_revenue_usd(a):
    return revenue("api_r1")


@result("efficiency.day_margin", "Margin of the day at R1's list price", "fraction")
def day_margin(a):
    return 1.0 - day_cost_usd(a) / day_revenue_usd(a)


@result("efficiency.day_profit_over_cost", "The same profit over cost", "fraction")
def day_profit_over_cost(a):
    return day_revenue_usd(a) / day_cost_usd(a) - 1.0


@result("efficiency.day_revenue_v3_usd", "The day's tokens at V3's list price", "USD", kind="fixed")
def day_revenue_v3_usd(a):
    return revenue("api_v3")


@result("efficiency.day_margin_v3", "Margin of the day at V3's list price", "fraction")
def day_margin_v3(a):
    return 1.0 - day_cost_usd(a) / day_revenue_v3_usd(a)


@result("efficiency.day_break_even_share", "Share of R1's list revenue that pays the rent", "fraction")
def day_break_even_share(a):
    return day_cost_usd(a) / day_revenue_usd(a)


@result(
    "efficiency.day_usd_per_million", "Rent of the day per million output tokens, input included",
    "USD/million tokens",
)  # fmt: skip
def day_usd_per_million(a):
    return day_cost_usd(a) / value("day_output_tokens") * MILLION


@result("efficiency.day_streams", "Users served at once, from output and speed", "count", kind="fixed", digits=2)
def day_streams(a):
    speed = 0.5 * (value("day_user_speed_low") + value("day_user_speed_high"))
    return value("day_output_tokens") / SECONDS_PER_DAY / speed


# Links

_SERVER = Layout(chips=8.0, tensor_parallel=1.0, expert_parallel=1.0, dispatch_bits=8.0)
EXCHANGES = {
    "nvl72": ("gb200", "72 GB200, NVLink"),
    "node_h100": ("h100", "8 H100, NVLink"),
    "node_h800": ("h800", "8 H800, NVLink cut"),
    "prefill_h800": ("h800", "32 H800, copies sent once a server"),
    "prefill_h100": ("h100", "32 H100, copies sent once a server"),
    "decode_h100": ("h100", "144 H100, network"),
    "decode_h800": ("h800", "144 H800, network"),
    "node_4090": ("rtx_4090", "8 RTX 4090, PCI-Express"),
}


def _exchange_layout(name):
    if name.startswith("node"):
        return _SERVER
    if name == "nvl72":
        return _SERVER._replace(chips=72.0, chips_per_domain=72.0)
    return day_layout(name.partition("_")[0]).layout


def exchange_us(a, name):
    """Return the time in which 1,000 tokens of each GPU reach their experts in one layer and come back, us."""
    served = model("deepseek-v3")
    seconds = serving.all_to_all_seconds(
        served, chip(EXCHANGES[name][0]), _exchange_layout(name), efficiency(a), 1000.0
    )
    return seconds / served.moe_layers * 1e6


def _exchange(name, words):
    @result(f"efficiency.exchange_{name}_us", f"Exchange of 1,000 tokens a layer: {words}", "microsecond")
    def exchange(a):
        return exchange_us(a, name)


for _name, (_, _words) in EXCHANGES.items():
    _exchange(_name, _words)


@result("efficiency.exchange_node_ratio", "Exchange in one server, H800 over H100", "ratio")
def exchange_node_ratio(a):
    return exchange_us(a, "node_h800") / exchange_us(a, "node_h100")


@result("efficiency.exchange_decode_ratio", "Exchange over 144 GPUs, H800 over H100", "ratio")
def exchange_decode_ratio(a):
    return exchange_us(a, "decode_h800") / exchange_us(a, "decode_h100")


@result("efficiency.exchange_prefill_ratio", "Exchange over 32 GPUs, H800 over H100", "ratio")
def exchange_prefill_ratio(a):
    return exchange_us(a, "prefill_h800") / exchange_us(a, "prefill_h100")


@result("efficiency.exchange_pcie_ratio", "Exchange in one server, PCI-Express over the H800's links", "ratio")
def exchange_pcie_ratio(a):
    return exchange_us(a, "node_4090") / exchange_us(a, "node_h800")


@result("efficiency.fireflyer_total_price", "Fire-Flyer with network, share of the DGX price", "fraction", kind="fixed")
def fireflyer_total_price(a):
    return value("fireflyer_total_price") / value("dgx_total_price")


@result("efficiency.fireflyer_power", "Fire-Flyer node, share of the DGX power", "fraction", kind="fixed")
def fireflyer_power(a):
    return value("fireflyer_node_power") / value("dgx_node_power")


@result(
    "efficiency.fireflyer_value_node", "Fire-Flyer, performance per dollar of a node over DGX", "ratio", kind="fixed"
)
def fireflyer_value_node(a):
    return value("fireflyer_relative_performance") / value("fireflyer_relative_node_price")


@result(
    "efficiency.fireflyer_value_total",
    "Fire-Flyer, performance per dollar with network over DGX",
    "ratio",
    kind="fixed",
)
def fireflyer_value_total(a):
    return value("fireflyer_relative_performance") / fireflyer_total_price(a)


# What holds and serves which model

FOUR_BITS = Layout(weight_bits=serving.FP4_BITS, expert_bits=serving.FP4_BITS)


def request_tokens():
    """Return a request as in DeepSeek's day: input tokens, output tokens and the share of input in the cache."""
    output_per_input = value("day_output_tokens") / value("day_input_tokens")
    # The cache of an output token holds the input and, on average, half of the output.
    prompt = value("day_cache_length") / (1.0 + output_per_input / 2.0)
    return prompt, prompt * output_per_input, value("day_cached_input_tokens") / value("day_input_tokens")


def weight_bytes(name, bits):
    """Return the weights of a model at some width in bytes; embedding and head stay at 16 bits."""
    width = serving.FP4_BITS if bits == 4 else bits
    return serving.weight_bytes_per_chip(model(name), Layout(weight_bits=width, expert_bits=width))


def cards(name, bits, card):
    """Return how many of a card hold a model, the cache of one request and 5% of working space."""
    prompt, output, _ = request_tokens()
    cache = serving.kv_bytes_per_sequence(model(name), Layout(), prompt + output)
    room = (1.0 - WORKING_SHARE) * chip(card).memory_bytes
    return float(np.ceil((weight_bytes(name, bits) + cache) / room))


def serve(a, name, card, layout, stages=1.0):
    """Return how a host serves requests as in DeepSeek's day, at the API's speed or above.

    The largest batch is taken that fits and gives each user the lower speed of DeepSeek's service. With
    `stages`, the model is split by layers over as many cards, each busy with a batch of its own; what passes
    between them is left out.

    Returns
    -------
    (float, float)
        Output tokens per second of the whole host, and of each user; zeros where no batch is fast enough.
    """
    served, parts = model(name), efficiency(a)
    prompt, output, hit = request_tokens()
    host = card._replace(memory_bytes=card.memory_bytes * stages)
    fits = serving.largest_batch(served, host, layout, prompt + output) / stages
    most = np.minimum(fits, MOST_SEQUENCES)
    if most < 1.0:
        return 0.0, 0.0
    sequences = np.arange(1.0, most + 1.0)
    one = serving.decode(served, card, layout, parts, sequences, value("day_cache_length"))
    filled = serving.prefill(served, card, layout, parts, sequences * prompt * (1.0 - hit), prompt, hit).step_s
    speed = 1.0 / one.seconds_per_token
    good = speed >= value("day_user_speed_low")
    if not good.any():
        return 0.0, 0.0
    best = int(np.flatnonzero(good)[-1])
    copies = stages * layout.chips / layout.tensor_parallel
    rate = copies * sequences[best] * output / (filled[best] + output * one.step_s[best])
    return float(rate), float(speed[best])


#: One server of eight H200: attention copied on every GPU, experts spread.
H200_SERVER = Layout(
    chips=8.0, tensor_parallel=1.0, expert_parallel=1.0, weight_bits=8.0, expert_bits=8.0, dispatch_bits=8.0
)


def serve_r1_h200(a):
    return serve(a, R1, chip("h200"), H200_SERVER)


def serve_r1_4090(a):
    return serve(a, R1, weight_only(chip("rtx_4090")), FOUR_BITS, cards(R1, 4, "rtx_4090"))


def serve_distilled(a, name):
    served = DISTILLED[name][0]
    count = cards(served, 4, "rtx_4090")
    layout = FOUR_BITS._replace(chips=count, tensor_parallel=count)
    return serve(a, served, weight_only(chip("rtx_4090")), layout)


def _usd(rate, gpus, hour_usd):
    """Return USD per million output tokens; a host that serves nothing costs without end."""
    return float(serving.usd_per_million_tokens(rate / gpus, hour_usd)) if rate else 1e9


@result(
    "efficiency.api_usd", "R1's API: a million output tokens with the input that goes with them",
    "USD/million tokens", kind="fixed",
)  # fmt: skip
def api_usd(a):
    return day_revenue_usd(a) / value("day_output_tokens") * MILLION


@result("efficiency.r1_weights_gb", "R1's released weights, prediction module included", "GB", kind="fixed", digits=4)
def r1_weights_gb(a):
    facts.model_config(R1)
    return memory.checkpoint_bytes(_read(R1), memory.FP8_WEIGHTS) / 1e9


_BELOW_TEN = ("r1_h100_count", "r1_h200_count", "r1_m3_count", "distill_32b_count", "distill_70b_count")


def _count(key, title, name, bits, card):
    @result(f"efficiency.{key}", title, "count", kind="fixed", digits=1 if key in _BELOW_TEN else 2)
    def count(a):
        return cards(name, bits, card)


_count("r1_h100_count", "H100 that hold R1 at 8 bits", R1, 8, "h100")
_count("r1_h200_count", "H200 that hold R1 at 8 bits", R1, 8, "h200")
_count("r1_4090_count", "RTX 4090 that hold R1 at 4 bits", R1, 4, "rtx_4090")
_count("r1_5090_count", "RTX 5090 that hold R1 at 4 bits", R1, 4, "rtx_5090")
_count("r1_m3_count", "Mac Studio of 512 GB that hold R1 at 4 bits", R1, 4, "m3_ultra")
_count("distill_32b_count", "RTX 4090 that hold the distilled 32B at 4 bits", "qwen2.5-32b", 4, "rtx_4090")
_count("distill_70b_count", "RTX 4090 that hold the distilled 70B at 4 bits", "llama-3.1-70b", 4, "rtx_4090")


@result("efficiency.r1_h200_rate", "R1 on eight H200, output", "token/s", kind="numeric", digits=2)
def r1_h200_rate(a):
    return serve_r1_h200(a)[0]


@result("efficiency.r1_h200_usd", "R1 on eight rented H200, always busy", "USD/million tokens", kind="numeric")
def r1_h200_usd(a):
    return _usd(serve_r1_h200(a)[0], H200_SERVER.chips, a.h200_hour_usd)


@result(
    "efficiency.r1_h200_load", "Load at which eight H200 cost as much as the API", "fraction", kind="numeric", digits=2
)
def r1_h200_load(a):
    return r1_h200_usd(a) / api_usd(a)


@result(
    "efficiency.r1_4090_usd", "R1 split over rented RTX 4090, 4 bits, always busy", "USD/million tokens", kind="numeric"
)
def r1_4090_usd(a):
    return _usd(serve_r1_4090(a)[0], cards(R1, 4, "rtx_4090"), a.consumer_gpu_hour_usd)


@result("efficiency.r1_4090_over_api", "… over the API", "ratio", kind="numeric", digits=2)
def r1_4090_over_api(a):
    return r1_4090_usd(a) / api_usd(a)


@result("efficiency.r1_4090_over_h200", "… over eight H200", "ratio", kind="numeric", digits=2)
def r1_4090_over_h200(a):
    return r1_4090_usd(a) / r1_h200_usd(a)


@result(
    "efficiency.r1_desk_usd", "R1 on a machine of ten thousand dollars, one user without a pause",
    "USD/million tokens",
)  # fmt: skip
def r1_desk_usd(a):
    hour = ownership.capital_usd_per_hour(
        value("local_server_usd"), a.cost_of_capital, a.server_life_years, a.residual_share
    )
    return serving.usd_per_million_tokens(value("local_server_speed"), hour)


@result("efficiency.r1_desk_over_api", "… over the API's price of output", "ratio", digits=2)
def r1_desk_over_api(a):
    return r1_desk_usd(a) / value("api_r1_output_usd")


@result("efficiency.r1_m3_ceiling", "R1 at 4 bits on an M3 Ultra if only memory counted", "token/s", digits=2)
def r1_m3_ceiling(a):
    one = serving.step(
        model(R1),
        chip("m3_ultra")._replace(flops_16=1.0, flops_8=1.0, flops_4=1.0),
        FOUR_BITS,
        efficiency(a),
        1.0,
        1000.0,
    )
    return 1.0 / (one.weights + one.kv_cache)


def _distilled(name, words):
    @result(
        f"efficiency.distill_{name}_usd", f"{words} on rented RTX 4090, 4 bits, always busy",
        "USD/million tokens", kind="numeric",
    )  # fmt: skip
    def usd(a):
        count = cards(DISTILLED[name][0], 4, "rtx_4090")
        return _usd(serve_distilled(a, name)[0], count, a.consumer_gpu_hour_usd)


for _name, (_, _words) in DISTILLED.items():
    _distilled(_name, _words)


@result(
    "efficiency.distill_32b_over_api", "Distilled 32B on one RTX 4090 over R1's API", "ratio", kind="numeric", digits=2
)
def distill_32b_over_api(a):
    usd = _usd(serve_distilled(a, "32b")[0], cards("qwen2.5-32b", 4, "rtx_4090"), a.consumer_gpu_hour_usd)
    return usd / api_usd(a)
