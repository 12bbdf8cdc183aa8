"""A site built afresh after an assumption was changed: what follows the change, and what must not."""

import os
import shutil
import subprocess
import sys

import pytest

from reporting import ROOT
from reporting.core.wording import NBSP
from reporting.drawing import figures
from reporting.publishing import book


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the repository in which one assumption was changed, with its site built afresh."""
    copy = tmp_path_factory.mktemp("changed") / "clone"
    ignored = shutil.ignore_patterns(".git", ".venv", "_build", "test-artifacts", "__pycache__", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored)
    register = copy / "data" / "assumptions.yml"
    text = register.read_text("utf-8")
    assert text.count("  value: 2.0\n") == 1
    register.write_text(text.replace("  value: 2.0\n", "  value: 3.0\n"), encoding="utf-8")
    done = build_in(copy)
    assert done.returncode == 0, done.stderr[-2000:]
    return copy


def build_in(copy, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "analysis", "build", *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_changed_assumption_changes_prose_figures_and_verdicts(changed):
    page = (changed / "_build" / "html" / "book" / "cost-claims.html").read_text("utf-8").replace(NBSP, " ")
    assert "$8.364 million" in page
    assert "$5.576 million</a>" not in page, "the number that hangs on the price; the published one is a fact"
    assert figures.UNTRUE in page, "the answer that speaks of six million must be marked"


def test_the_committed_notebooks_were_not_touched_by_that_build(changed):
    for path in book.notebooks():
        assert (changed / "book" / path.name).read_bytes() == path.read_bytes()


def test_stale_stored_outputs_are_refused(changed):
    done = build_in(changed, "--no-fresh", "--out", "_build/stale")
    assert done.returncode == 2
    assert "cost-claims.ipynb" in done.stderr
    assert "execute the notebook again" in done.stderr
    assert not (changed / "_build" / "stale").exists()
