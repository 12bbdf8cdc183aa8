"""Memo packs, opened as their readers open them."""

import io
import json
import re
import shutil
import subprocess
import zipfile

import pytest
from docx import Document
from pybtex.database import parse_string

from analysis.errors import InputError
from reporting import ROOT
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.publishing import citing, downloads, pack

KEYS = ["fig-cost-llama", "fig-cost-scopes"]
ARTEFACTS = ROOT / "test-artifacts"


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.fixture(scope="module")
def memo(report, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    return {form: pack.write(KEYS, report, form, folder / f"memo.{form}") for form in pack.FORMATS}


def test_the_word_file_has_pictures_captions_citations_sources_and_data(memo, report):
    document = Document(memo["docx"])
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert len(document.inline_shapes) == len(KEYS)
    for shape, key in zip(document.inline_shapes, KEYS, strict=True):
        published = figures.publish(key, report)
        assert shape._inline.docPr.get("descr") == published.alt
        assert published.caption in words
        assert f"{key}@{published.fingerprint}" in words
    assert "https://arxiv.org/abs/2412.19437" in words
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "5576000" in cells
    assert not any(re.fullmatch(r"#[0-9a-f]{6}", cell) for cell in cells)


def test_the_word_file_opens_in_an_office_program(memo):
    office = shutil.which("soffice")
    if not office or not shutil.which("pdftoppm"):
        pytest.skip("LibreOffice or pdftoppm is not installed")
    ARTEFACTS.mkdir(exist_ok=True)
    copied = shutil.copy(memo["docx"], ARTEFACTS / "memo.docx")
    command = [office, "--headless", "--convert-to", "pdf", "--outdir", str(ARTEFACTS), str(copied)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    command = ["pdftoppm", "-r", "60", "-png", "-l", "3", "memo.pdf", "memo"]
    subprocess.run(command, check=True, cwd=ARTEFACTS)
    assert list(ARTEFACTS.glob("memo-*.png"))


def test_the_markdown_file_points_to_files_that_are_there(memo):
    text = memo["md"].read_text("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(KEYS) * 8
    assert all((memo["md"].parent / link).stat().st_size > 0 for link in links)
    assert "| name |" in text


def test_the_zip_file_holds_everything_once(memo):
    with zipfile.ZipFile(memo["zip"]) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names)) == 4 + 7 * len(KEYS)
        entries = parse_string(archive.read("memo/references.bib").decode(), "bibtex").entries
        assert len(json.loads(archive.read("memo/references.csl.json"))) == len(entries)
        Document(io.BytesIO(archive.read("memo/memo.docx")))
        text = archive.read("memo/memo.md").decode()
        assert all(f"memo/{link}" in names for link in re.findall(r"\]\(([^)]+)\)", text))


def test_a_pack_under_other_assumptions_says_so(tmp_path):
    report = Report({"gpu_hour_usd": 3})
    written = pack.write(["fig-cost-scopes"], report, "md", tmp_path / "memo.md").read_text("utf-8")
    assert f"scenario {report.stamp}" in written
    assert "8364000" in written


@pytest.mark.parametrize(
    ("keys", "form", "words"),
    [
        (["fig-cost-scops"], "docx", "did you mean 'fig-cost-scopes'"),
        (KEYS, "doc", "did you mean 'docx'"),
        ([*KEYS, KEYS[0]], "md", "named twice"),
        ([], "md", "at least one figure"),
    ],
)
def test_bad_input_writes_nothing(report, tmp_path, keys, form, words):
    with pytest.raises(InputError, match=words):
        pack.write(keys, report, form, tmp_path / "memo")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_as_pdf_is_the_same_bytes_each_time(report):
    published = figures.publish("fig-cost-scopes", report)
    cited = citing.of_figure(published, report)
    drawn = downloads.image(published, cited)
    assert len({downloads.pdf(drawn, published, cited) for _ in range(10)}) == 1


def test_a_folder_that_is_not_there_is_named(report, tmp_path):
    with pytest.raises(InputError, match="nowhere does not exist"):
        pack.write(KEYS, report, "docx", tmp_path / "nowhere" / "memo.docx")


def test_a_pack_is_named_after_its_format(report, tmp_path):
    with pytest.raises(InputError, match=r"ends in \.docx"):
        pack.write(["fig-cost-llama"], report, "docx", tmp_path / "memo.zip")
    pack.write(["fig-cost-llama"], report, "md", tmp_path / "my memo.md")
    assert "](my%20memo/fig-cost-llama" in (tmp_path / "my memo.md").read_text("utf-8")
