"""The walks of CONTRIBUTING.md, done as they stand there in a copy of the repository."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from reporting import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
LEFT_OUT = (".git", ".venv*", "_build", "__pycache__", ".*_cache", ".hypothesis", "test-artifacts")
#: A file, where in it, and what goes there.
STEP = re.compile(r"^`([^`\n]+)`, ([^\n]+):\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def walks():
    """Return the walks: title to ``[(file, place, text), ...]``."""
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    return {section.partition("\n")[0]: STEP.findall(section) for section in sections}


@pytest.fixture
def copy(tmp_path):
    target = tmp_path / "report"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return target


def put(copy, file, place, text):
    path = copy / file
    if "a cell of" in place:
        new = place.startswith("new")
        notebook = nbformat.v4.new_notebook() if new else nbformat.read(path, as_version=4)
        code = "a cell of code" in place
        cell = nbformat.v4.new_code_cell(text.strip()) if code else nbformat.v4.new_markdown_cell(text.strip())
        if text.startswith("overrides"):
            cell.metadata["tags"] = ["parameters", "hide-input"]
        notebook.cells.append(cell)
        nbformat.write(notebook, path)
    elif place == "new":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    elif place == "at the end":
        path.write_text(path.read_text("utf-8").rstrip("\n") + "\n\n\n" + text, "utf-8")
    else:
        line = re.fullmatch(r"after `([^`]+)`", place)[1] + "\n"
        written = path.read_text("utf-8")
        assert written.count(line) == 1, f"{file}: {line!r}"
        path.write_text(written.replace(line, line + text), "utf-8")


def asked(copy, program):
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'tests'}"}
    done = subprocess.run(
        [sys.executable, "-c", f"import json\n{program}"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


IN_A_PAGE = """
from names import unknown_names
from reporting.publishing import book
page = book.BOOK / "{page}.ipynb"
wrong = unknown_names(book.markdown(page))
"""
CHECKS = {
    "A sourced number": """
from reporting import Report
report = Report()
low, high = report.interval("cost.v3_run_without_restarts_usd")
print(json.dumps([wrong, low < report.value("cost.v3_run_without_restarts_usd") < high]))
""",
    "A chart with a slider": """
from reporting import Report, publish
drawn = publish("fig-cost-two-runs", Report())
sliders = [each["name"] for each in drawn.specs["wide"]["params"] if "bind" in each]
print(json.dumps([wrong, drawn.true and len(sliders) == 1 and "<svg" in drawn.html()]))
""",
    "A seventh chapter": """
from reporting import Report
from reporting.core import claims, results
from reporting.publishing import state
report = Report()
verdicts = [claims.verdict(name, report) for name in ("C50a", "C50b")]
told = state.lines(report, "power")
known = {"power.servers_share", "C50a", "C50b", "power.ipynb"} <= told.keys()
print(json.dumps([wrong, known and verdicts == ["supported", "wrong"] and results.page_of("power.a") == "power"]))
""",
}


@pytest.mark.parametrize("title", CHECKS)
def test_a_walk_leads_where_it_says(title, copy):
    (whole,) = (name for name in walks() if name.startswith(title))
    steps = walks()[whole]
    told = {"three": 3, "seven": 7}[re.search(r": (\w+) files$", whole)[1]]
    assert len({file for file, _, _ in steps}) == told
    for step in steps:
        put(copy, *step)
    page = "power" if "chapter" in title else "cost-claims"
    assert asked(copy, IN_A_PAGE.format(page=page) + CHECKS[title]) == [[], True]
    linted = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", "analysis", "reporting"], cwd=copy, check=False
    )
    assert linted.returncode == 0
