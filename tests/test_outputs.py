"""Outputs: what a command did not make stays as it is, and the reader is told."""

import os
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from analysis.errors import InputError
from reporting import ROOT
from reporting.core import outputs, sweep
from reporting.core.report import Report
from reporting.publishing import book, citing, pack, printing

GRID = "results: [cost.v3_run_usd]\ngrid: {gpu_hour_usd: [1, 2]}\n"


@pytest.fixture(scope="module")
def report():
    return Report()


def _sweep(out, tmp_path, report, monkeypatch):
    (tmp_path / "grid.yml").write_text(GRID, encoding="utf-8")
    sweep.run(sweep.read(tmp_path / "grid.yml"), out)


def _pack(form):
    def write(out, tmp_path, report, monkeypatch):
        pack.write(["fig-cost-llama"], report, form, out)

    return write


def _pdf(out, tmp_path, report, monkeypatch):
    class Tab:
        new_page = close = lambda self: self

    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    blank.add_outline_item("One", 0)
    blank.write(tmp_path / "blank.pdf")
    monkeypatch.setattr(printing, "check", lambda site: None)
    monkeypatch.setattr(printing, "document", lambda *_: "")
    monkeypatch.setattr(printing, "_printed", lambda *_: (tmp_path / "blank.pdf").read_bytes())
    printing.write(tmp_path, out, Tab())


def _site(out, tmp_path, report, monkeypatch):
    def pages(stage):
        (stage / "_build" / "html").mkdir(parents=True)

    monkeypatch.setattr(book, "_run_jupyter_book", pages)
    book.build(out, fresh=False)


COMMANDS = {
    "sweep.parquet": _sweep,
    "memo.docx": _pack("docx"),
    "memo.zip": _pack("zip"),
    "memo.md": _pack("md"),
    "report.pdf": _pdf,
    "html": _site,
}


def standing(path):
    return path.is_symlink(), path.is_dir(), path.read_bytes() if path.is_file() else None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_replaces_what_it_made_and_nothing_else(tmp_path, report, monkeypatch, name):
    out, write = tmp_path / "out" / name, COMMANDS[name]
    out.parent.mkdir()
    write(out, tmp_path, report, monkeypatch)
    write(out, tmp_path, report, monkeypatch)  # its own earlier output
    made = tmp_path / f"made-{name}"
    out.rename(made)

    def text():
        out.write_text("a reader's own", encoding="utf-8")

    def folder():
        out.mkdir()
        (out / "own.txt").touch()

    kinds = {"a file": text, "a folder": folder, "a link": lambda: out.symlink_to(made)}
    kinds["a link to nothing"] = lambda: out.symlink_to("nothing")
    if hasattr(os, "mkfifo"):
        kinds["a pipe"] = lambda: os.mkfifo(out)
    for kind, put in kinds.items():
        put()
        before = standing(out) if kind != "a pipe" else None
        with pytest.raises(InputError, match=r"--out .*stands there.* name a") as caught:
            write(out, tmp_path, report, monkeypatch)
        assert "\n" not in str(caught.value)
        if before:
            assert standing(out) == before, kind
        shutil.rmtree(out) if out.is_dir() and not out.is_symlink() else out.unlink()
        assert {path.name for path in out.parent.iterdir()} <= {"memo"}, kind


def test_an_edited_memo_is_not_replaced(tmp_path, report):
    from docx import Document

    for form in ("docx", "md"):
        out = pack.write(["fig-cost-llama"], report, form, tmp_path / f"memo.{form}")
        if form == "docx":
            edited = Document(str(out))
            edited.core_properties.last_modified_by = "A. Reader"  # as every office program does
            edited.save(str(out))
        else:
            out.write_bytes(b"My words\n" + out.read_bytes())
        before = out.read_bytes()
        with pytest.raises(InputError, match="edited since"):
            pack.write(["fig-cost-llama"], report, form, out)
        assert out.read_bytes() == before


def test_a_folder_of_a_readers_own_takes_no_pictures(tmp_path, report):
    (tmp_path / "memo").mkdir()
    (tmp_path / "memo" / "fig-cost-llama.png").write_bytes(b"own")
    with pytest.raises(InputError, match="not the pictures of a memo pack"):
        pack.write(["fig-cost-llama"], report, "md", tmp_path / "memo.md")
    assert (tmp_path / "memo" / "fig-cost-llama.png").read_bytes() == b"own"
    assert not (tmp_path / "memo.md").exists()


def test_a_report_printed_before_there_were_marks_counts_as_ours(tmp_path, report, monkeypatch):
    _pdf(tmp_path / "report.pdf", tmp_path, report, monkeypatch)
    assert PdfReader(tmp_path / "report.pdf").metadata.title == citing.edition().title
    assert printing.is_report(tmp_path / "report.pdf")


def test_what_a_system_says_is_one_line_that_names_the_output():
    said = r"^out: cannot be written \(No such file or directory: .*nowhere.*\)$"
    with pytest.raises(InputError, match=said), outputs.writing("out"):
        (ROOT / "nowhere" / "file").write_text("", "utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_named():
    said = r"^memo: cannot be written \(No space left on device\)$"
    with pytest.raises(InputError, match=said), outputs.writing("memo"), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
