"""Sweeps: right values, one file whole, resumed after a kill, and the same bytes from a cluster."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from analysis.errors import InputError
from reporting import ROOT
from reporting.core import results, sweep, uncertainty
from reporting.core.report import Report

GRID = """title: Rent and research
results: [cost.v3_run_usd, cost.programme_usd]
grid:
  gpu_hour_usd: [1, 2, 4]
  compute_multiplier: {low: 1, high: 100, points: 3, scale: log}
"""


def plan_of(tmp_path, text):
    path = tmp_path / "grid.yml"
    path.write_text(text, encoding="utf-8")
    return sweep.read(path)


def table(path):
    return pyarrow.parquet.read_table(path).to_pydict()


def test_a_grid_holds_every_combination_with_the_values_of_the_report(tmp_path):
    out = tmp_path / "results.parquet"
    assert sweep.run(plan_of(tmp_path, GRID), out) == 1
    rows = table(out)
    assert list(rows) == ["gpu_hour_usd", "compute_multiplier", "cost.v3_run_usd", "cost.programme_usd"]
    assert rows["gpu_hour_usd"] == [1, 1, 1, 2, 2, 2, 4, 4, 4]
    assert rows["compute_multiplier"] == pytest.approx([1, 10, 100] * 3)
    assert rows["cost.v3_run_usd"] == [2_788_000 * price for price in rows["gpu_hour_usd"]]
    for i in range(9):
        point = {name: rows[name][i] for name in ("gpu_hour_usd", "compute_multiplier")}
        assert rows["cost.programme_usd"][i] == pytest.approx(Report(point).value("cost.programme_usd"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grid.yml", "results.parquet"]


def test_numeric_and_fixed_results_can_be_swept_from_a_scenario(tmp_path):
    text = """
scenario: sceptic
results: [efficiency.r1_h200_usd, efficiency.kv_saving_equal, cost.v3_run_usd]
grid: {h200_hour_usd: [2.5, 5]}
"""
    out = tmp_path / "results.parquet"
    sweep.run(plan_of(tmp_path, text), out)
    rows = table(out)
    assert rows["efficiency.r1_h200_usd"] == [
        pytest.approx(Report({"h200_hour_usd": price}).value("efficiency.r1_h200_usd")) for price in (2.5, 5)
    ]
    assert rows["efficiency.kv_saving_equal"] == [Report().value("efficiency.kv_saving_equal")] * 2
    assert rows["cost.v3_run_usd"] == [pytest.approx(3.716 * 2_788_000)] * 2


def test_a_sample_draws_what_the_report_draws(tmp_path, monkeypatch):
    monkeypatch.setitem(sweep.CHUNK, "closed", 700)
    out = tmp_path / "results.parquet"
    assert sweep.run(plan_of(tmp_path, "results: [cost.programme_usd]\nsample: {draws: 2000}\n"), out) == 3
    drawn = uncertainty.sample(Report(), "cost.programme_usd", 2000)
    assert np.array_equal(table(out)["cost.programme_usd"], drawn)


def test_a_file_says_what_made_it_and_is_not_made_twice(tmp_path):
    plan, out = plan_of(tmp_path, GRID), tmp_path / "results.parquet"
    sweep.run(plan, out)
    before = out.stat().st_mtime_ns
    assert sweep.run(plan, out) == 0
    assert out.stat().st_mtime_ns == before
    about = pyarrow.parquet.read_schema(out).metadata[b"reporting.core.sweep"].decode()
    assert plan.fingerprint in about
    assert '"cost.v3_run_usd": "USD"' in about
    assert sweep.run(plan_of(tmp_path, GRID.replace("[1, 2, 4]", "[1, 2]")), out) == 1
    assert len(table(out)["gpu_hour_usd"]) == 6


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gpu_hour_usd", "gpu_houri", ("line 4", "did you mean 'gpu_hour_usd'")),
        ("[1, 2, 4]", "[1, 99]", ("line 4", "allows 0.05 to 50")),
        ("[1, 2, 4]", "[]", ("line 4", "no value")),
        ("low: 1,", "low: 0.5,", ("line 5", "allows 1 to 100")),
        ("points: 3", "points: 1", ("line 5", "field points")),
        ("points: 3, scale: log", "step: 3", ("line 5", "field points")),
        ("cost.v3_run_usd", "cost.v3_run_us", ("line 2", "did you mean 'cost.v3_run_usd'")),
        ("[cost.v3_run_usd, cost.programme_usd]", "some", ("line 2", "a list of keys")),
        ("title", "titel", ("line 1", "'titel' is none of")),
        ("grid:", "sample: {draws: 2}\ngrid:", ("either 'grid' or 'sample'",)),
        ("title: Rent and research", "scenario: sceptik", ("line 1", "did you mean 'sceptic'")),
        ("points: 3", "points: 900000000", ("line 5", "field points")),
        ("[1, 2, 4]", "{low: 1, high: 2, points: 1000000}\n  pue: {low: 1, high: 2, points: 1000}", ("at most 1,000",)),
    ],
)
def test_a_broken_file_is_one_line_that_says_where_and_what(tmp_path, old, new, words):
    assert old in GRID
    with pytest.raises(InputError) as caught:
        plan_of(tmp_path, GRID.replace(old, new, 1))
    message = str(caught.value)
    assert "grid.yml" in message
    assert "\n" not in message
    for word in words:
        assert word in message


#: 40 chunks of 500 rows.
LONG = """results: [cost.programme_usd, cost.fleet_year_usd, efficiency.mtp_speedup_service]
sample: {draws: 20000, seed: 7}
"""
SMALL = 500


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(sweep.CHUNK, "closed", SMALL)


SLOWLY = """
import sys, time
from pathlib import Path
from reporting.core import sweep
sweep.CHUNK["closed"] = int(sys.argv[2])
write = sweep._write
def slowly(table, path):
    write(table, path)
    time.sleep(0.05)
sweep._write = slowly
folder = Path(sys.argv[1])
sweep.run(sweep.read(folder / "grid.yml"), folder / "killed.parquet")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_it_goes_on_and_computes_no_finished_chunk_again(tmp_path, small, monkeypatch):
    plan = plan_of(tmp_path, LONG)
    whole, out = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    assert sweep.run(plan, whole) == 40
    parts = out.with_name(f".{out.name}-parts-{plan.fingerprint}")
    for most in (5, 15):  # killed twice
        process = subprocess.Popen(
            [sys.executable, "-c", SLOWLY, str(tmp_path), str(SMALL)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        while len(list(parts.glob("*.arrow"))) < most:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not out.exists()
    finished = {path.name for path in parts.glob("*.arrow")}
    assert 15 <= len(finished) < 40
    computed = []
    evaluate = sweep.evaluate_chunk
    monkeypatch.setattr(sweep, "evaluate_chunk", lambda plan, index: computed.append(index) or evaluate(plan, index))
    assert sweep.run(plan, out) == 40 - len(finished)
    assert not {f"{index:07}.arrow" for index in computed[1:]} & finished  # the first loads the modules
    assert out.read_bytes() == whole.read_bytes()
    assert not parts.exists()


def test_a_chunk_cut_short_is_computed_again(tmp_path, small):
    plan, out = plan_of(tmp_path, LONG), tmp_path / "results.parquet"
    parts = out.with_name(f".{out.name}-parts-{plan.fingerprint}")
    parts.mkdir()
    sweep._write(sweep.evaluate_chunk(plan, 3), sweep._part(parts, 3))
    sweep._write(sweep.evaluate_chunk(plan, 4), sweep._part(parts, 4))
    part = sweep._part(parts, 4)
    part.write_bytes(part.read_bytes()[:1000])
    assert sweep.run(plan, out) == 39
    assert len(table(out)["cost.programme_usd"]) == 20_000


def test_chunks_of_other_code_or_data_are_not_used(tmp_path, small, monkeypatch):
    plan, out = plan_of(tmp_path, LONG), tmp_path / "results.parquet"
    old = out.with_name(f".{out.name}-parts-{plan.fingerprint}")
    old.mkdir()
    sweep._write(sweep.evaluate_chunk(plan, 3), sweep._part(old, 3))
    monkeypatch.setattr(sweep, "state", lambda: "another state of the code")
    assert sweep.run(plan, out) == 40
    assert not old.exists()


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, processes of their own, on the loopback interface."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as running:
        yield running


def test_a_cluster_of_two_workers_gives_the_same_bytes(tmp_path, small, cluster):
    plan = plan_of(tmp_path, LONG)
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    sweep.run(plan, here)
    assert sweep.run(plan, there, cluster.scheduler_address) == 40
    assert there.read_bytes() == here.read_bytes()


def test_workers_with_other_code_are_refused(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(sweep, "state", lambda: "another state of the code")
    with pytest.raises(InputError, match="another version"):
        sweep.run(plan_of(tmp_path, GRID), tmp_path / "there.parquet", cluster.scheduler_address)


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:1", "nonsense://x", "nonsense", "tcp://[", "tcp://x:99999", "tcp://:1", "tcp://x\u3002:1"],
)
def test_a_cluster_that_is_not_there_is_one_plain_line(tmp_path, address, monkeypatch):
    monkeypatch.setattr(sweep, "TIMEOUT_S", 1)
    with pytest.raises(InputError, match="--dask") as caught:
        sweep.run(plan_of(tmp_path, GRID), tmp_path / "there.parquet", address)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["grid.yml"]


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios" / "sweeps").glob("*.yml")), ids=lambda path: path.stem)
def test_shipped_sweeps_are_valid(path):
    assert sweep.read(path).rows > 1000


def test_all_means_every_result(tmp_path):
    assert plan_of(tmp_path, "results: all\nsample: {draws: 2}\n").results == tuple(results.registry())


def test_other_sweeps_beside_it_are_left_alone(tmp_path):
    plan = plan_of(tmp_path, GRID)
    print16 = "0123456789abcdef"
    others = [f".{name}-parts-{print16}" for name in ("results.parquet", "r-parts-x", f"r-parts-{print16}", "rr")]
    kept = [*others, ".r-parts-notes", ".r-parts-0123456789ABCDEF"]
    for name in [*kept, f".r-parts-{print16}", f".[r]*?-parts-{print16}"]:
        (tmp_path / name).mkdir()
    sweep.run(plan, tmp_path / "r")
    sweep.run(plan, tmp_path / "[r]*?")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "grid.yml", "r", "[r]*?"])


def test_a_full_disk_is_one_line_that_names_the_output_and_what_was_done_stays(tmp_path, small, monkeypatch):
    plan, out, write = plan_of(tmp_path, LONG), tmp_path / "results.parquet", sweep._write

    def fill(table, path):
        if path.name > "0000003":
            raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")
        write(table, path)

    monkeypatch.setattr(sweep, "_write", fill)
    with pytest.raises(InputError, match=r"results\.parquet: cannot be written \(No space left on device\)$"):
        sweep.run(plan, out)
    monkeypatch.undo()
    monkeypatch.setitem(sweep.CHUNK, "closed", SMALL)
    assert 0 < sweep.run(plan, out) <= 40


def test_an_output_that_cannot_be_written_is_one_plain_line(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        sweep.run(plan_of(tmp_path, GRID), Path(tmp_path / "grid.yml" / "out.parquet"))
