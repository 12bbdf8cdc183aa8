"""The facts, the bibliography, and what ties them together."""

import csv
import fnmatch
import re
from collections import Counter

import frictionless
import pytest
from pybtex.database import parse_string

from analysis.errors import InputError
from reporting.core import claims, results, wording
from reporting.inputs import assumptions, evidence, facts

TABLES = list(facts.schemas())


def test_every_table_fits_its_schema():
    report = frictionless.validate(str(facts.PACKAGE))
    problems = [f"{task.name}: {error.message}" for task in report.tasks for error in task.errors]
    assert report.valid, problems + [error.message for error in report.errors]


def test_every_data_file_is_described():
    described = {f"{name}.csv" for name in TABLES}
    assert {path.name for path in facts.PACKAGE.parent.glob("*.csv")} == described


def used_sources():
    sources = {entry.source for entry in assumptions.register().values()}
    sources |= {found["source"] for found in facts.model_configs().values()}
    sources |= {claim.origin.source for claim in claims.claims().values() if claim.origin}
    for table in TABLES:
        sources |= {row["source"] for row in facts.rows(table)}
    return sources


def cited(folder):
    keys = set()
    for page in [*folder.glob("*.ipynb"), *folder.glob("*.md")]:
        for group in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page.read_text("utf-8")):
            keys |= {key.strip() for key in group.split(",")}
    return keys


def test_every_source_is_in_the_bibliography_and_none_is_orphaned():
    used = used_sources() | cited(facts.PACKAGE.parent.parent / "book")
    known = set(evidence.bibliography())
    assert not used - known, "sources missing from references.bib"
    assert not known - used, "sources that nothing cites"


def test_every_source_can_be_found_by_a_reader():
    for key, entry in evidence.bibliography().items():
        fields = entry.fields
        assert fields.get("title"), key
        makers = [*map(str, entry.persons.get("author", ())), *(fields.get(name, "") for name in evidence.PUBLISHERS)]
        assert any(makers), f"{key} has neither author nor publisher"
        assert not re.search(r"unnamed|unknown|anonymous|various", " ".join(makers), re.IGNORECASE), key
        assert "year" in fields or "undated" in fields["note"], f"{key} has no date"
        assert re.match(r"https?://", fields.get("url", "")), f"{key} has no address"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", fields.get("urldate", "")), f"{key}: when was it read?"


#: A page from which several documents are reached, none of which has an address that we know.
SHARED_PAGE = "abc.xyz/investor"


def test_a_document_has_one_key_and_a_name_of_its_own():
    addresses = [
        re.sub(r"^https?://(www\.)?|/$", "", entry.fields["url"]) for entry in evidence.bibliography().values()
    ]
    addresses = [address for address in addresses if address != SHARED_PAGE]
    for entries in (addresses, [evidence.short_citation(key) for key in evidence.bibliography()]):
        assert [name for name, number in Counter(entries).items() if number > 1] == []


def test_sources_alike_are_told_apart_by_date_then_title(monkeypatch):
    given = {
        "late": "title={A}, year=2024, month=dec",
        "b": "title={B}, year=2024, month=jan",
        "a": "title={A}, year=2024, month=jan",
        "other": "title={A}, year=2025",
        "never": "title={A}",
        "nor": "title={B}",
    }
    text = "\n".join(f"@misc{{{key}, howpublished={{DeepSeek-AI}}, {fields}}}" for key, fields in given.items())
    monkeypatch.setattr(evidence, "bibliography", lambda: parse_string(text, "bibtex").entries)
    short = evidence._short_citations.__wrapped__()
    assert {key: name.removeprefix("DeepSeek-AI ") for key, name in short.items()} == {
        "a": "2024a",
        "b": "2024b",
        "late": "2024c",
        "other": "2025",
        "never": "n.d.-a",
        "nor": "n.d.-b",
    }


@pytest.mark.parametrize("table", TABLES)
def test_provenance_is_complete(table):
    for row in facts.rows(table):
        assert row["grade"] in evidence.GRADES
        assert row["locator"], row["id"]
        assert re.fullmatch(r"\d{4}(-\d\d){0,2}", row["as_of"]), row["id"]
        if row["grade"] == "derived":
            assert row["note"], f"{row['id']}: a derived fact states its formula"


@pytest.mark.parametrize("table", TABLES)
def test_units_are_known(table):
    assert {facts.quantity(table, row["id"])[1] for row in facts.rows(table)} <= wording.UNITS


def test_units_of_assumptions_and_results_are_known():
    assert {entry.unit for entry in assumptions.register().values()} <= wording.UNITS
    assert {declared.unit for declared in results.registry().values()} <= wording.UNITS


def test_the_disclosed_hours_add_up_to_the_published_totals():
    v3 = ("v3_pretraining_gpu_hours", "v3_context_extension_gpu_hours", "v3_post_training_gpu_hours")
    assert sum(facts.value(name) for name in v3) == 2_788_000
    r1 = ("r1_zero_gpu_hours", "r1_sft_data_gpu_hours", "r1_gpu_hours")
    assert sum(facts.value(name) for name in r1) == 147_000


def test_hours_per_trillion_tokens_agree_with_the_table():
    tokens = facts.value("v3_pretraining_tokens") / 1e12
    assert facts.value("v3_gpu_hours_per_trillion") * tokens == facts.value("v3_pretraining_gpu_hours")


def test_derived_multipliers_follow_from_their_parts():
    bloom = facts.value("multiplier_bloom_project_kwh") / facts.value("multiplier_bloom_final_kwh")
    assert facts.value("multiplier_bloom") == pytest.approx(bloom, rel=1e-3)
    assert facts.value("multiplier_openai_2024") == pytest.approx(
        1 / facts.value("multiplier_openai_final_run_share"), rel=1e-3
    )
    olmo = 1 + facts.value("multiplier_olmo_development_mwh") / facts.value("multiplier_olmo_final_mwh")
    assert facts.value("multiplier_olmo") == pytest.approx(olmo, rel=1e-3)


def test_semianalysis_parts_add_up_to_its_total():
    parts = sum(row["count"] for row in facts.rows("holdings", claim="semianalysis_breakdown"))
    assert parts == facts.value("semianalysis_hopper_count")


def test_an_unknown_fact_names_the_nearest():
    with pytest.raises(InputError, match="v3_gpu_count"):
        facts.value("v3_gpu_counts")


def test_an_unknown_table_names_the_nearest():
    with pytest.raises(InputError, match="gpu_rental"):
        facts.rows("gpu_rentals")


def test_a_query_for_one_row_refuses_several():
    with pytest.raises(InputError, match="one was expected"):
        facts.only("capex", company="Meta")


def test_the_essay_is_quoted_only_for_its_numbers():
    rows = [row for row in facts.rows("facts") if row["source"] == "essay"]
    assert rows
    assert all(row["id"].startswith("essay_") for row in rows)


def test_claims_name_chapters_and_results_that_exist():
    book = facts.PACKAGE.parent.parent / "book"
    for identifier, claim in claims.claims().items():
        assert re.fullmatch(r"C\d\d", identifier)
        assert (book / f"{claim.chapter}.ipynb").exists(), identifier


# Bounds: what a number may be at all.


@pytest.mark.parametrize("table", TABLES)
def test_every_number_has_bounds_that_say_why(table):
    for row in facts.rows(table):
        for column in facts.numeric(table):
            allowed = facts.bounds(table, row, column)
            assert allowed.minimum < allowed.maximum, (row["id"], column)
            assert allowed.why, (row["id"], column)


def test_every_declared_bound_is_used():
    seen = set()
    for table in TABLES:
        for column in facts.numeric(table):
            by = facts._declared(table, column).get("boundsBy", ())
            seen |= {(key, row[key]) for key in by for row in facts.rows(table)}
    for key, declared in facts._package()["bounds"].items():
        for pattern in declared:
            assert any(key == of and fnmatch.fnmatchcase(word, pattern) for of, word in seen), f"{key} {pattern}"


@pytest.mark.parametrize(
    ("table", "identifier", "column", "planted", "message"),
    [
        (
            "mfu",
            "v3_bf16_causal",
            "mfu",
            3.894,
            "data/mfu.csv, line 2: mfu of 'v3_bf16_causal' is 3.894; allowed are 0 to 1",
        ),
        ("facts", "v3_layers", "value", -61, "value of 'v3_layers' is -61; allowed are 1 to 200 .a transformer."),
        ("ownership", "pue_google_2021", "value", 11, "value of 'pue_google_2021' is 11; allowed are 1 to 3 "),
        ("training_runs", "v3_training_flop", "value", "nan", "value of 'v3_training_flop' is nan; allowed are 1e.22 "),
    ],
)
def test_a_number_outside_is_refused_when_the_table_is_read(
    tmp_path, monkeypatch, table, identifier, column, planted, message
):
    with (facts.DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {column: planted} if row["id"] == identifier else row for row in rows)
    monkeypatch.setattr(facts, "DATA", tmp_path)
    with pytest.raises(InputError, match=message):
        facts._load.__wrapped__(table)


def test_a_unit_without_bounds_is_refused():
    row = facts.row("facts", "v3_layers") | {"unit": "furlong"}
    with pytest.raises(InputError, match=r"no bounds for value of 'v3_layers' in data/facts\.csv, unit 'furlong'"):
        facts.check("facts", row, "value")
