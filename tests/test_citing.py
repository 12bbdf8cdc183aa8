"""Citations: they credit the producers, parse everywhere, and say what cannot be found."""

import re
import subprocess
import sys

import pytest
from pybtex.database import parse_string

from analysis.errors import InputError
from reporting import ROOT
from reporting.core import results
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.inputs import evidence
from reporting.publishing import citing, downloads


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.fixture(scope="module")
def cited(report):
    return citing.of("fig-cost-llama", report)


def test_the_report_is_described_in_a_valid_citation_file(tmp_path):
    def valid(path):
        checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
        return subprocess.run([*checker, str(path)], capture_output=True, check=False).returncode == 0

    assert valid(ROOT / "CITATION.cff")
    broken = tmp_path / "CITATION.cff"
    broken.write_text((ROOT / "CITATION.cff").read_text("utf-8").replace("title:", "tilte:"), encoding="utf-8")
    assert not valid(broken)


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_a_sentence_names_key_fingerprint_version_and_every_producer(cited, style):
    words = citing.written(cited, style)
    assert cited.name in words
    assert f"version {citing.edition().version}" in words
    for source in cited.sources:
        assert evidence.short_citation(source) in words
        assert evidence.bibliography()[source].fields["url"] in words


def test_bibtex_holds_the_figure_and_its_sources_as_the_bibliography_has_them(cited):
    entries = parse_string(citing.bibtex(cited), "bibtex").entries
    assert list(entries) == [citing.identifier(cited), *cited.sources]
    for source in cited.sources:
        own = evidence.bibliography()[source]
        assert str(entries[source].persons.get("author")) == str(own.persons.get("author"))
        assert {name: value for name, value in own.fields.items() if name != "note"} == dict(entries[source].fields)


def test_bibtex_of_every_source_survives(report):
    everything = citing.Cited("figure", "fig-x", "123456", "50% & $3_x", "", "", tuple(evidence.bibliography()))
    entries = parse_string(citing.bibtex(everything), "bibtex").entries
    assert len(entries) == 1 + len(evidence.bibliography())
    assert entries["fig-x-123456"].fields["title"] == r"{50\% \& \$3\_x}"


def test_csl_writes_every_source_as_citeproc_reads_it():
    items = citing.csl_items(citing.Cited("report", "", "", "T", "", "", tuple(evidence.bibliography())))
    kinds = {"report", "webpage", "paper-conference", "article-journal", "book"}
    for item in items:
        assert item["type"] in kinds
        assert item.get("author") or item["publisher"], item["id"]
        assert "\\" not in item["title"] and "{" not in item["title"]
        source = evidence.bibliography().get(item["id"])
        dated = source is None or source.fields.get("year", "").isdecimal()
        assert ("issued" in item) == dated
    by_id = {item["id"]: item for item in items}
    assert by_id["epoch_rd_compute_2026"]["author"][1] == {"family": "Wu", "given": "Cheryl"}
    assert by_id["epoch_rd_compute_2026"]["title"].count("R&D") == 1
    assert by_id["meta_q1_2026"]["issued"] == {"date-parts": [[2026, 4, 29]]}


def test_a_number_is_cited_with_its_value_and_range(report):
    words = citing.text(citing.of("cost.v3_run_usd", report))
    assert "$5.576" in words and "80% range" in words
    assert re.search(r"Number cost\.v3_run_usd@[0-9a-f]{6} in", words)


def test_another_scenario_is_named_and_changes_the_fingerprint(report):
    other = Report({"gpu_hour_usd": 3})
    here, there = (citing.of("cost.v3_run_usd", each) for each in (report, other))
    assert here.fingerprint != there.fingerprint
    assert other.stamp in citing.text(there) and other.stamp
    assert "scenario" not in citing.text(here)


@pytest.mark.parametrize(("key", "near"), [("fig-cost-llma", "fig-cost-llama"), ("cost.v3_run", "cost.v3_run_usd")])
def test_an_unknown_key_names_the_nearest(report, key, near):
    with pytest.raises(InputError, match=f"did you mean '{near}'"):
        citing.of(key, report)


def test_an_unknown_form_names_the_nearest(cited):
    with pytest.raises(InputError, match="did you mean 'bibtex'"):
        citing.written(cited, "bibtx")


def test_every_result_has_a_fingerprint_and_sources(report):
    for key in results.registry():
        assert re.fullmatch(r"[0-9a-f]{6}", citing.result_fingerprint(key, report))
        assert report.sources(key)


# The CSV of a figure and its specification, by hand.

SPEC = {
    "layer": [
        {"data": {"values": [{"x": 1, "name": "a", "on": True}, {"x": 2.5, "name": "", "on": False}]}, "mark": "bar"},
        {"data": {"values": [{"x": 7}]}, "mark": "rule"},
        {"data": {"values": [{"x": 7}]}, "mark": "text"},
    ]
}


def described(spec):
    rows = enumerate(downloads.sets(spec), start=1)
    told = [{"part": n, "at": [list(p) for p in paths], "types": downloads._types(r)} for n, (paths, r) in rows]
    return {**spec, "usermeta": {"csv": told}}


def test_layers_that_share_rows_share_a_part():
    assert downloads.table(SPEC) == "part,x,name,on\n1,1,a,true\n1,2.5,,false\n2,7,,\n"


def test_the_csv_restores_the_rows_with_their_types():
    again = downloads.redraw(described(SPEC), downloads.table(SPEC))
    assert again["layer"] == SPEC["layer"]
    assert again["layer"][0]["data"]["values"][0]["on"] is True


def test_a_changed_cell_changes_every_layer_that_draws_it():
    again = downloads.redraw(described(SPEC), downloads.table(SPEC).replace("2,7,,", "2,8,,"))
    assert [layer["data"]["values"][0]["x"] for layer in again["layer"]] == [1, 8, 8]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("2.5", "two", "line 3: 'two' in column 'x' is not a number"), ("x,", "y,", "the column 'x' is missing")],
)
def test_a_csv_that_does_not_fit_says_where(before, after, words):
    with pytest.raises(InputError, match=words):
        downloads.redraw(described(SPEC), downloads.table(SPEC).replace(before, after, 1))


def test_an_image_of_an_untrue_title_says_so():
    report = Report({"h800_server_usd": 800_000})
    published = figures.publish("fig-cost-owner", report)
    drawn = downloads.image(published, citing.of_figure(published, report))
    assert figures.UNTRUE in drawn
    assert report.stamp in drawn
