"""Scenarios: files, ranges as overrides, what they change, and a run that leaves one site whole."""

import inspect
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from analysis.errors import InputError
from reporting import ROOT, cli
from reporting.core import claims, results, scenarios, uncertainty
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.inputs import assumptions, facts
from reporting.inputs.assumptions import Overrides
from reporting.publishing import book, comparison
from reporting.site import scenarios as scenario_pages

SCENARIO = """title: Dear chips
reason: As an example.
overrides:
  gpu_hour_usd: {low: 2.5, value: 3, high: 4}
  pue: 1.3
"""


def read(tmp_path, text):
    path = tmp_path / "dear-chips.yml"
    path.write_text(text, encoding="utf-8")
    return scenarios.read(path)


# Files


def test_at_least_five_scenarios_are_shipped_and_the_base_changes_nothing():
    assert len(scenarios.shipped()) >= 6
    assert next(iter(scenarios.shipped())) == "base"
    assert scenarios.shipped()["base"][1] == {}
    assert all(overrides for name, (_, overrides) in scenarios.shipped().items() if name != "base")


def fact(table, identifier):
    return facts.quantity(table, identifier)[0]


def test_shipped_values_are_those_of_the_rows_their_reasons_speak_of():
    sceptic, bound, fall, owner, word = (
        scenarios.shipped()[name][1]
        for name in ("sceptic", "export-bound", "prices-fall-tenfold", "owner-cost", "deepseek-price")
    )
    assert sceptic["gpu_hour_usd"] == fact("gpu_rental", "h800_contract3y_china_2023_09")
    assert sceptic["h800_server_usd"] == fact("server_prices", "dgx_h800_abrmicro_2025")
    assert bound["gpu_hour_usd"]["value"] == fact("gpu_rental", "h100_month_china_2024_01")
    ends = [fact("server_prices", f"h100_server_grey_{end}_2024") for end in ("low", "high")]
    assert [bound["h800_server_usd"][end] for end in ("low", "high")] == ends
    base = Report()
    trend = fact("progress", "hardware_price_performance")
    for name in ("gpu_hour_usd", "h200_hour_usd", "consumer_gpu_hour_usd"):
        assert fall[name] == pytest.approx(base.values[name] / trend, rel=0.005)
    assert fall["app_input_usd"] == pytest.approx(base.values["app_input_usd"] / 10)
    assert owner["gpu_hour_usd"]["value"] == pytest.approx(base.value("cost.owner_gpu_hour_usd"), rel=0.005)
    low, high = base.interval("cost.owner_gpu_hour_usd")
    assert owner["gpu_hour_usd"] == pytest.approx({"low": low, "value": 1.81, "high": high}, rel=0.02)
    assert word["gpu_hour_usd"] == fact("gpu_rental", "h800_assumed_v3")


def test_the_essays_own_condition_supports_its_conclusion():
    plateau = Report(scenarios.shipped()["plateau"][1])
    assert plateau.values["training_cut"] == pytest.approx(facts.value("essay_training_drop"))
    assert claims.verdict("C29a", plateau) == "supported"


def test_a_file_gives_title_reason_and_named_overrides(tmp_path):
    scenario, overrides = read(tmp_path, SCENARIO)
    assert scenario.title == "Dear chips"
    assert overrides == {"gpu_hour_usd": {"low": 2.5, "value": 3.0, "high": 4.0}, "pue": 1.3}
    assert overrides.name == "dear-chips"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pue: 1.3", "puee: 1.3", ("line 5", "did you mean 'pue'")),
        ("pue: 1.3", "pue: 9", ("line 5", "'pue'", "allows 1 to 3 ratio")),
        ("pue: 1.3", "pue: often", ("line 5", "'often' is not a number", "allows 1 to 3")),
        ("pue: 1.3", "pue: [1, 2]", ("line 5", "'pue'", "is not a number")),
        ("value: 3,", "value: 5,", ("line 4", "low <= value <= high", "allows 0.05 to 50")),
        ("value: 3,", "", ("line 4", "exactly low, value and high")),
        ("high: 4", "high: 400", ("line 4", "400 is out of range")),
        ("high: 4", "high: 4, median: 3", ("line 4", "exactly low, value and high")),
        ("reason: As an example.\n", "", ("field reason",)),
        ("reason: As an example.", "reason: As an example.\ncolour: red", ("line 3", "field colour")),
        ("title: Dear chips", "title: [a]", ("line 1", "field title")),
        ("title: Dear chips", "\ttitle: x", ("line 1", "not valid YAML")),
        ("overrides:\n", "overrides: none\nx:\n", ("line 3", "'overrides' must be a mapping")),
        (SCENARIO, "- a\n", ("must be a mapping",)),
    ],
)
def test_a_broken_file_is_one_line_that_names_file_line_and_what_would_be_right(tmp_path, old, new, words):
    assert old in SCENARIO
    with pytest.raises(InputError) as caught:
        read(tmp_path, SCENARIO.replace(old, new))
    message = str(caught.value)
    assert "dear-chips.yml" in message
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(("name", "near"), [("sceptik", "sceptic"), ("scenarios/sceptik.yml", "scenarios/sceptic.yml")])
def test_an_unknown_scenario_names_the_nearest(name, near):
    with pytest.raises(InputError, match=f"did you mean '{near}'"):
        scenarios.find(name)


def test_settings_come_on_top_of_a_scenario():
    overrides = scenarios.overrides_of("sceptic", ["staff_share=0.3"])
    assert overrides["staff_share"] == 0.3
    assert overrides["gpu_hour_usd"] == 3.716
    assert overrides.name == "sceptic-and-own"


# Reports


def test_a_range_replaces_the_range_and_a_number_has_none():
    ranged = Report({"gpu_hour_usd": {"low": 2.5, "value": 3, "high": 4}})
    assert ranged.value("cost.v3_run_usd") == 3 * 2_788_000
    assert ranged.interval("cost.v3_run_usd") == pytest.approx((2.5 * 2_788_000, 4 * 2_788_000), rel=0.02)
    certain = Report({"gpu_hour_usd": 3})
    assert certain.interval("cost.v3_run_usd") == (3 * 2_788_000, 3 * 2_788_000)
    assert uncertainty.tornado(certain, "cost.v3_run_usd") == []


def test_a_value_at_the_edge_of_what_is_allowed_can_be_taken_as_certain():
    low, high = Report({"residual_share": 0.0, "average_draw_share": 1}).interval("cost.owner_gpu_hour_usd")
    assert 0 < low < high


def test_the_stamp_follows_values_and_ranges_and_the_base_has_none():
    assert Report().stamp == ""
    assert Report(Overrides(name="base")).stamp.startswith("base@")
    stamps = [
        Report(overrides).stamp
        for overrides in ({"pue": 1.3}, {"pue": 1.2}, {"pue": {"low": 1.25, "value": 1.3, "high": 1.4}})
    ]
    assert len(set(stamps)) == 3
    assert all(stamp.startswith("own-assumptions@") for stamp in stamps)
    assert Report({"pue": 1.3}).stamp == Report({"pue": 1.3}).stamp


def test_a_figure_carries_the_stamp_only_under_a_scenario():
    report = Report(Overrides({"gpu_hour_usd": 3.0}, "dear"))
    html = figures.publish("fig-cost-scopes", report).html()
    assert report.stamp in html
    assert "fig-scenario" in html
    assert "fig-scenario" not in figures.publish("fig-cost-scopes", Report()).html()


def test_every_page_says_its_scenario_first_and_the_base_says_nothing():
    def body(overrides, name=""):
        app = SimpleNamespace(
            config=SimpleNamespace(analysis_overrides=overrides, analysis_scenario=name, root_doc="index")
        )
        context = {"body": "<h1>Title</h1>"}
        scenario_pages.add_note(app, "book/cost-claims", "", context, None)
        return context["body"]

    assert body({}) == "<h1>Title</h1>"
    marked = body({"gpu_hour_usd": {"low": 2.5, "value": 3.0, "high": 4.0}, "pue": 1.25}, "dear")
    assert marked.index("Scenario dear@") < marked.index("<h1>")
    assert "$3.00, $2.50 to $4.00 (base $2.00)" in marked
    assert "1.25×, taken as certain" in marked


# What a scenario changes


@pytest.fixture(scope="module")
def cheap():
    """The difference made by a rent so low that a verdict flips."""
    return comparison.compare(Report(), Report(Overrides({"gpu_hour_usd": 0.3}, "cheap")))


def test_results_that_moved_are_exactly_those_over_the_assumption(cheap):
    base, other = Report(), Report({"gpu_hour_usd": 0.3})
    expected = {key for key in results.registry() if base.value(key) != other.value(key)}
    assert {each.key for each in cheap.results if each.before != each.after} == expected
    run = next(each for each in cheap.results if each.key == "cost.v3_run_usd")
    assert (run.before, run.after) == (5_576_000, pytest.approx(836_400))
    assert run.change == pytest.approx(-0.85)


def test_a_flipped_verdict_and_a_title_no_longer_true_are_named(cheap):
    assert ("C24b", "supported", "open") in {(each.part, each.before, each.after) for each in cheap.verdicts}
    lost = {(each.kind, each.where) for each in cheap.statements if not each.true}
    assert ("answer", "book/cost-claims.ipynb") in lost
    assert ("finding", "book/index.md") in lost
    assert any(kind == "title" for kind, _ in lost)


def test_figures_that_changed_have_the_fingerprints_under_which_they_are_published(cheap):
    scopes = next(each for each in cheap.figures if each.key == "fig-cost-scopes")
    assert scopes.before == figures.publish("fig-cost-scopes", Report()).fingerprint
    assert scopes.after == figures.publish("fig-cost-scopes", Report({"gpu_hour_usd": 0.3})).fingerprint
    assert "fig-cost-capex" not in {each.key for each in cheap.figures}


def test_a_range_alone_moves_ranges_and_no_value():
    base, other = Report(), Report({"gpu_hour_usd": 2})
    moved = comparison.moved_results(base, other, {"gpu_hour_usd"})
    run = next(each for each in moved if each.key == "cost.v3_run_usd")
    assert run.before == run.after
    assert run.after_range == (5_576_000, 5_576_000)
    assert comparison.flipped_verdicts(base, base) == comparison.turned_statements(base, base) == []


def test_every_statement_of_the_book_is_found_and_true():
    report = Report()
    found = comparison.book_statements()
    for path in book.pages():
        written = book.markdown(path).count(":::{statement}")
        listed = [kind for kind, where, _ in found if where == f"book/{path.name}"]
        assert len(listed) - listed.count("sentence") == written
        assert listed.count("sentence") == book.markdown(path).count("{holds}`")
    for _, where, statement in found:
        assert statement.true(report), where
        assert "`" not in statement.words(report)
        assert "{" not in statement.words(report)


def test_a_difference_as_json_markdown_and_text_says_the_same(cheap):
    content = json.loads(json.dumps(cheap.as_dict()))
    assert {"before", "after", "results", "verdicts", "figures", "statements"} == set(content)
    markdown, text = comparison.as_markdown(cheap), comparison.as_text(cheap)
    for each in content["results"]:
        assert f"| {each['key']} |" in markdown
        assert each["key"] in text
    rows = [line for line in markdown.splitlines() if line.startswith("| cost.")]
    assert all(line.count(" | ") == 4 for line in rows)
    assert "Verdicts that flipped: " in text
    assert "\u00a0" not in text + markdown


def test_verdicts_of_shipped_scenarios_come_from_the_rules():
    for name in scenarios.shipped():
        for identifier in claims.parts():
            assert claims.verdict(identifier, scenarios.report_of(name)) in claims.VERDICTS


# Running


def notebook(path, *sources):
    cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}"), *map(nbformat.v4.new_code_cell, sources)]
    cells[1].metadata["tags"] = ["parameters"]
    written = nbformat.v4.new_notebook(cells=cells)
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, path)


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    """Two chapters that print their parameter, and a builder that copies what ran into many pages."""
    folder = tmp_path / "book"
    folder.mkdir()
    for name in ("one", "two"):
        notebook(folder / f"{name}.ipynb", "overrides = {}", "print(overrides['gpu_hour_usd'])")
    monkeypatch.setattr(book, "BOOK", folder)
    monkeypatch.setattr(book, "_run_jupyter_book", pages_of)
    return folder


def pages_of(stage):
    html = stage / "_build" / "html"
    html.mkdir(parents=True)
    for path in sorted((stage / "book").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        printed = "".join(output["text"] for cell in cells for output in cell.get("outputs", ()))
        for page in range(20):
            (html / f"{path.stem}-{page}.html").write_text(printed or cells[0].source, encoding="utf-8")


def test_a_run_reaches_the_notebooks_and_leaves_them_alone(chapters, tmp_path):
    before = {path.name: path.read_bytes() for path in chapters.iterdir()}
    ranged = Overrides({"gpu_hour_usd": {"low": 2.5, "value": 3.0, "high": 4.0}}, "dear")
    assert book.run(tmp_path / "out", ranged) == []
    assert (tmp_path / "out" / "one-0.html").read_text("utf-8") == "{'low': 2.5, 'value': 3.0, 'high': 4.0}\n"
    assert {path.name: path.read_bytes() for path in chapters.iterdir()} == before


def test_a_failing_chapter_names_notebook_and_cell_and_keeps_the_others(chapters, tmp_path):
    notebook(chapters / "two.ipynb", "overrides = {}", "1 / 0")
    failures = book.run(tmp_path / "out", Overrides({"gpu_hour_usd": 3.0}, "dear"))
    assert len(failures) == 1
    assert "two.ipynb, cell 3" in failures[0]
    assert "division by zero" in failures[0]
    assert (tmp_path / "out" / "one-0.html").read_text("utf-8") == "3.0\n"
    left_out = (tmp_path / "out" / "two-0.html").read_text("utf-8")
    assert left_out.startswith("# two\n")
    assert "could not be computed" in left_out
    assert "division by zero" in left_out


def test_a_chapter_that_was_not_asked_for_says_that_it_was_not_run(chapters, tmp_path):
    assert book.run(tmp_path / "out", Overrides({"gpu_hour_usd": 3.0}, "dear"), ["one"]) == []
    assert (tmp_path / "out" / "one-0.html").read_text("utf-8") == "3.0\n"
    assert "was not run under this scenario" in (tmp_path / "out" / "two-0.html").read_text("utf-8")


def test_if_every_chapter_fails_the_previous_site_stays(chapters, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("previous", encoding="utf-8")
    (out / book.MARK).touch()
    for name in ("one", "two"):
        notebook(chapters / f"{name}.ipynb", "overrides = {}", "1 / 0")
    with pytest.raises(InputError, match="division by zero"):
        book.run(out, Overrides({"gpu_hour_usd": 3.0}, "dear"))
    assert sorted(path.name for path in out.iterdir()) == [book.MARK, "index.html"]


RUNS = f"""
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
from pathlib import Path
import nbformat
from reporting.publishing import book
from reporting.inputs.assumptions import Overrides
{inspect.getsource(pages_of)}
folder = Path(sys.argv[1])
book.BOOK, book._run_jupyter_book = folder / "book", pages_of
for price in range(int(sys.argv[2]), 10**6):
    book.run(folder / "out", Overrides({{"gpu_hour_usd": price / 10**5}}, "dear"))
"""


def start(program, *arguments):
    command = [sys.executable, "-c", program, *map(str, arguments)]
    environment, nowhere = os.environ | {"PYTHONPATH": str(ROOT)}, subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere)


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def contents(folder):
    return {name: (folder / name).read_text("utf-8") for name in os.listdir(folder) if name != book.MARK}


def wait_for(path, process, seconds=60):
    end = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, "the program ended"
        assert time.monotonic() < end, "nothing was made"
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_at_twenty_random_moments_a_run_leaves_one_whole_site(chapters, tmp_path):
    out, moments, seen = tmp_path / "out", random.Random(1), set()
    names = {f"{name}-{page}.html" for name in ("one", "two") for page in range(20)}
    begun = time.monotonic()
    first = start(RUNS, tmp_path, 5_000)
    wait_for(out, first)
    seconds = time.monotonic() - begun
    kill(first)
    for number in range(20):
        process = start(RUNS, tmp_path, 5_100 + 100 * number)
        if number % 5 < 4:
            time.sleep(moments.uniform(0.1, 1.0) * seconds)
        else:  # near the end of a run, where the site is replaced
            before = contents(out)
            while contents(out) == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.05))
        kill(process)
        pages = contents(out)
        assert set(pages) == names
        assert len(set(pages.values())) == 1, "pages of two runs stand side by side"
        seen.update(pages.values())
    assert book.run(out, Overrides({"gpu_hour_usd": 3.0}, "dear")) == []
    assert set(contents(out).values()) == {"3.0\n"}
    assert list(tmp_path.glob(".stage-*")) == [], "what killed processes left was not cleared"
    assert len(seen) > 1, "no run came to its end, so no replacement was ever near a kill"


REPLACEMENTS = """
import itertools
import sys
from pathlib import Path
from reporting.publishing import book
folder = Path(sys.argv[1])
if sys.argv[2] == "two steps":
    book._exchange = lambda new, out: False
book.recover(folder / "out")
for number in itertools.count(int(sys.argv[3])):
    new = folder / f"new-{number}"
    book.shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for page in range(20):
        (new / str(page)).write_text(str(number))
    book.replace_folder(new, folder / "out")
    book.shutil.rmtree(new, ignore_errors=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
@pytest.mark.parametrize("way", ["one step", "two steps"])
def test_killed_while_it_replaces_a_folder_it_leaves_the_old_or_the_new(tmp_path, way):
    out, moments = tmp_path / "out", random.Random(2)
    for number in range(20):
        process = start(REPLACEMENTS, tmp_path, way, 10**6 * number)
        if not out.exists():
            wait_for(out, process)
        else:
            time.sleep(0.15 + moments.uniform(0, 0.1))
        kill(process)
        if way == "two steps":
            book.recover(out)
        pages = contents(out)
        assert len(pages) == 20
        assert len(set(pages.values())) == 1


def test_exchange_in_one_step_is_what_this_system_does_or_it_says_it_cannot(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if book._exchange(tmp_path / "one", tmp_path / "other"):
        assert (tmp_path / "one" / "other").exists()
        assert (tmp_path / "other" / "one").exists()
    else:
        assert (tmp_path / "one" / "one").exists()


def test_an_interrupted_execution_ends_its_kernels_and_writes_nothing(chapters, tmp_path):
    notebook(chapters / "two.ipynb", "overrides = {}", "import time; time.sleep(60)")
    for moment in ("kernels start", "cells run"):
        process = start(RUNS, tmp_path, 1)
        wait_for_kernels(process)
        time.sleep(2 if moment == "cells run" else 0)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)  # of a cell's 60 seconds
        assert process.returncode != 0
        assert not (tmp_path / "out").exists()
        assert list(tmp_path.glob(".stage-*")) == []


def wait_for_kernels(process):
    import psutil

    end = time.monotonic() + 60
    while not (kernels := psutil.Process(process.pid).children(recursive=True)):
        assert process.poll() is None and time.monotonic() < end, "no kernel was started"
        time.sleep(0.02)
    return kernels


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_kernels_do_not_outlive_a_builder_that_is_killed(chapters, tmp_path):
    notebook(chapters / "one.ipynb", "overrides = {}", "import time; time.sleep(60)")
    process = start(RUNS, tmp_path, 1)
    wait_for_kernels(process)
    time.sleep(2)
    kernels = wait_for_kernels(process)
    kill(process)
    import psutil

    assert psutil.wait_procs(kernels, timeout=15)[1] == [], "a kernel went on"


# On the command line


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_diff_as_json_of_a_scenario_and_itself_is_empty(capsys):
    cli.diff("base", "base", as_json=True, markdown=False)
    content = json.loads(capsys.readouterr().out)
    assert [content[name] for name in ("results", "verdicts", "figures", "statements")] == [[], [], [], []]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "sceptik"], "did you mean 'sceptic'"),
        (["run", "sceptic", "--set", "pue=9"], "out of range"),
        (["run", "sceptic", "--chapters", "cost-claim"], "did you mean 'cost-claims'"),
        (["diff", "base", "scenarios/sceptik.yml"], "did you mean 'scenarios/sceptic.yml'"),
        (["uncertainty", "cost.v3_run_us"], "did you mean 'cost.v3_run_usd'"),
    ],
)
def test_a_readers_error_is_one_plain_line(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def test_assumptions_have_one_register_under_a_scenario():
    report = Report({"mtp_acceptance": {"low": 0.6, "value": 0.7, "high": 0.8}})
    assert report.register["mtp_acceptance"].high == 0.8
    assert assumptions.register()["mtp_acceptance"].high == 0.9


#: What another process of the tests may be making beside these.
OF_THE_TESTS = {"_build", "test-artifacts", ".hypothesis", ".pytest_cache"}


@pytest.mark.parametrize("place", [".", "book", "data"])
def test_a_site_replaces_nothing_but_a_site(place):
    def standing():
        return {path.name for path in (ROOT / place).iterdir()} - OF_THE_TESTS

    before = standing()
    with pytest.raises(InputError, match="not a built report"):
        book.build(Path(place), fresh=False)
    assert standing() == before
