"""What a reader takes away from the built site: every file opens, redraws and cites; and the whole as one PDF."""

import io
import json
import re
import shutil
import subprocess
import sys
import warnings

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from PIL import Image
from pybtex.database import parse_string
from pypdf import PdfReader

from reporting.core import claims, results
from reporting.core.report import Report
from reporting.drawing import figures, theme
from reporting.inputs import assumptions
from reporting.inputs.evidence import bibliography
from reporting.publishing import book, citing, downloads, printing

KEYS = list(figures.registry())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def feed(site):
    """A function that returns a feed after checking it against its schema."""

    def read(name):
        content = json.loads((site / name).read_text("utf-8"))
        schema = json.loads((site / content["$schema"]).read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(content)
        return content

    return read


@pytest.fixture(scope="module")
def rows(feed):
    return {row["key"]: row for row in feed("figures.json")["figures"]}


@pytest.fixture
def file(site, rows):
    """A function that returns the bytes of a figure's file of a kind."""
    return lambda key, kind: (site / rows[key]["files"][kind]).read_bytes()


def test_every_figure_is_in_the_feed_with_files_named_by_its_key(rows, site):
    assert sorted(rows) == sorted(KEYS)
    for key, row in rows.items():
        assert sorted(row["files"].values()) == sorted(f"figures/{key}{ending}" for ending in downloads.KINDS)
    assert len(list((site / "figures").iterdir())) == len(KEYS) * len(downloads.KINDS)


@pytest.mark.parametrize("key", KEYS)
def test_the_images_open_and_say_what_they_are(file, rows, key):
    name, title = f"{key}@{rows[key]['fingerprint']}", rows[key]["title"]
    drawing = etree.fromstring(file(key, "svg"))
    assert drawing.find(f"{SVG}title").text == title
    said = {node.tag.rpartition("}")[2]: node.text for node in drawing.find(f"{SVG}metadata").iter()}
    assert said["identifier"] == name
    assert f"version {citing.edition().version}; base assumptions" in said["relation"]
    words = " ".join("".join(node.itertext()) for node in drawing.iter(f"{SVG}text"))
    assert name in words and title in words and "Sources: " in words

    picture = Image.open(io.BytesIO(file(key, "png")))
    picture.load()
    assert picture.size[0] == pytest.approx(2 * float(drawing.get("width")), abs=2)
    assert picture.text["Identifier"] == name and picture.text["Title"] == title
    assert len(set(picture.convert("L").getdata())) > 20, "nothing is drawn"

    printed = PdfReader(io.BytesIO(file(key, "pdf")))
    assert len(printed.pages) == 1
    assert printed.metadata.title == title and printed.metadata["/Keywords"] == name
    assert not printed.pages[0].images, "a vector figure holds no picture"


@pytest.mark.parametrize("key", KEYS)
def test_the_csv_redraws_the_chart(file, key):
    spec = json.loads(file(key, "json"))
    again = theme.svg(downloads.redraw(spec, file(key, "csv").decode()), key, "")
    drawn = again.partition(">")[2].removesuffix("</svg>").replace(theme.FONT, downloads._FALLBACK)
    assert drawn in file(key, "svg").decode()


def test_the_citations_parse(file, rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the processor warns of what CSL defines and it does not know
        from citeproc import (
            Citation,
            CitationItem,
            CitationStylesBibliography,
            CitationStylesStyle,
            formatter,
        )
        from citeproc.source.json import CiteProcJSON

        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        for key, row in rows.items():
            entries = parse_string(file(key, "bib").decode(), "bibtex").entries
            items = json.loads(file(key, "csl.json"))
            assert list(entries) == [item["id"] for item in items] == [f"{key}-{row['fingerprint']}", *row["sources"]]
            listed = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
            listed.register(Citation([CitationItem(item["id"]) for item in items]))
            words = " ".join(str(entry) for entry in listed.bibliography())
            assert citing.edition().author in words
            for source in row["sources"]:
                year = bibliography()[source].fields.get("year", "")
                assert not year.isdecimal() or year in words


def test_the_feeds_hold_the_numbers_of_the_analysis(feed):
    report = Report()
    found = feed("results.json")["results"]
    assert found.keys() == results.registry().keys()
    for key in ("cost.v3_run_usd", "cost.programme_usd", "efficiency.kv_saving_equal"):
        assert found[key]["value"] == report.value(key)
        assert found[key]["fingerprint"] == citing.result_fingerprint(key, report)
    programme = found["cost.programme_usd"]
    assert (programme["low"], programme["high"]) == report.interval("cost.programme_usd")
    listed = feed("assumptions.json")["assumptions"]
    assert {identifier: row["value"] for identifier, row in listed.items()} == report.values
    assert listed["gpu_hour_usd"]["base"] == assumptions.register()["gpu_hour_usd"].value
    assert [row["id"] for row in feed("claims.json")["claims"]] == sorted(claims.claims())


def test_the_worked_example_runs(site, tmp_path):
    page = (book.BOOK / "cite.md").read_text("utf-8")
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    assert '"_build/html"' in program
    program = program.replace('"_build/html"', repr(str(site)))
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert "5,576,000 USD" in done.stdout
    assert "figures/fig-cost-scopes.csv" in done.stdout


def test_every_number_has_a_page_with_its_citations(site):
    for key in results.registry():
        text = (site / "results" / f"{key}.html").read_text("utf-8")
        assert "@misc{" in text and "<pre" in text
    for page in book.notebooks():
        assert 'href="../results/' in (site / "book" / f"{page.stem}.html").read_text("utf-8")


def test_a_citation_is_copied(open_page):
    opened = open_page("cost-claims.html", offline=True)
    block = opened.locator("#fig-cost-llama details.cite")
    assert not block.locator("pre").first.is_visible()
    block.locator("summary").click()
    opened.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    wanted = {"Text": "Contributors to", "BibTeX": "@misc{", "Address": "cost-claims.html#fig-cost-llama"}
    for name, words in wanted.items():
        block.get_by_role("button", name=f"Copy {name}").click()
        assert words in opened.evaluate("window.copied")
    assert opened.evaluate("window.copied").startswith("file://")
    assert opened.problems == []


def test_where_copying_is_refused_the_text_is_selected(open_page):
    opened = open_page("cost-claims.html")
    block = opened.locator("#fig-cost-llama details.cite")
    block.locator("summary").click()
    opened.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    block.get_by_role("button", name="Copy BibTeX").click()
    opened.wait_for_function("getSelection().toString().includes('@misc{')")


def test_the_files_download_without_javascript(open_page, rows):
    opened = open_page("cost-claims.html", java_script_enabled=False, accept_downloads=True)
    figure = opened.locator("#fig-cost-llama")
    figure.locator("details.cite summary").click()
    assert figure.locator("button").count() == 0
    links = figure.locator(".cite-files a[download]")
    assert links.count() == len(downloads.KINDS)
    with opened.expect_download() as waiting:
        links.filter(has_text="CSV").click()
    assert waiting.value.suggested_filename == "fig-cost-llama.csv"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_block_and_a_number_read_well_at_any_width(open_page, artefacts, width):
    opened = open_page("cost-claims.html", width=width)
    figure = opened.locator("#fig-cost-llama")
    figure.locator("details.cite summary").click()
    figure.screenshot(path=artefacts / f"cite-block-{width}.png")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert opened.evaluate(wide) <= 0
    number = open_page("../results/cost.programme_usd.html", width=width)
    number.screenshot(path=artefacts / f"number-{width}.png")
    assert number.evaluate(wide) <= 0
    assert number.problems == []


@pytest.fixture(scope="module")
def printed(site, chromium, artefacts):
    out = artefacts / "report.pdf"
    out.unlink(missing_ok=True)
    return printing.write(site, out, chromium)


def test_the_whole_report_prints_with_contents_links_and_page_numbers(printed):
    reader = PdfReader(printed)
    pages = len(reader.pages)
    places = printing.page_numbers(printed.read_bytes())
    starts = [places[f"part-{page}"] for page in printing.pages_of_contents()]
    assert starts == sorted(starts) and len(set(starts)) == len(starts)
    contents = reader.pages[1].extract_text()
    for start in starts[:4]:
        assert re.search(rf"\b{start}\b", contents)
    links = [
        note.get_object().get("/Dest") or note.get_object().get("/A", {}).get("/D")
        for note in reader.pages[1]["/Annots"]
    ]
    assert any(str(link).lstrip("/") == "part-cost-claims" for link in links)
    assert re.search(rf"\b2\s*/\s*{pages}\b", contents)
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert "Methods" in titles and "References" in titles


def test_figures_are_vectors_in_print_and_links_stay_inside(printed):
    reader = PdfReader(printed)
    places = printing.page_numbers(printed.read_bytes())
    page = reader.pages[places["cost-claims--fig-cost-llama"] - 1]
    assert not page.images
    assert "GPU-hours per FLOP" in page.extract_text()
    outside = [
        note.get_object()["/A"]["/URI"]
        for page in reader.pages
        for note in page.get("/Annots", ())
        if "/URI" in note.get_object().get("/A", {})
    ]
    assert outside and not [uri for uri in outside if uri.startswith("file:")]


def test_the_pdf_renders(printed, artefacts):
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm is not installed")
    command = ["pdftoppm", "-r", "50", "-png", "-l", "8", str(printed), str(artefacts / "report")]
    subprocess.run(command, check=True)
    drawn = sorted(artefacts.glob("report-*.png"))
    assert len(drawn) >= 8
    assert all(len(set(Image.open(path).convert("L").getdata())) > 10 for path in drawn[:8])
