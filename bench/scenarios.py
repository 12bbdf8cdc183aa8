"""Measure scenarios: draws a second for all closed results, sweeps here and on a Dask cluster, a run cold and warm.

Run with ``python bench/scenarios.py [--quick] [--no-run]``. The cluster is two worker processes on this machine. A cold
run has no compiled modules; a warm one follows it. Exits with 1 if a million draws of every closed result take more
than 30 s of processor time, if they need more than 600 MB, or if the cluster's file differs from this process's.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reporting.core import results, sweep, uncertainty  # noqa: E402
from reporting.core.report import Report  # noqa: E402

DRAWS_TARGET_S = 30.0
MEMORY_TARGET_MB = 600.0


def held_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(function):
    start = time.perf_counter()
    returned = function()
    return time.perf_counter() - start, returned


def draws(count):
    """Return the seconds for quantiles of every closed result, and their number."""
    report = Report()
    keys = [key for key, declared in results.registry().items() if declared.kind == "closed"]
    uncertainty.quantiles(report, keys, (0.1, 0.5, 0.9), uncertainty.CHUNK)
    return seconds(lambda: uncertainty.quantiles(report, keys, (0.1, 0.5, 0.9), count))[0], len(keys)


def sweeps(count, folder):
    """Return the seconds of one sweep here and on two workers, the plan, and whether the files are the same."""
    from distributed import LocalCluster

    grid = folder / "grid.yml"
    grid.write_text(f"results: closed\nsample: {{draws: {count}}}\n", encoding="utf-8")
    plan = sweep.read(grid)
    here, there, warm = (folder / f"{name}.parquet" for name in ("here", "there", "warm"))
    own, _ = seconds(lambda: sweep.run(plan, here))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        grid.write_text("results: closed\nsample: {draws: 100000}\n", encoding="utf-8")
        sweep.run(sweep.read(grid), warm, cluster.scheduler_address)  # the workers load their modules
        shared, _ = seconds(lambda: sweep.run(plan, there, cluster.scheduler_address))
    return own, shared, plan, here.read_bytes() == there.read_bytes()


def whole_run(folder, environment):
    command = [sys.executable, "-m", "analysis", "run", "sceptic", "--out", str(folder / "site")]
    return seconds(lambda: subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True))[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws and rows")
    parser.add_argument("--no-run", action="store_true", help="leave the runs of the whole report out")
    options = parser.parse_args()
    count = 100_000 if options.quick else 1_000_000
    missed = []

    before, used = held_mb(), time.process_time()
    took, keys = draws(count)
    used = time.process_time() - used
    more = held_mb() - before
    print(
        f"draws           {count:,} of {keys} closed results in {took:.1f} s ({used:.1f} s of processor time): "
        f"{count / took:,.0f} draws a second, {more:.0f} MB more at the peak"
    )
    if used > DRAWS_TARGET_S or more > MEMORY_TARGET_MB:
        missed.append("draws")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own, shared, plan, same = sweeps(count // 2, folder)
        for what, each in (("in process", own), ("two workers", shared)):
            print(
                f"sweep {what:12} {plan.rows:,} rows of {len(plan.results)} results in {each:.1f} s: "
                f"{plan.rows / each:,.0f} rows a second, the file included"
            )
        print(f"                the two files are {'the same to the byte' if same else 'DIFFERENT'}")
        if not same:
            missed.append("sweep")
        if not options.no_run:
            cache = folder / "bytecode"
            environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(cache)}
            for what in ("cold", "warm"):
                print(f"run, {what:11} {whole_run(folder, environment):.0f} s for chapters, site and difference")
            shutil.rmtree(cache, ignore_errors=True)
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
