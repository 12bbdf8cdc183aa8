"""Figures: complete, the same every time, legible in grey, and free of anything from outside."""

import html
import itertools
import json
import re
import subprocess
import sys

import pytest

from analysis.errors import InputError
from reporting.core.report import Report, by_weight
from reporting.core.statements import Statement
from reporting.drawing import figures, theme
from reporting.inputs import evidence


@pytest.fixture(scope="module")
def published():
    report = Report()
    return {key: figures.publish(key, report) for key in figures.registry()}


@pytest.fixture(scope="module")
def elements(published):
    return {key: one.html() for key, one in published.items()}


def drawings(element):
    """Return the drawings of a figure's element, the wide one first."""
    return re.findall(r"<svg .*?</svg>", element, re.DOTALL)


@pytest.mark.parametrize("key", figures.registry())
def test_the_element_is_complete(published, elements, key):
    element = elements[key]
    assert element.count("<svg ") == 2
    assert element.count('role="img"') == 2
    assert published[key].fingerprint in element
    assert re.search(r'aria-label="[^"]{60,}"', element), "alternative text says too little"
    assert "untrue" not in element


@pytest.mark.parametrize("key", figures.registry())
def test_nothing_is_loaded_from_elsewhere(elements, key):
    addresses = set(re.findall(r'https?://[^"<\s\\]+', elements[key]))
    # Two names that look like addresses and are never fetched: a namespace and a schema.
    assert all(re.match(r"http://www\.w3\.org/|https://vega\.github\.io/schema/", address) for address in addresses)


@pytest.mark.parametrize("key", figures.registry())
def test_ids_are_the_figures_own(elements, key):
    ids = re.findall(r'\bid="([^"]+)"', elements[key])
    assert len(ids) == len(set(ids))
    assert all(identifier.startswith(key) for identifier in ids)


@pytest.mark.parametrize("key", figures.registry())
def test_only_palette_colours_are_used(elements, key):
    light = {pair[0] for pair in theme.PALETTE.values()} | {"none", "transparent"}
    drawn = "".join(drawings(elements[key]))
    used = {colour.lower() for colour in re.findall(r'(?:fill|stroke)="([^"]+)"', drawn)}
    # A colour outside the palette has no dark counterpart.
    assert {colour for colour in used if not colour.startswith("url(")} <= light


@pytest.mark.parametrize("key", figures.registry())
def test_the_drawing_fits_its_canvas(elements, key):
    for drawn, canvas in zip(drawings(elements[key]), (theme.WIDE, theme.NARROW), strict=True):
        width = float(re.search(r'viewBox="0 0 (\S+)', drawn)[1])
        assert width <= canvas.width + 1


def test_the_same_bytes_in_another_process(elements):
    program = (
        "import sys, json; from reporting.drawing import figures; from reporting.core.report import Report;"
        "r = Report(); keys = reversed(list(figures.registry()));"
        "json.dump({k: figures.publish(k, r).html() for k in keys}, sys.stdout)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    other = json.loads(done.stdout)
    assert other == elements


def test_another_assumption_changes_the_fingerprint_of_what_it_moves(published):
    report = Report({"gpu_hour_usd": 3})
    assert figures.publish("fig-cost-scopes", report).fingerprint != published["fig-cost-scopes"].fingerprint
    assert figures.publish("fig-cost-llama", report).fingerprint == published["fig-cost-llama"].fingerprint


def test_a_title_that_no_longer_holds_is_marked():
    element = figures.publish("fig-cost-owner", Report({"h800_server_usd": 800_000})).html()
    assert figures.UNTRUE in element


@pytest.mark.parametrize(
    ("key", "theirs", "ours"),
    [
        ("fig-cost-owner", "DeepSeek’s rent", "Rent taken here"),
        ("fig-cost-rental", "DeepSeek assumed $2.00", "Taken here: $3.00"),
    ],
)
def test_what_deepseek_assumed_is_a_fact_beside_the_price_in_force(key, theirs, ours, published):
    element = figures.publish(key, Report({"gpu_hour_usd": 3})).html()
    assert theirs in element
    assert ours in element
    assert not re.search(r"DeepSeek(?: assumed|’s rent) \$3", element)
    assert ours not in published[key].html()


@pytest.mark.parametrize("missing", ["subtitle", "caption", "alt", "unit"])
def test_publishing_refuses_a_figure_without(missing):
    declared = figures.find("fig-cost-llama")
    bare = type(declared)(**{**declared.__dict__, missing: ""})
    with pytest.raises(InputError, match=f"has no {missing}"):
        figures.Published(bare, Report())


def test_publishing_refuses_a_figure_without_title():
    declared = figures.find("fig-cost-llama")
    bare = type(declared)(**{**declared.__dict__, "title": Statement("", "True")})
    with pytest.raises(InputError, match="has no title"):
        figures.Published(bare, Report())


def test_publishing_refuses_a_figure_without_sources():
    import altair as alt

    def drawing(report, canvas):
        return alt.Chart(alt.Data(values=[{"x": 1}])).mark_point().encode(x="x:Q")

    bare = figures.Figure("fig-x", Statement("T", "True"), "s", "c", "a", "u", drawing)
    with pytest.raises(InputError, match="has no sources"):
        figures.Published(bare, Report())


def test_a_figure_rests_on_results_that_its_function_does_not_ask_for():
    import altair as alt

    def drawing(report, canvas):
        return alt.Chart(alt.Data(values=[{"x": 1}])).mark_point().encode(x="x:Q")

    declared = figures.Figure("fig-x", Statement("T", "True"), "s", "c", "a", "u", drawing, ("cost.v3_run_usd",))
    drawn = figures.Published(declared, Report())
    assert "gpu_hour_usd" in drawn.inputs.assumptions
    assert drawn.sources == Report().sources("cost.v3_run_usd")


@pytest.mark.parametrize("key", figures.registry())
def test_a_source_line_names_three_and_counts_the_others(published, elements, key):
    drawn = published[key]
    sources = by_weight(drawn.inputs)
    assert set(sources) == {source for source, _ in drawn.sources}
    names = [evidence.short_citation(source) for source in sources]
    named, _, folded = re.search(r'<div class="fig-source">.*?</div>', elements[key])[0].partition("<details>")
    assert re.findall(r">([^<]+)</a>", named) == [html.escape(name) for name in names[:3]]
    assert re.findall(r">([^<]+)</a>", folded) == [html.escape(name) for name in names[3:]]
    count = f" and {len(names) - 3} more" if len(names) > 3 else ""
    assert folded.startswith(f"<summary>{count.strip()}</summary>") or not count
    assert drawn.source_line() == "; ".join(names[:3]) + count


def test_the_source_under_most_inputs_comes_first():
    found = [{"source": source} for source in ("s1_paper", "deepseek_v3_report", "amodei_2025", "deepseek_v3_report")]
    inputs = evidence.Inputs(facts=dict(enumerate(found)))
    assert by_weight(inputs) == ["deepseek_v3_report", "amodei_2025", "s1_paper"]


def test_words_that_break_the_rules_are_named(tmp_path, monkeypatch):
    (tmp_path / "cost").mkdir()
    (tmp_path / "cost" / "texts.yml").write_text("fig-cost-x:\n  title: T\n", "utf-8")
    monkeypatch.setattr(figures, "CHAPTERS", tmp_path)
    with pytest.raises(InputError, match="figure 'fig-cost-x': field holds: Field required"):
        figures.texts.__wrapped__("cost")


def test_an_unknown_figure_names_the_nearest():
    with pytest.raises(InputError, match="fig-cost-scopes"):
        figures.publish("fig-cost-scope", Report())


def lightness(colour):
    """CIE L* of a hex colour: what grey print keeps of it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    y = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_mark_colours_differ_in_grey(side):
    marks = ["ink", "accent", "contrast", "accent_soft"]
    for one, other in itertools.combinations(marks, 2):
        gap = abs(lightness(theme.PALETTE[one][side]) - lightness(theme.PALETTE[other][side]))
        assert gap > 8, f"{one} and {other} differ by {gap:.0f}"


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_text_colours_reach_contrast_aa(side):
    def luminance(colour):
        l_star = lightness(colour)
        return ((l_star + 16) / 116) ** 3 if l_star > 8 else l_star / 903.3

    paper = luminance(theme.PALETTE["paper"][side])
    for name in ("ink", "muted", "accent"):
        text = luminance(theme.PALETTE[name][side])
        ratio = (max(paper, text) + 0.05) / (min(paper, text) + 0.05)
        assert ratio > 4.5, f"{name}: {ratio:.1f}"


def test_the_style_sheet_gives_every_colour_its_dark_side():
    css = theme.style_sheet()
    for light, dark in theme.PALETTE.values():
        assert f'[fill="{light}"] {{ fill: {dark}; }}' in css
