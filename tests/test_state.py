"""What the report says is what was last kept: here, and in another time zone, locale and order of hashing."""

import json
import os
import subprocess
import sys

import pytest

from reporting import ROOT
from reporting.core import claims, results
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.publishing import state

HINT = "look at what moved; if it is meant, run `python -m analysis state --write`"


@pytest.fixture(scope="module")
def now():
    return state.lines(Report())


def test_the_report_says_what_was_kept(now):
    moved = state.differences(state.read(), now)
    assert not moved, "\n".join([HINT, *moved])


def test_everything_that_can_be_cited_has_a_line(now):
    assert {*results.registry(), *figures.registry(), *claims.parts()} <= now.keys()


def test_what_is_written_is_read_again(now, tmp_path, monkeypatch):
    monkeypatch.setattr(state, "FILE", tmp_path / "state.txt")
    state.write(now)
    assert state.read() == now
    before = {**now, "cost.v3_run_usd": "000000 words 000000", "cost.gone": "1"}
    assert [line.split(":")[0] for line in state.differences(before, now)] == ["cost.v3_run_usd", "cost.gone"]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", pytest.param("America/New_York", marks=pytest.mark.deep)])
def test_a_chapter_comes_out_the_same_elsewhere(zone):
    """Its figures are drawn again in a kernel over there, and compared with the stored ones byte by byte."""
    elsewhere = {**os.environ, "TZ": zone, "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4711"}
    elsewhere.pop("PYTHONUTF8", None)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "-q",
        "-p",
        "no:cacheprovider",
        "--durations=0",
        str(ROOT / "book" / "cost-claims.ipynb"),
    ]
    ran = subprocess.run(command, cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]


def test_fingerprints_are_the_same_elsewhere():
    elsewhere = {**os.environ, "TZ": "Europe/Berlin", "LC_ALL": "C", "PYTHONHASHSEED": "815"}
    elsewhere.pop("PYTHONUTF8", None)
    program = "import json; from reporting.publishing import state; print(json.dumps(state.lines(prefix='cost')))"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=True
    )
    told = json.loads(ran.stdout)
    kept = state.read()
    assert told
    assert told == {name: kept[name] for name in told}
