"""Executing and building: failures name their place and leave the previous site alone."""

import nbformat
import pytest

from analysis import book
from analysis.errors import InputError


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
    import re

    told = re.sub(r"(\.ipynb):(\d+)(\d{4})\b", book._cell_and_line, "book/cost-claims.ipynb:330016: WARNING")
    assert told == "book/cost-claims.ipynb, cell 33, line 16: WARNING"
