"""Results of the chapter on efficiency: speed and hardware (C17, C19, C20, C21, C36)."""

import numpy as np

from analysis import calibration, memory, ownership, serving, token_costs
from analysis.serving import Layout
from reporting.cases import deepseek_service as day
from reporting.cases.deepseek_service import day_layout, request_tokens
from reporting.cases.hardware import H200_SERVER, chip, efficiency
from reporting.cases.models import DISTILLED, R1, V3, architecture, model
from reporting.core.results import Chapter, product
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

SECONDS_PER_DAY = 86_400.0
MILLION = 1e6
#: Share of a card that the engine keeps for its own work when it is asked what a model needs.
WORKING_SHARE = 0.05
#: Batches that are tried on a host.
MOST_SEQUENCES = 1000


def weight_only(card):
    """Return a card that multiplies 4-bit weights in 16 bits, as the usual 4-bit formats of 2025 do."""
    return card._replace(flops_4=card.flops_16)


# The engine against published throughput


def points():
    """Return every published point of the throughput table."""
    rows = facts.rows("throughput")
    models = {row["model"]: model(row["model"]) for row in rows}
    chips = {row["chip"]: chip(row["chip"]) for row in rows}
    return [calibration.measurement_of(row, models, chips) for row in rows]


#: A point whose value is a fitted point's over a published speed-up: it judges nothing of its own.
DERIVED = {"sglang_h100_decode_plain"}


def judged(group=None):
    """Return the points that no coefficient was fitted on; of one of `JUDGED` alone."""
    chosen = [point for point in points() if point.part == "judge" and point.id not in DERIVED]
    if group == "v3":
        return [point for point in chosen if group_of(point) != "batch"]
    return [point for point in chosen if group is None or group_of(point) == group]


def group_of(point):
    if "gb200" in point.id:
        return "gb200"
    return "batch" if point.phase == "batch" else point.phase


@result("Median error of the serving engine on points it was not fitted on", "fraction", "numeric")
def serving_median_error(a):
    return calibration.median_absolute_error(judged(), efficiency(a))


@result("Points that judge the serving engine", "count", digits=2)
def serving_points():
    return len(judged())


@result("… of which within 25%", "count", "numeric", digits=2)
def serving_points_within(a):
    return np.sum(np.abs(calibration.ratios(judged(), efficiency(a)) - 1.0) <= 0.25)


GROUPS = {
    "batch": "mixture of experts in one server (Qwen3-235B)",
    "decode": "decode over many Hopper servers",
    "prefill": "prefill over many Hopper servers",
    "gb200": "GB200",
}


JUDGED = GROUPS | {"v3": "DeepSeek-V3 in all settings"}


@result.each(JUDGED, "serving_error_{}", "Median error: {}", "fraction", "numeric")
def serving_error(a, group):
    return calibration.median_absolute_error(judged(group), efficiency(a))


@result.each({"v3": "DeepSeek-V3", "batch": "Qwen3-235B"}, "serving_points_{}", "Points of {}", "count", digits=2)
def serving_points_of(group):
    return len(judged(group))


@result.each(
    ("decode", "prefill"),
    "deepseek_day_{}_ratio",
    "Predicted over measured: DeepSeek's day, {}",
    "ratio",
    "numeric",
)
def deepseek_day_ratio(a, phase):
    (point,) = [point for point in points() if point.id == f"deepseek_day_{phase}"]
    return calibration.ratios([point], efficiency(a))[0]


#: Published requests of 100 tokens in and 600 out on one RTX 4090, 300 at once.
CARD_CHECKS = ("7b", "8b", "1_5b")


@result.each(
    {name: DISTILLED[name] for name in CARD_CHECKS},
    "rtx_4090_{}_ratio",
    "Predicted over measured: {.name} on one RTX 4090, 16 bits",
    "ratio",
    "numeric",
)
def rtx_4090_ratio(a, name):
    served, card, layout = model(DISTILLED[name].config), chip("rtx_4090"), Layout()
    slots = np.minimum(serving.largest_batch(served, card, layout, 700.0), 300.0)
    predicted = serving.batch_job(served, card, layout, efficiency(a), 300.0, slots, 100.0, 600.0)
    return float(predicted) / value(f"rtx_4090_{name}_measured")


# Multi-token prediction


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


@result("Tokens a step yields with one draft", "ratio")
def mtp_tokens_per_step(a):
    return serving.accepted_tokens(a.mtp_acceptance)


@result("… over the draft's own cost, if checking it were free", "ratio")
def mtp_free_speedup(a):
    return mtp_tokens_per_step(a) / (1.0 + model(V3).draft_share)


@result("Multi-token prediction at decode, one sequence a GPU", "ratio")
def mtp_speedup_one(a):
    return mtp_speedup(a, 1.0)


@result("Multi-token prediction at decode, DeepSeek's batch", "ratio")
def mtp_speedup_service(a):
    return mtp_speedup(a, day_layout("decode").setting["sequences_per_gpu"])


def day_speed():
    return 0.5 * (value("day_user_speed_low") + value("day_user_speed_high"))


@result("Multi-token prediction at decode, output of a GPU at equal user speed", "ratio", "numeric")
def mtp_speedup_same_speed(a):
    """Return the output of a GPU with drafts over that without, each user served at the speed of DeepSeek's day.

    Drafts shorten the time of a token, so that more sequences share a GPU at the same speed; both batches
    fit beside the weights.
    """
    point, parts, speed = day_layout("decode"), efficiency(a), day_speed()
    context = point.setting["context_tokens"]
    prompt, output, _ = request_tokens()
    fits = serving.largest_batch(point.model, point.chip, point.layout, prompt + output)
    batch = np.arange(1.0, float(fits) + 1.0)
    rates = []
    for acceptance, drafts in ((0.0, 0), (a.mtp_acceptance, 1)):
        ran = serving.decode(point.model, point.chip, point.layout, parts, batch, context, acceptance, drafts)
        # Speed falls as the batch grows; between whole batches it is interpolated.
        sequences = np.interp(-speed, -1.0 / ran.seconds_per_token, batch)
        rates.append(sequences * speed)
    return rates[1] / rates[0]


@result("Multi-token prediction at decode, 256 sequences a GPU", "ratio")
def mtp_speedup_large(a):
    return mtp_speedup(a, 256.0)


result.rows(
    {
        "mtp_server_one": ("Multi-token prediction on one H200 server, one sequence", 1.0),
        "mtp_server_32": ("Multi-token prediction on one H200 server, 32 sequences", 32.0),
    },
    "ratio",
)(mtp_speedup_server)


def mtp_sglang(a, test, chips, micro_batches, *accepted):
    """Return the speed-up in one of SGLang's tests: DeepSeek's layout of decode, on H200."""
    layout = day_layout("decode").layout._replace(chips=chips, micro_batches=micro_batches)
    batch, prompt, output = (value(f"sglang_mtp_{test}_{part}") for part in ("batch", "input", "output"))
    context = prompt + output / 2.0
    return serving.speculative_speedup(model(R1), chip("h200"), layout, efficiency(a), batch, context, *accepted)


@result("Multi-token prediction in SGLang's large test, as the engine has it", "ratio")
def mtp_sglang_large(a):
    return mtp_sglang(a, "large", value("sglang_mtp_large_nodes") * 8.0, 2.0, a.mtp_acceptance)


#: The small test checks three drafts in a step.
SMALL_DRAFTS = 3


def small_acceptance():
    """Return the acceptance of each draft that gives the published tokens a step."""
    polynomial = [1.0] * SMALL_DRAFTS + [1.0 - value("sglang_mtp_small_accepted")]
    (root,) = [r.real for r in np.roots(polynomial) if abs(r.imag) < 1e-9 and r.real > 0]
    return float(root)


@result("Multi-token prediction in SGLang's small test, as the engine has it", "ratio", "numeric")
def mtp_sglang_small(a):
    return mtp_sglang(a, "small", value("sglang_mtp_small_gpus"), 1.0, small_acceptance(), SMALL_DRAFTS)


def _whole_fleet(speedup):
    before = day_prefill_nodes() + day_decode_nodes() * speedup
    return before / (day_prefill_nodes() + day_decode_nodes())


@result("Over the whole service at equal user speed", "ratio", "numeric")
def mtp_fleet_gain_same_speed(a):
    return _whole_fleet(mtp_speedup_same_speed(a))


@result("Over the whole service at the same batch, prefill included", "ratio")
def mtp_fleet_gain(a):
    return _whole_fleet(mtp_speedup_service(a))


@result("Over the whole service at the published speed-up", "ratio")
def mtp_fleet_gain_published():
    return _whole_fleet(value("mtp_published_speedup"))


#: Chip and number format of the public measurements of R1 with multi-token prediction and without.
MTP_MEASURED = (
    "h100_fp8",
    "h200_fp8",
    "b200_fp8",
    "b200_fp4",
    "b300_fp4",
    "gb200_fp8",
    "gb200_fp4",
    "gb300_fp8",
    "gb300_fp4",
    "mi325x_fp8",
    "mi355x_fp8",
    "mi355x_fp4",
)


@result.rows(
    {
        "mtp_measured_median": (
            "R1 with multi-token prediction at equal user speed: median of InferenceX's pages",
            np.median,
        ),
        "mtp_measured_least": ("… the smallest of them", np.min),
        "mtp_measured_most": ("… the largest of them", np.max),
    },
    "ratio",
    digits=2,
)
def mtp_measured(of):
    """Return the output of a GPU with drafts over that without, each user served as fast, over the pages."""
    return of([value(f"inferencex_mtp_{setting}") for setting in MTP_MEASURED])


@result("… how many pages", "count", digits=2)
def mtp_measured_count():
    return mtp_measured(len)


# DeepSeek's serving day

day_prefill_nodes = result("Nodes that the day's input keeps busy", "count")(day.day_prefill_nodes)
day_decode_nodes = result("Nodes that the day's output keeps busy", "count", digits=4)(day.day_decode_nodes)
day_nodes = result("Nodes in all, from tokens and rates", "count", digits=4)(day.day_nodes)


@result("… over the published average", "fraction", digits=1)
def day_nodes_gap():
    return day_nodes() / value("deepseek_service_average_nodes") - 1.0


day_hit_share = result("Input served from the cache on disk", "fraction")(day.day_hit_share)


@result("Rent of the day's GPUs", "USD", digits=5)
def day_cost_usd(a):
    gpu_hours = value("deepseek_service_average_nodes") * value("deepseek_service_gpus_per_node") * 24.0
    return gpu_hours * a.gpu_hour_usd


def revenue(model):
    """Return a day's revenue if every token is paid at a model's list price, USD."""
    hit = value("day_cached_input_tokens")
    miss = value("day_input_tokens") - hit
    prices = (value(f"api_{model}_{kind}_usd") for kind in ("input", "cached_input", "output"))
    return token_costs.request_usd(miss, hit, value("day_output_tokens"), *prices)


@result("The day's tokens at R1's list price", "USD", digits=4)
def day_revenue_usd():
    return revenue("r1")


@result("Margin of the day at R1's list price", "fraction")
def day_margin(a):
    return 1.0 - day_cost_usd(a) / day_revenue_usd()


@result("The same profit over cost", "fraction")
def day_profit_over_cost(a):
    return day_revenue_usd() / day_cost_usd(a) - 1.0


@result("The day's tokens at V3's list price", "USD")
def day_revenue_v3_usd():
    return revenue("v3")


@result("Margin of the day at V3's list price", "fraction")
def day_margin_v3(a):
    return 1.0 - day_cost_usd(a) / day_revenue_v3_usd()


@result("Share of R1's list revenue that pays the rent", "fraction")
def day_break_even_share(a):
    return day_cost_usd(a) / day_revenue_usd()


@result("Rent of the day per million output tokens, input included", "USD/million tokens")
def day_usd_per_million(a):
    return day_cost_usd(a) / value("day_output_tokens") * MILLION


@result("Users served at once, from output and speed", "count", digits=2)
def day_streams():
    return value("day_output_tokens") / SECONDS_PER_DAY / day_speed()


# Links

_SERVER = Layout(chips=8.0, tensor_parallel=1.0, expert_parallel=1.0, dispatch_bits=8.0)
EXCHANGES = {
    "nvl72": ("gb200", "72 GB200, NVLink"),
    "node_h100": ("h100", "8 H100, NVLink"),
    "node_h800": ("h800", "8 H800, NVLink cut"),
    "prefill_h800": ("h800", "prefill, H800, copies sent once a server"),
    "prefill_h100": ("h100", "prefill, H100, copies sent once a server"),
    "decode_h100": ("h100", "decode, H100, network"),
    "decode_h800": ("h800", "decode, H800, network"),
    "node_4090": ("rtx_4090", "8 RTX 4090, PCI-Express"),
}


def _exchange_layout(name):
    if name.startswith("node"):
        return _SERVER
    if name == "nvl72":
        return _SERVER._replace(chips=72.0, chips_per_domain=72.0)
    return day_layout(name.partition("_")[0]).layout


@result.each(EXCHANGES, "exchange_{}_us", "Exchange of 1,000 tokens a layer: {1}", "microsecond")
def exchange_us(a, name):
    """Return the time in which 1,000 tokens of each GPU reach their experts in one layer and come back, us."""
    served = model(V3)
    seconds = serving.all_to_all_seconds(
        served, chip(EXCHANGES[name][0]), _exchange_layout(name), efficiency(a), 1000.0
    )
    return seconds / served.moe_layers * 1e6


@result.each(
    {"node": "one server", "decode": "decode over many servers", "prefill": "prefill over many servers"},
    "exchange_{}_ratio",
    "Exchange in {}, H800 over H100",
    "ratio",
)
def exchange_ratio(a, setting):
    return exchange_us(a, f"{setting}_h800") / exchange_us(a, f"{setting}_h100")


@result("Exchange in one server, PCI-Express over the H800's links", "ratio")
def exchange_pcie_ratio(a):
    return exchange_us(a, "node_4090") / exchange_us(a, "node_h800")


# What the links cost in throughput

LINKS = {"h100": "as built", "h800": "links of an H800", "rtx_4090": "PCI-Express"}


def linked(name, links):
    """Return a chip with the links of another."""
    return chip(name)._replace(link_bandwidth=chip(links).link_bandwidth)


def link_throughput(a, setting, links):
    """Return the tokens/s of a GPU in one setting with the links of a chip."""
    if setting == "server":
        return serve(a, R1, linked("h200", links), H200_SERVER)[0] / H200_SERVER.chips
    point = day_layout(setting)
    return calibration.predict(point._replace(chip=linked("h800", links)), efficiency(a))


LINK_SETTINGS = {
    "server": "R1 in one server of eight H200",
    "prefill": "Prefill of DeepSeek's day",
    "decode": "Decode of DeepSeek's day",
}


@result.each(
    product(LINK_SETTINGS, {"h800": "an H800's links", "pcie": "PCI-Express"}),
    "links_{}_{}",
    "{}, {}: share of the throughput with an H100's links",
    "fraction",
    "numeric",
    digits=2,
)
def link_share(a, setting, links):
    whole = link_throughput(a, setting, "h100")
    return link_throughput(a, setting, "rtx_4090" if links == "pcie" else links) / whole if whole else 0.0


@result("Output that an H800's links cost R1 in one server", "fraction", "numeric", digits=2)
def links_server_loss(a):
    return 1.0 - link_share(a, "server", "h800")


@result("HFReduce's slowest all-reduce over NCCL's fastest", "ratio", digits=2)
def hfreduce_gain_low():
    return value("hfreduce_low") / value("nccl_high")


@result("Fire-Flyer with network, share of the DGX price", "fraction")
def fireflyer_total_price():
    return value("fireflyer_total_price") / value("dgx_total_price")


@result("Fire-Flyer node, share of the DGX power", "fraction")
def fireflyer_power():
    return value("fireflyer_node_power") / value("dgx_node_power")


@result("Fire-Flyer, matrix rate per dollar of a node, over DGX", "ratio")
def fireflyer_value_node():
    return value("fireflyer_relative_performance") / value("fireflyer_relative_node_price")


@result("Fire-Flyer, matrix rate of a node per dollar of cluster, over DGX", "ratio")
def fireflyer_value_total():
    return value("fireflyer_relative_performance") / fireflyer_total_price()


# What holds and serves which model

FOUR_BITS = Layout(weight_bits=serving.FP4_BITS, expert_bits=serving.FP4_BITS)


def stored_bits(bits):
    """Return the bits that a weight of some width takes with its scales."""
    return serving.FP4_BITS if bits == 4 else bits


def weight_bytes(name, bits):
    """Return the weights of a model at some width in bytes; embedding and head stay at 16 bits."""
    width = stored_bits(bits)
    return serving.weight_bytes_per_chip(model(name), Layout(weight_bits=width, expert_bits=width))


def cards(name, bits, card):
    """Return how many of a card hold a model, the cache of one request and 5% of working space."""
    prompt, output, _ = request_tokens()
    cache = serving.kv_bytes_per_sequence(model(name), Layout(), prompt + output)
    room = (1.0 - WORKING_SHARE) * chip(card).memory_bytes
    return float(np.ceil((weight_bytes(name, bits) + cache) / room))


#: Cards without NVLink, over which a model is cut between layers.
BY_LAYERS = ("rtx_4090", "rtx_5090", "l40s")


def cards_by_layers(name, bits, card):
    """Return how many of a card hold a model that is cut between layers, never inside one; at least `cards`."""
    served, width = model(name), stored_bits(bits)
    routed = served.experts * served.expert_parameters if served.moe_layers else 0.0
    layer = (served.dense_parameters / served.layers + routed) * width / 8.0
    whole = np.floor((1.0 - WORKING_SHARE) * chip(card).memory_bytes / layer)
    # The few layers without experts are small beside the rest.
    layers = served.moe_layers or served.layers
    return max(cards(name, bits, card), float(np.ceil(layers / whole)) if whole else np.inf)


def serve(a, name, card, layout, stages=1.0, floor=None):
    """Return how a host serves requests as in DeepSeek's day, at the API's speed or above.

    The largest batch is taken that fits and gives each user the lower speed of DeepSeek's service, or `floor`:
    output tokens over the time from the request to its last token, prefill on the same GPUs included. With
    `stages`, the model is split by layers over as many cards, each busy with a batch of its own; what passes
    between them is left out.

    Returns
    -------
    (float, float, float)
        Output tokens per second of the whole host, and of each user, and the sequences of one batch; zeros
        where no batch is fast enough.
    """
    served, parts = model(name), efficiency(a)
    prompt, output, hit = request_tokens()
    host = card._replace(memory_bytes=card.memory_bytes * stages)
    fits = serving.largest_batch(served, host, layout, prompt + output) / stages
    most = np.floor(np.minimum(fits, MOST_SEQUENCES))
    if most < 1.0:
        return 0.0, 0.0, 0.0
    sequences = np.arange(1.0, most + 1.0)
    one = serving.decode(served, card, layout, parts, sequences, value("day_cache_length"))
    filled = serving.prefill(served, card, layout, parts, sequences * prompt * (1.0 - hit), prompt, hit).step_s
    speed = output / (filled + output * one.step_s)
    good = speed >= (value("day_user_speed_low") if floor is None else floor)
    if not good.any():
        return 0.0, 0.0, 0.0
    best = int(np.flatnonzero(good)[-1])
    copies = stages * layout.chips / layout.tensor_parallel
    return float(copies * sequences[best] * speed[best]), float(speed[best]), float(sequences[best])


def serve_r1_h200(a):
    return serve(a, R1, chip("h200"), H200_SERVER)


def r1_cards():
    """Return the RTX 4090 that hold R1 at 4 bits, cut between layers."""
    return cards_by_layers(R1, 4, "rtx_4090")


def serve_r1_4090(a, floor=None):
    return serve(a, R1, weight_only(chip("rtx_4090")), FOUR_BITS, r1_cards(), floor)


#: Cards that are tried for a distilled model.
COUNTS = (1.0, 2.0, 4.0)


def serve_distilled(a, name):
    """Return the cheapest way to serve a distilled model on RTX 4090: tokens/s of all cards, of a user, cards."""
    served, card = DISTILLED[name].config, weight_only(chip("rtx_4090"))
    ways = []
    for count in COUNTS:
        rate, speed, _ = serve(a, served, card, FOUR_BITS._replace(chips=count, tensor_parallel=count))
        ways.append((rate, speed, count))
    return max(ways, key=lambda way: way[0] / way[2])


def serve_distilled_h200(a):
    return serve(a, DISTILLED["32b"].config, chip("h200"), Layout(weight_bits=8.0, expert_bits=8.0))


def _usd(rate, gpus, hour_usd):
    """Return USD per million output tokens; a host that serves nothing costs without end."""
    return float(serving.usd_per_million_tokens(rate / gpus, hour_usd)) if rate else 1e9


@result("R1's API: a million output tokens with the input that goes with them", "USD/million tokens")
def api_usd():
    return day_revenue_usd() / value("day_output_tokens") * MILLION


@result("R1's released weights, prediction module included", "GB", digits=4)
def r1_weights_gb():
    return memory.checkpoint_bytes(architecture(R1), memory.FP8_WEIGHTS) / 1e9


#: Model, bits, card, the rule that counts and what is counted.
HELD = {
    "r1_h100": (R1, 8, "h100", cards, "H100 that hold R1 at 8 bits"),
    "r1_h200": (R1, 8, "h200", cards, "H200 that hold R1 at 8 bits"),
    "r1_4090": (R1, 4, "rtx_4090", cards_by_layers, "RTX 4090 that hold R1 at 4 bits, whole layers on each"),
    "r1_5090": (R1, 4, "rtx_5090", cards_by_layers, "RTX 5090 that hold R1 at 4 bits, whole layers on each"),
    "r1_m3": (R1, 4, "m3_ultra", cards, "Mac Studio of 512 GB that hold R1 at 4 bits"),
    "r1_m3_8bit": (R1, 8, "m3_ultra", cards, "Mac Studio of 512 GB that hold R1 at 8 bits"),
    "distill_32b": (DISTILLED["32b"].config, 4, "rtx_4090", cards, "RTX 4090 that hold the distilled 32B at 4 bits"),
    "distill_70b": (DISTILLED["70b"].config, 4, "rtx_4090", cards, "RTX 4090 that hold the distilled 70B at 4 bits"),
}
_DIGITS = {name: 2 if rule is cards_by_layers else 1 for name, (*_, rule, _) in HELD.items()}


@result.each(HELD, "{}_count", "{4}", "count", digits=_DIGITS)
def held(name):
    served, bits, card, rule, _ = HELD[name]
    return rule(served, bits, card)


@result("R1 on eight H200, output", "token/s", "numeric", digits=2)
def r1_h200_rate(a):
    return serve_r1_h200(a)[0]


@result("R1 on eight rented H200, always busy", "USD/million tokens", "numeric")
def r1_h200_usd(a):
    return _usd(serve_r1_h200(a)[0], H200_SERVER.chips, a.h200_hour_usd)


@result("Load at which eight H200 cost as much as the API", "fraction", "numeric", digits=2)
def r1_h200_load(a):
    return r1_h200_usd(a) / api_usd()


@result("RTX 4090 that hold R1 at 1.58 bits, the cache apart", "count", digits=1)
def r1_unsloth_4090_count():
    room = (1.0 - WORKING_SHARE) * chip("rtx_4090").memory_bytes
    return np.ceil(value("unsloth_r1_gb") * 1e9 / room)


@result("R1 split over rented RTX 4090, 4 bits, always busy", "USD/million tokens", "numeric")
def r1_4090_usd(a, speed=None):
    return _usd(serve_r1_4090(a, speed)[0], r1_cards(), a.consumer_gpu_hour_usd)


@result("Users that a card serves at once", "count", "numeric", digits=1)
def r1_4090_batch(a):
    return serve_r1_4090(a)[2]


@result("Users whose cache would fit, for each card", "count", digits=2)
def r1_4090_fits():
    prompt, output, _ = request_tokens()
    card, stages = weight_only(chip("rtx_4090")), r1_cards()
    host = card._replace(memory_bytes=card.memory_bytes * stages)
    return np.floor(serving.largest_batch(model(R1), host, FOUR_BITS, prompt + output) / stages)


@result.rows(
    {
        "r1_4090_over_api": "R1 on RTX 4090 over the API, 20 tokens/s a user",
        "r1_4090_over_api_15": ("… at 15 tokens/s a user", 15.0),
        "r1_4090_over_api_10": ("… at 10 tokens/s a user", 10.0),
    },
    "ratio",
    "numeric",
    digits=2,
)
def r1_4090_over_api(a, speed=None):
    return r1_4090_usd(a, speed) / api_usd()


@result("R1 on RTX 4090 over eight H200", "ratio", "numeric", digits=2)
def r1_4090_over_h200(a):
    return r1_4090_usd(a) / r1_h200_usd(a)


@result("A desk machine for one user, reading the prompt included", "token/s")
def r1_desk_speed():
    prompt, output, hit = request_tokens()
    reading = prompt * (1.0 - hit) / value("ktransformers_prefill_speed")
    return output / (reading + output / value("local_server_speed"))


@result("R1 on a machine of ten thousand dollars, one user without a pause, input included", "USD/million tokens")
def r1_desk_usd(a):
    hour = ownership.capital_usd_per_hour(
        value("local_server_usd"), a.cost_of_capital, a.server_life_years, a.residual_share
    )
    return serving.usd_per_million_tokens(r1_desk_speed(), hour)


@result("R1 on the desk machine over the API", "ratio", digits=2)
def r1_desk_over_api(a):
    return r1_desk_usd(a) / api_usd()


@result("… used one hour a day", "ratio", digits=2)
def r1_desk_hour_over_api(a):
    return 24.0 * r1_desk_over_api(a)


@result("M3 Ultra, minutes to read a long prompt", "minute", digits=2)
def r1_m3_prompt_minutes():
    return value("m3_ultra_long_prompt") / value("m3_ultra_prefill_speed") / 60.0


@result("R1 at 4 bits on an M3 Ultra if only memory counted", "token/s", digits=2)
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


@result.each(
    DISTILLED,
    "distill_{}_usd",
    "{.name} on rented RTX 4090, 4 bits, always busy",
    "USD/million tokens",
    "numeric",
    digits=2,
)
def distilled_usd(a, name):
    rate, _, count = serve_distilled(a, name)
    return _usd(rate, count, a.consumer_gpu_hour_usd)


@result("RTX 4090 on which the distilled 32B is cheapest", "count", "numeric", digits=1)
def distill_32b_cards(a):
    return serve_distilled(a, "32b")[2]


@result("Distilled 32B on RTX 4090 over R1's API", "ratio", "numeric", digits=2)
def distill_32b_over_api(a):
    return distilled_usd(a, "32b") / api_usd()


@result("Distilled 32B on a single rented RTX 4090", "USD/million tokens", "numeric")
def distill_32b_one_usd(a):
    rate, _, _ = serve(a, DISTILLED["32b"].config, weight_only(chip("rtx_4090")), FOUR_BITS)
    return _usd(rate, 1.0, a.consumer_gpu_hour_usd)


@result("Distilled 32B on one rented H200, 8 bits", "USD/million tokens", "numeric")
def distill_32b_h200_usd(a):
    return _usd(serve_distilled_h200(a)[0], 1.0, a.h200_hour_usd)


@result("R1 on eight H200 over the distilled 32B on a single RTX 4090", "ratio", "numeric", digits=2)
def r1_h200_over_32b_one(a):
    return r1_h200_usd(a) / distill_32b_one_usd(a)
