"""Faults of every kind are planted in a copy of the repository; each has to be noticed, within seconds.

What a fault moves is told by `reporting.publishing.state`. Faults of the inputs are planted where some line hangs on
that input and on no other planted one, so one run tells of all of them which was noticed.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from analysis.errors import InputError
from names import unknown_names
from reporting import ROOT
from reporting.core import claims, results
from reporting.core.report import Report
from reporting.inputs import assumptions, evidence, facts
from reporting.publishing import state

LEFT_OUT = (".git", ".venv*", "_build", "__pycache__", ".*_cache", ".hypothesis", "test-artifacts", "archive")


def _edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


# -- faults of the inputs ----------------------------------------------------------------------------------------------


def _fact(column, new):
    def plant(copy, name):
        table, identifier = name.split(":")
        path = copy / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if row["id"] == identifier:
                row[column] = new(row[column])
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return plant


def _assumption(field, new):
    def plant(copy, name):
        path = copy / "data" / "assumptions.yml"
        text = path.read_text("utf-8")
        start = text.index(f"\n{name}:\n")
        found = re.compile(rf"^  {field}: *(.*)$", re.MULTILINE).search(text, start)
        path.write_text(text[: found.start(1)] + new(found[1]) + text[found.end(1) :], "utf-8")

    return plant


def _other(*names):
    return lambda old: next(name for name in names if name != old)


#: Kind of fault to where it can be planted and how.
INPUTS = {
    "value of a fact": ("facts", _fact("value", lambda old: repr(float(old) * 1.01))),
    # units that the bounds of the number allow: another is refused when the table is read
    "unit of a fact": ("facts", _fact("unit", _other("count", "USD"))),
    "grade of a fact": ("facts", _fact("grade", _other("secondary", "primary"))),
    "source of a fact": ("facts", _fact("source", _other("deepseek_v3_report", "deepseek_r1_v2"))),
    "locator of a fact": ("facts", _fact("locator", lambda old: f"{old} ff.")),
    "date of a fact": ("facts", _fact("as_of", lambda old: "2021-02-03")),
    "value of an assumption": ("assumptions", _assumption("value", lambda old: repr(float(old) * 1.0001))),
    "unit of an assumption": ("assumptions", _assumption("unit", _other("year", "day"))),
    "grade of an assumption": ("assumptions", _assumption("grade", _other("primary", "secondary"))),
    "source of an assumption": ("assumptions", _assumption("source", _other("deepseek_v3_report", "deepseek_r1_v2"))),
    "range of an assumption": ("assumptions", _assumption("low", lambda old: repr(float(old) * 0.999))),
    "bounds of an assumption": ("assumptions", _assumption("max", lambda old: repr(float(old) * 1.001))),
}


def _reach(report):
    """Return which lines each input moves: ``(kind, name)`` to keys."""
    used = {key: report.inputs_with_ranges(key) for key in results.registry()}
    reach = {}
    for key, inputs in used.items():
        if not key.startswith("market."):  # a fault of the calculation is planted there
            for name in inputs.facts:
                reach.setdefault(("facts", name), set()).add(key)
            for name in inputs.ranges:
                reach.setdefault(("assumptions", name), set()).add(key)
    return reach


def _places(report):
    """Choose for each fault of an input a place, and a line that only this fault moves: kind to ``(name, line)``."""
    reach = _reach(report)
    register = assumptions.register()
    chosen = {}
    for kind, (space, _) in INPUTS.items():
        for (where, name), lines in sorted(reach.items(), key=lambda each: (len(each[1]), each[0])):
            if where != space or name in {place for place, _ in chosen.values()}:
                continue
            if space == "facts" and not name.startswith("facts:"):
                continue  # the table of scalars has every column
            entry = register.get(name)
            if entry and not entry.min < entry.low < entry.value < entry.high < entry.max:
                continue
            others = [reach[(INPUTS[other][0], place)] for other, (place, _) in chosen.items()]
            mine = lines.difference(*others)
            theirs = [line in lines for _, line in chosen.values()]
            if mine and not any(theirs):
                chosen[kind] = (name, min(mine))
                break
        else:
            raise AssertionError(f"no place for the fault: {kind}")
    return chosen


# -- faults of the calculation, the words, the claims, the notebooks ---------------------------------------------------


def _notebook(name, change):
    def plant(copy):
        path = copy / "book" / name
        content = json.loads(path.read_text("utf-8"))
        change([cell for cell in content["cells"] if cell["cell_type"] == "code" and cell["outputs"]])
        path.write_text(json.dumps(content), "utf-8")

    return plant


def _one_more(cells):
    for cell in cells:
        for output in cell["outputs"]:
            if output["output_type"] == "stream" and re.search(r"\d", "".join(output["text"])):
                output["text"] = [re.sub(r"\d", "7", line) for line in output["text"]] + ["7"]
                return
    raise AssertionError("no printed number")


def _no_output(cells):
    cells[0]["outputs"] = []


def _not_executed(cells):
    cells[-1]["execution_count"] = None


def _stale_figure(cells):
    for cell in cells:
        text = json.dumps(cell["outputs"])
        if "data-fingerprint" in text:
            stale = re.sub(r'data-fingerprint=\\"[0-9a-f]{6}', r'data-fingerprint=\\"0a0a0a', text, count=1)
            cell["outputs"] = json.loads(stale)
            return
    raise AssertionError("no figure")


def _other_code(cells):
    cells[-1]["source"] = ["1 + 1\n"]


#: Kind of fault to the line, the part of it that must move, and the words that are replaced in a file.
REPLACED = {
    "formula": ("market.", 0, "analysis/valuation.py", "    return ", "    return 1.0001 * "),
    "title of a figure": (
        "fig-cost-scopes",
        "words",
        "reporting/chapters/cost/texts.yml",
        "Seven questions",
        "Six questions",
    ),
    "rule of a title": (
        "fig-cost-fleets",
        "words",
        "reporting/chapters/cost/texts.yml",
        "cost.fleet_over_xai < 0.5",
        "True",
    ),
    "caption of a figure": (
        "fig-cost-llama",
        "words",
        "reporting/chapters/cost/texts.yml",
        "Llama passes every token",
        "It passes a token",
    ),
    "title of a result": (
        "cost.v3_ablation_share",
        "words",
        "reporting/chapters/cost/results.py",
        "Ablations printed in V3's",
        "Those in V3's",
    ),
    "words of a claim": ("C12a", "words", "data/claims/cost-claims.yml", "the chip hours", "chip hours"),
    "rule of a verdict": ("C13a", "rules", "data/claims/cost-claims.yml", "> limit.same_order", ">= limit.same_order"),
    "limit of a rule": ("C12a", "rules", "data/claims/cost-claims.yml", "looser: 0.25", "looser: 0.2"),
    "written verdict": ("C01a", "words", "data/claims/market-reaction.yml", "verdict: supported", "verdict: wrong"),
    "fact of another table": ("data/elasticities.csv", 0, "data/elasticities.csv", ",-1.11,", ",-1.12,"),
    "value of a scenario": (
        "scenarios/sceptic.yml",
        0,
        "scenarios/sceptic.yml",
        "staff_share: 0.49",
        "staff_share: 0.48",
    ),
    "correlation": ("data/correlations.yml", 0, "data/correlations.yml", "rank: 0.86", "rank: 0.85"),
}
#: Kind of fault to the line, the part of it that must move, and how it is planted.
OTHERS = {
    "printed number": ("cost-claims.ipynb", "outputs", _notebook("cost-claims.ipynb", _one_more)),
    "deleted output": ("distillation.ipynb", "outputs", _notebook("distillation.ipynb", _no_output)),
    "cell not executed": ("efficiency.ipynb", "outputs", _notebook("efficiency.ipynb", _not_executed)),
    "stale figure": ("export-controls.ipynb", "outputs", _notebook("export-controls.ipynb", _stale_figure)),
    "code not executed": ("application-margins.ipynb", "code", _notebook("application-margins.ipynb", _other_code)),
}

_IN_COPY = "import json; from reporting.publishing import state; print(json.dumps(state.lines()))"


def _part(line, name):
    """Return one part of a line of the digest: the first, or the one after a word."""
    return line if name == 0 else re.search(rf"{name} (\w+)", line)[1]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Plant everything that a copy still loads with, and return what each fault has to move, and what moved."""
    copy = tmp_path_factory.mktemp("planted") / "report"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / "archive").mkdir()
    wanted = {}
    for kind, (name, line) in _places(Report()).items():
        INPUTS[kind][1](copy, name)
        wanted[kind] = (line, 0)
    for kind, (line, part, file, old, new) in REPLACED.items():
        _edit(copy / file, old, new)
        wanted[kind] = (line, part)
    for kind, (line, part, plant) in OTHERS.items():
        plant(copy)
        wanted[kind] = (line, part)
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    ran = subprocess.run(
        [sys.executable, "-c", _IN_COPY], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return wanted, json.loads(ran.stdout)


def test_faults_that_a_report_can_be_made_with_move_their_line(planted, capsys):
    wanted, after = planted
    before = state.read()
    noticed = {
        kind
        for kind, (line, part) in wanted.items()
        if any(_part(before[name], part) != _part(after[name], part) for name in before if name.startswith(line))
    }
    with capsys.disabled():
        told = f"\nplanted faults of inputs, calculation, words and notebooks: {len(noticed)} of {len(wanted)} noticed"
        print(told, file=sys.stderr)  # beside other processes of the tests only this reaches the reader
    assert noticed == wanted.keys()


# -- faults that nothing can be made with: each is refused where it is read, with its name ----------------------------


def _twice(path, start, end):
    """Return a file's text with one of its entries a second time."""
    text = path.read_text("utf-8")
    first = text.index(start)
    entry = text[first : text.index(end, first + 1)]
    return f"{text}\n{entry}" if not text.endswith("\n") else text + entry


def _bibliography(tmp_path, monkeypatch):
    path = tmp_path / "references.bib"
    path.write_text(_twice(evidence.BIBLIOGRAPHY, "@techreport{deepseek_v3_report,", "\n\n@"), "utf-8")
    monkeypatch.setattr(evidence, "BIBLIOGRAPHY", path)
    evidence.bibliography.__wrapped__()


def _register(tmp_path, monkeypatch):
    path = tmp_path / "assumptions.yml"
    path.write_text(_twice(assumptions.REGISTER, "\nstaff_share:", "\n\n"), "utf-8")
    assumptions.read(path)


def _claims(tmp_path, monkeypatch):
    path = tmp_path / "cost-claims.yml"
    path.write_text(_twice(claims.FOLDER / path.name, "\nC12:", "\n\n"), "utf-8")
    claims.read(path)


def _row(tmp_path, monkeypatch):
    text = (facts.DATA / "facts.csv").read_text("utf-8")
    (tmp_path / "facts.csv").write_text(text + text.splitlines()[3] + "\n", "utf-8")
    monkeypatch.setattr(facts, "DATA", tmp_path)
    facts._load.__wrapped__("facts")


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (_bibliography, "deepseek_v3_report"),
        (_register, "staff_share"),
        (_claims, "C12"),
        (_row, "comes twice"),
    ],
    ids=["source twice", "assumption twice", "claim twice", "fact twice"],
)
def test_what_stands_twice_is_refused(read, name, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=name):
        read(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "It cost {res}`cost.v3_run_uds`.",
        "It cost {res}`cost.v3_run_usd|bold`.",
        "At {assume}`gpu_hour` it cost that.",
        "The list has {fact}`v3_gpu_cout`, and {fact}`mfu.palm`.",
        "So it was said {cite}`deepseek_v3_raport`.",
        "See {claim}`C99`.",
        "```{verdict} C99\n```",
        "```{publish} fig-cost-scops\n```",
        "```{facts} mfus\n```",
        ":::{statement}\n:holds: cost.v3_run_uds > 1\nWords.\n:::",
        "It is cheap. {holds}`cost.v3_run_uds < 1`",
    ],
)
def test_a_name_that_nothing_has_is_found_in_a_text(text):
    assert unknown_names(text)
