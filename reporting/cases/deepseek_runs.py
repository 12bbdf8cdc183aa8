"""DeepSeek's runs, V3's and R1's: hours, compute, days and dollars."""

from analysis import training
from reporting.cases import hardware
from reporting.inputs import facts

value = facts.value


def v3_gpu_hours():
    """Return the GPU-hours of V3's official run: pre-training, longer context, post-training."""
    return (
        value("v3_pretraining_gpu_hours")
        + value("v3_context_extension_gpu_hours")
        + value("v3_post_training_gpu_hours")
    )


def r1_gpu_hours():
    """Return the GPU-hours that lead from V3 to R1."""
    return value("r1_zero_gpu_hours") + value("r1_sft_data_gpu_hours") + value("r1_gpu_hours")


def v3_run_usd(a):
    """Return V3's official run, rented."""
    return training.run_cost(v3_gpu_hours(), a.gpu_hour_usd)


def r1_rl_usd(a):
    """Return what leads from V3 to R1, rented."""
    return training.run_cost(r1_gpu_hours(), a.gpu_hour_usd)


def v3_r1_usd(a):
    """Return both runs, rented."""
    return training.run_cost(v3_gpu_hours() + r1_gpu_hours(), a.gpu_hour_usd)


def programme_usd(a):
    """Return the research compute and staff around both runs, with them."""
    return training.programme_cost(v3_r1_usd(a), a.compute_multiplier, a.staff_share)


def v3_days():
    """Return the days of V3's pre-training on its cluster."""
    return training.wall_days(value("v3_pretraining_gpu_hours"), value("v3_gpu_count"))


def v3_cluster_usd(a):
    """Return the purchase price of that cluster."""
    return value("v3_gpu_count") * hardware.gpu_capex_usd(a)


def v3_flop_6nd():
    """Return V3's pre-training compute by 6ND."""
    return training.dense_flops(value("v3_active_parameters"), value("v3_pretraining_tokens"))


def v3_flop(causal):
    """Return V3's pre-training compute with attention counted causally or in full."""
    attention = training.attention_flops_per_token(
        value("v3_layers"),
        value("v3_attention_heads"),
        value("v3_qk_head_dim"),
        value("v3_v_head_dim"),
        value("v3_sequence_length"),
        causal,
    )
    return training.flops_per_token(value("v3_matmul_parameters"), attention) * value("v3_pretraining_tokens")


def v3_flop_causal():
    """Return V3's pre-training compute, attention counted as a causal mask leaves it."""
    return v3_flop(causal=True)
