"""The archive: what was cited from any release can be checked, and every changed number has its reason."""

import copy
import itertools
import json
import re
import subprocess
import sys

import pytest

from analysis import __version__
from analysis.errors import InputError
from reporting import ROOT
from reporting.core import results
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.publishing import archive, citing


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.fixture(scope="module")
def now(report):
    return json.loads(archive.as_text(archive.snapshot(report)))


def test_releases_are_as_they_came_out(tmp_path, monkeypatch):
    assert "0.1.0.json" in (archive.FOLDER / archive.CHECKSUMS).read_text("utf-8")
    assert archive.altered() == []
    for path in archive.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(archive, "FOLDER", tmp_path)
    (tmp_path / "0.1.0.json").write_bytes((tmp_path / "0.1.0.json").read_bytes().replace(b"2024", b"2025", 1))
    (tmp_path / "0.3.0.json").write_text("{}")
    assert archive.altered() == ["0.1.0.json", "0.3.0.json"]


def test_a_release_is_recorded_once_with_its_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FOLDER", tmp_path)
    monkeypatch.setattr(archive, "snapshot", lambda report: {"figures": {}})
    archive.record("0.2.0")
    assert archive.altered() == []
    with pytest.raises(InputError, match="raise the version first"):
        archive.record("0.2.0")
    with pytest.raises(InputError, match="under work"):
        archive.record("0.3.0.dev0")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.2.0.json", "SHA256SUMS"]
    archive._read.cache_clear()


FIRST = archive.release("0.1.0")


def test_results_of_the_first_release_go_on_verifying(report):
    """Whatever the scheme of fingerprints has become, a change is told by its inputs or its reason, never by itself."""
    for key, entry in FIRST["results"].items():
        if key in results.registry():
            found = archive.verify(f"{key}@{entry['fingerprint']}", report)
            assert found.version == "0.1.0"
            assert found.reproduces or found.changes or found.reason, found.words()


def test_the_example_of_the_first_release_reproduces(report):
    found = archive.verify("fig-cost-scopes@d3e691", report)
    assert found.reproduces
    assert f"Version {__version__} writes it @{found.now}" in found.words()
    assert not archive.verify("fig-cost-scopes@d3e691", Report({"gpu_hour_usd": 3})).reproduces


def test_a_snapshot_has_everything_that_can_be_cited(now):
    assert now["figures"].keys() == figures.registry().keys()
    assert now["results"].keys() == results.registry().keys()
    for entry in [*now["figures"].values(), *now["results"].values()]:
        assert set(entry["assumptions"]) <= now["assumptions"].keys()
        assert set(entry["facts"]) <= now["facts"].keys()


@pytest.fixture
def earlier(now, tmp_path, monkeypatch):
    """An archive whose first release had another price, another count of GPU-hours, and a figure since withdrawn."""
    first = copy.deepcopy(now)
    first["version"], first["released"] = "0.0.9", "2026-01-01"
    first["assumptions"]["gpu_hour_usd"] |= {"value": 1.5, "grade": "primary"}
    first["facts"]["facts:v3_pretraining_gpu_hours"]["value"] = 2_000_000.0
    first["results"]["cost.v3_run_usd"] |= {"fingerprint": "aaaaaa", "value": 3_186_000.0}
    first["results"]["cost.v3_total_gone"] = first["results"].pop("cost.r1_rl_usd") | {"fingerprint": "dddddd"}
    first["figures"]["fig-cost-scopes"]["fingerprint"] = "bbbbbb"
    first["figures"]["fig-cost-gone"] = {**first["figures"]["fig-cost-scopes"], "fingerprint": "cccccc"}
    first["figures"]["fig-efficiency-links"]["fingerprint"] = "eeeeee"
    for content in (first, now):
        (tmp_path / f"{content['version']}.json").write_text(archive.as_text(content), "utf-8")
    monkeypatch.setattr(archive, "FOLDER", tmp_path)
    monkeypatch.setattr(archive, "_reasons", dict)
    archive._read.cache_clear()
    yield first
    archive._read.cache_clear()


def test_todays_fingerprints_reproduce(report, earlier):
    for key in ("fig-cost-llama", "cost.v3_run_usd"):
        found = archive.verify(citing.of(key, report).name, report)
        assert found.reproduces
        assert found.words().endswith("reproduces exactly.")


def test_an_earlier_fingerprint_names_the_inputs_that_changed(report, earlier):
    found = archive.verify("cost.v3_run_usd@aaaaaa", report)
    assert not found.reproduces
    assert found.version == "0.0.9"
    assert [change.words() for change in found.changes] == [
        "assumption gpu_hour_usd: 1.5 → 2",
        "assumption gpu_hour_usd, grade: primary → judgement",
        "fact facts:v3_pretraining_gpu_hours, value: 2000000 → 2664000",
    ]
    assert "has changed" in found.words()


def test_a_changed_calculation_says_so_or_why(report, earlier, monkeypatch):
    assert "the calculation changed" in archive.verify("fig-efficiency-links@eeeeee", report).words()
    version = __version__.partition(".dev")[0]
    monkeypatch.setattr(archive, "_reasons", lambda: {version: {"fig-efficiency-links": "A link was counted twice."}})
    assert archive.verify("fig-efficiency-links@eeeeee", report).words().endswith("A link was counted twice.")


def test_a_withdrawn_figure_says_so(report, earlier):
    assert "was withdrawn" in archive.verify("fig-cost-gone@cccccc", report).words()


def test_a_fingerprint_made_under_other_assumptions_reproduces_with_them(report):
    other = Report({"gpu_hour_usd": 3})
    name = citing.of("fig-cost-llama", other).name.replace("llama", "scopes")
    with pytest.raises(InputError, match="no release has this fingerprint"):
        archive.verify(name, report)
    assert archive.verify(citing.of("fig-cost-scopes", other).name, other).reproduces


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fig-cost-scops@d3e691", "did you mean 'fig-cost-scopes'"),
        ("fig-cost-scopes@ffffff", r"no release has this fingerprint \(@[0-9a-f]{6} in version"),
        ("fig-cost-scopes", "write KEY@FINGERPRINT"),
        ("fig-cost-scopes@XYZ", "six hexadecimal digits"),
    ],
)
def test_what_cannot_be_verified_is_one_clear_error(report, name, words):
    with pytest.raises(InputError, match=words):
        archive.verify(name, report)


def test_the_changelog_gives_each_number_its_reason(now, earlier):
    moved = {each.key: each for each in archive.moved(earlier, now)}
    assert moved["cost.v3_run_usd"].before.startswith("$3.186")
    assert moved["cost.v3_run_usd"].why[0] == "assumption gpu_hour_usd: 1.5 → 2"
    assert moved["cost.r1_rl_usd"].before == ""
    assert moved["cost.v3_total_gone"].after == ""
    assert "cost.v3_context_share" not in moved


def test_no_release_changes_a_number_without_a_reason(now):
    contents = [*map(archive.release, archive.versions()), now]
    for earlier, later in itertools.pairwise(contents):
        assert archive.unexplained(earlier, later) == [], "say why in archive/reasons.yml"


def test_a_number_that_only_the_calculation_changed_needs_a_reason(now, monkeypatch):
    before = copy.deepcopy(now)
    before["results"]["cost.r1_rl_usd"]["value"] = 1.0
    monkeypatch.setattr(archive, "_reasons", dict)
    assert archive.unexplained(before, now) == ["cost.r1_rl_usd"]
    version = __version__.partition(".dev")[0]
    monkeypatch.setattr(archive, "_reasons", lambda: {version: {"cost": "The rule was wrong."}})
    assert archive.unexplained(before, now) == []


def test_versions_are_in_order(tmp_path, monkeypatch):
    for version in ("0.10.0", "0.2.0", "0.9.1"):
        (tmp_path / f"{version}.json").write_text("{}")
    monkeypatch.setattr(archive, "FOLDER", tmp_path)
    assert archive.versions() == ["0.2.0", "0.9.1", "0.10.0"]


def test_the_fingerprints_that_our_texts_give_as_examples_are_in_the_archive(report):
    text = (ROOT / "README.md").read_text("utf-8") + (ROOT / "book" / "cite.md").read_text("utf-8")
    names = set(re.findall(r"fig-[a-z-]+@[0-9a-f]{6}", text))
    assert names
    for name in names:
        assert archive.verify(name, report).version


def test_the_command_says_what_changed_and_exits_1_and_2_for_an_unknown_key():
    def verified(name, *settings):
        command = [sys.executable, "-m", "analysis", "verify", name, *settings]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    name = citing.of("cost.v3_run_usd", Report()).name
    changed = verified(name, "--set", "gpu_hour_usd=3")
    assert changed.returncode == 1
    assert "gpu_hour_usd: 2 → 3" in changed.stdout
    unknown = verified("cost.v3_run_uds@aaaaaa")
    assert unknown.returncode == 2
    assert unknown.stderr.count("\n") == 1


def test_another_range_is_another_fingerprint_and_verify_names_it(report):
    ranged = Report({"gpu_hour_usd": {"low": 1.9, "value": 2.0, "high": 2.1}})
    cited = citing.of("cost.v3_run_usd", report)
    assert citing.of("cost.v3_run_usd", ranged).fingerprint != cited.fingerprint
    found = archive.verify(cited.name, ranged)
    assert [change.words() for change in found.changes] == ["range of assumption gpu_hour_usd: 1.6 to 3.5 → 1.9 to 2.1"]
