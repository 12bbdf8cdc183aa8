"""Chips, what they reach in service, and what an hour of them costs their owner."""

from analysis import calibration, ownership, serving
from reporting.inputs import facts

value = facts.value


def chip(name):
    """Return a chip of ``data/chips.csv`` as serving sees it."""
    return calibration.chip_of(facts.row("chips", name))


def _chip_row(name):
    # An A800 is an A100 with slower links.
    return facts.row("chips", "a100" if name == "a800" else name)


def peak_flops(name):
    """Return the dense 16-bit peak of a chip, FLOP/s."""
    return _chip_row(name)["bf16_flops"]


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


#: One server of eight H200: attention copied on every GPU, experts spread.
H200_SERVER = serving.Layout(
    chips=8.0, tensor_parallel=1.0, expert_parallel=1.0, weight_bits=8.0, expert_bits=8.0, dispatch_bits=8.0
)


# What a GPU-hour costs its owner

#: Servers whose price is a fact, by the chip in them.
_SERVERS = {"a800": "dgx_a100_2020", "h100": "dgx_h100_semianalysis_2023"}


def gpu_capex_usd(a, name="h800"):
    """Return the price of a GPU with its share of server and network."""
    if name in _SERVERS:
        server = facts.row("server_prices", _SERVERS[name])
        return server["usd"] / server["gpus"] + a.network_usd_per_gpu
    server_usd = a.h20_server_usd if name == "h20" else a.h800_server_usd
    return server_usd / value("deepseek_service_gpus_per_node") + a.network_usd_per_gpu


def gpu_power_kw(a, name="h800"):
    """Return a GPU's share of a server's power; a board that draws less than an H800 takes as much off it."""
    power_kw = a.server_power_kw / value("deepseek_service_gpus_per_node")
    if name == "h800":
        return power_kw
    return power_kw - (_chip_row("h800")["power_w"] - _chip_row(name)["power_w"]) / 1000.0


def owner_capital_usd(a, name="h800"):
    """Return the owner's capital per used hour of a GPU."""
    existing = ownership.capital_usd_per_hour(
        gpu_capex_usd(a, name), a.cost_of_capital, a.server_life_years, a.residual_share
    )
    return ownership.per_used_hour(existing, a.fleet_utilisation)


def owner_hosting_usd(a, name="h800"):
    """Return the owner's hosting per used hour of a GPU."""
    existing = ownership.hosting_usd_per_hour(gpu_power_kw(a, name), a.facility_usd_per_kw_month)
    return ownership.per_used_hour(existing, a.fleet_utilisation)


def owner_energy_usd(a, name="h800"):
    """Return the owner's electricity per used hour of a GPU."""
    existing = ownership.energy_usd_per_hour(
        gpu_power_kw(a, name), a.average_draw_share, a.pue, a.electricity_usd_per_kwh
    )
    return ownership.per_used_hour(existing, a.fleet_utilisation)


def owner_operations_usd(a, name="h800"):
    """Return the owner's operations per used hour of a GPU."""
    existing = ownership.operations_usd_per_hour(gpu_capex_usd(a, name), a.operations_share)
    return ownership.per_used_hour(existing, a.fleet_utilisation)


def owner_gpu_hour_usd(a, name="h800"):
    """Return what a used hour of a GPU costs its owner."""
    return (
        owner_capital_usd(a, name)
        + owner_hosting_usd(a, name)
        + owner_energy_usd(a, name)
        + owner_operations_usd(a, name)
    )
