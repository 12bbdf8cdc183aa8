"""Executing and building: failures name their place and leave the previous site alone."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest

from analysis.errors import InputError
from reporting import ROOT, cli
from reporting.publishing import book


def notebook(path, *sources, tags=("parameters",)):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = list(tags)
    written = nbformat.v4.new_notebook(cells=cells)
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, path)
    return path


def test_a_failing_cell_names_notebook_cell_and_error_and_writes_nothing(tmp_path):
    source = notebook(tmp_path / "chapter.ipynb", "overrides = {}", "x = 1", "x + missing")
    with pytest.raises(InputError) as caught:
        book.execute(source, tmp_path / "out.ipynb")
    message = str(caught.value)
    assert "chapter.ipynb, cell 3" in message
    assert "name 'missing' is not defined" in message
    assert not (tmp_path / "out.ipynb").exists()


def test_overrides_reach_the_parameter_cell(tmp_path):
    source = notebook(tmp_path / "chapter.ipynb", "overrides = {}", "print(overrides)")
    book.execute(source, tmp_path / "out.ipynb", {"gpu_hour_usd": 3.0})
    outputs = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[1].outputs
    assert outputs[0]["text"] == "{'gpu_hour_usd': 3.0}\n"
    assert "overrides = {}" in source.read_text("utf-8"), "the source notebook was touched"


def test_a_notebook_without_parameter_cell_cannot_take_overrides(tmp_path):
    source = notebook(tmp_path / "chapter.ipynb", "x = 1", tags=())
    with pytest.raises(InputError, match="exactly one cell tagged 'parameters'"):
        book.execute(source, tmp_path / "out.ipynb", {"gpu_hour_usd": 3.0})


@pytest.mark.parametrize(
    "source", ["overrides = {}", "overrides = {}  # such as {'pue': 1.2}", "# none\n\noverrides : dict = {\n}\n"]
)
def test_a_parameter_cell_that_sets_nothing_may_be_written_in_any_way(tmp_path, source):
    book.check_parameters([notebook(tmp_path / "chapter.ipynb", source, "x = 1")])


@pytest.mark.parametrize(
    "source",
    [
        'overrides = {"gpu_hour_usd": 3}',
        "overrides = {}\noverrides['pue'] = 1.2",
        "overrides = dict(pue=1.2)",
        "overrides = None",
        "overrides = [",
        "%time overrides = {}",
        "",
        "override = {}",
        "overrides: dict",
        "pass",
    ],
)
def test_a_notebook_saved_with_overrides_is_named_before_anything_runs(tmp_path, monkeypatch, source):
    (tmp_path / "book").mkdir()
    notebook(tmp_path / "book" / "chapter.ipynb", source, "x = 1")
    monkeypatch.setattr(book, "BOOK", tmp_path / "book")
    monkeypatch.setattr(book, "_execute_all", lambda *_: pytest.fail("a notebook ran"))
    words = "book/chapter.ipynb: its parameter cell sets overrides; reset the cell to 'overrides = {}'"
    for command in (
        book.execute_in_place,
        lambda: book.build(tmp_path / "html"),
        lambda: book.build(tmp_path / "html", fresh=False),
        lambda: book.run(tmp_path / "html", {"gpu_hour_usd": 3.0}),
        cli.check,
    ):
        with pytest.raises(InputError, match=re.escape(words)):
            command()
    assert [path.name for path in tmp_path.iterdir()] == ["book"]


@pytest.mark.parametrize("content", ["<<<<<<< HEAD", "[]", "{}", '{"cells": [1]}', '{"cells": []}'])
def test_what_is_no_notebook_is_named(tmp_path, content):
    path = tmp_path / "chapter.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"^book/chapter\.ipynb: (is not a notebook|needs exactly one cell)"):
        book.check_parameters([path])


def test_the_tests_begin_with_that_check():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^test:.*\n\t@\$\(PY\) -m analysis check\n", makefile, re.MULTILINE)
    cli.check()


def test_kernels_and_sphinx_know_no_time_zone_or_language_of_the_reader(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANGUAGE", "de")
    told = "import os, time; print([time.timezone, *(os.environ[name] for name in ('LC_ALL', 'LANGUAGE'))])"
    source = notebook(tmp_path / "chapter.ipynb", "overrides = {}", told)
    book.execute(source, tmp_path / "out.ipynb")
    outputs = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[1].outputs
    assert outputs[0]["text"] == book._ending_with_us(told).stdout == "[0, 'C.UTF-8', '']\n"


PHASE = """
import sys
from reporting.publishing import book
program = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
book._ending_with_us(program, sys.argv[1])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_sphinx_does_not_outlive_a_builder_that_is_killed(tmp_path):
    import psutil

    told, end = tmp_path / "pid", time.monotonic() + 60
    builder = subprocess.Popen([sys.executable, "-c", PHASE, str(told)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    while not (told.exists() and told.read_text("utf-8")):
        assert builder.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    sphinx = psutil.Process(int(told.read_text("utf-8")))
    os.kill(builder.pid, signal.SIGKILL)
    builder.wait()
    assert psutil.wait_procs([sphinx], timeout=10)[1] == [], "Sphinx went on"


def test_a_full_disk_ends_a_build_at_once_in_one_line(tmp_path, monkeypatch):
    site, full = tmp_path / "html", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(notebook, path):
        raise full

    monkeypatch.setattr(book, "BOOK", tmp_path / "book")
    (tmp_path / "book").mkdir()
    notebook(tmp_path / "book" / "one.ipynb", "overrides = {}", "x = 1")
    notebook(tmp_path / "book" / "two.ipynb", "overrides = {}", "import time; time.sleep(60)")
    monkeypatch.setattr(nbformat, "write", write)
    started = time.monotonic()
    with pytest.raises(InputError, match=r"html: cannot be written \(No space left on device: book/one.ipynb\)$"):
        book.build(site)
    assert time.monotonic() - started < 45
    assert [path.name for path in tmp_path.iterdir()] == ["book"]


def test_a_build_asks_for_space_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5_000_000))
    with pytest.raises(InputError, match=r"html: a build needs \d+ MB on this disk, 5 MB are free"):
        book.build(tmp_path / "html", fresh=False)


def test_what_sphinx_says_becomes_one_line_each_complaint_once(tmp_path):
    told = f"""\x1b[91mreading sources\x1b[39;49;00m
{tmp_path}/book/cost-claims.ipynb:330016: WARNING: unknown result
{tmp_path}/book/cost-claims.ipynb:330016: WARNING: unknown result
Traceback (most recent call last):
RuntimeError:
"""
    assert book.problems(told, tmp_path) == "book/cost-claims.ipynb, cell 33, line 16: WARNING: unknown result"
    with pytest.raises(OSError, match="No space left"):
        book.problems(f"{told}OSError: [Errno {errno.ENOSPC}] No space left on device", tmp_path)
    assert book.problems("RuntimeError:\n\n", tmp_path) == "RuntimeError:"


def test_an_unknown_chapter_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'cost-claims'"):
        book.notebooks(["cost-claim"])


def test_a_failed_build_keeps_the_previous_site(tmp_path, monkeypatch):
    site = tmp_path / "html"
    site.mkdir()
    (site / "index.html").write_text("previous", encoding="utf-8")

    def fail(stage):
        raise InputError("the site was not built: a warning")

    monkeypatch.setattr(book, "_run_jupyter_book", fail)
    with pytest.raises(InputError):
        book.build(site, fresh=False)
    assert (site / "index.html").read_text("utf-8") == "previous"
    assert [path.name for path in tmp_path.iterdir()] == ["html"], "something half-built was left"


def test_sphinx_line_numbers_become_cells():
    told = re.sub(r"(\.ipynb):(\d+)(\d{4})\b", book._cell_and_line, "book/cost-claims.ipynb:330016: WARNING")
    assert told == "book/cost-claims.ipynb, cell 33, line 16: WARNING"
