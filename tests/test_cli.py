"""The command line as a reader uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reporting import console
from reporting.core import claims as ledger


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "analysis", *arguments], capture_output=True, text=True, check=False)


def results(*arguments):
    done = run("results", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["results"]


def test_results_as_json():
    values = results()
    assert values["cost.v3_run_usd"]["value"] == 5_576_000
    assert values["cost.v3_run_usd"]["unit"] == "USD"
    assert values["cost.r1_rl_usd"]["value"] == 294_000


def test_another_price():
    assert results("--set", "gpu_hour_usd=3")["cost.v3_run_usd"]["value"] == 8_364_000


def test_the_same_inputs_give_the_same_bytes():
    assert run("results", "--json").stdout == run("results", "--json").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["results", "--set", "gpu_hour_usd=-1"], "'gpu_hour_usd': -1 is out of range"),
        (["results", "--set", "gpu_houri=3"], "did you mean 'gpu_hour_usd'?"),
        (["results", "--sets", "x"], "No such option"),
        (["resluts"], "No such command"),
        (["execute", "cost-claim"], "did you mean 'cost-claims'?"),
        (["build", "--set", "pue=0"], "out of range"),
        (["flip", "c12"], "did you mean 'C12'?"),
    ],
)
def test_a_readers_error_is_one_plain_line_and_exit_code_2(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("analysis: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


@pytest.mark.parametrize("command", ["results", "assumptions", "claims"])
def test_lists_for_people(command):
    done = run(command)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 5
    assert "\u00a0" not in done.stdout


@pytest.mark.parametrize(
    ("encoding", "arguments", "words"),
    [
        ("cp1252", ["results"], "V3's official run, rented"),
        ("cp1252", ["diff", "base", "base"], " -> base@"),
        ("cp1252", ["--help"], "Usage"),
        ("ascii", ["results", "--set", "gpu_hour_usd=−3”"], "is not a number"),
        ("ascii", ["results", "--json"], '"cost.v3_run_usd"'),
    ],
)
def test_any_console_can_show_it(encoding, arguments, words):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "analysis", *arguments]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    told = (done.stdout + done.stderr).decode(encoding)
    assert "Traceback" not in told
    assert done.returncode == (2 if "--set" in arguments else 0)
    assert words in told.replace("’", "'")
    if "--json" in arguments:
        assert json.loads(done.stdout.decode(encoding))["results"] == results()


def test_signs_that_an_encoding_lacks_become_the_nearest():
    text = "−5 × “two” … ≤ é ü\u00a0→ 数"
    assert text.encode("ascii", console.HANDLER) == b'-5 x "two" ... <= e u -> \\u6570'
    assert text.encode("utf-8", console.HANDLER) == text.encode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_output_that_cannot_be_written_is_one_line():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "analysis", "claims"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "analysis: standard output: No space left on device\n")


def test_help_without_a_command():
    done = run()
    assert "results" in done.stdout + done.stderr


def test_claims_as_json_carry_verdict_reason_and_results():
    claims = json.loads(run("claims", "--json").stdout)["claims"]
    assert [claim["id"] for claim in claims] == list(ledger.claims())
    assert all(claim["weight"] in ledger.WEIGHTS for claim in claims)
    parts = [part for claim in claims for part in claim["parts"]]
    assert [part["id"] for part in parts] == list(ledger.parts())
    told = {
        "text",
        "kind",
        "question",
        "so",
        "bears",
        "verdict",
        "falsified_by",
        "rule",
        "results",
        "flips",
        "no_flips",
    }
    assert all(told | {"no_flips", "robustness", "grade", "then"} <= part.keys() for part in parts)
    twelve = next(part for part in parts if part["id"] == "C12a")
    assert (twelve["so"], twelve["verdict"]) == ("of something else", "misleading")
    assert twelve["results"]["cost.v3_run_usd"] == 5_576_000
    assert "5.576" in twelve["because"]


def test_a_flip_is_told_in_words():
    told = run("flip", "C12").stdout
    assert "C12a: " in told
    assert "The verdict rests on facts." in told
    assert "Weakest evidence: " in told
    one = json.loads(run("flip", "C12a", "--json").stdout)
    assert (one["id"], [part["id"] for part in one["parts"]]) == ("C12", ["C12a"])
    assert "unknown claim or part 'C12z'" in run("flip", "C12z").stderr


def test_importing_the_package_loads_no_charts_and_no_tables():
    program = (
        "import sys, analysis; from analysis import training; training.run_cost(1.0, 2.0);"
        "print([m for m in ('altair', 'pandas', 'scipy', 'pydantic', 'typer') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
