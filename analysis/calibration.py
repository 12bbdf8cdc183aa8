"""How the serving roofline's efficiencies are set, and how far published throughput lies from it.

A measurement is one published figure with its setting. Two parts of the measurements set six
coefficients; the others judge them, and none was fitted on. Three more coefficients are published
measurements of their own.

- **Dense models under TensorRT-LLM 1.0** set how much of peak compute (apart for 4-bit units) and of the
  links matrix products and sums reach, what activations cost, and the fixed cost of a layer. One publication,
  one version, four chips, one to eight of them, short and long prompts; dense, so that nothing about experts
  is fitted.
- **SGLang's two-batch overlap on 96 H100** sets the share of exchange that two micro-batches hide, which no
  deployment without them can show.
- `MEMORY`, `ALL_TO_ALL` and `EXCHANGE_CORES` are what DeepSeek says of its own kernels and network on the
  H800.
"""

from typing import NamedTuple

import numpy as np

from analysis import serving
from analysis.errors import InputError
from analysis.serving import Chip, Efficiency, Layout, Model

#: FlashMLA reads 3,000 of the H800's 3,350 GB/s (README of deepseek-ai/open-infra-index, Day 1).
MEMORY = 3000 / 3350
#: 40 of 50 GB/s between nodes and 160 of 200 within (Zhao and others 2025, section 4.3).
ALL_TO_ALL = 0.8
#: 20 of 132 multiprocessors (DeepSeek-V3 technical report, section 3.2.2); decode's low-latency kernels take
#: none (README of deepseek-ai/profile-data).
EXCHANGE_CORES = 20 / 132

DENSE_COEFFICIENTS = ("compute", "compute_fp4", "all_reduce", "activation_passes", "layer_overhead_s")
_START = {
    "compute": 0.6,
    "compute_fp4": 0.5,
    "all_reduce": 0.6,
    "activation_passes": 1.0,
    "layer_overhead_s": 5e-5,
}
_UPPER = {
    "compute": 1.0,
    "compute_fp4": 1.0,
    "all_reduce": 1.0,
    "activation_passes": np.inf,
    "layer_overhead_s": np.inf,
}
_ROBUST_SCALE = 0.1

#: What `fit` gives on the measurements of ``data/throughput.csv``, rounded; a test holds the two together.
REFERENCE = Efficiency(
    compute=0.664,
    compute_fp4=0.416,
    memory=MEMORY,
    all_reduce=0.576,
    all_to_all=ALL_TO_ALL,
    activation_passes=1.34,
    layer_overhead_s=4.04e-5,
    overlap=0.686,
    exchange_cores=EXCHANGE_CORES,
)

_CHIPS_PER_UNIT = {"tok/s/gpu": 1.0, "tok/s/node": 8.0}


class Measurement(NamedTuple):
    """A published throughput and its setting.

    Attributes
    ----------
    id : str
    model : Model
    chip : Chip
    layout : Layout
    phase : {"batch", "decode", "prefill"}
        A job of equal requests (see `serving.batch_job`), or one phase alone.
    setting : mapping of str to float
        Input and output tokens, requests, sequences, context, and so on; None where it does not apply.
    measured : float
        Tokens per second and chip.
    era, part : str
        Software generation; ``"fit"`` or ``"judge"``.
    """

    id: str
    model: Model
    chip: Chip
    layout: Layout
    phase: str
    setting: dict
    measured: float
    era: str
    part: str


def chip_of(row):
    """Return a chip from its row in ``data/chips.csv``.

    Parameters
    ----------
    row : mapping
        Blank numbers are None. Without units for a width the next wider rate stands in; an unknown link is
        NaN.

    Returns
    -------
    Chip
    """

    def number(name, otherwise=float("nan")):
        return otherwise if row[name] is None else row[name]

    flops_16 = number("bf16_flops")
    flops_8 = number("fp8_flops", flops_16)
    return Chip(
        flops_16=flops_16,
        flops_8=flops_8,
        flops_4=number("fp4_flops", flops_8),
        memory_bytes=number("mem_bytes"),
        memory_bandwidth=number("mem_bw_bytes_s"),
        link_bandwidth=number("link_bytes_s_each_way"),
        nic_bandwidth=number("nic_bytes_s_each_way"),
        watts=number("power_w"),
    )


def measurement_of(row, models, chips):
    """Return a measurement from its row in ``data/throughput.csv``.

    Parameters
    ----------
    row : mapping
        Blank numbers are None.
    models, chips : mapping of str to Model, and of str to Chip
        By the names in the row.

    Returns
    -------
    Measurement

    Raises
    ------
    InputError
        If the unit or the phase is not known.
    """
    unit = row["unit"]
    if unit != "tok/s/system" and unit not in _CHIPS_PER_UNIT:
        raise InputError(f"throughput measurement '{row['id']}': unknown unit '{unit}'")
    if row["phase"] not in ("batch", "decode", "prefill"):
        raise InputError(f"throughput measurement '{row['id']}': unknown phase '{row['phase']}'")
    layout = Layout(
        chips=row["chips"],
        tensor_parallel=row["tensor_parallel"],
        expert_parallel=row["expert_parallel"],
        chips_per_domain=row["chips_per_domain"],
        redundant_experts=row["redundant_experts"],
        weight_bits=row["weight_bits"],
        expert_bits=row["expert_bits"],
        kv_bits=row["kv_bits"],
        attention_bits=row["attention_bits"],
        dispatch_bits=row["dispatch_bits"],
        micro_batches=row["micro_batches"],
        node_limit=row["node_limit"],
    )
    names = (
        "input_tokens",
        "output_tokens",
        "cached_share",
        "requests",
        "sequences_per_gpu",
        "prefill_tokens_per_gpu",
        "context_tokens",
        "drafts",
        "acceptance",
    )
    return Measurement(
        id=row["id"],
        model=models[row["model"]],
        chip=chips[row["chip"]],
        layout=layout,
        phase=row["phase"],
        setting={name: row[name] for name in names},
        measured=row["value"] / _CHIPS_PER_UNIT.get(unit, row["chips"]),
        era=row["era"],
        part=row["part"],
    )


def batch_of(measurement):
    """Return the sequences served at once on each copy of attention: as published, else the largest that fit.

    Parameters
    ----------
    measurement : Measurement
        One that decodes.

    Returns
    -------
    float

    Notes
    -----
    The largest batch reserves each sequence's whole length in 0.9 of what the weights leave
    (`serving.largest_batch`) and is never more than the job's requests.
    """
    p, setting = measurement, measurement.setting
    if setting["sequences_per_gpu"] is not None:
        return setting["sequences_per_gpu"] * p.layout.tensor_parallel
    if p.phase == "decode":
        return float(serving.largest_batch(p.model, p.chip, p.layout, setting["context_tokens"]))
    reserved = setting["input_tokens"] + setting["output_tokens"]
    copies = p.layout.chips / p.layout.tensor_parallel
    return min(float(serving.largest_batch(p.model, p.chip, p.layout, reserved)), setting["requests"] / copies)


def predict(measurement, efficiency):
    """Return the throughput that the roofline gives for a measurement.

    Parameters
    ----------
    measurement : Measurement
    efficiency : Efficiency

    Returns
    -------
    float
        Tokens per second and chip, of the kind the measurement counts.
    """
    p, setting = measurement, measurement.setting
    where = (p.model, p.chip, p.layout, efficiency)
    if p.phase == "prefill":
        tokens = setting["prefill_tokens_per_gpu"] * p.layout.tensor_parallel
        speed = serving.prefill(*where, tokens, setting["input_tokens"], setting["cached_share"])
        return float(speed.tokens_per_second_per_chip)
    if p.phase == "decode":
        drafts = int(setting["drafts"])
        speed = serving.decode(*where, batch_of(p), setting["context_tokens"], setting["acceptance"], drafts)
        return float(speed.tokens_per_second_per_chip)
    slots = batch_of(p) * p.layout.chips / p.layout.tensor_parallel
    rate = serving.batch_job(*where, setting["requests"], slots, setting["input_tokens"], setting["output_tokens"])
    return float(rate) / p.layout.chips


def ratios(measurements, efficiency):
    """Return predicted over measured throughput.

    Parameters
    ----------
    measurements : sequence of Measurement
    efficiency : Efficiency

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the order of the measurements.
    """
    return np.array([predict(measurement, efficiency) / measurement.measured for measurement in measurements])


def median_absolute_error(measurements, efficiency):
    """Return the median of ``|predicted / measured - 1|`` over measurements.

    Parameters
    ----------
    measurements : sequence of Measurement
    efficiency : Efficiency

    Returns
    -------
    float
    """
    return float(np.median(np.abs(ratios(measurements, efficiency) - 1.0)))


def _fit(measurements, names, efficiency):
    from scipy.optimize import least_squares

    start = np.array([_START.get(name, getattr(efficiency, name)) for name in names])
    upper = [_UPPER.get(name, 1.0) for name in names]

    def residuals(scaled):
        return np.log(ratios(measurements, efficiency._replace(**dict(zip(names, scaled * start, strict=True)))))

    solved = least_squares(
        residuals,
        np.ones(len(names)),
        bounds=(np.zeros(len(names)), upper / start),
        loss="soft_l1",
        f_scale=_ROBUST_SCALE,
    )
    return efficiency._replace(**{n: float(v) for n, v in zip(names, solved.x * start, strict=True)})


def fit(measurements, memory=MEMORY, all_to_all=ALL_TO_ALL, exchange_cores=EXCHANGE_CORES):
    """Set the efficiencies from the parts of the measurements that are there to be fitted.

    Parameters
    ----------
    measurements : sequence of Measurement
        All of them; only those of part ``"fit"`` are used: jobs of dense models first, then, with what they
        set, decode with two micro-batches.
    memory, all_to_all, exchange_cores : float
        Efficiencies that are published, not fitted.

    Returns
    -------
    Efficiency

    Notes
    -----
    Least squares over the logarithm of predicted over measured, with a loss that turns from square to linear
    at about 10%, so that a few odd measurements do not bend the rest. Deterministic.
    """
    chosen = [measurement for measurement in measurements if measurement.part == "fit"]
    published = {"memory": memory, "all_to_all": all_to_all, "exchange_cores": exchange_cores}
    start = Efficiency(overlap=0.5, **published, **_START)
    dense = _fit([measurement for measurement in chosen if measurement.phase == "batch"], DENSE_COEFFICIENTS, start)
    return _fit([measurement for measurement in chosen if measurement.phase == "decode"], ("overlap",), dense)
