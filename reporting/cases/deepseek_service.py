"""DeepSeek's service on the day it published: layouts, nodes, and a request as on that day."""

from analysis import calibration, serving
from reporting.cases import hardware, models
from reporting.inputs import facts

value = facts.value


def day_layout(phase):
    """Return DeepSeek's service in one phase as ``data/throughput.csv`` has it: chip, layout, setting, throughput."""
    row = facts.row("throughput", f"deepseek_day_{phase}")
    model, chip = models.model(row["model"]), hardware.chip(row["chip"])
    return calibration.measurement_of(row, {row["model"]: model}, {row["chip"]: chip})


def day_prefill_nodes():
    """Return the nodes that the day's input keeps busy."""
    return serving.chips_needed(value("day_input_tokens"), value("day_prefill_node_rate"))


def day_decode_nodes():
    """Return the nodes that the day's output keeps busy."""
    return serving.chips_needed(value("day_output_tokens"), value("day_decode_node_rate"))


def day_nodes():
    """Return the nodes that the day's input and output keep busy."""
    return day_prefill_nodes() + day_decode_nodes()


def day_hit_share():
    """Return the share of input that the cache on disk served."""
    return value("day_cached_input_tokens") / value("day_input_tokens")


def decode_rate():
    """Return the output tokens per second of one H800."""
    return value("day_decode_node_rate") / value("deepseek_service_gpus_per_node")


def request_tokens():
    """Return a request of the day: input tokens, output tokens and the share of input in the cache."""
    output_per_input = value("day_output_tokens") / value("day_input_tokens")
    # The cache of an output token holds the input and, on average, half of the output.
    prompt = value("day_cache_length") / (1.0 + output_per_input / 2.0)
    return prompt, prompt * output_per_input, day_hit_share()
