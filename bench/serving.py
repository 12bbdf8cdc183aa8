"""Measure the serving roofline: a million configurations, against other tools and against hand-fused NumPy.

Run with ``python bench/serving.py [--quick] [--no-peers]``. Peers are installed into environments of their
own under ``_build/bench`` (versions in ``bench/requirements.txt``); one that cannot be installed is named and
left out. Exits with 1 if a target is missed: at least 1,000 configurations in the time llm-analysis takes for
one, ahead of every other peer, at most three times the fused evaluation, and 0.3 s for a fresh process with
one evaluation.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import venv
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis import Architecture, serving  # noqa: E402
from analysis.calibration import REFERENCE  # noqa: E402
from reporting import DATA  # noqa: E402

PEERS = ("llm-analysis", "servcalc", "aiconfigurator")
ENVIRONMENTS = ROOT / "_build" / "bench"
LLM_ANALYSIS_TARGET = 1000.0
FUSED_TARGET = 3.0
FRESH_TARGET_S = 0.3
REPEATS = 7

CONFIGS = DATA / "model_configs"
FRESH = """
import json
import pathlib
import analysis
from analysis import serving
from analysis.calibration import REFERENCE
config = json.loads(pathlib.Path("data/model_configs/deepseek-v3.json").read_text("utf-8"))["config"]
model = serving.model_of(analysis.Architecture.from_hf_config(config))
chip = serving.Chip(9.9e14, 1.98e15, 1.98e15, 8.6e10, 3.35e12, 2e11, 5e10, 700.0)
layout = serving.Layout(chips=144.0, expert_parallel=1.0, weight_bits=8.0, expert_bits=8.0, dispatch_bits=8.0)
serving.decode(model, chip, layout, REFERENCE, 88.0, 4989.0)
"""


def configuration(name):
    """Return a published model configuration."""
    return json.loads((CONFIGS / f"{name}.json").read_text("utf-8"))["config"]


def configurations(count):
    """Return columns that vary batch, context, chips and their figures, layout and price; always the same."""
    rng = np.random.default_rng(3)
    parallel = rng.choice([1.0, 2.0, 4.0, 8.0], count)
    return {
        "sequences": rng.uniform(1, 256, count),
        "context": rng.uniform(128, 32768, count),
        "chips": parallel * rng.choice([8.0, 16.0, 32.0, 64.0], count),
        "parallel": parallel,
        "flops_16": rng.uniform(1e14, 2.5e15, count),
        "flops_8": rng.uniform(3e14, 5e15, count),
        "bandwidth": rng.uniform(1e12, 8e12, count),
        "link": rng.uniform(1e11, 9e11, count),
        "nic": rng.uniform(2.5e10, 1e11, count),
        "price": rng.uniform(1, 6, count),
    }


def ours(model, efficiency):
    """Return the evaluation of one piece by `analysis.serving`."""

    def evaluate(sequences, context, chips, parallel, flops_16, flops_8, bandwidth, link, nic, price):
        chip = serving.Chip(flops_16, flops_8, flops_8, 8.6e10, bandwidth, link, nic, 700.0)
        layout = serving.Layout(
            chips=chips,
            tensor_parallel=parallel,
            expert_parallel=1.0,
            weight_bits=8.0,
            expert_bits=8.0,
            dispatch_bits=8.0,
            redundant_experts=32.0,
            micro_batches=2.0,
        )
        speed = serving.decode(model, chip, layout, efficiency, sequences, context, 0.85, 1)
        return (*speed, serving.usd_per_million_tokens(speed.tokens_per_second_per_chip, price))

    return evaluate


def fused(columns, model, efficiency, chunk):
    """Evaluate the same arithmetic by hand: constants folded, every array written in place, equal pieces."""
    m, e = model, efficiency
    count = columns["sequences"].size
    out = np.empty((4, count))
    buffers = np.empty((6, chunk))
    resident = m.experts + 32.0
    routed = m.experts_per_token * m.expert_parameters * m.moe_layers
    products = 4.0 * (m.dense_parameters + routed) / e.compute
    head = 4.0 * m.head_parameters / e.compute
    scores = 2.0 * m.layers * m.decode_attention_flops / e.compute
    dense_bytes = 2.0 * (m.dense_parameters * 8.0 + m.head_parameters * 16.0) / 8.0 / e.memory
    expert_bytes = 2.0 * resident * m.expert_parameters * m.moe_layers / e.memory
    cache = m.layers * m.kv_elements * 2.0 / e.memory
    passes = 2.0 * e.activation_passes / e.memory
    stream = 2.0 * m.stream_elements * passes
    inner = 2.0 * (m.inner_elements + m.latent_elements) * passes
    overhead = m.layers * 2.0 * e.layer_overhead_s
    reduced = 2.0 * 2.0 * m.layers * m.hidden_size * 2.0 * 2.0 / e.all_reduce
    sent = 2.0 * m.moe_layers * m.hidden_size * 3.0 * m.experts_per_token / e.all_to_all
    drafted = 1.0 + m.draft_share
    for start in range(0, count, chunk):
        part = slice(start, min(start + chunk, count))
        size = part.stop - part.start
        s, c, n, t, f16, f8, bw, link, nic, price = (columns[name][part] for name in columns)
        a, b, d, x, local, each = (buffer[:size] for buffer in buffers)
        np.divide(s, t, out=each)  # sequences for each chip of a copy
        np.divide(products, f8, out=local)
        np.multiply(c, scores, out=a)
        np.add(a, head, out=a)
        np.divide(a, f16, out=a)
        np.add(local, a, out=local)
        np.multiply(local, each, out=local)
        np.multiply(each, n, out=a)  # tokens routed together by one of two micro-batches
        np.power(1.0 - m.experts_per_token / resident, a, out=a)
        np.subtract(1.0, a, out=a)
        np.multiply(a, expert_bytes, out=a)
        np.divide(a, n, out=a)
        np.divide(dense_bytes, t, out=b)
        np.add(a, b, out=a)
        np.multiply(c, cache, out=b)  # latent attention: not divided
        np.add(b, stream, out=b)
        np.multiply(b, s, out=b)
        np.add(a, b, out=a)
        np.multiply(each, inner, out=b)
        np.add(a, b, out=a)
        np.divide(a, bw, out=a)
        np.add(local, a, out=local)
        np.add(local, overhead, out=local)
        np.subtract(1.0, np.divide(1.0, t, out=a), out=a)
        np.multiply(a, s, out=a)
        np.multiply(a, reduced, out=a)
        np.divide(a, link, out=x)
        np.minimum(n, 8.0, out=a)
        np.subtract(a, 1.0, out=a)
        np.divide(a, n, out=a)
        np.divide(a, link, out=a)
        np.maximum(np.divide(n, 8.0, out=b), 1.0, out=b)
        np.subtract(1.0, np.divide(1.0, b, out=b), out=b)
        np.divide(b, nic, out=b)
        np.maximum(a, b, out=a)
        np.multiply(a, each, out=a)
        np.multiply(a, sent, out=a)
        np.add(x, a, out=x)
        np.minimum(x, local, out=d)
        np.multiply(d, e.overlap, out=d)
        np.add(local, x, out=local)
        np.subtract(local, d, out=local)
        step = np.multiply(local, drafted, out=out[0, part])
        np.divide(step, 1.85, out=out[1, part])
        np.multiply(each, 1.85, out=a)
        rate = np.divide(a, step, out=out[2, part])
        np.multiply(rate, 3.6e-3, out=a)
        np.divide(price, a, out=out[3, part])
    return out


def fastest(*functions, clock=time.process_time):
    """Return the shortest of some runs of each function in seconds, and what each returns.

    The functions take turns, and the clock counts this process alone: other work on the machine slows both
    alike.
    """
    times = [[] for _ in functions]
    results = [None for _ in functions]
    for _ in range(REPEATS):
        for index, function in enumerate(functions):
            start = clock()
            results[index] = function()
            times[index].append(clock() - start)
    return [min(each) for each in times], results


def peer_seconds(peer):
    """Install a peer and return its seconds for one configuration, or None and the reason."""
    place = ENVIRONMENTS / peer
    python = place / "bin" / "python"
    pins = (ROOT / "bench" / "requirements.txt").read_text("utf-8").splitlines()
    pin = next(line for line in pins if line.split("==")[0] == peer)
    try:
        if not (place / "installed").exists():
            venv.create(place, with_pip=True, clear=True)
            subprocess.run(
                [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pin],
                check=True,
                capture_output=True,
                text=True,
                timeout=900,
            )
            (place / "installed").touch()
        script = ROOT / "bench" / "peers" / f"{peer.replace('-', '_')}.py"
        run = subprocess.run(
            [python, script, json.dumps(configuration("llama-3.1-8b"))],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=place,
        )
        measured = json.loads(run.stdout.strip().splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        said = getattr(error, "stderr", None) or str(error)
        return None, str(said).strip().splitlines()[-1]
    return measured["seconds"] / measured["configurations"], pin


def fresh_process():
    """Return the seconds of a new process that imports the package and evaluates one configuration."""
    command = [sys.executable, "-c", FRESH]
    (seconds,), _ = fastest(lambda: subprocess.run(command, check=True, cwd=ROOT), clock=time.perf_counter)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the configurations")
    parser.add_argument("--no-peers", action="store_true", help="install and run no other tool")
    options = parser.parse_args()
    count = 100_000 if options.quick else 1_000_000

    model = serving.model_of(Architecture.from_hf_config(configuration("deepseek-v3")))
    columns = configurations(count)
    evaluate = ours(model, REFERENCE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    serving.evaluate_chunked(evaluate, columns)
    held = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    (own, by_hand), (result, expected) = fastest(
        lambda: serving.evaluate_chunked(evaluate, columns),
        lambda: fused(columns, model, REFERENCE, serving.CHUNK),
    )
    np.testing.assert_allclose(np.array(result), expected, rtol=1e-9)

    each = own / count
    print(
        f"analysis.serving  {count:,} configurations in {own:.3f} s: {each * 1e9:.0f} ns each, "
        f"{held:.0f} MB more at the peak (results take {4 * 8 * count / 2**20:.0f})"
    )
    print(
        f"fused NumPy       {by_hand / count * 1e9:.0f} ns each: ours takes {own / by_hand:.2f} times that "
        f"(target: at most {FUSED_TARGET:g})"
    )
    missed = [] if own <= FUSED_TARGET * by_hand else ["fused NumPy"]
    for peer in () if options.no_peers else PEERS:
        seconds, said = peer_seconds(peer)
        if seconds is None:
            print(f"{peer:17} left out, could not be installed or run: {said}")
            continue
        target = LLM_ANALYSIS_TARGET if peer == "llm-analysis" else 1.0
        print(
            f"{said:17} {seconds * 1e6:.1f} us each: ours is {seconds / each:,.0f} times as fast "
            f"(target: {target:,.0f})"
        )
        if seconds / each < target:
            missed.append(peer)
    seconds = fresh_process()
    print(f"fresh process     import and one evaluation in {seconds:.3f} s (target: below {FRESH_TARGET_S:g})")
    if seconds >= FRESH_TARGET_S:
        missed.append("fresh process")
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
