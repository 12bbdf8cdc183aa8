"""The chapter on export controls: its results against published values, and the command `chip`."""

import json
import subprocess
import sys
from datetime import date

import pytest

from analysis.errors import InputError
from reporting.chapters.export import results as chapter
from reporting.core import claims
from reporting.core.report import Report
from reporting.inputs import facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("cap_country_h100e", 49_901, 1e-4),  # press of January 2025
        ("cap_small_h100e", 1_699, 1e-3),
        ("cap_company_2025_h100e", 100_000, 1e-3),  # the rule's table is round in H100 of 15,825
        ("cap_company_2027_h100e", 320_000, 1e-3),
        ("h100_tpp", 15_832, 0),
        ("v3_days_h800", 54.2, 1e-3),
        ("h20_compute_share", 1 / 6.68, 2e-3),  # press on the H20: an H100 is 6.68 times as fast
        ("h20_bandwidth_share", 4.0 / 3.35, 1e-9),
        ("h20_link_share", 900 / 400, 1e-9),
        ("h20_decode_measured", 5_700 / 14_800, 1e-9),
        ("h20_prefill_sglang", 16_500 / 50_302, 1e-9),
        ("hour_usd_h800", Report().value("cost.owner_gpu_hour_usd"), 1e-9),
        ("v3_fleet_usd_h800", Report().value("cost.v3_cluster_usd"), 1e-9),
        ("v3_days_a800", 5 * Report().value("cost.v3_days_a100") * 2000 / 2048, 1e-9),  # 10,000 A100 there
    ],
)
def test_published_values_are_met(report, key, published, tolerance):
    assert report.value(f"export.{key}") == pytest.approx(published, rel=tolerance)


def test_the_training_set_has_the_tokens_of_the_paper(report):
    # Table 5 of the R1 paper: 804,745 samples of 5,355.3 tokens, 4.31 billion kept; o1's output cost 60 a million.
    kept = report.value("export.sampling_usd_o1") * report.assumption("teacher_acceptance")
    assert kept == pytest.approx(4.31e9 * 60 / 1e6, rel=1e-3)
    assert report.value("export.sampling_usd_o1") == report.value("distillation.teacher_o1_usd")


def test_a_bigger_batch_favours_the_chip_that_computes(report):
    from reporting.inputs import assumptions

    a = assumptions.Values(report.values)
    for ratio in (chapter.decode_ratio, chapter.dense_ratio):
        at = [float(ratio(a, batch)) for batch in (1.0, 8.0, 64.0, 256.0)]
        assert at == sorted(at, reverse=True)
        # No more than the ratio of bandwidths or links, no less than that of peaks.
        assert all(148 / 989.5 * 0.99 < one < 900 / 400 for one in at)


def test_better_use_of_the_h20_takes_fewer_of_them():
    base, better = Report(), Report({"h20_relative_utilisation": 1.25})
    assert better.value("export.v3_gpus_h20") == pytest.approx(base.value("export.v3_gpus_h20") / 1.25)


def test_the_verdicts_turn_with_the_numbers(monkeypatch, report):
    real = facts.value

    def with_fact(name, number):
        monkeypatch.setattr(
            facts,
            "_load",
            lambda table, load=facts._load: {
                key: (row | {"value": number} if table == "facts" and key == name else row)
                for key, row in load(table).items()
            },
        )

    assert real("export_distillation_enacted") == 0
    with_fact("export_distillation_enacted", 1.0)
    assert claims.verdict("C31a", Report()) == "wrong"
    with_fact("export_framework_listed", 0.0)
    assert claims.verdict("C33a", Report()) == "wrong"
    with_fact("export_korea_cases", 1.0)
    assert claims.verdict("C32c", Report()) == "supported"


# The command


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "analysis", "chip", *arguments], capture_output=True, text=True, check=False
    )


def test_h800_was_open_because_of_its_links():
    done = run("H800", "--on", "2023-06-01")
    assert done.returncode == 0
    assert done.stdout.count("not controlled") == 2
    assert "transfer rate of inputs and outputs 526.031 is not 600 or more" in done.stdout
    assert "not legal advice" in done.stdout


def test_json_has_a_form_for_each_and_the_fields_named():
    forms = json.loads(run("H800", "--on", "2024-01-01", "--json").stdout)["forms"]
    assert [form["name"] for form in forms] == ["NVIDIA H800 SXM5 80GB", "NVIDIA H800 PCIe 80GB"]
    for form in forms:
        assert form["controlled"] is True
        assert form["rule"].startswith("3A090.a.1")
        assert form["tpp"] > 4800
        assert form["performance_density"] > 5.92


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["H80", "--on", "2024-06-01"], "unknown chip 'H80' (data/export_chips.csv lists them): did you mean 'H800'"),
        (["H20", "--on", "2024-13-01"], "'2024-13-01' is not a date; write YYYY-MM-DD"),
        (["H20", "--on", "june"], "'june' is not a date"),
        (["H20"], "--on"),
    ],
)
def test_a_readers_error_is_one_line(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def one(name, day):
    (form,) = chapter.answers(name, date.fromisoformat(day))
    return form


def test_answers_a_reader_would_check():
    assert one("H20", "2024-06-01")["controlled"] is False
    assert one("h20", "2025-04-09")["rule"] == "letter to NVIDIA of 2025-04-09"
    assert one("MI308X", "2025-01-01")["controlled"] is None
    assert "total processing performance" in one("MI308X", "2025-01-01")["missing"]
    assert one("nvidia rtx 4090 d", "2024-06-01")["why"] == [
        "October 2023, Note 2: not for data centres, and total processing performance 4,707.2 is below 4,800"
    ]
    assert one("MI210", "2024-06-01")["why"] == [
        "October 2023, 3A090.b.1: met with total processing performance 2,896 and performance density 4",
        "October 2023, 740.8 for 3A090.b: an exception may be open to it, after notice to BIS",
    ]
    assert one("RTX 4090", "2024-06-01")["exception"] == "740.8 for 3A090.a"
    assert one("H200 SXM 141GB", "2026-02-01")["review"] == "January 2026"
    assert one("B200", "2026-02-01")["review"] is None


def test_an_answer_says_what_it_does_not_cover():
    assert one("H20", "2020-01-01")["why"] == [
        "launched only on 2023-11-09",
        "none of the rules in the table was in force",
    ]
    assert one("H20", "2027-01-01")["why"][0] == "by the rules as documented to 2026-10-09"
    assert one("H20", "2024-06-01")["why"][0].startswith("October 2023")


def test_every_form_can_be_asked_for_by_each_of_its_names():
    for row in facts.rows("export_chips"):
        for name in (row["id"], f"{row['chip']} {row['form']}", f"{row['vendor']} {row['chip']} {row['form']}"):
            assert row["id"] in [found["id"] for found in chapter.forms(name)]
        assert row["id"] in [found["id"] for found in chapter.forms(row["chip"])]


def test_a_name_that_is_like_nothing_is_refused_without_a_guess():
    with pytest.raises(InputError, match="no similar name exists"):
        chapter.forms("zzz")


def test_a_case_counts_by_its_route_as_well_as_by_its_court():
    # Singapore's own charges of 2025, and those of the United States over forwarders there.
    assert Report().value("export.singapore_cases") == 2
    assert Report().value("export.singapore_cases_by_january") == 0
