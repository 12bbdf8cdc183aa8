"""The results of the report against published numbers."""

import importlib
import sys
import textwrap
import threading
import types
from pathlib import Path

import pytest

from analysis.errors import InputError
from reporting import chapters
from reporting.core import results, wording
from reporting.core.registry import Registry
from reporting.core.report import Report, fingerprint
from reporting.inputs import evidence, facts


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("cost.v3_run_usd", 5_576_000),  # V3 report, Table 1
        ("cost.r1_rl_usd", 294_000),  # R1 paper, Table 7
        ("cost.v3_r1_usd", 5_870_000),  # their sum, as The Register also has it
    ],
)
def test_dollars_are_exactly_those_published(report, key, published):
    assert report.value(key) == published


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("cost.v3_mfu_causal", 0.3894, 0.005),  # ISCA paper, Table 4
        ("cost.v3_mfu_fp8", 0.1947, 0.005),  # Epoch AI, the same over the FP8 peak
        ("cost.v3_flop_6nd", 3.2856e24, 0.001),  # Epoch AI, 6ND
        ("cost.v3_days_from_throughput", 54.25, 0.001),  # 14.8T tokens at 272.8B a day
        ("cost.llama_hours_ratio", 11.06, 0.001),  # 30.84M over 2.788M
        ("cost.semianalysis_h100e", 27_600, 0.005),  # 10k H800 + 10k H100 + 30k H20 + 10k A100
        ("cost.fleet_semianalysis_usd", 1.6e9, 0.1),  # SemiAnalysis: server capital expenditure, its own prices
    ],
)
def test_results_reproduce_published_figures(report, key, published, tolerance):
    assert report.value(key) == pytest.approx(published, rel=tolerance)


def test_another_price_scales_the_run():
    assert Report({"gpu_hour_usd": 3}).value("cost.v3_run_usd") == 8_364_000


def test_llama_factors_multiply_to_the_whole(report):
    product = (
        report.value("cost.llama_tokens_ratio")
        * report.value("cost.llama_flop_per_token_ratio")
        * report.value("cost.llama_hours_per_flop_ratio")
    )
    assert product == pytest.approx(report.value("cost.llama_hours_ratio"))


def test_owner_parts_add_up(report):
    parts = ("capital", "hosting", "energy", "operations")
    whole = sum(report.value(f"cost.owner_{part}_usd") for part in parts)
    assert whole == pytest.approx(report.value("cost.owner_gpu_hour_usd"))


def test_the_owners_cost_lies_between_what_others_publish(report):
    # SemiAnalysis: 1.30 for a hyperscaler, 1.69 for a neocloud, in 2026; Latent Space: 2.85 to match the market, 2024.
    assert 1.30 < report.value("cost.owner_gpu_hour_usd") < 2.85


@pytest.mark.parametrize("key", results.registry())
def test_a_result_is_what_its_kind_says(report, key):
    declared = results.find(key)
    reads = report.inputs(key).assumptions
    assert bool(reads) == (declared.kind != "fixed"), f"{key} reads {sorted(reads)}"
    assert report.sources(key), f"{key} rests on nothing"


@pytest.mark.parametrize("key", results.registry())
def test_a_result_can_be_written(report, key):
    text = report.text(key)
    assert any(character.isdigit() for character in text)
    assert "e+" not in text
    assert "finite" not in text


def test_an_unknown_result_names_the_nearest(report):
    with pytest.raises(InputError, match=r"cost\.v3_run_usd"):
        report.value("cost.v3_run")


def test_a_result_registered_twice_is_refused():
    with pytest.raises(ValueError, match="registered twice"):
        results.Chapter("reporting.chapters.cost.results")("again", "USD", key="v3_run_usd")(lambda a: 1.0)


@pytest.mark.parametrize(
    ("listed", "declares"), [(chapters.RESULTS, "result = Chapter("), (chapters.FIGURES, "@figure(")]
)
def test_every_module_that_declares_is_listed(listed, declares):
    folder = Path(chapters.__file__).parent
    declaring = [path for path in folder.glob("*/*.py") if f"\n{declares}" in path.read_text("utf-8")]
    assert {f"{path.parent.name}.{path.stem}" for path in declaring} == set(listed)
    assert {path.parent.name for path in declaring} == results.CHAPTERS.keys()


def test_the_name_is_the_key_and_the_parameters_are_the_kind():
    assert results.find("cost.v3_gpu_hours").kind == "fixed"
    assert results.find("cost.v3_run_usd").kind == "closed"
    with pytest.raises(ValueError, match="in lower case"):
        results.Chapter("reporting.chapters.cost.results")("A title", "USD", key="Not a key")(lambda a: 1.0)
    with pytest.raises(ValueError, match="none of"):
        results.Chapter("reporting.chapters.cost.results")("A title", "USD", kind="open", key="a_key")(lambda a: 1.0)
    with pytest.raises(TypeError, match="missing a required argument: 'values'"):
        results.Chapter("reporting.chapters.cost.results")("A title", "USD", key="a_key")(lambda values: 1.0)


def test_a_family_is_one_function_and_its_members(monkeypatch):
    monkeypatch.setitem(sys.modules, "nowhere", types.SimpleNamespace(NOTHING=()))
    declared = Registry("result", "NOTHING", "nowhere")
    monkeypatch.setattr(results, "_registry", declared)
    chapter = results.Chapter("reporting.chapters.cost.results")
    pair = chapter.together(results.product({"a": "Alpha", "b": "Beta"}, (1, 2)))

    @pair("{}_{}_sum", "{} and {}", "USD", digits={("b", 2): 2}, fixed={("a", 1)})
    def added(a, name, number):
        return a + number

    @pair("{}_{}_alone", "{0} alone", "USD", only={("b", 2)})
    def alone(name, number):
        return number

    assert list(declared.all()) == ["cost.a_1_sum", "cost.a_2_sum", "cost.b_1_sum", "cost.b_2_sum", "cost.b_2_alone"]
    one = declared.find("cost.b_2_sum")
    assert (one.title, one.kind, one.digits, one.function(40)) == ("Beta and 2", "closed", 2, 42)
    assert (declared.find("cost.a_1_sum").kind, declared.find("cost.a_1_sum").digits) == ("fixed", 3)
    assert (declared.find("cost.b_2_alone").kind, declared.find("cost.b_2_alone").function(40)) == ("fixed", 2)
    assert added(1, "a", 1) == 2, "the function is left as it was"


def test_rows_are_results_of_one_function(monkeypatch):
    monkeypatch.setitem(sys.modules, "nowhere", types.SimpleNamespace(NOTHING=()))
    declared = Registry("result", "NOTHING", "nowhere")
    monkeypatch.setattr(results, "_registry", declared)
    chapter = results.Chapter("reporting.chapters.cost.results")

    @chapter.rows({"twice": "Two of it", "thrice": ("Three of it", 3)}, "USD", digits={"thrice": 2})
    def times(a, number=2):
        return a * number

    found = [(one.title, one.kind, one.digits, one.function(5)) for one in declared.all().values()]
    assert found == [("Two of it", "closed", 3, 10), ("Three of it", "closed", 2, 15)]
    assert list(declared.all()) == ["cost.twice", "cost.thrice"]
    with pytest.raises(TypeError, match="too many positional"):
        chapter.rows({"more": ("Too much", 1, 2)}, "USD")(times)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a package of two modules that declare items, the first slowly."""
    folder = tmp_path / "declared_here"
    folder.mkdir()
    (folder / "__init__.py").write_text("registry = None\n", "utf-8")
    source = textwrap.dedent("""
        import time
        from declared_here import registry
        for number in range(20):
            time.sleep(0.005)
            registry.add(f"NAME.{number}", number, __name__)
    """)
    for name in ("first", "second"):
        (folder / f"{name}.py").write_text(source.replace("NAME", name), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("declared_here")]:
        del sys.modules[name]


def _registry_of(package):
    registry = Registry("item", "ITEMS", "declared_here")
    importlib.invalidate_caches()
    package = importlib.import_module("declared_here")
    package.registry, package.ITEMS = registry, ("second", "first")
    return registry


def test_every_thread_sees_the_whole_registry(package):
    registry, seen, start = _registry_of(package), [], threading.Barrier(8)

    def ask(number):
        start.wait()
        if number == 7:  # a chapter may also be imported by itself, while another thread loads them all
            importlib.import_module("declared_here.first")
        seen.append(list(registry.all()))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    order = [f"{name}.{number}" for name in ("second", "first") for number in range(20)]
    assert seen == [order] * 8


def test_a_module_that_fails_leaves_the_registry_unloaded(package):
    first = package / "first.py"
    whole = first.read_text("utf-8")
    first.write_text(whole + "raise OSError('no table')\n", "utf-8")
    registry = _registry_of(package)
    for _ in range(2):
        with pytest.raises(OSError, match="no table"):
            registry.all()
    first.write_text(whole + "# mended, and of another length\n", "utf-8")
    importlib.invalidate_caches()
    assert len(registry.all()) == 40


def test_what_is_remembered_keeps_its_sources():
    calls = []

    @evidence.remembered
    def doubled(identifier):
        calls.append(identifier)
        return 2.0 * facts.value(identifier)

    for _ in range(2):
        with evidence.recording() as inputs:
            assert doubled("v3_gpu_count") == 4096.0
        assert list(inputs.facts) == ["facts:v3_gpu_count"]
    assert calls == ["v3_gpu_count"]


def test_floats_are_added_alike_under_every_python(monkeypatch):
    """The builtin sum compensates from Python 3.12 on: of floats it would make the last bit depend on the version."""

    def of_integers(values, start=0):
        values = list(values)
        assert float not in map(type, values), f"add floats with math.fsum: {values[:3]}"
        return sum(values, start)

    results.registry()
    for name in [name for name in sys.modules if name.startswith(("analysis", "reporting"))]:
        monkeypatch.setattr(sys.modules[name], "sum", of_integers, raising=False)
    again = Report()
    for key in results.registry():
        again.value(key)


def test_the_fingerprint_follows_data_assumptions_and_facts_but_not_notes(report):
    inputs = report.inputs("cost.v3_run_usd")
    base = fingerprint(inputs, [1])
    assert base == fingerprint(report.inputs("cost.v3_run_usd"), [1])
    assert base != fingerprint(inputs, [2])
    assert base != fingerprint(Report({"gpu_hour_usd": 3}).inputs("cost.v3_run_usd"), [1])
    name = next(iter(inputs.facts))
    reworded = type(inputs)(inputs.assumptions, inputs.facts | {name: inputs.facts[name] | {"note": "other words"}})
    assert base == fingerprint(reworded, [1])
    changed = type(inputs)(inputs.assumptions, inputs.facts | {name: inputs.facts[name] | {"value": 1.0}})
    assert base != fingerprint(changed, [1])


@pytest.mark.parametrize(
    ("value", "unit", "digits", "written"),
    [
        (5_576_000, "USD", 4, "$5.576 million"),
        (294_000, "USD", 3, "$294,000"),
        (1.6e9, "USD", 2, "$1.6 billion"),
        (999_600, "USD", 3, "$1.00 million"),
        (2.0, "USD/GPU-hour", 3, "$2.00"),
        (0.0771, "USD/kWh", 3, "$0.0771"),
        (0.3894, "fraction", 3, "38.9%"),
        (-0.043, "fraction", 2, "−4.3%"),
        (11.06, "ratio", 3, "11.1×"),
        (2_788_000, "GPU-hour", 4, "2.788 million GPU-hours"),
        (3.2856e24, "FLOP", 3, "3.29 × 10²⁴ FLOP"),
        (989.5e12, "FLOP/s", 4, "989.5 TFLOP/s"),
        (250e9, "FLOP/token", 2, "250 GFLOP/token"),
        (54.2, "day", 3, "54.2 days"),
        (1.0, "day", 1, "1 day"),
        (2048, "GPU", 4, "2,048 GPUs"),
        (0, "USD", 3, "$0.00"),
        (1, "boolean", 1, "yes"),
    ],
)
def test_quantities_are_written_as_readers_expect(value, unit, digits, written):
    assert wording.quantity(value, unit, digits).replace(wording.NBSP, " ") == written
